//! Expressions: the text between `${` and `}`, read once when a spec is loaded.
//!
//! [`split`] finds expressions in a text, [`parse`] reads one and says which names it looks at,
//! [`Parsed::evaluate`] works it out. The language is Jinja's; minijinja is named only below here.

mod bridge;
mod filters;
mod slices;
mod split;
mod words;

use std::collections::HashSet;
use std::sync::{Arc, LazyLock};

use minijinja::{Environment, UndefinedBehavior};

use crate::value::Value;
pub use filters::FILTERS;
pub use split::{Piece, SplitError, split};

/// What one evaluation may cost; far more than any sensible expression, far less than a hang.
const FUEL: u64 = 100_000;

/// The environment never changes, so one serves all specs, and expressions can borrow from it.
static ENVIRONMENT: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut environment = Environment::new();
    // Unknown names are found when a spec is loaded. What is left at request time are values that
    // a client may leave out, and those are false, empty and equal to nothing.
    environment.set_undefined_behavior(UndefinedBehavior::Chainable);
    environment.set_fuel(Some(FUEL));
    environment.set_recursion_limit(64);
    filters::register(&mut environment);
    environment
});

/// An expression that was read.
pub struct Parsed {
    text: Arc<str>,
    references: Vec<Reference>,
    path: Option<Reference>,
    compiled: minijinja::Expression<'static, 'static>,
}

impl std::fmt::Debug for Parsed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "${{{}}}", self.text)
    }
}

/// A name that an expression looks at, with the members behind it: `book.title`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reference {
    /// The variable.
    pub root: Arc<str>,
    /// The members, outermost first.
    pub members: Vec<Arc<str>>,
}

impl Reference {
    fn from_dotted(text: &str) -> Self {
        let mut names = text.split('.').map(Arc::from);
        let root = names.next().unwrap_or_default();
        Self { root, members: names.collect() }
    }

    /// As it is written.
    pub fn dotted(&self) -> String {
        let mut text = self.root.to_string();
        for member in &self.members {
            text.push('.');
            text.push_str(member);
        }
        text
    }
}

/// Why an expression could not be read or worked out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpressionError {
    /// What is wrong, as a fragment.
    pub message: String,
    /// Where in the expression's text, in bytes, if known.
    pub range: Option<std::ops::Range<usize>>,
}

impl From<minijinja::Error> for ExpressionError {
    fn from(error: minijinja::Error) -> Self {
        let message = match error.detail() {
            Some(detail) => format!("{}: {detail}", error.kind()),
            None => error.kind().to_string(),
        };
        Self { message, range: error.range() }
    }
}

/// Reads an expression.
///
/// Takes the text between `${` and `}`. Fails with the place of the first thing that is no
/// expression.
pub fn parse(text: &str) -> Result<Parsed, ExpressionError> {
    let trimmed = text.trim();
    if trimmed.is_empty() {
        return Err(ExpressionError { message: "an empty expression".to_owned(), range: None });
    }
    let compiled = ENVIRONMENT.compile_expression_owned(trimmed.to_owned())?;
    words::check(&ENVIRONMENT, trimmed)?;
    let constant = ["true", "false", "none", "True", "False", "None"];
    let path = is_path(trimmed)
        .then(|| Reference::from_dotted(trimmed))
        .filter(|path| !constant.contains(&&*path.root));
    let mut references: Vec<Reference> = match &path {
        Some(path) => vec![path.clone()],
        None => variables(trimmed, &compiled)
            .iter()
            .map(|name| Reference::from_dotted(name))
            .filter(|reference| {
                !ENVIRONMENT.globals().any(|(global, _)| global == &*reference.root)
            })
            .collect(),
    };
    references.sort();
    Ok(Parsed { text: trimmed.into(), references, path, compiled })
}

/// The variables that an expression looks at, with the members behind them.
fn variables(text: &str, compiled: &minijinja::Expression<'_, '_>) -> HashSet<String> {
    slices::as_subscripts(text)
        .and_then(|text| ENVIRONMENT.compile_expression_owned(text).ok())
        .map_or_else(|| compiled.undeclared_variables(true), |all| all.undeclared_variables(true))
}

/// Whether the text is only names joined by dots.
fn is_path(text: &str) -> bool {
    text.split('.').all(|name| {
        name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    })
}

impl Parsed {
    /// The expression as written, without the braces.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The names it looks at.
    pub fn references(&self) -> &[Reference] {
        &self.references
    }

    /// The whole expression as a path, when it is nothing else.
    pub fn path(&self) -> Option<&Reference> {
        self.path.as_ref()
    }

    /// The distinct variables it looks at.
    pub fn roots(&self) -> Vec<Arc<str>> {
        let mut roots: Vec<Arc<str>> = self.references.iter().map(|r| r.root.clone()).collect();
        roots.dedup();
        roots
    }

