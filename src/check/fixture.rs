//! Fixtures among themselves: keys and unique values that stand twice, references to nothing.

use super::Checker;
use super::fit::same;
use crate::diagnostic::Diagnostic;
use crate::model::{Collection, Keyword, Schema};
use crate::source::Span;
use crate::syntax::Node;
use crate::value::{Map, Value};

impl Checker<'_> {
    /// Reports fixtures that cannot stand beside each other.
    pub(super) fn check_fixtures(&mut self, collections: &[Collection]) {
        for collection in collections {
            let rows: Vec<(&Map, Span)> = collection
                .fixtures
                .iter()
                .enumerate()
                .map(|(at, row)| (row, self.fixture_span(&collection.name, at)))
                .collect();
            self.check_rows(collection, &rows);
            for (row, span) in &rows {
                self.check_references(collection, collections, row, span);
            }
        }
    }

    fn fixture_span(&self, collection: &str, at: usize) -> Span {
        let nodes = &self.names.collections;
        nodes
            .position(collection)
            .and_then(|position| nodes.node(position))
            .and_then(|node| node.get("fixtures")?.as_list()?.get(at))
            .map_or_else(|| self.root_span.clone(), |node: &Node| node.span.clone())
    }

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
                            (Some(one), Some(two)) => !one.is_empty() && same(one, two, regard),
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
                    self.problems.push(
                        Diagnostic::error("duplicate-row", message, span, "the second row")
                            .related(first, "the first row"),
                    );
                }
            }
        }
    }

    fn check_references(
        &mut self,
        collection: &Collection,
        collections: &[Collection],
        row: &Map,
        span: &Span,
    ) {
        for property in &collection.schema.properties {
            let Some(value) = row.get(&property.name) else { continue };
            let schemas = std::iter::once(&property.schema).chain(property.schema.items.as_deref());
            for schema in schemas {
                let values = match value.as_list() {
                    Some(items) => items,
                    None => std::slice::from_ref(value),
                };
                for target in references(schema) {
                    let Some(target) = collections.get(target) else { continue };
                    for value in values.iter().filter(|value| !value.is_empty()) {
                        let known = |row: &Map| row.get(&target.key) == Some(value);
                        if value.as_list().is_none() && !target.fixtures.iter().any(known) {
                            let message = format!(
                                "no row of `{}` has the key {}, to which `{}` refers",
                                target.name,
                                shown(value),
                                property.name
                            );
                            self.problems.error("dangling-reference", message, span, "in this row");
                        }
                    }
                }
            }
        }
    }
}

fn references(schema: &Schema) -> impl Iterator<Item = usize> {
    schema.constraints.iter().filter_map(|constraint| match constraint.keyword {
        Keyword::References(collection) if constraint.when.is_none() => Some(collection.0),
        _ => None,
    })
}

fn case_insensitive(schema: &Schema, field: &str) -> bool {
    schema.properties.iter().any(|p| *p.name == *field && p.schema.case_insensitive)
}

fn shown(value: &Value) -> String {
    format!("`{value}`")
}
