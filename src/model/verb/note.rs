//! `note`.

use super::{Describe, Part};
use crate::model::Text;
use crate::model::stage::{Stage, staged};

staged! {
    /// A line for the explanation.
    pub struct Note {
        /// What it says.
        pub text: Text<S>,
    }
}

impl<S: Stage> Describe<S> for Note<S> {
    fn parts(&self) -> Vec<Part<'_, S>> {
        Vec::new()
    }
}
