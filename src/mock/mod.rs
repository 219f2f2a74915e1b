//! The mock: plans, sessions and requests, without sockets.
//!
//! [`Mock::answer`] shows the way of a request: session, vendor, route, account, run, answer.

pub mod account;
mod body;
mod coerce;
mod constrain;
mod dispatch;
mod draw;
mod examine;
pub mod example;
pub mod exercised;
mod incoming;
pub mod journal;
mod miss;
pub mod outbox;
mod path;
mod problem;
mod refusal;
mod request;
mod rows;
mod run;
mod security;
pub mod session;
mod site;
mod steps;
pub mod stored;
pub mod trace;
mod verdict;
mod way;

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, StatusCode};

use crate::exchange::{Answer, OPERATION_HEADER, RULE_HEADER, Request, TransportFailure};
use crate::model::{Failure, OperationId, RuleId, SoapServiceId};
use crate::plan::Plan;
use crate::plan::operation::SoapService;
use crate::value::{Map, Value};
use crate::wire::soap::wsdl;
use account::Account;
use dispatch::{Dispatch, dispatch};
use draw::{Drawn, Form};
use incoming::{Incoming, SoapCall, Target};
use refusal::{Halt, Refusal};
use run::{Finished, Run};
use session::{Session, Sessions, Start};
use site::Site;
use trace::Trace;
use way::{Way, base_of};

pub use coerce::Typing;
pub use miss::joined as path_text;
pub use problem::answer as problem;
pub use rows::Writer;
pub use way::origin;

/// Everything that answers, for all vendors and sessions.
#[derive(Debug)]
pub struct Mock {
    plans: Arc<[Arc<Plan>]>,
    sessions: Sessions,
    headers: bool,
    mistakes: Listener,
}

/// Who is told of mistakes of a spec that only a request shows.
struct Listener(Box<dyn Fn(&str) + Send + Sync>);

impl fmt::Debug for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Listener")
    }
}

/// An answer with what the journal keeps of it.
struct Served {
    answer: Answer,
    operation: Option<OperationId>,
    rule: Option<RuleId>,
    trace: Trace,
    /// The steps that changed the state.
    changed: Vec<RuleId>,
}

impl Served {
    /// An answer that no operation gave.
    fn by_nobody(answer: Answer, trace: Trace) -> Self {
        Self { answer, operation: None, rule: None, trace, changed: Vec::new() }
    }
}

impl Mock {
    /// A mock of those vendors. `headers` says whether answers name their operation and rule.
    pub fn new(plans: Vec<Arc<Plan>>, start: Start, headers: bool) -> Self {
        let plans: Arc<[Arc<Plan>]> = plans.into();
        let sessions = Sessions::new(plans.clone(), start);
        Self { sessions, plans, headers, mistakes: Listener(Box::new(|_| {})) }
    }

    /// Tells `listener` of each mistake of a spec that only a request shows, with its place. It
    /// is called while the request waits.
    #[must_use]
    pub fn on_mistake(self, listener: impl Fn(&str) + Send + Sync + 'static) -> Self {
        Self { mistakes: Listener(Box::new(listener)), ..self }
    }

    /// The vendors.
    pub fn plans(&self) -> &[Arc<Plan>] {
        &self.plans
    }

    /// The sessions.
    pub fn sessions(&self) -> &Sessions {
        &self.sessions
    }

    /// The position of a vendor.
    pub fn vendor(&self, name: &str) -> Option<usize> {
        self.plans.iter().position(|plan| &*plan.service.vendor == name)
    }

    /// Answers a request to a vendor. `path` is the path without the session's prefix.
    pub fn answer(
        &self,
        session: &Session,
        path: &str,
        request: Request,
        local: SocketAddr,
    ) -> Answer {
        let started = Instant::now();
        let time = session.clock.now();
        let way = self.way(session, path, &request, local);
        let served = match &way {
            Some(way) => self.serve(session, way, &request),
            None => self.nobody(&request, path, None),
        };
        let vendor = way.map(|way| way.vendor);
        self.keep(session, vendor, request, served, time, started)
    }

