//! Which names stand where: what gives them, and what uses them. What keys are for.

use std::fmt::Write;

use super::schema::{Said, Schema};
use crate::source::Span;
use crate::syntax::{Node, NodeKind};

/// What is told of what a name is of, in this order.
const TOLD: &[&str] = &[
    "says",
    "summary",
    "title",
    "description",
    "method",
    "path",
    "status",
    "implements",
    "decision",
    "source",
    "evidence",
];

/// A name at a place.
#[derive(Debug, Clone)]
pub(super) struct Name {
    /// What it is of, as the schemas say it: `operation`, `error`.
    pub(super) kind: String,
    /// The name.
    pub(super) text: String,
    /// Where.
    pub(super) span: Span,
    /// What it is of, if it is given here.
    pub(super) given: Option<String>,
    /// The operation or scenario in which it stands.
    pub(super) owner: Option<String>,
    /// The evidence that is written beside it.
    pub(super) evidence: Option<String>,
}

/// All names of a file, in the order of their places.
pub(super) fn names(schema: Schema, root: &Node) -> Vec<Name> {
    let mut names = Names { schema, found: Vec::new() };
    names.walk(&vec![schema.0], root, Around { parent: root, owner: None });
    names.found
}

struct Names {
    schema: Schema,
    found: Vec<Name>,
}

/// What a node stands in.
#[derive(Debug, Clone, Copy)]
struct Around<'n> {
    /// The next mapping.
    parent: &'n Node,
    /// The name of the operation or scenario.
    owner: Option<&'n str>,
}

impl Names {
    fn add(&mut self, kind: &str, name: &str, span: &Span, given: Option<&Node>, around: Around) {
        let evidence = around.parent.get("evidence").and_then(Node::as_text);
        // In a reference, the name is not the first of its parts.
        let span = match name.len() == span.text().len() {
            true => span.clone(),
            false => {
                let part = span.narrow(&format!("/{kind}/{name}"));
                let start = part.end.saturating_sub(name.len()).max(part.start);
                Span { start, ..part }.narrow(name)
            }
        };
        self.found.push(Name {
            kind: kind.to_owned(),
            text: name.to_owned(),
            span,
            given: given.map(described),
            owner: around.owner.map(str::to_owned),
            evidence: evidence.map(str::to_owned),
        });
    }

    fn walk<'n>(&mut self, said: &Said, node: &'n Node, around: Around<'n>) {
        let about = self.schema.about(said, node);
        match &node.kind {
            NodeKind::Text(text) => {
                if let Some((kind, name)) = component(text) {
                    self.add(kind, name, &node.span, None, around);
                }
                if let Some(kind) = self.schema.says(&about, "x-names") {
                    self.add(kind, text, &node.span, None, around);
                }
                if let Some(kind) = self.schema.says(&about, "x-defines") {
                    self.add(kind, text, &node.span, Some(around.parent), around);
                }
            }
            NodeKind::List(items) => {
                let said = Schema::items(&about);
                for item in items {
                    self.walk(&said, item, around);
                }
            }
            NodeKind::Map(entries) => {
                let own = node.get("operationId").or_else(|| node.get("name"));
                let owner = around.owner.or_else(|| own.and_then(Node::as_text));
                let around = Around { parent: node, owner };
                for (key, value) in entries {
                    if let Some(kind) = self.schema.says(&about, "x-keys-name") {
                        self.add(kind, &key.value, &key.span, None, around);
                    }
                    if let Some(kind) = self.schema.says(&about, "x-keys-define") {
                        self.add(kind, &key.value, &key.span, Some(value), around);
                    }
                    self.walk(&Schema::member(&about, &key.value), value, around);
                }
            }
            _ => {}
        }
    }
}

/// The kind and the name in `#/components/KIND/NAME`.
fn component(text: &str) -> Option<(&str, &str)> {
    let (kind, rest) = text.strip_prefix("#/components/")?.split_once('/')?;
    let name = rest.split('/').next()?;
    (!name.is_empty()).then_some((kind, name))
}

fn described(node: &Node) -> String {
    let mut text = String::new();
    for key in TOLD {
        let value = node.get(key).map(Node::to_value);
        if let Some(value) = value.filter(|value| !value.to_string().is_empty()) {
            let _ = writeln!(text, "- {key}: {}", value.to_string().trim_matches('"'));
        }
    }
    text
}

/// What the key at a byte is for, and where it stands.
pub(super) fn key_at(schema: Schema, root: &Node, at: usize) -> Option<(&Span, &'static str)> {
    key_in(schema, &vec![schema.0], root, at)
}

fn key_in<'n>(
    schema: Schema,
    said: &Said,
    node: &'n Node,
    at: usize,
) -> Option<(&'n Span, &'static str)> {
    let about = schema.about(said, node);
    match &node.kind {
        NodeKind::List(items) => {
            let said = Schema::items(&about);
            items.iter().find_map(|item| key_in(schema, &said, item, at))
        }
        NodeKind::Map(entries) => entries.iter().find_map(|(key, value)| {
            let member = Schema::member(&about, &key.value);
            if touches(&key.span, at) {
                return Some((&key.span, schema.says(&member, "description")?));
            }
            key_in(schema, &member, value, at)
        }),
        _ => None,
    }
}

/// Whether a byte is in a span or just behind it.
pub(super) fn touches(span: &Span, at: usize) -> bool {
    span.start <= at && at <= span.end
}
