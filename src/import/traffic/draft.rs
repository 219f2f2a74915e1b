//! An API drafted from requests to it.

use std::collections::HashSet;

use super::form::{self, decoded};
use super::infer::{both, schema};
use super::message;
use super::said::Said;
use super::secrets::{self, is_secret};
use super::soap_draft::Services;
use super::{Recorded, Traffic};
use crate::import::api::{
    Answer, Api, Body, Content, Operation, Parameter, Scheme, SchemeKind, Server, Wire, wire_of,
};
use crate::import::names::{singular, snake, unique};
use crate::import::schema::Schema;
use crate::run::mask::Mask;
use crate::value::Value;
use crate::wire::json::Json;
use crate::wire::{Limits, Wire as _};

/// The API that requests show.
pub(super) fn api(traffic: &Traffic) -> Api {
    let mut api = Api { title: traffic.name.clone(), recorded: true, ..Api::default() };
    if let Some(first) = traffic.requests.first()
        && !first.host.is_empty()
        && !first.host.contains("{{")
    {
        api.servers = vec![Server { url: first.host.clone(), variables: Vec::new() }];
    }
    let mut ids = HashSet::new();
    let mask = secrets::all(&traffic.requests);
    let good = |recorded: &&Recorded| recorded.status.is_none_or(|status| status < 400);
    let known: HashSet<String> =
        traffic.requests.iter().filter(good).map(|r| template(&r.path).0).collect();
    let mut services = Services::default();
    for recorded in &traffic.requests {
        if describes(recorded) {
            continue;
        }
        let scheme = scheme(recorded);
        if let Some(scheme) = &scheme
            && api.schemes.iter().all(|known| known.name != scheme.name)
        {
            api.schemes.push(scheme.clone());
        }
        let show = |operation: &mut Operation| {
            if let Some(scheme) = scheme {
                operation.security = Some(vec![vec![(scheme.name, Vec::new())]]);
            }
        };
        if let Some(message) = message::sent(recorded) {
            let at = services.add(&mut api, (recorded, &message), &mut ids, &mask);
            api.operations.get_mut(at).map(show);
            continue;
        }
        let (mut path, mut parameters) = template(&recorded.path);
        // What is not there was asked for by something that does not look like an id.
        if !good(&recorded)
            && !known.contains(&path)
            && let Some(other) = traffic.requests.iter().filter(good).find(|other| {
                other.method == recorded.method && leads_to(&path, &template(&other.path).0)
            })
        {
            (path, parameters) = template(&other.path);
        }
        let known = api
            .operations
            .iter()
            .position(|operation| operation.method == recorded.method && operation.path == path);
        let at = known.unwrap_or_else(|| {
            let words: Vec<String> =
                path.split('/').map(snake).filter(|word| !word.is_empty()).collect();
            let wanted = format!("{}_{}", recorded.method.to_lowercase(), words.join("_"));
            api.operations.push(Operation {
                id: unique(wanted.trim_end_matches('_'), &mut ids),
                method: recorded.method.clone(),
                path,
                summary: recorded.name.clone(),
                parameters,
                place: recorded.place.clone(),
                security: Some(Vec::new()),
                ..Operation::default()
            });
            api.operations.len() - 1
        });
        if let Some(operation) = api.operations.get_mut(at) {
            add(operation, recorded, &mask);
            show(operation);
        }
    }
    services.finish(&mut api);
    api
}

/// Whether it was answered with a description of a service, which the mock makes itself.
fn describes(recorded: &Recorded) -> bool {
    recorded.answer.as_ref().is_some_and(Said::is_wsdl)
}

/// Whether a path is one of those that a template stands for.
fn leads_to(path: &str, template: &str) -> bool {
    let fits = |(own, wanted): (&str, &str)| own == wanted || wanted.starts_with('{');
    path.split('/').count() == template.split('/').count()
        && path.split('/').zip(template.split('/')).all(fits)
}

/// The path with parameters where it has ids.
fn template(path: &str) -> (String, Vec<Parameter>) {
    let path = path.split('?').next().unwrap_or_default();
    let mut parameters: Vec<Parameter> = Vec::new();
    let mut segments: Vec<String> = Vec::new();
    let mut before = String::new();
    for segment in path.split('/').skip(1) {
        let Some(found) = id_schema(segment) else {
            // What cannot stand in a path of a spec is none.
            segments.push(segment.replace(['{', '}', '#'], ""));
            segment.clone_into(&mut before);
            continue;
        };
        let thing = singular(&snake(&before));
        let mut name = if thing.is_empty() { "id".to_owned() } else { format!("{thing}_id") };
        while parameters.iter().any(|other| other.name == name) {
            name.push('2');
        }
        segments.push(format!("{{{name}}}"));
        parameters.push(Parameter::new(name, "path", found));
    }
    (format!("/{}", segments.join("/")), parameters)
}

