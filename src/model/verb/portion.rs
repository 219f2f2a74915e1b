//! `list` of what an expression gives.

use super::list::Page;
use super::{Describe, Given, Part};
use crate::model::Tree;
use crate::model::stage::{Stage, staged};

staged! {
    /// A part of a list that was put together.
    pub struct Portion {
        /// Gives the list.
        pub items: S::Expression,
        /// How many items to pass over.
        pub offset: Option<Tree<S>>,
        /// How many at the most.
        pub limit: Option<Tree<S>>,
        /// Which part of them, in place of `offset` and `limit`.
        pub page: Option<Box<Page<S>>>,
        /// What it is called.
        pub name: S::Variable,
    }
}

impl<S: Stage> Describe<S> for Portion<S> {
    fn parts(&self) -> Vec<Part<'_, S>> {
        let mut parts = vec![Part::Gives(&self.name, Given::Told)];
        parts.extend(self.offset.iter().chain(&self.limit).map(Part::Tree));
        parts.extend(self.page.iter().flat_map(|page| page.parts()));
        parts
    }
}
