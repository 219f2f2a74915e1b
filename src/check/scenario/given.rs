//! Rows in place of the fixtures.

use std::sync::Arc;

use super::Reader;
use super::written::is_worked_out;
use crate::check::special::member_name;
use crate::expression::holds_expression;
use crate::model::{Collection, CollectionId, Tree};
use crate::source::Span;
use crate::syntax::{Node, NodeKind, ReadNode};
use crate::value::{Map, Value};

impl<'n> Reader<'n, '_> {
    /// `given`; checked as fixtures are.
    pub(super) fn given(&mut self, node: Option<&'n Node>) -> Vec<(CollectionId, Tree)> {
        let Some(node) = node else { return Vec::new() };
        let mut given: Vec<(CollectionId, Vec<Map>)> = Vec::new();
        let mut written: Vec<(CollectionId, &'n Node)> = Vec::new();
        let mut trees: Vec<(CollectionId, Tree)> = Vec::new();
        for (key, node) in self.read_members(node) {
            let Some(id) = self.collection(&key.value, &key.span) else { continue };
            let Some(collection) = self.service.collections.get(id.0) else { continue };
            let mut rows: Vec<(Map, Span)> = Vec::new();
            if is_worked_out(node) {
                trees.push((id, self.trees.tree(node, &self.scope)));
                continue;
            }
            let mut list = Vec::new();
            for item in self.read_items(node) {
                if has_expressions(item) {
                    // What it becomes is known only when it is put in.
                    self.check_fields(item, collection);
                    list.push(self.trees.tree(item, &self.scope));
                    continue;
                }
                list.push(Tree::Constant(item.to_value()));
                if let Some(row) = self.fixed_row(item, collection) {
                    rows.push((row, item.span.clone()));
                    written.push((id, item));
                }
            }
            let borrowed: Vec<(&Map, Span)> =
                rows.iter().map(|(row, span)| (row, span.clone())).collect();
            self.trees.check_rows(collection, &borrowed);
            trees.push((id, Tree::List(list)));
            given.push((id, rows.into_iter().map(|(row, _)| row).collect()));
        }
        self.check_references(&given, &written);
        trees
    }

    /// References lead to rows that are given too, or to fixtures that stay.
    fn check_references(
        &mut self,
        given: &[(CollectionId, Vec<Map>)],
        written: &[(CollectionId, &'n Node)],
    ) {
        if written.is_empty() {
            return;
        }
        let mut collections = self.service.collections.clone();
        for (id, rows) in given {
            if let Some(collection) = collections.get_mut(id.0) {
                collection.fixtures.clone_from(rows);
            }
        }
        for (id, node) in written {
            if let Some(collection) = collections.get(id.0) {
                self.trees.check_references(collection, &collections, node);
            }
        }
    }

    fn fixed_row(&mut self, node: &'n Node, collection: &Collection) -> Option<Map> {
        self.check_fields(node, collection);
        let value = self.trees.constant(node);
        if node.as_map().is_some()
            && let Tree::Constant(_) = self.trees.tree(node, &self.scope)
        {
            self.trees.fit(node, &collection.schema, "the row");
        }
        match value {
            Value::Map(map) => Some(Arc::unwrap_or_clone(map)),
            _ => None,
        }
    }

    /// Fields that a collection does not have.
    fn check_fields(&mut self, node: &'n Node, collection: &Collection) {
        if collection.open {
            return;
        }
        let known = || collection.schema.properties.iter().map(|property| &*property.name);
        for (key, _) in self.read_members(node) {
            let name = member_name(&key.value);
            if !known().any(|field| field == name) {
                let what = format!("field of `{}`", collection.name);
                let names: Vec<&str> = known().collect();
                let names = names.iter().copied();
                self.unknown("unknown-field", &what, name, &key.span, names);
            }
        }
    }

    /// `put`: rows that replace those of collections while a scenario runs.
    pub(super) fn put(&mut self, node: &'n Node) -> Vec<(CollectionId, Tree)> {
        let mut put = Vec::new();
        for (key, node) in self.read_members(node) {
            let id = self.collection(&key.value, &key.span);
            let tree = self.trees.tree(node, &self.scope);
            let Some(id) = id else { continue };
            let worked_out = matches!(&node.kind, NodeKind::Text(text) if holds_expression(text));
            if !worked_out && let Some(collection) = self.service.collections.get(id.0) {
                for item in self.read_items(node) {
                    self.check_fields(item, collection);
                    if let Tree::Constant(_) = self.trees.tree(item, &self.scope) {
                        self.trees.fit(item, &collection.schema, "the row");
                    }
                }
            }
            put.push((id, tree));
        }
        put
    }
}

/// Whether anything in a row has to be worked out, or is written in another way than it is.
fn has_expressions(node: &Node) -> bool {
    match &node.kind {
        NodeKind::Text(_) => is_worked_out(node),
        NodeKind::List(items) => items.iter().any(has_expressions),
        NodeKind::Map(entries) => {
            entries.iter().any(|(key, node)| key.value.starts_with("$$") || has_expressions(node))
        }
        _ => false,
    }
}
