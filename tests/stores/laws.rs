//! Laws, one by one.

use std::ops::ControlFlow;
use std::sync::Arc;

use counterpart::unstable::state::{Conflict, Layout, Store};
use counterpart::unstable::value::{Record, Value};

use crate::model::{Outcome, outcome};
use crate::{BY_GROUP, BY_GROUP_AND_NAME, BY_MAIL, ID, all, row, stores};

fn contact(layout: &Layout, id: i64, mail: &str, group: i64, name: &str) -> Record {
    row(layout, [Some(id.into()), Some(mail.into()), Some(group.into()), Some(name.into())])
}

fn ids(rows: &[Arc<Record>]) -> Vec<i64> {
    let id = |row: &Arc<Record>| match row.slot(ID) {
        Some(Value::Integer(id)) => *id,
        other => panic!("{other:?} is not an id"),
    };
    rows.iter().map(id).collect()
}

/// Stores with contacts 1 to 3, the first two of group 7.
fn filled() -> Vec<Box<dyn Store>> {
    let mut stores = stores();
    for store in &mut stores {
        let layout = store.layout().clone();
        let mut transaction = store.begin();
        for (id, mail, group, name) in
            [(1, "Ann@x.example", 7, "ann"), (2, "", 7, "bob"), (3, "cy@x.example", 8, "ann")]
        {
            transaction.insert(0, contact(&layout, id, mail, group, name)).unwrap();
        }
        transaction.commit();
    }
    stores
}

#[test]
fn rows_are_found_by_key_and_index() {
    for mut store in filled() {
        let transaction = store.begin();
        assert!(transaction.get(0, &2.into()).is_some());
        assert!(transaction.get(0, &2.0.into()).is_some(), "numbers compare as numbers");
        for key in ["2".into(), 2.5.into(), Value::Null, "".into()] {
            assert!(transaction.get(0, &key).is_none(), "{key:?}");
        }
        assert_eq!(ids(&transaction.lookup(0, BY_GROUP, &[7.into()])), [1, 2]);
        assert_eq!(ids(&transaction.lookup(0, BY_MAIL, &["aNN@X.example".into()])), [1]);
        let first = transaction.first(0, BY_GROUP_AND_NAME, &[8.into(), "ann".into()]);
        assert_eq!(ids(first.as_slice()), [3]);
        let nothing: [(usize, &[Value]); 7] = [
            (BY_GROUP_AND_NAME, &[8.into(), "Ann".into()]),
            (BY_GROUP_AND_NAME, &[8.into()]),
            (BY_GROUP, &[]),
            (BY_GROUP, &[7.into(), 7.into()]),
            (BY_MAIL, &["".into()]),
            (BY_MAIL, &[Value::Null]),
            (9, &[7.into()]),
        ];
        for (index, values) in nothing {
            assert!(transaction.first(0, index, values).is_none(), "{index} {values:?}");
            assert!(transaction.lookup(0, index, values).is_empty(), "{index} {values:?}");
        }
    }
}

#[test]
fn a_folded_key_is_one_in_any_case() {
    for mut store in stores() {
        let layout = store.layout().clone();
        let tag = |text: &str| {
            let mut record = Record::new(layout.collections[1].shape.clone());
            record.set_slot(0, Some(text.into()));
            record
        };
        let mut transaction = store.begin();
        transaction.insert(1, tag("Ärger")).unwrap();
        assert!(transaction.get(1, &"äRGER".into()).is_some());
        assert!(matches!(transaction.insert(1, tag("ÄRGER")), Err(Conflict::Key { .. })));
        assert!(transaction.insert(1, tag("")).is_ok(), "an empty key is a key");
        assert!(transaction.replace(1, &"ärger".into(), tag("ÄRGER")).is_ok());
    }
}

