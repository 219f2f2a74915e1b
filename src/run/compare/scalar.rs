//! What texts spell.

use crate::model::Type;
use crate::value::Value;

/// A number, in the form that JSON has for it.
pub(in crate::run) fn number(text: &str) -> Option<f64> {
    let text = text.trim();
    let digits = text.chars().all(|c| c.is_ascii_digit() || "+-.eE".contains(c));
    text.parse().ok().filter(|number: &f64| digits && number.is_finite())
}

/// Whether an expected scalar is what there is; `textual` lets a text be what it spells.
pub(in crate::run) fn is_same(expected: &Value, actual: &Value, textual: bool) -> bool {
    if expected == actual {
        return true;
    }
    let (Value::Text(text), true) = (actual, textual) else { return false };
    match expected {
        Value::Integer(whole) => match text.trim().parse::<i64>() {
            Ok(spelled) => spelled == *whole,
            Err(_) => number(text).is_some_and(|spelled| Value::Number(spelled) == *expected),
        },
        Value::Number(_) => number(text).is_some_and(|spelled| Value::Number(spelled) == *expected),
        Value::Bool(value) => text.trim() == if *value { "true" } else { "false" },
        _ => false,
    }
}

/// The number that a value is or, where texts are what they spell, spells.
#[expect(clippy::cast_precision_loss, reason = "bounds are compared as floats")]
pub(in crate::run) fn as_number(value: &Value, textual: bool) -> Option<f64> {
    match value {
        Value::Integer(whole) => Some(*whole as f64),
        Value::Number(value) => Some(*value),
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
        (Type::Integer, Value::Number(number)) => number.fract() == 0.0,
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
