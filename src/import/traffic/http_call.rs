//! A request as the call of an operation, where the spec can say all of it.

use std::sync::Arc;

use percent_encoding::percent_decode_str;

use super::Recorded;
use super::called::Called;
use super::form::decoded;
use super::keys::KeyPlace;
use super::said::Said;
use crate::model::path::{normal, values_in};
use crate::model::{
    Binding, MediaType, MediaTypeId, Operation, Place, Route, Segment, Service, WireOptions,
};
use crate::plan::wire;
use crate::value::Value;
use crate::wire::Limits;

/// The call that makes that request, which leads to an operation by its binding at a position.
pub(super) fn called(
    service: &Service,
    operation: &Operation,
    at: usize,
    recorded: &Recorded,
) -> Option<Called> {
    let binding = operation.bindings.get(at)?;
    let Route::Http { path: route, .. } = &binding.route else { return None };
    if !binding.matching.is_empty() || operation.batch || recorded.binary.is_some() {
        return None;
    }
    let (path, query) = recorded.path.split_once('?').unwrap_or((&recorded.path, ""));
    let mut call = Called { path: in_path(route, path)?, ..Called::of(operation) };
    let names = operation.binding_names(&service.soap_services);
    let first = operation.first_binding(&service.soap_services)?;
    if first.at != at {
        call.binding = names.into_iter().find(|(_, chosen)| chosen.at == at).map(|(name, _)| name);
    }
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=')?;
        // A comma is none of a list any more once it is encoded.
        let plain = !value.contains(',');
        let (name, value) = (decoded(name), decoded(value));
        if recorded.has_key(KeyPlace::Query, &name) {
            continue;
        }
        let once = call.query.iter().all(|(known, _)| *known != name)
            && call.parameters.iter().all(|(known, _)| *known != name);
        (plain && once).then_some(())?;
        match place_of(operation, &name)? {
            Place::Query => call.query.push((name, value)),
            Place::Bound if binding.parameters_in == Place::Query => {
                call.parameters.push((name, Value::text(value)));
            }
            _ => return None,
        }
    }
    let media_type = match &recorded.body {
        Some(text) => Some(body(service, operation, binding, (recorded, text), &mut call)?),
        None => None,
    };
    for (name, value) in &recorded.headers {
        let own = match &*name.to_ascii_lowercase() {
            "content-type" => {
                media_type.as_deref().is_some_and(|it| it.eq_ignore_ascii_case(value))
            }
            "accept" => {
                let first = operation.produces.first().and_then(|id| service.media_types.get(id.0));
                first.is_some_and(|first| *first.name == **value)
            }
            _ => recorded.has_key(KeyPlace::Header, name),
        };
        if own {
            continue;
        }
        if call.headers.iter().any(|(known, _)| known.eq_ignore_ascii_case(name)) {
            return None;
        }
        call.headers.push((name.clone(), value.clone()));
    }
    Some(call)
}

/// The values of the parameters in a path, each as the client meant it.
fn in_path(route: &[Segment], path: &str) -> Option<Vec<(String, String)>> {
    let path = normal(path);
    let values = values_in(route, &path, true)?;
    let names = route.iter().flat_map(Segment::parameters);
    let mut given: Vec<(String, String)> = Vec::new();
    for (name, value) in names.zip(values) {
        let value = percent_decode_str(value).decode_utf8().ok()?.into_owned();
        // These mean another folder once they are written anew.
        let moves = value.split('/').any(|segment| matches!(segment, "." | ".."));
        let once = given.iter().all(|(known, _)| **known != **name);
        (!moves && once).then(|| given.push((name.to_string(), value)))?;
    }
    Some(given)
}

/// Where an operation has the parameter of that very name.
fn place_of(operation: &Operation, name: &str) -> Option<Place> {
    let found = operation.parameters.iter().find(|parameter| *parameter.name == *name)?;
    (!found.deep && found.media_type.is_none()).then_some(match found.place {
        Place::Form | Place::Body => Place::Bound,
        place => place,
    })
}

/// Reads the body into the call, and gives the media type that the call sends it in; none where the
/// call cannot say it.
fn body(
    service: &Service,
    operation: &Operation,
    binding: &Binding,
    (recorded, text): (&Recorded, &str),
    call: &mut Called,
) -> Option<String> {
    let said = Said::new(recorded.header("Content-Type")?, text, Some(service));
    let known = operation.consumes.iter().enumerate();
    let mut known = known.filter_map(|(at, id)| Some((at, *id, service.media_types.get(id.0)?)));
    let (place, id, media_type) = known.find(|(.., it)| *it.name == *said.media_type)?;
    let tree = said.tree?;
    match &media_type.wire {
        WireOptions::Form { .. } if binding.parameters_in == Place::Form => {
            for (name, value) in tree.members()? {
                (place_of(operation, name)? == Place::Bound).then_some(())?;
                value.as_str()?;
                call.parameters.push((name.to_string(), value.clone()));
            }
            return Some(media_type.name.to_string());
        }
        WireOptions::Json | WireOptions::Form { .. } if binding.parameters_in != Place::Form => {
            operation.body.as_ref()?;
            call.body = Some(tree);
        }
        WireOptions::Xml { .. } if binding.parameters_in != Place::Form => {
            call.body = Some(element(operation, (id, media_type), text, &said.namespaces)?);
        }
        _ => return None,
    }
    call.media_type = (place > 0).then(|| media_type.name.to_string());
    Some(media_type.name.to_string())
}

/// What is in the root of a body in XML, where that is the one of the schema and all stands in its
/// namespace, as the call writes it.
fn element(
    operation: &Operation,
    (id, media_type): (MediaTypeId, &MediaType),
    text: &str,
    namespaces: &[(Arc<str>, Arc<str>)],
) -> Option<Value> {
    let body = operation.body.as_ref()?;
    let own = body.content.iter().find(|(known, _)| *known == id);
    let schema = own.map(|(_, schema)| schema).or(body.schema.as_ref())?;
    let wanted = schema.xml.as_ref()?;
    let wire = wire::compile(media_type).wire;
    let decoded = wire.decode_in(text.as_bytes(), None, &Limits::default()).ok()?;
    let is_wanted = decoded.root?.is(wanted.namespace.as_deref(), &wanted.name);
    let is_own = |namespace: &Arc<str>| Some(namespace) == wanted.namespace.as_ref();
    let within = namespaces.iter().all(|(_, namespace)| is_own(namespace));
    (is_wanted && within && is_writable(&decoded.value)).then_some(decoded.value)
}

/// Whether all of a tree can be written again: null is written in more than one way, and text
/// between elements loses its place.
fn is_writable(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::List(items) => items.iter().all(is_writable),
        Value::Map(map) => {
            let is_known = |name: &str| !name.starts_with(['#', '@']) || !name.contains('{');
            let is_mixed =
                map.get("#text").is_some() && map.keys().any(|name| !name.starts_with(['#', '@']));
            !is_mixed && map.iter().all(|(name, value)| is_known(name) && is_writable(value))
        }
        _ => true,
    }
}
