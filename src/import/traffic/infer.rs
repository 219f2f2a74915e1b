//! Schemas of values that were seen.

use std::sync::Arc;

use crate::import::schema::Schema;
use crate::model::Format;
use crate::value::{Map, Value};

/// Forms that are told from a text; a shorter word says more.
const FORMATS: [&str; 5] = ["uuid", "date-time", "date", "email", "ipv4"];

/// The schema of one value.
pub(super) fn schema(value: &Value) -> Schema {
    match value {
        Value::Null => Schema { nullable: true, ..Schema::default() },
        Value::Bool(_) => Schema::of("boolean"),
        Value::Integer(_) => Schema::of("integer"),
        Value::Number(_) => Schema::of("number"),
        Value::Text(text) => {
            let mut schema = Schema::of("string");
            let fits = |word: &&str| {
                let format = Format::ALL.iter().find(|(_, name)| name == word);
                format.is_some_and(|(format, _)| format.fits(&Value::text(Arc::clone(text))))
            };
            if let Some(format) = FORMATS.iter().find(|word| fits(word)) {
                schema.set("format", Value::text(*format));
            }
            schema
        }
        Value::List(items) => {
            let mut list = Schema::of("array");
            list.items = items.iter().map(schema).reduce(both).map(Box::new);
            list
        }
        Value::Map(map) => object(map),
        Value::Record(_) => Schema::default(),
    }
}

fn object(map: &Map) -> Schema {
    let mut object = Schema::of("object");
    for (name, value) in map.iter() {
        object.properties.push((name.to_string(), schema(value)));
        if !matches!(value, Value::Null) {
            object.required.push(name.to_string());
        }
    }
    object
}

/// A schema that both values fit.
pub(super) fn both(mut one: Schema, other: Schema) -> Schema {
    for kind in other.types {
        if !one.types.contains(&kind) {
            one.types.push(kind);
        }
    }
    if one.types.contains(&"number") {
        one.types.retain(|kind| *kind != "integer");
    }
    one.nullable |= other.nullable;
    if one.keywords != other.keywords {
        one.keywords.clear();
    }
    one.required.retain(|name| other.required.contains(name));
    for (name, schema) in other.properties {
        match one.properties.iter_mut().find(|(known, _)| *known == name) {
            Some((_, known)) => *known = both(std::mem::take(known), schema),
            None => one.properties.push((name, schema)),
        }
    }
    one.items = match (one.items.take(), other.items) {
        (Some(first), Some(second)) => Some(Box::new(both(*first, *second))),
        (first, second) => first.or(second),
    };
    one
}
