//! Requests from calls of operations.

use std::sync::Arc;

use super::credential::authenticate;
use super::given::{Chosen, header_text, headers, keys, media_type, values};
use super::path::not_dots;
use super::{Draft, Unmade, Way, encode, matched, multipart, texts, title};
use crate::model::elements::{Elements, in_namespace};
use crate::model::path::in_url;
use crate::model::{
    ApiKeyPlace, Binding, MediaType, MediaTypeId, Operation, Place, Route, SchemeId, SecurityKind,
    Segment, Service, SoapService, Tree, WireOptions, XmlName,
};
use crate::plan::wire;
use crate::run::client::Request;
use crate::run::scope::Scope;
use crate::scenario::{Call, Given};
use crate::value::{Map, Value};
use crate::wire::Wire;
use crate::wire::deep_object;
use crate::wire::encoding::Encoding;
use crate::wire::form::Form;
use crate::wire::multipart::Outgoing;
use crate::wire::soap::{self, SoapVersion};

type Values = Vec<(Arc<str>, Value)>;

/// The request of a call.
pub(in crate::run) fn call(
    service: &Service,
    call: &Call,
    chosen: Chosen<'_>,
    way: &Way,
    scope: &Scope<'_>,
) -> Result<Request, Unmade> {
    let Chosen { operation, binding, .. } = chosen;
    let mut draft = Draft::default();
    match &call.headers {
        None => {}
        Some(Given::Written(headers)) => {
            for (name, text) in headers {
                draft.give(vec![(title(name.as_str()), header_text(text, scope)?)]);
            }
        }
        Some(Given::Expression(expression)) => draft.give(headers(expression, scope)?),
    }
    draft.offer_all(way);
    let mut parameters = values(call.parameters.as_ref(), scope)?;
    let shown = keys(service, &call.authenticate, scope)?;
    let shown = wanted(service, operation, &shown);
    authenticate(service, shown, scope, &mut draft, Some(&mut parameters))?;
    let query = values(call.query.as_ref(), scope)?;
    for (name, value) in &query {
        put_in_query(operation, name, value, &mut draft)?;
    }
    for (name, value) in values(call.cookies.as_ref(), scope)? {
        let text = one_text(operation, &name, &value)?;
        draft.cookies.push((name.to_string(), text));
    }
    match &binding.route {
        Route::Http { method, path } => {
            draft.method = method.to_string();
            let given = values(call.path.as_ref(), scope)?;
            draft.path = fill(operation, path, &given, &parameters)?;
            let in_path = |name: &str| {
                path.iter().flat_map(Segment::parameters).any(|known| **known == *name)
            };
            parameters.retain(|(name, _)| !in_path(name));
            matched::give(&binding.matching, &mut draft);
            if binding.parameters_in == Place::Form {
                matched::add(&binding.matching, &mut parameters);
            }
            if binding.parameters_in == Place::Form {
                let written = call.parts.as_deref().map(|parts| multipart::written(parts, scope));
                form(service, operation, &parameters, written.transpose()?, &mut draft)?;
            } else {
                place(binding, operation, &parameters, &mut draft)?;
            }
        }
        Route::Soap(id) => {
            let soap = service.soap_services.get(id.0);
            let soap = soap.ok_or_else(|| Unmade::Other("there is no such service".to_owned()))?;
            let way = (soap, binding, chosen.bound.soap12);
            envelope(way, operation, &parameters, &mut draft)?;
        }
    }
    let is_form = binding.parameters_in == Place::Form;
    if let Some(parts) = call.parts.as_deref().filter(|_| !is_form) {
        let named = media_type(service, call, operation, scope)?;
        let parts = multipart::written(parts, scope)?;
        let name = in_parts(service, operation, named).unwrap_or(multipart::usual(&parts));
        multipart::write(&parts, name, &mut draft);
        return finished(service, binding, operation, draft, (way, scope));
    }
    let mut written = call.body.as_ref().map(|tree| scope.tree(tree)).transpose()?.flatten();
    if binding.parameters_in == Place::Body {
        let body = written.unwrap_or_else(|| Value::map(Map::new()));
        written = Some(matched::with_parameters(body, &binding.parameters_at, parameters));
    }
    if let Some(value) = matched::body(&binding.matching, written).filter(|_| !is_form) {
        let media_type = media_type(service, call, operation, scope)?;
        let media_type = media_type.and_then(|id| Some((id, service.media_types.get(id.0)?)));
        let Some((id, media_type)) = media_type else {
            return Err(Unmade::Other("the operation consumes no media type".to_owned()));
        };
        let schema = operation.body.as_ref().and_then(|body| {
            let own = body.content.iter().find(|(known, _)| *known == id);
            own.map(|(_, schema)| schema).or(body.schema.as_ref())
        });
        let root = schema.and_then(|schema| schema.xml.clone());
        let root = root.or_else(|| matched::root(&binding.matching));
        match media_type.wire {
            WireOptions::Multipart => {
                let parts = multipart::of_tree(&value, schema)?;
                multipart::write(&parts, &media_type.name, &mut draft);
            }
            _ => draft.body = body(media_type, root.as_ref(), value, draft.charset()?)?,
        }
        match media_type.is_range() {
            false => draft.offer("Content-Type", &*media_type.name),
            // What it is, the scenario has to say.
            true if &*media_type.name != "*/*" => {}
            true => draft.offer("Content-Type", "application/octet-stream"),
        }
    }
    finished(service, binding, operation, draft, (way, scope))
}

