//! Requests that a spec has nothing for, and that somebody else answers.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use super::Mock;
use super::call::Arrival;
use super::dispatch::{Dispatch, dispatch};
use super::held::Attempt;
use super::incoming::Incoming;
use super::noted;
use super::run::Finished;
use super::session::Session;
use crate::exchange::{Answer, Request};
use crate::model::Failure;
use crate::plan::operation::Operation;

/// What somebody else answered.
#[derive(Debug)]
pub struct Elsewhere {
    /// The vendor, by position of the plan.
    pub vendor: usize,
    /// Who it was, as people know it: a URL.
    pub whose: Arc<str>,
    /// When the request came, in real time.
    pub started: Instant,
    /// Status, fields and body, as far as they are known.
    pub answer: Answer,
    /// What there is to say about it.
    pub said: String,
}

impl Mock {
    /// Whether a spec has an operation, or something else, for a request to that vendor. `path` is
    /// the path without the session's prefix.
    pub fn has(
        &self,
        session: &Session,
        vendor: usize,
        path: &str,
        request: &Arc<Request>,
        local: SocketAddr,
    ) -> bool {
        let Some(way) = self.way(&session.name, path, request, local) else { return false };
        let Some(plan) = self.plans.get(way.vendor).filter(|_| way.vendor == vendor) else {
            return true;
        };
        let (mut incoming, well_formed) = Incoming::new(request, way.path, way.base);
        if well_formed.is_err() {
            return true;
        }
        match dispatch(plan, &mut incoming) {
            Dispatch::Refused(refusal, _) => !matches!(
                refusal.violation.failure,
                Some(Failure::UnknownPath | Failure::MethodNotAllowed)
            ),
            _ => true,
        }
    }

    /// Whether the operation that a request leads to, whatever its session, takes its body in the
    /// content coding in which it was sent.
    pub fn keeps_coding(&self, path: &str, request: &Request, local: SocketAddr) -> bool {
        let Some(way) = self.way(&Arc::default(), path, request, local) else { return false };
        let Some(plan) = self.plans.get(way.vendor) else { return false };
        let keeps =
            |operation: &Operation| operation.body.as_ref().is_some_and(|body| body.keeps_coding);
        if !plan.operations.iter().any(keeps) {
            return false;
        }
        let request = Arc::new(request.clone());
        let (mut incoming, _) = Incoming::new(&request, way.path, way.base);
        let Dispatch::Operation(target) = dispatch(plan, &mut incoming) else { return false };
        plan.operations.get(target.binding.operation.0).is_some_and(keeps)
    }

    /// The position of the vendor whom a request is for by its `Host`.
    pub fn vendor_by_host(
        &self,
        session: &Session,
        path: &str,
        request: &Request,
        local: SocketAddr,
    ) -> Option<usize> {
        self.way(&session.name, path, request, local).map(|way| way.vendor)
    }

    /// Puts a request into the journal that somebody else has answered.
    pub fn answered_elsewhere(
        &self,
        session: &Session,
        request: Arc<Request>,
        elsewhere: Elsewhere,
    ) {
        let Elsewhere { vendor, whose, started, answer, said } = elsewhere;
        let (plans, sessions) = (&*self.plans, self.sessions.count());
        let attempt = Attempt::default();
        let arrival = Arrival { request, session, plans, sessions, started, attempt };
        let finished = Finished::by_nobody(answer, said);
        let finished = Finished { forwarded: Some(whose), ..finished };
        // Whoever had it asked has gone on meanwhile.
        let (_, notes) =
            noted::of(|| self.finish(&arrival, arrival.record_plainly(Some(vendor), finished)));
        if !notes.is_empty() {
            self.sessions.notes().note_late(session.name.clone(), notes);
            self.sessions.news().notify_one();
        }
    }
}
