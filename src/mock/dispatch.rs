//! From a request below a vendor's base path to the operation that is meant.

use std::sync::Arc;

use http::header::{CONTENT_TYPE, HeaderName};
use http::{Method, StatusCode};

use super::body::in_words;
use super::coerce::{Typing, coerce};
use super::incoming::{Incoming, SoapCall, Target, decode_segment};
use super::matched;
use super::refusal::Refusal;
use crate::model::keyword::Around;
use crate::model::path::normal;
use crate::model::{Failure, RoutingStyle, SoapServiceId};
use crate::plan::Plan;
use crate::plan::failure::FailureTable;
use crate::plan::operation::{SoapOperation, SoapService};
use crate::plan::route::{BindingId, Candidate, Found};
use crate::value::{Map, Value};
use crate::wire::soap::{self, FaultCode, OpenError, SoapVersion};
use crate::wire::{Limits, Position, Positions};

const SOAP_ACTION: HeaderName = HeaderName::from_static("soapaction");

/// What a request leads to.
pub(super) enum Dispatch<'p> {
    /// An operation.
    Operation(Target),
    /// The description of a SOAP service.
    Description(&'p SoapService),
    /// The methods that there are at that path.
    Methods(String),
    /// Nothing; the service says in whose envelope to answer, where one was read.
    Refused(Box<Refusal<'p>>, Option<(SoapServiceId, SoapCall)>),
    /// Something that SOAP itself refuses, for which the vendor has no words of its own.
    Fault(FaultCode, String, SoapServiceId, SoapCall),
}

/// Finds what a request leads to.
pub(super) fn dispatch<'p>(plan: &'p Plan, incoming: &mut Incoming<'_>) -> Dispatch<'p> {
    let path = normal(incoming.path);
    let Some(found) = plan.router.find(&path, &incoming.method) else {
        let refusal = Refusal::of(Failure::UnknownPath).value(incoming.path);
        return refused(refusal, &plan.failures);
    };
    if incoming.method == Method::HEAD
        && !found.candidates.iter().any(|candidate| candidate.method == Method::HEAD)
    {
        // It asks for what GET gives, without its content (RFC 9110 section 9.3.2).
        incoming.method = Method::GET;
    }
    if found.matches {
        matched::keep_body(plan, &found, incoming);
    }
    let incoming = &*incoming;
    let method = &incoming.method;
    if let Some(id) = found.service
        && let Some(service) = plan.soap_services.get(id.0)
    {
        let asks = |name: &str| name.eq_ignore_ascii_case("wsdl");
        if *method == Method::GET && incoming.query.iter().any(|(name, _)| asks(name)) {
            return Dispatch::Description(service);
        }
        if *method == Method::POST && !found.candidates.iter().any(|c| c.method == Method::POST) {
            return open(incoming, service, id);
        }
    }
    let texts = found.values.iter().map(|raw| Ok(decode_segment(raw)?.into()));
    let texts: Vec<Arc<str>> = match texts.collect() {
        Ok(texts) => texts,
        Err(message) => {
            let message: String = message;
            let refusal = Refusal::of(Failure::MalformedUrl).said(message).value(incoming.path);
            return refused(refusal, &plan.failures);
        }
    };
    let chosen = match found.matches {
        false => choose(plan, &texts, found.candidates.iter().filter(|c| c.method == *method)),
        true => {
            let matched = matched::matched(plan, &found, incoming);
            if matched.is_empty() && found.candidates.iter().any(|c| c.method == *method) {
                return refused(matched::unmatched(plan, &found, incoming), &plan.failures);
            }
            let narrowest = matched.first().map(|first| &first.matching);
            let mut alike = matched.iter().filter(|one| Some(&one.matching) == narrowest);
            let only = alike.next().filter(|_| alike.next().is_none());
            choose(plan, &texts, matched.iter().copied()).or(only.copied())
        }
    };
    match chosen {
        Some(candidate) => {
            let path = candidate.names.iter().cloned().zip(texts).collect();
            Dispatch::Operation(Target { binding: candidate.binding, path, soap: None })
        }
        None => not_here(plan, incoming, &found),
    }
}

fn refused<'p>(refusal: Refusal<'p>, failures: &FailureTable) -> Dispatch<'p> {
    let answer = refusal.violation.failure.and_then(|failure| failures.exactly(failure));
    Dispatch::Refused(Box::new(refusal.answered_by(answer)), None)
}

/// The path is known, but not with that method, or not with such segments.
fn not_here<'p>(plan: &'p Plan, incoming: &Incoming<'_>, found: &Found<'_, '_>) -> Dispatch<'p> {
    let method = &incoming.method;
    if found.candidates.iter().any(|candidate| candidate.method == *method) {
        let refusal = Refusal::of(Failure::UnknownPath).value(incoming.path);
        return refused(refusal, &plan.failures);
    }
    let mut methods: Vec<&str> = found.candidates.iter().map(|c| c.method.as_str()).collect();
    if found.service.is_some() {
        methods.extend(["GET", "POST"]);
    }
    if methods.contains(&"GET") {
        methods.push("HEAD");
    }
    let tells_methods = plan.failures.exactly(Failure::MethodNotAllowed).is_none();
    if tells_methods {
        methods.push("OPTIONS");
    }
    methods.sort_unstable();
    methods.dedup();
    if *method == Method::OPTIONS && tells_methods {
        return Dispatch::Methods(methods.join(", "));
    }
    let sent = incoming.request.method.as_str();
    let mut refusal = Refusal::of(Failure::MethodNotAllowed).value(sent);
    refusal.violation.limit = Some(Value::list(methods.iter().map(|m| (*m).into()).collect()));
    refusal.allow = Some(methods.join(", "));
    refusal.status = Some(StatusCode::METHOD_NOT_ALLOWED);
    refused(refusal, &plan.failures)
}

