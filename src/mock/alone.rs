//! A session's state, held alone.

use std::ops::{Deref, DerefMut};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use jiff::Timestamp;
use parking_lot::RwLockWriteGuard;
use tokio::sync::Notify;

use super::outbox::Message;
use super::remembered::State;
use super::schedule::Turn;
use super::waiting::Waiting;
use crate::clock::Clock;

/// Never.
const NEVER: i64 = i64::MAX;

/// When the next scheduled operation of a session runs, for those who do not hold its state.
#[derive(Debug)]
pub(super) struct NextDue {
    /// In whole microseconds.
    at: AtomicI64,
    /// Told when it may be earlier than it was.
    news: Arc<Notify>,
}

impl NextDue {
    /// Of a session in which nothing is scheduled.
    pub(super) fn new(news: &Arc<Notify>) -> Self {
        Self { at: AtomicI64::new(NEVER), news: news.clone() }
    }

    /// Says that the clock is another one.
    pub(super) fn wake(&self) {
        if self.at.load(Ordering::Acquire) != NEVER {
            self.news.notify_one();
        }
    }

    /// How long it takes on that clock; never, where it stands still before that.
    pub(super) fn due_in(&self, clock: &Clock) -> Option<Duration> {
        let next = self.at.load(Ordering::Acquire);
        if next == NEVER {
            return None;
        }
        let wait = next.saturating_sub(clock.now().as_microsecond());
        match u64::try_from(wait) {
            Err(_) | Ok(0) => Some(Duration::ZERO),
            Ok(_) if clock.frozen() => None,
            // With what whole microseconds leave out.
            Ok(wait) => Some(Duration::from_micros(wait.saturating_add(2))),
        }
    }

    /// Whether it may have been due by then; it is not where nothing is scheduled.
    pub(super) fn may_be_by(&self, now: impl FnOnce() -> Timestamp) -> bool {
        let next = self.at.load(Ordering::Acquire);
        next != NEVER && next <= now().as_microsecond()
    }

    fn note(&self, next: Option<Timestamp>) {
        let next = next.map_or(NEVER, Timestamp::as_microsecond);
        if self.at.swap(next, Ordering::AcqRel) > next {
            self.news.notify_one();
        }
    }
}

/// What runs next in a session, with the position of its vendor.
pub(super) fn next(state: &State) -> Option<(usize, Turn)> {
    let accounts = state.accounts.iter().map(OnceLock::get).enumerate();
    let next = accounts.filter_map(|(vendor, account)| Some((vendor, account?.schedule.next()?)));
    next.min_by_key(|(vendor, turn)| (turn.0, *vendor, turn.1))
}

/// The message that is to be sent next, when, and the position of its vendor.
pub(super) fn next_attempt(state: &State) -> Option<(usize, Timestamp, Arc<Message>)> {
    let accounts = state.accounts.iter().map(OnceLock::get).enumerate();
    let next = accounts.filter_map(|(vendor, account)| {
        let (at, message) = account?.outbox.next_due()?;
        Some((vendor, at, message))
    });
    let (vendor, at, message) = next.min_by_key(|(vendor, at, _)| (*at, *vendor))?;
    Some((vendor, at, message.clone()))
}

/// When something happens in a session by itself.
#[derive(Debug)]
pub(super) struct Upcoming {
    /// An operation runs.
    pub(super) run: NextDue,
    /// A message is sent.
    pub(super) sent: NextDue,
}

impl Upcoming {
    /// Of a session in which nothing does.
    pub(super) fn new(news: &Arc<Notify>) -> Self {
        Self { run: NextDue::new(news), sent: NextDue::new(news) }
    }

    /// Notes it.
    pub(super) fn note(&self, state: &State) {
        self.run.note(next(state).map(|(_, (at, _))| at));
        self.sent.note(next_attempt(state).map(|(_, at, _)| at));
    }

    /// Says that the clock is another one.
    pub(super) fn wake(&self) {
        self.run.wake();
        self.sent.wake();
    }
}

/// The state; when it is let go, it is noted what happens next.
pub(super) struct Alone<'a> {
    state: RwLockWriteGuard<'a, State>,
    due: &'a Upcoming,
    waiting: Option<&'a Waiting>,
}

impl<'a> Alone<'a> {
    /// Of a session that notes that there, with those who wait for something to change in it.
    pub(super) fn new(
        state: RwLockWriteGuard<'a, State>,
        due: &'a Upcoming,
        waiting: &'a Waiting,
    ) -> Self {
        Self { state, due, waiting: Some(waiting) }
    }

    /// The same for who tells them himself: what is only tried is no change.
    pub(super) fn quietly(mut self) -> Self {
        self.waiting = None;
        self
    }
}

impl Deref for Alone<'_> {
    type Target = State;

    fn deref(&self) -> &State {
        &self.state
    }
}

impl DerefMut for Alone<'_> {
    fn deref_mut(&mut self) -> &mut State {
        &mut self.state
    }
}

impl Drop for Alone<'_> {
    fn drop(&mut self) {
        self.due.note(&self.state);
        if let Some(waiting) = self.waiting {
            waiting.tell();
        }
    }
}
