//! Data as a tree of the spec language, in which some texts and names mean more.

use std::collections::HashMap;

use crate::value::Value;
use crate::write::{Kind, Piece, document};

/// Trees smaller than this are written where they are used.
const SHARED_TREE: usize = 8;

/// The names that a tree has for itself.
const DIRECTIVES: [&str; 7] = ["$forEach", "$as", "$yield", "$if", "$then", "$else", "$ref"];

/// The data as a tree that gives it. Members that a tree cannot have are left out.
pub(super) fn tree(value: &Value) -> Piece {
    match value {
        Value::Text(text) => text.replace("${", "$${").into(),
        Value::List(items) => Piece::list(items.iter().map(tree)),
        Value::Map(map) => {
            let mut piece = Piece::map();
            for (key, value) in map.iter().filter(|(key, _)| !DIRECTIVES.contains(&&***key)) {
                piece.set(&**key, tree(value));
            }
            piece
        }
        other => other.into(),
    }
}

/// An expression that is all of a text.
pub(super) fn whole(value: &str) -> String {
    if value.contains(' ') { format!("${{ {value} }}") } else { format!("${{{value}}}") }
}

/// How many keys and values there are.
fn size(piece: &Piece) -> usize {
    let members = piece.members().iter().map(|member| size(&member.value));
    1 + members.chain(piece.items().iter().map(size)).sum::<usize>()
}

/// Puts answers that are the same into `components`; gives those.
pub(super) fn share_trees(operations: &mut [Piece]) -> Piece {
    let mut seen: HashMap<String, (usize, String)> = HashMap::new();
    let bodies = |operations: &mut [Piece], act: &mut dyn FnMut(&mut Piece, &str)| {
        for operation in operations {
            let id = match operation.get("operationId").map(|piece| &piece.kind) {
                Some(Kind::Text(id)) => id.clone(),
                _ => String::new(),
            };
            let Some(steps) = operation.get_mut("steps") else { continue };
            let Kind::List(steps) = &mut steps.kind else { continue };
            for step in steps {
                let body = step.get_mut("respond").and_then(|respond| respond.get_mut("body"));
                if let Some(body) = body.filter(|body| size(body) >= SHARED_TREE) {
                    act(body, &id);
                }
            }
        }
    };
    bodies(operations, &mut |body, id| {
        let entry = seen.entry(document(body, &[])).or_insert_with(|| (0, id.to_owned()));
        entry.0 += 1;
    });
    let mut trees = Piece::map();
    bodies(operations, &mut |body, _| {
        if let Some((2.., name)) = seen.get(&document(body, &[])) {
            let reference = Piece::map().with("$ref", format!("#/components/trees/{name}"));
            trees.set(name, std::mem::replace(body, reference));
        }
    });
    trees
}
