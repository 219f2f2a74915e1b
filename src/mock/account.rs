//! What one vendor remembers in one session.

use std::sync::Arc;

use jiff::Timestamp;

use super::delivery::{Attempt, Ending};
use super::outbox::{Message, Outbox, OutboxChange, Outgoing};
use super::rows::Writer;
use super::schedule::{Due, Schedule, ScheduleChange, Turn};
use super::windows::Windows;
use crate::model::{CollectionId, OperationId};
use crate::plan::Plan;
use crate::plan::value::Scope;
use crate::random::Random;
use crate::state::{Changes, MemoryStore, Store, Transaction};
use crate::value::{Map, Value};

/// A vendor's account: its rows, and all else that changes. Nothing of it changes but by
/// [`Account::begin`] and [`Pending::commit`], and the windows, which count for themselves.
#[derive(Debug)]
pub struct Account {
    /// The rows.
    pub store: Box<dyn Store>,
    /// The settings.
    pub settings: Arc<Map>,
    /// Where random values come from.
    random: Random,
    /// What was sent.
    pub outbox: Outbox,
    /// What is to run later.
    pub schedule: Schedule,
    /// Requests counted for the rate limit.
    pub windows: Windows,
    /// Whether all of it was written down once, where that is done.
    pub(super) written: bool,
}

/// What an account is made of.
pub(super) struct Parts {
    /// The rows.
    pub store: Box<dyn Store>,
    /// The settings.
    pub settings: Arc<Map>,
    /// Where random values come from.
    pub random: Random,
    /// What was sent.
    pub outbox: Outbox,
    /// What is to run later.
    pub schedule: Schedule,
    /// Requests counted for the rate limit.
    pub windows: Windows,
}

/// Changes to an account until they are kept; dropped, they were never made.
pub struct Pending<'a> {
    /// The rows.
    pub rows: Box<dyn Transaction + 'a>,
    /// The settings as they will be.
    pub settings: Arc<Map>,
    /// Where random values come from.
    pub random: Random,
    /// Messages to be sent.
    pub sent: Vec<Outgoing>,
    /// What is to run later.
    pub scheduled: Vec<(Timestamp, Due)>,
    /// Which of what was to run is running.
    pub running: Option<Turn>,
    /// Counts at once, since others who only read may count too.
    pub windows: &'a Windows,
    kept_settings: &'a mut Arc<Map>,
    kept_random: &'a mut Random,
    outbox: &'a mut Outbox,
    schedule: &'a mut Schedule,
}

/// What a commit changed in an account, as it was before and as it is after.
#[derive(Debug, Default)]
pub struct Change {
    /// Rows and sequences.
    pub rows: Changes,
    /// All settings, if one of them changed.
    pub settings: Option<[Arc<Map>; 2]>,
    /// How many random values were drawn, if some were.
    pub random: Option<[u64; 2]>,
    /// Messages and links.
    pub outbox: OutboxChange,
    /// What is to run later.
    pub schedule: ScheduleChange,
}

impl Change {
    /// Whether nothing changed.
    pub fn is_empty(&self) -> bool {
        let Self { rows, settings, random, outbox, schedule } = self;
        rows.is_empty()
            && settings.is_none()
            && random.is_none()
            && outbox.is_empty()
            && schedule.is_empty()
    }
}

impl Pending<'_> {
    /// How much waits to run later.
    pub(super) fn waiting(&self) -> usize {
        self.schedule.len() + self.scheduled.len()
    }

    /// Takes back all that was done so far, but that what was to run later did so.
    pub(super) fn forget(&mut self) {
        self.rows.undo();
        self.settings = self.kept_settings.clone();
        self.random = self.kept_random.clone();
        self.sent.clear();
        self.scheduled.clear();
    }

    /// Keeps nothing but that what was to run later did so.
    pub(super) fn drop_all(self) -> Change {
        let schedule = self.schedule.change(self.running, Vec::new());
        Change { schedule, ..Change::default() }
    }

    /// Keeps the changes, and tells what they were.
    pub fn commit(self) -> Change {
        let mut change = Change { rows: self.rows.commit(), ..Change::default() };
        if !Arc::ptr_eq(&self.settings, self.kept_settings) {
            let before = std::mem::replace(self.kept_settings, self.settings.clone());
            change.settings = Some([before, self.settings]);
        }
        if self.random != *self.kept_random {
            change.random = Some([self.kept_random.drawn(), self.random.drawn()]);
            *self.kept_random = self.random;
        }
        change.outbox = self.outbox.send(self.sent);
        change.schedule = self.schedule.change(self.running, self.scheduled);
        change
    }
}

