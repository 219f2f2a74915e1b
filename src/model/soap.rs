//! SOAP services.

use std::sync::Arc;

use super::{Failures, RuleId, SoapServiceId};

/// What names the operation of a SOAP message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RoutingStyle {
    /// Its action; without one, its element.
    #[default]
    SoapAction,
    /// Its element, whatever its action is.
    RequestElement,
}

/// A SOAP service.
#[expect(clippy::struct_excessive_bools, reason = "each is a key of its own")]
#[derive(Debug, Clone)]
pub struct SoapService {
    /// Its position.
    pub id: SoapServiceId,
    /// Its name.
    pub name: Arc<str>,
    /// The path below the base path, such as `/desk.asmx`.
    pub path: Arc<str>,
    /// The namespace of its operations.
    pub namespace: Arc<str>,
    /// Whether SOAP 1.1 is spoken.
    pub v11: bool,
    /// Whether SOAP 1.2 is spoken.
    pub v12: bool,
    /// Whether elements of messages are read only in the namespace.
    pub strict_namespaces: bool,
    /// What names the operation of a message.
    pub routing: RoutingStyle,
    /// Whether the element of an answer is the one that `xml` of its schema names, not
    /// `{operationId}Result` in `{operationId}Response`.
    pub bare: bool,
    /// Whether the elements in those of messages are in no namespace.
    pub unqualified: bool,
    /// Its own failures.
    pub failures: Failures,
    /// The rule that it is.
    pub rule: RuleId,
}
