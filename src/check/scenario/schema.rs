//! Schemas that values are expected to fit: in the words of JSON Schema, or a schema of the spec by
//! its name.

use std::sync::Arc;

use super::Reader;
use crate::check::Checker;
use crate::check::layer::Borrowed;
use crate::check::reader::TreeReader;
use crate::check::reading::Around;
use crate::diagnostic::Diagnostic;
use crate::model::{Operand, Schema};
use crate::scenario::ExpectedSchema;
use crate::source::Span;
use crate::syntax::{Node, NodeKind, ReadNode};

impl<'n> Reader<'n, '_> {
    /// `schema` and `$schema`.
    pub(super) fn expected_schema(&mut self, node: &'n Node) -> Option<ExpectedSchema> {
        match &node.kind {
            NodeKind::Text(_) => self.schema_of_spec(node),
            NodeKind::Map(_) | NodeKind::Bool(_) => Some(self.schema_here(node)),
            _ => {
                let expected = "a schema, or the name of one of the spec";
                self.wrong_type(node, expected);
                None
            }
        }
    }

    fn schema_of_spec(&mut self, node: &'n Node) -> Option<ExpectedSchema> {
        let name = self.fixed(node)?;
        let found = self.service.schemas.iter().find(|(known, _)| *known == name.value);
        let Some((name, schema)) = found else {
            let known: Vec<&str> = self.service.schemas.iter().map(|(name, _)| &**name).collect();
            let what = "schema of the spec";
            let known = known.iter().copied();
            self.unknown("unknown-schema", what, &name.value, &name.span, known);
            return None;
        };
        let (name, schema) = (Some(name.clone()), schema.clone());
        let recursive = self.schemas_of_spec();
        Some(ExpectedSchema { name, schema, recursive, span: node.span.clone() })
    }

    fn schema_here(&mut self, node: &'n Node) -> ExpectedSchema {
        let names = self.service.schemas.iter().map(|(name, _)| name.clone()).collect();
        let first = self.service.recursive.len();
        let empty = TreeReader::of_scenario(self.problems(), None);
        let reader = std::mem::replace(&mut self.trees, empty);
        let mut checker = Checker::of_scenario(reader, Borrowed { first, names }, &node.span);
        let schema = checker.schema(node, "schema", &Around::scope(&self.scope));
        let own = checker.recursive_schemas();
        self.trees = checker.reader;
        for schema in own.iter().chain([&schema]) {
            self.refuse_what_is_not_fixed(schema);
        }
        let mut recursive = self.schemas_of_spec();
        recursive.extend(own.into_iter().map(Arc::new));
        ExpectedSchema { name: None, schema: schema.into(), recursive, span: node.span.clone() }
    }

    /// Those that contain themselves and those that have names, in the order of their ids.
    fn schemas_of_spec(&mut self) -> Vec<Arc<Schema>> {
        let service = self.service;
        let known = self.schemas.get_or_insert_with(|| {
            let recursive = service.recursive.iter().cloned().map(Arc::new);
            recursive.chain(service.schemas.iter().map(|(_, schema)| schema.clone())).collect()
        });
        known.clone()
    }

    /// What is worked out or about rows is for requests to a mock: nothing would look at it here.
    fn refuse_what_is_not_fixed(&mut self, schema: &Schema) {
        for constraint in &schema.constraints {
            let is_fixed = !matches!(
                constraint.keyword.operand,
                Operand::Computed(_)
                    | Operand::Condition(_)
                    | Operand::Row(_)
                    | Operand::Collection(_)
            );
            if !is_fixed || constraint.when.is_some() {
                self.not_fixed(constraint.keyword.word.name(), &constraint.span);
            }
        }
        if let Some(ignored) = &schema.ignored_unless {
            self.not_fixed("ignoredUnless", &ignored.span);
        }
        schema.inner().for_each(|inner| self.refuse_what_is_not_fixed(inner));
    }

    fn not_fixed(&mut self, word: &str, span: &Span) {
        let message = format!("`{word}` of an expected schema cannot be evaluated");
        self.report(
            Diagnostic::error("contradiction", message, span, "is not checked")
                .help("a matcher beside it can: {$all: [{$schema: ...}, {$assert: ...}]}"),
        );
    }
}
