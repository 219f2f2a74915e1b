//! Shared steps: `$ref`, `before` and `after`.

use super::{Describe, Part, Steps};
use crate::model::stage::{Stage, staged};

staged! {
    /// Shared steps.
    pub struct Group {
        /// What is done.
        pub steps: Steps<S>,
    }
}

staged! {
    /// Shared steps that are done as soon as the operation has an answer that is not an error.
    pub struct After {
        /// What is done.
        pub steps: Steps<S>,
    }
}

impl<S: Stage> Describe<S> for Group<S> {
    fn parts(&self) -> Vec<Part<'_, S>> {
        vec![Part::Steps(&self.steps)]
    }
}

impl<S: Stage> Describe<S> for After<S> {
    fn parts(&self) -> Vec<Part<'_, S>> {
        vec![Part::Steps(&self.steps)]
    }
}
