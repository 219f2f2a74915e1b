//! What looks like a matcher without one of its signs: `{type: integer}`, `$any`.

use super::Reader;
use crate::check::special::is_matcher;
use crate::diagnostic::Diagnostic;
use crate::model::Type;
use crate::source::Span;
use crate::syntax::{Node, NodeKind, ReadNode};

impl Reader<'_, '_> {
    /// Warns of what is taken as it is written and was hardly meant so.
    pub(super) fn warn_of_lost_matcher(&mut self, node: &Node) {
        let found = match &node.kind {
            NodeKind::Map(entries) => match entries.as_slice() {
                [(key, value)] if is_operand(&key.value, value) => Some((
                    &key.span,
                    format!("{{${}: {}}}", key.value, value.span.text()),
                    Some(format!("a member of that name: {{$exactly: {}}}", node.span.text())),
                )),
                _ => None,
            },
            NodeKind::Text(text) => meant_by(text).map(|meant| (&node.span, meant, None)),
            _ => None,
        };
        if let Some((span, meant, literal)) = found {
            self.lost_matcher(span, &meant, literal);
        }
    }

    fn lost_matcher(&mut self, span: &Span, meant: &str, literal: Option<String>) {
        let message = format!("`{}` is not a matcher and is taken literally", span.text());
        let mut diagnostic = Diagnostic::error("lost-matcher", message, span, "expected as it is")
            .warning()
            .help(format!("did you mean `{meant}`?"));
        diagnostic.help.extend(literal);
        self.report(diagnostic);
    }
}

fn is_type(word: &str) -> bool {
    word == "null" || Type::ALL.iter().any(|kind| kind.name() == word)
}

/// Whether a value is what the matcher of that name takes, and hardly one of a member.
fn is_operand(name: &str, value: &Node) -> bool {
    let text = || value.as_text();
    match name {
        "type" => text().is_some_and(is_type),
        "regex" => text().is_some(),
        "any" | "absent" | "nil" => matches!(value.kind, NodeKind::Bool(true)),
        "oneOf" | "unordered" => value.as_list().is_some(),
        "range" => value.as_list().is_some_and(|ends| ends.len() == 2),
        _ => false,
    }
}

/// The matcher that a text names.
fn meant_by(text: &str) -> Option<String> {
    let word = text.strip_prefix('$')?;
    match word {
        "any" | "absent" | "nil" | "empty" | "time" | "sorted" | "unique" => {
            Some(format!("{{${word}: true}}"))
        }
        word if is_type(word) => Some(format!("{{$type: {word}}}")),
        _ if is_matcher(text) => Some(format!("{{{text}: ...}}")),
        _ => None,
    }
}
