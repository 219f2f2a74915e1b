//! Of what kind the value of an expression always is, whatever its variables are.

use super::tree::{Arithmetic, Kind, Node};
use crate::value::Value;

/// Filters that give a number or nothing.
const NUMBERS: [&str; 3] = ["abs", "length", "round"];
/// Filters that give a number or nothing, unless their argument says what else.
const NUMBERS_ALONE: [&str; 3] = ["float", "int", "sum"];
/// Filters that give a text or nothing.
const TEXTS: [&str; 12] = [
    "capitalize",
    "date",
    "digits",
    "escape",
    "http_date",
    "lower",
    "replace",
    "string",
    "title",
    "trim",
    "upper",
    "urlencode",
];

/// A value of the kind of which the value of a part always is, where it has one. A number is a
/// whole one, which is of every type that takes numbers.
pub(super) fn sample(node: &Node) -> Option<Value> {
    let number = || Some(Value::Integer(1));
    let is_number = |node: &Node| sample(node).is_some_and(|value| value.is_number());
    match &node.kind {
        Kind::Constant(value) => match value.as_ref()? {
            Value::Integer(_) | Value::Number(_) => number(),
            Value::Bool(_) => Some(Value::Bool(true)),
            Value::Text(text) if !text.is_empty() => Some("text".into()),
            _ => None,
        },
        Kind::Not(_) | Kind::Compare(..) | Kind::Test(..) => Some(Value::Bool(true)),
        Kind::Join(parts) => {
            let mut parts = parts.iter();
            parts.any(|part| sample(part).is_some()).then(|| "text".into())
        }
        // Lists are put together by `+`, and both repeated by `*`.
        Kind::Arithmetic(Arithmetic::Add, both) => both.iter().any(is_number).then(number)?,
        Kind::Arithmetic(Arithmetic::Multiply, both) => both.iter().all(is_number).then(number)?,
        Kind::Negative(_) | Kind::Arithmetic(..) => number(),
        Kind::If(both, Some(otherwise)) => {
            let (one, other) = (sample(both.first()?)?, sample(otherwise)?);
            (one.kind() == other.kind()).then_some(one)
        }
        Kind::Filter { filter, arguments, .. } => {
            let alone = arguments.iter().all(Option::is_none);
            match filter.name {
                name if NUMBERS.contains(&name) => number(),
                name if NUMBERS_ALONE.contains(&name) && alone => number(),
                name if TEXTS.contains(&name) => Some("text".into()),
                _ => None,
            }
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::expression::parse;
    use crate::value::Value;

    #[test]
    fn what_a_value_always_is_is_known_before_it_is_worked_out() {
        for (text, kind) in [
            ("99 + 1", "integer"),
            ("x + 1", "integer"),
            ("x / y", "integer"),
            ("-x", "integer"),
            ("x | length", "integer"),
            ("x | int", "integer"),
            ("1 if x else 2", "integer"),
            ("'a' ~ x", "string"),
            ("x | upper", "string"),
            ("x == y", "boolean"),
            ("x is defined", "boolean"),
            ("not x", "boolean"),
            // A text, and a list, may be repeated or put behind another one.
            ("x * 2", ""),
            ("x + y", ""),
            ("x | int('none')", ""),
            ("1 if x else 'a'", ""),
            ("x | default(1)", ""),
            ("x", ""),
            ("none", ""),
        ] {
            let sample = parse(text).unwrap().sample();
            assert_eq!(sample.as_ref().map_or("", Value::kind), kind, "{text}");
        }
    }
}
