//! The members of a mapping as they are written: each key once, and a space behind its colon.

use std::collections::HashMap;

use super::{Node, NodeKind, Problems};
use crate::diagnostic::Diagnostic;
use crate::source::{Located, Span};

/// The members, of a key that stands twice the first one. What is wrong with the keys is told
/// once: where the line that begins an item is missing, each key of it is there already.
pub(super) fn members(
    written: Vec<(Located<String>, Node)>,
    problems: &Problems,
) -> Vec<(Located<String>, Node)> {
    let mut seen: HashMap<String, Span> = HashMap::with_capacity(written.len());
    let mut members: Vec<(Located<String>, Node)> = Vec::with_capacity(written.len());
    let mut again: Vec<(Located<String>, Span)> = Vec::new();
    for (key, node) in written {
        if let Some(behind) = colon_without_space(&key, &node) {
            problems.error("yaml", "not YAML: a space is missing after `:`", &behind, "here");
        }
        match seen.get(&key.value) {
            Some(first) => again.push((key, first.clone())),
            None => {
                seen.insert(key.value.clone(), key.span.clone());
                members.push((key, node));
            }
        }
    }
    if let Some(told) = told_twice(&again) {
        problems.push(told);
    }
    members
}

fn told_twice(again: &[(Located<String>, Span)]) -> Option<Diagnostic> {
    let (first, _) = again.first()?;
    let message = match again {
        [(key, _)] => format!("the key `{}` is duplicated", key.value),
        several => {
            let names: Vec<String> =
                several.iter().map(|(key, _)| format!("`{}`", key.value)).collect();
            format!("the keys {} are duplicated", names.join(", "))
        }
    };
    let mut told = Diagnostic::error("duplicate-key", message, &first.span, "here again");
    for (_, first) in again {
        told = told.related(first, "first here");
    }
    if again.len() > 1 {
        told = told.help("where an item of a list begins, `- ` comes before its first key");
    }
    Some(told)
}

/// The place of a colon in a key that was meant to end it: `{a:1}` has one member without a value,
/// and `a:{b: 1}` one whose name is `a:{b`.
fn colon_without_space(key: &Located<String>, node: &Node) -> Option<Span> {
    let text = &key.span.source.text;
    if text.get(key.span.start..key.span.end)? != key.value {
        // It stands in quotes.
        return None;
    }
    let at = match node.kind {
        NodeKind::Null => {
            let behind = text.get(key.span.end..)?.trim_start();
            key.value.find(':').filter(|_| behind.starts_with([',', '}']))?
        }
        _ => {
            let opens = |open: char, close: char| {
                key.value.matches(open).count() > key.value.matches(close).count()
            };
            let at = key.value.find(":{").or_else(|| key.value.find(":["))?;
            (opens('{', '}') || opens('[', ']')).then_some(at)?
        }
    };
    let start = key.span.start + at;
    Some(Span { source: key.span.source.clone(), start, end: start + 1 })
}