impl Account {
    /// An account with the spec's fixtures, which came to be at that time.
    pub fn new(plan: &Plan, seed: u64, now: Timestamp) -> Self {
        Self::given(plan, seed, now, &[])
    }

    /// An account with the spec's fixtures, or the given rows in place of those of a collection.
    pub fn given(
        plan: &Plan,
        seed: u64,
        now: Timestamp,
        given: &[(CollectionId, Vec<Map>)],
    ) -> Self {
        let mut account = Self {
            store: Box::new(MemoryStore::new(plan.layout.clone())),
            settings: Arc::new(defaults(plan)),
            random: Random::new(seed, &plan.service.vendor),
            outbox: Outbox::default(),
            schedule: Schedule::default(),
            windows: Windows::default(),
            written: false,
        };
        for (at, collection) in plan.collections.iter().enumerate() {
            let instead = given.iter().find(|(id, _)| id.0 == at).map(|(_, rows)| rows);
            let rows = instead.unwrap_or(&collection.fixtures);
            account.put(plan, now, CollectionId(at), rows);
        }
        account
    }

    /// An account that was written down.
    pub(super) fn of(parts: Parts) -> Self {
        let Parts { store, settings, random, outbox, schedule, windows } = parts;
        Self { store, settings, random, outbox, schedule, windows, written: true }
    }

    /// Where random values come from.
    pub(super) fn random(&self) -> &Random {
        &self.random
    }

    /// Adds rows that were checked before; those that a constraint refuses are left out.
    fn put(&mut self, plan: &Plan, now: Timestamp, collection: CollectionId, rows: &[Map]) {
        let mut pending = self.begin();
        let mut scope = Scope::new(&plan.names);
        for row in rows {
            let (rows, random) = (&mut *pending.rows, &mut pending.random);
            let mut writer = Writer::new(plan, rows, &mut scope, random, now);
            // Fixtures were checked for each constraint when the spec was loaded.
            _ = writer.insert(collection, &Value::map(row.clone()), None);
        }
        pending.commit();
    }

    /// Starts to change the account.
    pub fn begin(&mut self) -> Pending<'_> {
        let Self { store, settings, random, outbox, schedule, windows, .. } = self;
        Pending {
            rows: store.begin(),
            settings: settings.clone(),
            random: random.clone(),
            sent: Vec::new(),
            scheduled: Vec::new(),
            running: None,
            windows,
            kept_settings: settings,
            kept_random: random,
            outbox,
            schedule,
        }
    }

    /// Goes on where so many random values were drawn.
    pub(super) fn has_drawn(&mut self, drawn: u64) {
        self.random.restore(drawn);
    }

    /// Notes what came of an attempt to send a message.
    pub(super) fn attempted(
        &mut self,
        message: &Arc<Message>,
        attempt: Attempt,
        ending: Ending,
    ) -> Change {
        let outbox = self.outbox.attempted(message, attempt, ending);
        Change { outbox, ..Change::default() }
    }

    /// Lets a message go out once more at that time.
    pub fn deliver_again(&mut self, id: u64, at: Timestamp) -> Change {
        Change { outbox: self.outbox.deliver_again(id, at), ..Change::default() }
    }

    /// Takes the messages out of the outbox.
    pub fn clear_outbox(&mut self) -> Change {
        Change { outbox: self.outbox.clear(), ..Change::default() }
    }

    /// Goes on with what another account sent, generated and counted; `operation` says where
    /// the operations of its links are.
    pub(super) fn adopt(
        &mut self,
        other: Self,
        operation: impl Fn(OperationId) -> Option<OperationId>,
    ) {
        self.random.restore(other.random.drawn());
        self.outbox = other.outbox.with_operations(&operation);
        self.schedule = other.schedule.with_operations(operation);
        self.windows = other.windows;
    }

    /// Takes back the last change that was not taken back yet.
    pub fn revert(&mut self, change: Change) {
        let Change { rows, settings, random, outbox, schedule } = change;
        self.store.revert(rows);
        if let Some([before, _]) = settings {
            self.settings = before;
        }
        if let Some([before, _]) = random {
            self.random.restore(before);
        }
        self.outbox.revert(outbox);
        self.schedule.revert(schedule);
    }
}

/// The settings that an account starts with.
pub fn defaults(plan: &Plan) -> Map {
    plan.settings
        .iter()
        .map(|setting| (setting.name.clone(), setting.schema.default.clone().unwrap_or_default()))
        .collect()
}
