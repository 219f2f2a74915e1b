//! An API as a spec.

use std::collections::HashMap;

use super::api::{Answer, Api, Body, Bound, Operation, PARTS, Parameter, Wire, wire_of};
use super::behaviour::{canned, good, good_status, has_content, refusals};
use super::errors::{Errors, with_messages};
use super::keys::{requirements, security};
use super::notes::Notes;
use super::resources;
use super::tree::share_trees;
use crate::write::{Kind, Piece, document};

/// Failures with the statuses that a document has for them.
const FAILURES: [(&str, &[u16]); 8] = [
    ("malformedBody", &[400]),
    ("missingBody", &[400, 422]),
    ("invalid", &[400, 422]),
    // Only where requests show it.
    ("required", &[]),
    ("type", &[]),
    ("unsupportedMediaType", &[415]),
    ("bodyTooLarge", &[413]),
    ("notAcceptable", &[406]),
];

/// The spec of an API.
pub(super) fn spec(api: &Api, notes: &mut Notes) -> Piece {
    let mut errors = Errors::default();
    let collected = resources::find(api, &mut errors, notes);
    let json = "application/json".to_owned();
    let mut media_types: Vec<String> = Vec::new();
    let takes = |operation: &Operation| -> Vec<String> {
        let body = operation.body.iter().flat_map(|body| &body.content);
        body.map(|(name, _)| name.clone()).collect()
    };
    let gives = |operation: &Operation| -> Option<String> {
        let answer = good(operation).filter(|_| has_content(good_status(operation)))?;
        let name = &answer.chosen()?.media_type;
        (wire_of(name) != Wire::Other).then(|| name.clone())
    };
    let consumes = most_common(api.operations.iter().map(takes).filter(|list| !list.is_empty()))
        .unwrap_or_else(|| vec![json.clone()]);
    let produces = most_common(api.operations.iter().filter_map(gives)).unwrap_or(json.clone());
    for name in consumes.iter().chain([&produces]) {
        add(&mut media_types, name);
    }

    let mut failures = Vec::new();
    for operation in &api.operations {
        let mut own: Vec<(&str, String)> = Vec::new();
        for (failure, statuses) in FAILURES {
            let body = operation.body.is_some();
            let applies = match failure {
                "malformedBody" | "missingBody" | "unsupportedMediaType" | "bodyTooLarge" => body,
                _ => body || !operation.parameters.is_empty(),
            };
            let seen = operation.failures.iter().find(|(known, _)| *known == failure);
            let error = match seen {
                Some((_, answer)) => errors.answered(api, answer),
                None if applies => errors.documented(api, operation, statuses),
                None => None,
            };
            if let Some(error) = error {
                own.push((failure, error));
            }
        }
        failures.push(own);
    }
    let common: HashMap<&str, String> = FAILURES
        .into_iter()
        .filter_map(|(failure, _)| {
            let of = |own: &Vec<(&str, String)>| {
                own.iter().find(|(name, _)| *name == failure).map(|(_, error)| error.clone())
            };
            Some((failure, most_common(failures.iter().filter_map(of))?))
        })
        .collect();

    let mut operations = Vec::new();
    for (at, operation) in api.operations.iter().enumerate() {
        let mut piece = Piece::map().with("operationId", &operation.id);
        if let Some(summary) = &operation.summary {
            piece.set("summary", summary);
        }
        if let Some(description) = &operation.description {
            piece.set("description", description);
        }
        if !operation.tags.is_empty() {
            piece.set("tags", Piece::list(operation.tags.iter().map(Piece::from)));
        }
        if operation.soap.is_empty() {
            piece.set("method", &operation.method);
            piece.set("path", &operation.path);
            if !operation.matching.is_empty() {
                piece.set("match", matching(operation));
            }
        } else {
            let binding = |bound: &Bound| binding(api, operation, bound);
            piece.set("bindings", Piece::list(operation.soap.iter().map(binding)));
        }
        if let Some(security) = &operation.security
            && api.security.as_ref() != Some(security)
        {
            piece.set("security", requirements(security));
        }
        let own = takes(operation);
        if !own.is_empty() && own != consumes {
            for name in &own {
                add(&mut media_types, name);
            }
            piece.set("consumes", Piece::list(own.iter().map(Piece::from)));
        }
        if let Some(own) = gives(operation).filter(|own| *own != produces) {
            add(&mut media_types, &own);
            piece.set("produces", Piece::list([Piece::from(own)]));
        }
        let mut own = Piece::map();
        for (failure, error) in failures.get(at).into_iter().flatten() {
            if common.get(failure) != Some(error) {
                own.set(*failure, error);
            }
        }
        if !own.is_empty() {
            piece.set("failures", own);
        }
        if !operation.parameters.is_empty() {
            let parameters = operation.parameters.iter().map(parameter);
            piece.set("parameters", Piece::list(parameters).block());
        }
        if let Some(body) = &operation.body {
            piece.set("requestBody", request_body(body));
        }
        let made = collected.steps.get(&at);
        let mut steps = refusals(api, operation, made.is_some(), &mut errors);
        match made {
            Some(made) => steps.extend(made.iter().cloned()),
            None => steps.push(canned(api, operation, &mut errors, notes)),
        }
        piece.set("steps", Piece::list(steps).block());
        if let Some(responses) = responses(operation) {
            piece.set("responses", responses);
        }
        operations.push(piece.block());
    }

    let (schemes, keys) = security(api, &mut errors);
    let mut components = Piece::map();
    if !schemes.is_empty() {
        components.set("securitySchemes", schemes.block());
    }
    if !api.schemas.is_empty() {
        let mut shared = Piece::map();
        for (name, schema) in &api.schemas {
            shared.set(name, schema.to_piece());
        }
        components.set("schemas", shared.block());
    }
    let trees = share_trees(&mut operations);
    if !trees.is_empty() {
        components.set("trees", trees.block());
    }
    let mut errors = errors.into_piece().unwrap_or_else(Piece::map);
    with_messages(&mut errors);
    for member in errors.members() {
        if let Some(Kind::Text(name)) = member.value.get("mediaType").map(|piece| &piece.kind)
            && member.value.get("body").is_some()
        {
            add(&mut media_types, name);
        }
    }
    if media_types.len() == 1 {
        unset_media_types(&mut errors);
    }

    let evidence = if api.recorded { "recorded" } else { "documented" };
    let mut spec = Piece::map().with("counterpart", 1).with("vendor", &api.vendor);
    spec.set("evidence", Piece::from(evidence).remark("of whatever says nothing of its own"));
    let info = Piece::map()
        .with_some("title", api.title.as_ref())
        .with_some("version", api.version.as_ref())
        .with_some("description", api.description.as_ref())
        .with("document", &api.document);
    spec = spec.with("info", info.block()).apart();
    if !api.servers.is_empty() {
        spec = spec.with("servers", Piece::list(servers(api)).block()).apart();
    }
    if media_types != [json] {
        let mut all = Piece::map();
        for name in &media_types {
            let wire = match wire_of(name) {
                _ if name == PARTS => "multipart",
                Wire::Xml => "xml",
                Wire::Form => "form",
                Wire::Json | Wire::Other => "json",
            };
            all.set(name, Piece::map().with("wire", wire));
        }
        spec = spec.with("mediaTypes", all.block()).apart();
        spec.set("consumes", Piece::list(consumes.iter().map(Piece::from)));
        spec.set("produces", Piece::list([Piece::from(&produces)]));
    }
    if !errors.is_empty() {
        spec = spec.with("errors", errors).apart();
    }
    let mut all = Piece::map();
    for (failure, _) in FAILURES {
        if let Some(error) = common.get(failure) {
            all.set(failure, error);
        }
    }
    if !all.is_empty() {
        spec = spec.with("failures", all.block()).apart();
    }
    let mut collections = Piece::map();
    for (name, collection) in collected.collections {
        collections.set(name, collection);
    }
    if let Some(keys) = keys {
        collections.set("credentials", keys);
    }
    if !collections.is_empty() {
        spec = spec.with("collections", collections.block()).apart();
    }
    if !components.is_empty() {
        spec = spec.with("components", components.block()).apart();
    }
    if let Some(security) = api.security.as_ref().filter(|list| !list.is_empty()) {
        spec = spec.with("security", requirements(security)).apart();
    }
    if !api.soap.is_empty() {
        let mut services = Piece::map();
        for service in &api.soap {
            let versions = service.versions.iter().map(|version| Piece::from(*version));
            let piece = Piece::map()
                .with("path", &service.path)
                .with("namespace", &service.namespace)
                .with("versions", Piece::list(versions));
            let loose = service.unqualified || service.mixed;
            let piece = piece
                .with_some("strictNamespaces", loose.then_some(false))
                .with_some("routingStyle", service.by_element.then_some("requestElement"))
                .with_some("parameterStyle", service.bare.then_some("bare"))
                .with_some("elementFormDefault", service.unqualified.then_some("unqualified"));
            services.set(&service.name, piece);
        }
        spec = spec.with("soapServices", services.block()).apart();
    }
    spec.with("operations", Piece::list(operations).block()).apart()
}

