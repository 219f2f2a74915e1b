//! Specs as documents of other formats.

mod openapi;

use crate::plan::Plan;
use crate::write::Piece;

/// A document, and what of the spec it cannot say.
#[derive(Debug)]
pub struct Exported {
    /// The document.
    pub document: Piece,
    /// What was left out, in words.
    pub left: Vec<String>,
}

/// A vendor's API as an OpenAPI document (3.1).
pub fn openapi(plan: &Plan) -> Exported {
    openapi::document(plan)
}
