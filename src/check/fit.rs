//! Whether values that a spec fixes fit their own schemas.

use super::Checker;
use super::layer::{Layer, last};
use crate::expression::holds_expression;
use crate::model::keyword::Around;
use crate::model::{Additional, Schema};
use crate::syntax::{Node, NodeKind};

impl<'n> Checker<'n> {
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
        let folded = schema.case_insensitive;
        for constraint in &schema.constraints {
            if constraint.is_broken(&value, Around { folded, ..Around::default() }) {
                self.misfit(node, what, &constraint.keyword.breach(&value));
            }
        }
        if let (Some(items), Some(schema)) = (node.as_list(), &schema.items) {
            for item in items {
                self.fit(item, schema, what);
            }
        }
        for (key, member) in node.as_map().unwrap_or_default() {
            let property = schema.properties.iter().find(|p| *p.name == *key.value);
            match (property, &schema.additional) {
                (Some(property), _) => {
                    self.fit(member, &property.schema, &format!("`{}`", property.name));
                }
                (None, Additional::Schema(schema)) => {
                    self.fit(member, schema, &format!("`{}`", key.value));
                }
                _ => {}
            }
        }
    }

    fn misfit(&mut self, node: &Node, what: &str, message: &str) {
        let message = format!("{what} {message}");
        self.problems.error("misfit", message, &node.span, "breaks its own schema");
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
