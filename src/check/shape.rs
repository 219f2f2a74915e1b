//! What is known of a value before there is one: enough to say that a member cannot be there.

use std::sync::Arc;

use crate::model::CollectionId;
use crate::source::Span;

/// The members that a value may have.
#[derive(Debug, Clone)]
pub(super) enum Shape {
    /// Anything.
    Any,
    /// A value without members.
    Scalar,
    /// Items of one shape.
    List(Arc<Shape>),
    /// Members.
    Object(Arc<Members>),
    /// A row of a collection.
    Row(CollectionId),
    /// No value but an expectation: it has a matcher in it, which stands here.
    Expectation(Span),
}

/// The members of an object.
#[derive(Debug, Clone, Default)]
pub(super) struct Members {
    pub(super) list: Vec<(Arc<str>, Shape)>,
    /// Whether there may be others.
    pub(super) open: bool,
}

impl Members {
    pub(super) fn get(&self, name: &str) -> Option<&Shape> {
        self.list.iter().find(|(member, _)| **member == *name).map(|(_, shape)| shape)
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> + Clone {
        self.list.iter().map(|(name, _)| &**name)
    }
}

impl Shape {
    /// An object that has these members and no others.
    pub(super) fn closed(list: Vec<(Arc<str>, Self)>) -> Self {
        Self::Object(Arc::new(Members { list, open: false }))
    }

    /// An object that has these members, all without members of their own, and no others.
    pub(super) fn scalars(names: &[&str]) -> Self {
        Self::closed(names.iter().map(|name| (Arc::from(*name), Self::Scalar)).collect())
    }

    /// What may be either of two.
    pub(super) fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Scalar, Self::Scalar) => Self::Scalar,
            (Self::Row(one), Self::Row(two)) if one == two => Self::Row(one),
            (Self::Object(one), Self::Object(two)) => {
                let mut members = Arc::unwrap_or_clone(one);
                for (name, shape) in &two.list {
                    match members.list.iter_mut().find(|(known, _)| known == name) {
                        Some((_, known)) => {
                            *known = std::mem::replace(known, Self::Any).or(shape.clone());
                        }
                        None => members.list.push((name.clone(), shape.clone())),
                    }
                }
                members.open |= two.open;
                Self::Object(Arc::new(members))
            }
            _ => Self::Any,
        }
    }
}
