//! Operations that were to run later: each runs at its time, before anything else is answered.

use std::fmt;
use std::sync::Arc;
use std::time::Instant;

use http::Method;
use jiff::Timestamp;

use super::Mock;
use super::call::Arrival;
use super::draw::Form;
use super::held::Attempt;
use super::identity::Identity;
use super::run::{Held, Run};
use super::schedule::{Due, Turn};
use super::session::Session;
use super::site::Site;
use crate::exchange::{CONTROL_PATH, Request};
use crate::plan::Plan;
use crate::plan::names::Slot;
use crate::value::Value;
use crate::worker::may_wait;

/// So many run at once, one after the other.
pub const MOST_AT_ONCE: usize = 10_000;

/// The method in the journal of what nobody sent.
pub const RUN_METHOD: &str = "RUN";

/// More was due than runs at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endless {
    /// The vendor of the last one that ran.
    pub vendor: Arc<str>,
    /// Its operation.
    pub operation: Arc<str>,
    /// When it was due.
    pub at: Timestamp,
}

impl fmt::Display for Endless {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { vendor, operation, at } = self;
        write!(
            f,
            "{MOST_AT_ONCE} scheduled operations ran, and still more are due; the last one was \
             `{operation}` of {vendor}, due at {at}: does it schedule itself without end?"
        )
    }
}

impl Mock {
    /// Runs what is due in a session, in its order, and says how much. Fails when there is no end
    /// to it.
    pub fn run_due(&self, session: &Session) -> Result<usize, Endless> {
        self.run_due_until(session, None)
    }

    /// The same for what was due until then.
    pub fn run_due_until(
        &self,
        session: &Session,
        until: Option<Timestamp>,
    ) -> Result<usize, Endless> {
        match session.is_due() {
            true => may_wait(|| {
                let _running = session.running().lock();
                self.run_all_due(session, until)
            }),
            false => Ok(0),
        }
    }

    /// The same for who holds [`Session::running`].
    #[cold]
    pub fn run_all_due(
        &self,
        session: &Session,
        until: Option<Timestamp>,
    ) -> Result<usize, Endless> {
        let mut count = 0;
        let mut last = None;
        let next = || session.next_due().filter(|(_, (at, _))| until.is_none_or(|end| *at <= end));
        while let Some((vendor, turn)) = next() {
            if count == MOST_AT_ONCE
                && let Some(endless) = last
            {
                return Err(endless);
            }
            // A rewind or a reset may have taken it away meanwhile.
            if let Some(operation) = self.run_one(session, vendor, turn) {
                let vendor = self.plans.get(vendor).map(|plan| plan.service.vendor.clone());
                let vendor = vendor.unwrap_or_default();
                last = Some(Endless { vendor, operation, at: turn.0 });
                count += 1;
            }
        }
        Ok(count)
    }

    /// Runs one, as of when it was due; gives the name of its operation.
    fn run_one(&self, session: &Session, vendor: usize, turn: Turn) -> Option<Arc<str>> {
        let plan = self.plans.get(vendor)?;
        let request = Arc::new(request(plan, turn)?);
        let arrival = Arrival {
            request,
            session,
            plans: &self.plans,
            sessions: self.sessions.count(),
            started: Instant::now(),
            attempt: Attempt::default(),
        };
        let served = session.hold(vendor, |account| {
            let due = account.schedule.get(turn)?.clone();
            let operation = plan.operations.get(due.operation.0);
            let mut pending = account.begin();
            pending.running = Some(turn);
            let site = Site { plan, operation, binding: None };
            let held = Held::Alone(pending);
            let identity = session.identity(plan, held.seed());
            let mut run = Run::new(site, held, turn.0);
            run.identify(identity.as_ref());
            set_request(&mut run, &arrival.request, &due, identity);
            run.trace.note(format!("it was scheduled, to run at {}", turn.0));
            let outcome = run.follow(&due.parameters);
            let produces = operation.map_or(plan.produces(), |operation| &operation.produces);
            let media_type = produces.first().copied();
            let mut finished =
                run.finish(outcome, Form { plan, operation, media_type, soap: None });
            finished.operation = Some(due.operation);
            Some(arrival.record(Some(vendor), turn.0, finished))
        })??;
        let operation = served.told.operation;
        self.tell_of(&arrival, &served);
        let operation = plan.operations.get(operation?.0);
        operation.map(|operation| operation.id.clone())
    }
}

/// What stands in the journal in the place of a request.
fn request(plan: &Plan, (_, number): Turn) -> Option<Request> {
    let vendor = &plan.service.vendor;
    let method = Method::from_bytes(RUN_METHOD.as_bytes()).ok()?;
    Request::new(method, &format!("{CONTROL_PATH}/schedule/{vendor}/{number}")).ok()
}

fn set_request(
    run: &mut Run<'_, '_>,
    request: &Arc<Request>,
    due: &Due,
    identity: Option<Identity>,
) {
    if !run.plan.names.is_used(Slot::REQUEST) {
        return;
    }
    let (request, base) = (request.clone(), due.base.clone());
    run.scope.set_late(Slot::REQUEST, move || {
        let id = identity.as_ref().map_or(Value::Null, |identity| identity.id().into());
        let map = [
            ("id".into(), id),
            ("method".into(), request.method.as_str().into()),
            ("path".into(), request.path().into()),
            ("url".into(), format!("{base}{}", request.path()).into()),
            ("base".into(), Value::Text(base.clone())),
            ("mediaType".into(), Value::Null),
        ];
        Value::map(map.into_iter().collect())
    });
}