    /// Answers a request that the HTTP layer could not take.
    pub fn refuse(
        &self,
        session: &Session,
        path: &str,
        request: Request,
        failure: TransportFailure,
        local: SocketAddr,
    ) -> Answer {
        let started = Instant::now();
        let time = session.clock.now();
        let way = self.way(session, path, &request, local);
        let answer = problem::answer(failure.status(), &failure.to_string(), &Map::new());
        let mut served = Served::by_nobody(answer, Trace::default());
        served.trace.note(failure.to_string());
        if let Some(way) = &way
            && let Some(plan) = self.plans.get(way.vendor)
            && let Some(account) = session.account(way.vendor)
        {
            let (incoming, _) = Incoming::new(&request, way.path, way.base.clone());
            let refusal = match failure {
                TransportFailure::BodyTooLarge { limit } => {
                    let mut refusal = Refusal::of(Failure::BodyTooLarge);
                    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
                    refusal.violation.limit = Some(Value::Integer(limit));
                    refusal
                }
                _ => Refusal::of(Failure::MalformedBody),
            };
            let mut refusal = refusal.said(failure.to_string());
            let operation = match dispatch(plan, &incoming) {
                Dispatch::Operation(target) => Some(target),
                _ => None,
            };
            let failed = refusal.violation.failure;
            let bound = operation.as_ref().and_then(|target| {
                let operation = plan.operations.get(target.binding.operation.0)?;
                operation.bindings.get(target.binding.binding)
            });
            let table = bound.map_or(&plan.failures, |binding| &binding.failures);
            refusal = refusal.answered_by(failed.and_then(|f| table.exactly(f)));
            refusal.status = Some(failure.status());
            served = self.refused(session, plan, &account, &incoming, operation.as_ref(), refusal);
        }
        let vendor = way.map(|way| way.vendor);
        self.keep(session, vendor, request, served, time, started)
    }

    /// Answers somebody who follows a link of a message.
    pub fn follow(
        &self,
        session: &Session,
        vendor: usize,
        token: &str,
        request: Request,
        local: SocketAddr,
    ) -> Option<Answer> {
        let started = Instant::now();
        let time = session.clock.now();
        let plan = self.plans.get(vendor)?;
        let account = session.account(vendor)?;
        let base = base_of(session, plan, &request, local);
        let served = {
            let mut changing = account.changing.lock();
            let link = changing.outbox.link(token)?.clone();
            let mut run = Run::new(plan, account.store.begin(), &mut changing, time);
            run.operation = plan.operations.get(link.operation.0);
            let outcome = run.follow(&link.parameters);
            let finished = run.finish(outcome);
            let (incoming, _) = Incoming::new(&request, "/", base);
            let target = Ended { operation: Some(link.operation), soap: None };
            self.end(plan, &mut changing, finished, &incoming, &target)
        };
        Some(self.keep(session, Some(vendor), request, served, time, started))
    }

    fn keep(
        &self,
        session: &Session,
        vendor: Option<usize>,
        request: Request,
        served: Served,
        time: jiff::Timestamp,
        started: Instant,
    ) -> Answer {
        let Served { answer, operation, rule, trace, changed } = served;
        if let (Some(vendor), Some(operation)) = (vendor, operation) {
            session.exercised.add(vendor, operation, &changed);
        }
        if let Some(mistake) = trace.shown_mistake() {
            (self.mistakes.0)(mistake);
        }
        session.journal.push(
            journal::Entry {
                id: 0,
                time,
                duration: started.elapsed(),
                vendor,
                operation,
                rule,
                request,
                status: answer.status,
                headers: answer.headers.clone(),
                body: answer.body.clone(),
                trace,
                changed,
            },
            self.sessions.count(),
        );
        answer
    }

