//! `reject`, and what `orElse` gives.

use std::sync::Arc;

use super::{Describe, Part};
use crate::model::stage::{Stage, staged};
use crate::model::{ErrorId, Text, Tree};

staged! {
    /// Answers with an error.
    pub struct Rejection {
        /// The error.
        pub error: ErrorId,
        /// Further members of `error`.
        pub with: Vec<(Arc<str>, Tree<S>)>,
        /// `error.field`.
        pub field: Option<Text<S>>,
        /// `error.value`.
        pub value: Option<Tree<S>>,
        /// `error.message`.
        pub message: Option<Text<S>>,
    }
}

impl<S: Stage> Rejection<S> {
    /// The trees in it.
    pub fn trees(&self) -> impl Iterator<Item = &Tree<S>> {
        self.with.iter().map(|(_, tree)| tree).chain(&self.value)
    }
}

impl<S: Stage> Describe<S> for Rejection<S> {
    fn parts(&self) -> Vec<Part<'_, S>> {
        vec![Part::Rejection(self)]
    }
}
