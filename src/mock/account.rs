//! What one vendor remembers in one session.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;
use parking_lot::Mutex;

use super::outbox::Outbox;
use super::rows::Writer;
use crate::model::CollectionId;
use crate::plan::Plan;
use crate::plan::value::Scope;
use crate::random::Random;
use crate::state::{MemoryStore, Store};
use crate::value::{Map, Value};

/// A vendor's account: its rows, and all else that changes.
///
/// A request holds `changing` while it runs, so that requests to one vendor in one session are
/// done one after the other, as in a database's strictest isolation. They take microseconds.
#[derive(Debug)]
pub struct Account {
    /// The rows.
    pub store: Box<dyn Store>,
    /// All else.
    pub changing: Mutex<Changing>,
}

/// What of an account is no row.
#[derive(Debug)]
pub struct Changing {
    /// The settings.
    pub settings: Arc<Map>,
    /// Where random values come from.
    pub random: Random,
    /// What was sent.
    pub outbox: Outbox,
    /// Requests counted for the rate limit, by whom they are counted for.
    pub windows: HashMap<Arc<str>, Window>,
}

/// A window of the rate limit.
#[derive(Debug, Clone, Copy)]
pub struct Window {
    /// When it began, in seconds since the epoch.
    pub began: i64,
    /// How many requests came in it.
    pub used: i64,
}

impl Changing {
    /// Keeps a window. One that is counted for the first time takes the place of those of the past.
    pub(super) fn count(&mut self, by: Arc<str>, window: Window) {
        if !self.windows.contains_key(&by) {
            self.windows.retain(|_, other| other.began == window.began);
        }
        self.windows.insert(by, window);
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
        let account = Self {
            store: Box::new(MemoryStore::new(plan.layout.clone())),
            changing: Mutex::new(Changing {
                settings: Arc::new(defaults(plan)),
                random: Random::new(seed, &plan.service.vendor),
                outbox: Outbox::default(),
                windows: HashMap::new(),
            }),
        };
        for (at, collection) in plan.collections.iter().enumerate() {
            let instead = given.iter().find(|(id, _)| id.0 == at).map(|(_, rows)| rows);
            let rows = instead.unwrap_or(&collection.fixtures);
            account.put(plan, now, CollectionId(at), rows);
        }
        account
    }

    /// Adds rows that were checked before; those that a constraint refuses are left out.
    pub fn put(&self, plan: &Plan, now: Timestamp, collection: CollectionId, rows: &[Map]) {
        let mut changing = self.changing.lock();
        let mut transaction = self.store.begin();
        let mut scope = Scope::new(&plan.names);
        for row in rows {
            let mut writer = Writer {
                plan,
                transaction: &mut *transaction,
                scope: &mut scope,
                random: &mut changing.random,
                now,
            };
            // Fixtures were checked for each constraint when the spec was loaded.
            _ = writer.insert(collection, &Value::map(row.clone()), None);
        }
        transaction.commit();
    }
}

/// The settings that an account starts with.
pub fn defaults(plan: &Plan) -> Map {
    plan.settings
        .iter()
        .map(|setting| (setting.name.clone(), setting.schema.default.clone().unwrap_or_default()))
        .collect()
}
