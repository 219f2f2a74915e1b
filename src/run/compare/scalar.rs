//! What texts spell.

use crate::model::Type;
use crate::value::Value;

/// The number that a text spells.
pub(in crate::run) fn number(text: &str) -> Option<Value> {
    Value::spelled(text.trim())
}

/// Whether an expected scalar is what there is; `textual` lets a text be what it spells.
pub(in crate::run) fn is_same(expected: &Value, actual: &Value, textual: bool) -> bool {
    expected == actual
        || textual && actual.as_str().is_some_and(|text| expected.is_spelled_by(text))
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
    let spelled = value.as_str().filter(|_| textual).map(str::trim);
    let spells = |text: &str| match r#type {
        Type::Integer => is_whole(text),
        Type::Number => number(text).is_some(),
        Type::Boolean => matches!(text, "true" | "false"),
        Type::String | Type::Object | Type::Array => false,
    };
    r#type.takes(value) || spelled.is_some_and(spells)
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
