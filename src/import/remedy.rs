//! What can be done about a mistake in a spec that a program has written.

use super::keywords::{APPLIED, SAME};
use std::cmp::Ordering;

use crate::diagnostic::{Diagnostic, Severity};
use crate::source::Located;
use crate::syntax::{Node, NodeKind};
use crate::write::{Kind, Member, Piece};

/// How much is taken out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Care {
    /// As little as can be.
    Fine,
    /// Whole operations, components and collections.
    Coarse,
}

/// What can be done about a mistake.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Remedy {
    /// Takes out what is there.
    TakeOut(Vec<String>),
    /// Writes the text there so that nothing in it looks like an expression.
    Spell(Vec<String>),
}

impl Remedy {
    /// What can be done about what was found, if anything has to be and can be.
    pub(super) fn of(found: &Diagnostic, root: &Node, care: Care) -> Option<Self> {
        let place = found.primary.as_ref()?.span.start;
        let mut path = Vec::new();
        locate(root, place, &mut path);
        if found.code == "lost-expression" {
            return Some(Self::Spell(path));
        }
        let matters = found.severity == Severity::Error || found.code.starts_with("unused-");
        let path = removable(&path).filter(|_| matters)?;
        Some(Self::TakeOut(match care {
            Care::Fine => with_its_path(path, root),
            Care::Coarse => whole(path),
        }))
    }

    fn path(&self) -> &[String] {
        match self {
            Self::TakeOut(path) | Self::Spell(path) => path,
        }
    }
}

/// Does what can be done, from the last to the first, so that positions in lists hold.
pub(super) fn apply(spec: &mut Piece, mut remedies: Vec<Remedy>) {
    remedies.sort_by(|one, two| order(two.path(), one.path()));
    for remedy in &remedies {
        match remedy {
            Remedy::TakeOut(path) => take_out(spec, path),
            Remedy::Spell(path) => spell(spec, path),
        }
    }
}

/// A parameter in a path is taken out with its operation, which cannot be without it.
fn with_its_path(path: Vec<String>, root: &Node) -> Vec<String> {
    let is_parameter = path.len() == 4 && path.get(2).is_some_and(|key| key == "parameters");
    let node = path.iter().try_fold(root, |node, part| child(node, part));
    let place = node.filter(|_| is_parameter).and_then(|node| node.get("in"));
    match place.and_then(Node::as_text) {
        Some("path") => whole(path),
        _ => path,
    }
}

/// The operation, the component or whatever else something stands in.
fn whole(mut path: Vec<String>) -> Vec<String> {
    path.truncate(if path.first().is_some_and(|first| first == "components") { 3 } else { 2 });
    path
}

fn child<'n>(node: &'n Node, part: &str) -> Option<&'n Node> {
    match &node.kind {
        NodeKind::List(items) => items.get(part.parse::<usize>().ok()?),
        _ => node.get(part),
    }
}

/// Items by their numbers, names as they are.
fn order(one: &[String], two: &[String]) -> Ordering {
    let key = |part: &String| (part.parse::<usize>().ok(), part.clone());
    one.iter().map(key).cmp(two.iter().map(key))
}

/// The way to what stands at a place: names of members and numbers of items.
fn locate(node: &Node, place: usize, path: &mut Vec<String>) {
    let next = match &node.kind {
        NodeKind::Map(entries) => {
            let after = entries.partition_point(|(key, _)| key.span.start <= place);
            let entry = after.checked_sub(1).and_then(|at| entries.get(at));
            entry.map(|(key, value): &(Located<String>, Node)| (key.value.clone(), value))
        }
        NodeKind::List(items) => {
            let after = items.partition_point(|item| start(item) <= place);
            after.checked_sub(1).and_then(|at| Some((at.to_string(), items.get(at)?)))
        }
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

/// What only schemas of specs have: the rest of a schema stands without it.
const OWN: [&str; 2] = ["generate", "references"];

/// Whether it is a keyword of schemas without which the rest of the schema stands.
fn is_keyword(name: &str) -> bool {
    SAME.contains(&name) || APPLIED.contains(&name) || OWN.contains(&name)
}

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
            is_keyword(name)
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
pub(super) fn shown(path: &[String], root: &Node) -> String {
    let mut words = Vec::new();
    let mut node = Some(root);
    for part in path {
        node = node.and_then(|node| child(node, part));
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

/// The signs of expressions in a text are given by expressions, so that nothing looks like one that
/// has lost a sign.
fn spell(piece: &mut Piece, path: &[String]) {
    match (path, &mut piece.kind) {
        ([], Kind::Text(text)) => *text = spelt(text),
        ([first, rest @ ..], Kind::Map(members)) => {
            if let Some(member) = members.iter_mut().find(|member| member.key == *first) {
                spell(&mut member.value, rest);
            }
        }
        ([first, rest @ ..], Kind::List(items)) => {
            let item = first.parse::<usize>().ok().and_then(|at| items.get_mut(at));
            if let Some(item) = item {
                spell(item, rest);
            }
        }
        _ => {}
    }
}

/// A text with expressions stays as it is.
fn spelt(text: &str) -> String {
    /// How a text has `${` that is no expression.
    const LITERAL: &str = "$${";
    if text.split(LITERAL).any(|part| part.contains("${")) {
        return text.to_owned();
    }
    let given = |sign: char| match sign {
        '$' => "${'$'}".to_owned(),
        '{' => "${'{'}".to_owned(),
        other => other.to_string(),
    };
    text.replace(LITERAL, "${").chars().map(given).collect()
}
