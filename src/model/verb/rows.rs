//! Rows that are looked for.

use std::sync::Arc;

use super::Part;
use crate::model::stage::{Lookup, Stage, staged};
use crate::model::{CollectionId, Tree};

staged! {
    /// Rows that are looked for.
    pub struct Rows {
        /// Where to look, and by which fields; none takes all rows.
        pub lookup: Lookup<S>,
        /// True of `it`, the row.
        pub filter: Option<S::Expression>,
        /// Sorted by this field, else in order of insertion.
        pub order_by: Option<Arc<str>>,
        /// The last first, when true.
        pub descending: Option<Tree<S>>,
    }
}

impl<S: Stage> Rows<S> {
    /// Where they are.
    pub fn collection(&self) -> CollectionId {
        self.lookup.collection
    }

    /// What it holds.
    pub(super) fn parts(&self) -> impl Iterator<Item = Part<'_, S>> {
        let fields = S::trees(&self.lookup.access);
        fields.into_iter().chain(&self.descending).map(Part::Tree)
    }
}
