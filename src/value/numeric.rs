//! What values are as numbers.

use std::cmp::Ordering;

use super::{ArithmeticError, Decimal, Number, Value, number};

impl Value {
    /// Reads a number as JSON writes it: an integer that an `i64` holds is one, any other keeps
    /// its spelling.
    pub fn number(text: &str) -> Option<Self> {
        match text.parse() {
            // The parser takes a plus sign, leading zeros and `-0`, which would change.
            Ok(whole) if is_plain(text) => Some(Self::Integer(whole)),
            _ => Number::parse(text).map(Self::Number),
        }
    }

    /// Reads a number as forms, XML Schema and YAML spell one: also with a plus sign, with leading
    /// zeros, and with no digit on one side of the point. What JSON would not write so is written
    /// as JSON does: `+07.50` becomes `7.50`.
    pub fn spelled(text: &str) -> Option<Self> {
        Self::number(text).or_else(|| Self::number(&number::as_json(text)?))
    }

    /// Reads the digits of a whole number to a base of at most 36.
    pub fn in_radix(digits: &str, radix: u32) -> Option<Self> {
        number::in_radix(digits, radix).and_then(|digits| Self::number(&digits))
    }

    /// A count.
    pub fn count(count: usize) -> Self {
        Self::Integer(i64::try_from(count).unwrap_or(i64::MAX))
    }

    /// Whether it is a number.
    pub fn is_number(&self) -> bool {
        matches!(self, Self::Integer(_) | Self::Number(_))
    }

    /// Whether it is a number without a fraction: 7, 7.0 and 7e0 are.
    pub fn is_integer(&self) -> bool {
        match self {
            Self::Integer(_) => true,
            Self::Number(number) => number.is_integer(),
            _ => false,
        }
    }

    /// The whole number as an `i64`, where it is one that this can hold: `2.0` and `2e0` are 2.
    pub fn to_i64(&self) -> Option<i64> {
        match self {
            Self::Integer(value) => Some(*value),
            Self::Number(number) => number.to_i64(),
            _ => None,
        }
    }

    /// The greatest whole number that is not above it, or the nearest one that an `i64` can hold;
    /// `None` for what is no number.
    pub fn floor_to_i64(&self) -> Option<i64> {
        if let Some(whole) = self.to_i64() {
            return Some(whole);
        }
        let one = Decimal::from(1);
        let floor = self.to_decimal()?.and_then(|value| value.floor_divide(&one));
        let floor = floor.ok().and_then(|floor| floor.to_i64());
        let is_negative = self.compare_numbers(&Self::Integer(0)) == Some(Ordering::Less);
        Some(floor.unwrap_or(if is_negative { i64::MIN } else { i64::MAX }))
    }

    /// Whether a text spells this number or boolean, white space around it not counted.
    pub fn is_spelled_by(&self, text: &str) -> bool {
        match self {
            Self::Integer(_) | Self::Number(_) => {
                Self::spelled(text.trim()).is_some_and(|spelled| spelled == *self)
            }
            Self::Bool(value) => text.trim() == if *value { "true" } else { "false" },
            _ => false,
        }
    }

    /// The number to calculate with, if it is one.
    pub fn to_decimal(&self) -> Option<Result<Decimal, ArithmeticError>> {
        match self {
            Self::Integer(value) => Some(Ok((*value).into())),
            Self::Number(value) => Some(value.try_into()),
            _ => None,
        }
    }

    /// How two numbers compare, exactly; `None` when one of them is not a number.
    pub fn compare_numbers(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Integer(a), Self::Integer(b)) => Some(a.cmp(b)),
            (Self::Number(a), Self::Number(b)) => Some(a.cmp(b)),
            (Self::Integer(a), Self::Number(b)) => Some(Number::from(*a).cmp(b)),
            (Self::Number(a), Self::Integer(b)) => Some(a.cmp(&Number::from(*b))),
            _ => None,
        }
    }

    /// Whether a number is a whole number of times another; `None` when one is not a number.
    pub fn is_multiple_of(&self, factor: &Self) -> Option<bool> {
        let number = |value: &Self| match value {
            Self::Integer(value) => Some(Number::from(*value)),
            Self::Number(value) => Some(value.clone()),
            _ => None,
        };
        match (self, factor) {
            (Self::Integer(value), Self::Integer(factor)) if *factor != 0 => {
                Some(value.checked_rem(*factor).unwrap_or(0) == 0)
            }
            _ => Some(number(self)?.is_multiple_of(&number(factor)?)),
        }
    }
}

/// Whether the text of an integer is the one that it is written as.
fn is_plain(text: &str) -> bool {
    text == "0" || !text.trim_start_matches('-').starts_with(['+', '0'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_number_is_one_however_it_is_spelled() {
        let cases = [
            ("2", Some(2), 2),
            ("2.0", Some(2), 2),
            ("20e-1", Some(2), 2),
            ("-0.0", Some(0), 0),
            ("2.5", None, 2),
            ("-2.5", None, -3),
            ("1e-400", None, 0),
            ("-1e-400", None, -1),
            ("9223372036854775807", Some(i64::MAX), i64::MAX),
            ("9223372036854775808", None, i64::MAX),
            ("-9223372036854775808.0", Some(i64::MIN), i64::MIN),
            ("1e999999999", None, i64::MAX),
            ("-1e999999999", None, i64::MIN),
        ];
        for (text, whole, floor) in cases {
            let value = Value::number(text).unwrap();
            assert_eq!((value.to_i64(), value.floor_to_i64()), (whole, Some(floor)), "{text}");
        }
        assert_eq!(Value::from("2").floor_to_i64(), None);
    }
}
