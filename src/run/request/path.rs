//! Paths that are put together.

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use super::{Unmade, encode};
use crate::model::{Text, TextPart};
use crate::run::scope::Scope;
use crate::value::Value;

/// What cannot stand in a request target at all (RFC 3986 section 3.3 and 3.4).
const IMPOSSIBLE: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'<')
    .add(b'>')
    .add(b'\\')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// A path below the base path, with its query.
///
/// What is written stays as it is. A value is encoded, so that it is one segment, or one name or
/// value of the query. Where no value can be, at the beginning and as a whole piece of the query
/// between `?`, `&`s and the end, an expression gives a path, or pairs: there only what cannot
/// stand in a URL is encoded.
pub(super) fn path(text: &Text, scope: &Scope<'_>) -> Result<String, Unmade> {
    let mut path = String::new();
    for (at, part) in text.parts.iter().enumerate() {
        let expression = match part {
            TextPart::Literal(literal) => {
                path.push_str(literal);
                continue;
            }
            TextPart::Expression(expression) => expression,
        };
        let given = match scope.value(expression)? {
            None | Some(Value::Null) => continue,
            Some(value) => value.scalar_text().ok_or_else(|| {
                let written = expression.span.text().trim();
                Unmade::Other(format!(
                    "`{written}` is of kind {}, which cannot stand in a path",
                    value.kind()
                ))
            })?,
        };
        let ends_piece = match text.parts.get(at + 1) {
            None => true,
            Some(TextPart::Literal(next)) => next.starts_with('&'),
            Some(TextPart::Expression(_)) => false,
        };
        let is_piece = path.contains('?') && path.ends_with(['?', '&']) && ends_piece;
        if at == 0 || is_piece {
            path.extend(utf8_percent_encode(&given, IMPOSSIBLE));
        } else {
            path.push_str(&encode(&given));
        }
    }
    Ok(path)
}
