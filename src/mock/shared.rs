//! What whoever runs shared sessions tells of them.

use std::sync::{Arc, OnceLock};

use parking_lot::Mutex;

use super::noted::Noted;

/// What is known of sessions that others serve too.
#[derive(Debug, Default)]
pub struct SharedNotes {
    names: Mutex<Vec<Arc<str>>>,
    trouble: Mutex<Option<Arc<str>>>,
    late: Mutex<Vec<(Arc<str>, Vec<Noted>)>>,
    replica: OnceLock<Arc<str>>,
}

impl SharedNotes {
    /// The names of all named sessions, as they were told last.
    pub fn names(&self) -> Vec<Arc<str>> {
        self.names.lock().clone()
    }

    /// Tells what this replica is called among others.
    pub fn is_called(&self, replica: &str) {
        self.replica.get_or_init(|| replica.into());
    }

    /// What this replica is called among others.
    pub fn replica(&self) -> Option<&str> {
        self.replica.get().map(|name| &**name)
    }

    /// Adds what was noted of a session when nobody held it any more.
    pub(super) fn note_late(&self, session: Arc<str>, notes: Vec<Noted>) {
        self.late.lock().push((session, notes));
    }

    /// Takes what was noted of sessions when nobody held them any more.
    pub fn take_late(&self) -> Vec<(Arc<str>, Vec<Noted>)> {
        std::mem::take(&mut *self.late.lock())
    }

    /// Tells them.
    pub fn are(&self, names: Vec<Arc<str>>) {
        *self.names.lock() = names;
    }

    /// Why nothing can be kept now, if that is so.
    pub fn trouble(&self) -> Option<Arc<str>> {
        self.trouble.lock().clone()
    }

    /// Tells that something was kept, or why it was not.
    pub fn went(&self, trouble: Option<&str>) {
        let mut known = self.trouble.lock();
        if known.as_deref() != trouble {
            *known = trouble.map(Into::into);
        }
    }
}
