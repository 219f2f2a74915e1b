//! When two values are the same to a key or an index, and a hash that agrees with it.
//!
//! They are the same by [`Value`]'s own equality, but for the case of texts.

use std::hash::{Hash, Hasher};

use crate::value::{Value, folded, same_but_for_case};

/// Whether two values are the same; with `folded`, texts without regard to case.
pub(super) fn same(a: &Value, b: &Value, folded: bool) -> bool {
    match (a, b) {
        (Value::Text(a), Value::Text(b)) => a == b || (folded && same_but_for_case(a, b)),
        (Value::List(a), Value::List(b)) => {
            a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| same(a, b, false))
        }
        _ => a == b,
    }
}

/// Feeds a value to a hasher, such that the same values are fed the same.
pub(super) fn feed(value: &Value, folded: bool, hasher: &mut impl Hasher) {
    match value {
        Value::Text(text) if folded => feed_folded(text, hasher),
        _ => value.hash(hasher),
    }
}

/// Feeds a text without regard to case: the same bytes in the same pieces, whether or not it is of
/// the letters for which nothing has to be allocated.
fn feed_folded(text: &str, hasher: &mut impl Hasher) {
    const PIECE: usize = 32;
    if text.is_ascii() {
        for piece in text.as_bytes().chunks(PIECE) {
            let mut lower = [0; PIECE];
            if let Some(lower) = lower.get_mut(..piece.len()) {
                lower.copy_from_slice(piece);
                lower.make_ascii_lowercase();
                hasher.write(lower);
            }
        }
    } else {
        let folded: String = folded(text).collect();
        folded.as_bytes().chunks(PIECE).for_each(|piece| hasher.write(piece));
    }
    hasher.write_u8(0xFF);
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

    fn number(text: &str) -> Value {
        Value::number(text).unwrap()
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
            (i64::MAX.into(), number("9223372036854775808"), false, false),
            (i64::MIN.into(), number("-9223372036854775808.0"), false, true),
            (beyond.into(), number("9007199254740992.0"), false, true),
            ((beyond + 1).into(), number("9007199254740992.0"), false, false),
            (number("7"), number("70e-1"), false, true),
            (number("1e400"), number("10e399"), false, true),
            (number("1e400"), number("1e401"), false, false),
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