/// The schema of a segment that names one of many, as a number or a random text does.
fn id_schema(segment: &str) -> Option<Schema> {
    if segment.starts_with("{{") {
        return Some(Schema::of("string"));
    }
    let digits = !segment.is_empty() && segment.bytes().all(|byte| byte.is_ascii_digit());
    if digits {
        return Some(Schema::of("integer"));
    }
    let found = schema(&Value::text(segment));
    if found.keyword("format").and_then(Value::as_str) == Some("uuid") {
        return Some(found);
    }
    let random = segment.len() >= 16
        && segment.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
        && segment.bytes().filter(u8::is_ascii_digit).count() >= 3;
    random.then(|| Schema::of("string"))
}

fn scheme(recorded: &Recorded) -> Option<Scheme> {
    let of = |name: &str, kind| {
        let assumed = Some("seen in requests".to_owned());
        Some(Scheme { name: name.to_owned(), kind, description: None, assumed })
    };
    if let Some(value) = recorded.header("Authorization") {
        return match value.split(' ').next().unwrap_or_default().to_ascii_lowercase().as_str() {
            "bearer" => of("bearer", SchemeKind::Http("bearer".to_owned())),
            "basic" => of("basic", SchemeKind::Basic),
            _ => {
                let name = "Authorization".to_owned();
                of("key", SchemeKind::ApiKey { place: "header", name })
            }
        };
    }
    let header = recorded
        .headers
        .iter()
        .find(|(name, _)| is_secret(name) && !name.eq_ignore_ascii_case("cookie"));
    if let Some((name, _)) = header {
        let kind = SchemeKind::ApiKey { place: "header", name: name.clone() };
        return of(&snake(name), kind);
    }
    let (_, query) = recorded.path.split_once('?')?;
    let name = query.split('&').filter_map(|pair| pair.split('=').next()).find(|n| is_secret(n))?;
    of(&snake(name), SchemeKind::ApiKey { place: "query", name: name.to_owned() })
}

/// Adds what one more request shows of an operation.
fn add(operation: &mut Operation, recorded: &Recorded, mask: &Mask) {
    let query = recorded.path.split_once('?').map(|(_, query)| query).unwrap_or_default();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let name = decoded(name);
        let known = operation.parameters.iter().any(|p| p.place == "query" && p.name == name);
        if !known && !is_secret(&name) && !name.is_empty() {
            let number = value.parse::<i64>().is_ok();
            let schema = Schema::of(if number { "integer" } else { "string" });
            operation.parameters.push(Parameter::new(name, "query", schema));
        }
    }
    if let Some(body) = &recorded.body {
        let media_type = recorded.header("Content-Type").unwrap_or_default();
        let media_type = media_type.split(';').next().unwrap_or_default().trim().to_lowercase();
        let seen = match wire_of(&media_type) {
            Wire::Json => json(body).map(|value| schema(&value)),
            Wire::Form => Some(schema(&form::read(body))),
            Wire::Xml | Wire::Other => None,
        };
        if let Some(mut seen) = seen {
            let content = &mut operation.body.get_or_insert_with(Body::default).content;
            match content.iter_mut().find(|(known, _)| *known == media_type) {
                Some((_, known)) => *known = both(std::mem::take(known), seen),
                None => {
                    seen.example = None;
                    content.push((media_type, seen));
                }
            }
        }
    }
    let Some(status) = recorded.status else { return };
    let seen = recorded.answer.as_ref().and_then(shape);
    let known = operation.answers.iter_mut().find(|answer| answer.status == Some(status));
    let answer = match known {
        Some(answer) => answer,
        None => {
            operation.answers.push(Answer { status: Some(status), ..Answer::default() });
            operation.answers.sort_by_key(|answer| answer.status);
            let position = operation.answers.iter().position(|a| a.status == Some(status));
            match position.and_then(|at| operation.answers.get_mut(at)) {
                Some(answer) => answer,
                None => return,
            }
        }
    };
    let Some((media_type, value, seen)) = seen else { return };
    match answer.content.iter_mut().find(|content| content.media_type == media_type) {
        Some(content) => {
            let known = content.schema.take().unwrap_or_default();
            content.schema = Some(both(known, seen));
        }
        None => {
            let shown = secrets::masked("", &value, mask);
            // What was seen is there from the start, so that it can be read again.
            let schema = Some(Schema { example: Some(shown.clone()), ..seen });
            answer.content.push(Content { media_type, schema, example: Some(shown) });
        }
    }
}

/// The media type of a body, what it says, and the schema of that.
fn shape(said: &Said) -> Option<(String, Value, Schema)> {
    let media_type = said.media_type.clone();
    let value = said.json()?.clone();
    let seen = schema(&value);
    Some((media_type, value, seen))
}

/// The value that a JSON text holds.
pub(super) fn json(text: &str) -> Option<Value> {
    Json.decode_in(text.as_bytes(), None, &Limits::default()).ok().map(|decoded| decoded.value)
}
