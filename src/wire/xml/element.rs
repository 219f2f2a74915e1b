//! An XML document as elements, and what that is as a tree.

use std::sync::Arc;

use super::read::{Build, Start};
use super::{SCHEMA_INSTANCE, XML_NAMESPACE};
use crate::value::{Map, Value};
use crate::wire::QualifiedName;
use crate::wire::grouping::Grouping;

/// An element with its names resolved.
#[derive(Debug, Clone)]
pub struct Element {
    /// The name.
    pub name: QualifiedName,
    /// The attributes in order, without namespace declarations.
    pub attributes: Vec<(QualifiedName, Arc<str>)>,
    /// The prefixes that it declares, with their namespaces; the default namespace has the empty
    /// prefix, and `None` takes it back.
    pub declarations: Vec<(Arc<str>, Option<Arc<str>>)>,
    /// Whether white space between its children counts, as `xml:space` says.
    pub keeps_space: bool,
    /// What is in it; neighbouring pieces of text are one, comments are gone.
    pub children: Vec<Node>,
}

/// What stands in an element.
#[derive(Debug, Clone)]
pub enum Node {
    /// A child element.
    Element(Element),
    /// A piece of text, never empty.
    Text(Arc<str>),
}

/// How an element says that it is null.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nil {
    /// By `nil` in the namespace of XML Schema instances.
    SchemaInstance,
    /// By `nil` in no namespace.
    Plain,
}

/// How attributes say that the element is null, should there be nothing in it.
pub(super) fn nil_of(attributes: &[(QualifiedName, Arc<str>)]) -> Option<Nil> {
    let says = |namespace: Option<&str>| {
        let mut named = attributes.iter().filter(|(name, _)| name.is(namespace, "nil"));
        named.any(|(_, value)| matches!(value.trim(), "true" | "1"))
    };
    match () {
        () if attributes.is_empty() => None,
        () if says(Some(SCHEMA_INSTANCE)) => Some(Nil::SchemaInstance),
        () if says(None) => Some(Nil::Plain),
        () => None,
    }
}

/// Whether white space counts in an element, within one in which it does or does not (XML 1.0
/// section 2.10).
pub(super) fn keeps_space(attributes: &[(QualifiedName, Arc<str>)], outer: bool) -> bool {
    let says = attributes.iter().find(|(name, _)| name.is(Some(XML_NAMESPACE), "space"));
    match says.map(|(_, value)| &**value) {
        Some("preserve") => true,
        Some("default") => false,
        _ => outer,
    }
}

/// The name that an attribute has in a tree; none for what is about the schema of a document, such
/// as `xsi:type`.
pub(super) fn attribute_member(name: &QualifiedName) -> Option<Arc<str>> {
    match name.namespace.as_deref() {
        None => Some(format!("@{}", name.local).into()),
        Some(SCHEMA_INSTANCE) => None,
        Some(XML_NAMESPACE) => Some(format!("@xml:{}", name.local).into()),
        Some(_) => Some(format!("@{name}").into()),
    }
}

impl Element {
    /// The child elements in order.
    pub fn elements(&self) -> impl Iterator<Item = &Self> {
        self.children.iter().filter_map(|node| match node {
            Node::Element(element) => Some(element),
            Node::Text(_) => None,
        })
    }

    /// The attribute of that name.
    pub fn attribute(&self, namespace: Option<&str>, local: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|(name, _)| name.is(namespace, local));
        found.map(|(_, value)| &**value)
    }

    /// The content as a tree; elements have their local names.
    pub fn to_value(&self) -> Value {
        if self.nil().is_some() {
            return Value::Null;
        }
        let has_elements = self.elements().next().is_some();
        let mut members = Grouping::default();
        for (name, value) in &self.attributes {
            if let Some(name) = attribute_member(name) {
                members.add(name, Value::Text(value.clone()));
            }
        }
        if !has_elements {
            let text = self.text();
            if members.len() == 0 {
                return Value::Text(text.unwrap_or_default());
            }
            let mut map = members.into_map();
            if let Some(text) = text {
                map.push("#text".into(), Value::Text(text));
            }
            return Value::map(map);
        }
        for child in self.elements() {
            members.add(child.name.local.clone(), child.to_value());
        }
        let mut map: Map = members.into_map();
        if let Some(text) = self.text_between_elements() {
            map.push("#text".into(), Value::Text(text));
        }
        Value::map(map)
    }

    /// How an element says that it is null; `None` where it does not.
    pub fn nil(&self) -> Option<Nil> {
        if self.children.is_empty() { nil_of(&self.attributes) } else { None }
    }

    /// The text of an element without child elements.
    fn text(&self) -> Option<Arc<str>> {
        self.children.iter().find_map(|node| match node {
            Node::Text(text) => Some(text.clone()),
            Node::Element(_) => None,
        })
    }

    /// Whether a piece of text in it is one, beside elements.
    pub fn counts(&self, text: &str) -> bool {
        self.keeps_space || !text.trim_matches([' ', '\t', '\n', '\r']).is_empty()
    }

    /// The pieces of text that count, joined.
    fn text_between_elements(&self) -> Option<Arc<str>> {
        let mut joined = String::new();
        for node in &self.children {
            if let Node::Text(text) = node
                && self.counts(text)
            {
                joined.push_str(text);
            }
        }
        (!joined.is_empty()).then(|| joined.into())
    }
}

/// Makes elements of a document.
#[derive(Debug, Default)]
pub(super) struct Elements {
    open: Vec<Element>,
    /// The text since the last tag.
    text: String,
    pub(super) root: Option<Element>,
}

impl Elements {
    fn end_text(&mut self) {
        if let Some(parent) = self.open.last_mut()
            && !self.text.is_empty()
        {
            parent.children.push(Node::Text(self.text.as_str().into()));
            self.text.clear();
        }
    }
}

impl Build for Elements {
    fn start(&mut self, element: &mut Start<'_>) {
        self.end_text();
        let declarations = element.declarations.iter();
        let outer = self.open.last().is_some_and(|outer| outer.keeps_space);
        let keeps_space = keeps_space(element.attributes, outer);
        self.open.push(Element {
            name: element.name(),
            declarations: declarations.map(|(p, ns)| ((*p).into(), ns.clone())).collect(),
            attributes: std::mem::take(element.attributes),
            keeps_space,
            children: Vec::new(),
        });
    }

    fn text(&mut self, text: &str) {
        self.text.push_str(text);
    }

    fn end(&mut self, _: usize) {
        self.end_text();
        let Some(element) = self.open.pop() else { return };
        match self.open.last_mut() {
            Some(parent) => parent.children.push(Node::Element(element)),
            None => self.root = Some(element),
        }
    }
}
