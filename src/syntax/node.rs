//! A YAML tree with places.

use std::sync::Arc;

use crate::source::{Located, Span};
use crate::value::{Map, Number, Value};

/// A piece of YAML and where it stands.
#[derive(Debug, Clone)]
pub struct Node {
    /// What it is.
    pub kind: NodeKind,
    /// Where it stands. A scalar is covered whole, quotes included; of a list or a mapping, the
    /// beginning.
    pub span: Span,
}

/// What a piece of YAML is.
#[derive(Debug, Clone)]
pub enum NodeKind {
    /// `null`, `~`, or nothing at all.
    Null,
    /// `true` or `false`, and no other word.
    Bool(bool),
    /// A whole number.
    Integer(i64),
    /// Any other number.
    Number(Number),
    /// Text.
    Text(String),
    /// Items in order.
    List(Vec<Node>),
    /// Members in order; a key stands once.
    Map(Vec<(Located<String>, Node)>),
}

impl Node {
    /// What it is, for people: `a text`, `a list`.
    pub fn kind_word(&self) -> &'static str {
        match self.kind {
            NodeKind::Null => "nothing",
            NodeKind::Bool(_) => "a boolean",
            NodeKind::Integer(_) | NodeKind::Number(_) => "a number",
            NodeKind::Text(_) => "a string",
            NodeKind::List(_) => "a list",
            NodeKind::Map(_) => "a mapping",
        }
    }

    /// The whole number, if it is one that is not too large: `2.0` and `2e0` are 2.
    pub fn whole(&self) -> Option<i64> {
        match &self.kind {
            NodeKind::Integer(value) => Some(*value),
            NodeKind::Number(number) => number.to_i64(),
            _ => None,
        }
    }

    /// The text, if it is one.
    pub fn as_text(&self) -> Option<&str> {
        match &self.kind {
            NodeKind::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The members, if it is a mapping.
    pub fn as_map(&self) -> Option<&[(Located<String>, Self)]> {
        match &self.kind {
            NodeKind::Map(entries) => Some(entries),
            _ => None,
        }
    }

    /// The items, if it is a list.
    pub fn as_list(&self) -> Option<&[Self]> {
        match &self.kind {
            NodeKind::List(items) => Some(items),
            _ => None,
        }
    }

    /// The member of that name, if it is a mapping that has one.
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.entry(key).map(|(_, node)| node)
    }

    /// The member of that name with its key.
    pub fn entry(&self, key: &str) -> Option<(&Located<String>, &Self)> {
        self.as_map()?.iter().find(|(name, _)| name.value == key).map(|(name, node)| (name, node))
    }

    /// The data alone.
    pub fn to_value(&self) -> Value {
        match &self.kind {
            NodeKind::Null => Value::Null,
            NodeKind::Bool(value) => Value::Bool(*value),
            NodeKind::Integer(value) => Value::Integer(*value),
            NodeKind::Number(value) => Value::Number(value.clone()),
            NodeKind::Text(text) => Value::text(text.as_str()),
            NodeKind::List(items) => Value::list(items.iter().map(Self::to_value).collect()),
            NodeKind::Map(entries) => {
                let mut map = Map::with_capacity(entries.len());
                for (key, node) in entries {
                    map.push(Arc::from(key.value.as_str()), node.to_value());
                }
                Value::map(map)
            }
        }
    }
}