    /// The answer when there is nothing: what would have been nearest.
    fn nobody(&self, request: &Request, path: &str, vendor: Option<usize>) -> Served {
        let more = miss::closest(&self.plans, vendor, request.method.as_str(), path);
        let detail = match more.get("closest").and_then(|c| c.get("path")) {
            Some(closest) => {
                let method = more.get("closest").and_then(|c| c.get("method"));
                let method = method.cloned().unwrap_or_default();
                format!(
                    "there is nothing at {} {path}; the closest is {method} {closest}",
                    request.method
                )
            }
            None => format!("there is nothing at {} {path}", request.method),
        };
        let answer = problem::answer(StatusCode::NOT_FOUND, &detail, &more);
        let mut trace = Trace::default();
        trace.note(detail);
        Served::by_nobody(answer, trace)
    }

    fn serve(&self, session: &Session, way: &Way<'_>, request: &Request) -> Served {
        let (Some(plan), Some(account)) = (self.plans.get(way.vendor), session.account(way.vendor))
        else {
            return self.nobody(request, way.path, None);
        };
        let (incoming, well_formed) = Incoming::new(request, way.path, way.base.clone());
        if let Err(refusal) = well_formed {
            let answer = plan.failures.exactly(Failure::MalformedUrl);
            let refusal = refusal.answered_by(answer);
            return self.refused(session, plan, &account, &incoming, None, refusal);
        }
        match dispatch(plan, &incoming) {
            Dispatch::Operation(target) => self.run(session, plan, &account, &incoming, &target),
            Dispatch::Description(service) => {
                let answer = describe(service, &incoming);
                Served::by_nobody(answer, Trace::default())
            }
            Dispatch::Refused(refusal, soap) => {
                let nowhere = refusal.violation.failure == Some(Failure::UnknownPath);
                if nowhere && refusal.error.is_none() {
                    let path = request.path();
                    return self.nobody(request, path, Some(way.vendor));
                }
                let ended = Ended { operation: None, soap };
                self.refused_in(session, plan, &account, &incoming, &ended, *refusal)
            }
            Dispatch::Fault(code, said, service, call) => {
                let form =
                    Form { plan, operation: None, media_type: None, soap: Some((service, &call)) };
                let answer = Drawn::fault(code, &said).write(form);
                let mut trace = Trace::default();
                trace.note(said);
                Served::by_nobody(answer, trace)
            }
        }
    }

    fn run(
        &self,
        session: &Session,
        plan: &Plan,
        account: &Account,
        incoming: &Incoming<'_>,
        target: &Target,
    ) -> Served {
        let operation = plan.operations.get(target.binding.operation.0);
        let produces = operation.map(|o| &*o.produces).unwrap_or_default();
        let (media_type, accepted) = incoming.accepted(plan, produces);
        let soap_service = operation
            .and_then(|operation| operation.bindings.get(target.binding.binding))
            .and_then(|binding| binding.soap);
        let binding = operation.and_then(|o| o.bindings.get(target.binding.binding));
        // Bodies are read before the account is taken, so that others wait less; what is wrong
        // with one is said only when its turn comes.
        let body = body::read(Site { plan, operation, binding }, incoming, target);
        let mut changing = account.changing.lock();
        let mut run = Run::new(plan, account.store.begin(), &mut changing, session.clock.now());
        run.operation = operation;
        run.binding = binding;
        set_request(&mut run, incoming);
        let before = run.changing.random.clone();
        let outcome = run.perform(incoming, target, body, accepted);
        let finished = run.finish(outcome);
        if !finished.keep {
            changing.random = before;
        }
        let Finished { drawn, rule, trace, sent, changed, .. } = finished;
        send(&mut changing, sent);
        // The answer is written after the account is let go.
        drop(changing);
        let soap = soap_service.zip(target.soap.as_ref());
        let form = Form { plan, operation, media_type, soap };
        let mut answer = drawn.write(form);
        self.name(plan, &mut answer, operation.map(|o| &o.header), rule);
        Served { answer, operation: Some(target.binding.operation), rule, trace, changed }
    }

    fn refused(
        &self,
        session: &Session,
        plan: &Plan,
        account: &Account,
        incoming: &Incoming<'_>,
        target: Option<&Target>,
        refusal: Refusal<'_>,
    ) -> Served {
        let operation = target.map(|target| target.binding.operation);
        let ended = Ended { operation, soap: None };
        self.refused_in(session, plan, account, incoming, &ended, refusal)
    }

