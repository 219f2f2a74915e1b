//! Sessions: states of their own on one port.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use parking_lot::{Mutex, RwLock, RwLockReadGuard, RwLockWriteGuard};

use super::account::{self, Account};
use super::commit::Change;
use super::exercised::Exercised;
use super::faults::Faults;
use super::journal::{CannotRewind, Journal, Undo};
use super::moved::Move;
use crate::clock::Clock;
use crate::model::{OperationId, RuleId, Transition};
use crate::plan::Plan;
use crate::worker::may_wait;

/// A session that was used so lately does not make room for another. Many more requests than a
/// machine can answer in that time would have to come before one in use is the oldest of many.
const STILL_IN_USE: Duration = Duration::from_secs(2);
/// How long one may wait for a session on a thread that others wait for. Most requests take less.
const PATIENCE: Duration = Duration::from_micros(200);
/// The part of the sessions that makes room at once, so that not each new one looks at them all.
const SHARE: usize = 16;

/// A state of all vendors, with a clock and a journal.
///
/// Who only looks at the state holds it beside others who do, who changes it holds it alone, and
/// what came of it is put into the journal before it is let go.
#[derive(Debug)]
pub struct Session {
    /// Its name; the default session has none.
    pub name: Arc<str>,
    /// Its time; it is changed only while the state is held alone.
    clock: Clock,
    state: RwLock<State>,
    /// What was asked and answered.
    pub journal: Journal,
    /// Which transitions were made; a reset does not forget them.
    pub exercised: Exercised,
    /// What goes wrong because somebody wants to see it.
    pub faults: Faults,
    used: Mutex<Instant>,
}

#[derive(Debug)]
struct State {
    plans: Arc<[Arc<Plan>]>,
    /// The vendors, by position of the plan; what nobody asked for is not made.
    accounts: Vec<OnceLock<Account>>,
    /// When fixtures of accounts that nobody asked for yet came to be.
    began: Timestamp,
    /// What their generated values are made from.
    seed: u64,
}

impl State {
    /// The account at a vendor, made of its fixtures on first use.
    fn account(&self, vendor: usize) -> Option<&Account> {
        let plan = self.plans.get(vendor)?;
        let place = self.accounts.get(vendor)?;
        Some(place.get_or_init(|| Account::new(plan, self.seed, self.began)))
    }

    fn account_mut(&mut self, vendor: usize) -> Option<&mut Account> {
        self.account(vendor)?;
        self.accounts.get_mut(vendor)?.get_mut()
    }

    /// Puts another account, or none, in the place of the one at a vendor; gives that.
    fn put(&mut self, vendor: usize, account: Option<Account>) -> Option<Account> {
        let place = self.accounts.get_mut(vendor)?;
        let fresh = account.map_or_else(OnceLock::new, OnceLock::from);
        std::mem::replace(place, fresh).into_inner()
    }
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
    plans: RwLock<Arc<[Arc<Plan>]>>,
    start: Start,
    default: Arc<Session>,
    named: RwLock<HashMap<Arc<str>, Arc<Session>>>,
}

impl Session {
    fn new(name: Arc<str>, plans: &Arc<[Arc<Plan>]>, start: &Start) -> Arc<Self> {
        let clock = Clock::new(start.clock, start.frozen);
        Arc::new(Self {
            name,
            state: RwLock::new(State {
                plans: plans.clone(),
                accounts: plans.iter().map(|_| OnceLock::new()).collect(),
                began: clock.now(),
                seed: start.seed,
            }),
            clock,
            journal: Journal::default(),
            exercised: Exercised::default(),
            faults: Faults::new(start.seed),
            used: Mutex::new(Instant::now()),
        })
    }

    fn unused(&self) -> Duration {
        self.used.lock().elapsed()
    }

    /// Its time.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Looks at the account at a vendor, beside others who do. Gives `None` when there is no such
    /// vendor.
    pub fn read<T>(&self, vendor: usize, look: impl FnOnce(&Account) -> T) -> Option<T> {
        self.shared().account(vendor).map(look)
    }

