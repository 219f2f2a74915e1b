//! What a replica has answered before the journal has it, and how the journal says so.
//!
//! Requests that only read come in bursts, and a page for each of them would be a commit for each.
//! So a page can say that its replica may answer more for a while (`holds`), and its next page that
//! all of that is in the journal (`tellsAll`). Only while the journal says so are requests answered
//! before they are in it. Where a replica ends in the midst of that, the first of the two lines
//! stays alone: whoever reads it knows who lacks something, and of which time.

use std::time::Duration;

use jiff::Timestamp;

use super::store::{Cut, Page};
use crate::mock::noted::Answered;

/// So long the journal may lack requests that only read, of the session that most share.
pub(super) const HOLD: Duration = Duration::from_millis(100);
/// Requests of more bytes are written into the journal at once.
pub(super) const MOST_HELD: usize = 1024 * 1024;

/// What is not in the journal yet, of one session.
#[derive(Debug, Default)]
pub(super) struct Unwritten {
    answered: Vec<Answered>,
    /// Until when the journal says that there may be more.
    until: Option<Duration>,
    /// What the next page has to end: when each of it began.
    open: Vec<Timestamp>,
    /// When somebody has read last.
    read: Option<Duration>,
}

/// What a page says of those that come after it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Said {
    from: Timestamp,
    until: Duration,
}

impl Unwritten {
    /// The requests.
    pub(super) fn answered(&self) -> &[Answered] {
        &self.answered
    }

    /// Whether the journal has to be told of something.
    pub(super) fn is_owed(&self) -> bool {
        !self.answered.is_empty() || !self.open.is_empty()
    }

    /// Whether requests that only read may be answered before the journal has them.
    pub(super) fn may_wait(&self, now: Duration) -> bool {
        self.until.is_some_and(|until| now < until) && self.size() <= MOST_HELD
    }

    /// Whether what is owed should not wait any longer.
    pub(super) fn is_due(&self, now: Duration) -> bool {
        self.is_owed() && !self.may_wait(now)
    }

    fn size(&self) -> usize {
        self.answered.iter().map(|one| one.told.request.body.len() + one.told.body.len()).sum()
    }

    /// Whether more of those that only read are to be expected soon.
    pub(super) fn is_burst(&self, now: Duration) -> bool {
        self.read.is_some_and(|at| now.saturating_sub(at) < HOLD)
    }

    /// Whether the next page ends what began then.
    pub(super) fn ends(&self, from: Timestamp) -> bool {
        self.open.contains(&from)
    }

    /// Somebody has read.
    pub(super) fn reads(&mut self, now: Duration) {
        self.read = Some(now);
    }

    /// Keeps requests that are answered now.
    pub(super) fn hold(&mut self, answered: impl IntoIterator<Item = Answered>) {
        self.answered.extend(answered);
    }

    /// The journal may not say any more what it said.
    pub(super) fn is_unsaid(&mut self) {
        self.until = None;
    }

    /// Has a page that tells all of this say so, and, if more may come, that too.
    pub(super) fn say(
        &self,
        page: &mut Page,
        replica: &str,
        more: Option<Duration>,
    ) -> Option<Said> {
        // A journal that begins anew has nothing to be ended.
        if page.cut == Cut::Nothing {
            for from in &self.open {
                page.tells_all(replica, *from);
            }
        }
        let from = Timestamp::now();
        let now = more.filter(|_| page.cut == Cut::Nothing)?;
        page.holds(replica, from, from.saturating_add(HOLD).unwrap_or(from));
        Some(Said { from, until: now.saturating_add(HOLD) })
    }

    /// A page was written.
    pub(super) fn is_written(&mut self, said: Option<Said>) {
        self.answered.clear();
        self.until = said.map(|said| said.until);
        self.open = said.into_iter().map(|said| said.from).collect();
    }

    /// Nobody knows whether a page was written. Where it was not, the journal still says that
    /// something may be missing, and it is.
    pub(super) fn is_lost(&mut self, said: Option<Said>) {
        self.is_written(said);
        self.until = None;
    }
}
