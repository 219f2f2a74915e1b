//! What names and look-ups become.

use std::sync::Arc;

use super::indexes::Indexes;
use super::names::Names;
use super::schema::{self, Schema};
use super::value::{Access, Compiled, Expression};
use crate::model::{self, CollectionId, Foldable, Folder, Variable};

/// Compiles what a checked spec holds.
#[derive(Debug)]
pub struct Compiler<'n> {
    /// The slots.
    pub names: &'n Names,
    /// The indexes found to be needed so far.
    pub indexes: Indexes,
}

impl Folder for Compiler<'_> {
    type To = Compiled;

    fn expression(&mut self, expression: &model::Expression) -> Expression {
        Expression::compile(expression, self.names)
    }

    fn variable(&mut self, variable: &Variable) -> super::names::Slot {
        if *variable.0 == *"request" {
            // The links to the other pages of a list are made from it.
            self.names.note_url();
        }
        self.names.slot(variable)
    }

    fn access(&mut self, collection: CollectionId, fields: &[(Arc<str>, model::Tree)]) -> Access {
        let fields = fields.iter().map(|field| field.fold(self)).collect();
        self.indexes.access(collection, fields)
    }

    fn index(&mut self, collection: CollectionId, field: &Arc<str>) -> Option<usize> {
        self.indexes.over(collection, std::slice::from_ref(field))
    }

    fn schema(&mut self, schema: &model::Schema) -> Schema {
        schema::compile(schema, self)
    }
}
