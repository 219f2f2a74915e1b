//! What a request changed, for those who want to see it.

use std::collections::HashSet;
use std::sync::Arc;

use super::account;
use crate::state::RowChange;
use crate::value::{Map, Record, Value};

/// What a request changed.
#[derive(Debug)]
pub enum Effect {
    /// Nothing.
    Nothing,
    /// Something that the journal no longer has.
    Forgotten,
    /// Something of a vendor.
    Account(Box<AccountEffect>),
}

/// What a request changed of a vendor.
#[derive(Debug)]
pub struct AccountEffect {
    /// The vendor's position.
    pub vendor: usize,
    /// Each row that came, changed or went, once, in the order of their first change.
    pub rows: Vec<RowEffect>,
    /// All settings before and after, if one of them changed.
    pub settings: Option<[Arc<Map>; 2]>,
    /// The ids of the messages that were sent.
    pub sent: Vec<u64>,
}

/// A row that came, changed or went.
#[derive(Debug, Clone)]
pub struct RowEffect {
    /// The position of its collection.
    pub collection: usize,
    /// What it was; none: it was not there.
    pub before: Option<Value>,
    /// What it is; none: it is gone.
    pub after: Option<Value>,
}

impl Effect {
    pub(super) fn of(vendor: usize, change: &account::Change) -> Self {
        // What is told again began with what was told first.
        let mut told = HashSet::new();
        let first = |row: &&RowChange| told.insert((row.collection, row.row));
        let rows = change.rows.rows.iter().filter(first);
        let rows = rows.filter(|row| row.before.is_some() || row.after.is_some());
        let image = |image: &Option<Arc<Record>>| image.clone().map(Value::Record);
        let rows = rows.map(|row| RowEffect {
            collection: row.collection,
            before: image(&row.before),
            after: image(&row.after),
        });
        let rows = rows.collect();
        let settings = change.settings.clone();
        let sent = change.outbox.sent.iter().map(|message| message.id).collect();
        Self::Account(Box::new(AccountEffect { vendor, rows, settings, sent }))
    }
}
