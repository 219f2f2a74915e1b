//! Forms: `application/x-www-form-urlencoded` as the WHATWG URL standard has it (section 5), but
//! strict about what that standard lets pass, such as broken percent-encoding.

mod fields;

use std::sync::Arc;

use memchr::{memchr, memchr2};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};

use super::encoding::{Encoding, Unmappable, text_of};
use super::grouping::Grouping;
use super::{DecodeError, Decoded, EncodeError, Limits, Wire};
use crate::value::{Value, shared_text};

pub use fields::{Fields, Found};

/// The application/x-www-form-urlencoded percent-encode set; the space is written `+`.
const ENCODED: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'*').remove(b'-').remove(b'.').remove(b'_').remove(b' ');

/// A form: an object whose members are texts; a name that comes again makes a list.
#[derive(Debug, Clone, Copy, Default)]
pub struct Form;

impl Wire for Form {
    fn name(&self) -> &'static str {
        "form"
    }

    fn textual(&self) -> bool {
        true
    }

    fn decode_in(
        &self,
        body: &[u8],
        charset: Option<Encoding>,
        limits: &Limits,
    ) -> Result<Decoded, DecodeError> {
        let fields = Fields::read(body, charset)?;
        let counts = fields.counts();
        let mut grouping = Grouping::default();
        for field in fields.iter() {
            let (value, count) = (field.value(), field.count(&counts));
            grouping.add_one_of(field.name.into_owned(), value, count);
            if grouping.len() > limits.members {
                let message = format!("more than {} members", limits.members);
                return Err(DecodeError::at(body, 0, message));
            }
        }
        Ok(Value::map(grouping.into_map()).into())
    }

    /// A form has no null: null is refused, since both an empty text and leaving the member out
    /// mean something else.
    fn encode(&self, value: &Value, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        self.encode_in(value, Encoding::UTF_8, out)
    }

    fn encode_in(
        &self,
        value: &Value,
        charset: Encoding,
        out: &mut Vec<u8>,
    ) -> Result<(), EncodeError> {
        let Some(members) = value.members() else {
            let kind = value.kind();
            return Err(EncodeError::new(format!("a form is an object, this is of kind {kind}")));
        };
        let start = out.len();
        for (name, value) in members {
            for item in value.as_list().unwrap_or(std::slice::from_ref(value)) {
                let Some(text) = item.scalar_text() else {
                    let kind = item.kind();
                    let message = format!("a form cannot hold {name:?}, which is of kind {kind}");
                    return Err(EncodeError::new(message));
                };
                if out.len() > start {
                    out.push(b'&');
                }
                encode_part(name, charset, out)?;
                out.push(b'=');
                encode_part(&text, charset, out)?;
            }
        }
        Ok(())
    }
}

/// What percent-encoding hides is in the encoding, and what it leaves is ASCII. In UTF-16, which
/// has no ASCII, the bytes are those of UTF-8, as the WHATWG URL standard has it.
pub(super) fn encode_part(
    text: &str,
    charset: Encoding,
    out: &mut Vec<u8>,
) -> Result<(), EncodeError> {
    let mut bytes = Vec::new();
    let charset = if charset.is_wide() { Encoding::UTF_8 } else { charset };
    charset.encode(text, Unmappable::Refused, &mut bytes)?;
    for piece in percent_encode(&bytes, ENCODED) {
        out.extend(piece.bytes().map(|byte| if byte == b' ' { b'+' } else { byte }));
    }
    Ok(())
}

/// A text as a value in a form.
pub fn encoded(text: &str) -> String {
    let mut out = Vec::new();
    // UTF-8 has all characters, and what is encoded is ASCII.
    _ = encode_part(text, Encoding::UTF_8, &mut out);
    String::from_utf8(out).unwrap_or_default()
}

/// What a value in a form stands for; none where it is not one.
pub fn decoded(text: &str) -> Option<Arc<str>> {
    decode_part(text, 0, text).ok()
}

/// A name and a value.
pub type Pair = (Arc<str>, Arc<str>);

/// The names and values of a form or a query string (without its `?`), in order. Fails on a `%`
/// without two hexadecimal digits and on what is not UTF-8 after decoding.
pub fn decode_pairs(text: &str) -> Result<Vec<Pair>, DecodeError> {
    let mut pairs = Vec::new();
    let mut offset = 0;
    for pair in text.split('&') {
        if !pair.is_empty() {
            let (name, value) = cut(pair, b'=').unwrap_or((pair, ""));
            let name_text = decode_part(text, offset, name)?;
            let value_text = decode_part(text, offset + name.len() + 1, value)?;
            pairs.push((name_text, value_text));
        }
        offset += pair.len() + 1;
    }
    Ok(pairs)
}

