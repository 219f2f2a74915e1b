//! `update`.

use std::sync::Arc;

use super::{Describe, Part, collection};
use crate::model::stage::{Stage, staged};
use crate::model::{CollectionId, ErrorId, Service, Tree};

/// Which fields take the members of a map one by one (RFC 7396), in place of the map.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Merges {
    /// None.
    Nothing,
    /// These.
    Fields(Arc<[Arc<str>]>),
    /// All.
    All,
}

impl Merges {
    /// Whether a field does.
    pub fn has(&self, field: &str) -> bool {
        match self {
            Self::Nothing => false,
            Self::Fields(fields) => fields.iter().any(|known| **known == *field),
            Self::All => true,
        }
    }
}

staged! {
    /// Changes a row.
    pub struct Update {
        /// The variable that holds the row.
        pub record: S::Variable,
        /// Its collection.
        pub collection: CollectionId,
        /// The fields; a tree that gives a map.
        pub values: Tree<S>,
        /// Only what is absent, null or empty is set.
        pub fill: bool,
        /// Which fields take the members of a map.
        pub merges: Merges,
        /// Whether null and the empty text take away what is there.
        pub unsets: bool,
        /// The error in place of the unique constraints' own.
        pub on_conflict: Option<ErrorId>,
    }
}

impl<S: Stage> Describe<S> for Update<S> {
    fn parts(&self) -> Vec<Part<'_, S>> {
        vec![Part::Tree(&self.values), Part::Writes(self.collection, self.on_conflict)]
    }

    fn change(&self, service: &Service) -> Option<String> {
        Some(format!("update {}", collection(service, self.collection)))
    }
}
