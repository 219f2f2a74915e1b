//! One request to one account: what is done under its lock, up to the written answer.

use std::sync::Arc;
use std::time::Instant;

use http::header::{ACCEPT, ACCEPT_ENCODING};
use http::{HeaderName, HeaderValue, StatusCode};
use jiff::Timestamp;

use super::Mock;
use super::body;
use super::coded::{self, Wanted};
use super::cors;
use super::draw::Form;
use super::entry::Told;
use super::faults::Befallen;
use super::fields::Fields;
use super::held::Attempt;
use super::identity::Identity;
use super::incoming::{Incoming, SoapCall, Target, media_type};
use super::journal::Evicted;
use super::kept::Kept;
use super::parts;
use super::pieces::slowed;
use super::refusal::{Halt, Refusal};
use super::run::{Finished, Held, Response, Run};
use super::session::Session;
use super::site::Site;
use super::trace::Outcome;
use super::way::Way;
use crate::exchange::{Answer, FAULT_HEADER, OPERATION_HEADER, RULE_HEADER, Request, Sending};
use crate::model::{Effect, ErrorId, OperationId, RuleId, SoapServiceId};
use crate::plan::Plan;
use crate::plan::names::Slot;
use crate::value::{Map, Value};
use crate::wire::plain;

const TOO_MANY_REQUESTS: StatusCode = StatusCode::TOO_MANY_REQUESTS;

/// A request on its way through the mock.
pub(super) struct Arrival<'c> {
    /// What was asked.
    pub(super) request: Arc<Request>,
    /// In which session.
    pub(super) session: &'c Session,
    /// The vendors.
    pub(super) plans: &'c [Arc<Plan>],
    /// How many sessions there are.
    pub(super) sessions: usize,
    /// When it came, in real time.
    pub(super) started: Instant,
    /// Whether it may be held, and whether it was.
    pub(super) attempt: Attempt<'c>,
}

/// A request that was answered, and is in the journal.
pub(super) struct Served {
    /// The answer.
    pub(super) answer: Answer,
    /// What the journal keeps.
    pub(super) told: Arc<Told>,
    /// Its id there.
    pub(super) id: u64,
    /// How many messages it sent.
    pub(super) sent: usize,
    /// What made room for it there; it is dropped where nobody waits for the account.
    _evicted: Evicted,
}

impl Arrival<'_> {
    /// Puts the request into the journal, with what it changed. The account that it saw or
    /// changed is held until then, so that the journal tells in which order things happened.
    pub(super) fn record(
        &self,
        vendor: Option<usize>,
        time: Timestamp,
        finished: Finished,
    ) -> Served {
        let Finished {
            mut answer,
            operation,
            rule,
            trace,
            changed,
            counted,
            change,
            befallen,
            forwarded,
            held: _,
            settings,
        } = finished;
        // What somebody else answered says itself which page may read it.
        let own = vendor.filter(|_| forwarded.is_none());
        if let Some(plan) = own.and_then(|vendor| self.plans.get(vendor)) {
            cors::tell(plan, &self.request, &mut answer, || {
                // Who holds the account tells them.
                settings.or_else(|| self.settings(vendor?))
            });
        }
        let told = Arc::new(Told {
            time,
            started: self.started,
            duration: self.started.elapsed(),
            vendor,
            operation,
            rule,
            request: self.request.clone(),
            status: answer.status,
            headers: Fields::new(&answer.headers),
            body: answer.body.clone(),
            trace: trace.end(),
            changed,
            befallen,
            forwarded,
        });
        let sent = change.as_ref().map_or(0, |change| change.outbox.sent.len());
        let (plans, sessions) = (self.plans, self.sessions);
        let (id, evicted) = self.session.push(plans, told.clone(), counted, change, sessions);
        Served { answer, told, id, sent, _evicted: evicted }
    }

    /// The settings of an account that nobody here holds.
    pub(super) fn settings(&self, vendor: usize) -> Option<Arc<Map>> {
        self.session.read(vendor, |account| account.settings.clone())
    }

    /// The same for an answer that no account has to do with.
    pub(super) fn record_plainly(&self, vendor: Option<usize>, finished: Finished) -> Served {
        self.record(vendor, self.session.clock().now(), finished)
    }
}

