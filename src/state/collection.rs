//! The rows of one collection in memory.
//!
//! A row has a number, given in order of insertion and never given again, so that the order of
//! rows is the order of numbers. The rows stand in a B-tree by number: unlike a vector with holes
//! it never has to be compacted, which would renumber the rows, rewrite every index, and put rows
//! out of reach of an undo.

use std::collections::BTreeMap;
use std::sync::Arc;

use foldhash::fast::RandomState;

use super::Conflict;
use super::index::Index;
use super::layout::CollectionLayout;
use crate::value::{Record, Value};

/// Rows in order of insertion, with a key and indexes.
#[derive(Debug)]
pub(super) struct Collection {
    rows: BTreeMap<u64, Arc<Record>>,
    next_row: u64,
    key: Index,
    indexes: Vec<(Index, Unique)>,
    seed: RandomState,
    /// Those of the record that is added, by index; kept to be used again.
    hashes: Vec<Option<u64>>,
}

type Unique = bool;

impl Collection {
    /// A collection without rows.
    pub(super) fn new(layout: &CollectionLayout, seed: RandomState) -> Self {
        let indexes = layout.indexes.iter();
        Self {
            rows: BTreeMap::new(),
            next_row: 0,
            key: Index::of_key(layout),
            indexes: indexes.map(|i| (Index::of_slots(layout, &i.slots), i.unique)).collect(),
            seed,
            hashes: Vec::new(),
        }
    }

    /// The same collection without rows; numbers go on.
    pub(super) fn emptied(&self) -> Self {
        Self {
            rows: BTreeMap::new(),
            next_row: self.next_row,
            key: self.key.emptied(),
            indexes: self.indexes.iter().map(|(i, unique)| (i.emptied(), *unique)).collect(),
            seed: self.seed.clone(),
            hashes: Vec::new(),
        }
    }

    /// How many rows there are.
    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    /// The rows in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Arc<Record>> {
        self.rows.values()
    }

    /// The rows in order, with their numbers.
    pub(super) fn numbered(&self) -> impl Iterator<Item = (u64, &Arc<Record>)> {
        self.rows.iter().map(|(row, record)| (*row, record))
    }

    /// Gives no number up to that one any more.
    pub(super) fn skip(&mut self, row: u64) {
        self.next_row = self.next_row.max(row.saturating_add(1));
    }

    /// The row of that number.
    pub(super) fn row(&self, row: u64) -> Option<&Arc<Record>> {
        self.rows.get(&row)
    }

    /// The rows in order, with their numbers.
    pub(super) fn into_rows(self) -> impl Iterator<Item = (u64, Arc<Record>)> {
        self.rows.into_iter()
    }

    /// The row with that key, and its number.
    pub(super) fn by_key(&self, key: &Value) -> Option<(u64, &Arc<Record>)> {
        self.find(&self.key, std::slice::from_ref(key)).next()
    }

    /// The rows with those values in an index, in order.
    pub(super) fn by_index<'a>(
        &'a self,
        index: usize,
        values: &'a [Value],
    ) -> impl Iterator<Item = &'a Arc<Record>> {
        let index = self.indexes.get(index);
        index.into_iter().flat_map(|(index, _)| self.find(index, values)).map(|(_, row)| row)
    }

    fn find<'a>(
        &'a self,
        index: &'a Index,
        values: &[Value],
    ) -> impl Iterator<Item = (u64, &'a Arc<Record>)> {
        let rows = index.hash_values(values, &self.seed).into_iter().flat_map(|h| index.rows(h));
        rows.filter_map(|row| Some((row, self.rows.get(&row)?)))
            .filter(|(_, record)| index.holds(record, values))
    }

    /// Whether a record can be the row `own` beside all other rows.
    pub(super) fn check(&self, record: &Record, own: u64) -> Result<(), Conflict> {
        let Some(hash) = self.key.hash_of(record, &self.seed) else {
            return Err(Conflict::NoKey);
        };
        if let Some(existing) = self.other(&self.key, hash, record, Some(own)) {
            return Err(Conflict::Key { existing });
        }
        for (position, (index, unique)) in self.indexes.iter().enumerate() {
            if !unique {
                continue;
            }
            let Some(hash) = index.hash_of(record, &self.seed) else { continue };
            if let Some(existing) = self.other(index, hash, record, Some(own)) {
                return Err(Conflict::Unique { index: position, existing });
            }
        }
        Ok(())
    }

    /// Adds a record after the others, if it can stand beside them, and gives its number. What is
    /// looked up to see that is what is then added, so nothing is hashed twice.
    pub(super) fn insert(&mut self, record: Record) -> Result<(u64, Arc<Record>), Conflict> {
        let Some(of_key) = self.key.hash_of(&record, &self.seed) else {
            return Err(Conflict::NoKey);
        };
        if let Some(existing) = self.other(&self.key, of_key, &record, None) {
            return Err(Conflict::Key { existing });
        }
        let mut hashes = std::mem::take(&mut self.hashes);
        hashes.clear();
        for (position, (index, unique)) in self.indexes.iter().enumerate() {
            let hash = index.hash_of(&record, &self.seed);
            if let (true, Some(hash)) = (*unique, hash)
                && let Some(existing) = self.other(index, hash, &record, None)
            {
                return Err(Conflict::Unique { index: position, existing });
            }
            hashes.push(hash);
        }
        let row = self.next_row;
        self.next_row += 1;
        let record = Arc::new(record);
        self.rows.insert(row, Arc::clone(&record));
        self.key.add(of_key, row);
        for ((index, _), hash) in self.indexes.iter_mut().zip(&hashes) {
            if let Some(hash) = hash {
                index.add(*hash, row);
            }
        }
        self.hashes = hashes;
        Ok((row, record))
    }

    fn other(
        &self,
        index: &Index,
        hash: u64,
        record: &Record,
        own: Option<u64>,
    ) -> Option<Arc<Record>> {
        let rows = index.rows(hash).filter(|row| Some(*row) != own);
        rows.filter_map(|row| self.rows.get(&row))
            .find(|other| index.collides(other, record))
            .cloned()
    }

    /// Makes a row a checked record or, with `None`, nothing; gives what it was.
    pub(super) fn set(&mut self, row: u64, record: Option<&Arc<Record>>) -> Option<Arc<Record>> {
        let old = match record {
            Some(record) => self.rows.insert(row, Arc::clone(record)),
            None => self.rows.remove(&row),
        };
        let indexes = self.indexes.iter_mut().map(|(index, _)| index);
        for index in std::iter::once(&mut self.key).chain(indexes) {
            // Most changes are of other fields, and comparing costs less than hashing.
            if let (Some(old), Some(new)) = (&old, record)
                && index.collides(old, new)
            {
                continue;
            }
            let before = old.as_ref().and_then(|old| index.hash_of(old, &self.seed));
            let after = record.and_then(|new| index.hash_of(new, &self.seed));
            if before == after {
                continue;
            }
            if let Some(hash) = before {
                index.remove(hash, row);
            }
            if let Some(hash) = after {
                index.add(hash, row);
            }
        }
        old
    }
}
