//! A store in the memory of this process.
//!
//! A transaction changes the rows in place and notes how to take each change back, because most of
//! them are kept. What it noted is the half of a commit's changes that was before.

use std::mem;
use std::ops::ControlFlow;
use std::sync::Arc;

use foldhash::fast::RandomState;

use super::collection::Collection;
use super::{Changes, Conflict, Layout, RowChange, SequenceChange, Store, Transaction, View};
use crate::value::{Record, Value};

/// A store in the memory of this process.
#[derive(Debug)]
pub struct MemoryStore {
    layout: Arc<Layout>,
    collections: Vec<Collection>,
    /// The value that each sequence gives next.
    sequences: Vec<i64>,
}

impl MemoryStore {
    /// An empty store with its sequences at their first values.
    pub fn new(layout: Arc<Layout>) -> Self {
        let seed = RandomState::default();
        let collections = layout.collections.iter();
        let collections = collections.map(|c| Collection::new(c, seed.clone())).collect();
        Self { collections, sequences: layout.sequences.clone(), layout }
    }

    fn collection(&self, collection: usize) -> Option<&Collection> {
        self.collections.get(collection)
    }

    fn take_back(&mut self, undo: Undo) {
        match undo {
            Undo::Row { collection, row, before } => {
                if let Some(rows) = self.collections.get_mut(collection) {
                    rows.set(row, before.as_ref());
                }
            }
            Undo::Collection { collection, before } => {
                if let Some(rows) = self.collections.get_mut(collection) {
                    *rows = *before;
                }
            }
            Undo::Sequence { sequence, before } => {
                if let Some(next) = self.sequences.get_mut(sequence) {
                    *next = before;
                }
            }
        }
    }

    /// What was noted, with how it is now.
    fn changes(&self, undo: Vec<Undo>) -> Changes {
        let mut changes = Changes::default();
        let now = |collection, row| self.collection(collection)?.row(row).cloned();
        for undo in undo {
            match undo {
                Undo::Row { collection, row, before } => {
                    let after = now(collection, row);
                    changes.rows.push(RowChange { collection, row, before, after });
                }
                Undo::Collection { collection, before } => {
                    changes.rows.extend(before.into_rows().map(|(row, record)| RowChange {
                        collection,
                        row,
                        before: Some(record),
                        after: now(collection, row),
                    }));
                }
                Undo::Sequence { sequence, before } => {
                    let after = self.sequences.get(sequence).copied().unwrap_or(before);
                    changes.sequences.push(SequenceChange { sequence, before, after });
                }
            }
        }
        changes
    }
}

impl View for MemoryStore {
    fn get(&self, collection: usize, key: &Value) -> Option<Arc<Record>> {
        self.collection(collection)?.by_key(key).map(|(_, record)| Arc::clone(record))
    }

    fn place(&self, collection: usize, key: &Value) -> Option<u64> {
        self.collection(collection)?.by_key(key).map(|(row, _)| row)
    }

    fn lookup_some(
        &self,
        collection: usize,
        index: usize,
        values: &[Value],
        most: usize,
    ) -> Vec<Arc<Record>> {
        let collection = self.collection(collection).into_iter();
        let found = collection.flat_map(|collection| collection.by_index(index, values));
        found.take(most).cloned().collect()
    }

    fn first(&self, collection: usize, index: usize, values: &[Value]) -> Option<Arc<Record>> {
        self.collection(collection)?.by_index(index, values).next().cloned()
    }

    fn for_each(&self, collection: usize, visit: &mut dyn FnMut(&Arc<Record>) -> ControlFlow<()>) {
        let mut rows = self.collection(collection).into_iter().flat_map(Collection::iter);
        // That the visitor broke off is its own business.
        let _broken_off = rows.try_for_each(visit);
    }

    fn len(&self, collection: usize) -> usize {
        self.collection(collection).map_or(0, Collection::len)
    }
}

impl Store for MemoryStore {
    fn layout(&self) -> &Arc<Layout> {
        &self.layout
    }

    fn begin(&mut self) -> Box<dyn Transaction + '_> {
        Box::new(MemoryTransaction { store: self, undo: Vec::new() })
    }

    fn revert(&mut self, changes: Changes) {
        let Changes { rows, sequences } = changes;
        for RowChange { collection, row, before, .. } in rows.into_iter().rev() {
            self.take_back(Undo::Row { collection, row, before });
        }
        for SequenceChange { sequence, before, .. } in sequences.into_iter().rev() {
            self.take_back(Undo::Sequence { sequence, before });
        }
    }

    fn image(&self) -> Changes {
        let mut changes = Changes::default();
        for (collection, rows) in self.collections.iter().enumerate() {
            changes.rows.extend(rows.numbered().map(|(row, record)| {
                let after = Some(Arc::clone(record));
                RowChange { collection, row, before: None, after }
            }));
        }
        let sequences = self.sequences.iter().zip(&self.layout.sequences).enumerate();
        changes.sequences.extend(sequences.map(|(sequence, (after, first))| SequenceChange {
            sequence,
            before: *first,
            after: *after,
        }));
        changes
    }

    fn redo(&mut self, changes: Changes) {
        for RowChange { collection, row, after, .. } in changes.rows {
            if let Some(rows) = self.collections.get_mut(collection) {
                rows.skip(row);
            }
            self.take_back(Undo::Row { collection, row, before: after });
        }
        for SequenceChange { sequence, after, .. } in changes.sequences {
            self.take_back(Undo::Sequence { sequence, before: after });
        }
    }
}

