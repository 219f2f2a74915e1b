//! What a store must be able to hold.

use std::sync::Arc;

use crate::value::Shape;

/// What a store must be able to hold; derived from a spec when it is compiled.
#[derive(Debug)]
pub struct Layout {
    /// The collections; named by their position from here on.
    pub collections: Vec<CollectionLayout>,
    /// The first value of each sequence.
    pub sequences: Vec<i64>,
}

/// A collection of rows.
#[derive(Debug)]
pub struct CollectionLayout {
    /// What the spec calls it.
    pub name: Arc<str>,
    /// The declared fields; a slot is a position in it.
    pub shape: Arc<Shape>,
    /// The slot of the key.
    pub key: usize,
    /// For each slot, whether its texts compare without regard to case; slots beyond do not.
    pub folded: Vec<bool>,
    /// The indexes; named by their position from here on.
    pub indexes: Vec<IndexLayout>,
}

/// Slots that rows are found by.
#[derive(Debug)]
pub struct IndexLayout {
    /// The slots whose values together make an entry. A row in which one of them is absent, null
    /// or empty has no entry.
    pub slots: Vec<usize>,
    /// Whether two rows may not have the same entry.
    pub unique: bool,
}

impl CollectionLayout {
    /// Whether texts in that slot compare without regard to case.
    pub(super) fn folds(&self, slot: usize) -> bool {
        self.folded.get(slot).copied().unwrap_or(false)
    }
}