    fn refused_in<'p>(
        &self,
        session: &Session,
        plan: &'p Plan,
        account: &Account,
        incoming: &Incoming<'_>,
        ended: &Ended,
        refusal: Refusal<'p>,
    ) -> Served {
        let mut changing = account.changing.lock();
        let mut run = Run::new(plan, account.store.begin(), &mut changing, session.clock.now());
        run.operation = ended.operation.and_then(|id| plan.operations.get(id.0));
        set_request(&mut run, incoming);
        let finished = run.finish(Err(Halt::from(refusal)));
        self.end(plan, &mut changing, finished, incoming, ended)
    }

    fn end(
        &self,
        plan: &Plan,
        changing: &mut account::Changing,
        finished: Finished,
        incoming: &Incoming<'_>,
        ended: &Ended,
    ) -> Served {
        let Finished { drawn, rule, trace, sent, changed, .. } = finished;
        send(changing, sent);
        let operation = ended.operation.and_then(|id| plan.operations.get(id.0));
        let produces = operation.map_or(plan.produces(), |operation| &operation.produces);
        let (media_type, _) = incoming.accepted(plan, produces);
        let soap = ended.soap.as_ref().map(|(service, call)| (*service, call));
        let mut answer = drawn.write(Form { plan, operation, media_type, soap });
        self.name(plan, &mut answer, operation.map(|o| &o.header), rule);
        Served { answer, operation: ended.operation, rule, trace, changed }
    }

    /// Names the operation and the rule in headers.
    fn name(
        &self,
        plan: &Plan,
        answer: &mut Answer,
        operation: Option<&HeaderValue>,
        rule: Option<RuleId>,
    ) {
        if !self.headers {
            return;
        }
        if let Some(operation) = operation {
            answer.headers.insert(OPERATION_HEADER, operation.clone());
        }
        if let Some(name) = rule.and_then(|rule| plan.rule_names.get(rule.0 as usize)) {
            answer.headers.insert(RULE_HEADER, name.clone());
        }
    }
}

/// Where a request that does not run has come to.
struct Ended {
    operation: Option<OperationId>,
    soap: Option<(SoapServiceId, SoapCall)>,
}

fn send(changing: &mut account::Changing, sent: Vec<outbox::Outgoing>) {
    for (mut message, links) in sent {
        message.id = changing.outbox.next_id();
        changing.outbox.send(message, links);
    }
}

fn set_request(run: &mut Run<'_, '_>, incoming: &Incoming<'_>) {
    use crate::plan::names::Slot;
    if !run.plan.names.is_used(Slot::REQUEST) {
        return;
    }
    let query = incoming.request.query().map(|query| format!("?{query}")).unwrap_or_default();
    let media_type = incoming.media_type().or_else(|| {
        let first = run.operation?.consumes.first()?;
        run.plan.media_types.get(first.0).map(|media_type| media_type.name.to_string())
    });
    let map = [
        ("method".into(), incoming.request.method.as_str().into()),
        ("path".into(), incoming.path.into()),
        ("url".into(), format!("{}{}{query}", incoming.base.url(), incoming.path).into()),
        ("base".into(), incoming.base.url().into()),
        ("mediaType".into(), media_type.map_or(Value::Null, Value::from)),
    ];
    run.scope.set(Slot::REQUEST, Value::map(map.into_iter().collect()));
}

fn describe(service: &SoapService, incoming: &Incoming<'_>) -> Answer {
    let mut description = service.description.clone();
    description.location = format!("{}{}", incoming.base.url(), incoming.path);
    match wsdl::generate(&description) {
        Ok(text) => {
            let mut answer = Answer::empty(StatusCode::OK);
            let xml = HeaderValue::from_static("text/xml; charset=utf-8");
            answer.headers.insert(CONTENT_TYPE, xml);
            answer.body = Bytes::from(text);
            answer
        }
        Err(error) => {
            let status = StatusCode::INTERNAL_SERVER_ERROR;
            problem::answer(status, &error.message, &Map::new())
        }
    }
}
