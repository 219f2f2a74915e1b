//! Operations as they were found: what they take, and what they create.

use super::outcome::Outcome;
use super::request::Sent;
use crate::model::{CollectionId, Service, Step, Verb};
use crate::value::Map;

/// An operation that takes requests.
pub(super) struct Seen {
    /// What it is called in the names of scenarios.
    pub name: String,
    /// A request that it takes.
    pub sent: Sent,
    /// One with all that it can have.
    pub whole: Sent,
    /// What comes of it.
    pub accepted: Outcome,
}

/// An operation that creates rows.
pub(super) struct Creating {
    pub sent: Sent,
    pub accepted: Outcome,
    pub collections: Vec<CollectionId>,
}

impl Creating {
    /// The same where an operation creates something without any rows before.
    pub(super) fn look(
        service: &Service,
        sent: &Sent,
        given: &[(CollectionId, Vec<Map>)],
        accepted: &Outcome,
    ) -> Option<Self> {
        let operation = service.operations.get(sent.operation.0)?;
        let mut collections = Vec::new();
        insertions(&operation.steps, &mut collections);
        let (sent, accepted) = (sent.clone(), accepted.clone());
        let creates = !collections.is_empty() && given.is_empty();
        creates.then_some(Self { sent, accepted, collections })
    }
}

/// The collections into which steps insert, whether or not they are done.
pub(super) fn insertions(steps: &[Step], found: &mut Vec<CollectionId>) {
    for step in steps {
        match &step.verb {
            Verb::Insert(insert) => found.push(insert.collection),
            Verb::Group(group) => insertions(&group.steps, found),
            _ => {}
        }
    }
}
