//! What the call of an operation says, where it can say all of a request.

use crate::model::Operation;
use crate::value::Value;

/// What a call says.
#[derive(Debug, Clone)]
pub(in crate::import) struct Called {
    /// The operation.
    pub(super) operation: String,
    /// How it is reached, where that is not the first way.
    pub(super) binding: Option<String>,
    /// What the body is written in, where that is not the first media type.
    pub(super) media_type: Option<String>,
    pub(super) path: Vec<(String, String)>,
    pub(super) query: Vec<(String, String)>,
    /// Parameters without a place of their own.
    pub(super) parameters: Vec<(String, Value)>,
    /// What the operation does not say itself.
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Option<Value>,
}

impl Called {
    /// Of an operation with nothing given.
    pub(super) fn of(operation: &Operation) -> Self {
        Self {
            operation: operation.id.to_string(),
            binding: None,
            media_type: None,
            path: Vec::new(),
            query: Vec::new(),
            parameters: Vec::new(),
            headers: Vec::new(),
            body: None,
        }
    }
}
