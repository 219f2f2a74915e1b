//! Where it is told what happens to sessions.

use std::cell::RefCell;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::entry::{Entry, Event, Window};

/// Gets all that happens to sessions, in its order.
pub trait Book: fmt::Debug + Send + Sync {
    /// A number for a session.
    fn number(&self) -> u64;

    /// Adds an entry; to be called while the session is held that it is about. Gives its ticket.
    fn push(&self, entry: Entry) -> u64;

    /// Adds a count of the rate limit.
    fn count(&self, session: u64, vendor: Arc<str>, window: &Window);

    /// A session is what was written down again, and may push again; to be called while it is
    /// held.
    fn is_back(&self, session: u64);

    /// A session is no more, and was never written down.
    fn lose(&self, session: u64);

    /// Whether several replicas serve what is written there.
    fn is_shared(&self) -> bool {
        false
    }
}

thread_local! {
    static DRAFT: RefCell<Option<Draft>> = const { RefCell::new(None) };
}

/// What some work came to.
#[derive(Debug, Default)]
pub struct Draft {
    /// What happened, in its order.
    pub entries: Vec<Entry>,
    /// The names of sessions that are no more.
    pub dropped: Vec<Arc<str>>,
}

/// Keeps entries for whoever has the work done that pushes them: work is done on one thread from
/// its beginning to its end, so nothing is shared, and nothing can be taken for another's.
#[derive(Debug, Default)]
pub struct Drafts {
    last: AtomicU64,
}

impl Drafts {
    /// Does some work; gives what it came to too.
    pub fn of<T>(work: impl FnOnce() -> T) -> (T, Draft) {
        let before = DRAFT.replace(Some(Draft::default()));
        let done = work();
        let draft = DRAFT.replace(before).unwrap_or_default();
        (done, draft)
    }

    /// How many entries the work of this thread has come to so far.
    pub fn so_far() -> usize {
        DRAFT.with_borrow(|draft| draft.as_ref().map_or(0, |draft| draft.entries.len()))
    }

    /// Adds that a session is no more, wherever it is.
    pub fn dropped(name: &Arc<str>) {
        DRAFT.with_borrow_mut(|draft| {
            if let Some(draft) = draft {
                draft.dropped.push(name.clone());
            }
        });
    }
}

impl Book for Drafts {
    /// Numbers are given by who keeps the entries; this one is for sessions that nobody keeps.
    fn number(&self) -> u64 {
        u64::MAX - self.last.fetch_add(1, Ordering::Relaxed)
    }

    fn push(&self, entry: Entry) -> u64 {
        DRAFT.with_borrow_mut(|draft| {
            if let Some(draft) = draft {
                draft.entries.push(entry);
            }
        });
        0
    }

    fn count(&self, session: u64, vendor: Arc<str>, window: &Window) {
        self.push(Entry::of(session, Event::Counted(vendor, window.clone())));
    }

    fn is_back(&self, _: u64) {}

    fn lose(&self, _: u64) {}

    fn is_shared(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_those_of_the_work_that_pushed_them() {
        let drafts = Drafts::default();
        drafts.push(Entry::of(1, Event::Probe));
        let ((), draft) = Drafts::of(|| {
            drafts.push(Entry::of(2, Event::Probe));
            let (_, within) = Drafts::of(|| drafts.push(Entry::of(3, Event::Dropped)));
            assert_eq!(within.entries.len(), 1);
            drafts.push(Entry::of(4, Event::Probe));
        });
        let sessions: Vec<_> = draft.entries.iter().map(|entry| entry.session).collect();
        assert_eq!(sessions, [2, 4]);
    }
}
