//! What a request changed, for those who want to see it.

use std::collections::HashSet;
use std::sync::Arc;

use super::account;
use super::outbox::Message;
use crate::state::RowChange;
use crate::value::Map;

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
    pub rows: Vec<RowChange>,
    /// All settings before and after, if one of them changed.
    pub settings: Option<[Arc<Map>; 2]>,
    /// The messages that were sent.
    pub sent: Vec<Arc<Message>>,
}

impl Effect {
    pub(super) fn of(vendor: usize, change: &account::Change) -> Self {
        // What is told again began with what was told first.
        let mut told = HashSet::new();
        let first = |row: &&RowChange| told.insert((row.collection, row.row));
        let rows = change.rows.rows.iter().filter(first);
        let rows = rows.filter(|row| row.before.is_some() || row.after.is_some()).cloned();
        let rows = rows.collect();
        let settings = change.settings.clone();
        let sent = change.outbox.sent.clone();
        Self::Account(Box::new(AccountEffect { vendor, rows, settings, sent }))
    }
}
