//! The parts of a spec as JSON, in the words of the spec language.

use std::sync::Arc;

use super::reply::{object, optional};
use super::schema::shown;
use crate::mock::path_text;
use crate::model::matching::{About, Match, Wanted};
use crate::model::{
    ApiKeyPlace, Binding, Colon, MediaTypeId, Operation, Parameter, Place, RequestBody, Route,
    Rule, RuleId, SecurityKind, SecurityRequirement, Service,
};
use crate::value::{Map, Value};

/// The operations with all that they take and give.
pub(super) fn operations(service: &Service) -> Vec<Value> {
    service.operations.iter().map(|one| operation(service, one)).collect()
}

fn operation(service: &Service, operation: &Operation) -> Value {
    let bindings = operation.bindings.iter().map(|one| binding(service, one)).collect();
    let parameters = operation.parameters.iter().map(|one| parameter(service, one)).collect();
    let mut map = Map::new();
    map.insert("operationId", Value::Text(operation.id.clone()));
    map.insert("summary", optional(operation.summary.as_ref()));
    map.insert("description", optional(operation.description.as_ref()));
    map.insert("bindings", Value::list(bindings));
    map.insert("parameters", Value::list(parameters));
    if let Some(body) = &operation.body {
        map.insert("requestBody", request_body(service, body));
    }
    let security = operation.security.iter().map(|one| requirement(service, one)).collect();
    map.insert("security", Value::list(security));
    if operation.batch {
        map.insert("batch", true.into());
    }
    map.insert("consumes", media_types(service, &operation.consumes));
    map.insert("produces", media_types(service, &operation.produces));
    let responses = operation.responses.iter().map(|response| {
        let mut map = Map::new();
        map.insert("status", Value::Integer(i64::from(response.status)));
        map.insert("description", optional(response.description.as_ref()));
        if let Some(schema) = &response.schema {
            map.insert("schema", shown(service, schema));
        }
        Value::map(map)
    });
    map.insert("responses", Value::list(responses.collect()));
    map.insert("at", operation.span.to_string().into());
    put_backing(&mut map, service, operation.rule);
    Value::map(map)
}

fn binding(service: &Service, binding: &Binding) -> Value {
    let mut map = Map::new();
    match &binding.route {
        Route::Http { method, path } => {
            map.insert("method", method.as_str().into());
            map.insert("path", path_text(path).into());
        }
        Route::Soap(id) => {
            let soap = service.soap_services.get(id.0);
            map.insert("method", "POST".into());
            map.insert("path", optional(soap.map(|soap| &soap.path)));
            map.insert("soap", optional(soap.map(|soap| &soap.name)));
        }
    }
    if !binding.matching.is_empty() {
        map.insert("match", matching(&binding.matching));
    }
    if let Some(place) = place(binding.parameters_in) {
        map.insert("parametersIn", place.into());
    }
    map.insert("parametersRequired", binding.parameters_required.into());
    put_backing(&mut map, service, binding.rule);
    Value::map(map)
}

/// A `match` as it is written: conditions by what they are about.
fn matching(matching: &Match) -> Value {
    let mut map = Map::new();
    for condition in &matching.conditions {
        let wanted = match &condition.wanted {
            Wanted::Present => object([("present", true.into())]),
            Wanted::Absent => object([("present", false.into())]),
            Wanted::Pattern(pattern) => object([("pattern", pattern.as_str().into())]),
            Wanted::OneOf(values) => match &**values {
                [one] => one.clone(),
                values => Value::list(values.to_vec()),
            },
        };
        let (place, name) = match &condition.about {
            About::Query(_) => ("query", condition.about.name()),
            About::Header(_) => ("header", condition.about.name()),
            About::Cookie(_) => ("cookie", condition.about.name()),
            About::Body(_) => ("body", condition.about.name()),
            About::Path(path) => {
                let place = if path.is_xpath() { "xpath" } else { "jsonPath" };
                (place, condition.about.name())
            }
            // It is not written: `batch` says it.
            About::List => continue,
            About::Root => ("root", "name".to_owned()),
            About::RootNamespace => ("root", "namespace".to_owned()),
        };
        let mut members = match map.remove(place) {
            Some(Value::Map(members)) => {
                members.iter().map(|(n, v)| (n.clone(), v.clone())).collect()
            }
            _ => Map::new(),
        };
        members.insert(name, wanted);
        map.insert(place, Value::map(members));
    }
    Value::map(map)
}