    /// Works it out.
    ///
    /// `variables` are the values of [`Self::roots`] in that order, `None` for an absent one.
    /// Gives `None` when the result is absent. Fails when an operation does not fit its operands
    /// or the expression costs too much.
    pub fn evaluate(
        &self,
        roots: &Arc<[Arc<str>]>,
        variables: Vec<Option<Value>>,
    ) -> Result<Option<Value>, ExpressionError> {
        let result = self.compiled.eval(bridge::context(roots.clone(), variables))?;
        bridge::from_jinja(&result).map_err(Into::into)
    }

    /// Works it out to whether it is true: false, null, zero, empty and absent are not.
    pub fn is_true(
        &self,
        roots: &Arc<[Arc<str>]>,
        variables: Vec<Option<Value>>,
    ) -> Result<bool, ExpressionError> {
        Ok(self.compiled.eval(bridge::context(roots.clone(), variables))?.is_true())
    }
}

/// Whether a value counts as true, by the same rule as in expressions.
pub fn truth(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(value) => *value,
        Value::Integer(value) => *value != 0,
        Value::Number(value) => value.digits() > 0,
        Value::Text(text) => !text.is_empty(),
        Value::List(items) => !items.is_empty(),
        Value::Map(map) => !map.is_empty(),
        Value::Record(record) => !record.is_empty(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn evaluate(text: &str, variables: &[(&str, Value)]) -> Result<Option<Value>, ExpressionError> {
        let parsed = parse(text)?;
        let roots: Arc<[Arc<str>]> = parsed.roots().into();
        let values = roots
            .iter()
            .map(|root| variables.iter().find(|(name, _)| *name == &**root).map(|(_, v)| v.clone()))
            .collect();
        parsed.evaluate(&roots, values)
    }

    #[test]
    fn types_are_kept_and_absent_is_not_null() {
        let map =
            Value::map([("n".into(), Value::Null), ("i".into(), 7.into())].into_iter().collect());
        let list = Value::list(vec![1.into(), 2.into(), 3.into()]);
        let variables = [("m", map), ("l", list)];
        let cases = [
            ("m.i + 1", Some(Value::Integer(8))),
            ("m.n", Some(Value::Null)),
            ("m.absent", None),
            ("m.absent is defined", Some(Value::Bool(false))),
            ("m.n is none", Some(Value::Bool(true))),
            ("[m.i, m.i] | unique | list", Some(Value::list(vec![7.into()]))),
            ("'a' ~ m.i", Some("a7".into())),
            ("7 / 2", Some(3.5.into())),
            ("m", Some(variables[0].1.clone())),
            ("'x' in ['x']", Some(Value::Bool(true))),
            ("[1, 2, 3][1:2] | list", Some(Value::list(vec![2.into()]))),
            ("[1, 2, 3][1:2]", Some(Value::list(vec![2.into()]))),
            ("l[:2]", Some(Value::list(vec![1.into(), 2.into()]))),
            ("l[m.i - 6:]", Some(Value::list(vec![2.into(), 3.into()]))),
            ("l[1:] | length", Some(Value::Integer(2))),
            ("'a@b.no' | md5", Some("ce598cfe1495064e20cc85da7c3bc2c3".into())),
            ("'' | sha256 | upper | length", Some(Value::Integer(64))),
            ("'a' | digits(8)", Some("99439465".into())),
            (
                "'' | digits(64)",
                Some("9456805665111007939733994308918460099979872231852232125359207904".into()),
            ),
            ("'a.b[0].c' | brackets", Some("a[b][0][c]".into())),
            ("'a' | brackets", Some("a".into())),
            ("m.absent | md5 | length", Some(Value::Integer(32))),
            ("m.absent | lower", Some("".into())),
            ("m.i | md5 | length", Some(Value::Integer(32))),
            ("'1970-01-01' | instant", Some(Value::Integer(0))),
            ("'1970-01-01T00:00:01' | instant", Some(Value::Integer(1_000_000_000))),
            ("'1970-01-01T00:00:01.5+00:00' | date('%s') | int", Some(Value::Integer(1))),
        ];
        for (text, expected) in cases {
            assert_eq!(evaluate(text, &variables), Ok(expected), "{text}");
        }
    }

    #[test]
    fn references_are_known_with_their_members() {
        let parsed = parse("book.title ~ (items | map(attribute='x') | join(', ')) ~ now").unwrap();
        let names: Vec<String> = parsed.references().iter().map(Reference::dotted).collect();
        assert_eq!(names, ["book.title", "items", "now"]);
        let sliced = parse("book.tags[offset:offset + body.count] | length").unwrap();
        let names: Vec<String> = sliced.references().iter().map(Reference::dotted).collect();
        assert_eq!(names, ["body.count", "book.tags", "offset"]);
    }

    #[test]
    fn mistakes_are_errors_with_their_place() {
        assert!(parse("a +").is_err());
        assert_eq!(
            parse("a | uper").unwrap_err().message,
            "no filter `uper`; did you mean `upper`?"
        );
        assert_eq!(parse("a is not emptyy").unwrap_err().range, Some(9..15));
    }
}
