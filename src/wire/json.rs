//! JSON as RFC 8259 has it, strictly.

mod escaped;
mod lines;
mod lists;
mod quick;
mod write;

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;

use serde::de::{DeserializeSeed, Error as _, MapAccess, SeqAccess, Visitor};

use lists::Lists;

pub use lines::JsonLines;

use super::encoding::{Encoding, Unmappable, text_of};
use super::position::{BYTE_ORDER_MARK, Position};
use super::{DecodeError, Decoded, EncodeError, Limits, Repeated, Wire};
use crate::value::{Map, Value, shared_text};

/// From so many bytes on a text is looked at twice, so that it takes less memory.
const LARGE: usize = 16 * 1024;
/// So many different names are shared at most.
const MOST_INTERNED: usize = 1_000;

/// From this many members on, a set is cheaper than looking for a duplicate.
const SET_FROM: usize = 16;

/// JSON, written without white space.
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
    /// [`Value::Number`], which keeps the literal. Where a name comes twice in an object, the last value counts unless the limits say otherwise, as in
    /// most readers: RFC 8259 section 4 leaves it open.
    fn decode_in(
        &self,
        body: &[u8],
        charset: Option<Encoding>,
        limits: &Limits,
    ) -> Result<Decoded, DecodeError> {
        let text = &*text_of_json(body, charset)?;
        let large = (text.len() > LARGE).then(|| Large::of(text));
        match quick::read(text, limits, large.as_ref()) {
            Some(value) => Ok(value.into()),
            None => by_library(text, limits).map(Into::into),
        }
    }

    fn encode(&self, value: &Value, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        write::write(value, out).map_err(|error| EncodeError::new(error.to_string()))
    }

    /// What the encoding does not have is escaped.
    fn encode_in(
        &self,
        value: &Value,
        charset: Encoding,
        out: &mut Vec<u8>,
    ) -> Result<(), EncodeError> {
        if charset == Encoding::UTF_8 {
            return self.encode(value, out);
        }
        let text = serde_json::to_string(value);
        let text = text.map_err(|error| EncodeError::new(error.to_string()))?;
        charset.encode(&text, Unmappable::Escape, out)
    }
}

/// Reads a text with the library, which says what is wrong with one and where.
fn by_library(text: &str, limits: &Limits) -> Result<Value, DecodeError> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    // The library's own limit is fixed; `Tree` keeps to the one that was asked for.
    deserializer.disable_recursion_limit();
    let exponents = Exponents(Cell::new(text.as_bytes()));
    let large = (text.len() > LARGE).then(|| Large::of(text));
    let tree = Tree {
        depth_left: limits.effective_depth(),
        limits,
        exponents: &exponents,
        large: large.as_ref(),
    };
    tree.deserialize(&mut deserializer)
        .and_then(|value| deserializer.end().map(|()| value))
        .map_err(|error| decode_error(text, &error))
}

/// The body as text, which begins without a byte order mark.
fn text_of_json(body: &[u8], charset: Option<Encoding>) -> Result<Cow<'_, str>, DecodeError> {
    let unmarked = charset.is_none_or(|charset| charset == Encoding::UTF_8);
    if unmarked && body.starts_with(BYTE_ORDER_MARK) {
        let message = "a byte order mark is not allowed before JSON (RFC 8259 section 8.1)";
        return Err(DecodeError::at(body, 0, message));
    }
    text_of(body, charset)
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
    let message = match message {
        // By the grammar it is JSON, but what it stands for is not a character (RFC 8259 section
        // 8.2).
        "unexpected end of hex escape" | "lone leading surrogate in hex escape"
            if has_surrogate(text, before + column) =>
        {
            "half of a surrogate pair, which is not a character"
        }
        message => message,
    };
    let line_text = text.split('\n').nth(line.saturating_sub(1)).unwrap_or_default();
    // The character that has the byte it points at.
    let at = line_text.floor_char_boundary(column.saturating_sub(1));
    let before = line_text.get(..at).unwrap_or_default();
    let place = Position::behind(line.max(1), before.as_bytes());
    DecodeError { message: message.to_owned(), place }
}

