//! The indexes that the spec's look-ups need.

use std::sync::Arc;

use super::value::{Access, Tree};
use crate::model::{CollectionId, Service};
use crate::state::{CollectionLayout, IndexLayout, Layout};
use crate::value::Shape;

/// The indexes found to be needed so far.
#[derive(Debug)]
pub struct Indexes {
    shapes: Vec<Arc<Shape>>,
    keys: Vec<usize>,
    layouts: Vec<Vec<IndexLayout>>,
}

impl Indexes {
    /// Starts with the unique constraints, in their order, so that they are the first indexes.
    pub fn of_unique(service: &Service, shapes: &[Arc<Shape>]) -> Self {
        let slots = |shape: &Shape, names: &[Arc<str>]| {
            let mut slots: Vec<usize> = names.iter().filter_map(|name| shape.slot(name)).collect();
            slots.sort_unstable();
            slots
        };
        let collections = service.collections.iter().zip(shapes);
        Self {
            shapes: shapes.to_vec(),
            keys: collections.clone().map(|(c, shape)| shape.slot(&c.key).unwrap_or(0)).collect(),
            layouts: collections
                .map(|(collection, shape)| {
                    let unique = collection.unique.iter();
                    unique
                        .map(|u| IndexLayout { slots: slots(shape, &u.fields), unique: true })
                        .collect()
                })
                .collect(),
        }
    }

    /// The index over those fields, made if there is none; `None` when they are just the key, for
    /// which no index is needed.
    pub fn over(&mut self, collection: CollectionId, fields: &[Arc<str>]) -> Option<usize> {
        let slots: Vec<usize> =
            self.sorted(collection, fields).iter().map(|(slot, _)| *slot).collect();
        if slots.len() == 1 && slots.first() == self.keys.get(collection.0) {
            return None;
        }
        let indexes = self.layouts.get_mut(collection.0)?;
        Some(indexes.iter().position(|index| index.slots == slots).unwrap_or_else(|| {
            indexes.push(IndexLayout { slots, unique: false });
            indexes.len() - 1
        }))
    }

    /// Chooses the key or an index for fields that equal something.
    pub fn access(&mut self, collection: CollectionId, fields: Vec<(Arc<str>, Tree)>) -> Access {
        let (names, trees): (Vec<Arc<str>>, Vec<Tree>) = fields.into_iter().unzip();
        if trees.is_empty() {
            return Access::All;
        }
        match self.over(collection, &names) {
            None => trees.into_iter().next().map_or(Access::All, Access::Key),
            Some(index) => {
                let order = self.sorted(collection, &names);
                let mut trees: Vec<Option<Tree>> = trees.into_iter().map(Some).collect();
                let ordered = order
                    .iter()
                    .filter_map(|(_, at)| trees.get_mut(*at).and_then(Option::take))
                    .collect();
                Access::Index(index, ordered)
            }
        }
    }

    /// The fields in the order of their slots, with where each stood.
    fn sorted(&self, collection: CollectionId, fields: &[Arc<str>]) -> Vec<(usize, usize)> {
        let shape = self.shapes.get(collection.0);
        let mut slots: Vec<(usize, usize)> = fields
            .iter()
            .enumerate()
            .filter_map(|(at, field)| Some((shape?.slot(field)?, at)))
            .collect();
        slots.sort_unstable();
        slots
    }

    /// What the store has to hold, once all look-ups are compiled. `firsts` are those of the
    /// sequences.
    pub fn layout(self, service: &Service, firsts: Vec<i64>) -> Arc<Layout> {
        let parts = service.collections.iter().zip(self.shapes).zip(self.keys).zip(self.layouts);
        let collections = parts
            .map(|(((collection, shape), key), indexes)| CollectionLayout {
                name: collection.name.clone(),
                shape,
                key,
                folded: collection
                    .schema
                    .properties
                    .iter()
                    .map(|p| p.schema.case_insensitive)
                    .collect(),
                indexes,
            })
            .collect();
        Arc::new(Layout { collections, sequences: firsts })
    }
}
