//! `wait`.

use super::{Describe, Part};
use crate::model::Text;
use crate::model::stage::{Stage, staged};

staged! {
    /// Holds the answer until there is something to tell.
    pub struct Wait {
        /// What is waited for.
        pub until: S::Expression,
        /// The duration after which it is waited for no longer.
        pub at_most: Text<S>,
    }
}

impl<S: Stage> Describe<S> for Wait<S> {
    fn parts(&self) -> Vec<Part<'_, S>> {
        Vec::new()
    }
}
