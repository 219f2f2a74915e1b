//! `schedule`.

use std::sync::Arc;

use super::{Describe, Part};
use crate::model::stage::{Stage, staged};
use crate::model::{OperationId, Service, Text, Tree};

staged! {
    /// Has an operation run later.
    pub struct Schedule {
        /// After which duration.
        pub after: Text<S>,
        /// The operation.
        pub operation: OperationId,
        /// With which parameters.
        pub parameters: Vec<(Arc<str>, Tree<S>)>,
    }
}

impl<S: Stage> Describe<S> for Schedule<S> {
    fn parts(&self) -> Vec<Part<'_, S>> {
        self.parameters.iter().map(|(_, tree)| Part::Tree(tree)).collect()
    }

    fn change(&self, service: &Service) -> Option<String> {
        let operation = service.operations.get(self.operation.0);
        Some(format!("schedule {}", operation.map_or("", |operation| &*operation.id)))
    }
}
