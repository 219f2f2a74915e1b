//! Fixtures among themselves: keys and unique values that are duplicated, references to nothing.

use super::Checker;
use super::reader::TreeReader;
use crate::diagnostic::Diagnostic;
use crate::model::{Collection, Operand, Schema};
use crate::source::Span;
use crate::syntax::{Node, ReadNode};
use crate::value::Map;

impl<'n> Checker<'n> {
    /// Reports fixtures that cannot stand beside each other.
    pub(super) fn check_fixtures(&mut self, collections: &[Collection]) {
        for collection in collections {
            let nodes = self.fixture_nodes(&collection.name);
            let rows: Vec<(&Map, Span)> = collection
                .fixtures
                .iter()
                .zip(&nodes)
                .map(|(row, node)| (row, node.span.clone()))
                .collect();
            self.check_rows(collection, &rows);
            for node in nodes {
                self.check_references(collection, collections, node);
            }
        }
    }

    /// The fixtures as they are written; those that are no rows are told already.
    fn fixture_nodes(&self, collection: &str) -> Vec<&'n Node> {
        let table = &self.names.collections;
        let fixtures = table
            .position(collection)
            .and_then(|at| table.node(at)?.get("fixtures")?.as_list())
            .unwrap_or_default();
        fixtures.iter().filter(|node| node.as_map().is_some()).collect()
    }
}

impl TreeReader<'_> {
    /// Reports rows with the same key or the same unique values.
    pub(super) fn check_rows(&mut self, collection: &Collection, rows: &[(&Map, Span)]) {
        let key = std::slice::from_ref(&collection.key);
        let groups = std::iter::once(key).chain(collection.unique.iter().map(|u| &*u.fields));
        for fields in groups {
            for (at, (row, span)) in rows.iter().enumerate() {
                let twin = rows.iter().take(at).find(|(other, _)| {
                    fields.iter().all(|field| {
                        let regard = case_insensitive(&collection.schema, field);
                        match (row.get(field), other.get(field)) {
                            (Some(one), Some(two)) => !one.is_empty() && one.is_same(two, regard),
                            _ => false,
                        }
                    })
                });
                if let Some((_, first)) = twin {
                    let names: Vec<&str> = fields.iter().map(|field| &**field).collect();
                    let message = format!(
                        "two rows of `{}` have the same {}",
                        collection.name,
                        names.join(" and ")
                    );
                    self.report(
                        Diagnostic::error("duplicate-row", message, span, "the second row")
                            .related(first, "the first row"),
                    );
                }
            }
        }
    }

    pub(super) fn check_references(
        &mut self,
        collection: &Collection,
        collections: &[Collection],
        row: &Node,
    ) {
        for property in &collection.schema.properties {
            let Some(node) = row.get(&property.name) else { continue };
            let schemas = std::iter::once(&property.schema).chain(property.schema.items.as_deref());
            for target in schemas.flat_map(references) {
                let Some(target) = collections.get(target) else { continue };
                for node in node.as_list().unwrap_or(std::slice::from_ref(node)) {
                    self.check_reference(&property.name, target, node);
                }
            }
        }
    }

    fn check_reference(&mut self, field: &str, target: &Collection, node: &Node) {
        let value = node.to_value();
        let has_key = target.schema.properties.iter().any(|field| field.name == target.key);
        let known = |row: &Map| row.get(&target.key) == Some(&value);
        if has_key && !value.is_empty() && !target.fixtures.iter().any(known) {
            let message =
                format!("`{field}` refers to `{value}`, which no row of `{}` is", target.name);
            self.error("dangling-reference", message, &node.span, "no such row");
        }
    }
}

fn references(schema: &Schema) -> impl Iterator<Item = usize> {
    schema.constraints.iter().filter_map(|constraint| match constraint.keyword.operand {
        Operand::Collection(collection) if constraint.when.is_none() => Some(collection.0),
        _ => None,
    })
}

fn case_insensitive(schema: &Schema, field: &str) -> bool {
    schema.properties.iter().any(|p| *p.name == *field && p.schema.case_insensitive)
}
