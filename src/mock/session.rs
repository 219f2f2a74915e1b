//! Sessions: states of their own on one port.

mod faults;
mod follow;
mod reset;
mod shared;
mod upcoming;

use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use parking_lot::{Mutex, RwLock, RwLockReadGuard};
use tokio::sync::Notify;

use super::account::{self, Account};
use super::alone::{Alone, Upcoming};
use super::commit::Change;
use super::durable::{Durable, Now, Rewound};
use super::entry::Told;
use super::exercised::Exercised;
use super::faults::Faults;
use super::identity::Identity;
use super::image;
use super::journal::{CannotRewind, Evicted, Journal, Undo};
use super::moved::Move;
use super::remembered::State;
use super::waiting::Waiting;
use super::windows::Counted;
use crate::clock::Clock;
use crate::ledger::{Book, Drafts, Made, StoredSession};
use crate::model::{OperationId, RuleId, Transition};
use crate::plan::Plan;
use crate::random::random_seed;
use crate::worker::may_wait;
use shared::Past;

/// How long one may wait for a session on a thread that others wait for. Most requests take less.
const PATIENCE: Duration = Duration::from_micros(200);

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
    /// When something happens by itself.
    due: Upcoming,
    /// Those whose requests are held in it.
    waiting: Waiting,
    /// Held by who runs what is due, so that its order and its end are those of one.
    running: Mutex<()>,
    /// Held by who sends messages, and taken before `running`.
    sending: Mutex<()>,
    /// What was asked and answered.
    pub journal: Journal,
    /// Which transitions were made; a reset does not forget them.
    pub exercised: Exercised,
    /// What goes wrong because somebody wants to see it.
    pub faults: Faults,
    used: Mutex<Instant>,
    /// Where it is written down, if it is.
    kept: Option<Durable>,
    /// Another one in each process that serves it, where another may have served it before, or
    /// may do so beside.
    process: Option<u64>,
    /// What it is to go back to, found by who keeps all that happened.
    past: Mutex<Option<Past>>,
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

impl Session {
    /// A session as all of them start; it is written down where there is a book.
    pub(super) fn new(
        name: Arc<str>,
        plans: &Arc<[Arc<Plan>]>,
        start: &Start,
        book: Option<&Arc<dyn Book>>,
        news: &Arc<Notify>,
    ) -> Arc<Self> {
        let clock = Clock::new(start.clock, start.frozen);
        let accounts = plans.iter().map(|_| OnceLock::new()).collect();
        let (began, seed) = (clock.now(), start.seed);
        let state = State { plans: plans.clone(), accounts, began, seed };
        let kept = book.map(|book| Durable::known(book.clone(), book.number()));
        let session = Self::of(name, state, clock, Journal::default(), kept, news);
        if let Some(kept) = &session.kept {
            kept.make(session.as_made(&session.state.read()));
        }
        Arc::new(session)
    }

    /// A session that was written down under that number.
    pub(super) fn restored(
        plans: &Arc<[Arc<Plan>]>,
        book: &Arc<dyn Book>,
        number: u64,
        stored: &StoredSession,
        news: &Arc<Notify>,
    ) -> Arc<Self> {
        let Made { name, seed, began, start, frozen, clock: setting } = &stored.made;
        let clock = Clock::new(*start, *frozen);
        clock.put_back(*setting);
        let accounts = State::restore(plans, *began, stored);
        let state = State { plans: plans.clone(), accounts, began: *began, seed: *seed };
        let kept = Durable::known(book.clone(), number);
        let journal = Journal::after(stored.version, stored.last_id, kept.is_shared());
        let session = Self::of(name.clone(), state, clock, journal, Some(kept), news);
        session.faults.put_back(*seed, &stored.faults);
        session.exercised_before(stored);
        Arc::new(session)
    }

    fn of(
        name: Arc<str>,
        state: State,
        clock: Clock,
        journal: Journal,
        kept: Option<Durable>,
        news: &Arc<Notify>,
    ) -> Self {
        let due = Upcoming::new(news);
        due.note(&state);
        Self {
            name,
            due,
            waiting: Waiting::default(),
            running: Mutex::new(()),
            sending: Mutex::new(()),
            faults: Faults::new(state.seed),
            state: RwLock::new(state),
            clock,
            journal,
            exercised: Exercised::default(),
            used: Mutex::new(Instant::now()),
            process: kept.as_ref().map(|_| random_seed()),
            past: Mutex::default(),
            kept,
        }
    }

