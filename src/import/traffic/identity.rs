//! What tells one of many, and where it stands.

use super::infer;
use crate::import::names::words;
use crate::value::Value;

/// Where in an answer a value stands.
#[derive(Debug, Clone)]
pub(super) enum From {
    /// At a JSONPath.
    Json(String),
    /// At an XPath, with the prefixes of the answer.
    XPath(String),
    /// It is the whole text.
    Text,
    /// In the last segment of the path that `Location` has; what stands before it.
    Location(String),
}

/// Whether what has that name tells one of many.
pub(super) fn is_id(name: &str) -> bool {
    let last = words(name).pop().unwrap_or_default();
    matches!(
        last.as_str(),
        "id" | "ids"
            | "uuid"
            | "guid"
            | "key"
            | "token"
            | "code"
            | "number"
            | "no"
            | "ref"
            | "reference"
            | "cursor"
            | "etag"
            | "nonce"
            | "ticket"
            | "sid"
    )
}

/// Whether a text says nothing to people: letters and digits, with both kinds of letters or what
/// base64 ends with, and no form that is known.
pub(super) fn is_opaque(text: &str) -> bool {
    let has = |test: fn(&u8) -> bool| text.bytes().any(|byte| test(&byte));
    let mixed = has(u8::is_ascii_uppercase) && (has(u8::is_ascii_lowercase) || text.ends_with('='));
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-=+/".contains(&byte);
    text.len() >= 8
        && mixed
        && has(u8::is_ascii_digit)
        && text.bytes().all(plain)
        && infer::schema(&Value::text(text)).keyword("format").is_none()
}

/// Whether a text was drawn, as far as can be seen: a UUID, or a long one with letters and digits.
pub(super) fn is_random(text: &str) -> bool {
    let format = infer::schema(&Value::text(text));
    match format.keyword("format").and_then(Value::as_str) {
        Some("uuid") => return true,
        Some(_) => return false,
        None => {}
    }
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let letters = text.bytes().filter(u8::is_ascii_alphabetic).count();
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.=+/~".contains(&byte);
    text.len() >= 16 && digits >= 3 && letters >= 1 && text.bytes().all(plain)
}
