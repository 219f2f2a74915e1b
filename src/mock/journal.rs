//! What was asked and answered, and what that and all else changed, the newest last, within bounds.

mod mirror;

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;
use parking_lot::Mutex;

use super::commit::{Change, Commit};
use super::effect::Effect;
use super::entry::{Entry, Listed, Told};
use super::identity::Asked;
use super::windows::Counted;
use crate::plan::Plan;

/// The most requests that a session remembers.
pub const MOST_ENTRIES: usize = 10_000;
/// The most bytes that a session's journal holds.
const MOST_BYTES: usize = 64 * 1024 * 1024;
/// What a journal may hold however many sessions share the bytes.
const LEAST_BYTES: usize = 256 * 1024;

/// The bytes that the journal of each of so many sessions may take.
pub fn budget(sessions: usize) -> usize {
    (MOST_BYTES / sessions.max(1)).max(LEAST_BYTES)
}

/// The requests and the commits of a session.
///
/// A request gets its id, and a commit its version, while the state that they saw or made is held:
/// so the order here is the order in which things happened.
#[derive(Debug, Default)]
pub struct Journal {
    log: Mutex<Log>,
    /// Goes back with the ids.
    asked: Asked,
}

#[derive(Debug, Default)]
struct Log {
    entries: VecDeque<Entry>,
    commits: VecDeque<Commit>,
    last_id: u64,
    version: u64,
    /// The version of the last commit that is no longer here: what was before cannot come back.
    floor: u64,
    budget: usize,
    entry_bytes: usize,
    commit_bytes: usize,
    /// Vendors as they were for requests up to an id, oldest first; see [`Journal::turn`].
    pasts: VecDeque<Past>,
    /// How many requests had asked for an identity when the last one came here.
    asked: u64,
    /// Where it is a mirror of a journal that others write too: how far that is known.
    mirrored: Option<i64>,
    /// What others have answered without having told it so far.
    gaps: Vec<Gap>,
    /// What was answered here, as it was asked: others are told without the credentials.
    own: VecDeque<Own>,
    own_bytes: usize,
}

/// A request that was answered here.
#[derive(Debug)]
struct Own {
    id: u64,
    at: Timestamp,
    told: Arc<Told>,
    size: usize,
}

/// What a journal that others write too may lack: requests that only read, which a replica has
/// answered and not told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    /// The replica.
    pub replica: Arc<str>,
    /// It answered them no earlier than that, in real time.
    pub from: Timestamp,
    /// And no later.
    pub until: Timestamp,
}

/// Vendors as they were.
#[derive(Debug)]
struct Past {
    /// For requests up to this one.
    until: u64,
    plans: Arc<[Arc<Plan>]>,
}

/// What made room for something new; to be dropped where nobody waits.
#[derive(Debug, Default)]
#[must_use]
pub struct Evicted {
    entry: Option<Entry>,
    commit: Option<Commit>,
    more_entries: Vec<Entry>,
    more_commits: Vec<Commit>,
}

/// A step back.
#[derive(Debug)]
pub enum Undo {
    /// A change that was made.
    Change(Change),
    /// A request that was counted by a vendor.
    Counted(usize, Counted),
}

/// Why a session cannot be rewound to before a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CannotRewind {
    /// There was no such request yet.
    Unknown {
        /// The id of the last one.
        last: u64,
    },
    /// There was, but the journal no longer has it, or not all that changed since.
    Gone {
        /// The oldest one before which the session can be brought back, if there is one.
        oldest: Option<u64>,
    },
}

impl fmt::Display for CannotRewind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown { last: 0 } => f.write_str("there has been no request yet"),
            Self::Unknown { last } => write!(f, "there are requests 1 to {last}"),
            Self::Gone { oldest } => {
                f.write_str("the journal no longer has it, or not all that changed since")?;
                match oldest {
                    Some(oldest) => write!(f, "; it goes back to before request {oldest}"),
                    None => Ok(()),
                }
            }
        }
    }
}

impl Journal {
    /// Adds a request, with what it changed if it did. To be called while its session's state is
    /// held. `sessions` share the bytes that all journals may take, each having at least 256 KiB.
    /// Gives the request's id, and the session's version.
    pub fn push(
        &self,
        told: Arc<Told>,
        counted: Option<Counted>,
        change: Option<Change>,
        sessions: usize,
    ) -> (u64, u64, Evicted) {
        let budget = budget(sessions);
        let size = told.size();
        let change = change.map(|change| (change.size(), change));
        let mut log = self.log.lock();
        log.budget = budget;
        let before = log.version;
        if let Some((size, change)) = change {
            log.commit(change, size);
        }
        let asked = std::mem::replace(&mut log.asked, self.asked.count());
        log.last_id += 1;
        let (id, after) = (log.last_id, log.version);
        log.entry_bytes += size;
        let mirrored = None;
        log.entries.push_back(Entry { id, told, before, after, counted, asked, mirrored, size });
        (id, after, log.evict())
    }

