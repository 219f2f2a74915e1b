//! Which error each failure gives.

use crate::model::{Failure, FailureAnswer, Failures};

/// The entries that hold for one binding, inner ones before outer ones. Most failures have none,
/// and there are several such tables for each operation, so none keeps room for all failures.
#[derive(Debug, Clone)]
pub struct FailureTable {
    entries: Box<[(Failure, FailureAnswer)]>,
}

impl FailureTable {
    /// Joins maps of failures, the innermost first.
    pub fn compile(inner_first: &[&Failures]) -> Self {
        let mut entries: Vec<(Failure, FailureAnswer)> = Vec::new();
        for (failure, answer) in inner_first.iter().flat_map(|failures| &failures.0) {
            if !entries.iter().any(|(known, _)| known == failure) {
                entries.push((*failure, *answer));
            }
        }
        Self { entries: entries.into() }
    }

    /// The entry for exactly that failure.
    pub fn exactly(&self, failure: Failure) -> Option<FailureAnswer> {
        let entry = self.entries.iter().find(|(known, _)| *known == failure);
        entry.map(|(_, answer)| *answer)
    }

    /// The entry for that failure, or for `invalid` where that stands in for it.
    pub fn get(&self, failure: Failure) -> Option<FailureAnswer> {
        self.exactly(failure)
            .or_else(|| if failure.is_constraint() { self.exactly(Failure::Invalid) } else { None })
    }
}
