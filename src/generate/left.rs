//! What was not reached, and why: counted, in words.

use std::collections::BTreeMap;

use crate::model::Word;

/// What no scenario is written for.
#[derive(Debug, Clone, Default)]
pub(crate) struct Left {
    counts: BTreeMap<String, usize>,
}

impl Left {
    /// A keyword was not reached.
    pub(super) fn rule(&mut self, word: Word, why: &str) {
        self.one(format!("`{}`: {why}", word.name()));
    }

    /// Something was not reached.
    pub(super) fn one(&mut self, what: impl Into<String>) {
        *self.counts.entry(what.into()).or_default() += 1;
    }

    /// What was not reached with how often, in the order of the alphabet.
    pub(crate) fn entries(&self) -> impl Iterator<Item = (&str, usize)> {
        self.counts.iter().map(|(what, count)| (&**what, *count))
    }
}
