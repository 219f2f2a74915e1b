//! The tests behind `is`.

use std::cmp::Ordering;

use super::cost::{Budget, Fault};
use super::filters;
use super::numbers;
use super::operators::{compared, contains, equal, text_of};
use crate::value::Value;

type Test = fn(Option<&Value>, Option<&Value>, &mut Budget) -> Result<bool, Fault>;

/// A test.
#[derive(Debug)]
pub(super) struct Predicate {
    pub(super) name: &'static str,
    /// Other names of it.
    aliases: &'static [&'static str],
    pub(super) parameters: &'static [&'static str],
    test: Test,
    /// It asks whether there is something at all.
    pub(super) asks_absence: bool,
}

macro_rules! predicates {
    ($($name:literal $aliases:tt $parameters:tt => $test:expr),* $(,)?) => {
        &[$(Predicate {
            name: $name,
            aliases: &$aliases,
            parameters: &$parameters,
            test: $test,
            asks_absence: matches!($name.as_bytes(), b"defined" | b"undefined"),
        }),*]
    };
}

/// All tests.
pub(super) const PREDICATES: &[Predicate] = predicates![
    "boolean" [] [] => |value, _, _| Ok(matches!(value, Some(Value::Bool(_)))),
    "containing" [] ["item"] => |value, item, budget| {
        Ok(match contains(value, item, budget) {
            Err(Fault::Misfit { .. }) => false,
            other => other?,
        })
    },
    "defined" [] [] => |value, _, _| Ok(value.is_some()),
    "divisibleby" [] ["number"] => |value, other, _| Ok(divisible(value, other)),
    "endingwith" [] ["text"] => |value, other, budget| {
        Ok(text_of(value, budget)?.ends_with(&*text_of(other, budget)?))
    },
    "eq" ["equalto", "=="] ["other"] => |value, other, _| Ok(equal(value, other)),
    "even" [] [] => |value, _, _| Ok(parity(value) == Some(false)),
    "false" [] [] => |value, _, _| Ok(matches!(value, Some(Value::Bool(false)))),
    "filter" [] [] => |value, _, _| {
        Ok(value.and_then(Value::as_str).is_some_and(filters::exists))
    },
    "float" [] [] => |value, _, _| {
        Ok(value.is_some_and(|value| value.is_number() && !numbers::is_whole(value)))
    },
    "ge" [">="] ["other"] => |value, other, _| Ok(compared(value, other).is_some_and(Ordering::is_ge)),
    "gt" ["greaterthan", ">"] ["other"] => |value, other, _| Ok(compared(value, other).is_some_and(Ordering::is_gt)),
    "in" [] ["container"] => |value, container, budget| {
        Ok(match contains(container, value, budget) {
            Err(Fault::Misfit { .. }) => false,
            other => other?,
        })
    },
    "integer" ["int"] [] => |value, _, _| Ok(value.is_some_and(numbers::is_whole)),
    "iterable" [] [] => |value, _, _| {
        Ok(!matches!(value, Some(Value::Bool(_) | Value::Integer(_) | Value::Number(_))))
    },
    "le" ["<="] ["other"] => |value, other, _| Ok(compared(value, other).is_some_and(Ordering::is_le)),
    "lower" [] [] => |value, _, _| Ok(cased(value, char::is_lowercase)),
    "lt" ["lessthan", "<"] ["other"] => |value, other, _| Ok(compared(value, other).is_some_and(Ordering::is_lt)),
    "mapping" [] [] => |value, _, _| Ok(matches!(value, Some(Value::Map(_) | Value::Record(_)))),
    "ne" ["!="] ["other"] => |value, other, _| Ok(!equal(value, other)),
    "none" [] [] => |value, _, _| Ok(matches!(value, Some(Value::Null))),
    "number" [] [] => |value, _, _| Ok(value.is_some_and(|value| numbers::counted(value).is_some())),
    "odd" [] [] => |value, _, _| Ok(parity(value) == Some(true)),
    "sameas" [] ["other"] => |value, other, _| Ok(same(value, other)),
    "sequence" [] [] => |value, _, _| Ok(matches!(value, None | Some(Value::List(_)))),
    "startingwith" [] ["text"] => |value, other, budget| {
        Ok(text_of(value, budget)?.starts_with(&*text_of(other, budget)?))
    },
    "string" [] [] => |value, _, _| Ok(matches!(value, Some(Value::Text(_)))),
    "test" [] [] => |value, _, _| {
        Ok(value.and_then(Value::as_str).is_some_and(|name| get(name).is_some()))
    },
    "true" [] [] => |value, _, _| Ok(matches!(value, Some(Value::Bool(true)))),
    "undefined" [] [] => |value, _, _| Ok(value.is_none()),
    "upper" [] [] => |value, _, _| Ok(cased(value, char::is_uppercase)),
];

/// The test of that name.
pub(super) fn get(name: &str) -> Option<&'static Predicate> {
    PREDICATES.iter().find(|test| test.name == name || test.aliases.contains(&name))
}

impl Predicate {
    pub(super) fn test(
        &self,
        value: Option<&Value>,
        other: Option<&Value>,
        budget: &mut Budget,
    ) -> Result<bool, Fault> {
        (self.test)(value, other, budget)
    }
}

fn divisible(value: Option<&Value>, by: Option<&Value>) -> bool {
    let both = value.and_then(numbers::counted).zip(by.and_then(numbers::counted));
    let nought =
        |number: &Value| number.compare_numbers(&Value::Integer(0)) == Some(Ordering::Equal);
    both.is_some_and(|(value, by)| !nought(&by) && value.is_multiple_of(&by) == Some(true))
}

/// Whether a whole number is odd.
fn parity(value: Option<&Value>) -> Option<bool> {
    let number = numbers::counted(value?)?;
    if !number.is_integer() {
        return None;
    }
    Some(number.is_multiple_of(&Value::Integer(2)) == Some(false))
}

/// Whether all letters that have a case have the wanted one, and there are some.
fn cased(value: Option<&Value>, wanted: fn(char) -> bool) -> bool {
    let Some(text) = value.and_then(Value::as_str) else { return false };
    let has_case = |c: char| {
        c.is_lowercase()
            || c.is_uppercase()
            || c.to_lowercase().any(|to| to != c)
            || c.to_uppercase().any(|to| to != c)
    };
    let mut cased = text.chars().filter(|c| has_case(*c)).peekable();
    cased.peek().is_some() && cased.all(wanted)
}

/// Equal, and of the same kind.
fn same(value: Option<&Value>, other: Option<&Value>) -> bool {
    let kind = |value: Option<&Value>| value.map(|value| (value.kind(), numbers::is_whole(value)));
    kind(value) == kind(other) && equal(value, other)
}
