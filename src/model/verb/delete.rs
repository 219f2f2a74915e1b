//! `delete`.

use super::{Describe, Part, collection};
use crate::model::stage::{Stage, staged};
use crate::model::{CollectionId, Service};

staged! {
    /// Takes a row away.
    pub struct Delete {
        /// The variable that holds the row.
        pub record: S::Variable,
        /// Its collection.
        pub collection: CollectionId,
    }
}

impl<S: Stage> Describe<S> for Delete<S> {
    fn parts(&self) -> Vec<Part<'_, S>> {
        Vec::new()
    }

    fn change(&self, service: &Service) -> Option<String> {
        Some(format!("delete {}", collection(service, self.collection)))
    }
}
