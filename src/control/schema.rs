//! A schema as JSON Schema says it, as far as it is the same for each request.

use crate::model::{Bound, Choices, Generate, Generator, Keyword, Schema, Service};
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
        if let Some((name, value)) = keyword(service, &constraint.keyword) {
            map.insert(name, value);
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

fn keyword(service: &Service, keyword: &Keyword) -> Option<(&'static str, Value)> {
    let (name, bound) = match keyword {
        Keyword::Enum(Choices::Fixed(values)) => {
            return Some(("enum", Value::list(values.clone())));
        }
        Keyword::Const(value) => return Some(("const", value.clone())),
        Keyword::Pattern(pattern) => return Some(("pattern", Value::Text(pattern.clone()))),
        Keyword::Format(format) => return Some(("format", format.name().into())),
        Keyword::MultipleOf(number) => return Some(("multipleOf", number.clone())),
        Keyword::UniqueItems => return Some(("uniqueItems", true.into())),
        Keyword::References(id) => {
            let other = service.collections.get(id.0)?;
            return Some(("references", Value::Text(other.name.clone())));
        }
        Keyword::MustNotContain(name) => {
            return Some(("mustNotContain", Value::Text(name.clone())));
        }
        Keyword::AnyOf(groups) => {
            let groups = groups.iter().map(|group| {
                let names = group.iter().map(|name| Value::Text(name.clone())).collect();
                object([("required", Value::list(names))])
            });
            return Some(("anyOf", Value::list(groups.collect())));
        }
        Keyword::Enum(Choices::Expression(_)) | Keyword::Must(_) | Keyword::Exists { .. } => {
            return None;
        }
        Keyword::MinLength(bound) => ("minLength", bound),
        Keyword::MaxLength(bound) => ("maxLength", bound),
        Keyword::Minimum(bound) => ("minimum", bound),
        Keyword::Maximum(bound) => ("maximum", bound),
        Keyword::ExclusiveMinimum(bound) => ("exclusiveMinimum", bound),
        Keyword::ExclusiveMaximum(bound) => ("exclusiveMaximum", bound),
        Keyword::MinItems(bound) => ("minItems", bound),
        Keyword::MaxItems(bound) => ("maxItems", bound),
        Keyword::MinProperties(bound) => ("minProperties", bound),
        Keyword::MaxProperties(bound) => ("maxProperties", bound),
    };
    match bound {
        Bound::Fixed(number) => Some((name, number.clone())),
        Bound::Expression(_) => None,
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
