//! Numbers in expressions: exact, whole or decimal, and `true` and `false` as 1 and 0.

use std::cmp::Ordering;

use super::cost::Fault;
use crate::value::{Decimal, Number, Value};

/// An operator on numbers; some of them know texts and lists too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Arithmetic {
    Add,
    Subtract,
    Multiply,
    Divide,
    DivideWhole,
    Remainder,
    Power,
}

/// The number that is written so in an expression.
pub(super) fn literal(text: &str) -> Result<Value, String> {
    let wrong = || format!("`{text}` is not a number");
    if text.ends_with('_') || text.contains("__") {
        return Err(wrong());
    }
    let digits = text.replace('_', "");
    let radix = match digits.get(..2) {
        Some("0x" | "0X") => 16,
        Some("0o" | "0O") => 8,
        Some("0b" | "0B") => 2,
        _ => return Value::spelled(&digits).ok_or_else(wrong),
    };
    let digits = digits.get(2..).unwrap_or_default();
    u128::from_str_radix(digits, radix)
        .ok()
        .and_then(|number| Value::number(&number.to_string()))
        .ok_or_else(wrong)
}

/// The index that is written so behind a point.
pub(super) fn integer_literal(text: &str) -> Option<Value> {
    text.parse().ok().map(Value::Integer)
}

/// Whether it is written as a whole number.
pub(super) fn is_whole(value: &Value) -> bool {
    match value {
        Value::Integer(_) => true,
        Value::Number(number) => !number.literal().contains(['.', 'e', 'E']),
        _ => false,
    }
}

/// The number that a value counts as.
pub(super) fn counted(value: &Value) -> Option<Value> {
    match value {
        Value::Bool(value) => Some(Value::Integer(i64::from(*value))),
        Value::Integer(_) | Value::Number(_) => Some(value.clone()),
        _ => None,
    }
}

/// The number to calculate with that a value counts as.
pub(super) fn decimal(value: &Value) -> Option<Result<Decimal, Fault>> {
    counted(value)?.to_decimal().map(|number| number.map_err(|e| Fault::misfit(e.to_string())))
}

/// How two values compare as numbers; `None` when one of them is none.
pub(super) fn compare(a: &Value, b: &Value) -> Option<Ordering> {
    match (a, b) {
        (Value::Integer(a), Value::Integer(b)) => Some(a.cmp(b)),
        _ => counted(a)?.compare_numbers(&counted(b)?),
    }
}

/// A whole number as one that is small: also `2.0`, and `true` for 1.
pub(super) fn small(value: &Value) -> Option<i64> {
    match value {
        Value::Bool(value) => Some(i64::from(*value)),
        Value::Integer(value) => Some(*value),
        Value::Number(number) => number.to_i64(),
        _ => None,
    }
}

/// The number that a text spells, with white space around it or not.
pub(super) fn spelled(text: &str) -> Option<Value> {
    Value::spelled(text)
}

/// A number without its fraction.
pub(super) fn truncate(number: &Value) -> Result<Value, Fault> {
    if is_whole(number) {
        return Ok(number.clone());
    }
    let decimal = decimal(number).ok_or_else(|| Fault::misfit("not a number"))??;
    decimal.truncate().map(Value::from).map_err(|error| Fault::misfit(error.to_string()))
}

/// A calculation with two numbers; `None` when one of them is none.
pub(super) fn calculate(
    operator: Arithmetic,
    a: &Value,
    b: &Value,
) -> Option<Result<Value, Fault>> {
    if let (Value::Integer(a), Value::Integer(b)) = (a, b) {
        let small = match operator {
            Arithmetic::Add => a.checked_add(*b),
            Arithmetic::Subtract => a.checked_sub(*b),
            Arithmetic::Multiply => a.checked_mul(*b),
            _ => None,
        };
        if let Some(result) = small {
            return Some(Ok(Value::Integer(result)));
        }
    }
    let (a, b) = match (decimal(a)?, decimal(b)?) {
        (Ok(a), Ok(b)) => (a, b),
        (Err(fault), _) | (_, Err(fault)) => return Some(Err(fault)),
    };
    let result = match operator {
        Arithmetic::Add => a.add(&b),
        Arithmetic::Subtract => a.subtract(&b),
        Arithmetic::Multiply => a.multiply(&b),
        Arithmetic::Divide => a.divide(&b),
        Arithmetic::DivideWhole => a.floor_divide(&b),
        Arithmetic::Remainder => a.remainder(&b),
        Arithmetic::Power => a.power(&b),
    };
    Some(result.map(Value::from).map_err(|error| Fault::misfit(error.to_string())))
}

/// A number with the other sign.
pub(super) fn negate(value: &Value) -> Option<Result<Value, Fault>> {
    if let Value::Integer(number) = value
        && let Some(negated) = number.checked_neg()
    {
        return Some(Ok(Value::Integer(negated)));
    }
    if let Value::Number(number) = value {
        // As it is written, with the other sign.
        let literal = number.literal();
        let flipped = match literal.strip_prefix('-') {
            Some(positive) => Number::parse(positive),
            None => Number::parse(&format!("-{literal}")),
        };
        return flipped.map(|number| Ok(Value::Number(number)));
    }
    match value {
        Value::Integer(_) => Some(decimal(value)?.map(|number| Value::from(number.negate()))),
        _ => None,
    }
}
