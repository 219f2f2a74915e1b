//! Operations: how they are reached, what they take, what they do.

use std::sync::Arc;

use super::{
    Failures, Match, MediaTypeId, RuleId, Schema, SecurityRequirement, SoapService, SoapServiceId,
    Step,
};
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
    /// The documented answers, by status: its own, then the vendor's.
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
    /// What a request has to have besides.
    pub matching: Match,
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

/// A binding as one client uses it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChosenBinding {
    /// The position among the operation's bindings.
    pub at: usize,
    /// For SOAP: whether the envelope is of version 1.2.
    pub soap12: bool,
}

impl Operation {
    /// The bindings by the names that scenarios give them: `POST /renew`, `soap 1.1`.
    pub fn binding_names(&self, services: &[SoapService]) -> Vec<(String, ChosenBinding)> {
        let mut names = Vec::new();
        for (at, binding) in self.bindings.iter().enumerate() {
            let chosen = |soap12| ChosenBinding { at, soap12 };
            match &binding.route {
                Route::Http { method, path } => {
                    let path: Vec<String> = path.iter().map(ToString::to_string).collect();
                    names.push((format!("{method} /{}", path.join("/")), chosen(false)));
                }
                Route::Soap(id) => {
                    let soap = services.get(id.0);
                    let versions = soap.map(|soap| (soap.v11, soap.v12)).unwrap_or_default();
                    names.extend(versions.0.then(|| ("soap 1.1".to_owned(), chosen(false))));
                    names.extend(versions.1.then(|| ("soap 1.2".to_owned(), chosen(true))));
                }
            }
        }
        names
    }

    /// The binding that is used where none is named; none where it is reached only by a link.
    pub fn first_binding(&self, services: &[SoapService]) -> Option<ChosenBinding> {
        let soap12 = match &self.bindings.first()?.route {
            Route::Soap(id) => services.get(id.0).is_some_and(|soap| !soap.v11),
            Route::Http { .. } => false,
        };
        Some(ChosenBinding { at: 0, soap12 })
    }
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
    /// A parameter with fixed text around it, such as `{id}.json`.
    Affixed {
        /// What stands before it.
        before: Arc<str>,
        /// The parameter.
        name: Arc<str>,
        /// What stands after it.
        after: Arc<str>,
    },
}

impl Segment {
    /// The parameter in it.
    pub fn parameter(&self) -> Option<&Arc<str>> {
        match self {
            Self::Literal(_) => None,
            Self::Parameter(name) | Self::Affixed { name, .. } => Some(name),
        }
    }

    /// What a part of a path is for the parameter in it, where it is one; `None` when the fixed
    /// text is another.
    pub fn value<'p>(&self, part: &'p str, case_sensitive: bool) -> Option<&'p str> {
        let same =
            |a: &str, b: &str| if case_sensitive { a == b } else { a.eq_ignore_ascii_case(b) };
        match self {
            Self::Literal(literal) => same(literal, part).then_some(part),
            Self::Parameter(_) => Some(part),
            Self::Affixed { before, after, .. } => {
                let (start, rest) = part.split_at_checked(before.len())?;
                let (value, end) = rest.split_at_checked(rest.len().checked_sub(after.len())?)?;
                (same(before, start) && same(after, end) && !value.is_empty()).then_some(value)
            }
        }
    }
}

/// As it is written in a spec.
impl std::fmt::Display for Segment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Literal(literal) => f.write_str(literal),
            Self::Parameter(name) => write!(f, "{{{name}}}"),
            Self::Affixed { before, name, after } => write!(f, "{before}{{{name}}}{after}"),
        }
    }
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
