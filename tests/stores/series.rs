//! Any series of operations does what it does to a plain list of rows.

use std::collections::BTreeMap;
use std::sync::Arc;

use counterpart::unstable::state::Changes;
use counterpart::unstable::value::{Record, Value};
use proptest::prelude::*;

use crate::model::{Model, outcome};
use crate::{BY_GROUP, BY_GROUP_AND_NAME, BY_MAIL, all, row, stores};

type Fields = [Option<Value>; 4];

#[derive(Debug, Clone)]
enum Operation {
    Insert(Fields),
    Replace(Value, Fields),
    Remove(Value),
    Clear,
    Next(usize),
    Raise(usize, i64),
    Commit,
    RollBack,
}

/// Few values, so that they often meet.
fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        8 => (0_i64..5).prop_map(Value::from),
        2 => (0_i32..10).prop_map(|half| Value::from(f64::from(half) / 2.0)),
        4 => "[aAbBäÄ]".prop_map(Value::from),
        1 => Just(Value::from("")),
        1 => Just(Value::Null),
        1 => (0_i64..2).prop_map(|item| Value::from(vec![item.into()])),
    ]
}

fn fields() -> impl Strategy<Value = Fields> {
    let field = || prop::option::weighted(0.9, value());
    [field(), field(), field(), field()]
}

fn operation() -> impl Strategy<Value = Operation> {
    prop_oneof![
        10 => fields().prop_map(Operation::Insert),
        5 => (value(), fields()).prop_map(|(key, fields)| Operation::Replace(key, fields)),
        4 => value().prop_map(Operation::Remove),
        1 => Just(Operation::Clear),
        1 => (0_usize..3).prop_map(Operation::Next),
        1 => (0_usize..3, 0_i64..2000).prop_map(|(s, used)| Operation::Raise(s, used)),
        1 => Just(Operation::Commit),
        1 => Just(Operation::RollBack),
    ]
}

fn tree(record: impl AsRef<Record>) -> Value {
    Value::map(record.as_ref().to_map())
}

/// Does to a copy what a commit did.
fn repeat(mirror: &mut BTreeMap<u64, Arc<Record>>, changes: &Changes) {
    for change in changes.rows.iter().filter(|change| change.collection == 0) {
        match &change.after {
            Some(after) => mirror.insert(change.row, after.clone()),
            None => mirror.remove(&change.row),
        };
    }
}

proptest! {
    #[test]
    fn a_store_does_what_a_list_does(
        operations in prop::collection::vec(operation(), 0..80),
        probes in prop::collection::vec((value(), value()), 4),
    ) {
        for mut store in stores() {
            let layout = store.layout().clone();
            let mut commits = Vec::new();
            let mut mirror = BTreeMap::new();
            let mut model = Model::new(&layout);
            let mut committed = model.clone();
            let mut transaction = store.begin();
            for operation in &operations {
                match operation.clone() {
                    Operation::Insert(fields) => {
                        let record = row(&layout, fields);
                        let expected = model.insert(record.clone());
                        prop_assert_eq!(outcome(transaction.insert(0, record)), expected);
                    }
                    Operation::Replace(key, fields) => {
                        let record = row(&layout, fields);
                        let expected = model.replace(&key, record.clone());
                        prop_assert_eq!(outcome(transaction.replace(0, &key, record)), expected);
                    }
                    Operation::Remove(key) => {
                        let removed = transaction.remove(0, &key);
                        prop_assert_eq!(removed.map(tree), model.remove(&key));
                    }
                    Operation::Clear => {
                        transaction.clear(0);
                        model.rows.clear();
                    }
                    Operation::Next(sequence) => {
                        prop_assert_eq!(transaction.next(sequence), model.next(sequence));
                    }
                    Operation::Raise(sequence, used) => {
                        transaction.raise(sequence, used);
                        model.raise(sequence, used);
                    }
                    Operation::Commit => {
                        let changes = transaction.commit();
                        repeat(&mut mirror, &changes);
                        commits.push((committed, changes));
                        let mirrored: Vec<_> = mirror.values().map(tree).collect();
                        prop_assert_eq!(&mirrored, &model.contents());
                        committed = model.clone();
                        transaction = store.begin();
                    }
                    Operation::RollBack => {
                        drop(transaction);
                        model = committed.clone();
                        transaction = store.begin();
                    }
                }
                let rows: Vec<_> = all(&*transaction).into_iter().map(tree).collect();
                prop_assert_eq!(&rows, &model.contents());
                prop_assert_eq!(transaction.len(0), rows.len());
                for (one, other) in &probes {
                    prop_assert_eq!(transaction.get(0, one).map(tree), model.get(one));
                    for (index, values) in [
                        (BY_MAIL, vec![one.clone()]),
                        (BY_GROUP, vec![one.clone()]),
                        (BY_GROUP_AND_NAME, vec![one.clone(), other.clone()]),
                    ] {
                        let rows = transaction.lookup(0, index, &values);
                        let rows: Vec<_> = rows.into_iter().map(tree).collect();
                        let first = transaction.first(0, index, &values).map(tree);
                        prop_assert_eq!(first.as_ref(), rows.first());
                        prop_assert_eq!(rows, model.lookup(index, &values));
                    }
                }
            }
            drop(transaction);
            for (before, changes) in commits.into_iter().rev() {
                store.revert(changes);
                let rows: Vec<_> = all(&*store).into_iter().map(tree).collect();
                prop_assert_eq!(rows, before.contents());
                for (one, other) in &probes {
                    prop_assert_eq!(store.get(0, one).map(tree), before.get(one));
                    let values = [one.clone(), other.clone()];
                    let rows = store.lookup(0, BY_GROUP_AND_NAME, &values);
                    let rows: Vec<_> = rows.into_iter().map(tree).collect();
                    prop_assert_eq!(rows, before.lookup(BY_GROUP_AND_NAME, &values));
                }
                let mut transaction = store.begin();
                let mut before = before;
                for sequence in 0..2 {
                    prop_assert_eq!(transaction.next(sequence), before.next(sequence));
                }
            }
        }
    }
}
