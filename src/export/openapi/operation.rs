//! An operation, as it is reached in one way.

use super::{answers, schema, security};
use crate::model::matching::{About, Wanted};
use crate::model::{
    Binding, MediaTypeId, Operation, Parameter, Place, RequestBody, Service, WireOptions,
};
use crate::plan::Plan;
use crate::plan::operation as compiled;
use crate::value::Value;
use crate::write::Piece;

/// What OpenAPI says elsewhere, so that parameters of these names do not count.
const ELSEWHERE: [&str; 3] = ["accept", "content-type", "authorization"];

/// Writes it, called by a name that no other has.
pub(super) fn piece(
    plan: &Plan,
    operation: &Operation,
    compiled: &compiled::Operation,
    binding: &Binding,
    tables: &compiled::Binding,
    name: &str,
) -> Piece {
    let service = &plan.service;
    let mut piece = Piece::map()
        .with("operationId", name)
        .with_some("summary", operation.summary.as_deref())
        .with_some("description", operation.description.as_deref());
    if !operation.tags.is_empty() {
        piece.set("tags", Piece::list(operation.tags.iter().map(|tag| Piece::from(&**tag))));
    }
    let implements = statements(service, operation);
    if !implements.is_empty() {
        piece.set("x-implements", Piece::list(implements));
    }
    let place = |parameter: &Parameter| match parameter.place {
        Place::Bound => binding.parameters_in,
        place => place,
    };
    let of = |wanted: Place| {
        let is = move |p: &&Parameter| {
            let is_there = wanted != Place::Path || p.required || binding.has_in_path(&p.name);
            place(p) == wanted && p.prefix().is_none() && is_there
        };
        operation.parameters.iter().filter(is)
    };
    let mut parameters = Vec::new();
    for (wanted, word) in [
        (Place::Path, "path"),
        (Place::Query, "query"),
        (Place::Header, "header"),
        (Place::Cookie, "cookie"),
    ] {
        for parameter in of(wanted) {
            if wanted == Place::Header && ELSEWHERE.contains(&&*parameter.name.to_lowercase()) {
                continue;
            }
            let required = parameter.required && binding.parameters_required;
            parameters.push(self::parameter(
                service,
                parameter,
                word,
                required || wanted == Place::Path,
            ));
        }
    }
    parameters.extend(matched(operation, binding));
    if !parameters.is_empty() {
        piece.set("parameters", Piece::list(parameters).block());
    }
    let form: Vec<&Parameter> = of(Place::Form).chain(of(Place::Body)).collect();
    piece = piece.with_some("requestBody", body(service, operation, binding, &form));
    let responses = answers::responses(plan, operation, compiled, tables);
    piece = piece.with("responses", responses.block());
    let required = security::requirements(service, &operation.security);
    match operation.security.is_empty() {
        true => piece.block(),
        false => piece.with("security", required).block(),
    }
}

/// What has to be in the query and in headers for the request to be for this operation, where no
/// parameter says it.
fn matched(operation: &Operation, binding: &Binding) -> Vec<Piece> {
    let mut pieces = Vec::new();
    for condition in &binding.matching.conditions {
        let (name, place) = match &condition.about {
            About::Query(name) => (&**name, "query"),
            About::Header(name) => (name.as_str(), "header"),
            About::Cookie(name) => (&**name, "cookie"),
            About::Body(_) | About::Path(_) | About::List | About::Root | About::RootNamespace => {
                continue;
            }
        };
        if operation.parameters.iter().any(|known| known.name.eq_ignore_ascii_case(name)) {
            continue;
        }
        let mut schema = Piece::map().with("type", "string");
        match &condition.wanted {
            Wanted::Absent => continue,
            Wanted::Present => {}
            Wanted::Pattern(pattern) => schema.set("pattern", pattern.as_str()),
            Wanted::OneOf(values) => {
                let values = values.iter().filter_map(Value::as_str).map(Piece::from);
                schema.set("enum", Piece::list(values.collect::<Vec<_>>()));
            }
        }
        let piece = Piece::map().with("name", name).with("in", place).with("required", true);
        pieces.push(piece.with("schema", schema));
    }
    pieces
}