/// The operation whose path parameters fit; where there is only one, that one, so that its own
/// errors say what does not fit.
fn choose<'r>(
    plan: &Plan,
    texts: &[Arc<str>],
    mut candidates: impl Iterator<Item = &'r Candidate>,
) -> Option<&'r Candidate> {
    let first = candidates.next()?;
    let mut others = candidates.peekable();
    if others.peek().is_none() {
        return Some(first);
    }
    std::iter::once(first).chain(others).find(|candidate| fits(plan, candidate, texts))
}

fn fits(plan: &Plan, candidate: &Candidate, texts: &[Arc<str>]) -> bool {
    let Some(operation) = plan.operations.get(candidate.binding.operation.0) else { return false };
    candidate.names.iter().zip(texts).all(|(name, text)| {
        let Some(parameter) = operation.parameters.iter().find(|p| p.name == *name) else {
            return true;
        };
        let schema = &parameter.schema;
        let value = coerce(
            &Value::Text(text.clone()),
            &schema.types,
            schema.case_insensitive,
            Typing::Text,
        );
        value.is_some_and(|value| {
            let mut kind = schema.constraints.iter();
            kind.all(|one| {
                !one.keyword.word.tells_routes_apart()
                    || !one.is_broken(schema, &value, Around::default())
            })
        })
    })
}

/// Opens an envelope and finds its operation: by the action, else by the body's element.
fn open<'p>(incoming: &Incoming<'_>, service: &'p SoapService, id: SoapServiceId) -> Dispatch<'p> {
    let table = &service.failures;
    let spoken = match incoming.media_type().as_deref() {
        Some("text/xml") => service.v11,
        Some("application/soap+xml") => service.v12,
        None => true,
        Some(_) => false,
    };
    // The version of an envelope that cannot be read is the one that its media type says.
    let fault = |code: FaultCode, said: String| {
        let version = match incoming.media_type().as_deref() {
            Some("application/soap+xml") if service.v12 => SoapVersion::V12,
            _ if service.v11 => SoapVersion::V11,
            _ => SoapVersion::V12,
        };
        let call = SoapCall { version, parameters: Value::Null, positions: Positions::default() };
        Dispatch::Fault(code, said, id, call)
    };
    let not_read = |name: String| {
        if table.exactly(Failure::UnsupportedMediaType).is_none() {
            return fault(
                FaultCode::Sender,
                format!("the media type `{name}` is not supported here"),
            );
        }
        refused(Refusal::of(Failure::UnsupportedMediaType).value(name), table)
    };
    if !spoken {
        return not_read(incoming.media_type().unwrap_or_default().to_string());
    }
    let malformed = |said: String, place: Position| {
        if table.exactly(Failure::MalformedBody).is_none() {
            return fault(FaultCode::Sender, said);
        }
        let refusal = Refusal::of(Failure::MalformedBody).said(said).at(place);
        refused(refusal, table)
    };
    let charset = match incoming.charset() {
        Ok(charset) => charset,
        Err(label) => {
            let name = incoming.media_type().unwrap_or_default();
            return not_read(format!("{name}; charset={label}"));
        }
    };
    let (body, limits) = (&incoming.request.body, Limits::default());
    let own = std::slice::from_ref(&service.namespace);
    let strict = if service.strict_namespaces { own } else { &[] };
    let message = match soap::open_in(body, charset, strict, &limits) {
        Ok(message) => message,
        Err(OpenError::Malformed(error)) => {
            return malformed(in_words(&error), error.place);
        }
        Err(error @ (OpenError::NotAnEnvelope { .. } | OpenError::EmptyBody)) => {
            return malformed(error.to_string(), Position::START);
        }
        Err(error @ OpenError::VersionMismatch { .. }) => {
            return fault(FaultCode::VersionMismatch, error.to_string());
        }
        Err(error @ OpenError::MustUnderstand { .. }) => {
            return fault(FaultCode::MustUnderstand, error.to_string());
        }
    };
    let action = match service.routing {
        RoutingStyle::RequestElement => None,
        RoutingStyle::SoapAction => {
            let [action, content_type] =
                [SOAP_ACTION, CONTENT_TYPE].map(|name| incoming.header(&name));
            soap::action(action.as_deref(), content_type.as_deref())
        }
    };
    let namespace = Some(&*service.namespace);
    let element = &message.operation;
    let found = match &action {
        Some(action) => service.operations.iter().find(|known| **action == *known.action),
        None => service.of_element(element),
    };
    // Where the action names the operation, its element is not looked for, but read it is only by
    // its name.
    let is_read =
        found.is_none_or(|known| strict.is_empty() || element.is(namespace, &known.element));
    let parameters = if is_read { message.parameters } else { Value::map(Map::new()) };
    let call = SoapCall { version: message.version, parameters, positions: message.positions };
    match found {
        Some(SoapOperation { operation, binding, .. }) => {
            let binding = BindingId { operation: *operation, binding: *binding };
            Dispatch::Operation(Target { binding, path: Vec::new(), soap: Some(call) })
        }
        None => {
            let value = action.unwrap_or_else(|| message.operation.to_string());
            let refusal = Refusal::of(Failure::UnknownAction).value(value);
            let answer = table.exactly(Failure::UnknownAction);
            Dispatch::Refused(Box::new(refusal.answered_by(answer)), Some((id, call)))
        }
    }
}