#[test]
fn conflicts_name_the_other_row_and_change_nothing() {
    for mut store in filled() {
        let layout = store.layout().clone();
        let mut transaction = store.begin();
        let mail = || Some("dan@x.example".into());
        let cases = [
            (contact(&layout, 1, "new@x.example", 9, "new"), Outcome::Key(1.into())),
            (contact(&layout, 4, "ANN@x.example", 9, "n"), Outcome::Unique(BY_MAIL, 1.into())),
            (
                contact(&layout, 4, "new@x.example", 7, "bob"),
                Outcome::Unique(BY_GROUP_AND_NAME, 2.into()),
            ),
            (row(&layout, [None, mail(), None, None]), Outcome::NoKey),
            (row(&layout, [Some(Value::Null), mail(), None, None]), Outcome::NoKey),
        ];
        for (record, expected) in cases {
            assert_eq!(outcome(transaction.insert(0, record.clone())), expected);
            assert_eq!(outcome(transaction.replace(0, &3.into(), record)), expected);
            assert_eq!(ids(&all(&*transaction)), [1, 2, 3]);
        }
        let record = contact(&layout, 4, "new@x.example", 9, "new");
        assert_eq!(outcome(transaction.replace(0, &4.into(), record.clone())), Outcome::Missing);
        assert_eq!(outcome(transaction.insert(99, record)), Outcome::Missing);
    }
}

#[test]
fn a_replaced_row_keeps_its_place_and_is_found_by_what_it_is_now() {
    for mut store in filled() {
        let layout = store.layout().clone();
        let mut transaction = store.begin();
        let record = contact(&layout, 9, "ann@x.example", 8, "zoe");
        transaction.replace(0, &1.into(), record).unwrap();
        assert_eq!(ids(&all(&*transaction)), [9, 2, 3]);
        assert!(transaction.get(0, &1.into()).is_none());
        assert_eq!(ids(&transaction.lookup(0, BY_GROUP, &[7.into()])), [2]);
        assert_eq!(ids(&transaction.lookup(0, BY_GROUP, &[8.into()])), [9, 3]);
        assert_eq!(ids(&transaction.lookup(0, BY_MAIL, &["ann@x.example".into()])), [9]);
    }
}

#[test]
fn what_is_not_committed_never_was() {
    for mut store in filled() {
        let layout = store.layout().clone();
        let mut transaction = store.begin();
        transaction.remove(0, &2.into()).unwrap();
        transaction.insert(0, contact(&layout, 4, "dan@x.example", 7, "dan")).unwrap();
        transaction.replace(0, &1.into(), contact(&layout, 5, "", 8, "eve")).unwrap();
        transaction.clear(0);
        transaction.insert(0, contact(&layout, 2, "ann@x.example", 1, "fay")).unwrap();
        assert_eq!((transaction.next(0), transaction.next(0)), (1, 2));
        transaction.raise(1, 5000);
        assert_eq!(transaction.next(1), 5001);
        drop(transaction);

        let mut transaction = store.begin();
        assert_eq!(ids(&all(&*transaction)), [1, 2, 3]);
        assert_eq!(ids(&transaction.lookup(0, BY_GROUP, &[7.into()])), [1, 2]);
        assert_eq!(ids(&transaction.lookup(0, BY_MAIL, &["ann@x.example".into()])), [1]);
        assert!(transaction.first(0, BY_MAIL, &["dan@x.example".into()]).is_none());
        assert_eq!((transaction.next(0), transaction.next(1)), (1, 1000));
    }
}

#[test]
fn sequences_step_and_are_never_below_what_was_used() {
    for mut store in stores() {
        let mut transaction = store.begin();
        for (used, next) in [(0, 1), (5, 6), (3, 7), (i64::MAX, i64::MAX), (0, i64::MAX)] {
            transaction.raise(0, used);
            assert_eq!(transaction.next(0), next);
        }
        assert_eq!(transaction.next(9), 0);
        transaction.clear(0);
        transaction.commit();
        assert_eq!(store.begin().next(0), i64::MAX);
    }
}

#[test]
fn a_visit_ends_when_the_visitor_says_so() {
    for mut store in filled() {
        let mut seen = 0;
        store.begin().for_each(0, &mut |_| {
            seen += 1;
            if seen == 2 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        assert_eq!(seen, 2);
    }
}
