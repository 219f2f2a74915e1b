//! XPath 1.0 with namespaces, on our own trees.
//!
//! The document is read by our own XML reader, with its limits; so comments and processing
//! instructions are not there: a text around one is one text, and who asks for one is refused when
//! that is loaded. What an expression gives is known from it alone, since there are no variables,
//! so that whatever is wrong with it is found before there is a document.

mod axis;
mod budget;
mod call;
mod compare;
mod evaluate;
mod expression;
mod function;
mod kind;
mod number;
mod parse;
mod token;
mod tree;
mod value;

use std::sync::Arc;

use super::SelectorError;
use crate::wire::Limits;
use crate::wire::xml::{BOUND_PREFIXES, Element, decode_element};
use budget::{STEPS, Stop};
use expression::Expression;
use tree::Tree;
use value::Value;

/// The longest expression.
const LONGEST: usize = 2048;

/// An XPath, known to be one.
#[derive(Debug, Clone)]
pub struct XPath {
    expression: Arc<Expression>,
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
    let namespace_of = |prefix: &str| {
        let declared = namespaces.iter().rev().find(|(known, _)| &**known == prefix);
        let bound = || BOUND_PREFIXES.iter().find(|(known, _)| *known == prefix);
        match declared {
            Some((_, namespace)) => Some(namespace.clone()),
            None => bound().map(|(_, namespace)| (*namespace).into()),
        }
    };
    let expression = Arc::new(parse::expression(expression, &namespace_of)?);
    Ok(XPath { expression })
}

impl XPath {
    /// What it gives for a document; an error where that is not XML, or where it is so large that
    /// the expression takes too long.
    pub fn evaluate(&self, xml: &[u8]) -> Result<Selected, SelectorError> {
        let root = decode_element(xml, &Limits::default())
            .map_err(|error| SelectorError::new(format!("the answer is not XML: {error}")))?;
        self.select(&root)
    }

    /// What it gives for a document that was read.
    pub fn select(&self, root: &Element) -> Result<Selected, SelectorError> {
        self.selected(root).map_err(|_: Stop| {
            let million = STEPS / 1_000_000;
            let message = format!("the XPath takes too many steps: more than {million} million");
            SelectorError::new(message)
        })
    }

