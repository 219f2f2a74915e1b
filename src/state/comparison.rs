//! When two values are the same to a key or an index, and a hash that agrees with it.
//!
//! [`Value`]'s own equality does not serve here, because it is not transitive: it compares an
//! integer with a number as floats, so that two neighbouring integers of more than 53 bits both
//! equal one float. Here a float that is a whole number is that integer, exactly.

use std::hash::{Hash, Hasher};

use crate::value::Value;

/// Whether two values are the same; with `folded`, texts without regard to case.
pub(super) fn same(a: &Value, b: &Value, folded: bool) -> bool {
    match (a, b) {
        (Value::Text(a), Value::Text(b)) => a == b || (folded && lowercase(a).eq(lowercase(b))),
        (Value::List(a), Value::List(b)) => {
            a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| same(a, b, false))
        }
        _ => match (Numeric::of(a), Numeric::of(b)) {
            (Some(a), Some(b)) => a == b,
            _ => a == b,
        },
    }
}

/// Feeds a value to a hasher, such that the same values are fed the same.
pub(super) fn feed(value: &Value, folded: bool, hasher: &mut impl Hasher) {
    if let Some(number) = Numeric::of(value) {
        number.hash(hasher);
        return;
    }
    match value {
        Value::Bool(value) => value.hash(hasher),
        Value::Text(text) if folded => lowercase(text).for_each(|letter| letter.hash(hasher)),
        Value::Text(text) => text.hash(hasher),
        Value::List(items) => items.iter().for_each(|item| feed(item, false, hasher)),
        // Members in any order are the same map, so only what no order changes is fed.
        _ => value.members().map_or(0, Iterator::count).hash(hasher),
    }
}

/// Letter by letter, so that nothing is allocated for a comparison.
fn lowercase(text: &str) -> impl Iterator<Item = char> {
    text.chars().flat_map(char::to_lowercase)
}

/// A number in the one form that all equal numbers share.
#[derive(PartialEq, Eq, Hash)]
enum Numeric {
    Whole(i64),
    /// The bits of a float that no `i64` equals; all that are not a number have the same.
    Other(u64),
}

impl Numeric {
    fn of(value: &Value) -> Option<Self> {
        match value {
            Value::Integer(value) => Some(Self::Whole(*value)),
            Value::Number(value) => Some(Self::of_float(*value)),
            _ => None,
        }
    }

    #[expect(clippy::cast_possible_truncation, reason = "the range and the fraction are checked")]
    fn of_float(value: f64) -> Self {
        /// The first float above every `i64`.
        const ABOVE: f64 = 9_223_372_036_854_775_808.0;
        if value.is_nan() {
            Self::Other(f64::NAN.to_bits())
        } else if value.fract() == 0.0 && (-ABOVE..ABOVE).contains(&value) {
            Self::Whole(value as i64)
        } else {
            Self::Other(value.to_bits())
        }
    }
}

#[cfg(test)]
mod tests {
    use std::hash::DefaultHasher;

    use super::*;
    use crate::value::Map;

    fn hash(value: &Value, folded: bool) -> u64 {
        let mut hasher = DefaultHasher::new();
        feed(value, folded, &mut hasher);
        hasher.finish()
    }

    fn map(keys: [&str; 2]) -> Value {
        Value::map(keys.iter().map(|key| ((*key).into(), Value::Integer(1))).collect::<Map>())
    }

    #[test]
    fn what_is_the_same_hashes_the_same() {
        let beyond = 1_i64 << 53;
        let cases: &[(Value, Value, bool, bool)] = &[
            (1.into(), 1.0.into(), false, true),
            (0.into(), (-0.0).into(), false, true),
            (0.0.into(), (-0.0).into(), false, true),
            (1.into(), 1.5.into(), false, false),
            (1.into(), "1".into(), false, false),
            (1.into(), true.into(), false, false),
            (f64::NAN.into(), (-f64::NAN).into(), false, true),
            (i64::MAX.into(), 9_223_372_036_854_775_808.0.into(), false, false),
            (i64::MIN.into(), (-9_223_372_036_854_775_808.0).into(), false, true),
            (beyond.into(), 9_007_199_254_740_992.0.into(), false, true),
            ((beyond + 1).into(), 9_007_199_254_740_992.0.into(), false, false),
            ("Ä@X".into(), "ä@x".into(), true, true),
            ("\u{212A}".into(), "k".into(), true, true),
            ("A".into(), "a".into(), false, false),
            (vec![1.into()].into(), vec![1.0.into()].into(), false, true),
            (vec![1.into()].into(), vec![1.into(), 2.into()].into(), false, false),
            (map(["a", "b"]), map(["b", "a"]), false, true),
            (map(["a", "b"]), map(["b", "c"]), false, false),
            (Value::Null, Value::Null, false, true),
            (Value::Null, "".into(), false, false),
        ];
        for (a, b, folded, expected) in cases {
            assert_eq!(same(a, b, *folded), *expected, "{a:?} and {b:?}");
            assert_eq!(same(b, a, *folded), *expected, "{b:?} and {a:?}");
            if *expected {
                assert_eq!(hash(a, *folded), hash(b, *folded), "{a:?} and {b:?}");
            }
        }
    }
}
