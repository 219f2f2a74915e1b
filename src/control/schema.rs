//! A schema as JSON Schema says it, as far as it is the same for each request.

use crate::model::{Generate, Generator, Keyword, Operand, Schema, Service};
use crate::value::{Map, Value};

use super::reply::object;

/// The schema, with the words that the spec language adds.
pub(super) fn shown(service: &Service, schema: &Schema) -> Value {
    let mut map = Map::new();
    let mut types: Vec<Value> = schema.types.iter().map(|r#type| r#type.name().into()).collect();
    if schema.nullable {
        types.push("null".into());
    }
    match types.len() {
        0 => {}
        1 => map.insert("type", types.pop().unwrap_or_default()),
        _ => map.insert("type", Value::list(types)),
    }
    if let Some(description) = &schema.description {
        map.insert("description", Value::Text(description.clone()));
    }
    if let Some(default) = &schema.default {
        map.insert("default", default.clone());
    }
    for constraint in schema.constraints.iter().filter(|constraint| constraint.when.is_none()) {
        if let Some(value) = operand(service, &constraint.keyword) {
            map.insert(constraint.keyword.word.name(), value);
        }
    }
    put_members(&mut map, service, schema);
    if let Some(items) = &schema.items {
        map.insert("items", shown(service, items));
    }
    if let Some(generate) = &schema.generate {
        map.insert("generate", generator(generate).into());
    }
    if !schema.meanings.is_empty() {
        let meanings = schema.meanings.iter();
        let meanings = meanings
            .map(|(value, meaning)| (value.to_string().into(), Value::Text(meaning.clone())));
        map.insert("meanings", Value::map(meanings.collect()));
    }
    for (name, is) in [
        ("readOnly", schema.read_only),
        ("writeOnly", schema.write_only),
        ("allowEmptyValue", schema.allow_empty),
        ("caseInsensitive", schema.case_insensitive),
    ] {
        if is {
            map.insert(name, true.into());
        }
    }
    if let Some(xml) = &schema.xml {
        let namespace = xml.namespace.clone().map_or(Value::Null, Value::Text);
        let name = Value::Text(xml.name.clone());
        map.insert("xml", object([("name", name), ("namespace", namespace)]));
    }
    Value::map(map)
}

fn put_members(map: &mut Map, service: &Service, schema: &Schema) {
    if schema.properties.is_empty() {
        return;
    }
    let required = schema.properties.iter().filter(|property| property.required);
    let required: Vec<Value> = required.map(|p| Value::Text(p.name.clone())).collect();
    if !required.is_empty() {
        map.insert("required", Value::list(required));
    }
    let properties = schema.properties.iter();
    let properties = properties.map(|p| (p.name.clone(), shown(service, &p.schema)));
    map.insert("properties", Value::map(properties.collect()));
}

fn operand(service: &Service, keyword: &Keyword) -> Option<Value> {
    match keyword.operand {
        Operand::Collection(id) => {
            let other = service.collections.get(id.0)?;
            Some(Value::Text(other.name.clone()))
        }
        Operand::Schema(ref schema) => Some(shown(service, schema)),
        Operand::Schemas(ref all) => {
            Some(Value::list(all.iter().map(|one| shown(service, one)).collect()))
        }
        Operand::Named(ref named) | Operand::Chosen(_, ref named) => {
            let named = named.iter().map(|(name, one)| (name.clone(), shown(service, one)));
            Some(Value::map(named.collect()))
        }
        _ => keyword.fixed(),
    }
}

fn generator(generate: &Generate) -> &'static str {
    match &generate.with {
        Generator::Sequence { .. } => "sequence",
        Generator::Random { .. } => "random",
        Generator::Uuid => "uuid",
        Generator::RowVersion => "rowVersion",
        Generator::Now { .. } => "now",
        Generator::Tree(_) => "expression",
    }
}
