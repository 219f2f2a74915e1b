//! `validate`.

use std::sync::Arc;

use super::{Describe, Given, Part};
use crate::model::stage::{Stage, staged};
use crate::model::{Schema, Tree};

staged! {
    /// Reads a value by a schema.
    pub struct Validate {
        /// The value.
        pub value: Tree<S>,
        /// What it may be.
        pub schema: Box<Schema<S>>,
        /// What stands before the names in messages.
        pub path: Option<Arc<str>>,
        /// What the result is called.
        pub name: Option<S::Variable>,
    }
}

impl<S: Stage> Describe<S> for Validate<S> {
    fn parts(&self) -> Vec<Part<'_, S>> {
        let read = |name| Part::Gives(name, Given::Value(&self.value));
        let mut parts: Vec<_> = self.name.iter().map(read).collect();
        parts.extend([Part::Tree(&self.value), Part::Schema(&self.schema)]);
        parts
    }
}
