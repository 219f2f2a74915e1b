//! The documents that a WSDL is made of, with names resolved.

use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::super::notes::{Notes, OUTSIDE, OUTSIDE_HELP};
use super::{SCHEMA, WSDL};
use crate::diagnostic::Diagnostic;
use crate::files::{self, within::Within};
use crate::wire::xml::{Element, Node, decode_element};
use crate::wire::{Limits, QualifiedName};

/// How many documents are read.
const MOST: usize = 500;

/// An element with the prefixes that hold in it.
#[derive(Debug, Clone)]
pub(super) struct At {
    pub(super) name: QualifiedName,
    pub(super) attributes: Vec<(QualifiedName, Rc<str>)>,
    pub(super) children: Vec<Self>,
    pub(super) text: String,
    scope: Scope,
}

/// The prefixes that hold somewhere, with their namespaces; the last one of a prefix counts.
type Scope = Rc<Vec<(Rc<str>, Option<Rc<str>>)>>;

/// A name with its namespace.
pub(super) type Name = (String, String);

impl At {
    fn new(element: &Element, outer: &Scope) -> Self {
        let mut scope = outer.clone();
        if !element.declarations.is_empty() {
            let own = element.declarations.iter().map(|(prefix, namespace)| {
                (Rc::from(&**prefix), namespace.as_deref().map(Rc::from))
            });
            Rc::make_mut(&mut scope).extend(own);
        }
        let attributes = element.attributes.iter();
        Self {
            name: element.name.clone(),
            attributes: attributes
                .map(|(name, value)| (name.clone(), Rc::from(&**value)))
                .collect(),
            children: element.elements().map(|child| Self::new(child, &scope)).collect(),
            text: text(element),
            scope,
        }
    }

    /// Whether it is that element.
    pub(super) fn is(&self, namespace: &str, local: &str) -> bool {
        self.name.is(Some(namespace), local)
    }

    /// The attribute of that name in no namespace.
    pub(super) fn attribute(&self, local: &str) -> Option<&str> {
        self.attributes.iter().find(|(name, _)| name.is(None, local)).map(|(_, value)| &**value)
    }

    /// The children that are that element.
    pub(super) fn all<'a>(
        &'a self,
        namespace: &'a str,
        local: &'a str,
    ) -> impl Iterator<Item = &'a Self> {
        self.children.iter().filter(move |child| child.is(namespace, local))
    }

    /// The first child that is that element.
    pub(super) fn one(&self, namespace: &str, local: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.is(namespace, local))
    }

    /// What an attribute names; what has no prefix is in the default namespace.
    pub(super) fn named(&self, attribute: &str) -> Option<Name> {
        Some(self.resolved(self.attribute(attribute)?.trim()))
    }

    /// The same of an attribute that is in a namespace.
    pub(super) fn named_in(&self, namespace: &str, local: &str) -> Option<Name> {
        let mut all = self.attributes.iter();
        let (_, value) = all.find(|(name, _)| name.is(Some(namespace), local))?;
        Some(self.resolved(value.trim()))
    }

    fn resolved(&self, text: &str) -> Name {
        let (prefix, local) = text.split_once(':').unwrap_or(("", text));
        let declared = self.scope.iter().rev().find(|(known, _)| **known == *prefix);
        let namespace = declared.and_then(|(_, namespace)| namespace.as_deref());
        (namespace.unwrap_or_default().to_owned(), local.to_owned())
    }

    /// What an attribute names that may name several.
    pub(super) fn names(&self, attribute: &str) -> Vec<Name> {
        let text = self.attribute(attribute).unwrap_or_default();
        text.split_whitespace().map(|name| self.resolved(name)).collect()
    }

    /// The local name of an element of XML Schema; nothing of another one.
    pub(super) fn schema_word(&self) -> Option<&str> {
        (self.name.namespace.as_deref() == Some(SCHEMA)).then_some(&*self.name.local)
    }
}

fn text(element: &Element) -> String {
    let pieces = element.children.iter().filter_map(|child| match child {
        Node::Text(text) => Some(text.trim()),
        Node::Element(_) => None,
    });
    pieces.collect::<Vec<_>>().join(" ").trim().to_owned()
}

