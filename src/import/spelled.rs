//! Examples with values of another type than their schemas have: a version that YAML reads as a
//! number.

use std::collections::HashMap;

use super::schema::Schema;
use crate::value::{Map, Number, Value};

/// How deep an example is looked at.
const DEPTH: usize = 40;

/// The example with each value of the type that its schema says, where it spells one.
pub(super) fn spelled(value: &Value, schema: &Schema, shared: &HashMap<String, Schema>) -> Value {
    within(value, schema, shared, DEPTH)
}

fn within(value: &Value, schema: &Schema, shared: &HashMap<String, Schema>, depth: usize) -> Value {
    let Some(depth) = depth.checked_sub(1) else { return value.clone() };
    let target = schema.refers.as_ref().and_then(|name| shared.get(name));
    let both = || std::iter::once(schema).chain(target);
    if let Some(items) = value.as_list() {
        let Some(of) = both().find_map(|it| it.items.as_deref()) else { return value.clone() };
        return Value::list(items.iter().map(|item| within(item, of, shared, depth)).collect());
    }
    if let Some(members) = value.members() {
        let mut map = Map::default();
        for (name, member) in members {
            let of = both().find_map(|it| it.property(name));
            let spelt = of.map(|of| within(member, of, shared, depth));
            map.push(name.clone(), spelt.unwrap_or_else(|| member.clone()));
        }
        return Value::map(map);
    }
    let types = both().map(|it| &it.types).find(|types| !types.is_empty());
    types.and_then(|types| fitted(value, types)).unwrap_or_else(|| value.clone())
}

/// The value as one of the types, if it is one or spells one.
pub(super) fn fitted(value: &Value, types: &[&'static str]) -> Option<Value> {
    if types.is_empty() {
        return Some(value.clone());
    }
    let has = |kind: &str| types.contains(&kind);
    let fits = match value {
        Value::Null => false,
        Value::Bool(_) => has("boolean"),
        Value::Integer(_) => has("integer") || has("number"),
        Value::Number(number) => has("number") || has("integer") && number.is_integer(),
        Value::Text(_) => has("string"),
        Value::List(_) => has("array"),
        Value::Map(_) | Value::Record(_) => has("object"),
    };
    if fits {
        return Some(value.clone());
    }
    match value {
        Value::Bool(_) | Value::Integer(_) | Value::Number(_) if has("string") => {
            Some(Value::text(value.to_string()))
        }
        Value::Text(text) if has("boolean") => text.parse().ok().map(Value::Bool),
        Value::Text(text) if has("integer") || has("number") => text
            .parse()
            .map(Value::Integer)
            .ok()
            .or_else(|| Number::parse(text).filter(|_| has("number")).map(Value::Number)),
        _ => None,
    }
}
