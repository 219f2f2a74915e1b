//! An API drafted from requests to it.

use std::collections::HashSet;

use super::flow::{Flow, is_set_cookie};
use super::form::{self, decoded};
use super::infer::{both, schema};
use super::message;
use super::refused;
use super::said::{Said, json};
use super::schemes::scheme;
use super::secrets::{Hidden, is_secret};
use super::soap_draft::Services;
use super::template::{id_schema, template};
use super::{Recorded, Traffic, supplied};
use crate::import::api::{Answer, Api, Body, Content, Operation, Parameter, Server, Wire, wire_of};
use crate::import::names::{snake, unique};
use crate::import::schema::Schema;
use crate::value::Value;

/// The API that requests show.
pub(super) fn api(traffic: &Traffic, vendor: &str) -> Api {
    let mut api = Api { title: traffic.name.clone(), recorded: true, ..Api::default() };
    if let Some(first) = traffic.requests.first()
        && !first.host.is_empty()
        && !first.host.contains("{{")
    {
        api.servers = vec![Server { url: first.host.clone(), variables: Vec::new() }];
    }
    let mut ids = HashSet::new();
    let hidden = Hidden::new(&traffic.requests, vendor);
    let flow = Flow::new(&traffic.requests, true);
    let mut asked: Vec<(usize, &Recorded)> = Vec::new();
    let good = |recorded: &&Recorded| recorded.status.is_none_or(|status| status < 400);
    let known: HashSet<String> =
        traffic.requests.iter().filter(good).map(|r| template(&r.path).0).collect();
    let mut services = Services::default();
    for recorded in &traffic.requests {
        if describes(recorded) {
            continue;
        }
        let scheme = scheme(recorded, &flow);
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
            let at = services.add(&mut api, (recorded, &message), &mut ids, &hidden);
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
            let learns = good(&recorded) || !is_taken(traffic, recorded);
            add(operation, recorded, learns, &hidden);
            if recorded.status == Some(404) {
                loosen(operation, &recorded.path);
            }
            show(operation);
            asked.push((at, recorded));
        }
    }
    services.finish(&mut api, &flow, &hidden);
    refused::settle(&mut api, &asked, &flow, &hidden);
    supplied::settle(&mut api, &asked, &hidden);
    api
}

/// Whether what is asked with that method at that path was done for others that sent something.
fn is_taken(traffic: &Traffic, recorded: &Recorded) -> bool {
    let path = template(&recorded.path).0;
    traffic.requests.iter().any(|other| {
        other.status.is_none_or(|status| status < 400)
            && other.method == recorded.method
            && other.body.is_some()
            && template(&other.path).0 == path
    })
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

/// What looks like no id is looked for all the same, where it is not found rather than refused.
fn loosen(operation: &mut Operation, path: &str) {
    let path = path.split('?').next().unwrap_or_default();
    for (name, segment) in operation.path.split('/').zip(path.split('/')) {
        let Some(name) = name.strip_prefix('{').and_then(|name| name.strip_suffix('}')) else {
            continue;
        };
        let seen = id_schema(segment).unwrap_or_else(|| Schema::of("string"));
        let own = |it: &&mut Parameter| it.place == "path" && it.name == name;
        if let Some(parameter) = operation.parameters.iter_mut().find(own) {
            let fits = parameter.schema.types == seen.types
                && parameter.schema.keyword("format") == seen.keyword("format");
            if !fits {
                parameter.schema = Schema::of("string");
            }
        }
    }
}

/// Adds what one more request shows of an operation.
fn add(operation: &mut Operation, recorded: &Recorded, learns: bool, hidden: &Hidden) {
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
    if let Some(body) = recorded.body.as_ref().filter(|_| learns) {
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
    for (_, cookie) in recorded.answer_headers.iter().filter(|(name, _)| is_set_cookie(name)) {
        let pair = cookie.split(';').next().unwrap_or_default();
        let (name, value) = pair.split_once('=').unwrap_or_default();
        let is_known = answer.cookies.iter().any(|(known, _)| known == name.trim());
        if let Some(key) = hidden.key_for(value.trim()).filter(|_| !is_known) {
            answer.cookies.push((name.trim().to_owned(), key.to_owned()));
        }
    }
    let is_location = |name: &str| name.eq_ignore_ascii_case("location");
    let leads = recorded.answer_headers.iter().any(|(name, _)| is_location(name));
    if status == 201 && leads && !answer.headers.iter().any(|(name, _)| is_location(name)) {
        answer.headers.push(("Location".to_owned(), None));
    }
    let Some((media_type, value, seen)) = seen else { return };
    match answer.content.iter_mut().find(|content| content.media_type == media_type) {
        Some(content) => {
            let known = content.schema.take().unwrap_or_default();
            content.schema = Some(both(known, seen));
        }
        None => {
            let shown = hidden.masked("", &value);
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
