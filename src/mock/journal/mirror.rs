//! A journal that several replicas write, as this one knows it: what is in it comes from who keeps
//! all of it, and what happens here is added there first.

use std::sync::Arc;

use super::{Evicted, Journal, budget};
use crate::mock::entry::{Entry, Mirrored, Told};

impl Journal {
    /// A request is answered, which may have made another version. Gives the id that it gets if all
    /// that happened before is told before, and the version.
    pub(in crate::mock) fn step(&self, has_changed: bool) -> (u64, u64) {
        let mut log = self.log.lock();
        log.last_id += 1;
        log.version += u64::from(has_changed);
        log.floor = log.version;
        (log.last_id, log.version)
    }

    /// How far the journal of all is known.
    pub fn mirrored(&self) -> i64 {
        self.log.lock().mirrored.unwrap_or_default()
    }

    /// It is known as far as that.
    pub fn is_mirrored(&self, until: i64) {
        self.log.lock().mirrored = Some(until);
    }

    /// The last request had that id.
    pub fn goes_on_after(&self, last_id: u64) {
        self.log.lock().last_id = last_id;
    }

    /// Forgets what is known of the journal of all, and gives it to be dropped.
    pub fn mirror_anew(&self) -> impl Sized + use<> {
        let mut log = self.log.lock();
        (log.mirrored, log.entry_bytes) = (Some(0), 0);
        std::mem::take(&mut log.entries)
    }

    /// Adds a request that the journal of all tells, after all that are known. `sessions` share the
    /// bytes that all journals may take.
    pub fn mirror(&self, id: u64, told: Arc<Told>, known: Mirrored, sessions: usize) -> Evicted {
        let size = told.size();
        let mut log = self.log.lock();
        log.budget = budget(sessions);
        log.entry_bytes += size;
        let mirrored = Some(Box::new(known));
        let (before, after, counted, asked) = (0, 0, None, 0);
        log.entries.push_back(Entry { id, told, before, after, counted, asked, mirrored, size });
        log.evict()
    }
}
