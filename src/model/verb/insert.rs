//! `insert`.

use super::{Describe, Given, Part, collection};
use crate::model::stage::{Stage, staged};
use crate::model::{CollectionId, ErrorId, Service, Tree};

staged! {
    /// Adds a row.
    pub struct Insert {
        /// Where.
        pub collection: CollectionId,
        /// The fields; a tree that gives a map.
        pub values: Tree<S>,
        /// What it is called.
        pub name: Option<S::Variable>,
        /// The error in place of the unique constraints' own.
        pub on_conflict: Option<ErrorId>,
    }
}

impl<S: Stage> Describe<S> for Insert<S> {
    fn parts(&self) -> Vec<Part<'_, S>> {
        let row = |name| Part::Gives(name, Given::Row(self.collection));
        let mut parts: Vec<_> = self.name.iter().map(row).collect();
        parts.push(Part::Tree(&self.values));
        parts.push(Part::Writes(self.collection, self.on_conflict));
        parts
    }

    fn change(&self, service: &Service) -> Option<String> {
        Some(format!("insert {}", collection(service, self.collection)))
    }
}
