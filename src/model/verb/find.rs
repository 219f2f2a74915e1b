//! `find`.

use super::{Describe, Given, Part, Rejection, Rows};
use crate::model::stage::{Stage, staged};

staged! {
    /// The first row that fits, or null.
    pub struct Find {
        /// Among which, and in which order.
        pub rows: Rows<S>,
        /// What it is called.
        pub name: S::Variable,
        /// Rejects when there is none.
        pub or_else: Option<Rejection<S>>,
    }
}

impl<S: Stage> Describe<S> for Find<S> {
    fn parts(&self) -> Vec<Part<'_, S>> {
        let mut parts = vec![Part::Gives(&self.name, Given::Row(self.rows.collection()))];
        parts.extend(self.rows.parts());
        parts.extend(self.or_else.iter().map(Part::Rejection));
        parts
    }
}