/// What a request has to have besides method and path.
fn matching(operation: &Operation) -> Piece {
    let mut piece = Piece::map();
    for wanted in ["query", "header"] {
        let mut values = Piece::map();
        for (_, name, any) in operation.matching.iter().filter(|(place, ..)| *place == wanted) {
            match &**any {
                [one] => values.set(name, one),
                several => values.set(name, Piece::list(several.iter().map(Piece::from))),
            }
        }
        if !values.is_empty() {
            piece.set(wanted, values);
        }
    }
    piece
}

/// How a SOAP service finds an operation, as far as it is not as it usually would.
fn binding(api: &Api, operation: &Operation, bound: &Bound) -> Piece {
    let service = api.soap.iter().find(|service| service.name == bound.service);
    let namespace = service.map(|service| &*service.namespace).unwrap_or_default();
    let usual = format!("{namespace}{}", operation.id);
    Piece::map()
        .with("soap", &bound.service)
        .with_some("requestElement", (bound.element != operation.id).then_some(&bound.element))
        .with_some("soapAction", (bound.action != usual).then_some(&bound.action))
}

fn add(list: &mut Vec<String>, name: &str) {
    if list.iter().all(|known| known != name) {
        list.push(name.to_owned());
    }
}

/// What comes most often; of those that come as often, the first.
fn most_common<T: Clone + Eq + std::hash::Hash>(all: impl Iterator<Item = T>) -> Option<T> {
    let mut counts: HashMap<T, (usize, usize)> = HashMap::new();
    for (at, item) in all.enumerate() {
        counts.entry(item).or_insert((0, at)).0 += 1;
    }
    let best = counts.into_iter().max_by_key(|(_, (count, at))| (*count, usize::MAX - at));
    best.map(|(item, _)| item)
}

