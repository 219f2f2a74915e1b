//! XPath 1.0 with namespaces.
//!
//! The document is read by our own XML reader, with its limits, and handed over as a tree; so
//! comments and processing instructions are not there: a text around one is one text, who asks
//! for one is refused when that is loaded, and `name()` is the local name.

use std::sync::Arc;

use sxd_document::{Package, QName, dom};
use sxd_xpath::nodeset::Node as Selectable;
use sxd_xpath::{Context, Factory, Value as Outcome};

use super::{SelectorError, xpath_comparison, xpath_names};
use crate::wire::xml::{BOUND_PREFIXES, Element, Node, decode_element};
use crate::wire::{Limits, QualifiedName};

/// The longest expression; the library recurses for operators.
const LONGEST: usize = 2048;

/// How deep parentheses and brackets may stand in each other; the library recurses for them.
const DEEPEST: usize = 32;

/// An XPath, known to be one.
///
/// The library's compiled form cannot be shared by threads, so an expression is read again for
/// each answer, which takes microseconds.
#[derive(Debug, Clone)]
pub struct XPath {
    expression: Arc<str>,
    namespaces: Vec<(Arc<str>, Arc<str>)>,
}

/// What an expression gives.
#[derive(Debug, Clone, PartialEq)]
pub enum Selected {
    /// A number, as `count()` gives.
    Number(f64),
    /// A truth value, as a comparison gives.
    Boolean(bool),
    /// A text, as `string()` gives.
    Text(String),
    /// The string values of nodes, in the order of the document.
    Nodes(Vec<String>),
}

/// Reads an expression; `namespaces` are its prefixes and what they stand for.
pub fn compile(
    expression: &str,
    namespaces: &[(Arc<str>, Arc<str>)],
) -> Result<XPath, SelectorError> {
    if expression.len() > LONGEST {
        return Err(SelectorError::new(format!("an XPath has at most {LONGEST} characters")));
    }
    let mut depth = 0usize;
    for byte in expression.bytes() {
        match byte {
            b'(' | b'[' => depth += 1,
            b')' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > DEEPEST {
            return Err(SelectorError::new(format!("an XPath is nested at most {DEEPEST} deep")));
        }
    }
    build(expression)?;
    let is_prefix = |prefix: &str| {
        BOUND_PREFIXES.iter().any(|(known, _)| *known == prefix)
            || namespaces.iter().any(|(known, _)| &**known == prefix)
    };
    xpath_names::check(expression, is_prefix)?;
    let rewritten = xpath_comparison::rewritten(expression, DEEPEST)?;
    build(&rewritten)?;
    Ok(XPath { expression: rewritten.into(), namespaces: namespaces.to_vec() })
}

fn build(expression: &str) -> Result<sxd_xpath::XPath, SelectorError> {
    match Factory::new().build(expression) {
        Ok(Some(built)) => Ok(built),
        Ok(None) => Err(SelectorError::new("this XPath is empty")),
        Err(error) => {
            let reason = in_words(&error.to_string());
            Err(SelectorError::new(format!("this is not a valid XPath 1.0: {reason}")))
        }
    }
}

/// The library names its errors like types: `TrailingSlash`.
fn in_words(name: &str) -> String {
    let mut words = String::new();
    for c in name.chars() {
        if c.is_ascii_uppercase() && words.ends_with(|c: char| c.is_ascii_lowercase()) {
            words.push(' ');
        }
        words.push(c.to_ascii_lowercase());
    }
    words
}

impl XPath {
    /// What it gives for a document; an error where that is not XML, or where the expression asks
    /// for what cannot be, such as the sum of a text.
    pub fn evaluate(&self, xml: &[u8]) -> Result<Selected, SelectorError> {
        let root = decode_element(xml, &Limits::default())
            .map_err(|error| SelectorError::new(format!("the answer is not XML: {error}")))?;
        self.select(&root)
    }

    /// What it gives for a document that was read.
    pub fn select(&self, root: &Element) -> Result<Selected, SelectorError> {
        let package = Package::new();
        let document = package.as_document();
        document.root().append_child(plant(document, root));
        let mut context = Context::new();
        xpath_comparison::provide(&mut context);
        for (prefix, namespace) in BOUND_PREFIXES {
            context.set_namespace(prefix, namespace);
        }
        for (prefix, namespace) in &self.namespaces {
            context.set_namespace(prefix, namespace);
        }
        let outcome = build(&self.expression)?
            .evaluate(&context, document.root())
            .map_err(|error| SelectorError::new(format!("the XPath cannot be used: {error}")))?;
        Ok(match outcome {
            Outcome::Number(value) => Selected::Number(value),
            Outcome::Boolean(value) => Selected::Boolean(value),
            Outcome::String(value) => Selected::Text(value),
            Outcome::Nodeset(nodes) => {
                let nodes = nodes.document_order();
                Selected::Nodes(nodes.iter().map(Selectable::string_value).collect())
            }
        })
    }
}

fn qualified(name: &QualifiedName) -> QName<'_> {
    QName::with_namespace_uri(name.namespace.as_deref(), &name.local)
}

