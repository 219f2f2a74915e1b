//! Takes out of a spec what `check` refuses, so that the rest of it can be served.
//!
//! What a document says can be wrong in more ways than a reader of it can foresee. `check` knows
//! them all, and says where they are.

use super::notes::Notes;
use crate::diagnostic::{Diagnostic, Severity};
use crate::load::load_sources;
use crate::mock::example;
use crate::source::{Located, Source};
use crate::syntax::{Node, NodeKind, Problems, parse};
use crate::write::{Kind, Member, Piece, document};

/// How often something may be taken out before the rest is given up.
const ROUNDS: usize = 40;

/// A spec, and what is left to be said against it.
pub(super) struct Settled {
    pub(super) text: String,
    pub(super) counts: String,
    pub(super) refused: Vec<Diagnostic>,
}

/// Takes out what is refused.
pub(super) fn settle(mut spec: Piece, name: &str, notes: &mut Notes) -> Settled {
    let comment = [
        format!("Imported from {name} by `counterpart-mock import`."),
        "Rules with `evidence: assumed` are guessed: they are worth a look.".to_owned(),
    ];
    let mut refused = Vec::new();
    for _ in 0..ROUNDS {
        let text = document(&spec, &comment);
        let source = Source::new(name, text);
        refused = match load_sources(std::slice::from_ref(&source)) {
            Ok(specs) => specs.plans.iter().flat_map(example::run).chain(specs.warnings).collect(),
            Err(found) => found,
        };
        let Some(root) = parse(&source, &Problems::default()) else { break };
        let mut paths: Vec<Vec<String>> = Vec::new();
        for found in &refused {
            let Some(label) = &found.primary else { continue };
            let mut path = Vec::new();
            locate(&root, label.span.start, &mut path);
            let unused = found.code.starts_with("unused-");
            if found.severity == Severity::Warning && !unused {
                continue;
            }
            let Some(path) = removable(&path) else { continue };
            if !paths.contains(&path) {
                if !unused {
                    notes.leave(format!("{}: {}", shown(&path, &root), found.message), None);
                }
                paths.push(path);
            }
        }
        if paths.is_empty() {
            break;
        }
        // From the last to the first, so that positions in lists hold.
        paths.sort_by(|one, two| order(two, one));
        for path in &paths {
            take_out(&mut spec, path);
        }
    }
    refused.retain(|found| found.severity == Severity::Error);
    Settled { text: document(&spec, &comment), counts: counts(&spec), refused }
}

/// Items by their numbers, names as they are.
fn order(one: &[String], two: &[String]) -> std::cmp::Ordering {
    let key = |part: &String| (part.parse::<usize>().ok(), part.clone());
    one.iter().map(key).cmp(two.iter().map(key))
}

/// The way to what stands at a place: names of members and numbers of items.
fn locate(node: &Node, place: usize, path: &mut Vec<String>) {
    let next = match &node.kind {
        NodeKind::Map(entries) => entries
            .iter()
            .take_while(|(key, _)| key.span.start <= place)
            .last()
            .map(|(key, value): &(Located<String>, Node)| (key.value.clone(), value)),
        NodeKind::List(items) => items
            .iter()
            .enumerate()
            .take_while(|(_, item)| start(item) <= place)
            .last()
            .map(|(at, item)| (at.to_string(), item)),
        _ => None,
    };
    if let Some((part, node)) = next {
        path.push(part);
        locate(node, place, path);
    }
}

/// Where an item begins: a mapping with its first key.
fn start(node: &Node) -> usize {
    match node.as_map().and_then(|entries| entries.first()) {
        Some((key, _)) => node.span.start.min(key.span.start),
        None => node.span.start,
    }
}

/// Keywords of schemas without which the rest of the schema stands.
const KEYWORDS: [&str; 39] = [
    "enum",
    "const",
    "minLength",
    "maxLength",
    "pattern",
    "format",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minItems",
    "maxItems",
    "uniqueItems",
    "minProperties",
    "maxProperties",
    "default",
    "anyOf",
    "oneOf",
    "allOf",
    "discriminator",
    "not",
    "if",
    "then",
    "else",
    "prefixItems",
    "contains",
    "minContains",
    "maxContains",
    "patternProperties",
    "propertyNames",
    "dependentRequired",
    "dependentSchemas",
    "unevaluatedItems",
    "unevaluatedProperties",
    "xml",
    "required",
    "generate",
    "references",
];