    fn selected(&self, root: &Element) -> Result<Selected, Stop> {
        let tree = Tree::new(root);
        Ok(match evaluate::evaluate(&tree, &self.expression)? {
            Value::Number(number) => Selected::Number(number),
            Value::Boolean(value) => Selected::Boolean(value),
            Value::Text(text) => Selected::Text(text.into_owned()),
            Value::Nodes(nodes) => {
                let mut texts = Vec::with_capacity(nodes.len());
                for node in nodes {
                    texts.push(tree.text(node)?.into_owned());
                }
                Selected::Nodes(texts)
            }
        })
    }
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
    fn what_is_no_xpath_is_told_with_its_place() {
        let namespaces = [("l".into(), "https://library.example/".into())];
        for (expression, message, part) in [
            ("", "this XPath is empty", None),
            (" ", "this XPath is empty", None),
            ("/a/", "this XPath is incomplete: a step is missing", None),
            ("//", "this XPath is incomplete: a step is missing", None),
            ("//[1]", "expected a step, found `[1]`", Some("[1]")),
            ("/[1]", "expected a step, found `[1]`", Some("[1]")),
            ("a b", "expected an operator, found `b`", Some("b")),
            ("a == 'b'", "expected an operand, found `= 'b'`; equal is `=`", Some("= 'b'")),
            ("a && b", "expected an operator, found `&& b`; both is `and`", Some("&& b")),
            ("a || b", "expected an operand, found `| b`; one of two is `or`", Some("| b")),
            ("'open", "this XPath is incomplete: the closing `'` is missing", Some("'open")),
            ("//a[@id=1", "this XPath is incomplete: `]` is missing", None),
            ("count(//a", "this XPath is incomplete: `,` or `)` is missing", None),
            ("(//a", "this XPath is incomplete: `)` is missing", None),
            ("//a]", "expected an operator, found `]`", Some("]")),
            ("a/1", "expected a step, found `1`", Some("1")),
            ("string(1e6)", "expected `,` or `)`, found `e6)`", Some("e6)")),
            (
                ".[1]",
                "expected `/` or an operator, found `[1]`; a predicate comes after a name or \
                 `node()`",
                Some("[1]"),
            ),
            (
                "/x:a",
                "the prefix `x` is not bound to a namespace; `namespaces` declares prefixes",
                Some("x"),
            ),
            // Neither letters nor digits, and names all the same (XML 1.0, section 2.3).
            (
                "//\u{1F600}:*",
                "the prefix `\u{1F600}` is not bound to a namespace; `namespaces` declares \
                 prefixes",
                Some("\u{1F600}"),
            ),
            (
                "cuont(//a)",
                "XPath 1.0 has no function `cuont`; did you mean `count`?",
                Some("cuont"),
            ),
            ("l:f()", "XPath 1.0 has no function `l:f`", Some("l:f")),
            ("chid::a", "XPath 1.0 has no axis `chid`; did you mean `child`?", Some("chid")),
            (
                "namespace::*",
                "the axis `namespace` of XPath 1.0 is not supported; `namespace-uri()` gives \
                 the namespace of a node",
                Some("namespace"),
            ),
            ("//a[$id]", "an XPath here has no variables", Some("$id")),
            (
                "count(//comment())",
                "comments and processing instructions are not supported here",
                Some("comment"),
            ),
            (
                "//processing-instruction('x')",
                "comments and processing instructions are not supported here",
                Some("processing-instruction"),
            ),
            ("id('b1')", "the function `id` of XPath 1.0 is not supported", Some("id")),
            ("count()", "`count` takes 1 argument, not 0", Some("count()")),
            ("1 + true(1)", "`true` takes no argument, not 1", Some("true(1)")),
            ("concat('a')", "`concat` takes at least 2 arguments, not 1", Some("concat('a')")),
            ("substring('a')", "`substring` takes 2 or 3 arguments, not 1", Some("substring('a')")),
            ("name(a, b)", "`name` takes at most 1 argument, not 2", Some("name(a, b)")),
            ("count(1)", "`count` takes nodes, and `1` gives a number", Some("1")),
            ("sum('a')", "`sum` takes nodes, and `'a'` gives a string", Some("'a'")),
            ("a | 1 = 1", "`|` takes nodes, and `1` gives a number", Some("1")),
            ("true()[1]", "`[...]` takes nodes, and `true()` gives a truth value", Some("true()")),
            ("'a'/b", "`/` takes nodes, and `'a'` gives a string", Some("'a'")),
        ] {
            let error = compile(expression, &namespaces).unwrap_err();
            assert_eq!(error.message, message, "{expression}");
            assert_eq!(error.part.as_deref(), part, "{expression}");
        }
    }

    #[test]
    fn no_expression_takes_more_room_or_time_than_there_is() {
        for (open, close) in [("(", ")"), ("//a[", "]"), ("not(", ")"), ("-(", ")")] {
            let nested = |times| format!("{}a{}", open.repeat(times), close.repeat(times));
            assert!(compile(&nested(32), &[]).unwrap().evaluate(b"<a/>").is_ok());
            for deep in [33, 400] {
                let error = compile(&nested(deep), &[]).unwrap_err();
                assert_eq!(error.message, "an XPath is nested at most 32 deep");
            }
        }
        let error = compile(&"a".repeat(LONGEST + 1), &[]).unwrap_err();
        assert_eq!(error.message, "an XPath has at most 2048 characters");
        for long in [
            format!("{}1", "-".repeat(2000)),
            format!("1{}", "+1".repeat(1000)),
            format!("a{}", "/a".repeat(1000)),
            format!("a{}", "|a".repeat(1000)),
            format!("a{}", "[1]".repeat(600)),
            format!("1{}", "<1".repeat(1000)),
        ] {
            assert!(compile(&long, &[]).unwrap().evaluate(b"<a/>").is_ok());
        }
        let wide = format!("<r>{}</r>", "<a><b>text</b></a>".repeat(1000));
        for bomb in ["//*[//*[//*]]", &format!("//*[{}]", "string-length(/)+".repeat(99) + "1")] {
            let outcome = compile(bomb, &[]).unwrap().evaluate(wide.as_bytes());
            let message = outcome.map(drop).unwrap_err().message;
            assert_eq!(message, "the XPath takes too many steps: more than 50 million");
        }
    }

    #[test]
    fn what_is_no_xml_is_said() {
        let path = compile("/a", &[]).unwrap();
        for body in [&b"{}"[..], b"", b"<a>", b"<!DOCTYPE a><a/>"] {
            assert!(path.evaluate(body).is_err());
        }
    }
}
