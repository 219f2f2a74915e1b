//! Paths that are put together.

use percent_encoding::utf8_percent_encode;

use super::{Unmade, encode};
use crate::model::path::dots;
use crate::model::{Text, TextPart};
use crate::run::scope::Scope;
use crate::run::url::IMPOSSIBLE;
use crate::value::Value;

/// A path below the base path, with its query.
///
/// What is written stays as it is. A value is encoded, so that it is one segment, or one name or
/// value of the query. Where no value can be, at the beginning and as a whole piece of the query
/// between `?`, `&`s and the end, an expression gives a path, or pairs: there only what cannot
/// stand in a URL is encoded.
pub(super) fn path(text: &Text, scope: &Scope<'_>) -> Result<String, Unmade> {
    let mut path = String::new();
    let mut values = Vec::new();
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
                    "`{written}` is of kind {}, which cannot be part of a path",
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
            values.push(path.len());
            path.push_str(&encode(&given));
        }
    }
    let whole = path.split('?').next().unwrap_or_default();
    let mut start = 0;
    for segment in whole.split('/') {
        let end = start + segment.len();
        if values.iter().any(|at| (start..=end).contains(at)) {
            not_dots(segment)?;
        }
        start = end + 1;
    }
    Ok(path)
}

/// Refuses a segment that would be taken for its own folder or the one above: what stands before
/// it would be asked for in its place, and there is no other way to write it.
pub(super) fn not_dots(segment: &str) -> Result<(), Unmade> {
    match dots(segment) {
        0 => Ok(()),
        _ => Err(Unmade::Other(format!(
            "`{segment}` cannot be a value in a path: as a segment it means another folder"
        ))),
    }
}
