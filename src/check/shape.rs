//! What is known of a value before there is one: enough to say that a member cannot be there.

use std::sync::Arc;

use super::names::Names;
use super::names::reference;
use crate::model::CollectionId;
use crate::source::Span;
use crate::syntax::Node;

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

impl<'n> Names<'n> {
    /// What a schema says of the members of its values.
    pub(super) fn shape(&self, schema: &'n Node) -> Shape {
        self.shape_of(&[schema], 0)
    }

    /// The shape of what several schemas, the later ones replacing, say together.
    fn shape_of(&self, schemas: &[&'n Node], depth: usize) -> Shape {
        // What refers to itself, or to too much, is a mistake that is told elsewhere.
        let looked = self.looked.get();
        self.looked.set(looked.saturating_add(1));
        if depth > 32 || looked > 100_000 {
            return Shape::Any;
        }
        let mut layers = Vec::new();
        for schema in schemas {
            self.follow(schema, &mut layers, 0);
        }
        let last = |key: &str| layers.iter().rev().find_map(|layer| layer.get(key));
        let mut properties: Vec<(&'n str, Vec<&'n Node>)> = Vec::new();
        for layer in &layers {
            for (name, node) in layer.get("properties").and_then(Node::as_map).unwrap_or_default() {
                match properties.iter_mut().find(|(known, _)| *known == name.value) {
                    Some((_, nodes)) => nodes.push(node),
                    None => properties.push((&name.value, vec![node])),
                }
            }
        }
        if !properties.is_empty() {
            let members = properties
                .into_iter()
                .map(|(name, nodes)| (Arc::from(name), self.shape_of(&nodes, depth + 1)))
                .collect();
            let open = last("additionalProperties").is_some_and(|node| {
                node.as_map().is_some() || matches!(node.kind, crate::syntax::NodeKind::Bool(true))
            });
            return Shape::Object(Arc::new(Members { list: members, open }));
        }
        let one = last("type").and_then(|node| match node.as_list() {
            Some([one, null]) if null.as_text() == Some("null") => one.as_text(),
            _ => node.as_text(),
        });
        match one {
            Some("string" | "integer" | "number" | "boolean") => Shape::Scalar,
            Some("array") => {
                let items: Vec<_> = layers.iter().filter_map(|layer| layer.get("items")).collect();
                Shape::List(Arc::new(match items.as_slice() {
                    [] => Shape::Any,
                    items => self.shape_of(items, depth + 1),
                }))
            }
            _ => Shape::Any,
        }
    }

    fn follow(&self, schema: &'n Node, layers: &mut Vec<&'n Node>, depth: usize) {
        let referenced = schema
            .get("$ref")
            .and_then(Node::as_text)
            .and_then(|text| reference(text, "schemas"))
            .and_then(|name| self.schemas.position(name))
            .and_then(|at| self.schemas.node(at));
        if let Some(node) = referenced
            && depth < 32
        {
            self.follow(node, layers, depth + 1);
        }
        layers.push(schema);
    }
}