    /// Waits until nobody changes the session. Where that takes long, those that wait for this
    /// thread get another one.
    fn shared(&self) -> RwLockReadGuard<'_, State> {
        let soon = self.state.try_read_for(PATIENCE);
        soon.unwrap_or_else(|| may_wait(|| self.state.read()))
    }

    /// Waits until nobody else uses the session, as [`Self::shared`] does.
    fn alone(&self) -> RwLockWriteGuard<'_, State> {
        let soon = self.state.try_write_for(PATIENCE);
        soon.unwrap_or_else(|| may_wait(|| self.state.write()))
    }

    /// Holds the account at a vendor alone. What `act` changes, it has to put into the journal.
    pub(super) fn hold<T>(&self, vendor: usize, act: impl FnOnce(&mut Account) -> T) -> Option<T> {
        self.alone().account_mut(vendor).map(act)
    }

    /// Changes the account at a vendor. Gives `None` when there is no such vendor.
    pub fn change<T, E>(
        &self,
        vendor: usize,
        change: impl FnOnce(&mut Account) -> Result<(T, account::Change), E>,
    ) -> Option<Result<T, E>> {
        let changed = self.hold(vendor, |account| {
            let (value, change) = change(account)?;
            let evicted =
                (!change.is_empty()).then(|| self.journal.commit(Change::Account(vendor, change)));
            Ok((value, evicted))
        })?;
        // What made room in the journal is dropped here, where nobody waits for the account.
        Some(changed.map(|(value, _evicted)| value))
    }

    /// Changes the clock.
    pub fn change_clock<T>(&self, change: impl FnOnce(&Clock) -> T) -> T {
        let state = self.alone();
        let before = self.clock.setting();
        let value = change(&self.clock);
        let after = self.clock.setting();
        let evicted =
            (before != after).then(|| self.journal.commit(Change::Clock { before, after }));
        drop(state);
        drop(evicted);
        value
    }

    /// Brings the session back to how it was before a request: state, settings, generated values,
    /// outbox, counts of the rate limit, clock and journal, for all vendors.
    pub fn rewind(&self, before: u64) -> Result<(), CannotRewind> {
        let mut state = self.alone();
        let mut gone = Vec::new();
        for undo in self.journal.rewind(before)? {
            match undo {
                Undo::Counted(vendor, counted) => {
                    if let Some(account) = state.account_mut(vendor) {
                        account.windows.take_back(counted);
                    }
                }
                Undo::Change(Change::Account(vendor, change)) => {
                    if let Some(account) = state.account_mut(vendor) {
                        account.revert(change);
                    }
                }
                Undo::Change(Change::Clock { before, .. }) => self.clock.put_back(before),
                Undo::Change(Change::Reset { vendor, before, .. }) => {
                    gone.push(state.put(vendor, before.map(|account| *account)));
                }
            }
        }
        drop(state);
        drop(gone);
        Ok(())
    }

    /// Puts another account in the place of the one at a vendor.
    pub(super) fn set_account(&self, vendor: usize, fresh: Account) {
        let old = self.alone().put(vendor, Some(fresh));
        drop(old);
    }

    /// Goes on with other vendors, or with specs of them that have changed. What fits stays; gives
    /// the collections that do not, each with its vendor and the reason.
    fn adopt(&self, plans: &Arc<[Arc<Plan>]>) -> Vec<Lost> {
        let mut state = self.alone();
        let before = std::mem::replace(&mut state.plans, plans.clone());
        let old = std::mem::take(&mut state.accounts);
        let mut old: Vec<_> = old.into_iter().map(OnceLock::into_inner).collect();
        let mut lost = Vec::new();
        let place = |plan: &Plan| {
            before.iter().position(|other| other.service.vendor == plan.service.vendor)
        };
        for plan in plans.iter() {
            let found = place(plan).and_then(|at| before.get(at).zip(old.get_mut(at)?.take()));
            let moved = found.map(|(from, account)| {
                let (seed, began, now) = (state.seed, state.began, self.clock.now());
                let (account, gone) = Move { from, to: plan, seed, began, now }.account(account);
                lost.extend(gone.into_iter().map(|(collection, reason)| Lost {
                    vendor: plan.service.vendor.clone(),
                    collection,
                    reason,
                }));
                account
            });
            state.accounts.push(moved.map_or_else(OnceLock::new, OnceLock::from));
        }
        self.exercised
            .relocate(|vendor, operation, rule| relocated(&before, plans, vendor, operation, rule));
        let forgotten = self.journal.turn(before);
        drop(state);
        drop((old, forgotten));
        lost
    }

    /// Brings one vendor back to its fixtures, as of now.
    fn reset_vendor(&self, vendor: usize, seed: u64) {
        let mut state = self.alone();
        let Some(plan) = state.plans.get(vendor) else { return };
        let fresh = Account::new(plan, seed, self.clock.now());
        let name = plan.service.vendor.clone();
        let before = state.put(vendor, Some(fresh)).map(Box::new);
        let forgotten = self.journal.forget(vendor, &name);
        let evicted = self.journal.commit(Change::Reset { vendor, before, forgotten });
        drop(state);
        drop(evicted);
    }

    /// Brings all of it back to how it started.
    fn reset(&self, seed: u64) {
        let mut state = self.alone();
        self.clock.reset();
        state.began = self.clock.now();
        state.seed = seed;
        let fresh = state.accounts.iter().map(|_| OnceLock::new()).collect();
        let old = std::mem::replace(&mut state.accounts, fresh);
        let forgotten = self.journal.clear();
        self.faults.reset(seed);
        drop(state);
        drop((old, forgotten));
    }
}

