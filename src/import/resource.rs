//! Collections with keys that paths and schemas make plain: `/things` and `/things/{id}`.

use std::collections::HashSet;

use super::api::{Api, Operation, Wire, wire_of};
use super::behaviour::{good, good_status, has_content};
use super::names::{singular, snake, unique, words};
use super::schema::Schema;

/// How rows come to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Creates {
    /// With a key of the vendor's.
    WithKey,
    /// With a key that the client chooses.
    Chosen,
    /// Not at all.
    Never,
}

/// Things that have a path, and each of them one below it.
#[derive(Debug)]
pub(super) struct Resource {
    /// `/users/{user}/things`.
    pub(super) path: String,
    /// The parameter of the path of one of them.
    pub(super) parameter: String,
    /// The collection.
    pub(super) name: String,
    /// One row of it.
    pub(super) variable: String,
    /// The schema of one, as the document has it.
    pub(super) schema: Schema,
    /// The same with what it refers to joined in.
    pub(super) resolved: Schema,
    /// The property that the parameter is compared with.
    pub(super) key: String,
    /// The parameters in `path`, and the field that holds each.
    pub(super) parents: Vec<Parent>,
}

/// A parameter in the path of a collection.
#[derive(Debug)]
pub(super) struct Parent {
    pub(super) parameter: String,
    pub(super) field: String,
    /// The field is not one of the schema, so answers don't have it.
    pub(super) hidden: bool,
    /// The position of the resource whose key it is.
    pub(super) resource: Option<usize>,
}

/// A schema in which the things are one property, or the schema of one of them itself.
#[derive(Debug, Clone)]
pub(super) struct Found {
    pub(super) wrapper: Option<String>,
    pub(super) schema: Schema,
    pub(super) key: String,
}

/// The collections that paths and schemas make plain, those above others first.
pub(super) fn resources(api: &Api) -> Vec<Resource> {
    let mut found: Vec<Resource> = Vec::new();
    let mut taken: HashSet<String> = HashSet::from(["credentials".to_owned()]);
    let mut paths: Vec<(&str, &str)> = Vec::new();
    for operation in api.operations.iter().filter(|operation| operation.soap.is_empty()) {
        if let Some(split) = item_path(&operation.path)
            && !paths.contains(&split)
        {
            paths.push(split);
        }
    }
    paths.sort_by_key(|(path, _)| path.matches('/').count());
    for (path, parameter) in paths {
        // Of two names of one parameter, the first one is taken.
        if found.iter().all(|other| other.path != path)
            && let Some(resource) = resource(api, path, parameter, &found, &mut taken)
        {
            found.push(resource);
        }
    }
    found
}

/// The path of a collection and the parameter of one of its things.
fn item_path(path: &str) -> Option<(&str, &str)> {
    let (collection, last) = path.trim_end_matches('/').rsplit_once('/')?;
    let parameter = last.strip_prefix('{')?.strip_suffix('}')?;
    let name = collection.rsplit('/').next()?;
    let fixed = !name.is_empty() && !name.contains(['{', '}']);
    (fixed && !parameter.contains(['{', '}'])).then_some((collection, parameter))
}

fn resource(
    api: &Api,
    path: &str,
    parameter: &str,
    others: &[Resource],
    taken: &mut HashSet<String>,
) -> Option<Resource> {
    let item = format!("{path}/{{{parameter}}}");
    let operation = |method: &str, path: &str| {
        let is = |operation: &&Operation| {
            operation.method == method && operation.path.trim_end_matches('/') == path
        };
        api.operations.iter().find(is)
    };
    let last = path.rsplit('/').next().unwrap_or_default();
    let thing = singular(&snake(last));
    let read = operation("GET", &item);
    let create = operation("POST", path);
    let replace = operation("PUT", &item).or_else(|| operation("PATCH", &item));
    let schemas = [read, create, replace].into_iter().flatten().filter_map(answered);
    let bodies = [create, replace].into_iter().flatten().filter_map(sent);
    let found = schemas.chain(bodies).find_map(|schema| one(api, schema, parameter, &thing))?;
    // A thing that is only read, or only taken away, is answered as the document shows it.
    create.or(replace).or_else(|| operation("DELETE", &item).filter(|_| read.is_some()))?;
    let resolved = api.resolved(&found.schema);
    let parents = parents(path, &resolved, others);
    let wanted = snake(last);
    let wanted = match wanted.starts_with(|c: char| c.is_ascii_alphabetic()) {
        true => wanted,
        false => format!("things_{wanted}").trim_end_matches('_').to_owned(),
    };
    let name = unique(&wanted, taken);
    let variable = singular(&name);
    let variable = if variable == name || RESERVED.contains(&variable.as_str()) {
        format!("one_{variable}")
    } else {
        variable
    };
    Some(Resource {
        path: path.to_owned(),
        parameter: parameter.to_owned(),
        name,
        variable,
        schema: found.schema,
        resolved,
        key: found.key,
        parents,
    })
}