/// The names and values of the body of a form in the encoding that its media type names. What
/// percent-encoding hides is in it too, but for UTF-16 (see `encode_part`).
pub fn decode_pairs_in(body: &[u8], charset: Option<Encoding>) -> Result<Vec<Pair>, DecodeError> {
    match charset {
        Some(charset) if charset != Encoding::UTF_8 && !charset.is_wide() => {
            let pairs = body.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty());
            let pairs = pairs.map(|pair| {
                let equals = pair.iter().position(|byte| *byte == b'=').unwrap_or(pair.len());
                let (name, value) = pair.split_at_checked(equals).unwrap_or((pair, b""));
                let value = value.strip_prefix(b"=").unwrap_or(value);
                let text = |part| charset.decode(&unescaped(body, part)?).map(Arc::from);
                Ok((text(name)?, text(value)?))
            });
            pairs.collect()
        }
        _ => decode_pairs(&text_of(body, charset)?),
    }
}

/// A part of a body without its percent-encoding.
fn unescaped(body: &[u8], part: &[u8]) -> Result<Vec<u8>, DecodeError> {
    let mut bytes = Vec::with_capacity(part.len());
    let mut sources = part.iter();
    while let Some(byte) = sources.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let digit = |byte: Option<&u8>| char::from(*byte?).to_digit(16);
                let (Some(high), Some(low)) = (digit(sources.next()), digit(sources.next())) else {
                    let message = "`%` must be followed by two hexadecimal digits";
                    return Err(DecodeError::at(body, 0, message));
                };
                u8::try_from(high * 16 + low).unwrap_or_default()
            }
            other => *other,
        });
    }
    Ok(bytes)
}

/// What stands before and behind the first `mark`, which is ASCII.
pub(super) fn cut(text: &str, mark: u8) -> Option<(&str, &str)> {
    let (before, rest) = text.split_at_checked(memchr(mark, text.as_bytes())?)?;
    Some((before, rest.get(1..)?))
}

/// Decodes the part of `text` that starts at `offset`.
fn decode_part(text: &str, offset: usize, part: &str) -> Result<Arc<str>, DecodeError> {
    if memchr2(b'%', b'+', part.as_bytes()).is_none() {
        return Ok(shared_text(part));
    }
    let mut bytes = Vec::with_capacity(part.len());
    let mut sources = part.bytes().enumerate();
    while let Some((at, byte)) = sources.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let digit = |pair: Option<(usize, u8)>| char::from(pair?.1).to_digit(16);
                let (Some(high), Some(low)) = (digit(sources.next()), digit(sources.next())) else {
                    let message = "`%` must be followed by two hexadecimal digits";
                    return Err(DecodeError::at(text.as_bytes(), offset + at, message));
                };
                u8::try_from(high * 16 + low).unwrap_or_default()
            }
            other => other,
        });
    }
    match String::from_utf8(bytes) {
        Ok(decoded) => Ok(decoded.into()),
        Err(error) => {
            let at = source_of(part, error.utf8_error().valid_up_to());
            let message = "the percent-encoded bytes are not UTF-8";
            Err(DecodeError::at(text.as_bytes(), offset + at, message))
        }
    }
}

/// Where the decoded byte of that number stands in a part that is known to be well encoded.
fn source_of(part: &str, decoded: usize) -> usize {
    let mut at = 0;
    for _ in 0..decoded {
        at += if part.as_bytes().get(at) == Some(&b'%') { 3 } else { 1 };
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Map;

    #[test]
    fn writes_what_browsers_write() {
        let mut map = Map::new();
        map.insert("a b", "x&y=z ä*-._~".into());
        map.insert("list", vec![Value::Integer(1), Value::Bool(true)].into());
        map.insert("none", Vec::new().into());
        let mut out = Vec::new();
        Form.encode(&Value::map(map), &mut out).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), "a+b=x%26y%3Dz+%C3%A4*-._%7E&list=1&list=true");
    }

    #[test]
    fn refuses_what_a_form_cannot_hold() {
        let mut map = Map::new();
        map.insert("a", Value::Null);
        for value in [Value::map(map), Value::Null, Value::text("x")] {
            assert!(Form.encode(&value, &mut Vec::new()).is_err(), "{value}");
        }
    }
}