/// A collection whose rows do not fit a spec that has changed: it is as its fixtures are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lost {
    /// Whose.
    pub vendor: Arc<str>,
    /// Which.
    pub collection: Arc<str>,
    /// What does not fit.
    pub reason: String,
}

impl Sessions {
    /// The sessions of a mock that serves those plans.
    pub fn new(plans: Arc<[Arc<Plan>]>, start: Start) -> Self {
        let default = Session::new("".into(), &plans, &start);
        Self { plans: RwLock::new(plans), start, default, named: RwLock::default() }
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
        let session = Session::new(name.clone(), &self.plans.read(), &self.start);
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
        let dropped: Vec<_> = names.iter().filter_map(|name| all.remove(*name)).collect();
        // What they hold is freed while others use theirs.
        drop(all);
        dropped.len()
    }

    /// How many named ones there can be.
    pub fn most(&self) -> usize {
        self.start.most_sessions
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

    /// Lets all of them go on with other vendors, or with specs that have changed; nobody may be
    /// answered meanwhile. Gives the collections that could not be kept, each with its session.
    pub(super) fn adopt(&self, plans: &Arc<[Arc<Plan>]>) -> Vec<(Arc<str>, Lost)> {
        *self.plans.write() = plans.clone();
        let named: Vec<_> = self.named.read().values().cloned().collect();
        let all = std::iter::once(self.default.clone()).chain(named);
        let lost = all.flat_map(|session| {
            let name = session.name.clone();
            session.adopt(plans).into_iter().map(move |lost| (name.clone(), lost))
        });
        lost.collect()
    }

    /// Drops sessions that nobody used for long.
    pub fn drop_idle(&self) {
        let idle = self.start.idle;
        let mut named = self.named.write();
        named.retain(|_, session| session.unused() < idle);
    }
}

/// Where a step is in specs that have changed, told by its name.
fn relocated(
    before: &[Arc<Plan>],
    now: &[Arc<Plan>],
    vendor: usize,
    operation: OperationId,
    rule: RuleId,
) -> Option<(usize, OperationId, RuleId)> {
    let old = before.get(vendor)?;
    let step = |one: &&Transition| one.operation == operation && one.rule == rule;
    let step = old.transitions.iter().find(step)?;
    let vendor = now.iter().position(|plan| plan.service.vendor == old.service.vendor)?;
    let found = now.get(vendor)?.transitions.iter().find(|other| other.name == step.name)?;
    Some((vendor, found.operation, found.rule))
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
