//! The names that an expression may look at.

use std::sync::Arc;

use super::shape::Shape;

/// The names in sight, the nearest last.
#[derive(Debug, Clone, Default)]
pub(super) struct Scope {
    names: Vec<(Arc<str>, Shape)>,
    /// Whether other names may be in sight: it is not known where the expression will be worked
    /// out, or what would have given a name could not be read.
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
    "uuid",
];

/// A state of a scope.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mark {
    names: usize,
    lenient: bool,
}

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

    /// Whether a name is known to be in sight.
    pub(super) fn has(&self, name: &str) -> bool {
        self.names.iter().any(|(known, _)| **known == *name)
    }

    /// Whether other names may be in sight.
    pub(super) fn is_lenient(&self) -> bool {
        self.lenient
    }

    /// All names in sight.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> + Clone {
        self.names.iter().map(|(name, _)| &**name)
    }

    /// What could not be read might have put names in sight, so from here on none is unknown.
    pub(super) fn lose_track(&mut self) {
        self.lenient = true;
    }

    /// What is in sight, to go back to.
    pub(super) fn mark(&self) -> Mark {
        Mark { names: self.names.len(), lenient: self.lenient }
    }

    /// What came after a mark.
    pub(super) fn since(&self, mark: Mark) -> Vec<(Arc<str>, Shape)> {
        self.names.get(mark.names..).unwrap_or_default().to_vec()
    }

    /// Forgets what came after a mark.
    pub(super) fn reset(&mut self, mark: Mark) {
        self.names.truncate(mark.names);
        self.lenient = mark.lenient;
    }
}
