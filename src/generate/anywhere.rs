//! Requests that are not calls: to paths that are not there, by other methods, of other media types,
//! with bodies that cannot be read.

use super::base::Base;
use super::cases::Cases;
use super::file::Written;
use super::left::Left;
use super::outcome::{Outcome, Reached};
use super::request::{Part, Sent};
use http::header::CONTENT_TYPE;

use crate::model::matching::About;
use crate::model::{
    Binding, Failure, Operation, OperationId, Place, Route, Segment, Service, WireOptions,
};
use crate::value::{Map, Value};
use crate::write::Piece;

/// A path that hardly any vendor has.
const NOWHERE: &str = "/no-such-path";
/// Methods that may be asked for.
const METHODS: [&str; 5] = ["DELETE", "PATCH", "PUT", "POST", "GET"];
/// A media type that nobody reads.
const UNREAD: &str = "application/x-no-such-type";

/// What comes of requests that reach no operation.
pub(super) fn written(service: &Service, left: &mut Left) -> Vec<Written> {
    // What answers there is written as the first operation writes that writes anything.
    let of = |binding: fn(&Binding) -> bool| {
        service.operations.iter().find_map(|operation| {
            let binding = operation.bindings.iter().find(|one| binding(one))?;
            (!operation.produces.is_empty()).then_some(Reached {
                service,
                operation,
                binding,
                soap12: false,
            })
        })
    };
    let first = of(|binding| matches!(binding.route, Route::Http { .. })).or_else(|| of(|_| true));
    let Some(reached) = first else { return Vec::new() };
    let written = reached.operation.produces.first();
    let written = written.and_then(|id| service.media_types.get(id.0));
    let is_json = written.is_some_and(|media| matches!(media.wire, WireOptions::Json))
        && matches!(reached.binding.route, Route::Http { .. });
    let mut all = Vec::new();
    let mut add = |failure: Failure, name: &str, method: &str, path: &str| {
        if !service.failures.0.iter().any(|(known, _)| *known == failure) {
            return left.one(format!("`{}`: the spec has no error for it", failure.name()));
        }
        let Ok(mut outcome) = reached.failed_before(failure) else { return };
        // Below which root element it stands there, nothing says.
        if !is_json {
            outcome.body = None;
        }
        let raw = Piece::map().with("method", method).with("path", path);
        all.push(raw_one(reached, name.to_owned(), raw, outcome));
    };
    add(Failure::UnknownPath, "a path that is not there", "GET", NOWHERE);
    let mut plain = service.operations.iter().filter_map(plain_path);
    let other = plain.find_map(|path| {
        let routes = service.operations.iter().flat_map(|one| &one.bindings);
        let mut known = Vec::new();
        for binding in routes {
            if let Route::Http { method, path: segments } = &binding.route
                && written_path(segments).is_none_or(|known| known == path)
            {
                known.push(method.as_str());
            }
        }
        Some((METHODS.into_iter().find(|method| !known.contains(method))?, path))
    });
    match other {
        Some((method, path)) => {
            add(Failure::MethodNotAllowed, "a method that is not there", method, &path);
        }
        None => left.one("`methodNotAllowed`: no path without parameters lacks a method"),
    }
    all
}

fn raw_one(reached: Reached<'_>, name: String, raw: Piece, outcome: Outcome) -> Written {
    let nothing = Base { sent: Sent::new(OperationId(0)), given: Vec::new() };
    let covers = reached.ids(outcome.statements.clone());
    Written { covers, raw: Some(raw), nowhere: true, ..Written::new(name, nothing, outcome) }
}

/// The path of an operation that has no parameters.
fn plain_path(operation: &Operation) -> Option<String> {
    match &operation.bindings.first()?.route {
        Route::Http { path, .. } => written_path(path),
        Route::Soap(_) => None,
    }
}

/// A path without parameters.
fn written_path(segments: &[Segment]) -> Option<String> {
    let texts: Vec<String> = segments.iter().map(ToString::to_string).collect();
    let path = format!("/{}", texts.join("/"));
    (!path.contains(['{', '}'])).then_some(path)
}

