//! The mock: plans, sessions and requests, without sockets.
//!
//! [`Mock::answer`] shows the way of a request: session, vendor, route, account, run, answer.

pub mod account;
mod alone;
mod batch;
mod body;
mod call;
mod coded;
mod coerce;
mod commit;
mod constrain;
mod cors;
pub mod delivery;
mod dispatch;
mod draft;
mod draw;
pub mod due;
mod durable;
pub mod effect;
pub mod elsewhere;
pub mod entry;
mod envelope;
mod examine;
pub mod example;
pub mod exercised;
pub mod fault;
pub mod faults;
pub mod feed;
pub mod fields;
pub mod fit;
mod form;
mod given;
pub mod held;
mod idempotency;
mod identity;
mod image;
mod incoming;
pub mod journal;
mod kept;
mod limited;
mod manner;
mod matched;
pub mod metrics;
mod miss;
mod moved;
pub mod noted;
pub mod outbox;
mod parts;
mod path;
mod pieces;
mod problem;
mod refusal;
mod remembered;
mod request;
mod rows;
mod run;
pub mod schedule;
mod security;
pub mod session;
pub mod sessions;
mod shared;
mod site;
mod soap_result;
pub mod stored;
mod streams;
mod template;
pub mod trace;
mod typed;
pub mod unwritable;
mod validators;
mod verb;
mod verdict;
pub mod waiting;
mod way;
mod windows;

use std::fmt;
use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use http::header::CONTENT_TYPE;
use http::{HeaderValue, Method, StatusCode};
use jiff::Timestamp;

use crate::exchange::{Answer, Request, TransportFailure};
use crate::ledger::{Ledger, Stored, StoredSession};
use crate::model::Failure;
use crate::plan::Plan;
use crate::plan::operation::SoapService;
use crate::value::{Map, Value};
use call::{Arrival, Arrived, Call, Served};
use dispatch::{Dispatch, dispatch};
use draw::{Drawn, Form};
use feed::{Event, Feed, Happened};
use held::Attempt;
use incoming::Incoming;
use metrics::{Counts, Metrics};
use miss::Routes;
use refusal::Refusal;
use run::Finished;
use session::{Lost, Session, Start};
use sessions::Sessions;
use way::{Way, base_of};

pub use incoming::quality;
pub use miss::joined as path_text;
pub use problem::answer as problem;
pub use way::origin;

/// Everything that answers, for all vendors and sessions.
#[derive(Debug)]
pub struct Mock {
    plans: Arc<[Arc<Plan>]>,
    sessions: Arc<Sessions>,
    headers: bool,
    mistakes: Arc<Listener>,
    feed: Arc<Feed>,
    /// What happens in sessions that replicas share, told by who keeps their journals.
    streams: Option<Arc<Feed>>,
    metrics: Metrics,
    /// All routes, for who asks for a path that there is not.
    routes: OnceLock<Routes>,
}

/// Who is told of mistakes of a spec that only a request shows.
struct Listener(Box<dyn Fn(&str) + Send + Sync>);

impl fmt::Debug for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Listener")
    }
}

impl Mock {
    /// A mock of those vendors. `headers` says whether answers name their operation and rule.
    pub fn new(plans: Vec<Arc<Plan>>, start: Start, headers: bool) -> Self {
        let plans: Arc<[Arc<Plan>]> = plans.into();
        let sessions = Sessions::new(plans.clone(), start);
        Self::of(plans, sessions, headers)
    }

    /// The same that goes on from what is stored, and whose sessions are written down.
    pub fn restored(
        plans: Vec<Arc<Plan>>,
        start: Start,
        headers: bool,
        ledger: Arc<Ledger>,
        stored: &Stored,
    ) -> Self {
        let plans: Arc<[Arc<Plan>]> = plans.into();
        let sessions = Sessions::restored(plans.clone(), start, ledger, stored);
        Self::of(plans, sessions, headers)
    }

    /// The same whose sessions replicas share; the default one has that number.
    pub fn shared(
        plans: Vec<Arc<Plan>>,
        start: Start,
        headers: bool,
        number: u64,
        default: &StoredSession,
    ) -> Self {
        let plans: Arc<[Arc<Plan>]> = plans.into();
        let sessions = Sessions::shared(plans.clone(), start, number, default);
        Self::of(plans, sessions, headers)
    }

