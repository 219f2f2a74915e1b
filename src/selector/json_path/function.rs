//! The functions of RFC 9535 section 2.4, and what they may be given.

use super::pattern::Pattern;
use super::query::{Matching, Operand, Path, Written};
use crate::diagnostic::nearest;
use crate::selector::SelectorError;
use crate::value::Value;

const FUNCTIONS: [&str; 5] = ["length", "count", "match", "search", "value"];

/// What a function or a comparison can be given.
#[derive(Debug)]
pub(super) enum Argument {
    Literal(Value),
    Path(Path),
    Call(Called),
}

/// What a function gives, by its type.
#[derive(Debug)]
pub(super) enum Called {
    /// A value; the name of the function that gives it.
    Value(&'static str, Operand),
    /// True or false.
    Test(Box<Matching>),
}

/// Fails where the RFC has no such function.
pub(super) fn known(name: &str) -> Result<(), SelectorError> {
    if FUNCTIONS.contains(&name) {
        return Ok(());
    }
    let mut message = format!("JSONPath has no function `{name}`");
    if let Some(near) = nearest(name, FUNCTIONS) {
        message = format!("{message}; did you mean `{near}`?");
    }
    Err(SelectorError::about(name, message))
}

/// A function with its arguments, each as it is written.
pub(super) fn call(
    name: &str,
    arguments: Vec<(Argument, &str)>,
    written: &str,
) -> Result<Called, SelectorError> {
    let (wanted, given) = (if matches!(name, "match" | "search") { 2 } else { 1 }, arguments.len());
    let miscounted = || {
        let plural = if wanted == 1 { "" } else { "s" };
        let message = format!("`{name}` takes {wanted} argument{plural}, not {given}");
        SelectorError::about(written, message)
    };
    if wanted != given {
        return Err(miscounted());
    }
    let mut arguments = arguments.into_iter();
    let mut next = || arguments.next().ok_or_else(miscounted);
    let (first, first_written) = next()?;
    match name {
        "count" => Ok(Called::Value("count", Operand::Count(path(name, first, first_written)?))),
        "value" => Ok(Called::Value("value", Operand::Value(path(name, first, first_written)?))),
        "length" => {
            let operand = value(name, first, first_written)?;
            Ok(Called::Value("length", Operand::Length(Box::new(operand))))
        }
        _ => {
            let text = value(name, first, first_written)?;
            let (second, second_written) = next()?;
            let pattern = match value(name, second, second_written)? {
                Operand::Literal(Value::Text(pattern)) => {
                    let pattern = Pattern::new(&pattern, name == "match")
                        .map_err(|message| SelectorError::about(second_written, message))?;
                    Written::Here(pattern)
                }
                operand => Written::Elsewhere(operand),
            };
            Ok(Called::Test(Box::new(Matching { whole: name == "match", text, pattern })))
        }
    }
}

/// An argument that is to be one value.
fn value(name: &str, argument: Argument, written: &str) -> Result<Operand, SelectorError> {
    operand(argument).map_err(|not| {
        let message = match not {
            NotValue::Several => {
                format!("`{name}` takes one value, and `{written}` can select several")
            }
            NotValue::Test(_) => format!("`{name}` takes one value, not a test"),
        };
        SelectorError::about(written, message)
    })
}

/// An argument that is to be nodes.
fn path(name: &str, argument: Argument, written: &str) -> Result<Path, SelectorError> {
    match argument {
        Argument::Path(path) => Ok(path),
        Argument::Literal(_) | Argument::Call(_) => {
            let message = format!("`{name}` takes a path, not a value");
            Err(SelectorError::about(written, message))
        }
    }
}

/// One side of a comparison.
pub(super) fn comparable(argument: Argument, written: &str) -> Result<Operand, SelectorError> {
    operand(argument).map_err(|not| {
        let message = match not {
            NotValue::Several => {
                format!("`{written}` can select several values, so it cannot be compared")
            }
            NotValue::Test(name) => {
                format!("`{name}` is true or false by itself and cannot be compared")
            }
        };
        SelectorError::about(written, message)
    })
}

/// Why something is not one value.
enum NotValue {
    Several,
    Test(&'static str),
}

fn operand(argument: Argument) -> Result<Operand, NotValue> {
    match argument {
        Argument::Literal(value) => Ok(Operand::Literal(value)),
        Argument::Path(path) if path.query.is_singular() => Ok(Operand::Path(path)),
        Argument::Path(_) => Err(NotValue::Several),
        Argument::Call(Called::Value(_, operand)) => Ok(operand),
        Argument::Call(Called::Test(test)) => {
            Err(NotValue::Test(if test.whole { "match" } else { "search" }))
        }
    }
}
