//! Numbers as the core schema of YAML 1.2 has them (section 10.3.2).

use super::NodeKind;
use crate::source::Span;
use crate::value::Value;

/// The number that a plain scalar spells: decimal, `0o17`, or `0x1F`.
pub(super) fn number(text: &str) -> Option<NodeKind> {
    let in_radix = |prefix, radix| Value::in_radix(text.strip_prefix(prefix)?, radix);
    let value = in_radix("0o", 8).or_else(|| in_radix("0x", 16));
    match value.or_else(|| Value::spelled(text))? {
        Value::Integer(value) => Some(NodeKind::Integer(value)),
        Value::Number(value) => Some(NodeKind::Number(value)),
        _ => None,
    }
}

/// The number that is written where the crate gives a text for one that no float holds.
pub(super) fn beyond_floats(given: &str, span: &Span) -> Option<NodeKind> {
    if matches!(given, ".inf" | "-.inf") { number(span.text()) } else { None }
}