    fn of(plans: Arc<[Arc<Plan>]>, sessions: Sessions, headers: bool) -> Self {
        let sessions = Arc::new(sessions);
        let metrics = Metrics::new(&plans, Counts::default());
        let mistakes = Arc::new(Listener(Box::new(|_| {})));
        let routes = OnceLock::new();
        let streams = sessions.are_shared().then(Arc::default);
        let feed = Arc::default();
        Self { plans, sessions, headers, mistakes, feed, streams, metrics, routes }
    }

    /// Tells `listener` of each mistake of a spec that only a request shows, with its place. It
    /// is called while the request waits.
    #[must_use]
    pub fn on_mistake(self, listener: impl Fn(&str) + Send + Sync + 'static) -> Self {
        Self { mistakes: Arc::new(Listener(Box::new(listener))), ..self }
    }

    /// A mock that goes on with other vendors, or with specs that have changed, and with the
    /// sessions of this one, which may answer nobody any more. Gives the collections of sessions
    /// that could not be kept.
    pub fn reloaded(&self, plans: Vec<Arc<Plan>>) -> (Self, Vec<(Arc<str>, Lost)>) {
        let plans: Arc<[Arc<Plan>]> = plans.into();
        let lost = self.sessions.adopt(&plans);
        let mock = Self {
            metrics: Metrics::new(&plans, self.counts()),
            plans,
            sessions: self.sessions.clone(),
            headers: self.headers,
            mistakes: self.mistakes.clone(),
            feed: self.feed.clone(),
            streams: self.streams.clone(),
            routes: OnceLock::new(),
        };
        (mock, lost)
    }

    /// Tells of what happens there.
    #[must_use]
    pub fn with_feed(self, feed: Arc<Feed>) -> Self {
        Self { feed, ..self }
    }

    /// The vendors.
    pub fn plans(&self) -> &[Arc<Plan>] {
        &self.plans
    }

    /// What happens, for those who look on.
    pub fn feed(&self) -> &Arc<Feed> {
        &self.feed
    }

    /// What was counted so far.
    pub fn counts(&self) -> Counts {
        self.metrics.counts(&self.plans)
    }

    /// The sessions.
    pub fn sessions(&self) -> &Arc<Sessions> {
        &self.sessions
    }

    /// The position of a vendor.
    pub fn vendor(&self, name: &str) -> Option<usize> {
        self.plans.iter().position(|plan| &*plan.service.vendor == name)
    }

    /// Answers a request to a vendor, unless it is held. `path` is the path without the session's
    /// prefix.
    fn answer_to(&self, arrival: &Arrival<'_>, path: &str, local: SocketAddr) -> Option<Answer> {
        let way = self.way(&arrival.session.name, path, &arrival.request, local);
        let served = way.as_ref().and_then(|way| self.serve(arrival, way, false));
        if served.is_none() && arrival.attempt.has_to_wait() {
            return None;
        }
        let nobody = || self.nobody(arrival, path, way.as_ref());
        Some(self.finish(arrival, served.unwrap_or_else(nobody)))
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
        let arrival = self.arrival(session, request, Attempt::default());
        let way = self.way(&session.name, path, &arrival.request, local);
        let served = match &way {
            Some(way) => self.refuse_at(&arrival, way, failure),
            None => None,
        };
        let served = served.unwrap_or_else(|| {
            let said = failure.to_string();
            let answer = problem::answer(failure.status(), &said, &Map::new());
            let vendor = way.as_ref().map(|way| way.vendor);
            arrival.record_plainly(vendor, Finished::by_nobody(answer, said))
        });
        self.finish(&arrival, served)
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
        let plan = self.plans.get(vendor)?;
        let arrival = self.arrival(session, request, Attempt::default());
        let base = base_of(session, plan, local);
        let served = {
            let (incoming, _) = Incoming::new(&arrival.request, "/", base);
            self.call(plan, vendor, &arrival, &incoming).follow(token)?
        };
        Some(self.finish(&arrival, served))
    }

