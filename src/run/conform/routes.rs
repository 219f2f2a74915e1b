//! Which operations a request can be for.

use std::borrow::Cow;
use std::cell::OnceCell;

use http::{HeaderName, Method};

use crate::model::matching::{Requested, Unreadable};
use crate::model::media_type::closeness;
use crate::model::path::{normal, values_in};
use crate::model::{
    Match, Operation, OperationId, Route, Routing, RoutingStyle, Segment, Service, SoapService,
    WireOptions,
};
use crate::plan::wire;
use crate::run::client::Request;
use crate::wire::encoding::Encoding;
use crate::wire::form::{Pair, decode_pairs};
use crate::wire::json::Json;
use crate::wire::multipart;
use crate::wire::xml::{Element, decode_element_in};
use crate::wire::{DecodeError, Decoded, Limits, Wire as _, soap};

/// The operations, with their bindings, that a request leads to, whose path is below the base
/// path. Types of segments are not looked at, so there may be several.
pub(in crate::run) fn operations_at(
    service: &Service,
    request: &Request,
    path: &str,
) -> Vec<(OperationId, Option<usize>)> {
    let path = &*below_longest(service, path);
    let mut found = at_path(service, &request.method, path);
    keep_named(service, request, &mut found);
    if found.iter().all(|(.., matching)| matching.is_empty()) {
        return found.into_iter().map(|(id, at, _)| (id, Some(at))).collect();
    }
    let sent = Sent::new(service, request, path);
    let mut fitting = found;
    fitting.retain(|(.., matching)| matching.broken_by(&sent).is_none());
    let narrower = |one: &Match| fitting.iter().any(|(.., other)| other.is_narrower(one));
    let narrowest: Vec<_> = fitting.iter().filter(|(.., matching)| !narrower(matching)).collect();
    let earlier = |at: usize, one: &Match| {
        narrowest.iter().take(at).any(|(.., other)| other.is_ordered_with(one))
    };
    let first = narrowest.iter().enumerate().filter(|(at, (.., one))| !earlier(*at, one));
    first.map(|(_, (id, at, _))| (*id, Some(*at))).collect()
}

/// Whether a request asks for the WSDL of a SOAP service, which no operation gives.
pub(in crate::run) fn is_description(service: &Service, request: &Request, path: &str) -> bool {
    let path = &*below_longest(service, path);
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let at = |soap: &SoapService| is_same(&soap.path, path, service.routing);
    matches!(&*request.method, "GET" | "HEAD")
        && service.soap_services.iter().any(at)
        && decode_pairs(query)
            .is_ok_and(|pairs| pairs.iter().any(|(name, _)| name.eq_ignore_ascii_case("wsdl")))
}

/// The path below the longest base path of the spec's servers; `path` is below the first one's.
fn below_longest<'p>(service: &Service, path: &'p str) -> Cow<'p, str> {
    let Some(first) = service.servers.first().filter(|_| service.servers.len() > 1) else {
        return Cow::Borrowed(path);
    };
    let whole = format!("{}{path}", first.base_path);
    let below = |base: &str| {
        let rest = whole.strip_prefix(base)?;
        (rest.is_empty() || rest.starts_with(['/', '?'])).then_some(rest)
    };
    let rests = service.servers.iter().filter_map(|server| below(&server.base_path));
    match rests.min_by_key(|rest| rest.len()) {
        Some(rest) if rest.len() < path.len() => Cow::Owned(rest.to_owned()),
        _ => Cow::Borrowed(path),
    }
}

type Found<'s> = Vec<(OperationId, usize, &'s Match)>;

fn at_path<'s>(service: &'s Service, method: &str, path: &str) -> Found<'s> {
    let path = path.split('?').next().unwrap_or_default();
    let mut best = Vec::new();
    let mut most = None;
    for (id, at, operation) in bindings(service) {
        let Some(binding) = operation.bindings.get(at) else { continue };
        let literals = match &binding.route {
            Route::Http { method: own, path: segments } => {
                // What GET gives is there for HEAD too (RFC 9110, section 9.3.2).
                if own.as_str() != method && !(method == "HEAD" && *own == Method::GET) {
                    continue;
                }
                literals(segments, path, service.routing)
            }
            Route::Soap(soap) => {
                let soap = service.soap_services.get(soap.0);
                soap.filter(|soap| is_same(&soap.path, path, service.routing))
                    .filter(|_| method == "POST")
                    .map(|_| usize::MAX)
            }
        };
        let Some(literals) = literals else { continue };
        if most.is_none_or(|most| literals > most) {
            most = Some(literals);
            best.clear();
        }
        if most == Some(literals) {
            best.push((id, at, &binding.matching));
        }
    }
    let is_own = |(id, at, _): &(OperationId, usize, &Match)| {
        let operation = service.operations.get(id.0);
        let binding = operation.and_then(|operation| operation.bindings.get(*at));
        let route = binding.map(|binding| &binding.route);
        matches!(route, Some(Route::Http { method: own, .. }) if own.as_str() == method)
    };
    if method == "HEAD" && best.iter().any(is_own) {
        best.retain(is_own);
    }
    best
}

/// Of several operations of SOAP services keeps those that the message names, by its action or its
/// element; all where it names none.
fn keep_named(service: &Service, request: &Request, found: &mut Found<'_>) {
    if found.len() < 2 {
        return;
    }
    let action = soap::action(request.header("soapaction"), request.header("content-type"));
    let action = action.filter(|action| !action.is_empty());
    let message = soap::open(&request.body, &Limits::default());
    let element = message.ok().map(|message| message.operation.local);
    let is_named = |(id, at, _): &(OperationId, usize, &Match)| {
        let operation = service.operations.get(id.0)?;
        let binding = operation.bindings.get(*at)?;
        let Route::Soap(soap) = &binding.route else { return None };
        let soap = service.soap_services.get(soap.0)?;
        match (soap.routing, &action) {
            (RoutingStyle::SoapAction, Some(action)) => {
                Some(*binding.soap_action(soap, operation) == **action)
            }
            _ => Some(element.as_ref()? == binding.request_element(operation)),
        }
    };
    if found.iter().any(|one| is_named(one) == Some(true)) {
        found.retain(|one| is_named(one) == Some(true));
    }
}

