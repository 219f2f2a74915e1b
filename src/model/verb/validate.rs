//! `validate`.

use std::sync::Arc;

use super::{Describe, Given, Part};
use crate::model::stage::{Stage, staged};
use crate::model::{Schema, Tree};

/// What is told of each thing that is wrong.
pub const VIOLATION: [&str; 8] =
    ["path", "field", "keyword", "value", "limit", "type", "message", "error"];

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
        /// What the list of what is wrong is called; without it that refuses the request.
        pub violations: Option<S::Variable>,
    }
}

impl<S: Stage> Describe<S> for Validate<S> {
    fn parts(&self) -> Vec<Part<'_, S>> {
        let read = |name| Part::Gives(name, Given::Value(&self.value));
        let told = |name| Part::Gives(name, Given::Told);
        let mut parts: Vec<_> = self.name.iter().map(read).collect();
        parts.extend(self.violations.iter().map(told));
        parts.push(Part::Tree(&self.value));
        parts.push(match &self.violations {
            Some(_) => Part::Judged(&self.schema),
            None => Part::Schema(&self.schema),
        });
        parts
    }
}
