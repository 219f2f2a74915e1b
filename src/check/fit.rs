//! Whether values that a spec fixes fit their own schemas.

use std::collections::HashSet;

use super::Checker;
use super::layer::{Layer, last};
use super::reader::TreeReader;
use super::special::is_special;
use crate::diagnostic::Diagnostic;
use crate::expression::{Piece, holds_expression, parse, split};
use crate::model::keyword::{Around, Fixed};
use crate::model::{Collection, Schema, Type};
use crate::syntax::{Node, NodeKind, ReadNode};

impl TreeReader<'_> {
    /// Reports where a fixed value does not fit a schema. Only what is the same for each request
    /// is looked at; `what` is for people: `the default`.
    pub(super) fn fit(&mut self, node: &Node, schema: &Schema, what: &str) {
        if node.as_text().is_some_and(holds_expression) {
            // It cannot stand here at all, which was said.
            return;
        }
        if let NodeKind::Null = node.kind {
            let any = schema.types.is_empty();
            if !schema.nullable && !any {
                self.misfit(node, what, "is null, and its schema does not allow that");
            }
            return;
        }
        let value = node.to_value();
        if !schema.types.is_empty() && !schema.types.iter().any(|kind| kind.takes(&value)) {
            let types: Vec<&str> = schema.types.iter().map(|kind| kind.name()).collect();
            let message = format!("is of type {}, not {}", value.kind(), types.join(" or "));
            if !(schema.allow_empty && value.is_empty()) {
                self.misfit(node, what, &message);
            }
            return;
        }
        if schema.allow_empty && value.is_empty() {
            return;
        }
        for constraint in schema.constraints.iter().filter(|one| one.when.is_none()) {
            let keyword = &constraint.keyword;
            let Ok(applied) = keyword.applied(&value, &mut Fixed::new(&[]));
            if !applied.is_empty() {
                for inner in applied {
                    self.fit(node, inner, what);
                }
            } else if constraint.is_broken(schema, &value, Around::default()) {
                self.misfit(node, what, &keyword.breach(&value));
            }
        }
        for (at, item) in node.as_list().unwrap_or_default().iter().enumerate() {
            if let Some(schema) = schema.item(at) {
                self.fit(item, schema, what);
            }
        }
        for (key, member) in node.as_map().unwrap_or_default() {
            for inner in schema.describe(&key.value) {
                self.fit(member, inner, &format!("`{}`", key.value));
            }
        }
    }

    fn misfit(&mut self, node: &Node, what: &str, message: &str) {
        let message = format!("{what} {message}");
        self.error("misfit", message, &node.span, "breaks its own schema");
    }
}

impl<'n> Checker<'n> {
    /// Reports what steps always write into a field that its schema does not allow.
    pub(super) fn fit_written(&mut self, collections: &[Collection]) {
        let mut written = std::mem::take(&mut self.written);
        // Shared steps are read once for each operation that has them.
        let mut seen = HashSet::new();
        written.retain(|(node, at)| seen.insert((std::ptr::from_ref(*node), *at)));
        for (node, at) in written {
            let Some(collection) = collections.get(at) else { continue };
            for (key, member) in node.as_map().unwrap_or_default() {
                let mut fields = collection.schema.properties.iter();
                let field = fields.find(|field| *field.name == *key.value);
                // What is empty takes away what a row has.
                if let Some(field) = field
                    && is_fixed(member)
                    && !member.to_value().is_empty()
                {
                    self.fit(member, &field.schema, &format!("`{}`", key.value));
                }
                if let Some(field) = field {
                    self.fit_worked_out(member, &field.schema, &key.value);
                }
            }
        }
    }

    /// Reports an expression whose value is always of another type than the field into which it is
    /// written: a row found by the text `5` is none that holds the number.
    fn fit_worked_out(&mut self, node: &Node, schema: &Schema, field: &str) {
        let Some(text) = node.as_text() else { return };
        let pieces = split(text).unwrap_or_default();
        let [Piece::Expression(range)] = pieces.as_slice() else { return };
        let parsed = text.get(range.clone()).and_then(|text| parse(text).ok());
        let Some(sample) = parsed.and_then(|parsed| parsed.sample()) else { return };
        if schema.types.is_empty() || schema.types.iter().any(|kind| kind.takes(&sample)) {
            return;
        }
        let types: Vec<&str> = schema.types.iter().map(|kind| kind.name()).collect();
        let (types, what) =
            (types.join(" or "), if sample.is_number() { "number" } else { sample.kind() });
        let message = format!("`{field}` is of type {types}, and this is always a {what}");
        let mut problem = Diagnostic::error("misfit", message, &node.span, "of another type");
        if schema.types.contains(&Type::String) {
            problem = problem.help("`| string` makes a string of it");
        }
        self.report(problem);
    }

    /// The values of `enum` and `const` have to fit everything else.
    pub(super) fn fit_choices(&mut self, layers: &[Layer<'n>], schema: &Schema) {
        let choices = last(layers, "enum").and_then(|(_, _, node)| node.as_list());
        let constant = last(layers, "const").map(|(_, _, node)| node);
        for node in choices.unwrap_or_default().iter().chain(constant) {
            self.fit(node, schema, "the value");
        }
    }
}

/// Whether a tree is the same for each request.
fn is_fixed(node: &Node) -> bool {
    match &node.kind {
        NodeKind::Text(text) => !holds_expression(text),
        NodeKind::List(items) => items.iter().all(is_fixed),
        NodeKind::Map(entries) => {
            entries.iter().all(|(key, member)| !is_special(&key.value) && is_fixed(member))
        }
        _ => true,
    }
}