/// A request as a `match` looks at it.
struct Sent<'r> {
    request: &'r Request,
    query: Vec<Pair>,
    case_sensitive: bool,
    body: Result<Option<Decoded>, Unreadable>,
    /// The body's root element, once a condition looks at it.
    document: OnceCell<Option<Element>>,
}

impl<'r> Sent<'r> {
    fn new(service: &Service, request: &'r Request, path: &str) -> Self {
        let query = path.split_once('?').map_or("", |(_, query)| query);
        let query = decode_pairs(query).unwrap_or_default();
        let case_sensitive = service.routing.case_sensitive;
        let body = read(service, request);
        Self { request, query, case_sensitive, body, document: OnceCell::new() }
    }
}

fn read(service: &Service, request: &Request) -> Result<Option<Decoded>, Unreadable> {
    if request.body.is_empty() {
        return Ok(None);
    }
    let content_type = request.header("content-type").unwrap_or_default();
    let name = content_type.split(';').next().unwrap_or_default().trim();
    let mut known = service.media_types.iter();
    let media_type = match name {
        "" => known.next(),
        name => {
            let name = name.to_ascii_lowercase();
            known
                .max_by_key(|known| closeness(&known.name, &name))
                .filter(|known| closeness(&known.name, &name).is_some())
        }
    };
    let charset = Encoding::of_media_type(content_type).map_err(|_| Unreadable)?;
    let media_type = media_type.ok_or(Unreadable)?;
    if matches!(media_type.wire, WireOptions::Multipart) {
        return parts(&request.body, content_type).map(Some).map_err(|_| Unreadable);
    }
    let wire = wire::compile(media_type).wire;
    let decoded = wire.decode_in(&request.body, charset, &Limits::default());
    decoded.map(Some).map_err(|_| Unreadable)
}

/// A body of several parts, each read by what it says of itself, as long as no operation says more.
fn parts(body: &[u8], content_type: &str) -> Result<Decoded, DecodeError> {
    let parts = multipart::parts(body, content_type)?;
    let tree = multipart::tree(&parts, |part| match part.media_type() {
        Some(name) if name == "application/json" || name.ends_with("+json") => {
            Ok(Json.decode(part.bytes(body), &Limits::default())?.value)
        }
        _ if part.filename.is_some() => Ok(part.octets(body)),
        _ => part.text(body),
    });
    tree.map(Into::into)
}

impl Requested for Sent<'_> {
    fn query(&self, name: &str) -> Option<Cow<'_, str>> {
        let is = |known: &str| match self.case_sensitive {
            true => known == name,
            false => known.eq_ignore_ascii_case(name),
        };
        let pair = self.query.iter().find(|(known, _)| is(known));
        pair.map(|(_, value)| Cow::Borrowed(&**value))
    }

    fn header(&self, name: &HeaderName) -> Option<Cow<'_, str>> {
        self.request.header(name.as_str()).map(Cow::Borrowed)
    }

    fn cookie(&self, name: &str) -> Option<Cow<'_, str>> {
        let pairs = self.request.header("cookie")?.split(';');
        let mut pairs = pairs.filter_map(|pair| pair.trim().split_once('='));
        pairs.find(|(known, _)| *known == name).map(|(_, value)| value.into())
    }

    fn document(&self) -> Option<&Element> {
        let is_xml = self.body().ok()??.root.is_some();
        let read = || {
            let content_type = self.request.header("content-type").unwrap_or_default();
            let charset = Encoding::of_media_type(content_type).ok()?;
            decode_element_in(&self.request.body, charset, &Limits::default()).ok()
        };
        self.document.get_or_init(|| is_xml.then(read).flatten()).as_ref()
    }

    fn body(&self) -> Result<Option<&Decoded>, Unreadable> {
        self.body.as_ref().map(Option::as_ref).map_err(|error| *error)
    }
}

fn bindings(service: &Service) -> impl Iterator<Item = (OperationId, usize, &Operation)> {
    let operations = service.operations.iter().enumerate();
    operations.flat_map(|(id, operation)| {
        (0..operation.bindings.len()).map(move |at| (OperationId(id), at, operation))
    })
}

/// How fixed a route is to which a path leads; `None` when the path is another one.
fn literals(segments: &[Segment], path: &str, routing: Routing) -> Option<usize> {
    let rest = matches!(segments.last(), Some(Segment::Rest(_)));
    let trimmed = match routing.ignore_trailing_slash && !rest {
        true => path.strip_suffix('/').unwrap_or(path),
        false => path,
    };
    values_in(segments, &normal(trimmed), routing.case_sensitive)?;
    // The more is fixed in a segment, the sooner its route is looked at.
    let fixed = |segment: &Segment| match (segment, segment.around()) {
        (Segment::Literal(_), _) => 4,
        (Segment::Mixed { .. }, ("", "")) => 2,
        (Segment::Mixed { .. }, _) => 3,
        (Segment::Parameter(_), _) => 1,
        (Segment::Rest(_), _) => 0,
    };
    Some(segments.iter().map(fixed).sum())
}

fn is_same(expected: &str, actual: &str, routing: Routing) -> bool {
    if routing.case_sensitive { expected == actual } else { expected.eq_ignore_ascii_case(actual) }
}
