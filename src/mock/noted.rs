//! What happened to a session that others serve too, noted for whoever keeps the journal of all:
//! work is done on one thread from its beginning to its end, so nothing is shared.

use std::cell::RefCell;
use std::sync::Arc;

use jiff::Timestamp;

use super::effect::Effect;
use super::entry::Told;

/// Something that the journal of all tells.
#[derive(Debug, Clone)]
pub enum Noted {
    /// A request was answered.
    Answered(Answered),
    /// The control plane was called, which may have changed something.
    Called(Arc<str>),
    /// All began anew, requests too.
    Cleared,
    /// The requests to a vendor are forgotten.
    Forgot(Arc<str>),
    /// That request and all after it never happened.
    WentBack(u64),
}

/// A request that was answered.
#[derive(Debug, Clone)]
pub struct Answered {
    /// When, in real time.
    pub at: Timestamp,
    /// What was asked and answered.
    pub told: Arc<Told>,
    /// What it changed.
    pub effect: Arc<Effect>,
    /// How many entries of the ledger there were before it.
    pub before: usize,
}

thread_local! {
    static NOTES: RefCell<Option<Vec<Noted>>> = const { RefCell::new(None) };
}

/// Does some work; gives what was noted meanwhile too.
pub fn of<T>(work: impl FnOnce() -> T) -> (T, Vec<Noted>) {
    let before = NOTES.replace(Some(Vec::new()));
    let done = work();
    let notes = NOTES.replace(before).unwrap_or_default();
    (done, notes)
}

/// Notes something.
pub fn note(noted: Noted) {
    NOTES.with_borrow_mut(|notes| {
        if let Some(notes) = notes {
            notes.push(noted);
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_are_those_of_the_work_that_made_them() {
        note(Noted::Cleared);
        let ((), notes) = of(|| {
            note(Noted::WentBack(1));
            let ((), within) = of(|| note(Noted::Cleared));
            assert!(matches!(*within, [Noted::Cleared]));
            note(Noted::WentBack(2));
        });
        assert!(matches!(*notes, [Noted::WentBack(1), Noted::WentBack(2)]));
    }
}
