//! `let`.

use super::{Describe, Given, Part};
use crate::model::Tree;
use crate::model::stage::{Stage, staged};

staged! {
    /// Names values.
    pub struct Let {
        /// The names and what they hold.
        pub values: Vec<(S::Variable, Tree<S>)>,
    }
}

impl<S: Stage> Describe<S> for Let<S> {
    fn parts(&self) -> Vec<Part<'_, S>> {
        let part = |(name, value)| [Part::Gives(name, Given::Value(value)), Part::Tree(value)];
        self.values.iter().map(|(name, value)| (name, value)).flat_map(part).collect()
    }
}
