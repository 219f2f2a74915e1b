//! Which members the values of schemas and the rows of collections have.

use std::sync::Arc;

use super::names::{Names, reference};
use super::shape::{Members, Shape};
use crate::syntax::{Node, Problems};

impl<'n> Names<'n> {
    /// Collects the names that a whole spec gives.
    pub(super) fn collect(root: &'n Node, problems: &'n Problems) -> Self {
        let mut names = Self::without_rows(root, problems);
        let nodes: Vec<_> = names.collections.list.iter().map(|named| named.node).collect();
        names.rows = nodes
            .into_iter()
            .map(|node| match node.get("schema").map(|schema| names.shape(schema)) {
                Some(Shape::Object(members)) => members,
                _ => Arc::new(Members { list: Vec::new(), open: true }),
            })
            .collect();
        names
    }

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
