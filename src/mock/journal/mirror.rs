//! A journal that several replicas write, as this one knows it: what is in it comes from who keeps
//! all of it, and what happens here is added there first.

use std::sync::Arc;

use jiff::Timestamp;

use super::{Evicted, Gap, Journal, Own, budget};
use crate::mock::entry::{Entry, Mirrored, Told};

/// So many requests that were answered here are kept as they were asked.
const MOST_OWN: usize = 1_000;
/// They take this part of the bytes of a journal at most.
const OWN_SHARE: usize = 16;

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
        log.gaps.clear();
        std::mem::take(&mut log.entries)
    }

    /// Keeps what was answered here as it was asked, the newest of it.
    pub fn answered_here(&self, id: u64, at: Timestamp, told: Arc<Told>, sessions: usize) {
        let most = budget(sessions) / OWN_SHARE;
        let size = told.size();
        let mut log = self.log.lock();
        log.own_bytes += size;
        log.own.push_back(Own { id, at, told, size });
        let mut gone = Vec::new();
        while log.own_bytes > most || log.own.len() > MOST_OWN {
            let Some(oldest) = log.own.pop_front() else { break };
            log.own_bytes -= oldest.size;
            gone.push(oldest);
        }
        drop(log);
    }

    /// A request that was answered here at that time, as it was asked.
    pub fn own(&self, id: u64, at: Timestamp) -> Option<Arc<Told>> {
        let log = self.log.lock();
        let own = log.own.iter().rev().find(|own| own.id == id && own.at == at)?;
        Some(own.told.clone())
    }

    /// A replica may have answered more than it has told.
    pub fn may_lack(&self, gap: Gap) {
        self.log.lock().gaps.push(gap);
    }

    /// All is told that a replica answered from then on.
    pub fn lacks_no_more(&self, replica: &str, from: Timestamp) {
        self.log.lock().gaps.retain(|gap| *gap.replica != *replica || gap.from != from);
    }

    /// All begins anew.
    pub fn lacks_nothing(&self) {
        self.log.lock().gaps.clear();
    }

    /// What may be missing among the requests that are known.
    pub fn gaps(&self) -> Vec<Gap> {
        let log = self.log.lock();
        let oldest = log.entries.front().and_then(|entry| entry.mirrored.as_ref());
        let oldest = oldest.map_or(Timestamp::MIN, |one| one.at);
        log.gaps.iter().filter(|gap| gap.until >= oldest).cloned().collect()
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