    /// A journal that has forgotten all so far: versions and ids go on from those. It is a mirror
    /// where others write it too.
    pub fn after(version: u64, last_id: u64, is_mirror: bool) -> Self {
        let mirrored = is_mirror.then_some(0);
        let log = Log { version, last_id, floor: version, mirrored, ..Log::default() };
        Self { log: Mutex::new(log), asked: Asked::default() }
    }

    /// How many requests have asked for an identity.
    pub(super) fn asked(&self) -> &Asked {
        &self.asked
    }

    /// The session's version, and the id of its last request.
    pub fn now(&self) -> (u64, u64) {
        let log = self.log.lock();
        (log.version, log.last_id)
    }

    /// Takes out all that came after a version, without giving the steps back.
    pub fn forget_after(&self, version: u64) -> impl Sized + use<> {
        let mut log = self.log.lock();
        let mut gone = (Vec::new(), Vec::new());
        while let Some(entry) = log.entries.pop_back_if(|entry| entry.after > version) {
            log.entry_bytes -= entry.size;
            log.last_id = entry.id - 1;
            gone.0.push(entry);
        }
        while let Some(commit) = log.commits.pop_back_if(|commit| commit.version > version) {
            log.commit_bytes -= commit.size;
            gone.1.push(commit);
        }
        if log.floor > version {
            // What could be gone back to is no more.
            log.floor = log.version + 1;
        }
        log.version += 1;
        gone
    }

    /// Goes on from a version and an id that were made elsewhere. What was changed before cannot
    /// be taken back here: something else stands on it.
    pub(super) fn follow(&self, version: u64, last_id: u64) -> impl Sized + use<> {
        let mut log = self.log.lock();
        log.version = log.version.max(version);
        log.last_id = log.last_id.max(last_id);
        log.floor = log.version;
        log.commit_bytes = 0;
        std::mem::take(&mut log.commits)
    }

    /// Adds what was changed by no request. To be called while the session's state is held.
    pub fn commit(&self, change: Change) -> Evicted {
        let size = change.size();
        let mut log = self.log.lock();
        log.commit(change, size);
        log.evict()
    }

    /// The requests, oldest first. Those from before `turn` have the vendors with them.
    pub fn entries(&self) -> Vec<Listed> {
        let log = self.log.lock();
        let mut pasts = log.pasts.iter().peekable();
        let listed = log.entries.iter().map(|entry| {
            while pasts.next_if(|past| past.until < entry.id).is_some() {}
            Listed::new(entry, pasts.peek().map(|past| past.plans.clone()))
        });
        listed.collect()
    }

    /// A request, with what it changed if that is still known.
    pub fn entry(&self, id: u64) -> Option<(Listed, Arc<Effect>)> {
        let log = self.log.lock();
        let at = log.entries.binary_search_by_key(&id, |entry| entry.id).ok()?;
        let entry = log.entries.get(at)?;
        let past = log.pasts.iter().find(|past| id <= past.until);
        let listed = Listed::new(entry, past.map(|past| past.plans.clone()));
        if let Some(mirrored) = &entry.mirrored {
            return Some((listed, mirrored.effect.clone()));
        }
        let effect = if entry.after == entry.before {
            Effect::Nothing
        } else {
            let commit = log.commits.binary_search_by_key(&entry.after, |commit| commit.version);
            match commit.ok().and_then(|at| log.commits.get(at)).map(|commit| &commit.change) {
                Some(Change::Account(vendor, change)) => Effect::of(*vendor, change),
                _ => Effect::Forgotten,
            }
        };
        Some((listed, Arc::new(effect)))
    }

    /// Notes that requests so far were of those vendors, in place of which come others. What was
    /// changed so far cannot be taken back any more.
    pub(super) fn turn(&self, plans: Arc<[Arc<Plan>]>) -> impl Sized + use<> {
        let mut log = self.log.lock();
        let until = log.last_id;
        if log
            .entries
            .back()
            .is_some_and(|entry| log.pasts.back().is_none_or(|p| p.until < entry.id))
        {
            log.pasts.push_back(Past { until, plans });
        }
        log.version += 1;
        log.floor = log.version;
        log.commit_bytes = 0;
        std::mem::take(&mut log.commits)
    }

    /// Takes the requests of a vendor out; ids go on, so that `after` stays right.
    pub fn forget(&self, vendor: usize, name: &str) -> Vec<Entry> {
        let mut log = self.log.lock();
        let all = std::mem::take(&mut log.entries);
        let is_its = |entry: &Entry| match log.pasts.iter().find(|past| entry.id <= past.until) {
            None => entry.told.vendor == Some(vendor),
            Some(past) => {
                let plan = entry.told.vendor.and_then(|vendor| past.plans.get(vendor));
                plan.is_some_and(|plan| &*plan.service.vendor == name)
            }
        };
        let (gone, kept): (Vec<_>, Vec<_>) = all.into_iter().partition(is_its);
        log.entries = kept.into();
        log.entry_bytes -= gone.iter().map(|entry| entry.size).sum::<usize>();
        gone
    }

