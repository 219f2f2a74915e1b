//! JSONPath, RFC 9535, on our own trees.

use jsonpath_rust::parser::errors::JsonPathError;
use jsonpath_rust::parser::model::{
    Comparable, Comparison, Filter, FilterAtom, FnArg, JpQuery, Segment, Selector, Test,
    TestFunction,
};
use jsonpath_rust::parser::parse_json_path;
use jsonpath_rust::query::js_path_process;
use jsonpath_rust::query::queryable::Queryable;

use super::SelectorError;
use crate::diagnostic::nearest;
use crate::value::Value;

/// The functions of the RFC, section 2.4.
const FUNCTIONS: [&str; 5] = ["length", "count", "match", "search", "value"];

/// A JSONPath, ready to be used.
#[derive(Debug, Clone)]
pub struct JsonPath {
    query: JpQuery,
}

/// Reads an expression such as `$.contacts[?@.id > 1].mail`.
pub fn compile(expression: &str) -> Result<JsonPath, SelectorError> {
    match parse_json_path(expression) {
        Ok(query) => match unknown_function(&query.segments) {
            None => Ok(JsonPath { query }),
            Some(name) => {
                let mut message = format!("JSONPath has no function `{name}`");
                if let Some(near) = nearest(name, FUNCTIONS) {
                    message = format!("{message}; did you mean `{near}`?");
                }
                Err(SelectorError::about(name, message))
            }
        },
        Err(error) => Err(explain(expression, &error)),
    }
}

impl JsonPath {
    /// What it selects, in the order of the RFC; nothing where nothing fits.
    pub fn select(&self, value: &Value) -> Vec<Value> {
        let found = js_path_process(&self.query, value);
        found.map(|nodes| nodes.iter().map(|node| node.val.clone()).collect()).unwrap_or_default()
    }
}

/// The library's messages are drawings that name rules of its grammar, which say nothing to a
/// writer; where reading stopped does.
fn explain(expression: &str, error: &JsonPathError) -> SelectorError {
    if !expression.starts_with('$') {
        return SelectorError::new("a JSONPath begins with `$`");
    }
    let JsonPathError::PestError(_) = error else {
        return SelectorError::new(format!("this is no JSONPath: {error}"));
    };
    let drawing = error.to_string();
    let column = drawing
        .split_once("--> 1:")
        .map(|(_, rest)| rest.chars().take_while(char::is_ascii_digit).collect::<String>())
        .and_then(|digits| digits.parse::<usize>().ok());
    let rest: String = expression.chars().skip(column.unwrap_or(1).saturating_sub(1)).collect();
    if rest.is_empty() {
        return SelectorError::new("this JSONPath breaks off");
    }
    SelectorError::about(&rest, format!("this is no JSONPath, from `{rest}` on"))
}

/// A function that the RFC does not have; the library takes it for something of ours.
fn unknown_function(segments: &[Segment]) -> Option<&str> {
    segments.iter().find_map(|segment| match segment {
        Segment::Descendant(inner) => unknown_function(std::slice::from_ref(inner)),
        Segment::Selector(selector) => in_selector(selector),
        Segment::Selectors(selectors) => selectors.iter().find_map(in_selector),
    })
}

fn in_selector(selector: &Selector) -> Option<&str> {
    match selector {
        Selector::Filter(filter) => in_filter(filter),
        _ => None,
    }
}

fn in_filter(filter: &Filter) -> Option<&str> {
    match filter {
        Filter::Or(filters) | Filter::And(filters) => filters.iter().find_map(in_filter),
        Filter::Atom(FilterAtom::Filter { expr, .. }) => in_filter(expr),
        Filter::Atom(FilterAtom::Test { expr, .. }) => in_test(expr),
        Filter::Atom(FilterAtom::Comparison(comparison)) => {
            let (Comparison::Eq(left, right)
            | Comparison::Ne(left, right)
            | Comparison::Gt(left, right)
            | Comparison::Gte(left, right)
            | Comparison::Lt(left, right)
            | Comparison::Lte(left, right)) = &**comparison;
            [left, right].into_iter().find_map(|side| match side {
                Comparable::Function(function) => in_function(function),
                _ => None,
            })
        }
    }
}

fn in_test(test: &Test) -> Option<&str> {
    match test {
        Test::RelQuery(segments) => unknown_function(segments),
        Test::AbsQuery(query) => unknown_function(&query.segments),
        Test::Function(function) => in_function(function),
    }
}

fn in_function(function: &TestFunction) -> Option<&str> {
    match function {
        TestFunction::Custom(name, _) => Some(name),
        TestFunction::Length(argument) => in_argument(argument),
        TestFunction::Value(argument) | TestFunction::Count(argument) => in_argument(argument),
        TestFunction::Search(one, two) | TestFunction::Match(one, two) => {
            in_argument(one).or_else(|| in_argument(two))
        }
    }
}

fn in_argument(argument: &FnArg) -> Option<&str> {
    match argument {
        FnArg::Literal(_) => None,
        FnArg::Test(test) => in_test(test),
        FnArg::Filter(filter) => in_filter(filter),
    }
}

impl Queryable for Value {
    fn get(&self, key: &str) -> Option<&Self> {
        self.get(key)
    }

    fn as_array(&self) -> Option<&Vec<Self>> {
        match self {
            Self::List(items) => Some(items),
            _ => None,
        }
    }

    fn as_object(&self) -> Option<Vec<(&str, &Self)>> {
        Some(self.members()?.map(|(name, value)| (&**name, value)).collect())
    }

    fn as_str(&self) -> Option<&str> {
        self.as_str()
    }

    fn as_i64(&self) -> Option<i64> {
        match self {
            Self::Integer(value) => Some(*value),
            _ => None,
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "comparing with a float is a float's business")]
    fn as_f64(&self) -> Option<f64> {
        match self {
            Self::Integer(value) => Some(*value as f64),
            Self::Number(value) => Some(*value),
            _ => None,
        }
    }

    fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(value) => Some(*value),
            _ => None,
        }
    }

    fn null() -> Self {
        Self::Null
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
            ("$.books[?match(@.title, 'H.*')].id", "[7]"),
            ("$.missing", "[]"),
            ("$.count.deeper", "[]"),
        ] {
            assert_eq!(select(expression), selected, "{expression}");
        }
    }

    #[test]
    fn what_is_no_path_is_said() {
        for (expression, message) in [
            ("books", "a JSONPath begins with `$`"),
            ("", "a JSONPath begins with `$`"),
            ("$.books[", "this JSONPath breaks off"),
            ("$.books]", "this is no JSONPath, from `]` on"),
            ("$[?lenght(@) == 1]", "this is no JSONPath, from `lenght(@) == 1]` on"),
            ("$[?@.a && !(in(@.a, $.b))]", "JSONPath has no function `in`"),
            ("$.books[?@.id = 1]", "this is no JSONPath, from `= 1]` on"),
        ] {
            assert_eq!(compile(expression).unwrap_err().message, message, "{expression}");
        }
        assert!(compile(&format!("$[?{}@.a{}]", "(".repeat(4000), ")".repeat(4000))).is_err());
    }
}