/// The roots of a WSDL and of all that it imports, `wsdl:definitions` and `xs:schema`.
#[derive(Debug, Default)]
pub(super) struct Documents {
    pub(super) definitions: Vec<At>,
    /// Each with the namespace of whoever includes it.
    pub(super) schemas: Vec<(At, String)>,
}

/// Reads a WSDL and what it imports; none is read twice, so circles end.
pub(super) fn load(path: &Path, notes: &mut Notes) -> Result<Documents, Vec<Diagnostic>> {
    let root = read(path).map_err(|message| {
        vec![Diagnostic::without_place("unreadable", format!("{} {message}", path.display()))]
    })?;
    if !root.is(WSDL, "definitions") {
        let message = match root.name.namespace.as_deref() {
            Some("http://www.w3.org/ns/wsdl") => "is WSDL 2.0; WSDL 1.1 is read",
            _ => "is not WSDL 1.1: its root is not `definitions`",
        };
        let message = format!("{} {message}", path.display());
        return Err(vec![Diagnostic::without_place("other-format", message)]);
    }
    let within = Within::of([path]);
    let mut documents = Documents::default();
    let mut waiting = vec![(path.to_owned(), root, String::new())];
    let mut known: Vec<(PathBuf, String)> = vec![(same(path), String::new())];
    while let Some((path, root, outer)) = waiting.pop() {
        let mut wanted: Vec<(String, String)> = Vec::new();
        if root.is(WSDL, "definitions") {
            for import in root.all(WSDL, "import") {
                wanted
                    .extend(import.attribute("location").map(|it| (it.to_owned(), String::new())));
            }
            for types in root.all(WSDL, "types") {
                for schema in types.all(SCHEMA, "schema") {
                    add(schema.clone(), "", &mut documents, &mut wanted);
                }
            }
            documents.definitions.push(root);
        } else if root.is(SCHEMA, "schema") {
            add(root, &outer, &mut documents, &mut wanted);
        } else {
            notes.leave(format!("{}: it is neither WSDL nor a schema", path.display()), None);
        }
        for (location, outer) in wanted {
            if location.contains("://") && !location.starts_with("file://") {
                notes.leave(format!("`{location}`: nothing is fetched; save it beside"), None);
                continue;
            }
            let location = location.strip_prefix("file://").unwrap_or(&location);
            let other = path.parent().unwrap_or(Path::new("")).join(location);
            let key = (same(&other), outer.clone());
            if known.contains(&key) {
                continue;
            }
            known.push(key);
            if known.len() > MOST {
                notes.leave(format!("imports beyond {MOST} documents"), None);
                return Ok(documents);
            }
            if !within.holds(&other) {
                notes.leave(format!("`{location}`, an import: it {OUTSIDE}; {OUTSIDE_HELP}"), None);
                continue;
            }
            match read(&other) {
                Ok(root) => waiting.push((other, root, outer)),
                Err(message) => notes.leave(format!("`{location}`, an import: it {message}"), None),
            }
        }
    }
    Ok(documents)
}

fn add(schema: At, outer: &str, documents: &mut Documents, wanted: &mut Vec<(String, String)>) {
    let own = schema.attribute("targetNamespace").unwrap_or(outer).to_owned();
    for (word, namespace) in [("import", ""), ("include", &*own), ("redefine", &*own)] {
        let all = schema.all(SCHEMA, word);
        let locations = all.filter_map(|import| import.attribute("schemaLocation"));
        wanted.extend(locations.map(|location| (location.to_owned(), namespace.to_owned())));
    }
    documents.schemas.push((schema, own));
}

fn same(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

fn read(path: &Path) -> Result<At, String> {
    let bytes = files::read(path).map_err(|error| format!("cannot be read: {error}"))?;
    let element = decode_element(&bytes, &Limits::default())
        .map_err(|error| format!("is not XML that can be read: {error}"))?;
    Ok(At::new(&element, &Rc::default()))
}
