//! The files of one vendor, read as one.

use crate::diagnostic::Diagnostic;
use crate::source::Located;
use crate::syntax::{Node, NodeKind, Problems};

/// Joins files: maps are joined, lists put one after the other. Fails when no file is a mapping.
pub(super) fn join(nodes: Vec<Node>, problems: &Problems) -> Option<Node> {
    let mut joined: Option<Node> = None;
    for node in nodes {
        if node.as_map().is_none() {
            let word = node.kind_word();
            problems.error(
                "wrong-type",
                format!("a spec is a mapping, not {word}"),
                &node.span,
                "",
            );
            continue;
        }
        match &mut joined {
            Some(root) => merge(root, node, &mut Vec::new(), problems),
            None => joined = Some(node),
        }
    }
    joined
}

/// Where two files may both add members: at the top, in its sections, in those of `components`.
fn is_section(path: &[String]) -> bool {
    match path {
        [] | [_] => true,
        [first, _] => first == "components",
        _ => false,
    }
}

/// Lists that go on in another file: at the top, and in sections that have nothing but lists.
fn is_open_list(path: &[String]) -> bool {
    path.len() == 1 || matches!(path, [first, _] if first == "compare")
}

fn merge(into: &mut Node, from: Node, path: &mut Vec<String>, problems: &Problems) {
    match (&mut into.kind, from.kind) {
        (NodeKind::Map(entries), NodeKind::Map(more)) if is_section(path) => {
            for (key, node) in more {
                merge_member(entries, key, node, path, problems);
            }
        }
        (NodeKind::List(items), NodeKind::List(more)) if is_open_list(path) => items.extend(more),
        (_, kind) => {
            let again = Node { kind, span: from.span };
            if is_scalar(into) && is_scalar(&again) && into.to_value() == again.to_value() {
                return;
            }
            let name = path.last().cloned().unwrap_or_default();
            problems.push(
                Diagnostic::error(
                    "duplicate-name",
                    format!("`{name}` is given in two files"),
                    &again.span,
                    "here again",
                )
                .related(&into.span, "first here"),
            );
        }
    }
}

fn merge_member(
    entries: &mut Vec<(Located<String>, Node)>,
    key: Located<String>,
    node: Node,
    path: &mut Vec<String>,
    problems: &Problems,
) {
    match entries.iter_mut().find(|(known, _)| known.value == key.value) {
        Some((_, known)) => {
            path.push(key.value);
            merge(known, node, path, problems);
            path.pop();
        }
        None => entries.push((key, node)),
    }
}

fn is_scalar(node: &Node) -> bool {
    !matches!(node.kind, NodeKind::List(_) | NodeKind::Map(_))
}
