//! `update`.

use super::{Describe, Part, collection};
use crate::model::stage::{Stage, staged};
use crate::model::{CollectionId, ErrorId, Service, Tree};

staged! {
    /// Changes a row.
    pub struct Update {
        /// The variable that holds the row.
        pub record: S::Variable,
        /// Its collection.
        pub collection: CollectionId,
        /// The fields; a tree that gives a map.
        pub values: Tree<S>,
        /// Only what is absent, null or empty is set.
        pub fill: bool,
        /// The error in place of the unique constraints' own.
        pub on_conflict: Option<ErrorId>,
    }
}

impl<S: Stage> Describe<S> for Update<S> {
    fn parts(&self) -> Vec<Part<'_, S>> {
        vec![Part::Tree(&self.values), Part::Writes(self.collection, self.on_conflict)]
    }

    fn change(&self, service: &Service) -> Option<String> {
        Some(format!("update {}", collection(service, self.collection)))
    }
}
