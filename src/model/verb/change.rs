//! `add`, `remove` and `replace`.

use std::sync::Arc;

use super::{Describe, Part, collection};
use crate::model::stage::{Stage, staged};
use crate::model::{CollectionId, Service, Tree};

/// How a list field changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListChange {
    /// The union, without doubles.
    Add,
    /// The difference.
    Remove,
    /// The new list.
    Replace,
}

staged! {
    /// Changes a list field of a row.
    pub struct Change {
        /// How.
        pub how: ListChange,
        /// The variable that holds the row.
        pub record: S::Variable,
        /// Its collection.
        pub collection: CollectionId,
        /// The field.
        pub field: Arc<str>,
        /// The items; a tree that gives a list.
        pub values: Tree<S>,
    }
}

impl<S: Stage> Describe<S> for Change<S> {
    fn parts(&self) -> Vec<Part<'_, S>> {
        vec![Part::Tree(&self.values)]
    }

    fn change(&self, service: &Service) -> Option<String> {
        let verb = match self.how {
            ListChange::Add => "add to",
            ListChange::Remove => "remove from",
            ListChange::Replace => "replace",
        };
        Some(format!("{verb} {}.{}", collection(service, self.collection), self.field))
    }
}
