//! Parts that JSON documents have in common.

use std::sync::Arc;

use crate::source::Span;
use crate::value::Value;

/// An object of these members; null ones are left out.
pub(super) fn object<'a>(members: impl IntoIterator<Item = (&'a str, Value)>) -> Value {
    let members = members.into_iter().filter(|(_, value)| !matches!(value, Value::Null));
    Value::map(members.map(|(name, value)| (Arc::from(name), value)).collect())
}

/// Where something is written.
pub(super) fn place(span: &Span) -> [(&'static str, Value); 3] {
    let (line, column) = span.line_column();
    let number = |n: usize| Value::Integer(i64::try_from(n).unwrap_or(i64::MAX));
    [
        ("file", span.source.path.to_string_lossy().as_ref().into()),
        ("line", number(line)),
        ("column", number(column)),
    ]
}
