//! Bodies that are not text: in what bytes differ, and how that is drawn.

use std::fmt::Write as _;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::answer::Answer;
use super::compare::{Ways, compare};
use super::event::{Difference, Mismatch, MismatchKind};
use super::scope::Scope;
use crate::digest::sha256;
use crate::scenario::Given;
use crate::scenario::expected::ExpectedBytes;
use crate::source::Span;
use crate::value::Value;

/// How many bytes stand in a line.
const LINE: usize = 16;

/// How many lines are drawn around a difference, before and after it.
const CONTEXT: usize = 3;

/// The place of the first byte that only one of them has, or both differently.
pub(super) fn first_difference(left: &[u8], right: &[u8]) -> Option<usize> {
    let same = left.iter().zip(right).take_while(|(left, right)| left == right).count();
    (same < left.len() || same < right.len()).then_some(same)
}

/// The line with a byte, in hexadecimal digits, and how many bytes there are.
pub(super) fn excerpt(bytes: &[u8], at: usize) -> String {
    let start = at - at % LINE;
    let line: Vec<String> =
        bytes.iter().skip(start).take(LINE).map(|byte| format!("{byte:02x}")).collect();
    let before = if start > 0 { "… " } else { "" };
    let after = if bytes.len() > start + LINE { " …" } else { "" };
    match line.is_empty() {
        true => format!("the end, after {}", counted(bytes.len())),
        false => format!("{before}{}{after} ({})", line.join(" "), counted(bytes.len())),
    }
}

fn counted(count: usize) -> String {
    if count == 1 { "1 byte".to_owned() } else { format!("{count} bytes") }
}

/// The lines around a byte, with their offsets and the characters of ASCII.
fn drawn(bytes: &[u8], at: usize) -> String {
    let first = (at / LINE).saturating_sub(CONTEXT);
    let lines = bytes.chunks(LINE).enumerate().skip(first).take(2 * CONTEXT + 1);
    let mut text = String::new();
    for (number, line) in lines {
        let digits: Vec<String> = line.iter().map(|byte| format!("{byte:02x}")).collect();
        let shown = |byte: &u8| match byte {
            b' '..=b'~' => char::from(*byte),
            _ => '.',
        };
        let characters: String = line.iter().map(shown).collect();
        let (digits, width) = (digits.join(" "), LINE * 3);
        // Writing to a string cannot fail.
        _ = writeln!(text, "{:08x}  {digits:width$} {characters}", number * LINE);
    }
    text
}

/// All bytes that are expected; an expression gives them in base64.
fn wanted(content: &Given<Arc<[u8]>>, scope: &Scope<'_>) -> Result<Arc<[u8]>, String> {
    let expression = match content {
        Given::Written(bytes) => return Ok(bytes.clone()),
        Given::Expression(expression) => expression,
    };
    let value = scope.value(expression).map_err(|error| error.message)?;
    let text =
        value.as_ref().and_then(Value::as_str).ok_or("the expected bytes are not a string")?;
    let packed: String = text.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    let bytes = STANDARD.decode(packed);
    Ok(bytes.map_err(|_| "the expected bytes are not base64 of RFC 4648")?.into())
}

/// Looks at what is expected of the bytes of a body.
pub(super) fn check_bytes(
    expected: &ExpectedBytes,
    answer: &Answer,
    scope: &Scope<'_>,
) -> (Vec<Mismatch>, Option<Difference>) {
    let body = &*answer.response.body;
    let mut found = Vec::new();
    let mut note = |expected: String, actual: String, message: String, span: &Span| {
        let (kind, path) = (MismatchKind::Expectation, "bytes".to_owned());
        found.push(Mismatch { kind, path, expected, actual, message, span: span.clone() });
    };
    let mut difference = None;
    let content = expected.content.as_ref().map(|(content, span)| (wanted(content, scope), span));
    if let Some((Err(message), span)) = &content {
        note("bytes".to_owned(), String::new(), message.clone(), span);
    }
    if let Some((Ok(content), span)) = &content
        && let Some(at) = first_difference(content, body)
    {
        let (wanted, actual) = (excerpt(content, at), excerpt(body, at));
        let message =
            format!("the body differs from byte {at} on: {actual}, expected was {wanted}");
        note(wanted, actual, message, span);
        let (expected, actual) = (drawn(content, at), drawn(body, at));
        difference = Some(Difference { expected, actual });
    }
    if let Some((digest, span)) = &expected.sha256 {
        let actual = sha256(body);
        if actual != **digest {
            let message = format!("the SHA-256 of the body is {actual}, not {digest}");
            note(digest.to_string(), actual, message, span);
        }
    }
    if let Some(length) = &expected.length {
        let actual = Value::Integer(i64::try_from(body.len()).unwrap_or(i64::MAX));
        found.extend(compare(length, Some(&actual), "bytes length", true, Ways::JSON, scope));
    }
    (found, difference)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_difference_is_found_and_drawn() {
        let long: Vec<u8> = (0..40).collect();
        let mut other = long.clone();
        other[20] = 0xff;
        for (left, right, at, shown) in [
            (&b"\xff\x00\xff"[..], &b"\xfe\x00\xfd"[..], Some(0), "ff 00 ff (3 bytes)"),
            (b"a", b"", Some(0), "61 (1 byte)"),
            (b"", b"a", Some(0), "the end, after 0 bytes"),
            (b"ab", b"abc", Some(2), "61 62 (2 bytes)"),
            (b"ab", b"ab", None, ""),
            (
                &long,
                &other,
                Some(20),
                "… 10 11 12 13 14 15 16 17 18 19 1a 1b 1c 1d 1e 1f … (40 bytes)",
            ),
        ] {
            assert_eq!(first_difference(left, right), at);
            if let Some(at) = at {
                assert_eq!(excerpt(left, at), shown);
            }
        }
        assert!(drawn(&other, 20).contains("00000010  10 11 12 13 ff 15"));
    }
}