/// Keywords whose members are names of something else.
const OF_NAMES: [&str; 4] =
    ["properties", "patternProperties", "dependentSchemas", "dependentRequired"];

/// What can be taken out so that what stands at a place goes.
fn removable(path: &[String]) -> Option<Vec<String>> {
    let part = |at: usize| path.get(at).map(String::as_str);
    let upto = |length: usize| path.get(..length).map(<[String]>::to_vec);
    let keyword = || {
        // A keyword stands in a schema, not among the names of properties.
        let at = path.iter().enumerate().rposition(|(at, name)| {
            KEYWORDS.contains(&name.as_str())
                && at > 0
                && path.get(at - 1).is_none_or(|before| !OF_NAMES.contains(&before.as_str()))
        })?;
        upto(at + 1)
    };
    match part(0)? {
        "components" if path.len() > 3 => keyword().or_else(|| upto(path.len())),
        "components" => upto(3),
        "collections" if part(2) == Some("fixtures") && path.len() > 3 => upto(4),
        "collections" if part(2) == Some("unique") && path.len() > 3 => upto(4),
        "collections" => keyword(),
        "errors" | "failures" | "mediaTypes" | "servers" if path.len() > 1 => upto(2),
        "operations" => match part(2) {
            Some("parameters") if path.len() > 3 => keyword().or_else(|| upto(4)),
            Some("responses") if path.len() > 3 => keyword().or_else(|| upto(4)),
            Some("requestBody") => keyword().or_else(|| upto(2)),
            Some("failures") if path.len() > 3 => upto(4),
            _ => upto(2),
        },
        _ => None,
    }
}

/// What is taken out, for people.
fn shown(path: &[String], root: &Node) -> String {
    let mut words = Vec::new();
    let mut node = Some(root);
    for part in path {
        node = node.and_then(|node| match &node.kind {
            NodeKind::List(items) => part.parse().ok().and_then(|at: usize| items.get(at)),
            _ => node.get(part),
        });
        let name = node.and_then(|node| node.get("operationId").or_else(|| node.get("name")));
        match name.and_then(Node::as_text) {
            Some(name) if part.parse::<usize>().is_ok() => words.push(name.to_owned()),
            _ => words.push(part.clone()),
        }
    }
    words.join(" > ")
}

fn take_out(piece: &mut Piece, path: &[String]) {
    let [first, rest @ ..] = path else { return };
    match &mut piece.kind {
        Kind::Map(members) if rest.is_empty() => members.retain(|member| member.key != *first),
        Kind::Map(members) => {
            if let Some(member) = members.iter_mut().find(|member| member.key == *first) {
                take_out(&mut member.value, rest);
            }
            // A list without items is refused where none at all has a default.
            let is_left =
                |piece: &Piece| !matches!(&piece.kind, Kind::List(items) if items.is_empty());
            let emptied = |member: &Member| member.key == *first && rest.len() == 1;
            members.retain(|member| !emptied(member) || is_left(&member.value));
        }
        Kind::List(items) => {
            let Ok(at) = first.parse::<usize>() else { return };
            if rest.is_empty() {
                if at < items.len() {
                    items.remove(at);
                }
            } else if let Some(item) = items.get_mut(at) {
                take_out(item, rest);
            }
        }
        _ => {}
    }
}

fn counts(spec: &Piece) -> String {
    let count = |piece: Option<&Piece>| piece.map_or(0, |p| p.members().len() + p.items().len());
    let components = spec.get("components");
    let counted = |count: usize, one: &str, many: &str| match count {
        0 => None,
        1 => Some(format!("1 {one}")),
        more => Some(format!("{more} {many}")),
    };
    [
        counted(count(spec.get("operations")), "operation", "operations"),
        counted(count(components.and_then(|c| c.get("schemas"))), "schema", "schemas"),
        counted(count(spec.get("collections")), "collection", "collections"),
    ]
    .into_iter()
    .flatten()
    .collect::<Vec<_>>()
    .join(", ")
}