/// Whether there is an escape of a surrogate in what was read last.
fn has_surrogate(text: &str, end: usize) -> bool {
    const TWO_ESCAPES: usize = 14;
    let start = text.floor_char_boundary(end.saturating_sub(TWO_ESCAPES));
    let read = text.get(start..text.floor_char_boundary(end)).unwrap_or_default();
    let read = read.to_ascii_lowercase();
    read.match_indices("\\ud").any(|(at, _)| {
        let digits = read.get(at + 2..at + 6).unwrap_or_default();
        u16::from_str_radix(digits, 16).is_ok_and(|unit| (0xD800..=0xDFFF).contains(&unit))
    })
}

#[derive(Clone, Copy)]
struct Tree<'l> {
    depth_left: usize,
    limits: &'l Limits,
    exponents: &'l Exponents<'l>,
    /// What keeps a large text from taking much more memory than it has to.
    large: Option<&'l Large>,
}

struct Large {
    lists: Lists,
    /// The names that are shared: each of a million objects may have the same.
    names: RefCell<HashSet<Arc<str>>>,
}

impl Large {
    fn of(text: &str) -> Self {
        Self { lists: Lists::of(text), names: RefCell::default() }
    }

    /// The shared copy of a name.
    fn name(&self, name: &str) -> Arc<str> {
        let mut shared = self.names.borrow_mut();
        if let Some(known) = shared.get(name) {
            return known.clone();
        }
        let name: Arc<str> = name.into();
        if shared.len() < MOST_INTERNED {
            shared.insert(name.clone());
        }
        name
    }
}

impl Tree<'_> {
    fn number<E: serde::de::Error>(self, literal: &str) -> Result<Value, E> {
        let written = if literal.contains('e') { self.exponents.next() } else { Some(literal) };
        let number = written.and_then(Value::number);
        number.ok_or_else(|| E::custom("the exponent of a number has more than 36 digits"))
    }

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

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<Value, E> {
        match i64::try_from(value) {
            Ok(value) => Ok(Value::Integer(value)),
            Err(_) => self.number(&value.to_string()),
        }
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::Text(shared_text(text)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let inner = self.deeper()?;
        let mut list = Vec::with_capacity(self.large.map_or(0, |large| large.lists.next()));
        while let Some(item) = items.next_element_seed(inner)? {
            list.push(item);
        }
        Ok(Value::list(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let inner = self.deeper()?;
        let mut map = Map::new();
        let mut names: Option<HashSet<Arc<str>>> = None;
        while let Some(key) = members.next_key_seed(Key(self.large))? {
            let Some(name) = key else {
                return self.number(&members.next_value::<String>()?);
            };
            let known = if map.len() < SET_FROM {
                map.get(&name).is_some()
            } else {
                !names.get_or_insert_with(|| map.keys().cloned().collect()).insert(name.clone())
            };
            match self.limits.repeated {
                Repeated::Refused if known => {
                    return Err(A::Error::custom(format_args!("duplicate key {name:?}")));
                }
                Repeated::LastCounts if known => {
                    map.insert(name, members.next_value_seed(inner)?);
                    continue;
                }
                _ => {}
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

/// The name of a member; none where the library gives a number.
///
/// It hands over a number that is not a small integer as a map of one member, whose name a
/// client could send too. Only a name in the text can be asked for as an option and is there.
#[derive(Clone, Copy)]
struct Key<'l>(Option<&'l Large>);

impl<'de> DeserializeSeed<'de> for Key<'_> {
    type Value = Option<Arc<str>>;

    fn deserialize<D: serde::Deserializer<'de>>(self, from: D) -> Result<Self::Value, D::Error> {
        from.deserialize_option(self)
    }
}

impl<'de> Visitor<'de> for Key<'_> {
    type Value = Option<Arc<str>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_some<D: serde::Deserializer<'de>>(self, from: D) -> Result<Self::Value, D::Error> {
        from.deserialize_str(Name(self.0)).map(Some)
    }

    fn visit_borrowed_str<E>(self, _: &'de str) -> Result<Self::Value, E> {
        Ok(None)
    }
}

struct Name<'l>(Option<&'l Large>);

impl Visitor<'_> for Name<'_> {
    type Value = Arc<str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E>(self, name: &str) -> Result<Arc<str>, E> {
        Ok(match self.0 {
            Some(large) => large.name(name),
            None => name.into(),
        })
    }
}

/// The numbers of a JSON text that have an exponent, as they stand there: the library keeps all
/// other literals, but rewrites these.
struct Exponents<'t>(Cell<&'t [u8]>);

