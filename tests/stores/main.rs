//! The laws of a store, held by every backend.
#![cfg(test)]

use std::ops::ControlFlow;
use std::sync::Arc;

use counterpart::unstable::state::{
    CollectionLayout, IndexLayout, Layout, MemoryStore, Store, View,
};
use counterpart::unstable::value::{Record, Shape, Value};

mod laws;
mod model;
mod series;

const ID: usize = 0;
const MAIL: usize = 1;
const GROUP: usize = 2;
const NAME: usize = 3;

const BY_MAIL: usize = 0;
const BY_GROUP: usize = 1;
const BY_GROUP_AND_NAME: usize = 2;

/// One empty store of each backend; a new backend joins here.
fn stores() -> Vec<Box<dyn Store>> {
    vec![Box::new(MemoryStore::new(layout()))]
}

/// Contacts by mail address in any case, with names unique in their group; tags by folded key.
fn layout() -> Arc<Layout> {
    let index = |slots: &[usize], unique| IndexLayout { slots: slots.to_vec(), unique };
    let contacts = CollectionLayout {
        name: "contacts".into(),
        shape: Shape::new(["id", "mail", "group", "name"].map(Arc::from).to_vec()),
        key: ID,
        folded: vec![false, true],
        indexes: vec![index(&[MAIL], true), index(&[GROUP], false), index(&[GROUP, NAME], true)],
    };
    let tags = CollectionLayout {
        name: "tags".into(),
        shape: Shape::new(vec!["tag".into()]),
        key: 0,
        folded: vec![true],
        indexes: Vec::new(),
    };
    Arc::new(Layout { collections: vec![contacts, tags], sequences: vec![1, 1000] })
}

/// A row of contacts.
fn row(layout: &Layout, values: [Option<Value>; 4]) -> Record {
    let mut record = Record::new(layout.collections[0].shape.clone());
    for (slot, value) in values.into_iter().enumerate() {
        record.set_slot(slot, value);
    }
    record
}

/// The contacts in order.
fn all(rows: &dyn View) -> Vec<Arc<Record>> {
    let mut found = Vec::new();
    rows.for_each(0, &mut |row| {
        found.push(row.clone());
        ControlFlow::Continue(())
    });
    found
}
