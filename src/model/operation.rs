//! Operations: how they are reached, what they take, what they do.

use std::sync::Arc;

use http::HeaderName;

use super::path::Segment;
use super::stage::{Stage, staged};
use super::{
    Disturbances, Failures, Match, MediaTypeId, RuleId, Schema, SecurityRequirement, SoapService,
    SoapServiceId, Steps,
};
use crate::coding::Coding;
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
    /// What it is grouped by.
    pub tags: Vec<Arc<str>>,
    /// The rule that the operation is.
    pub rule: RuleId,
    /// How it is reached; none: only through a link in the outbox.
    pub bindings: Vec<Binding>,
    /// What it takes besides the body, in the order it is looked at.
    pub parameters: Vec<Parameter>,
    /// Whether each item of its body is a request of its own.
    pub batch: bool,
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
    /// The content codings of its answers, the vendor's where it has none of its own.
    pub content_codings: Vec<Coding>,
    /// Its own failures.
    pub failures: Failures,
    /// What befalls requests to it, with what is said of the vendor's.
    pub disturbances: Disturbances,
    /// Whether it says something of that itself.
    pub own_disturbances: bool,
    /// What it does.
    pub steps: Steps,
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
    /// In a body, the names that lead to what has them as its members; none: the body itself.
    pub parameters_at: Box<[Arc<str>]>,
    /// Whether `required` parameters are asked for.
    pub parameters_required: bool,
    /// Its own failures.
    pub failures: Failures,
    /// Of SOAP: how a request says which operation it is for.
    pub message: SoapMessage,
    /// The rule that it is.
    pub rule: RuleId,
    /// Where it is written.
    pub span: Span,
}

impl Binding {
    /// Whether it makes no difference by which of the two an operation is reached.
    pub fn is_like(&self, other: &Self) -> bool {
        self.parameters_in == other.parameters_in
            && self.parameters_at == other.parameters_at
            && self.parameters_required == other.parameters_required
            && self.failures.0.is_empty()
            && other.failures.0.is_empty()
    }
}

/// How a SOAP message says which operation it is for.
#[derive(Debug, Clone, Default)]
pub struct SoapMessage {
    /// Its name; the operation's own, if nothing is said. Several operations, each of another service,
    /// may have the same.
    pub name: Option<Arc<str>>,
    /// The local name of its element; its own name, if nothing is said.
    pub element: Option<Arc<str>>,
    /// Its action; the namespace and its name, if nothing is said.
    pub action: Option<Arc<str>>,
}

impl Binding {
    /// Whether its path has a parameter of that name.
    pub fn has_in_path(&self, name: &str) -> bool {
        match &self.route {
            Route::Http { path, .. } => {
                path.iter().flat_map(Segment::parameters).any(|known| **known == *name)
            }
            Route::Soap(_) => false,
        }
    }

    /// The name of a message, from which those of its answer are made.
    pub fn message_name<'b>(&'b self, operation: &'b Operation) -> &'b Arc<str> {
        self.message.name.as_ref().unwrap_or(&operation.id)
    }

    /// The local name of the element of a request.
    pub fn request_element<'b>(&'b self, operation: &'b Operation) -> &'b Arc<str> {
        self.message.element.as_ref().unwrap_or_else(|| self.message_name(operation))
    }

    /// The action of a request.
    pub fn soap_action(&self, service: &SoapService, operation: &Operation) -> Arc<str> {
        let usual = || format!("{}{}", service.namespace, self.message_name(operation)).into();
        self.message.action.clone().unwrap_or_else(usual)
    }
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
    /// The name of its messages to a service, at that position.
    pub fn message_name(&self, service: SoapServiceId) -> &Arc<str> {
        let is_here =
            |binding: &&Binding| matches!(binding.route, Route::Soap(at) if at == service);
        let binding = self.bindings.iter().find(is_here);
        binding.map_or(&self.id, |binding| binding.message_name(self))
    }

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
    /// A member of a body, or of a part of it.
    Body,
    /// A child of the SOAP body's element.
    Soap,
    /// Wherever the binding says, or given by a link.
    Bound,
}

staged! {
    /// A named value that an operation takes.
    pub struct Parameter {
        /// Its name.
        pub name: Arc<str>,
        /// Its name as a header, where it can be one.
        pub header: Option<HeaderName>,
        /// Where it is.
        pub place: Place,
        /// Whether it has to be there.
        pub required: bool,
        /// For lists: repeated names (true), or one text with commas.
        pub explode: bool,
        /// Given as `name[member]`.
        pub deep: bool,
        /// Its text is JSON: the media type that says so.
        pub media_type: Option<Arc<str>>,
        /// What it may be.
        pub schema: Schema<S>,
        /// For people.
        pub description: Option<Arc<str>>,
    }
}

impl<S: Stage> Parameter<S> {
    /// What the names begin with that it stands for, where it stands for all such: `x-meta-*`.
    pub fn prefix(&self) -> Option<&str> {
        // It is asked for with each parameter of each request, and hardly any has one.
        if self.name.as_bytes().last() != Some(&b'*') {
            return None;
        }
        self.name.strip_suffix('*').filter(|_| !matches!(self.place, Place::Path | Place::Soap))
    }

    /// Whether something of that name is for it.
    pub fn takes(&self, name: &str) -> bool {
        match self.prefix() {
            Some(prefix) => name.starts_with(prefix),
            None => *self.name == *name,
        }
    }
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
    /// What parts may be, by their names, in particular media types or, where none is named, in
    /// all.
    pub encoding: Vec<(Option<MediaTypeId>, PartEncoding)>,
    /// What stands before the names of its members in messages, such as `createBook`.
    pub path: Option<Arc<str>>,
    /// Whether it is taken in whatever content coding it was sent.
    pub keeps_coding: bool,
    /// The rule that it is.
    pub rule: RuleId,
}

/// What the parts of one name may be.
#[derive(Debug, Clone)]
pub struct PartEncoding {
    /// Their name.
    pub name: Arc<str>,
    /// Their media types in lower case, which may be ranges; that of a part that says nothing is
    /// the first one.
    pub media_types: Vec<Arc<str>>,
}
