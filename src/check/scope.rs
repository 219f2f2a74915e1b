//! The names that an expression may look at.

use std::sync::Arc;

use super::shape::Shape;

/// The names in sight, the nearest last.
#[derive(Debug, Clone, Default)]
pub(super) struct Scope {
    names: Vec<(Arc<str>, Shape)>,
    /// Whether it is not known where the expression will be worked out, so that any name of the
    /// language may be looked at.
    lenient: bool,
}

/// The names that the language itself gives; a step cannot name anything so.
pub(super) const RESERVED: &[&str] = &[
    "path",
    "query",
    "header",
    "cookie",
    "parameters",
    "body",
    "settings",
    "credential",
    "now",
    "request",
    "rateLimit",
    "row",
    "it",
    "definition",
    "error",
    "violations",
];

impl Scope {
    /// A scope in which every name of the language is in sight.
    pub(super) fn lenient() -> Self {
        Self { names: Vec::new(), lenient: true }
    }

    /// Puts a name in sight.
    pub(super) fn add(&mut self, name: impl Into<Arc<str>>, shape: Shape) {
        self.names.push((name.into(), shape));
    }

    /// The same scope with one more name.
    pub(super) fn with(&self, name: impl Into<Arc<str>>, shape: Shape) -> Self {
        let mut scope = self.clone();
        scope.add(name, shape);
        scope
    }

    /// What a name stands for.
    pub(super) fn get(&self, name: &str) -> Option<Shape> {
        match self.names.iter().rev().find(|(known, _)| **known == *name) {
            Some((_, shape)) => Some(shape.clone()),
            None if self.lenient => Some(Shape::Any),
            None => None,
        }
    }

    /// All names in sight.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> + Clone {
        self.names.iter().map(|(name, _)| &**name)
    }

    /// How many names are in sight, to go back to.
    pub(super) fn mark(&self) -> usize {
        self.names.len()
    }

    /// Forgets the names that came after a mark.
    pub(super) fn reset(&mut self, mark: usize) {
        self.names.truncate(mark);
    }
}