    fn arrival<'c>(
        &'c self,
        session: &'c Session,
        request: Request,
        attempt: Attempt<'c>,
    ) -> Arrival<'c> {
        let (plans, request) = (&self.plans, Arc::new(request));
        let started = attempt.started().unwrap_or_else(Instant::now);
        Arrival { request, session, plans, sessions: self.sessions.count(), started, attempt }
    }

    /// Tells others what came of a request.
    fn finish(&self, arrival: &Arrival<'_>, served: Served) -> Answer {
        self.metrics.count(&served.told);
        self.tell_of(arrival, &served);
        served.answer
    }

    /// Tells others what happened, whoever had it happen.
    fn tell_of(&self, arrival: &Arrival<'_>, served: &Served) {
        let told = &served.told;
        if let Some(vendor) = told.vendor {
            let exercised = &arrival.session.exercised;
            let rules = exercised.came_to(vendor, &told.trace);
            let add = |operation| (operation, exercised.add(vendor, operation, &told.changed));
            let steps = told.operation.map(add);
            if let Some(plan) = self.plans.get(vendor) {
                arrival.session.exercised_anew(plan, steps, &rules);
            }
        }
        if let Some(mistake) = told.trace.shown_mistake() {
            (self.mistakes.0)(mistake);
        }
        if self.streams.is_none() && self.feed.is_watched() {
            self.tell(arrival, served);
        }
    }

    #[cold]
    fn tell(&self, arrival: &Arrival<'_>, served: &Served) {
        let session = arrival.session.name.clone();
        let plan = served.told.vendor.and_then(|vendor| self.plans.get(vendor));
        self.feed.tell(Event::Request(Happened {
            at: Timestamp::now(),
            session: session.clone(),
            id: served.id,
            told: served.told.clone(),
            plans: self.plans.clone(),
        }));
        if let Some(plan) = plan.filter(|_| served.sent > 0) {
            let vendor = plan.service.vendor.clone();
            self.feed.tell(Event::Outbox { session, vendor, sent: served.sent });
        }
    }

    /// The answer when there is nothing: what would have been nearest.
    fn nobody(&self, arrival: &Arrival<'_>, path: &str, way: Option<&Way<'_>>) -> Served {
        let request = &arrival.request;
        // A vendor's closest operation is told by the whole path.
        let (vendor, path) = way.map_or((None, path), |way| (Some(way.vendor), request.path()));
        let routes = self.routes.get_or_init(|| Routes::new(&self.plans));
        // HEAD is answered as GET would be, to the length of the body (RFC 9110 section 9.3.2).
        let asked = match request.method == Method::HEAD {
            true => &Method::GET,
            false => &request.method,
        };
        let more = routes.closest(vendor, asked.as_str(), path);
        let detail = match more.get("closest").and_then(|c| c.get("path")) {
            Some(closest) => {
                let method = more.get("closest").and_then(|c| c.get("method"));
                let method = method.cloned().unwrap_or_default();
                let hint = more.get("closest").map(miss::hint).unwrap_or_default();
                format!(
                    "there is nothing at {asked} {path}; the closest is {method} {closest}{hint}"
                )
            }
            None => format!("there is nothing at {asked} {path}"),
        };
        let answer = problem::answer(StatusCode::NOT_FOUND, &detail, &more);
        arrival.record_plainly(vendor, Finished::by_nobody(answer, detail))
    }

    fn call<'c>(
        &self,
        plan: &'c Plan,
        vendor: usize,
        arrival: &'c Arrival<'c>,
        incoming: &'c Incoming<'c>,
    ) -> Call<'c> {
        let (named, items) = (self.headers, None);
        Call { plan, vendor, arrival, incoming, named, items, befallen: None }
    }

    /// Answers in a vendor's name, be it an item of a list of requests. Gives `None` when the
    /// vendor has nothing there.
    fn serve(&self, arrival: &Arrival<'_>, way: &Way<'_>, is_item: bool) -> Option<Served> {
        let plan = self.plans.get(way.vendor)?;
        let (mut incoming, well_formed) =
            Incoming::new(&arrival.request, way.path, way.base.clone());
        incoming.is_item = is_item;
        if let Err(refusal) = well_formed {
            let answer = plan.failures.exactly(Failure::MalformedUrl);
            let call = self.call(plan, way.vendor, arrival, &incoming);
            return call.refuse(&Arrived::nowhere(plan), refusal.answered_by(answer));
        }
        if let Some(finished) =
            cors::preflight(plan, &arrival.request, || arrival.settings(way.vendor))
        {
            return Some(arrival.record_plainly(Some(way.vendor), finished));
        }
        let found = dispatch(plan, &mut incoming);
        let call =
            Call { items: Some((self, way)), ..self.call(plan, way.vendor, arrival, &incoming) };
        let record = |finished| Some(arrival.record_plainly(Some(way.vendor), finished));
        match found {
            Dispatch::Operation(target) => {
                let none = || arrival.session.faults.is_empty() && plan.disturbances.is_empty();
                match arrival.attempt.is_spared().unwrap_or_else(none) {
                    true => call.perform(&target),
                    false => call.befall(&target),
                }
            }
            Dispatch::Description(service) => {
                record(Finished { answer: describe(service, &incoming), ..Finished::default() })
            }
            Dispatch::Methods(methods) => {
                let mut answer = Answer::empty(StatusCode::NO_CONTENT);
                problem::allow(&mut answer, &methods);
                record(Finished { answer, ..Finished::default() })
            }
            Dispatch::Refused(refusal, soap) => {
                let nowhere = refusal.violation.failure == Some(Failure::UnknownPath);
                if nowhere && refusal.error.is_none() {
                    return None;
                }
                let soap = soap.as_ref().map(|(service, message)| (*service, message));
                call.refuse(&Arrived { soap, ..Arrived::nowhere(plan) }, *refusal)
            }
            Dispatch::Fault(code, said, service, message) => {
                let form = Form {
                    plan,
                    operation: None,
                    media_type: None,
                    soap: Some((service, &message)),
                };
                record(Finished::by_nobody(Drawn::fault(code, &said).write_plainly(form), said))
            }
        }
    }

    /// Refuses what the HTTP layer did not take in the vendor's words.
    fn refuse_at(
        &self,
        arrival: &Arrival<'_>,
        way: &Way<'_>,
        failure: TransportFailure,
    ) -> Option<Served> {
        let plan = self.plans.get(way.vendor)?;
        let (mut incoming, _) = Incoming::new(&arrival.request, way.path, way.base.clone());
        let target = match dispatch(plan, &mut incoming) {
            Dispatch::Operation(target) => Some(target),
            _ => None,
        };
        let arrived = match &target {
            Some(target) => Arrived::at(plan, target),
            None => Arrived::nowhere(plan),
        };
        let mut refusal = match failure {
            TransportFailure::BodyTooLarge { limit } => {
                let limit = i64::try_from(limit).unwrap_or(i64::MAX);
                let mut refusal = Refusal::of(Failure::BodyTooLarge);
                refusal.violation.limit = Some(Value::Integer(limit));
                refusal
            }
            TransportFailure::BodyIncomplete
            | TransportFailure::BodyMalformed
            | TransportFailure::BadContentCoding => Refusal::of(Failure::MalformedBody),
            // Vendors have no words for what is wrong on the way to them.
            _ => Refusal::default(),
        };
        let failed = refusal.violation.failure;
        let answer = failed.and_then(|failed| arrived.site.failures().exactly(failed));
        refusal = refusal.said(failure.to_string()).answered_by(answer);
        refusal.status = Some(failure.status());
        self.call(plan, way.vendor, arrival, &incoming).refuse(&arrived, refusal)
    }
}

fn describe(service: &SoapService, incoming: &Incoming<'_>) -> Answer {
    let location = format!("{}{}", incoming.base.url(incoming.request), incoming.path);
    match service.wsdl(location) {
        Ok(text) => {
            let mut answer = Answer::empty(StatusCode::OK);
            let xml = HeaderValue::from_static("text/xml; charset=utf-8");
            answer.headers.insert(CONTENT_TYPE, xml);
            answer.body = text;
            answer
        }
        Err(error) => {
            let status = StatusCode::INTERNAL_SERVER_ERROR;
            problem::answer(status, &error.message, &Map::new())
        }
    }
}
