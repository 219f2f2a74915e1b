//! Values as scenarios write them.

use crate::value::Value;
use crate::write::Piece;

/// From how many characters of one kind a text is written as an expression.
const RUN: usize = 11;
/// Stands before the name of a variable until it is written; no spec has such a text.
const HOLE: &str = "\u{0}variable ";

/// The address that is drawn where one is needed.
const MAIL: &str = "ann@example.com";

/// What is written as that variable: `value` is the column of the row.
pub(super) fn variable(name: &str) -> Value {
    Value::text(format!("{HOLE}{name}"))
}

/// Whether a text is written as what a variable holds.
pub(super) fn is_variable(text: &str) -> bool {
    text.starts_with(HOLE)
}

/// Whether a text is written as an address that nobody else has.
pub(super) fn is_mail(text: &str) -> bool {
    text == MAIL
}

/// A value in a tree of what is sent, or of a row.
pub(super) fn tree(value: &Value) -> Piece {
    match value {
        Value::Text(text) => text_piece(text),
        Value::List(items) => Piece::list(items.iter().map(tree)),
        Value::Map(_) | Value::Record(_) => {
            let mut piece = Piece::map();
            for (name, value) in value.members().into_iter().flatten() {
                let name =
                    if name.starts_with('$') { format!("${name}") } else { name.to_string() };
                piece.set(name, tree(value));
            }
            piece
        }
        other => other.into(),
    }
}

fn text_piece(text: &str) -> Piece {
    if let Some(name) = text.strip_prefix(HOLE) {
        return format!("${{{name}}}").into();
    }
    // Two people of one address are one to many a vendor.
    if is_mail(text) {
        return "${unique}@example.com".into();
    }
    escaped(text).into()
}

/// A text in which nothing is an expression but long runs of one character.
pub(super) fn escaped(text: &str) -> String {
    let mut written = String::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let end = rest.find(|c| c != first).unwrap_or(rest.len());
        let (run, behind) = rest.split_at(end);
        let count = run.chars().count();
        if count >= RUN && first.is_alphanumeric() {
            let count = count.to_string();
            written.extend(["${ '", &first.to_string(), "' * ", &count, " }"]);
        } else {
            written.push_str(run);
        }
        rest = behind;
    }
    // Only what was there is escaped: the runs are of letters and digits.
    if text.contains("${") { text.replace("${", "$${") } else { written }
}