    /// Notes that it has been seen as it is now.
    pub fn seen(&self) {
        if let Some(kept) = &self.kept {
            kept.seen();
        }
    }

    /// Where it is written down, if it is.
    pub(super) fn kept(&self) -> Option<&Durable> {
        self.kept.as_ref()
    }

    /// Writes down what nobody has waited for.
    pub(super) fn end(&self) {
        let state = self.alone();
        if let Some(kept) = &self.kept {
            kept.end(self.now());
        }
        drop(state);
    }

    fn now(&self) -> Now {
        let (version, last_id) = self.journal.now();
        Now { version, last_id }
    }

    /// Brings it back to what was written down, where something could not be.
    pub(super) fn take_back(&self, stored: &StoredSession) {
        let mut state = self.alone();
        let accounts = State::restore(&state.plans, stored.made.began, stored);
        let old = std::mem::replace(&mut state.accounts, accounts);
        state.began = stored.made.began;
        state.seed = stored.made.seed;
        self.clock.put_back(stored.made.clock);
        self.faults.put_back(state.seed, &stored.faults);
        let gone = self.journal.forget_after(stored.version);
        if let Some(kept) = &self.kept {
            kept.is_back();
        }
        drop(state);
        self.exercised_before(stored);
        self.due.wake();
        drop((old, gone));
    }

    /// It is used now.
    pub(super) fn touch(&self) {
        *self.used.lock() = Instant::now();
    }

    /// For how long it was not used.
    pub(super) fn unused(&self) -> Duration {
        match self.waiting.is_any() {
            true => Duration::ZERO,
            false => self.used.lock().elapsed(),
        }
    }

    /// Those whose requests are held in it.
    pub fn waiting(&self) -> &Waiting {
        &self.waiting
    }

    /// Its time.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Makes it anew, since that it was made could not be written down.
    pub(super) fn make_again(&self) {
        let mut state = self.alone();
        let fresh = state.accounts.iter().map(|_| OnceLock::new()).collect();
        let old = std::mem::replace(&mut state.accounts, fresh);
        let gone = self.journal.forget_after(0);
        if let Some(kept) = &self.kept {
            kept.is_back();
            kept.make(self.as_made(&state));
        }
        drop(state);
        drop((old, gone));
    }

    fn as_made(&self, state: &State) -> Made {
        let (start, frozen) = self.clock.start();
        let State { began, seed, .. } = *state;
        Made { name: self.name.clone(), seed, began, start, frozen, clock: self.clock.setting() }
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
        let state = soon.unwrap_or_else(|| may_wait(|| self.state.read()));
        self.seen();
        state
    }

