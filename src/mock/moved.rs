//! An account of a spec that was changed while it was served.

use std::sync::Arc;

use jiff::Timestamp;

use super::account::{Account, defaults};
use super::image::sequences;
use crate::model::{CollectionId, OperationId};
use crate::plan::Plan;
use crate::value::{Map, Value};

/// A spec as it was and as it is, with what accounts are made from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Move<'a> {
    /// As it was.
    pub from: &'a Plan,
    /// As it is.
    pub to: &'a Plan,
    /// What generated values are made from.
    pub seed: u64,
    /// When fixtures came to be.
    pub began: Timestamp,
    /// What time it is.
    pub now: Timestamp,
}

impl Move<'_> {
    /// The account with all of the old one that fits the spec as it is now: rows of collections
    /// that were changed, where all of them fit; settings, messages, links and generated values.
    /// What nobody changed is as the spec's fixtures are now. Gives the names of collections that
    /// were changed and do not fit, which are as the fixtures are, with the reason.
    pub(super) fn account(&self, mut old: Account) -> (Account, Vec<(Arc<str>, String)>) {
        let Self { from, to, seed, began, now } = *self;
        let mut account = Account::new(to, seed, began);
        self.settings(&old, &mut account);
        let untouched = Account::new(from, seed, began);
        let mut waiting = Vec::new();
        for (at, collection) in from.collections.iter().enumerate() {
            let rows = old.rows(CollectionId(at));
            let wanted = to.service.collection(&collection.name);
            if let Some(id) = wanted.filter(|_| rows != untouched.rows(CollectionId(at))) {
                waiting.push((id, rows.iter().map(plain).collect::<Vec<_>>()));
            }
        }
        let mut lost;
        loop {
            // Rows may refer to those of a collection that comes later.
            let before = waiting.len();
            lost = Vec::new();
            waiting.retain(|(id, rows)| {
                let Err(complaints) = account.replace_rows(to, now, *id, rows) else {
                    return false;
                };
                if let Some(collection) = to.collections.get(id.0) {
                    // Most messages begin with the place.
                    let said =
                        complaints.first().map(|one| match one.message.contains(&*one.path) {
                            true => one.message.clone(),
                            false => format!("{} {}", one.path, one.message),
                        });
                    lost.push((collection.name.clone(), said.unwrap_or_default()));
                }
                true
            });
            if waiting.is_empty() || waiting.len() == before {
                break;
            }
        }
        self.sequences(&mut old, &mut account);
        account.adopt(old, |operation| self.operation(operation));
        (account, lost)
    }

    fn settings(&self, old: &Account, account: &mut Account) {
        let before = defaults(self.from);
        for (name, value) in old.settings.iter().filter(|(name, v)| before.get(name) != Some(v)) {
            let mut one = Map::new();
            one.insert(name.clone(), value.clone());
            // A setting that is gone, or takes other values now, has its default.
            _ = account.change_settings(self.to, self.now, &one);
        }
    }

    /// Numbers, and versions of rows, that were given once are not given again.
    fn sequences(&self, old: &mut Account, account: &mut Account) {
        let mut before = old.begin();
        let mut pending = account.begin();
        for (name, from) in sequences(self.from) {
            let same = sequences(self.to).find(|(other, _)| *other == name);
            if let Some((_, to)) = same {
                let next = before.rows.next(from);
                pending.rows.raise(to, next.saturating_sub(1));
            }
        }
        pending.commit();
    }

    /// Where an operation is now.
    pub(super) fn operation(&self, operation: OperationId) -> Option<OperationId> {
        let name = &self.from.operations.get(operation.0)?.id;
        self.to.operations.iter().position(|other| other.id == *name).map(OperationId)
    }
}

/// A row as it would be put in from outside.
fn plain(row: &Value) -> Value {
    let members = row.members().into_iter().flatten();
    Value::map(members.map(|(name, value)| (name.clone(), value.clone())).collect())
}
