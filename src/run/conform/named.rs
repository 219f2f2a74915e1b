//! Which elements are the documented ones, and in which namespace elements have to stand.

use std::sync::Arc;

use super::super::markup;
use super::finder::Finder;
use super::namespace::Namespace;
use crate::model::elements::Elements;
use crate::model::{Operation, Property, Schema, Text, TextPart, Tree};
use crate::value::Value;

impl Finder<'_> {
    /// Whether an element or attribute is the documented one: elements stand in the namespace of
    /// what they are in, attributes in none.
    pub(super) fn is_named(&self, name: &str, actual: &str) -> bool {
        if !self.markup() {
            return name == actual;
        }
        let (attribute, namespace, local) = markup::split(actual);
        if attribute {
            return markup::is_named(name, actual, &[]);
        }
        local == name && self.namespace.has(namespace)
    }

    /// Whether an element or attribute is that property.
    pub(super) fn is_property(&self, property: &Property, actual: &str) -> bool {
        match own_namespace(&property.schema) {
            Some(own) if self.markup() && !actual.starts_with('@') => {
                let (_, namespace, local) = markup::split(actual);
                local == &*property.name && own.has(namespace)
            }
            _ => self.is_named(&property.name, actual),
        }
    }

    /// Whether an element has the name of that property in another namespace.
    pub(super) fn is_property_elsewhere(&self, property: &Property, actual: &str) -> bool {
        match own_namespace(&property.schema) {
            Some(own) if self.markup() => {
                let (attribute, namespace, local) = markup::split(actual);
                !attribute && local == &*property.name && !own.has(namespace)
            }
            _ => self.is_elsewhere(&property.name, actual),
        }
    }

    /// Does something where the elements in an element of that schema stand.
    pub(super) fn within<T>(&mut self, schema: &Schema, look: impl FnOnce(&mut Self) -> T) -> T {
        self.in_namespace(schema.namespaces.content.as_ref().map(declared), look)
    }

    /// Does something where that property stands.
    pub(super) fn at<T>(&mut self, property: &Property, look: impl FnOnce(&mut Self) -> T) -> T {
        self.in_namespace(own_namespace(&property.schema), look)
    }

    fn in_namespace<T>(
        &mut self,
        namespace: Option<Namespace>,
        look: impl FnOnce(&mut Self) -> T,
    ) -> T {
        let Some(namespace) = namespace else { return look(self) };
        let outer = std::mem::replace(&mut self.namespace, namespace);
        let done = look(self);
        self.namespace = outer;
        done
    }

    /// A tree says nothing of namespaces that its operation's schema tells apart.
    pub(super) fn any_namespace_of(&mut self, operation: &Operation) {
        if self.documented(operation).and_then(Elements::of).is_some() {
            self.namespace = Namespace::Any;
        }
    }

    /// Whether an element has that name in another namespace than the documented one.
    pub(super) fn is_elsewhere(&self, name: &str, actual: &str) -> bool {
        let (attribute, namespace, local) = markup::split(actual);
        // A text stands in no namespace, wherever its element does.
        let element = !attribute && local != "#text";
        self.markup() && element && local == name && !self.namespace.has(namespace)
    }

    /// Says that an element stands in another namespace.
    pub(super) fn stands_elsewhere(&mut self, path: &str, actual: &str) {
        let there = markup::split(actual).1;
        let place = match there {
            Some(namespace) => format!("the namespace `{namespace}`"),
            None => "no namespace".to_owned(),
        };
        let (wanted, documented) = match &self.namespace {
            Namespace::In(namespace) => (namespace.to_string(), format!("`{namespace}`")),
            Namespace::Any | Namespace::Nothing => (String::new(), "none".to_owned()),
        };
        let message = format!("`{path}` is in {place}, {} {documented}", self.has("is"));
        self.note(path, &wanted, there.unwrap_or_default(), &message);
    }

    /// Where an element stands that is written with that name and content.
    pub(super) fn namespace_of(&self, name: &str, tree: &Tree) -> Namespace {
        if name.contains(':') && !name.starts_with('@') {
            return Namespace::Any;
        }
        declaration(tree).unwrap_or_else(|| self.namespace.clone())
    }
}

/// The namespace that the schema of an element says it stands in.
fn own_namespace(schema: &Schema) -> Option<Namespace> {
    let items = || schema.items.as_ref().and_then(|items| items.namespaces.own.as_ref());
    schema.namespaces.own.as_ref().or_else(items).map(declared)
}

/// The namespace that a tree declares for the element that it is the content of.
fn declaration(tree: &Tree) -> Option<Namespace> {
    match tree {
        Tree::Map(members) => {
            let (_, tree) = members.iter().find(|(name, _)| &**name == "@xmlns")?;
            Some(match tree {
                Tree::Constant(Value::Text(namespace)) => declared(namespace),
                Tree::Text(text) => literal(text).map_or(Namespace::Any, |n| declared(&n)),
                _ => Namespace::Any,
            })
        }
        Tree::Constant(value) => match value.get("@xmlns")? {
            Value::Text(namespace) => Some(declared(namespace)),
            _ => Some(Namespace::Any),
        },
        // Which of them it is only the answer shows.
        Tree::If { then, otherwise, .. } => {
            let mut branches = std::iter::once(then).chain(otherwise);
            branches.any(|tree| declaration(tree).is_some()).then_some(Namespace::Any)
        }
        Tree::ForEach { item, .. } => declaration(item),
        Tree::List(items) => {
            items.iter().any(|tree| declaration(tree).is_some()).then_some(Namespace::Any)
        }
        Tree::Expression(_) | Tree::Text(_) => None,
    }
}

fn declared(namespace: &Arc<str>) -> Namespace {
    if namespace.is_empty() { Namespace::Nothing } else { Namespace::In(namespace.clone()) }
}

/// A text in which nothing is worked out.
fn literal(text: &Text) -> Option<Arc<str>> {
    match &*text.parts {
        [TextPart::Literal(literal)] => Some(literal.to_string().into()),
        _ => None,
    }
}
