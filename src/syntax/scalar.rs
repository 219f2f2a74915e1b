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

/// Whether a text stands as it is, without quotes or a tag before it, and with an exponent that
/// no float has.
pub(super) fn is_plain(text: &str, span: &Span) -> bool {
    let before = span.source.text.get(..span.start).unwrap_or_default().trim_end();
    let tagged = before.split_whitespace().next_back().is_some_and(|word| word.starts_with('!'));
    span.text() == text && !tagged && text.parse().is_ok_and(f64::is_infinite)
}