impl Cases<'_> {
    /// Bodies that are not what their media type says, and other media types.
    pub(super) fn malformed(&mut self) {
        let Route::Http { method, path } = &self.reached.binding.route else { return };
        let operation = self.reached.operation;
        if operation.body.is_none() {
            return;
        }
        let read = operation.consumes.first();
        let Some(read) = read.and_then(|id| self.reached.service.media_types.get(id.0)) else {
            return;
        };
        let Some(path) = self.path(path) else {
            return self.left.one("bodies that cannot be read, below paths with other parameters");
        };
        let has_parameters = operation.parameters.iter().any(|one| one.place == Place::Path);
        let broken = match read.wire {
            WireOptions::Json | WireOptions::JsonLines => Some("{"),
            WireOptions::Xml { .. } => Some("<"),
            _ => None,
        };
        let request = |media_type: &str, text: &str| {
            let mut headers = Piece::map().with("Content-Type", media_type);
            let mut query = Piece::map();
            for (name, value) in self.base.sent.values(Part::Query).into_iter().flat_map(Map::iter)
            {
                if let Some(text) = value.scalar_text() {
                    query.set(&**name, &*text);
                }
            }
            for condition in &self.reached.binding.matching.conditions {
                let wanted = condition.wanted.example().and_then(|value| value.scalar_text());
                match (&condition.about, wanted) {
                    (About::Header(name), Some(wanted)) if *name != CONTENT_TYPE => {
                        headers.set(name.as_str(), &*wanted);
                    }
                    (About::Query(name), Some(wanted)) => query.set(&**name, &*wanted),
                    _ => {}
                }
            }
            let mut request = Piece::map().with("method", method.as_str()).with("path", &path);
            if !query.is_empty() {
                request.set("query", query);
            }
            request.with("headers", headers).with("text", text)
        };
        let broken = broken.map(|text| {
            (Failure::MalformedBody, "a body that cannot be read", request(&read.name, text))
        });
        let other = (Failure::UnsupportedMediaType, "another media type", request(UNREAD, "x"));
        // Which operation is meant is told by these, where there are several.
        let conditions = &self.reached.binding.matching.conditions;
        let by_body = conditions.iter().any(|one| one.about.is_in_body());
        let by_type = conditions.iter().any(|one| one.about == About::Header(CONTENT_TYPE));
        for (failure, what, raw) in broken.into_iter().chain([other]) {
            let before = by_body || by_type && failure == Failure::UnsupportedMediaType;
            let outcome = match before {
                true => self.reached.failed_before(failure),
                false => self.reached.failed(failure),
            };
            match outcome {
                Ok(outcome) => {
                    let name = format!("{} refuses {what}", self.name);
                    let mut written = Written::new(name, self.base.clone(), outcome);
                    written.raw = Some(raw);
                    let status = &mut written.outcome;
                    if has_parameters && status.statuses.iter().all(|one| (400..500).contains(one))
                    {
                        status.known = status.known.without_status();
                    }
                    self.add(written, &[]);
                }
                Err(why) => self.left.one(format!("`{}`: {why}", failure.name())),
            }
        }
    }

    /// A path with the values of the request; nothing where that is more than a value a segment.
    fn path(&self, segments: &[Segment]) -> Option<String> {
        let mut written = String::new();
        for segment in segments {
            let text = segment.to_string();
            written.push('/');
            let name = text.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
            let Some(name) = name else {
                if text.contains('{') {
                    return None;
                }
                written.push_str(&text);
                continue;
            };
            let value =
                self.base.sent.values(Part::Path)?.get(name).and_then(Value::scalar_text)?;
            let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.@".contains(c);
            if value.is_empty() || !value.chars().all(is_plain) {
                return None;
            }
            written.push_str(&value);
        }
        Some(if written.is_empty() { "/".to_owned() } else { written })
    }
}
