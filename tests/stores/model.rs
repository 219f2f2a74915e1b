//! A store as it would be written without a thought for speed, to compare real ones with.

use std::sync::Arc;

use counterpart::unstable::state::{Conflict, Layout};
use counterpart::unstable::value::{Record, Value};

/// What became of a row that was offered: taken, or the conflict with the key of the other row.
#[derive(Debug, PartialEq)]
pub(crate) enum Outcome {
    Taken,
    Key(Value),
    Unique(usize, Value),
    Missing,
    NoKey,
}

/// What a store's answer comes to.
pub(crate) fn outcome(result: Result<Arc<Record>, Conflict>) -> Outcome {
    let key = |row: &Record| row.slot(0).cloned().unwrap_or_default();
    match result {
        Ok(_) => Outcome::Taken,
        Err(Conflict::Key { existing }) => Outcome::Key(key(&existing)),
        Err(Conflict::Unique { index, existing }) => Outcome::Unique(index, key(&existing)),
        Err(Conflict::Missing) => Outcome::Missing,
        Err(Conflict::NoKey) => Outcome::NoKey,
    }
}

/// The first collection of a layout, whose key is in slot 0, and the sequences.
#[derive(Clone)]
pub(crate) struct Model {
    layout: Arc<Layout>,
    pub(crate) rows: Vec<Record>,
    sequences: Vec<i64>,
}

impl Model {
    pub(crate) fn new(layout: &Arc<Layout>) -> Self {
        let sequences = layout.sequences.clone();
        Self { layout: layout.clone(), rows: Vec::new(), sequences }
    }

    pub(crate) fn contents(&self) -> Vec<Value> {
        self.rows.iter().map(|row| Value::map(row.to_map())).collect()
    }

    fn position(&self, key: &Value) -> Option<usize> {
        let is_it = |row: &Record| row.slot(0).is_some_and(|own| self.same(0, own, key));
        (*key != Value::Null).then(|| self.rows.iter().position(is_it)).flatten()
    }

    pub(crate) fn get(&self, key: &Value) -> Option<Value> {
        self.position(key).map(|at| Value::map(self.rows[at].to_map()))
    }

    pub(crate) fn lookup(&self, index: usize, values: &[Value]) -> Vec<Value> {
        let rows = self.rows.iter().filter(|row| self.holds(index, row, values));
        rows.map(|row| Value::map(row.to_map())).collect()
    }

    pub(crate) fn insert(&mut self, record: Record) -> Outcome {
        let outcome = self.offer(&record, usize::MAX);
        if outcome == Outcome::Taken {
            self.rows.push(record);
        }
        outcome
    }

    pub(crate) fn replace(&mut self, key: &Value, record: Record) -> Outcome {
        let Some(at) = self.position(key) else { return Outcome::Missing };
        let outcome = self.offer(&record, at);
        if outcome == Outcome::Taken {
            self.rows[at] = record;
        }
        outcome
    }

    pub(crate) fn remove(&mut self, key: &Value) -> Option<Value> {
        self.position(key).map(|at| Value::map(self.rows.remove(at).to_map()))
    }

    pub(crate) fn next(&mut self, sequence: usize) -> i64 {
        let Some(next) = self.sequences.get_mut(sequence) else { return 0 };
        *next += 1;
        *next - 1
    }

    pub(crate) fn raise(&mut self, sequence: usize, used: i64) {
        if let Some(next) = self.sequences.get_mut(sequence) {
            *next = (used + 1).max(*next);
        }
    }

    fn offer(&self, record: &Record, own: usize) -> Outcome {
        let key = match record.slot(0) {
            None | Some(Value::Null) => return Outcome::NoKey,
            Some(key) => key,
        };
        let key_of = |at: usize| self.rows[at].slot(0).cloned().unwrap_or_default();
        match self.position(key) {
            Some(at) if at != own => return Outcome::Key(key_of(at)),
            _ => {}
        }
        for (index, layout) in self.layout.collections[0].indexes.iter().enumerate() {
            let values: Option<Vec<_>> =
                layout.slots.iter().map(|slot| record.slot(*slot).cloned()).collect();
            let Some(values) = values.filter(|_| layout.unique) else { continue };
            let other = (0..self.rows.len())
                .find(|at| *at != own && self.holds(index, &self.rows[*at], &values));
            if let Some(at) = other {
                return Outcome::Unique(index, key_of(at));
            }
        }
        Outcome::Taken
    }

    fn holds(&self, index: usize, row: &Record, values: &[Value]) -> bool {
        let slots = &self.layout.collections[0].indexes[index].slots;
        slots.iter().zip(values).all(|(slot, value)| {
            !value.is_empty() && row.slot(*slot).is_some_and(|own| self.same(*slot, own, value))
        })
    }

    fn same(&self, slot: usize, one: &Value, other: &Value) -> bool {
        let folded = self.layout.collections[0].folded.get(slot) == Some(&true);
        match (one.as_str(), other.as_str()) {
            (Some(one), Some(other)) if folded => one.to_lowercase() == other.to_lowercase(),
            _ => one == other,
        }
    }
}
