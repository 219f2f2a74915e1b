//! A schema that a value is expected to fit.

use std::sync::Arc;

use crate::model::Schema;
use crate::source::Span;

/// A schema, with those that it refers to and that contain themselves.
#[derive(Debug, Clone)]
pub struct ExpectedSchema {
    /// Its name in the spec; none where it stands in the scenario.
    pub name: Option<Arc<str>>,
    /// What the value may be.
    pub schema: Arc<Schema>,
    /// By their ids.
    pub recursive: Vec<Arc<Schema>>,
    /// Where it is asked for.
    pub span: Span,
}

impl ExpectedSchema {
    /// What it is called in messages.
    pub fn says(&self) -> String {
        match &self.name {
            Some(name) => format!("the schema `{name}`"),
            None => "the schema".to_owned(),
        }
    }
}
