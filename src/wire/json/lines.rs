//! JSON texts, one a line ([JSON Lines](https://jsonlines.org), also called NDJSON): a list.

use std::cell::Cell;

use serde::de::DeserializeSeed as _;

use super::{Exponents, Json, LARGE, Large, Tree, decode_error, text_of_json};
use crate::value::Value;
use crate::wire::encoding::{Encoding, Unmappable};
use crate::wire::{DecodeError, Decoded, EncodeError, Limits, Position, Wire};

/// A list, of which each item is a line. The line feed at the end of the last one may be missing;
/// a line without a text is refused, of which the format says nothing.
#[derive(Debug, Clone, Copy)]
pub struct JsonLines;

impl Wire for JsonLines {
    fn item_ends(&self, body: &[u8]) -> Option<Vec<usize>> {
        Some(memchr::memchr_iter(b'\n', body).map(|at| at + 1).collect())
    }

    fn name(&self) -> &'static str {
        "jsonLines"
    }

    fn textual(&self) -> bool {
        false
    }

    fn decode_in(
        &self,
        body: &[u8],
        charset: Option<Encoding>,
        limits: &Limits,
    ) -> Result<Decoded, DecodeError> {
        let text = &*text_of_json(body, charset)?;
        let exponents = Exponents(Cell::new(text.as_bytes()));
        let large = (text.len() > LARGE).then(|| Large::of(text));
        // The list itself is one level.
        let depth_left = limits.effective_depth().saturating_sub(1);
        let tree = Tree { depth_left, limits, exponents: &exponents, large: large.as_ref() };
        let ended = text.strip_suffix('\n').unwrap_or(text);
        // A list that grows is copied again and again.
        let count =
            large.as_ref().map(|_| memchr::memchr_iter(b'\n', ended.as_bytes()).count() + 1);
        let mut list = Vec::with_capacity(count.unwrap_or_default());
        let lines = ended.split('\n').filter(|_| !text.is_empty());
        for (before, line) in lines.enumerate() {
            let line = line.strip_suffix('\r').unwrap_or(line);
            if line.trim_ascii().is_empty() {
                let place = Position { line: before + 1, ..Position::START };
                let message = "a line without a value".to_owned();
                return Err(DecodeError { message, place });
            }
            let mut deserializer = serde_json::Deserializer::from_str(line);
            deserializer.disable_recursion_limit();
            let value = tree.deserialize(&mut deserializer);
            let value = value.and_then(|value| deserializer.end().map(|()| value));
            list.push(value.map_err(|error| {
                let mut error = decode_error(line, &error);
                error.place.line += before;
                error
            })?);
        }
        Ok(Value::list(list).into())
    }

    fn encode(&self, value: &Value, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        for item in items(value)? {
            Json.encode(item, out)?;
            out.push(b'\n');
        }
        Ok(())
    }

    fn encode_in(
        &self,
        value: &Value,
        charset: Encoding,
        out: &mut Vec<u8>,
    ) -> Result<(), EncodeError> {
        for item in items(value)? {
            Json.encode_in(item, charset, out)?;
            charset.encode("\n", Unmappable::Refused, out)?;
        }
        Ok(())
    }
}

fn items(value: &Value) -> Result<&[Value], EncodeError> {
    value.as_list().ok_or_else(|| {
        let kind = value.kind();
        EncodeError::new(format!("expected a list, whose items are the lines, found {kind}"))
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> Result<Value, String> {
        let decoded = JsonLines.decode(text.as_bytes(), &Limits::default());
        decoded.map(|decoded| decoded.value).map_err(|error| error.to_string())
    }

    #[test]
    fn each_line_is_an_item() {
        for (text, expected) in [
            ("", "[]"),
            ("1", "[1]"),
            ("{\"a\":[1,2]}\r\n \"ä\" \r\nnull\n", "[{\"a\":[1,2]},\"ä\",null]"),
            ("1e2\n[]\n1E+5\n", "[1e2,[],1E+5]"),
        ] {
            let mut out = Vec::new();
            Json.encode(&read(text).unwrap(), &mut out).unwrap();
            assert_eq!(String::from_utf8(out).unwrap(), expected, "{text:?}");
        }
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line() {
        for (text, expected) in [
            ("1\n\n2\n", "2:1: a line without a value"),
            ("\n", "1:1: a line without a value"),
            ("{}\n{\"a\":\n1}\n", "2:5: EOF while parsing a value"),
            ("{}\n{} {}\n", "2:4: trailing characters"),
            ("[1]\n[1,]", "2:3: trailing comma"),
        ] {
            assert_eq!(read(text).unwrap_err(), expected, "{text:?}");
        }
        assert!(read("\u{feff}{}").unwrap_err().contains("byte order mark"));
        let deep = format!("1\n{}{}", "[".repeat(128), "]".repeat(128));
        assert!(read(&deep).unwrap_err().starts_with("2:"), "the list is one level");
    }

    #[test]
    fn a_line_of_ten_megabytes_is_read() {
        let text = format!("1\n\"{}\"\n2\n", "x".repeat(10 << 20));
        assert_eq!(read(&text).unwrap().as_list().unwrap().len(), 3);
        let broken = format!("1\n\"{}\n2\n", "x".repeat(10 << 20));
        assert!(read(&broken).unwrap_err().starts_with("2:"));
    }

    #[test]
    fn only_a_list_has_lines() {
        let error = JsonLines.encode(&Value::map(crate::value::Map::new()), &mut Vec::new());
        assert!(error.unwrap_err().message.starts_with("expected a list"));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(texts in prop::collection::vec(any::<String>(), 0..20)) {
            let list = Value::list(texts.iter().map(|text| Value::text(&**text)).collect());
            let mut out = Vec::new();
            JsonLines.encode(&list, &mut out).unwrap();
            prop_assert_eq!(JsonLines.decode(&out, &Limits::default()).unwrap().value, list);
        }
    }
}