struct MemoryTransaction<'a> {
    store: &'a mut MemoryStore,
    undo: Vec<Undo>,
}

/// How to take a change back.
enum Undo {
    Row { collection: usize, row: u64, before: Option<Arc<Record>> },
    Collection { collection: usize, before: Box<Collection> },
    Sequence { sequence: usize, before: i64 },
}

/// Notes what a row was before a change. One that is changed again and again is noted once: what
/// it was at first is all that has to come back.
fn changed(undo: &mut Vec<Undo>, collection: usize, row: u64, before: Option<Arc<Record>>) {
    if let Some(Undo::Row { collection: c, row: r, .. }) = undo.last()
        && (*c, *r) == (collection, row)
    {
        return;
    }
    undo.push(Undo::Row { collection, row, before });
}

impl MemoryTransaction<'_> {
    fn step(&mut self, sequence: usize, to: impl FnOnce(i64) -> i64) -> i64 {
        let Some(next) = self.store.sequences.get_mut(sequence) else { return 0 };
        let before = *next;
        *next = to(before);
        if *next != before {
            self.undo.push(Undo::Sequence { sequence, before });
        }
        before
    }
}

impl View for MemoryTransaction<'_> {
    fn get(&self, collection: usize, key: &Value) -> Option<Arc<Record>> {
        self.store.get(collection, key)
    }

    fn place(&self, collection: usize, key: &Value) -> Option<u64> {
        self.store.place(collection, key)
    }

    fn lookup_some(
        &self,
        collection: usize,
        index: usize,
        values: &[Value],
        most: usize,
    ) -> Vec<Arc<Record>> {
        self.store.lookup_some(collection, index, values, most)
    }

    fn first(&self, collection: usize, index: usize, values: &[Value]) -> Option<Arc<Record>> {
        self.store.first(collection, index, values)
    }

    fn for_each(&self, collection: usize, visit: &mut dyn FnMut(&Arc<Record>) -> ControlFlow<()>) {
        self.store.for_each(collection, visit);
    }

    fn len(&self, collection: usize) -> usize {
        self.store.len(collection)
    }
}

impl Transaction for MemoryTransaction<'_> {
    fn insert(&mut self, collection: usize, record: Record) -> Result<Arc<Record>, Conflict> {
        let rows = self.store.collections.get_mut(collection).ok_or(Conflict::Missing)?;
        let (row, record) = rows.insert(record)?;
        changed(&mut self.undo, collection, row, None);
        Ok(record)
    }

    fn replace(
        &mut self,
        collection: usize,
        key: &Value,
        record: Record,
    ) -> Result<Arc<Record>, Conflict> {
        let rows = self.store.collections.get_mut(collection).ok_or(Conflict::Missing)?;
        let (row, _) = rows.by_key(key).ok_or(Conflict::Missing)?;
        rows.check(&record, row)?;
        let record = Arc::new(record);
        let before = rows.set(row, Some(&record));
        changed(&mut self.undo, collection, row, before);
        Ok(record)
    }

    fn remove(&mut self, collection: usize, key: &Value) -> Option<Arc<Record>> {
        let rows = self.store.collections.get_mut(collection)?;
        let (row, _) = rows.by_key(key)?;
        let before = rows.set(row, None);
        changed(&mut self.undo, collection, row, before.clone());
        before
    }

    fn clear(&mut self, collection: usize) {
        let Some(rows) = self.store.collections.get_mut(collection) else { return };
        let emptied = rows.emptied();
        let before = Box::new(mem::replace(rows, emptied));
        self.undo.push(Undo::Collection { collection, before });
    }

    fn next(&mut self, sequence: usize) -> i64 {
        self.step(sequence, |next| next.saturating_add(1))
    }

    fn raise(&mut self, sequence: usize, used: i64) {
        self.step(sequence, |next| next.max(used.saturating_add(1)));
    }

    fn undo(&mut self) {
        while let Some(undo) = self.undo.pop() {
            self.store.take_back(undo);
        }
    }

    fn commit(mut self: Box<Self>) -> Changes {
        let undo = mem::take(&mut self.undo);
        self.store.changes(undo)
    }
}

impl Drop for MemoryTransaction<'_> {
    fn drop(&mut self) {
        Transaction::undo(self);
    }
}
