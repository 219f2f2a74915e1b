//! JSON as RFC 8259 has it, strictly.

use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;

use serde::de::{DeserializeSeed, Error as _, MapAccess, SeqAccess, Visitor};

use super::position::{BYTE_ORDER_MARK, characters, utf8};
use super::{DecodeError, Decoded, EncodeError, Limits, Wire};
use crate::value::{Map, Value};

/// From this many members on, a set is cheaper than looking for a duplicate.
const SET_FROM: usize = 16;

/// JSON, written without white space; a number that is not finite is written as `null`.
#[derive(Debug, Clone, Copy, Default)]
pub struct Json;

impl Wire for Json {
    fn name(&self) -> &'static str {
        "json"
    }

    fn textual(&self) -> bool {
        false
    }

    /// Whole numbers that an `i64` holds become [`Value::Integer`], all others
    /// [`Value::Number`]. Objects in which a name comes twice are refused: RFC 8259 section 4
    /// leaves open what they mean.
    fn decode(&self, body: &[u8], limits: &Limits) -> Result<Decoded, DecodeError> {
        if body.starts_with(BYTE_ORDER_MARK) {
            let message = "a byte order mark must not stand before JSON (RFC 8259 section 8.1)";
            return Err(DecodeError::at(body, 0, message));
        }
        let text = utf8(body)?;
        let mut deserializer = serde_json::Deserializer::from_str(text);
        // The library's own limit is fixed; `Tree` keeps to the one that was asked for.
        deserializer.disable_recursion_limit();
        let tree = Tree { depth_left: limits.effective_depth(), limits };
        let value = tree
            .deserialize(&mut deserializer)
            .and_then(|value| deserializer.end().map(|()| value))
            .map_err(|error| decode_error(text, &error))?;
        Ok(value.into())
    }

    fn encode(&self, value: &Value, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        serde_json::to_writer(out, value).map_err(|error| EncodeError::new(error.to_string()))
    }
}

/// The library counts columns in bytes, from 1, or 0 for the line break itself.
fn decode_error(text: &str, error: &serde_json::Error) -> DecodeError {
    let (line, column) = (error.line(), error.column());
    let message = error.to_string();
    let place = format!(" at line {line} column {column}");
    let message = message.strip_suffix(&place).unwrap_or(&message);
    let before: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    // The library points at what comes after the comma, which may be lines below.
    if message == "trailing comma"
        && let Some(comma) = text.get(..before + column).and_then(|read| read.rfind(','))
    {
        return DecodeError::at(text.as_bytes(), comma, message);
    }
    let line_text = text.split('\n').nth(line.saturating_sub(1)).unwrap_or_default();
    let column = line_text.as_bytes().get(..column).map_or(column, characters);
    DecodeError { message: message.to_owned(), line: line.max(1), column: column.max(1) }
}

#[derive(Clone, Copy)]
struct Tree<'l> {
    depth_left: usize,
    limits: &'l Limits,
}

impl Tree<'_> {
    fn deeper<E: serde::de::Error>(self) -> Result<Self, E> {
        let Some(depth_left) = self.depth_left.checked_sub(1) else {
            let depth = self.limits.effective_depth();
            return Err(E::custom(format_args!("nested deeper than {depth} levels")));
        };
        Ok(Self { depth_left, ..self })
    }
}

impl<'de> DeserializeSeed<'de> for Tree<'_> {
    type Value = Value;

    fn deserialize<D: serde::Deserializer<'de>>(self, from: D) -> Result<Value, D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Tree<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Integer(value))
    }

    #[expect(clippy::cast_precision_loss, reason = "no number type here holds it exactly")]
    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(i64::try_from(value).map_or(Value::Number(value as f64), Value::Integer))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Value::Number(value))
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::text(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let inner = self.deeper()?;
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(inner)? {
            list.push(item);
        }
        Ok(Value::list(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let inner = self.deeper()?;
        let mut map = Map::new();
        let mut names = HashSet::new();
        while let Some(name) = members.next_key_seed(Name)? {
            let known = if map.len() < SET_FROM {
                map.get(&name).is_some()
            } else {
                if names.is_empty() {
                    names.extend(map.keys().cloned());
                }
                !names.insert(name.clone())
            };
            if known {
                return Err(A::Error::custom(format_args!("duplicate key {name:?}")));
            }
            if map.len() == self.limits.members {
                let most = self.limits.members;
                return Err(A::Error::custom(format_args!("more than {most} members")));
            }
            let value = members.next_value_seed(inner)?;
            map.push(name, value);
        }
        Ok(Value::map(map))
    }
}

struct Name;

impl<'de> DeserializeSeed<'de> for Name {
    type Value = Arc<str>;

    fn deserialize<D: serde::Deserializer<'de>>(self, from: D) -> Result<Arc<str>, D::Error> {
        from.deserialize_str(self)
    }
}

impl Visitor<'_> for Name {
    type Value = Arc<str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E>(self, name: &str) -> Result<Arc<str>, E> {
        Ok(name.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_whole_where_they_fit() {
        let cases = [
            ("9223372036854775807", Value::Integer(i64::MAX)),
            ("-9223372036854775808", Value::Integer(i64::MIN)),
            ("9223372036854775808", Value::Number(9_223_372_036_854_775_808.0)),
            ("1.0", Value::Number(1.0)),
            ("1e2", Value::Number(100.0)),
        ];
        for (text, expected) in cases {
            let value = Json.decode(text.as_bytes(), &Limits::default()).unwrap().value;
            assert_eq!(value.kind(), expected.kind(), "{text}");
            assert_eq!(value, expected, "{text}");
        }
    }

    #[test]
    fn limits_hold_exactly() {
        let limits = Limits { depth: 3, members: 20 };
        assert!(Json.decode(b"[[[1]]]", &limits).is_ok());
        assert!(Json.decode(b"[[[[1]]]]", &limits).is_err());
        let object = |count: usize| {
            let members: Vec<_> = (0..count).map(|name| format!("\"{name}\":1")).collect();
            format!("{{{}}}", members.join(","))
        };
        assert!(Json.decode(object(20).as_bytes(), &limits).is_ok());
        assert!(Json.decode(object(21).as_bytes(), &limits).is_err());
        let duplicate = object(19).replace('}', ",\"3\":1}");
        let error = Json.decode(duplicate.as_bytes(), &limits).unwrap_err();
        assert_eq!(error.message, "duplicate key \"3\"");
    }

    #[test]
    fn a_number_that_is_not_finite_becomes_null() {
        let mut out = Vec::new();
        Json.encode(&Value::Number(f64::NAN), &mut out).unwrap();
        assert_eq!(out, b"null");
    }
}
