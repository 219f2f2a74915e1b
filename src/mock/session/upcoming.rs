//! What happens in a session by itself: operations that run, and messages that are sent.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use parking_lot::Mutex;

use super::Session;
use crate::mock::alone;
use crate::mock::delivery::{Attempt, Ending};
use crate::mock::outbox::Message;
use crate::mock::schedule::Turn;

impl Session {
    /// How long it takes until an operation runs, or a message is sent, if nothing else happens.
    pub(in crate::mock) fn due_in(&self) -> Option<Duration> {
        let sent = self.due.sent.due_in(&self.clock).filter(|_| !self.sending.is_locked());
        self.due.run.due_in(&self.clock).into_iter().chain(sent).min()
    }

    /// Held by who sends messages.
    pub fn sending(&self) -> &Mutex<()> {
        &self.sending
    }

    /// Whether a message may have to be sent.
    pub fn has_messages(&self) -> bool {
        self.due.sent.may_be_by(|| self.clock.now())
    }

    /// The message that has to be sent next, since when, and the position of its vendor.
    pub fn next_attempt(&self) -> Option<(usize, Timestamp, Arc<Message>)> {
        let now = self.clock.now();
        alone::next_attempt(&self.shared()).filter(|(_, at, _)| *at <= now)
    }

    /// Notes what came of an attempt to send a message.
    pub fn attempted(&self, vendor: usize, sent: &Arc<Message>, attempt: Attempt, ending: Ending) {
        self.change(vendor, |account| {
            Ok::<_, Infallible>(((), account.attempted(sent, attempt, ending)))
        });
    }

    /// Held by who runs what is due.
    pub fn running(&self) -> &Mutex<()> {
        &self.running
    }

    /// Whether a scheduled operation may be due.
    pub(in crate::mock) fn is_due(&self) -> bool {
        self.due.run.may_be_by(|| self.clock.now())
    }

    /// The scheduled operation that is due next, with the position of its vendor.
    pub(in crate::mock) fn next_due(&self) -> Option<(usize, Turn)> {
        let now = self.clock.now();
        alone::next(&self.shared()).filter(|(_, (at, _))| *at <= now)
    }
}
