//! Operations: how they are reached, what they take, what they do.

use std::sync::Arc;

use super::{Failures, MediaTypeId, RuleId, Schema, SecurityRequirement, SoapServiceId, Step};
use crate::source::Span;

/// Something that a client can have done.
#[derive(Debug, Clone)]
pub struct Operation {
    /// `operationId`.
    pub id: Arc<str>,
    /// For people.
    pub summary: Option<Arc<str>>,
    /// For people.
    pub description: Option<Arc<str>>,
    /// The rule that the operation is.
    pub rule: RuleId,
    /// How it is reached; none: only through a link in the outbox.
    pub bindings: Vec<Binding>,
    /// What it takes besides the body, in the order it is looked at.
    pub parameters: Vec<Parameter>,
    /// The body it takes.
    pub body: Option<RequestBody>,
    /// Alternatives, the vendor's where the operation has none of its own; none asks for nothing.
    pub security: Vec<SecurityRequirement>,
    /// Whether all violations are gathered, or the first one answers.
    pub validate_all: bool,
    /// What bodies it reads, the vendor's where it has none of its own.
    pub consumes: Vec<MediaTypeId>,
    /// What it writes, the vendor's where it has none of its own.
    pub produces: Vec<MediaTypeId>,
    /// Its own failures.
    pub failures: Failures,
    /// What it does.
    pub steps: Vec<Step>,
    /// The documented answers, by status.
    pub responses: Vec<Response>,
    /// Where it is written.
    pub span: Span,
}

/// A documented answer.
#[derive(Debug, Clone)]
pub struct Response {
    /// The status.
    pub status: u16,
    /// For people.
    pub description: Option<Arc<str>>,
    /// Its body.
    pub schema: Option<Schema>,
    /// The rule that it is.
    pub rule: RuleId,
}

/// One way to reach an operation.
#[derive(Debug, Clone)]
pub struct Binding {
    /// Where it is.
    pub route: Route,
    /// Where the parameters without a place of their own are.
    pub parameters_in: Place,
    /// Whether `required` parameters are asked for.
    pub parameters_required: bool,
    /// Its own failures.
    pub failures: Failures,
    /// The rule that it is.
    pub rule: RuleId,
    /// Where it is written.
    pub span: Span,
}

/// Where a binding is found.
#[derive(Debug, Clone)]
pub enum Route {
    /// A method and a path.
    Http {
        /// The method.
        method: http::Method,
        /// The path below the base path, segment by segment.
        path: Vec<Segment>,
    },
    /// An operation of a SOAP service.
    Soap(SoapServiceId),
}

/// A segment of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Segment {
    /// As it stands.
    Literal(Arc<str>),
    /// The parameter of that name.
    Parameter(Arc<str>),
}

/// Where a parameter is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// In the path.
    Path,
    /// In the query.
    Query,
    /// In a header.
    Header,
    /// In a cookie.
    Cookie,
    /// In a form body.
    Form,
    /// A child of the SOAP body's element.
    Soap,
    /// Wherever the binding says, or given by a link.
    Bound,
}

/// A named value that an operation takes.
#[derive(Debug, Clone)]
pub struct Parameter {
    /// Its name.
    pub name: Arc<str>,
    /// Where it is.
    pub place: Place,
    /// Whether it has to be there.
    pub required: bool,
    /// For lists: repeated names (true), or one text with commas.
    pub explode: bool,
    /// Given as `name[member]`.
    pub deep: bool,
    /// What it may be.
    pub schema: Schema,
    /// For people.
    pub description: Option<Arc<str>>,
}

/// The body that an operation takes.
#[derive(Debug, Clone)]
pub struct RequestBody {
    /// Whether it has to be there.
    pub required: bool,
    /// What it may be; none where only `content` says.
    pub schema: Option<Schema>,
    /// What it may be in particular media types.
    pub content: Vec<(MediaTypeId, Schema)>,
    /// What stands before the names of its members in messages, such as `createBook`.
    pub path: Option<Arc<str>>,
    /// The rule that it is.
    pub rule: RuleId,
}