fn finished(
    service: &Service,
    binding: &Binding,
    operation: &Operation,
    mut draft: Draft,
    (way, scope): (&Way, &Scope<'_>),
) -> Result<Request, Unmade> {
    if matches!(binding.route, Route::Http { .. })
        && let Some(produced) = operation.produces.first()
        && let Some(media_type) = service.media_types.get(produced.0)
    {
        draft.offer("Accept", &*media_type.name);
    }
    draft.finish(service, scope, way)
}

/// The media type in parts: the one that is named, or the first of the operation's.
fn in_parts<'s>(
    service: &'s Service,
    operation: &Operation,
    named: Option<MediaTypeId>,
) -> Option<&'s str> {
    let known = named.iter().chain(&operation.consumes);
    let mut known = known.filter_map(|id| service.media_types.get(id.0));
    let found = known.find(|known| matches!(known.wire, WireOptions::Multipart));
    found.map(|known| &*known.name)
}

/// The keys that the operation asks for; where it asks for none of them, all that it has a place
/// for, since the scenario wants to show them.
fn wanted<'k>(
    service: &Service,
    operation: &Operation,
    shown: &'k [(SchemeId, Tree)],
) -> impl Iterator<Item = &'k (SchemeId, Tree)> {
    let asks = |id: SchemeId| {
        let mut schemes = operation.security.iter().flat_map(|requirement| &requirement.schemes);
        schemes.any(|(known, _)| *known == id)
    };
    let has_place = |id: SchemeId| {
        let kind = service.security_schemes.get(id.0).map(|scheme| &scheme.kind);
        match kind {
            Some(SecurityKind::ApiKey { place: ApiKeyPlace::Parameter, name }) => {
                operation.parameters.iter().any(|parameter| parameter.name == *name)
            }
            _ => true,
        }
    };
    let some = shown.iter().any(|(id, _)| asks(*id));
    let shown = shown.iter().map(move |key| {
        let (id, _) = key;
        (if some { asks(*id) } else { has_place(*id) }).then_some(key)
    });
    shown.collect::<Vec<_>>().into_iter().flatten()
}