fn servers(api: &Api) -> Vec<Piece> {
    let server = |server: &super::api::Server| {
        let mut variables = Piece::map();
        for (name, default) in &server.variables {
            if server.url.contains(&format!("{{{name}}}")) {
                variables.set(name, Piece::map().with("default", default));
            }
        }
        let piece = Piece::map().with("url", &server.url);
        if variables.is_empty() { piece } else { piece.with("variables", variables) }
    };
    api.servers.iter().map(server).collect()
}

fn parameter(parameter: &Parameter) -> Piece {
    let mut piece = Piece::map().with("name", &parameter.name);
    if !parameter.place.is_empty() {
        piece.set("in", parameter.place);
    }
    if parameter.required && parameter.place != "path" {
        piece.set("required", true);
    }
    let list = parameter.schema.is("array") && parameter.media_type.is_none();
    if parameter.joined && list && matches!(parameter.place, "query" | "cookie") {
        piece.set("explode", false);
    }
    if parameter.deep {
        piece.set("style", "deepObject");
    }
    if let Some(description) = &parameter.description {
        piece.set("description", description);
    }
    let schema = Piece::map().with("schema", parameter.schema.to_piece());
    match &parameter.media_type {
        Some(media_type) => piece.with("content", Piece::map().with(media_type, schema)),
        None => piece.with("schema", parameter.schema.to_piece()),
    }
}

fn request_body(body: &Body) -> Piece {
    let mut piece = Piece::map();
    if body.required {
        piece.set("required", true);
    }
    let Some((_, first)) = body.content.first() else { return piece };
    let first = first.to_piece();
    let text = document(&first, &[]);
    let mut content = Piece::map();
    for (name, schema) in body.content.iter().skip(1) {
        let schema = schema.to_piece();
        if document(&schema, &[]) != text {
            content.set(name, Piece::map().with("schema", schema));
        }
    }
    piece.set("schema", first);
    if !body.encoding.is_empty() {
        let mut encoding = Piece::map();
        for (name, types) in &body.encoding {
            encoding.set(name, Piece::map().with("contentType", types));
        }
        piece.set("encoding", encoding);
    }
    if content.is_empty() { piece } else { piece.with("content", content) }
}

fn responses(operation: &Operation) -> Option<Piece> {
    let mut responses = Piece::map();
    let mut answers: Vec<(u16, &Answer)> =
        operation.answers.iter().filter_map(|answer| Some((answer.status?, answer))).collect();
    let status = good_status(operation);
    if answers.iter().all(|(known, _)| *known != status) {
        // It is answered, so it is documented.
        let default = operation.answers.iter().find(|answer| answer.status.is_none())?;
        answers.insert(0, (status, default));
    }
    for (status, answer) in answers {
        let mut piece = Piece::map().with_some("description", answer.description.as_ref());
        let content = answer.chosen().filter(|_| has_content(status));
        let written = content.filter(|content| wire_of(&content.media_type) != Wire::Other);
        if let Some(schema) = written.and_then(|content| content.schema.as_ref()) {
            piece.set("schema", schema.to_piece());
        }
        responses.set(status.to_string(), piece);
    }
    Some(responses.block())
}

/// Where there is one media type, nothing has to say it.
fn unset_media_types(errors: &mut Piece) {
    let Kind::Map(members) = &mut errors.kind else { return };
    for member in members {
        let body = member.value.get("body").is_some();
        if let Kind::Map(keys) = &mut member.value.kind {
            keys.retain(|key| !(body && key.key == "mediaType"));
        }
    }
}
