//! XML as trees whose names are qualified, in the notation of James Clark: `{namespace}local`.
//!
//! So the comparison of trees is one for all forms, and only looking up a name differs.

mod document;
mod qualified;

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use crate::value::{Map, Value};
use crate::wire::xml::{BOUND_PREFIXES as BOUND, Element};

pub use document::document;
pub(in crate::run) use qualified::{expected_namespace, is_same_name, resolved, shown_name};

/// Prefixes and namespaces.
pub type Namespaces = [(Arc<str>, Arc<str>)];

/// The member beside `#text` that says which namespace the prefix of a qualified name stands for.
pub const NAMESPACE: &str = "#namespace";

/// So many characters of a name are shown in a path.
const LONGEST_NAME: usize = 200;

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

/// The name as it is shown: with its prefix where it has one. An attribute without a prefix is in
/// no namespace, so one that is in another is shown with it.
pub fn shown(name: &str, namespaces: &Namespaces) -> String {
    let (attribute, namespace, local) = split(name);
    let at = if attribute { "@" } else { "" };
    match (namespace.map(|namespace| prefix_of(namespace, namespaces)), namespace) {
        (Some(Some(prefix)), _) => format!("{at}{prefix}:{local}"),
        (_, Some(namespace)) if attribute => format!("{at}{{{namespace}}}{local}"),
        _ => format!("{at}{local}"),
    }
}

/// The same in a path.
pub(in crate::run) fn in_path(name: &str, namespaces: &Namespaces) -> String {
    name_in_path(&shown(name, namespaces)).into_owned()
}

/// A name in a path, which is cut where it is longer than anybody reads.
pub(in crate::run) fn name_in_path(name: &str) -> Cow<'_, str> {
    match name.char_indices().nth(LONGEST_NAME) {
        Some((end, _)) => Cow::Owned(format!("{}…", name.get(..end).unwrap_or_default())),
        None => Cow::Borrowed(name),
    }
}

/// The prefix of a namespace, where it has one.
pub fn prefix_of<'n>(namespace: &str, namespaces: &'n Namespaces) -> Option<&'n str> {
    let given = namespaces.iter().map(|(prefix, known)| (&**prefix, &**known));
    let free = |prefix: &str| !namespaces.iter().any(|(known, _)| **known == *prefix);
    let bound = BOUND.into_iter().filter(|(prefix, _)| free(prefix));
    let mut all = given.filter(|(prefix, _)| !prefix.is_empty()).chain(bound);
    all.find(|(_, known)| *known == namespace).map(|(prefix, _)| prefix)
}

/// Adds a prefix for each namespace of a document: its own, where it has one.
pub fn gather(element: &Element, namespaces: &mut Vec<(Arc<str>, Arc<str>)>) {
    let used = element.attributes.iter().map(|(name, _)| (name, true));
    for (name, _) in used.chain([(&element.name, false)]) {
        if let Some(namespace) = &name.namespace
            && prefix_of(namespace, namespaces).is_none()
        {
            let declared = element.declarations.iter().find_map(|(prefix, known)| {
                (known.as_ref() == Some(namespace) && !prefix.is_empty()).then(|| prefix.clone())
            });
            let numbered = (1..).map(|number| Arc::from(format!("ns{number}")));
            let mut prefixes = declared.into_iter().chain(numbered);
            let free = prefixes.find(|it| namespace_of(it, namespaces).is_none());
            namespaces.extend(free.map(|prefix| (prefix, namespace.clone())));
        }
    }
    element.elements().for_each(|child| gather(child, namespaces));
}

/// What a prefix stands for.
pub fn namespace_of<'n>(prefix: &str, namespaces: &'n Namespaces) -> Option<&'n str> {
    let given = namespaces.iter().map(|(prefix, known)| (&**prefix, &**known));
    given.chain(BOUND).find(|(known, _)| *known == prefix).map(|(_, namespace)| namespace)
}

/// The qualified form of a name that an expectation has.
pub fn qualified(expected: &str, namespaces: &Namespaces) -> Arc<str> {
    let (at, name) = match expected.strip_prefix('@') {
        Some(rest) => ("@", rest),
        None => ("", expected),
    };
    let known = name.split_once(':').and_then(|(prefix, local)| {
        let namespace = namespace_of(prefix, namespaces)?;
        Some(format!("{at}{{{namespace}}}{local}"))
    });
    known.map_or_else(|| expected.into(), Into::into)
}

/// Whether an expected name is that qualified one: by its namespace where it has a prefix. Without
/// one, an element is meant in whatever namespace, and an attribute in none.
pub fn is_named(expected: &str, actual: &str, namespaces: &Namespaces) -> bool {
    let expected = qualified(expected, namespaces);
    let (attribute, namespace, local) = split(&expected);
    let (actual_attribute, actual_namespace, actual_local) = split(actual);
    attribute == actual_attribute
        && local == actual_local
        && (namespace == actual_namespace || namespace.is_none() && !attribute)
}

/// The tree with names as they are shown; of two that would look alike, each has its namespace.
pub fn plain(value: &Value, namespaces: &Namespaces) -> Value {
    if let Some(name) = shown_name(value, namespaces) {
        let others = value.members().into_iter().flatten();
        let others = others.filter(|(name, _)| !matches!(&***name, "#text" | NAMESPACE));
        let mut map: Map = others
            .map(|(name, value)| (shown(name, namespaces).into(), plain(value, namespaces)))
            .collect();
        if map.is_empty() {
            return Value::Text(name);
        }
        map.push("#text".into(), Value::Text(name));
        return Value::map(map);
    }
    match value {
        Value::List(items) => {
            Value::list(items.iter().map(|item| plain(item, namespaces)).collect())
        }
        Value::Map(_) | Value::Record(_) => {
            let mut map = Map::new();
            let members: Vec<_> = value.members().into_iter().flatten().collect();
            let names: Vec<String> =
                members.iter().map(|(name, _)| shown(name, namespaces)).collect();
            let mut alike: HashMap<&str, usize> = HashMap::new();
            for name in &names {
                *alike.entry(name).or_default() += 1;
            }
            for ((name, value), own) in members.iter().zip(&names) {
                let is_alone = alike.get(own.as_str()) == Some(&1);
                let shown = if is_alone { own.as_str().into() } else { (*name).clone() };
                map.push(shown, plain(value, namespaces));
            }
            Value::map(map)
        }
        scalar => scalar.clone(),
    }
}