fn fill(
    operation: &Operation,
    path: &[Segment],
    given: &Values,
    parameters: &Values,
) -> Result<String, Unmade> {
    let text = |name: &Arc<str>| {
        let mut values = given.iter().chain(parameters);
        let value = values.find(|(known, _)| known == name).map(|(_, value)| value);
        let Some(value) = value else {
            return Err(Unmade::Other(format!("the path needs a value for `{name}`")));
        };
        one_text(operation, name, value)
    };
    let mut filled = String::new();
    for segment in path {
        filled.push('/');
        match segment {
            Segment::Literal(literal) => filled.push_str(&in_url(literal)),
            Segment::Parameter(name) => filled.push_str(&encode(&text(name)?)),
            Segment::Rest(name) => {
                let text = text(name)?;
                filled.push_str(&text.split('/').map(encode).collect::<Vec<_>>().join("/"));
            }
            Segment::Mixed { before, name, more, after } => {
                filled.push_str(&in_url(before));
                filled.push_str(&encode(&text(name)?));
                for (between, name) in more {
                    filled.push_str(&in_url(between));
                    filled.push_str(&encode(&text(name)?));
                }
                filled.push_str(&in_url(after));
            }
        }
    }
    filled.split('/').try_for_each(not_dots)?;
    Ok(filled)
}

fn put_in_query(
    operation: &Operation,
    name: &Arc<str>,
    value: &Value,
    draft: &mut Draft,
) -> Result<(), Unmade> {
    for (name, text) in named_texts(operation, name, value)? {
        draft.query.push((name, text));
    }
    Ok(())
}

/// A value as the text of a parameter that is one in its place.
fn one_text(operation: &Operation, name: &str, value: &Value) -> Result<String, Unmade> {
    let parameter = operation.parameters.iter().find(|parameter| *parameter.name == *name);
    match parameter.and_then(|parameter| parameter.media_type.as_ref()) {
        Some(_) => Ok(in_json(value)),
        None => Ok(texts(name, value, false)?.join(",")),
    }
}

fn in_json(value: &Value) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

/// A parameter as the names and texts of a query or a form.
fn named_texts(
    operation: &Operation,
    name: &Arc<str>,
    value: &Value,
) -> Result<Vec<(String, String)>, Unmade> {
    let parameter = operation.parameters.iter().find(|parameter| parameter.name == *name);
    if parameter.is_some_and(|parameter| parameter.media_type.is_some()) {
        return Ok(vec![(name.to_string(), in_json(value))]);
    }
    if parameter.is_some_and(|parameter| parameter.deep) {
        let mut pairs = Vec::new();
        deep_object::flatten(name, value, &mut pairs)
            .map_err(|error| Unmade::Other(error.message))?;
        return Ok(pairs.into_iter().map(|(name, text)| (name, text.to_string())).collect());
    }
    let texts = texts(name, value, parameter.is_none_or(|parameter| parameter.explode))?;
    Ok(texts.into_iter().map(|text| (name.to_string(), text)).collect())
}

/// Puts the parameters without a place of their own where the binding has them.
fn place(
    binding: &Binding,
    operation: &Operation,
    parameters: &Values,
    draft: &mut Draft,
) -> Result<(), Unmade> {
    match binding.parameters_in {
        Place::Header => {
            for (name, value) in parameters {
                draft.headers.push((name.to_string(), one_text(operation, name, value)?));
            }
        }
        Place::Cookie => {
            for (name, value) in parameters {
                draft.cookies.push((name.to_string(), one_text(operation, name, value)?));
            }
        }
        // They are in the body.
        Place::Body => {}
        Place::Query | Place::Path | Place::Form | Place::Soap | Place::Bound => {
            for (name, value) in parameters {
                put_in_query(operation, name, value, draft)?;
            }
        }
    }
    Ok(())
}

