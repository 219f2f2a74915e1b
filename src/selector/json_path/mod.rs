//! JSONPath, RFC 9535, on our own trees.
//!
//! An expression is read into a typed query, so that what the RFC calls not well-typed is found
//! before anything runs, and so that it is known of a query whether it can select several things.

mod evaluate;
mod function;
mod parse;
mod pattern;
mod query;
mod token;

use std::sync::Arc;

use super::SelectorError;
use crate::value::Value;
use query::Query;

/// A JSONPath, ready to be used.
#[derive(Debug, Clone)]
pub struct JsonPath {
    query: Arc<Query>,
}

/// Reads an expression such as `$.contacts[?@.id > 1].mail`.
pub fn compile(expression: &str) -> Result<JsonPath, SelectorError> {
    parse::query(expression).map(|query| JsonPath { query: Arc::new(query) })
}

impl JsonPath {
    /// What it selects, in the order of the RFC; nothing where nothing fits.
    pub fn select(&self, value: &Value) -> Vec<Value> {
        evaluate::select(&self.query, value, value).into_iter().cloned().collect()
    }

    /// Whether it selects one thing at most, whatever it is used on: names and indexes alone
    /// (RFC 9535 section 2.3.5.1).
    pub fn is_singular(&self) -> bool {
        self.query.is_singular()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{Limits, Wire, json::Json};

    const BOOKS: &str = r#"{"books": [{"id": 7, "title": "Hunger", "price": 8.5},
        {"id": 8, "title": null, "tags": ["a", "b"]}], "a b": {"x'y": true}, "count": 2}"#;

    fn select(expression: &str) -> String {
        let value = Json.decode(BOOKS.as_bytes(), &Limits::default()).unwrap().value;
        let found = compile(expression).unwrap().select(&value);
        Value::list(found).to_string()
    }

    #[test]
    fn paths_select_what_the_rfc_says() {
        for (expression, selected) in [
            ("$.count", "[2]"),
            ("$.books[*].id", "[7,8]"),
            ("$.books[-1].title", "[null]"),
            ("$[-1:].count", "[]"),
            ("$.books[-1:].tags[0]", r#"["a"]"#),
            ("$..id", "[7,8]"),
            ("$['a b']['x\\'y']", "[true]"),
            ("$.books[?@.price < 9].title", r#"["Hunger"]"#),
            ("$.books[?@.id == 8].tags[*]", r#"["a","b"]"#),
            ("$.books[?length(@.tags) == 2].id", "[8]"),
            ("$.books[?count(@.tags[*]) == 0].id", "[7]"),
            ("$.books[?match(@.title, 'H.*')].id", "[7]"),
            ("$.books[?search(@.title, '^[^u]u\\\\p{Ll}')].id", "[7]"),
            ("$.missing", "[]"),
            ("$.count.deeper", "[]"),
        ] {
            assert_eq!(select(expression), selected, "{expression}");
        }
    }

    #[test]
    fn what_is_not_a_path_is_told_with_its_place() {
        for (expression, message, part) in [
            ("books", "a JSONPath begins with `$`", None),
            ("", "a JSONPath begins with `$`", None),
            ("$.books[", "this JSONPath is incomplete: a selector is missing", None),
            ("$.books]", "expected `.` or `[`, found `]`", Some("]")),
            ("$.", "this JSONPath is incomplete: a name is missing", None),
            ("$.a b", "expected `.` or `[`, found `b`", Some("b")),
            ("$.1a", "expected a name, found `1a`", Some("1a")),
            (
                "$.a-b",
                "expected `.` or `[`, found `-b`; names with such characters are written \
             `['a-b']`",
                Some("-b"),
            ),
            ("$[01]", "expected `,` or `]`, found `1]`", Some("1]")),
            ("$['a]", "this JSONPath is incomplete: the closing `'` is missing", None),
            ("$[a]", "expected a selector, found `a]`; names in brackets are quoted", Some("a]")),
            (
                "$[?lenght(@) == 1]",
                "JSONPath has no function `lenght`; did you mean `length`?",
                Some("lenght"),
            ),
            ("$[?in(@.a, $.b)]", "JSONPath has no function `in`", Some("in")),
            ("$.books[?@.id = 1]", "expected `]`, found `= 1]`; equal is `==`", Some("= 1]")),
            (
                "$[?length(@.*) < 3]",
                "`length` takes one value, and `@.*` can select several",
                Some("@.*"),
            ),
            ("$[?count(1) == 1]", "`count` takes a path, not a value", Some("1")),
            (
                "$[?count(@.*)]",
                "`count` gives a value, which has to be compared",
                Some("count(@.*)"),
            ),
            (
                "$[?@.* == 1]",
                "`@.*` can select several values, so it cannot be compared",
                Some("@.*"),
            ),
            (
                "$[?match(@.a, 'b') == true]",
                "`match` is true or false by itself and cannot be compared",
                Some("match(@.a, 'b')"),
            ),
            ("$[?match(@.a)]", "`match` takes 2 arguments, not 1", Some("match(@.a)")),
            (
                "$[?match(@.a, '\\\\d+')]",
                "`\\d+` is not a regular expression of RFC 9485, from `\\d+` on",
                Some("'\\\\d+'"),
            ),
            ("$[?true]", "`true` is a value, which has to be compared", Some("true")),
            (
                "$[9007199254740992]",
                "`9007199254740992` is too large for an index",
                Some("9007199254740992"),
            ),
        ] {
            let error = compile(expression).unwrap_err();
            assert_eq!(error.message, message, "{expression}");
            assert_eq!(error.part.as_deref(), part, "{expression}");
        }
        let deep = format!("$[?{}@.a{}]", "(".repeat(4000), ")".repeat(4000));
        assert!(compile(&deep).unwrap_err().message.contains("nested"));
    }

    #[test]
    fn whether_a_path_gives_one_value_is_known_from_the_path() {
        for (expression, singular) in [
            ("$", true),
            ("$.a['b'][0][-1]", true),
            ("$.a[0:1]", false),
            ("$['a','b']", false),
            ("$..a", false),
            ("$.*", false),
            ("$[?@.a == 1]", false),
        ] {
            assert_eq!(compile(expression).unwrap().is_singular(), singular, "{expression}");
        }
    }
}
