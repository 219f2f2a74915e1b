//! What of texts and trees is the same whatever is asked.

use super::written::tree as written;
use crate::expression::Reference;
use crate::model::{Text, TextPart, Tree};
use crate::value::Value;
use crate::write::Piece;

/// In XML all is text.
pub(super) fn as_texts(piece: Piece) -> Piece {
    use crate::write::Kind;
    match piece.kind {
        Kind::Bool(value) => value.to_string().into(),
        Kind::Number(literal) => literal.into(),
        Kind::Map(members) => {
            let mut map = Piece::map();
            for one in members {
                map.set(one.key, as_texts(one.value));
            }
            map
        }
        Kind::List(items) => Piece::list(items.into_iter().map(as_texts)),
        kind => kind.into(),
    }
}

/// A text without expressions.
pub(super) fn literal(text: &Text) -> Option<&str> {
    match text.parts.as_slice() {
        [TextPart::Literal(literal)] => Some(literal),
        _ => None,
    }
}

/// What a text says whatever is asked: all of it, or a pattern of what is between expressions.
pub(super) fn said_by(text: &Text, message: Option<&Text>) -> Option<Piece> {
    if let Some(text) = literal(text) {
        return Some(super::written::escaped(text).into());
    }
    if let Some(path) = text.expression().and_then(|one| one.parsed.path()) {
        return is_message(path).then(|| said_by(message?, None))?;
    }
    let mut says = false;
    let mut pattern = String::from("^");
    for part in &text.parts {
        match part {
            TextPart::Literal(literal) => {
                says |= literal.contains(char::is_alphanumeric);
                pattern.push_str(&super::written::escaped(&regex_lite::escape(literal)));
            }
            TextPart::Expression(_) => pattern.push_str("[\\s\\S]*"),
        }
    }
    pattern.push('$');
    says.then(|| Piece::map().with("$regex", pattern))
}

/// Whether it is `error.message`.
fn is_message(path: &Reference) -> bool {
    *path.root == *"error" && matches!(path.members.as_slice(), [one] if **one == *"message")
}

/// What of a tree is the same whatever is asked; where it says `error.message`, that text.
pub(super) fn known(tree: &Tree, message: Option<&Text>) -> Option<Piece> {
    match tree {
        Tree::Constant(value) if !matches!(value, Value::Null) => Some(written(value)),
        Tree::Expression(expression) => {
            is_message(expression.parsed.path()?).then(|| said_by(message?, None))?
        }
        Tree::Text(text) => said_by(text, message),
        Tree::Map(members) => {
            let mut map = Piece::map();
            for (name, inner) in members {
                if let Some(inner) = known(inner, message) {
                    let name =
                        if name.starts_with('$') { format!("${name}") } else { name.to_string() };
                    map.set(name, inner);
                }
            }
            (!map.is_empty()).then_some(map)
        }
        _ => None,
    }
}