/// Parameters in a form: urlencoded, or, where the operation reads no such form or the scenario
/// has written parts, one part for each.
fn form(
    service: &Service,
    operation: &Operation,
    parameters: &Values,
    written: Option<Vec<Outgoing>>,
    draft: &mut Draft,
) -> Result<(), Unmade> {
    let mut form = Map::new();
    for (name, value) in parameters {
        let mut texts = Map::new();
        for (name, text) in named_texts(operation, name, value)? {
            let held = texts.get(&name).and_then(Value::as_list).unwrap_or_default();
            let mut held = held.to_vec();
            held.push(Value::from(text));
            texts.insert(name, Value::list(held));
        }
        for (name, texts) in texts.iter() {
            form.push(name.clone(), texts.clone());
        }
    }
    let form = Value::map(form);
    let mut known = operation.consumes.iter().filter_map(|id| service.media_types.get(id.0));
    let is_urlencoded = known.any(|known| matches!(known.wire, WireOptions::Form { .. }));
    match in_parts(service, operation, None) {
        Some(name) if written.is_some() || !is_urlencoded => {
            let mut parts = multipart::of_tree(&form, None)?;
            parts.extend(written.unwrap_or_default());
            multipart::write(&parts, name, draft);
        }
        _ => {
            Form.encode(&form, &mut draft.body).map_err(|error| Unmade::Other(error.message))?;
            draft.offer("Content-Type", "application/x-www-form-urlencoded");
        }
    }
    Ok(())
}

/// SOAP 1.1 section 6.1, SOAP 1.2 part 2 section 7.
fn envelope(
    (soap, binding, soap12): (&SoapService, &Binding, bool),
    operation: &Operation,
    parameters: &Values,
    draft: &mut Draft,
) -> Result<(), Unmade> {
    let version = if soap12 { SoapVersion::V12 } else { SoapVersion::V11 };
    let mut content = Map::new();
    content.push("@xmlns".into(), Value::Text(soap.namespace.clone()));
    for (name, value) in parameters {
        content.push(name.clone(), qualified(soap, operation, name, value));
    }
    let element = binding.request_element(operation).clone();
    let tree = Value::map([(element, Value::map(content))].into_iter().collect());
    soap::close(version, &tree, &mut draft.body).map_err(|error| Unmade::Other(error.message))?;
    "POST".clone_into(&mut draft.method);
    draft.path = soap.path.to_string();
    let action = binding.soap_action(soap, operation);
    let media_type = version.media_type();
    if soap12 {
        let content_type = format!("{media_type}; charset=utf-8; action=\"{action}\"");
        draft.offer("Content-Type", content_type);
    } else {
        draft.offer("Content-Type", format!("{media_type}; charset=utf-8"));
        draft.offer("SOAPAction", format!("\"{action}\""));
    }
    Ok(())
}

/// A parameter in the namespace in which its element stands.
fn qualified(soap: &SoapService, operation: &Operation, name: &str, value: &Value) -> Value {
    let parameter = operation.parameters.iter().find(|known| *known.name == *name);
    let elements = parameter.and_then(|parameter| Elements::of(&parameter.schema));
    let within = if soap.unqualified { "" } else { &*soap.namespace };
    let own = elements.as_ref().map_or(within, |elements| elements.namespace(within));
    let value = elements.as_ref().map_or_else(|| value.clone(), |all| all.declared(value, own));
    match name.starts_with(['@', '#']) || own == &*soap.namespace {
        true => value,
        false => in_namespace(value, own),
    }
}

/// A body in its media type; XML stands below the root that the schema names.
fn body(
    media_type: &MediaType,
    root: Option<&XmlName>,
    value: Value,
    charset: Option<Encoding>,
) -> Result<Vec<u8>, Unmade> {
    let is_xml = matches!(media_type.wire, WireOptions::Xml { .. });
    let tree = match root.filter(|_| is_xml) {
        None => value,
        Some(root) => {
            let content = match &root.namespace {
                None => value,
                Some(namespace) => {
                    let mut content = Map::new();
                    content.push("@xmlns".into(), Value::Text(namespace.clone()));
                    match value.members() {
                        Some(members) => {
                            members.for_each(|(n, v)| content.insert(n.clone(), v.clone()));
                        }
                        None => content.push("#text".into(), value.clone()),
                    }
                    Value::map(content)
                }
            };
            Value::map([(root.name.clone(), content)].into_iter().collect())
        }
    };
    let mut bytes = Vec::new();
    let compiled = wire::compile(media_type);
    compiled.encode(&tree, charset, &mut bytes).map_err(|error| {
        Unmade::Other(format!("the body cannot be written as {}: {error}", media_type.name))
    })?;
    Ok(bytes)
}