/// A request to an account.
pub(super) struct Call<'c> {
    /// The vendor.
    pub(super) plan: &'c Plan,
    /// Its position.
    pub(super) vendor: usize,
    /// The request as it came.
    pub(super) arrival: &'c Arrival<'c>,
    /// The request as the vendor sees it.
    pub(super) incoming: &'c Incoming<'c>,
    /// Whether answers name their operation and rule.
    pub(super) named: bool,
    /// Who answers the items of a list of requests, and where they go.
    pub(super) items: Option<(&'c Mock, &'c Way<'c>)>,
    /// The fault that befalls it.
    pub(super) befallen: Option<Befallen>,
}

/// Where a request has come to.
pub(super) struct Arrived<'p, 'r> {
    /// The operation and the binding, once they are known.
    pub(super) site: Site<'p>,
    /// The operation's position.
    pub(super) operation: Option<OperationId>,
    /// The message that came in an envelope, and to which service.
    pub(super) soap: Option<(SoapServiceId, &'r SoapCall)>,
}

impl<'p, 'r> Arrived<'p, 'r> {
    /// At no operation.
    pub(super) fn nowhere(plan: &'p Plan) -> Self {
        Self { site: Site { plan, operation: None, binding: None }, operation: None, soap: None }
    }

    /// At the operation that was found.
    pub(super) fn at(plan: &'p Plan, target: &'r Target) -> Self {
        let operation = plan.operations.get(target.binding.operation.0);
        let binding = operation.and_then(|o| o.bindings.get(target.binding.binding));
        let service = binding.and_then(|binding| binding.soap);
        Self {
            site: Site { plan, operation, binding },
            operation: Some(target.binding.operation),
            soap: service.zip(target.soap.as_ref()),
        }
    }
}

impl Call<'_> {
    /// Does the operation that was found.
    pub(super) fn perform(&self, target: &Target) -> Option<Served> {
        let arrived = Arrived::at(self.plan, target);
        if let Some((mock, way)) = self.items
            && arrived.site.operation.is_some_and(|operation| operation.batch)
        {
            return self.batch(mock, way, target, &arrived);
        }
        // Bodies are read before the account is taken, so that others wait less; what is wrong
        // with one is said only when its turn comes.
        let body = body::read(arrived.site, self.incoming, target);
        self.run(&arrived, |run, unacceptable| {
            run.perform(self.incoming, target, body, unacceptable)
        })
    }

    /// Does the operation that was found, or what a fault does in its place or to its answer.
    #[cold]
    pub(super) fn befall(&self, target: &Target) -> Option<Served> {
        let arrived = Arrived::at(self.plan, target);
        let name = arrived.site.operation.map(|operation| operation.id.clone());
        let name = name.unwrap_or_default();
        let service = &self.plan.service;
        let of_spec = arrived.operation.and_then(|id| self.plan.disturbances.get(id.0));
        let of_spec = of_spec.map(|list| &**list).unwrap_or_default();
        let find = || self.arrival.session.befall(&service.vendor, &name, of_spec);
        let Some(befallen) = self.arrival.attempt.befallen(find) else {
            return self.perform(target);
        };
        let Self { plan, vendor, arrival, incoming, named, items, .. } = *self;
        let (delay, effect) = (befallen.delay, befallen.effect.clone());
        let said = befallen.said();
        let befallen = Some(befallen);
        let call = Call { plan, vendor, arrival, incoming, named, items, befallen };
        let errors = plan.errors.iter();
        let refusal = match &effect {
            None | Some(Effect::Breaks(_) | Effect::Slowed { .. }) => None,
            Some(Effect::Status(status)) => {
                let mut limits = plan.rate_limits.iter();
                let busy = limits.find_map(|limit| limit.error);
                let error = busy.filter(|_| *status == TOO_MANY_REQUESTS).or_else(|| {
                    errors.clone().position(|e| e.respond.status == *status).map(ErrorId)
                });
                Some(Refusal { error, status: Some(*status), ..Refusal::default() })
            }
            Some(Effect::Error(name)) => {
                let error = errors.clone().position(|error| error.name == *name).map(ErrorId);
                Some(Refusal { error, ..Refusal::default() })
            }
        };
        let mut served = match refusal {
            None => call.perform(target)?,
            Some(refusal) => call.run(&arrived, |run, _| {
                run.exhaust_rate_limit();
                Err(Halt::from(refusal.said(said)))
            })?,
        };
        let breakage = match effect {
            Some(Effect::Breaks(breakage)) => Some(breakage),
            _ => None,
        };
        let mut pieces = served.answer.sending.take().and_then(|sending| sending.pieces);
        if let Some(Effect::Slowed { pieces: count, within }) = effect {
            pieces = Some(slowed(served.answer.body.len(), count, within));
        }
        served.answer.sending = Some(Box::new(Sending { delay, breakage, pieces }));
        Some(served)
    }