    /// Waits until nobody else uses the session, as [`Self::shared`] does.
    fn alone(&self) -> Alone<'_> {
        let soon = self.state.try_write_for(PATIENCE);
        let state = soon.unwrap_or_else(|| may_wait(|| self.state.write()));
        self.seen();
        Alone::new(state, &self.due, &self.waiting)
    }

    /// Holds the account at a vendor alone. What `act` changes, it has to put into the journal.
    pub(super) fn hold<T>(&self, vendor: usize, act: impl FnOnce(&mut Account) -> T) -> Option<T> {
        // What comes of it is told when it is put into the journal.
        let mut state = self.alone().quietly();
        self.begin(&mut state, vendor);
        state.account_mut(vendor).map(act)
    }

    /// Writes down how an account is before it is changed for the first time.
    fn begin(&self, state: &mut State, vendor: usize) {
        let Some(kept) = &self.kept else { return };
        let plan = state.plans.get(vendor).cloned();
        if let Some((plan, account)) = plan.zip(state.account_mut(vendor)) {
            kept.begin(&plan, account, self.now());
        }
    }

    /// What a request to a vendor is known by, where its spec looks at it. To be called while the
    /// state is held.
    pub(super) fn identity(&self, plan: &Plan, seed: u64) -> Option<Identity> {
        let looks = plan.names.identify();
        looks.then(|| Identity::new(seed, self.process, self.journal.asked().next()))
    }

    /// Puts a request into the journal, with what it changed if it did, and writes that down. To
    /// be called while the state is held. `sessions` share the bytes that all journals may take.
    /// Gives the request's id.
    pub(super) fn push(
        &self,
        plans: &[Arc<Plan>],
        told: Arc<Told>,
        counted: Option<Counted>,
        change: Option<account::Change>,
        sessions: usize,
    ) -> (u64, Evicted) {
        let vendor = told.vendor;
        if change.is_some() {
            self.waiting.tell();
        }
        // Before what it does itself is told.
        let noting = self.is_shared().then(Drafts::so_far);
        let plan = vendor.and_then(|vendor| plans.get(vendor));
        let kept = self.kept.as_ref().zip(plan);
        let mut image = None;
        if let Some((kept, plan)) = kept {
            image = change.as_ref().map(|change| image::changed(plan, change));
            // With a change they are written down in one piece.
            for (_, count) in counted.iter().flat_map(|counted| &counted.0) {
                match &mut image {
                    Some(image) => image.counts.push(count.image()),
                    None => kept.count(plan, count),
                }
            }
        }
        let change = vendor.zip(change);
        let (last_id, version, evicted) = match noting {
            Some(before) => self.note_answer(told, change, before),
            None => {
                let change = change.map(|(vendor, change)| Change::Account(vendor, change));
                self.journal.push(told, counted, change, sessions)
            }
        };
        if let Some(((kept, plan), image)) = kept.zip(image) {
            kept.commit(Now { version, last_id }, plan, image);
        }
        (last_id, evicted)
    }

    /// Changes the account at a vendor. Gives `None` when there is no such vendor.
    pub fn change<T, E>(
        &self,
        vendor: usize,
        change: impl FnOnce(&mut Account) -> Result<(T, account::Change), E>,
    ) -> Option<Result<T, E>> {
        let mut state = self.alone();
        self.begin(&mut state, vendor);
        let (value, change) = match change(state.account_mut(vendor)?) {
            Ok(changed) => changed,
            Err(refused) => return Some(Err(refused)),
        };
        let kept = self.kept.as_ref().zip(state.plans.get(vendor)).filter(|_| !change.is_empty());
        let image = kept.map(|(_, plan)| image::changed(plan, &change));
        let evicted =
            (!change.is_empty()).then(|| self.journal.commit(Change::Account(vendor, change)));
        if let Some(((kept, plan), image)) = kept.zip(image) {
            kept.commit(self.now(), plan, image);
        }
        drop(state);
        // What made room in the journal is dropped here, where nobody waits for the account.
        drop(evicted);
        Some(Ok(value))
    }

    /// Changes the clock.
    pub fn change_clock<T>(&self, change: impl FnOnce(&Clock) -> T) -> T {
        let state = self.alone();
        let before = self.clock.setting();
        let value = change(&self.clock);
        let after = self.clock.setting();
        let evicted =
            (before != after).then(|| self.journal.commit(Change::Clock { before, after }));
        if let Some(kept) = self.kept.as_ref().filter(|_| before != after) {
            kept.clock(self.now(), &self.clock);
        }
        drop(state);
        self.due.wake();
        drop(evicted);
        value
    }

    /// Brings the session back to how it was before a request: state, settings, generated values,
    /// outbox, counts of the rate limit, clock and journal, for all vendors.
    pub fn rewind(&self, before: u64) -> Result<(), CannotRewind> {
        if self.is_shared() {
            return self.go_back(before);
        }
        let mut state = self.alone();
        let mut gone = Vec::new();
        let mut rewound = self.kept.as_ref().map(|_| Rewound::new());
        for undo in self.journal.rewind(before)? {
            if let Some(rewound) = &mut rewound {
                rewound.step(&state.plans, &undo);
            }
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
        if let Some((kept, rewound)) = self.kept.as_ref().zip(rewound) {
            let account = |vendor| state.accounts.get(vendor).and_then(OnceLock::get);
            rewound.write(kept, self.now(), &state.plans, account);
        }
        drop(state);
        self.due.wake();
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
    pub(super) fn adopt(&self, plans: &Arc<[Arc<Plan>]>) -> Vec<Lost> {
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
                let written = account.written;
                let (mut account, gone) =
                    Move { from, to: plan, seed, began, now }.account(account);
                account.written = written;
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
        if let Some(kept) = &self.kept {
            kept.whole(self.now(), state.written());
        }
        drop(state);
        drop((old, forgotten));
        lost
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
