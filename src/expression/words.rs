//! Filters and tests that do not exist, found when an expression is read.
//!
//! minijinja looks them up when they are used, which would be in the middle of a request.

use minijinja::value::Value as Jinja;
use minijinja::{Environment, ErrorKind};

use super::{ExpressionError, FILTERS};
use crate::diagnostic::nearest;

/// Jinja's own filters, to say which one was meant.
const JINJA_FILTERS: &[&str] = &[
    "abs",
    "attr",
    "batch",
    "bool",
    "capitalize",
    "chain",
    "default",
    "dictsort",
    "first",
    "float",
    "groupby",
    "indent",
    "int",
    "items",
    "join",
    "last",
    "length",
    "lines",
    "list",
    "lower",
    "map",
    "max",
    "min",
    "reject",
    "rejectattr",
    "replace",
    "reverse",
    "round",
    "select",
    "selectattr",
    "slice",
    "sort",
    "split",
    "string",
    "sum",
    "title",
    "trim",
    "unique",
    "upper",
    "zip",
];

/// Jinja's own tests, to say which one was meant.
const JINJA_TESTS: &[&str] = &[
    "boolean",
    "defined",
    "divisibleby",
    "endingwith",
    "eq",
    "even",
    "false",
    "float",
    "ge",
    "gt",
    "in",
    "integer",
    "iterable",
    "le",
    "lower",
    "lt",
    "mapping",
    "ne",
    "none",
    "number",
    "odd",
    "sameas",
    "sequence",
    "startingwith",
    "string",
    "true",
    "undefined",
    "upper",
];

/// Fails with the first filter or test that does not exist.
pub(super) fn check(environment: &Environment<'_>, text: &str) -> Result<(), ExpressionError> {
    let blanked = blank_quotes(text);
    for (at, word) in words_after(&blanked, "|") {
        let mut state = environment.empty_state();
        let outcome = state.apply_filter(word, &[Jinja::UNDEFINED]);
        if outcome.is_err_and(|error| error.kind() == ErrorKind::UnknownFilter) {
            let known = FILTERS.iter().chain(JINJA_FILTERS).copied();
            return Err(unknown("filter", word, at, known));
        }
    }
    for (at, word) in words_after(&blanked, " is ") {
        let (at, word) = match word {
            "not" => match words_after(blanked.get(at..).unwrap_or_default(), "not ").next() {
                Some((further, word)) => (at + further, word),
                None => continue,
            },
            _ => (at, word),
        };
        let mut state = environment.empty_state();
        let outcome = state.perform_test(word, &[Jinja::UNDEFINED]);
        if outcome.is_err_and(|error| error.kind() == ErrorKind::UnknownTest) {
            return Err(unknown("test", word, at, JINJA_TESTS.iter().copied()));
        }
    }
    Ok(())
}

fn unknown(
    what: &str,
    word: &str,
    at: usize,
    known: impl IntoIterator<Item = &'static str>,
) -> ExpressionError {
    let hint =
        nearest(word, known).map_or(String::new(), |name| format!("; did you mean `{name}`?"));
    ExpressionError {
        message: format!("no {what} `{word}`{hint}"),
        range: Some(at..at + word.len()),
    }
}

/// The text with what stands in quotes overwritten by spaces, byte for byte.
pub(super) fn blank_quotes(text: &str) -> String {
    let mut quote = None;
    text.chars()
        .flat_map(|c| {
            let inside = match quote {
                Some(open) if c == open => {
                    quote = None;
                    false
                }
                Some(_) => true,
                None => {
                    if matches!(c, '\'' | '"') {
                        quote = Some(c);
                    }
                    false
                }
            };
            if inside { vec![' '; c.len_utf8()] } else { vec![c] }
        })
        .collect()
}

/// The words that stand right after a mark, with their places.
fn words_after<'a>(text: &'a str, mark: &'a str) -> impl Iterator<Item = (usize, &'a str)> {
    text.match_indices(mark).filter_map(move |(at, _)| {
        let rest = text.get(at + mark.len()..)?;
        let start = at + mark.len() + (rest.len() - rest.trim_start().len());
        let word = text.get(start..)?;
        let length =
            word.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(word.len());
        Some((start, word.get(..length)?)).filter(|(_, word)| !word.is_empty())
    })
}