    /// Forgets all, and gives it to be dropped; ids begin anew.
    pub fn clear(&self) -> impl Sized + use<> {
        let mut log = self.log.lock();
        let version = log.version + 1;
        self.asked.restore(0);
        let mirrored = log.mirrored.map(|_| 0);
        let budget = log.budget;
        let empty = Log { version, floor: version, budget, mirrored, ..Log::default() };
        std::mem::replace(&mut *log, empty)
    }

    /// Takes out that request and all that came after it; gives the steps back to how the session
    /// was before, in the order in which they are to be done.
    pub fn rewind(&self, id: u64) -> Result<Vec<Undo>, CannotRewind> {
        let mut log = self.log.lock();
        if id == 0 || id > log.last_id {
            return Err(CannotRewind::Unknown { last: log.last_id });
        }
        let target = log.entries.binary_search_by_key(&id, |entry| entry.id).ok();
        let target = target.and_then(|at| log.entries.get(at)).map(|entry| entry.before);
        let Some(target) = target.filter(|before| *before >= log.floor) else {
            let oldest = log.entries.iter().find(|entry| entry.before >= log.floor);
            return Err(CannotRewind::Gone { oldest: oldest.map(|entry| entry.id) });
        };
        let mut steps = Vec::new();
        let mut asked = log.asked;
        loop {
            let committed = log.commits.back().map_or(0, |commit| commit.version);
            if let Some(entry) = log.entries.pop_back_if(|e| e.id >= id && e.after >= committed) {
                log.entry_bytes -= entry.size;
                asked = asked.min(entry.asked);
                let counted = entry.told.vendor.zip(entry.counted);
                steps.extend(counted.map(|(vendor, counted)| Undo::Counted(vendor, counted)));
            } else if let Some(commit) = log.commits.pop_back_if(|c| c.version > target) {
                log.commit_bytes -= commit.size;
                let mut change = commit.change;
                if let Change::Reset { forgotten, .. } = &mut change {
                    log.remember(std::mem::take(forgotten));
                }
                steps.push(Undo::Change(change));
            } else {
                break;
            }
        }
        log.last_id = id - 1;
        log.version += 1;
        // All that stays had asked by then, so none of the ids that come again is one of theirs.
        log.asked = asked;
        self.asked.restore(asked);
        Ok(steps)
    }
}

impl Log {
    fn commit(&mut self, change: Change, size: usize) {
        self.version += 1;
        if self.mirrored.is_some() {
            // What is gone back to is asked of who keeps all of it.
            self.floor = self.version;
            return;
        }
        self.commit_bytes += size;
        self.commits.push_back(Commit { version: self.version, change, size });
    }

    /// Puts requests back among the others.
    fn remember(&mut self, forgotten: Vec<Entry>) {
        self.entry_bytes += forgotten.iter().map(|entry| entry.size).sum::<usize>();
        self.entries.extend(forgotten);
        self.entries.make_contiguous().sort_by_key(|entry| entry.id);
    }

    fn evict(&mut self) -> Evicted {
        let mut evicted = Evicted::default();
        // Requests are what people look for, so what they changed goes first.
        while self.commit_bytes > self.budget / 2 {
            evicted.commit(self.pop_commit());
        }
        // The newest request can be read whatever its size.
        while self.entries.len() > MOST_ENTRIES
            || (self.entry_bytes + self.commit_bytes > self.budget && self.entries.len() > 1)
        {
            let Some(entry) = self.entries.pop_front() else { break };
            self.entry_bytes -= entry.size;
            evicted.entry(entry);
        }
        let oldest = self.entries.front().map_or(u64::MAX, |entry| entry.id);
        while self.pasts.pop_front_if(|past| past.until < oldest).is_some() {}
        // What was before the oldest request is of no use any more.
        let oldest = self.entries.front().map_or(self.version, |entry| entry.before);
        while self.commits.front().is_some_and(|commit| commit.version <= oldest) {
            evicted.commit(self.pop_commit());
        }
        evicted
    }

    fn pop_commit(&mut self) -> Option<Commit> {
        let commit = self.commits.pop_front()?;
        self.commit_bytes -= commit.size;
        self.floor = commit.version;
        Some(commit)
    }
}

impl Evicted {
    // One makes room for one almost always, for which nothing is allocated.
    fn entry(&mut self, entry: Entry) {
        self.more_entries.extend(self.entry.replace(entry));
    }

    fn commit(&mut self, commit: Option<Commit>) {
        if let Some(commit) = commit {
            self.more_commits.extend(self.commit.replace(commit));
        }
    }
}
