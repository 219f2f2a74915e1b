//! Requests whose answer is held until there is something to tell.
//!
//! A step may find that it is too early for an answer. Then nothing of the request has happened:
//! what it did so far is dropped, and it is not in the journal. Whoever sent it in tries again each
//! time that the session changes, and at the end of its time; only the last attempt counts.

use std::cell::{Cell, OnceCell};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;

use super::Mock;
use super::faults::Befallen;
use super::identity::Identity;
use super::session::Session;
use crate::clock::Clock;
use crate::exchange::{Answer, Request};

/// What comes with time alone, such as a delay that ends, is seen after so long at most.
const LOOK: Duration = Duration::from_millis(250);

/// A request whose answer is held.
#[derive(Debug, Clone)]
pub struct Held {
    /// What was asked.
    pub request: Arc<Request>,
    first: First,
    /// When its time is over, by the session's clock.
    until: Timestamp,
}

/// What is the same in all attempts.
#[derive(Debug, Clone)]
struct First {
    /// When it came, by the session's clock.
    came: Timestamp,
    /// The same in real time.
    started: Instant,
    /// What befalls it.
    befallen: Option<Befallen>,
    /// What it is known by.
    identity: Option<Identity>,
}

impl Held {
    /// When it is tried again by that clock if nothing happens; never where it stands still.
    pub fn pause(&self, clock: &Clock) -> Option<Duration> {
        match Duration::try_from(self.until.duration_since(clock.now())) {
            Err(_) | Ok(Duration::ZERO) => Some(Duration::ZERO),
            Ok(_) if clock.frozen() => None,
            Ok(left) => Some(left.min(LOOK)),
        }
    }
}

/// How a request may be answered.
#[derive(Debug, Default)]
pub struct Patience<'h> {
    /// Whether it may be held, or held on.
    pub may_wait: bool,
    /// Where it was held before.
    pub before: Option<&'h Held>,
}

/// One of the attempts to answer a request, of which there are several only if it is held.
#[derive(Debug, Default)]
pub(super) struct Attempt<'h> {
    may_wait: bool,
    before: Option<&'h First>,
    befallen: OnceCell<Option<Befallen>>,
    identity: OnceCell<Option<Identity>>,
    held: Cell<Option<(Timestamp, Timestamp)>>,
}

impl Attempt<'_> {
    /// When the request came, if that was before.
    pub(super) fn started(&self) -> Option<Instant> {
        self.before.map(|first| first.started)
    }

    /// What the request is known by: the same in all attempts.
    pub(super) fn identity(&self, make: impl FnOnce() -> Option<Identity>) -> Option<Identity> {
        let known = || match self.before {
            Some(first) => first.identity.clone(),
            None => make(),
        };
        self.identity.get_or_init(known).clone()
    }

    /// What befalls it: the same in all attempts.
    pub(super) fn befallen(&self, find: impl FnOnce() -> Option<Befallen>) -> Option<Befallen> {
        let known = || match self.before {
            Some(first) => first.befallen.clone(),
            None => find(),
        };
        self.befallen.get_or_init(known).clone()
    }

    /// Whether nothing befalls it, whatever befalls others now.
    pub(super) fn is_spared(&self) -> Option<bool> {
        self.before.map(|first| first.befallen.is_none())
    }

    /// How long it is held at a time of the session's clock.
    pub(super) fn hold(&self, now: Timestamp) -> Hold {
        let came = self.before.map_or(now, |first| first.came);
        Hold { came, may_wait: self.may_wait, waited: self.before.is_some() }
    }

    /// It was too early for an answer.
    pub(super) fn is_held(&self, came: Timestamp, until: Timestamp) {
        self.held.set(Some((came, until)));
    }

    /// Whether it was.
    pub(super) fn has_to_wait(&self) -> bool {
        self.held.get().is_some()
    }

    fn end(self, request: &Arc<Request>, started: Instant) -> Option<Held> {
        let (came, until) = self.held.get()?;
        let first = self.before.cloned().unwrap_or_else(|| First {
            came,
            started,
            befallen: self.befallen.into_inner().flatten(),
            identity: self.identity.into_inner().flatten(),
        });
        Some(Held { request: request.clone(), first, until })
    }
}

/// What the steps of a request know of being held.
#[derive(Debug, Clone, Copy)]
pub(super) struct Hold {
    /// When it came.
    pub(super) came: Timestamp,
    /// Whether it may be held, or held on.
    pub(super) may_wait: bool,
    /// Whether it was held.
    pub(super) waited: bool,
}

impl Mock {
    /// Answers a request to a vendor at once. `path` is the path without the session's prefix.
    pub fn answer(
        &self,
        session: &Session,
        path: &str,
        request: Request,
        local: SocketAddr,
    ) -> Answer {
        let patience = Patience::default();
        // Where nothing may wait, nothing is held.
        self.attempt(session, path, request, local, &patience).unwrap_or_default()
    }

    /// Answers a request to a vendor, or holds it.
    pub fn attempt(
        &self,
        session: &Session,
        path: &str,
        request: Request,
        local: SocketAddr,
        patience: &Patience<'_>,
    ) -> Result<Answer, Box<Held>> {
        let Patience { may_wait, before } = *patience;
        let before = before.map(|held| &held.first);
        let attempt = Attempt { may_wait, before, ..Attempt::default() };
        let arrival = self.arrival(session, request, attempt);
        match self.answer_to(&arrival, path, local) {
            Some(answer) => Ok(answer),
            None => {
                let (request, started) = (arrival.request.clone(), arrival.started);
                arrival
                    .attempt
                    .end(&request, started)
                    .map_or_else(|| Ok(Answer::default()), |held| Err(Box::new(held)))
            }
        }
    }
}