    /// Refuses a request that does not run.
    pub(super) fn refuse<'p>(
        &'p self,
        arrived: &Arrived<'p, '_>,
        mut refusal: Refusal<'p>,
    ) -> Option<Served> {
        self.run(arrived, |run, _| {
            for (rule, lacks) in std::mem::take(&mut refusal.passed_over) {
                run.trace.about(rule, Outcome::Skipped, lacks);
            }
            Err(Halt::from(refusal))
        })
    }

    /// Does the operation behind a link of a message. Gives `None` when there is no such link.
    pub(super) fn follow(&self, token: &str) -> Option<Served> {
        let session = self.arrival.session;
        let link = session.read(self.vendor, |account| account.outbox.link(token).cloned())??;
        let arrived = Arrived {
            site: Site {
                plan: self.plan,
                operation: self.plan.operations.get(link.operation.0),
                binding: None,
            },
            operation: Some(link.operation),
            soap: None,
        };
        self.run(&arrived, |run, _| run.follow(&link.parameters))
    }

    /// Holds the account from the first step until the answer is written and all is kept, or
    /// nothing is: alone if the operation may change it, else beside others that only read.
    /// `act` is told by which header the client does not accept what the operation produces.
    ///
    /// Gives `None` when there is no such vendor, and when the answer is held.
    fn run<'p>(
        &'p self,
        arrived: &Arrived<'p, '_>,
        act: impl FnOnce(&mut Run<'p, '_>, Option<HeaderName>) -> Result<Response<'p>, Halt<'p>>,
    ) -> Option<Served> {
        self.run_to(arrived, act, |now, finished, _| match finished.held {
            Some((came, until)) => {
                self.arrival.attempt.is_held(came, until);
                None
            }
            None => Some(self.arrival.record(Some(self.vendor), now, finished)),
        })?
    }

    /// The same to another end, which is told whether the request was done, and refused otherwise.
    pub(super) fn run_to<'p, E>(
        &'p self,
        arrived: &Arrived<'p, '_>,
        act: impl FnOnce(&mut Run<'p, '_>, Option<HeaderName>) -> Result<Response<'p>, Halt<'p>>,
        end: impl FnOnce(Timestamp, Finished, bool) -> E,
    ) -> Option<E> {
        let Arrived { site, operation: id, soap } = *arrived;
        let operation = site.operation;
        let produces = operation.map_or(self.plan.produces(), |operation| &operation.produces);
        let (media_type, accepted) = self.incoming.accepted(self.plan, produces);
        let codings = operation
            .map_or(&self.plan.service.content_codings, |operation| &operation.content_codings);
        let wanted = Wanted::of(self.incoming, codings);
        let mut unacceptable = (!accepted).then_some(ACCEPT);
        if wanted == Wanted::Nothing {
            unacceptable.get_or_insert(ACCEPT_ENCODING);
        }
        let form = Form { plan: self.plan, operation, media_type, soap };
        let session = self.arrival.session;
        let run = |held: Held<'_>| {
            let now = session.clock().now();
            let attempt = &self.arrival.attempt;
            let identity = attempt.identity(|| session.identity(self.plan, held.seed()));
            let mut run = Run::new(site, held, now);
            run.hold = Some(attempt.hold(now));
            run.identify(identity.as_ref());
            set_request(&mut run, self.incoming, identity);
            if let Some(Kept { read: Ok(Some(body)), .. }) = &self.incoming.kept {
                // Errors may say what it holds before its operation has read it.
                run.scope.set(Slot::BODY, Some(body.value.clone()));
            }
            run.coding = wanted.coding();
            let outcome = act(&mut run, unacceptable);
            let done = outcome.is_ok();
            let settings = self.plan.origins.as_ref().map(|_| run.held.settings().clone());
            let mut finished = run.finish(outcome, form);
            finished.settings = settings;
            coded::put(&mut finished.answer, codings, wanted);
            finished.operation = id;
            if let Some(befallen) = &self.befallen {
                befallen.tell(&mut finished, self.named);
            }
            if self.named {
                let header = operation.map(|operation| &operation.header);
                self.name(&mut finished.answer, header, finished.rule);
            }
            end(now, finished, done)
        };
        match operation.is_some_and(|operation| operation.changes) {
            true => session.hold(self.vendor, |account| run(Held::Alone(account.begin()))),
            false => session.read(self.vendor, |account| run(Held::Shared(account))),
        }
    }

    /// Names the operation and the rule in headers.
    fn name(&self, answer: &mut Answer, operation: Option<&HeaderValue>, rule: Option<RuleId>) {
        answer.spelling.get_or_insert_with(|| self.plan.spelling.clone());
        if let Some(operation) = operation {
            answer.headers.insert(OPERATION_HEADER, operation.clone());
        }
        if let Some(name) = rule.and_then(|rule| self.plan.rule_names.get(rule.0 as usize)) {
            answer.headers.insert(RULE_HEADER, name.clone());
        }
    }
}