fn plant<'d>(document: dom::Document<'d>, element: &Element) -> dom::Element<'d> {
    let planted = document.create_element(qualified(&element.name));
    for (name, value) in &element.attributes {
        planted.set_attribute_value(qualified(name), value);
    }
    for child in &element.children {
        match child {
            Node::Element(child) => planted.append_child(plant(document, child)),
            Node::Text(text) => planted.append_child(document.create_text(text)),
        }
    }
    planted
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHELVES: &[u8] = br#"<?xml version="1.0"?>
        <shelves xmlns:x="https://library.example/" count="2"
            xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
          <shelf><name>A</name><x:note x:kind="k" xml:lang="en" xsi:type="x:T">old</x:note></shelf>
          <shelf><name>B&amp;C</name></shelf>
        </shelves>"#;

    fn nodes(texts: &[&str]) -> Selected {
        Selected::Nodes(texts.iter().map(|&text| text.to_owned()).collect())
    }

    #[test]
    fn expressions_give_what_they_say() {
        let namespaces = [("l".into(), "https://library.example/".into())];
        for (expression, selected) in [
            ("/shelves/shelf/name", nodes(&["A", "B&C"])),
            ("//name[last()]/text()", nodes(&["A", "B&C"])),
            ("/shelves/@count", nodes(&["2"])),
            ("//l:note", nodes(&["old"])),
            ("//l:note/@l:kind", nodes(&["k"])),
            ("//l:note/@kind", nodes(&[])),
            ("//l:note/@xml:lang", nodes(&["en"])),
            ("//l:note/@xsi:type", nodes(&["x:T"])),
            ("//@lang", nodes(&[])),
            ("//note", nodes(&[])),
            ("count(//shelf)", Selected::Number(2.0)),
            ("/shelves/@count = 2", Selected::Boolean(true)),
            ("string(//shelf[2]/name)", Selected::Text("B&C".to_owned())),
        ] {
            let path = compile(expression, &namespaces).unwrap();
            assert_eq!(path.evaluate(SHELVES).unwrap(), selected, "{expression}");
        }
    }

    #[test]
    fn what_is_no_xpath_is_said() {
        let deep = format!("{}1{}", "(".repeat(5000), ")".repeat(5000));
        let nested = format!("{}1{}", "(".repeat(500), ")".repeat(500));
        let minus = format!("{}1", "-".repeat(2000));
        for expression in ["", "/a/", "//[1]", "a b", "'open", "/x:a", "foo()", &deep, &nested] {
            assert!(compile(expression, &[]).is_err(), "{expression}");
        }
        assert!(compile(&minus, &[]).unwrap().evaluate(b"<a/>").is_ok());
    }

    #[test]
    fn what_is_no_xml_is_said() {
        let path = compile("/a", &[]).unwrap();
        for body in [&b"{}"[..], b"", b"<a>", b"<!DOCTYPE a><a/>"] {
            assert!(path.evaluate(body).is_err());
        }
    }
}
