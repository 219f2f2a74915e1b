//! Sessions: states of their own on one port.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use parking_lot::{Mutex, RwLock};

use super::account::Account;
use super::journal::Journal;
use crate::clock::Clock;
use crate::plan::Plan;

/// A session that was used so lately does not make room for another.
const STILL_IN_USE: Duration = Duration::from_secs(10);

/// A state of all vendors, with a clock and a journal.
#[derive(Debug)]
pub struct Session {
    /// Its name; the default session has none.
    pub name: Arc<str>,
    /// Its time.
    pub clock: Clock,
    /// Its vendors, by position of the plan.
    accounts: RwLock<Vec<Arc<Account>>>,
    /// What was asked and answered.
    pub journal: Journal,
    used: Mutex<Instant>,
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
    fn new(name: Arc<str>, plans: &[Arc<Plan>], start: &Start) -> Arc<Self> {
        let clock = Clock::new(start.clock, start.frozen);
        let accounts = plans.iter().map(|plan| Arc::new(Account::new(plan, start.seed, &clock)));
        Arc::new(Self {
            name,
            accounts: RwLock::new(accounts.collect()),
            clock,
            journal: Journal::default(),
            used: Mutex::new(Instant::now()),
        })
    }

    /// The account at a vendor.
    pub fn account(&self, vendor: usize) -> Option<Arc<Account>> {
        self.accounts.read().get(vendor).cloned()
    }

    fn reset_account(&self, vendor: usize, plan: &Plan, start: &Start) {
        self.set_account(vendor, Account::new(plan, start.seed, &self.clock));
    }

    /// Puts another account in the place of the one at a vendor.
    pub(super) fn set_account(&self, vendor: usize, fresh: Account) {
        if let Some(account) = self.accounts.write().get_mut(vendor) {
            *account = Arc::new(fresh);
        }
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
    /// Where there are as many as there can be, the one that was not used for longest makes room.
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
            let longest = named.values().max_by_key(|session| session.used.lock().elapsed());
            let unused = longest.filter(|session| session.used.lock().elapsed() > STILL_IN_USE);
            let name = unused.map(|session| session.name.clone())?;
            named.remove(&name);
        }
        let name: Arc<str> = name.into();
        let session = Session::new(name.clone(), &self.plans, &self.start);
        named.insert(name, session.clone());
        Some(session)
    }

    /// How many there are, the default one included.
    pub fn count(&self) -> usize {
        self.named.read().len() + 1
    }

    /// Brings a session back to how it started: one vendor, or all of it.
    pub fn reset(&self, session: &Session, vendor: Option<usize>) {
        match vendor {
            Some(vendor) => {
                if let Some(plan) = self.plans.get(vendor) {
                    session.reset_account(vendor, plan, &self.start);
                    session.journal.clear(Some(vendor));
                }
            }
            None => {
                session.clock.reset();
                for (vendor, plan) in self.plans.iter().enumerate() {
                    session.reset_account(vendor, plan, &self.start);
                }
                session.journal.clear(None);
            }
        }
    }

    /// Drops sessions that nobody used for long.
    pub fn drop_idle(&self) {
        let idle = self.start.idle;
        let mut named = self.named.write();
        named.retain(|_, session| session.used.lock().elapsed() < idle);
    }
}
