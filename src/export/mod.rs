//! Specs as documents of other formats.

mod docs;
mod openapi;
mod wsdl;

use crate::generate::Exchange;
use crate::plan::Plan;
use crate::write::Piece;

pub use docs::Format;

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

/// A vendor's API as documentation for people. The exchanges are what it shows as examples.
pub fn docs(plan: &Plan, exchanges: &[Exchange], format: Format) -> String {
    docs::document(plan, exchanges, format)
}

/// The WSDL documents of a vendor's SOAP services, or of the one of a name, by the names of the
/// services: as the mock serves them, with addresses below `server`, or below the spec's first
/// server. What is wrong is told in words.
pub fn wsdl(
    plan: &Plan,
    service: Option<&str>,
    server: Option<&str>,
) -> Result<Vec<(String, String)>, String> {
    wsdl::documents(plan, service, server)
}
