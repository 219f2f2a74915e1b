//! XML as trees whose names are qualified, in the notation of James Clark: `{namespace}local`.
//!
//! So the comparison of trees is one for all forms, and only looking up a name differs.

use std::sync::Arc;

use crate::value::{Map, Value};
use crate::wire::QualifiedName;
use crate::wire::xml::{Element, Node, SCHEMA_INSTANCE};

/// Prefixes and namespaces.
pub type Namespaces = [(Arc<str>, Arc<str>)];

/// A document: an object whose one member is the root.
pub fn document(root: &Element) -> Value {
    let mut map = Map::new();
    map.push(root.name.to_string().into(), content(root));
    Value::map(map)
}

/// The content of an element, as [`Element::to_value`] has it.
fn content(element: &Element) -> Value {
    if is_nil(element) {
        return Value::Null;
    }
    let mut members = Map::new();
    for (name, value) in &element.attributes {
        if name.namespace.as_deref() != Some(SCHEMA_INSTANCE) {
            members.push(format!("@{name}").into(), Value::Text(value.clone()));
        }
    }
    let mut groups: Vec<(&QualifiedName, Vec<Value>)> = Vec::new();
    for child in element.elements() {
        let value = content(child);
        match groups.iter_mut().find(|(name, _)| **name == child.name) {
            Some((_, values)) => values.push(value),
            None => groups.push((&child.name, vec![value])),
        }
    }
    let has_elements = !groups.is_empty();
    for (name, mut values) in groups {
        let value = match (values.pop(), values.is_empty()) {
            (Some(one), true) => one,
            (Some(last), false) => {
                values.push(last);
                Value::list(values)
            }
            (None, _) => continue,
        };
        members.push(name.to_string().into(), value);
    }
    let mut text = String::new();
    for node in &element.children {
        if let Node::Text(piece) = node
            && (!has_elements || !is_blank(piece))
        {
            text.push_str(piece);
        }
    }
    if members.is_empty() {
        return text.into();
    }
    if !text.is_empty() {
        members.push("#text".into(), text.into());
    }
    Value::map(members)
}

/// Whether an element says that it is null.
fn is_nil(element: &Element) -> bool {
    element.children.is_empty()
        && [None, Some(SCHEMA_INSTANCE)].iter().any(|namespace| {
            matches!(element.attribute(*namespace, "nil").map(str::trim), Some("true" | "1"))
        })
}

/// Only white space, or nothing.
pub fn is_blank(text: &str) -> bool {
    text.trim_matches([' ', '\t', '\n', '\r']).is_empty()
}

/// The namespace and the local name of a qualified one, and whether it is of an attribute.
pub fn split(name: &str) -> (bool, Option<&str>, &str) {
    let (attribute, name) = match name.strip_prefix('@') {
        Some(rest) => (true, rest),
        None => (false, name),
    };
    match name.strip_prefix('{').and_then(|rest| rest.split_once('}')) {
        Some((namespace, local)) => (attribute, Some(namespace), local),
        None => (attribute, None, name),
    }
}

/// The name as it is shown: with its prefix where it has one.
pub fn shown(name: &str, namespaces: &Namespaces) -> String {
    let (attribute, namespace, local) = split(name);
    let at = if attribute { "@" } else { "" };
    let prefix = namespace.and_then(|namespace| prefix_of(namespace, namespaces));
    match prefix {
        Some(prefix) => format!("{at}{prefix}:{local}"),
        None => format!("{at}{local}"),
    }
}

/// The prefix of a namespace, where it has one.
pub fn prefix_of<'n>(namespace: &str, namespaces: &'n Namespaces) -> Option<&'n str> {
    let found =
        namespaces.iter().find(|(prefix, known)| !prefix.is_empty() && **known == *namespace);
    found.map(|(prefix, _)| &**prefix)
}

/// The qualified form of a name that an expectation has.
pub fn qualified(expected: &str, namespaces: &Namespaces) -> Arc<str> {
    let (at, name) = match expected.strip_prefix('@') {
        Some(rest) => ("@", rest),
        None => ("", expected),
    };
    let known = name.split_once(':').and_then(|(prefix, local)| {
        let (_, namespace) = namespaces.iter().find(|(known, _)| **known == *prefix)?;
        Some(format!("{at}{{{namespace}}}{local}"))
    });
    known.map_or_else(|| expected.into(), Into::into)
}

/// Whether an expected name is that qualified one: by its namespace where it has a prefix, else
/// by its local name in whatever namespace.
pub fn is_named(expected: &str, actual: &str, namespaces: &Namespaces) -> bool {
    let expected = qualified(expected, namespaces);
    let (attribute, namespace, local) = split(&expected);
    let (actual_attribute, actual_namespace, actual_local) = split(actual);
    attribute == actual_attribute
        && local == actual_local
        && (namespace.is_none() || namespace == actual_namespace)
}

/// The tree with names as they are shown.
pub fn plain(value: &Value, namespaces: &Namespaces) -> Value {
    match value {
        Value::List(items) => {
            Value::list(items.iter().map(|item| plain(item, namespaces)).collect())
        }
        Value::Map(_) | Value::Record(_) => {
            let mut map = Map::new();
            for (name, value) in value.members().into_iter().flatten() {
                map.push(shown(name, namespaces).into(), plain(value, namespaces));
            }
            Value::map(map)
        }
        scalar => scalar.clone(),
    }
}
