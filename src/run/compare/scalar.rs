//! What texts spell.

use crate::model::Type;
use crate::value::Value;

/// The number that a text spells.
pub(in crate::run) fn number(text: &str) -> Option<Value> {
    Value::spelled(text.trim())
}

/// Whether an expected scalar is what there is; `textual` lets a text be what it spells.
pub(in crate::run) fn is_same(expected: &Value, actual: &Value, textual: bool) -> bool {
    if expected == actual {
        return true;
    }
    let (Value::Text(text), true) = (actual, textual) else { return false };
    match expected {
        Value::Integer(_) | Value::Number(_) => {
            number(text).is_some_and(|spelled| spelled == *expected)
        }
        Value::Bool(value) => text.trim() == if *value { "true" } else { "false" },
        _ => false,
    }
}

/// The number that a value is or, where texts are what they spell, spells.
pub(in crate::run) fn as_number(value: &Value, textual: bool) -> Option<Value> {
    match value {
        Value::Integer(_) | Value::Number(_) => Some(value.clone()),
        Value::Text(text) if textual => number(text),
        _ => None,
    }
}

/// Whether a value is of a type or, where texts are what they spell, spells one of it.
pub(in crate::run) fn is_of(value: &Value, r#type: Type, textual: bool) -> bool {
    match (r#type, value) {
        (Type::String, Value::Text(_))
        | (Type::Integer | Type::Number, Value::Integer(_))
        | (Type::Number, Value::Number(_))
        | (Type::Boolean, Value::Bool(_))
        | (Type::Object, Value::Map(_) | Value::Record(_))
        | (Type::Array, Value::List(_)) => true,
        // JSON Schema: 1.0 is an integer.
        (Type::Integer, Value::Number(number)) => number.is_integer(),
        (Type::Integer, Value::Text(text)) => textual && is_whole(text.trim()),
        (Type::Number, Value::Text(text)) => textual && number(text).is_some(),
        (Type::Boolean, Value::Text(text)) => textual && matches!(text.trim(), "true" | "false"),
        _ => false,
    }
}

/// However many digits it has.
fn is_whole(text: &str) -> bool {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// `an integer`, `a string`, ...
pub(in crate::run) fn a(r#type: Type) -> String {
    let name = r#type.name();
    let article = if name.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
    format!("{article} {name}")
}