fn place(place: Place) -> Option<&'static str> {
    Some(match place {
        Place::Path => "path",
        Place::Query => "query",
        Place::Header => "header",
        Place::Cookie => "cookie",
        Place::Form => "form",
        Place::Body => "body",
        Place::Soap => "soap",
        Place::Bound => return None,
    })
}

fn parameter(service: &Service, parameter: &Parameter) -> Value {
    let mut map = Map::new();
    map.insert("name", Value::Text(parameter.name.clone()));
    map.insert("in", place(parameter.place).map_or(Value::Null, Value::from));
    map.insert("required", parameter.required.into());
    map.insert("description", optional(parameter.description.as_ref()));
    if let Some(media_type) = &parameter.media_type {
        map.insert("mediaType", Value::Text(media_type.clone()));
    }
    map.insert("schema", shown(service, &parameter.schema));
    Value::map(map)
}

fn request_body(service: &Service, body: &RequestBody) -> Value {
    let mut map = Map::new();
    map.insert("required", body.required.into());
    if let Some(schema) = &body.schema {
        map.insert("schema", shown(service, schema));
    }
    if !body.encoding.is_empty() {
        let parts = body.encoding.iter().map(|(_, part)| {
            let types = part.media_types.join(", ");
            (part.name.clone(), types.into())
        });
        map.insert("encoding", Value::map(parts.collect()));
    }
    let content = body.content.iter().filter_map(|(id, schema)| {
        let name = service.media_types.get(id.0)?.name.clone();
        Some((name, object([("schema", shown(service, schema))])))
    });
    map.insert("content", Value::map(content.collect()));
    Value::map(map)
}

fn media_types(service: &Service, ids: &[MediaTypeId]) -> Value {
    let names = ids.iter().filter_map(|id| service.media_types.get(id.0));
    Value::list(names.map(|media_type| Value::Text(media_type.name.clone())).collect())
}

/// The schemes of which all are asked for.
fn requirement(service: &Service, requirement: &SecurityRequirement) -> Value {
    let names = requirement.schemes.iter().filter_map(|(id, _)| service.security_schemes.get(id.0));
    Value::list(names.map(|scheme| Value::Text(scheme.name.clone())).collect())
}

/// The ways to show a key, each with where the keys are that are known.
pub(super) fn security_schemes(service: &Service) -> Vec<Value> {
    let schemes = service.security_schemes.iter().map(|scheme| {
        let mut map = Map::new();
        map.insert("name", Value::Text(scheme.name.clone()));
        match &scheme.kind {
            SecurityKind::Basic { colon, form } => {
                map.insert("type", "basic".into());
                let shown = match colon {
                    Colon::None => "key",
                    Colon::Required => "key:password",
                    Colon::Optional => "key:",
                    Colon::BeforeKey => ":key",
                };
                map.insert("form", shown.into());
                if *form {
                    map.insert("encoding", "form".into());
                }
            }
            SecurityKind::Http(word) if word.eq_ignore_ascii_case("bearer") => {
                map.insert("type", "bearer".into());
            }
            SecurityKind::Http(word) => {
                map.insert("type", "http".into());
                map.insert("scheme", Value::Text(word.clone()));
            }
            SecurityKind::MutualTls(part) => {
                map.insert("type", "mutualTLS".into());
                map.insert("by", part.word().into());
            }
            SecurityKind::ApiKey { place, name } => {
                map.insert("type", "apiKey".into());
                map.insert("in", key_place(*place).into());
                map.insert("key", Value::Text(name.clone()));
            }
        }
        let fields = scheme.keys.as_ref();
        let keys = fields.and_then(|keys| service.collections.get(keys.collection.0));
        map.insert("collection", optional(keys.map(|keys| &keys.name)));
        map.insert("field", optional(fields.map(|keys| &keys.field)));
        map.insert("passwordField", optional(fields.and_then(|keys| keys.password.as_ref())));
        map.insert("verified", (!scheme.steps.is_empty()).into());
        put_backing(&mut map, service, scheme.rule);
        Value::map(map)
    });
    schemes.collect()
}