fn set_request(run: &mut Run<'_, '_>, incoming: &Incoming<'_>, identity: Option<Identity>) {
    if !run.plan.names.is_used(Slot::REQUEST) {
        return;
    }
    let (request, base) = (incoming.request.clone(), incoming.base.clone());
    let (method, path) = (incoming.method.clone(), incoming.path.to_owned());
    let first = run.operation.and_then(|operation| operation.consumes.first());
    let first = first.and_then(|first| run.plan.media_types.get(first.0));
    let usual = first.map(|media_type| media_type.name.clone());
    let wanted = run.plan.names.of_request();
    run.scope.set_late(Slot::REQUEST, move || {
        let member = |name: &str| {
            Some(match name {
                "id" => identity.as_ref()?.id().into(),
                "method" => method.as_str().into(),
                "path" => path.as_str().into(),
                "url" => {
                    let mut url = base.url(&request);
                    url.push_str(&path);
                    if let Some(query) = request.query() {
                        url.extend(["?", query]);
                    }
                    url.into()
                }
                "base" => base.url(&request).into(),
                "mediaType" => {
                    let named = media_type(&request).map(Into::into).or_else(|| usual.clone());
                    named.map_or(Value::Null, Value::from)
                }
                "bytes" => plain::value(&request.body),
                _ => parts::described(&request)?,
            })
        };
        let mut map = Map::new();
        for name in wanted.clone() {
            if let Some(value) = member(name) {
                map.push(name.into(), value);
            }
        }
        Value::map(map)
    });
}

impl Befallen {
    /// Tells of it in the journal, and in a header.
    fn tell(&self, finished: &mut Finished, named: bool) {
        // What answers in place of the operation says it as the reason.
        if !matches!(self.effect, Some(Effect::Status(_) | Effect::Error(_))) {
            finished.trace.note(self.said());
        }
        finished.befallen = Some(self.name().into());
        if named && let Ok(name) = HeaderValue::from_str(&self.name()) {
            finished.answer.headers.insert(FAULT_HEADER, name);
        }
    }
}
