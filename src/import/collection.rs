//! Collections as they are written.

use super::api::{Api, Operation};
use super::names::words;
use super::parents::parent_field;
use super::resource::{Creates, Resource};
use super::sample::sample;
use super::schema::Schema;
use super::tree::tree;
use crate::value::Value;
use crate::write::Piece;

/// The collection as it is written.
pub(super) fn collection(
    api: &Api,
    resource: &Resource,
    others: &[Resource],
    creates: Creates,
    conflict: Option<(String, String)>,
) -> Piece {
    let mut fields = Piece::map();
    let key = resource.resolved.property(&resource.key).cloned().unwrap_or_default();
    if creates != Creates::Chosen {
        fields.set(&resource.key, Piece::map().with("generate", generated(&key)));
    }
    for parent in resource.parents.iter().filter(|parent| parent.hidden) {
        let field = parent_field(parent, resource, others).unwrap_or_default();
        fields.set(&parent.field, field.to_piece());
    }
    for (name, property) in &resource.resolved.properties {
        let plain = api.resolved(property);
        let time = plain.keyword("format").and_then(Value::as_str) == Some("date-time");
        let said: Vec<String> = words(name);
        let verb = said.first().map(String::as_str).unwrap_or_default();
        if time && plain.is("string") && matches!(verb, "created" | "updated" | "modified") {
            let mut generate = Piece::map().with("generate", "now");
            if verb != "created" {
                generate.set("on", "write");
            }
            fields.set(name, generate);
        }
    }
    let makes = |operation: &&Operation| {
        operation.method == "POST" && operation.path.trim_end_matches('/') == resource.path
    };
    for (name, value) in api.operations.iter().filter(makes).flat_map(|it| &it.supplied) {
        let Some(property) = resource.resolved.property(name) else { continue };
        if *name == resource.key || fields.get(name).is_some() {
            continue;
        }
        let uuid = api.resolved(property).keyword("format").and_then(Value::as_str) == Some("uuid");
        fields.set(
            name,
            match uuid {
                true => Piece::map().with("generate", "uuid"),
                false => Piece::map().with("default", tree(value)),
            },
        );
    }
    let mut schema = Piece::map();
    // A row is of whatever any of the alternatives allows.
    let mut own = resource.schema.clone();
    if !resource.resolved.applied.is_empty() {
        own = resource.resolved.clone();
        own.applied.clear();
    }
    match &own.refers {
        Some(name) => schema.set("$ref", format!("#/components/schemas/{name}")),
        None => {
            schema = own.to_piece();
            if let Some(properties) = schema.get_mut("properties") {
                for member in fields.members() {
                    let mut property = properties.get(&member.key).cloned().unwrap_or_default();
                    if property.members().is_empty() {
                        property = Piece::map();
                    }
                    for key in member.value.members() {
                        property.set(&key.key, key.value.clone());
                    }
                    properties.set(&member.key, property);
                }
                fields = Piece::map();
            }
        }
    }
    if !fields.is_empty() {
        schema.set("properties", fields);
    }
    let mut piece = Piece::map().with("key", &resource.key).with("schema", schema);
    if let Some((field, error)) = conflict {
        let unique = Piece::map()
            .with("fields", Piece::list([Piece::from(field)]))
            .with("error", error)
            .with("evidence", "assumed");
        piece.set("unique", Piece::list([unique]).block());
    }
    let mut row = tree(&sample(api, &resource.schema, ""));
    if row.get(&resource.key).is_none() {
        row.set(&resource.key, &sample(api, &key, &resource.key));
    }
    let mut whole = matches!(row.kind, crate::write::Kind::Map(_));
    for parent in &resource.parents {
        let value = parent.resource.and_then(|at| others.get(at)).and_then(|other| {
            let shown = sample(api, &other.schema, "");
            shown.get(&other.key).cloned()
        });
        match value {
            Some(value) => row.set(&parent.field, &value),
            None if parent.hidden => whole = false,
            None => {}
        }
    }
    if whole && row.get(&resource.key).is_some() {
        piece.set("fixtures", Piece::list([row]).block());
    }
    piece.with("evidence", "assumed").block()
}

fn generated(key: &Schema) -> Piece {
    if key.is("string") {
        return match key.keyword("format").and_then(Value::as_str) {
            Some("uuid") => "uuid".into(),
            _ => Piece::map().with("random", 96).with("encoding", "alphanumeric"),
        };
    }
    "sequence".into()
}
