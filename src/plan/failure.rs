//! Which error each failure gives, looked up by position.

use crate::model::{Failure, FailureAnswer, Failures};

/// The entries that hold for one binding, inner ones before outer ones.
#[derive(Debug, Clone)]
pub struct FailureTable {
    entries: Vec<Option<FailureAnswer>>,
}

impl FailureTable {
    /// Joins maps of failures, the innermost first.
    pub fn compile(inner_first: &[&Failures]) -> Self {
        let mut entries = vec![None; Failure::all().count()];
        for failures in inner_first {
            for (failure, answer) in &failures.0 {
                if let Some(entry) = entries.get_mut(failure.index()) {
                    entry.get_or_insert(*answer);
                }
            }
        }
        Self { entries }
    }

    /// The entry for exactly that failure.
    pub fn exactly(&self, failure: Failure) -> Option<FailureAnswer> {
        self.entries.get(failure.index()).copied().flatten()
    }

    /// The entry for that failure, or for `invalid` where that stands in for it.
    pub fn get(&self, failure: Failure) -> Option<FailureAnswer> {
        self.exactly(failure)
            .or_else(|| if failure.is_constraint() { self.exactly(Failure::Invalid) } else { None })
    }
}
