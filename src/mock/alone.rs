//! A session's state, held alone.

use std::ops::{Deref, DerefMut};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::Timestamp;
use parking_lot::RwLockWriteGuard;

use super::remembered::State;
use super::schedule::Turn;

/// When the next scheduled operation of a session runs, for those who do not hold its state.
#[derive(Debug)]
pub(super) struct NextDue(AtomicI64);

impl Default for NextDue {
    fn default() -> Self {
        Self(AtomicI64::new(i64::MAX))
    }
}

impl NextDue {
    /// Whether it may have been due by then; it is not where nothing is scheduled.
    pub(super) fn may_be_by(&self, now: impl FnOnce() -> Timestamp) -> bool {
        let next = self.0.load(Ordering::Acquire);
        next != i64::MAX && next <= now().as_second()
    }

    /// Notes when it is.
    pub(super) fn note(&self, state: &State) {
        // In whole seconds, which are never later than the time itself.
        let next = next(state).map_or(i64::MAX, |(_, (at, _))| at.as_second().saturating_sub(1));
        self.0.store(next, Ordering::Release);
    }
}

/// What runs next in a session, with the position of its vendor.
pub(super) fn next(state: &State) -> Option<(usize, Turn)> {
    let accounts = state.accounts.iter().map(OnceLock::get).enumerate();
    let next = accounts.filter_map(|(vendor, account)| Some((vendor, account?.schedule.next()?)));
    next.min_by_key(|(vendor, turn)| (turn.0, *vendor, turn.1))
}

/// The state; when it is let go, it is noted what runs next.
pub(super) struct Alone<'a> {
    state: RwLockWriteGuard<'a, State>,
    due: &'a NextDue,
}

impl<'a> Alone<'a> {
    /// Of a session that notes that there.
    pub(super) fn new(state: RwLockWriteGuard<'a, State>, due: &'a NextDue) -> Self {
        Self { state, due }
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
    }
}
