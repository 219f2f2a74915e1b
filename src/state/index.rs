//! Finds the numbers of rows by what the rows hold in some slots.
//!
//! An entry is a hash and a row number, never a value: whoever asks compares with the row itself.
//! That costs a comparison and saves a copy of every indexed value, and an allocation for every
//! entry that only one row has.

use std::collections::{BTreeSet, HashMap};
use std::hash::{BuildHasher, BuildHasherDefault, Hasher};

use foldhash::fast::RandomState;

use super::comparison::{feed, same};
use super::layout::CollectionLayout;
use crate::value::{Record, Value};

/// Rows by the hash of what they hold in the slots.
#[derive(Debug)]
pub(super) struct Index {
    slots: Box<[Slot]>,
    empty_counts: bool,
    entries: HashMap<u64, Rows, BuildHasherDefault<AlreadyHashed>>,
}

#[derive(Debug, Clone, Copy)]
struct Slot {
    position: usize,
    folded: bool,
}

/// The rows of one hash. A set, so that one row among a million with the same value is taken out
/// as fast as any.
#[derive(Debug)]
#[expect(clippy::box_collection, reason = "the box keeps the usual entry, one row, half as big")]
enum Rows {
    One(u64),
    Many(Box<BTreeSet<u64>>),
}

impl Index {
    /// An index over the key, in which the empty text is a value like any other.
    pub(super) fn of_key(layout: &CollectionLayout) -> Self {
        Self { empty_counts: true, ..Self::of_slots(layout, &[layout.key]) }
    }

    /// An index over slots.
    pub(super) fn of_slots(layout: &CollectionLayout, slots: &[usize]) -> Self {
        let slot = |&position| Slot { position, folded: layout.folds(position) };
        Self {
            slots: slots.iter().map(slot).collect(),
            empty_counts: false,
            entries: HashMap::default(),
        }
    }

    /// The same index without entries.
    pub(super) fn emptied(&self) -> Self {
        Self { slots: self.slots.clone(), entries: HashMap::default(), ..*self }
    }

    /// The hash of a record's entry; `None` when it has none.
    pub(super) fn hash_of(&self, record: &Record, seed: &RandomState) -> Option<u64> {
        self.hash(self.slots.iter().map(|slot| record.slot(slot.position)), seed)
    }

    /// The hash of the entry that those values would make; `None` when they make none.
    pub(super) fn hash_values(&self, values: &[Value], seed: &RandomState) -> Option<u64> {
        (values.len() == self.slots.len())
            .then(|| self.hash(values.iter().map(Some), seed))
            .flatten()
    }

    fn hash<'v>(
        &self,
        values: impl Iterator<Item = Option<&'v Value>>,
        seed: &RandomState,
    ) -> Option<u64> {
        let mut hasher = seed.build_hasher();
        for (slot, value) in self.slots.iter().zip(values) {
            let value = value.filter(|value| self.counts(value))?;
            feed(value, slot.folded, &mut hasher);
        }
        Some(hasher.finish())
    }

    fn counts(&self, value: &Value) -> bool {
        if self.empty_counts { !matches!(value, Value::Null) } else { !value.is_empty() }
    }

    /// Whether a record holds those values.
    pub(super) fn holds(&self, record: &Record, values: &[Value]) -> bool {
        self.agrees(record, values.iter().map(Some))
    }

    /// Whether two records hold the same values.
    pub(super) fn collides(&self, record: &Record, other: &Record) -> bool {
        self.agrees(record, self.slots.iter().map(|slot| other.slot(slot.position)))
    }

    fn agrees<'v>(
        &self,
        record: &Record,
        mut values: impl Iterator<Item = Option<&'v Value>>,
    ) -> bool {
        self.slots.iter().all(|slot| match (record.slot(slot.position), values.next().flatten()) {
            (Some(mine), Some(theirs)) => same(mine, theirs, slot.folded),
            _ => false,
        })
    }

    /// The rows of a hash, in order of insertion; to be compared, since values can share a hash.
    pub(super) fn rows(&self, hash: u64) -> impl Iterator<Item = u64> {
        let (one, many) = match self.entries.get(&hash) {
            None => (None, None),
            Some(Rows::One(row)) => (Some(*row), None),
            Some(Rows::Many(rows)) => (None, Some(rows.iter().copied())),
        };
        one.into_iter().chain(many.into_iter().flatten())
    }

    /// Adds a row's entry.
    pub(super) fn add(&mut self, hash: u64, row: u64) {
        self.entries
            .entry(hash)
            .and_modify(|rows| match rows {
                Rows::One(other) => *rows = Rows::Many(Box::new(BTreeSet::from([*other, row]))),
                Rows::Many(rows) => {
                    rows.insert(row);
                }
            })
            .or_insert(Rows::One(row));
    }

    /// Takes a row's entry out.
    pub(super) fn remove(&mut self, hash: u64, row: u64) {
        let Some(rows) = self.entries.get_mut(&hash) else { return };
        let left = match rows {
            Rows::One(one) => (*one != row).then_some(*one),
            Rows::Many(many) => {
                many.remove(&row);
                if many.len() > 1 {
                    return;
                }
                many.first().copied()
            }
        };
        match left {
            Some(last) => *rows = Rows::One(last),
            None => {
                self.entries.remove(&hash);
            }
        }
    }
}

/// Passes on what is a good hash already.
#[derive(Debug, Default)]
struct AlreadyHashed(u64);

impl Hasher for AlreadyHashed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Shape;

    fn index() -> Index {
        let layout = CollectionLayout {
            name: "rows".into(),
            shape: Shape::new(vec!["id".into()]),
            key: 0,
            folded: Vec::new(),
            indexes: Vec::new(),
        };
        Index::of_slots(&layout, &[0])
    }

    #[test]
    fn rows_of_one_hash_come_in_order_and_go_without_a_trace() {
        let mut index = index();
        for row in [7, 3, 5] {
            index.add(1, row);
        }
        assert_eq!(index.rows(1).collect::<Vec<_>>(), [3, 5, 7]);
        for (row, left) in [(5, vec![3, 7]), (9, vec![3, 7]), (3, vec![7]), (9, vec![7])] {
            index.remove(1, row);
            assert_eq!(index.rows(1).collect::<Vec<_>>(), left);
        }
        index.remove(1, 7);
        assert!(index.entries.is_empty());
    }

    #[test]
    fn an_entry_stays_small() {
        assert!(size_of::<(u64, Rows)>() <= 24);
    }
}