/// Names that expressions know already.
const RESERVED: [&str; 23] = [
    "path",
    "query",
    "header",
    "cookie",
    "body",
    "parameters",
    "settings",
    "credential",
    "now",
    "request",
    "row",
    "it",
    "error",
    "violations",
    "definition",
    "uuid",
    "in",
    "is",
    "not",
    "and",
    "or",
    "if",
    "else",
];

fn parents(path: &str, resolved: &Schema, others: &[Resource]) -> Vec<Parent> {
    let mut parents = Vec::new();
    let mut before = String::new();
    for segment in path.split('/').skip(1) {
        if let Some(name) = segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
            let resource = others.iter().position(|other| other.path == before);
            let alike = |(other, _): &&(String, Schema)| words(other) == words(name);
            let own = resolved.properties.iter().find(alike);
            let scalar = own.filter(|(_, schema)| {
                schema.refers.is_none() && !schema.is("object") && !schema.is("array")
            });
            let field =
                scalar.map_or_else(|| format!("parent_{}", snake(name)), |(n, _)| n.clone());
            parents.push(Parent {
                parameter: name.to_owned(),
                field,
                hidden: scalar.is_none(),
                resource,
            });
        }
        before.push('/');
        before.push_str(segment);
    }
    parents
}

/// The schema of what an operation answers when all goes well, in JSON.
pub(super) fn answered(operation: &Operation) -> Option<&Schema> {
    let answer = good(operation).filter(|_| has_content(good_status(operation)))?;
    let content = answer.chosen()?;
    (wire_of(&content.media_type) == Wire::Json).then_some(content.schema.as_ref()).flatten()
}

/// The schema of what an operation takes.
pub(super) fn sent(operation: &Operation) -> Option<&Schema> {
    operation.body.as_ref()?.content.first().map(|(_, schema)| schema)
}

/// The thing in a schema: it itself, or the one property that is one.
pub(super) fn one(api: &Api, schema: &Schema, parameter: &str, thing: &str) -> Option<Found> {
    let resolved = api.resolved(schema);
    if let Some(key) = key_of(&resolved, parameter, thing) {
        return Some(Found { wrapper: None, schema: schema.clone(), key });
    }
    let mut found = resolved.properties.iter().filter_map(|(name, property)| {
        let inner = api.resolved(property);
        let object = inner.is("object") || !inner.properties.is_empty();
        let key = key_of(&inner, parameter, thing).filter(|_| object)?;
        Some(Found { wrapper: Some(name.clone()), schema: property.clone(), key })
    });
    let first = found.next()?;
    let plain = first.wrapper.as_deref().is_some_and(|name| {
        let name = snake(name);
        matches!(name.as_str(), "data" | "result" | "item" | "response") || name == thing
    });
    (found.next().is_none() || plain).then_some(first)
}

/// Where a schema has a list of things.
pub(super) enum Many {
    /// It is one itself.
    Itself,
    /// The property of that name is one.
    Property(String),
}

/// The list of things in a schema: it itself, or the one property that is one.
pub(super) fn many(api: &Api, schema: &Schema, key: &str) -> Option<Many> {
    let is_list = |schema: &Schema| {
        let item = schema.items.as_ref().map(|items| api.resolved(items));
        item.is_some_and(|item| item.property(key).is_some())
    };
    let resolved = api.resolved(schema);
    if is_list(&resolved) {
        return Some(Many::Itself);
    }
    let mut lists =
        resolved.properties.iter().filter(|(_, property)| is_list(&api.resolved(property)));
    let (name, _) = lists.next()?;
    lists.next().is_none().then(|| Many::Property(name.clone()))
}

/// The property that a parameter of a path is compared with.
fn key_of(schema: &Schema, parameter: &str, thing: &str) -> Option<String> {
    let scalar = |schema: &Schema| {
        schema.refers.is_none()
            && (schema.types.is_empty()
                || schema.types.iter().any(|kind| matches!(*kind, "string" | "integer" | "number")))
    };
    let property = |wanted: &[String]| {
        let found = schema.properties.iter().find(|(name, _)| words(name) == wanted);
        found.filter(|(_, property)| scalar(property)).map(|(name, _)| name.clone())
    };
    let said = words(parameter);
    let last = said.last()?.clone();
    let thing_words = words(thing);
    if let Some(name) = property(&said) {
        return Some(name);
    }
    // `{petId}` is the `id` of a pet, `{pet}` too; so is `{id}` its `petId`.
    let about = said.strip_suffix(std::slice::from_ref(&last)).unwrap_or_default();
    let kind = ["id", "uuid", "guid", "key", "code", "slug", "name", "number", "sid", "gid"];
    if kind.contains(&last.as_str()) {
        if let Some(name) = property(std::slice::from_ref(&last)) {
            return Some(name);
        }
        let mut whole = thing_words.clone();
        whole.push(last.clone());
        if about.is_empty()
            && let Some(name) = property(&whole)
        {
            return Some(name);
        }
    }
    if said == thing_words || kind.iter().take(3).any(|word| *word == last) {
        return property(&["id".to_owned()]);
    }
    None
}