fn statements(service: &Service, operation: &Operation) -> Vec<Piece> {
    let rule = service.rules.get(operation.rule.0 as usize);
    let ids = rule.into_iter().flat_map(|rule| &rule.statements);
    ids.filter_map(|id| service.statements.get(*id)).map(|one| (&*one.id).into()).collect()
}

fn parameter(service: &Service, parameter: &Parameter, place: &str, required: bool) -> Piece {
    let mut piece = Piece::map().with("name", &*parameter.name).with("in", place);
    if required {
        piece.set("required", true);
    }
    piece = piece.with_some("description", parameter.description.as_deref());
    if parameter.deep {
        piece.set("style", "deepObject");
        piece.set("explode", true);
    } else if parameter.media_type.is_none()
        && parameter.schema.takes_lists()
        && matches!(place, "query" | "cookie")
    {
        piece.set("explode", parameter.explode);
    }
    let schema = Piece::map().with("schema", schema::piece(service, &parameter.schema));
    match &parameter.media_type {
        Some(media_type) => piece.with("content", Piece::map().with(&**media_type, schema)),
        None => piece.with("schema", schema::piece(service, &parameter.schema)),
    }
}

fn body(
    service: &Service,
    operation: &Operation,
    binding: &Binding,
    form: &[&Parameter],
) -> Option<Piece> {
    if !form.is_empty() {
        let mut properties = Piece::map();
        let mut required = Vec::new();
        for parameter in form {
            properties.set(&*parameter.name, schema::piece(service, &parameter.schema));
            if parameter.required && binding.parameters_required {
                required.push(Piece::from(&*parameter.name));
            }
        }
        let mut schema = Piece::map().with("type", "object");
        if !required.is_empty() {
            schema.set("required", Piece::list(required));
        }
        schema.set("properties", properties.block());
        for name in binding.parameters_at.iter().rev() {
            let properties = Piece::map().with(&**name, schema);
            let required = Piece::list([Piece::from(&**name)]);
            schema = Piece::map().with("type", "object").with("required", required);
            schema.set("properties", properties.block());
        }
        let in_body = binding.parameters_in == Place::Body;
        let mut content = Piece::map();
        for id in &operation.consumes {
            let known = service.media_types.get(id.0)?;
            if in_body || matches!(known.wire, WireOptions::Form { .. } | WireOptions::Multipart) {
                content.set(&*known.name, Piece::map().with("schema", schema.clone()));
            }
        }
        return Some(Piece::map().with("required", true).with("content", content.block()));
    }
    let body = operation.body.as_ref()?;
    let mut content = Piece::map();
    for id in &operation.consumes {
        let special = body.content.iter().find(|(of, _)| of == id).map(|(_, schema)| schema);
        let Some(schema) = special.or(body.schema.as_ref()) else { continue };
        let mut media = Piece::map().with("schema", schema::piece(service, schema));
        let encoding = encoding(service, body, *id);
        if !encoding.is_empty() {
            media.set("encoding", encoding);
        }
        content.set(media_type(service, *id)?, media);
    }
    let piece = Piece::map();
    let piece = if body.required { piece.with("required", true) } else { piece };
    Some(piece.with("content", content.block()).block())
}

/// What parts may be, where the media type has any.
fn encoding(service: &Service, body: &RequestBody, media_type: MediaTypeId) -> Piece {
    let mut encoding = Piece::map();
    let known = service.media_types.get(media_type.0);
    if known.is_none_or(|known| !matches!(known.wire, WireOptions::Multipart)) {
        return encoding;
    }
    // What is said of the media type goes before what is said of all.
    for wanted in [None, Some(media_type)] {
        for (_, part) in body.encoding.iter().filter(|(of, _)| *of == wanted) {
            let types = part.media_types.join(", ");
            encoding.set(&*part.name, Piece::map().with("contentType", types));
        }
    }
    encoding
}

fn media_type(service: &Service, id: MediaTypeId) -> Option<&str> {
    service.media_types.get(id.0).map(|media_type| &*media_type.name)
}