fn key_place(place: ApiKeyPlace) -> &'static str {
    match place {
        ApiKeyPlace::Query => "query",
        ApiKeyPlace::Header => "header",
        ApiKeyPlace::Cookie => "cookie",
        ApiKeyPlace::Parameter => "parameter",
    }
}

/// The named errors.
pub(super) fn errors(service: &Service) -> Vec<Value> {
    let errors = service.errors.iter().map(|error| {
        let mut map = Map::new();
        map.insert("name", Value::Text(error.name.clone()));
        map.insert("status", Value::Integer(i64::from(error.respond.status.as_u16())));
        put_backing(&mut map, service, error.rule);
        Value::map(map)
    });
    errors.collect()
}

/// The statements of the document, each with the rules that implement it.
pub(super) fn statements(service: &Service) -> Vec<Value> {
    let mut rules: Vec<Vec<Value>> = vec![Vec::new(); service.statements.len()];
    for rule in &service.rules {
        for at in &rule.statements {
            if let Some(rules) = rules.get_mut(*at) {
                rules.push(backing_rule(rule));
            }
        }
    }
    let statements = service.statements.iter().zip(rules).map(|(statement, rules)| {
        object([
            ("id", Value::Text(statement.id.clone())),
            ("says", Value::Text(statement.says.clone())),
            ("source", optional(statement.source.as_ref())),
            ("decision", optional(statement.decision.as_ref())),
            ("evidence", evidence(service, &statement.id)),
            ("at", statement.span.to_string().into()),
            ("rules", Value::list(rules)),
        ])
    });
    statements.collect()
}

/// The best that any of a statement's rules is backed by: the order is that of the reference.
fn evidence(service: &Service, id: &Arc<str>) -> Value {
    let at = service.statements.iter().position(|statement| statement.id == *id);
    let rules =
        service.rules.iter().filter(|rule| at.is_some_and(|at| rule.statements.contains(&at)));
    let best = rules.map(|rule| rule.evidence).min_by_key(|evidence| *evidence as u8);
    best.map_or(Value::Null, |evidence| evidence.name().into())
}

fn backing_rule(rule: &Rule) -> Value {
    object([
        ("name", Value::Text(rule.name.clone())),
        ("kind", super::explain::kind(rule.kind).into()),
        ("evidence", rule.evidence.name().into()),
        ("source", optional(rule.source.as_ref())),
        ("at", rule.span.to_string().into()),
    ])
}

/// The account's settings.
pub(super) fn settings(service: &Service) -> Vec<Value> {
    let settings = service.settings.iter().map(|setting| {
        object([
            ("name", Value::Text(setting.name.clone())),
            ("schema", shown(service, &setting.schema)),
        ])
    });
    settings.collect()
}

/// The collections with their fields.
pub(super) fn collections(service: &Service) -> Vec<Value> {
    let collections = service.collections.iter().map(|collection| {
        let fields = collection.schema.properties.iter().map(|property| {
            object([
                ("name", Value::Text(property.name.clone())),
                ("schema", shown(service, &property.schema)),
            ])
        });
        let unique = collection.unique.iter().map(|unique| {
            Value::list(unique.fields.iter().map(|field| Value::Text(field.clone())).collect())
        });
        object([
            ("name", Value::Text(collection.name.clone())),
            ("key", Value::Text(collection.key.clone())),
            ("fields", Value::list(fields.collect())),
            ("unique", Value::list(unique.collect())),
            ("fixtures", super::reply::count(collection.fixtures.len())),
        ])
    });
    collections.collect()
}

/// What backs a part of the spec, as it is written there.
pub(super) fn put_backing(map: &mut Map, service: &Service, rule: RuleId) {
    let Some(rule) = service.rules.get(rule.0 as usize) else { return };
    let statements = rule.statements.iter().filter_map(|at| service.statements.get(*at));
    let ids: Vec<Value> = statements.map(|s| Value::Text(s.id.clone())).collect();
    map.insert("implements", Value::list(ids));
    map.insert("evidence", rule.evidence.name().into());
    map.insert("source", optional(rule.source.as_ref()));
}