impl Exponents<'_> {
    /// The next one. What was read so far is known to be JSON.
    fn next(&self) -> Option<&str> {
        let mut rest = self.0.get();
        loop {
            match rest.split_first()? {
                (b'"', behind) => rest = behind_string(behind),
                (b'-' | b'0'..=b'9', _) => {
                    let is_part =
                        |byte: &u8| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E');
                    let end = rest.iter().position(|byte| !is_part(byte)).unwrap_or(rest.len());
                    let (number, behind) = rest.split_at(end);
                    rest = behind;
                    if number.iter().any(u8::is_ascii_alphabetic) {
                        self.0.set(rest);
                        return std::str::from_utf8(number).ok();
                    }
                }
                (_, behind) => rest = behind,
            }
        }
    }
}

/// What comes after a string whose opening quote was read.
fn behind_string(mut rest: &[u8]) -> &[u8] {
    while let Some((byte, behind)) = rest.split_first() {
        rest = match byte {
            b'"' => return behind,
            b'\\' => behind.get(1..).unwrap_or_default(),
            _ => behind,
        };
    }
    rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_whole_where_they_fit() {
        let cases = [
            ("9223372036854775807", Value::Integer(i64::MAX)),
            ("-9223372036854775808", Value::Integer(i64::MIN)),
            ("9223372036854775808", Value::number("9223372036854775808.0").unwrap()),
            ("1.0", 1.0.into()),
            ("1e2", 100.0.into()),
        ];
        for (text, expected) in cases {
            let value = Json.decode(text.as_bytes(), &Limits::default()).unwrap().value;
            assert_eq!(value.kind(), expected.kind(), "{text}");
            assert_eq!(value, expected, "{text}");
        }
    }

    #[test]
    fn a_byte_order_mark_is_refused_whether_a_charset_is_named_or_not() {
        for charset in [None, Some(Encoding::UTF_8)] {
            let read = Json.decode_in(b"\xEF\xBB\xBF{}", charset, &Limits::default());
            assert!(read.unwrap_err().message.contains("byte order mark"), "{charset:?}");
        }
    }

    #[test]
    fn half_of_a_surrogate_pair_is_told_from_an_escape_that_breaks_off() {
        let cases = [
            (r#"{"a":"\ud800"}"#, true),
            (r#""\uDC00""#, true),
            (r#""\ud83d\u0041""#, true),
            (r#""\ud83d and more""#, true),
            (r#""\u12"#, false),
            (r#""\u12g4""#, false),
        ];
        for (text, is_half) in cases {
            let error = Json.decode(text.as_bytes(), &Limits::default()).unwrap_err();
            assert_eq!(error.message.contains("surrogate"), is_half, "{text}: {}", error.message);
        }
        assert!(Json.decode(br#""\ud83d\ude00""#, &Limits::default()).is_ok());
    }

    #[test]
    fn limits_hold_exactly() {
        let limits = Limits { depth: 3, members: 20, repeated: Repeated::LastCounts };
        assert!(Json.decode(b"[[[1]]]", &limits).is_ok());
        assert!(Json.decode(b"[[[[1]]]]", &limits).is_err());
        let object = |count: usize| {
            let members: Vec<_> = (0..count).map(|name| format!("\"{name}\":1")).collect();
            format!("{{{}}}", members.join(","))
        };
        assert!(Json.decode(object(20).as_bytes(), &limits).is_ok());
        assert!(Json.decode(object(21).as_bytes(), &limits).is_err());
        let duplicate = object(19).replace('}', ",\"3\":1}");
        let value = Json.decode(duplicate.as_bytes(), &limits).unwrap().value;
        assert_eq!(value.members().unwrap().count(), 19);
        let limits = Limits { repeated: Repeated::Refused, ..limits };
        let error = Json.decode(duplicate.as_bytes(), &limits).unwrap_err();
        assert_eq!(error.message, "duplicate key \"3\"");
    }

    #[test]
    fn numbers_go_out_as_they_came_in() {
        let text = r#"[7.0,-0,1e400,1E+5,-1.50e-07,12345678901234567890123,18446744073709551615,0.10,{"5e1":"6e2\\","$serde_json::private::Number":"1e3"},1e999999999,"\"8e1"]"#;
        let value = Json.decode(text.as_bytes(), &Limits::default()).unwrap().value;
        let mut out = Vec::new();
        Json.encode(&value, &mut out).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), text);
    }
}
