//! Sessions: states of their own on one port.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use parking_lot::{Mutex, RwLock};

use super::account::Account;
use super::exercised::Exercised;
use super::journal::Journal;
use crate::clock::Clock;
use crate::plan::Plan;

/// A session that was used so lately does not make room for another. Many more requests than a
/// machine can answer in that time would have to come before one in use is the oldest of many.
const STILL_IN_USE: Duration = Duration::from_secs(2);
/// The part of the sessions that makes room at once, so that not each new one looks at them all.
const SHARE: usize = 16;

/// A state of all vendors, with a clock and a journal.
#[derive(Debug)]
pub struct Session {
    /// Its name; the default session has none.
    pub name: Arc<str>,
    /// Its time.
    pub clock: Clock,
    /// Its vendors, by position of the plan; what nobody asked for is not made.
    accounts: Vec<RwLock<Option<Arc<Account>>>>,
    plans: Arc<[Arc<Plan>]>,
    /// What accounts that nobody asked for yet are made from.
    began: Mutex<Beginning>,
    /// What was asked and answered.
    pub journal: Journal,
    /// Which transitions were made; a reset does not forget them.
    pub exercised: Exercised,
    used: Mutex<Instant>,
}

/// What a session's fixtures and generated values are made from.
#[derive(Debug, Clone, Copy)]
struct Beginning {
    /// When they came to be.
    now: Timestamp,
    seed: u64,
}

/// What sessions start with.
#[derive(Debug, Clone)]
pub struct Start {
    /// Makes generated values the same for the same requests.
    pub seed: u64,
    /// Where clocks start; none: at the real time.
    pub clock: Option<Timestamp>,
    /// Clocks stand still.
    pub frozen: bool,
    /// The most named sessions there can be.
    pub most_sessions: usize,
    /// How long an unused session is kept.
    pub idle: Duration,
}

/// The sessions of a mock.
#[derive(Debug)]
pub struct Sessions {
    plans: Arc<[Arc<Plan>]>,
    start: Start,
    default: Arc<Session>,
    named: RwLock<HashMap<Arc<str>, Arc<Session>>>,
}

impl Session {
    fn new(name: Arc<str>, plans: &Arc<[Arc<Plan>]>, start: &Start) -> Arc<Self> {
        let clock = Clock::new(start.clock, start.frozen);
        Arc::new(Self {
            name,
            accounts: plans.iter().map(|_| RwLock::default()).collect(),
            plans: plans.clone(),
            began: Mutex::new(Beginning { now: clock.now(), seed: start.seed }),
            clock,
            journal: Journal::default(),
            exercised: Exercised::default(),
            used: Mutex::new(Instant::now()),
        })
    }

    fn unused(&self) -> Duration {
        self.used.lock().elapsed()
    }

    /// The account at a vendor, made of its fixtures on first use.
    pub fn account(&self, vendor: usize) -> Option<Arc<Account>> {
        let place = self.accounts.get(vendor)?;
        if let Some(account) = &*place.read() {
            return Some(account.clone());
        }
        let plan = self.plans.get(vendor)?;
        let mut place = place.write();
        let Beginning { now, seed } = *self.began.lock();
        let fresh = || Arc::new(Account::new(plan, seed, now));
        Some(place.get_or_insert_with(fresh).clone())
    }

    /// Puts another account in the place of the one at a vendor.
    pub(super) fn set_account(&self, vendor: usize, fresh: Account) {
        if let Some(place) = self.accounts.get(vendor) {
            *place.write() = Some(Arc::new(fresh));
        }
    }

    /// Brings one vendor back to its fixtures, as of now.
    fn reset_vendor(&self, vendor: usize, seed: u64) {
        if let Some(plan) = self.plans.get(vendor) {
            self.set_account(vendor, Account::new(plan, seed, self.clock.now()));
            self.journal.clear(Some(vendor));
        }
    }

    /// Brings all of it back to how it started.
    fn reset(&self, seed: u64) {
        self.clock.reset();
        *self.began.lock() = Beginning { now: self.clock.now(), seed };
        for place in &self.accounts {
            *place.write() = None;
        }
        self.journal.clear(None);
    }
}

impl Sessions {
    /// The sessions of a mock that serves those plans.
    pub fn new(plans: Arc<[Arc<Plan>]>, start: Start) -> Self {
        let default = Session::new("".into(), &plans, &start);
        Self { plans, start, default, named: RwLock::default() }
    }

    /// The session of that name, made on first use; the empty name is the default session.
    ///
    /// Where there are as many as there can be, those that were not used for longest make room.
    /// Gives `None` when all are in use.
    pub fn get(&self, name: &str) -> Option<Arc<Session>> {
        if name.is_empty() {
            return Some(self.default.clone());
        }
        if let Some(session) = self.named.read().get(name) {
            *session.used.lock() = Instant::now();
            return Some(session.clone());
        }
        let mut named = self.named.write();
        if let Some(session) = named.get(name) {
            return Some(session.clone());
        }
        if named.len() >= self.start.most_sessions {
            make_room(&mut named);
        }
        if named.len() >= self.start.most_sessions {
            return None;
        }
        let name: Arc<str> = name.into();
        let session = Session::new(name.clone(), &self.plans, &self.start);
        named.insert(name, session.clone());
        Some(session)
    }

    /// The named ones by name, and for how long each was not used.
    pub fn unused(&self) -> Vec<(Arc<str>, Duration)> {
        let named = self.named.read();
        let unused = named.values().map(|session| (session.name.clone(), session.unused()));
        let mut unused: Vec<_> = unused.collect();
        unused.sort_unstable();
        unused
    }

    /// Drops those; gives how many of them there were.
    pub fn drop_named(&self, names: &[&str]) -> usize {
        let mut all = self.named.write();
        names.iter().filter(|name| all.remove(**name).is_some()).count()
    }

    /// How many there are, the default one included.
    pub fn count(&self) -> usize {
        self.named.read().len() + 1
    }

    /// Brings a session back to how it started: one vendor, or all of it. Values are generated
    /// from the seed, or without one from that of all sessions.
    pub fn reset(&self, session: &Session, vendor: Option<usize>, seed: Option<u64>) {
        let seed = seed.unwrap_or(self.start.seed);
        match vendor {
            Some(vendor) => session.reset_vendor(vendor, seed),
            None => session.reset(seed),
        }
    }

    /// Drops sessions that nobody used for long.
    pub fn drop_idle(&self) {
        let idle = self.start.idle;
        let mut named = self.named.write();
        named.retain(|_, session| session.unused() < idle);
    }
}

/// Drops the sessions that were not used for longest.
fn make_room(named: &mut HashMap<Arc<str>, Arc<Session>>) {
    let mut unused: Vec<(Duration, Arc<str>)> = named
        .values()
        .map(|session| (session.unused(), session.name.clone()))
        .filter(|(unused, _)| *unused > STILL_IN_USE)
        .collect();
    unused.sort_unstable_by_key(|(unused, _)| std::cmp::Reverse(*unused));
    for (_, name) in unused.into_iter().take(named.len().div_ceil(SHARE)) {
        named.remove(&name);
    }
}
