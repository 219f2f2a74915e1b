//! A store in the memory of this process.
//!
//! One lock for the whole store: a store serves one vendor in one session and a transaction lasts
//! microseconds, so that finer locks would cost more than they give, and every transaction is
//! serialisable without further thought. A transaction changes the rows in place and notes how to
//! take each change back, because most of them are kept.

use std::hash::RandomState;
use std::mem;
use std::ops::ControlFlow;
use std::sync::Arc;

use parking_lot::{Mutex, MutexGuard};

use super::collection::Collection;
use super::{Conflict, Layout, Store, Transaction};
use crate::value::{Record, Value};

/// A store in the memory of this process.
#[derive(Debug)]
pub struct MemoryStore {
    layout: Arc<Layout>,
    contents: Mutex<Contents>,
}

#[derive(Debug)]
struct Contents {
    collections: Vec<Collection>,
    /// The value that each sequence gives next.
    sequences: Vec<i64>,
}

impl MemoryStore {
    /// An empty store with its sequences at their first values.
    pub fn new(layout: Arc<Layout>) -> Self {
        let seed = RandomState::new();
        let collections = layout.collections.iter();
        let contents = Contents {
            collections: collections.map(|c| Collection::new(c, seed.clone())).collect(),
            sequences: layout.sequences.clone(),
        };
        Self { layout, contents: Mutex::new(contents) }
    }
}

impl Store for MemoryStore {
    fn layout(&self) -> &Arc<Layout> {
        &self.layout
    }

    fn begin(&self) -> Box<dyn Transaction + '_> {
        Box::new(MemoryTransaction { contents: self.contents.lock(), undo: Vec::new() })
    }
}

struct MemoryTransaction<'a> {
    contents: MutexGuard<'a, Contents>,
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
    fn collection(&self, collection: usize) -> Option<&Collection> {
        self.contents.collections.get(collection)
    }

    fn step(&mut self, sequence: usize, to: impl FnOnce(i64) -> i64) -> i64 {
        let Some(next) = self.contents.sequences.get_mut(sequence) else { return 0 };
        let before = *next;
        *next = to(before);
        if *next != before {
            self.undo.push(Undo::Sequence { sequence, before });
        }
        before
    }
}

impl Transaction for MemoryTransaction<'_> {
    fn get(&self, collection: usize, key: &Value) -> Option<Arc<Record>> {
        self.collection(collection)?.by_key(key).map(|(_, record)| Arc::clone(record))
    }

    fn lookup(&self, collection: usize, index: usize, values: &[Value]) -> Vec<Arc<Record>> {
        let collection = self.collection(collection).into_iter();
        collection.flat_map(|collection| collection.by_index(index, values)).cloned().collect()
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

    fn insert(&mut self, collection: usize, record: Record) -> Result<Arc<Record>, Conflict> {
        let rows = self.contents.collections.get_mut(collection).ok_or(Conflict::Missing)?;
        rows.check(&record, None)?;
        let record = Arc::new(record);
        let row = rows.append(&record);
        changed(&mut self.undo, collection, row, None);
        Ok(record)
    }

    fn replace(
        &mut self,
        collection: usize,
        key: &Value,
        record: Record,
    ) -> Result<Arc<Record>, Conflict> {
        let rows = self.contents.collections.get_mut(collection).ok_or(Conflict::Missing)?;
        let (row, _) = rows.by_key(key).ok_or(Conflict::Missing)?;
        rows.check(&record, Some(row))?;
        let record = Arc::new(record);
        let before = rows.set(row, Some(&record));
        changed(&mut self.undo, collection, row, before);
        Ok(record)
    }

    fn remove(&mut self, collection: usize, key: &Value) -> Option<Arc<Record>> {
        let rows = self.contents.collections.get_mut(collection)?;
        let (row, _) = rows.by_key(key)?;
        let before = rows.set(row, None);
        changed(&mut self.undo, collection, row, before.clone());
        before
    }

    fn clear(&mut self, collection: usize) {
        let Some(rows) = self.contents.collections.get_mut(collection) else { return };
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

    fn commit(mut self: Box<Self>) {
        self.undo.clear();
    }
}

impl Drop for MemoryTransaction<'_> {
    fn drop(&mut self) {
        while let Some(undo) = self.undo.pop() {
            match undo {
                Undo::Row { collection, row, before } => {
                    if let Some(rows) = self.contents.collections.get_mut(collection) {
                        rows.set(row, before.as_ref());
                    }
                }
                Undo::Collection { collection, before } => {
                    if let Some(rows) = self.contents.collections.get_mut(collection) {
                        *rows = *before;
                    }
                }
                Undo::Sequence { sequence, before } => {
                    if let Some(next) = self.contents.sequences.get_mut(sequence) {
                        *next = before;
                    }
                }
            }
        }
    }
}
