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
    /// It is all of the header with that name.
    Header(String),
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

/// Whether a header of that name is one of an answer that clients may send back.
pub(super) fn is_sent_back(name: &str) -> bool {
    const OTHERS: [&str; 22] = [
        "age",
        "allow",
        "alt-svc",
        "cache-control",
        "connection",
        "date",
        "expires",
        "keep-alive",
        "link",
        "location",
        "nel",
        "p3p",
        "pragma",
        "report-to",
        "retry-after",
        "server",
        "set-cookie",
        "trailer",
        "transfer-encoding",
        "vary",
        "via",
        "www-authenticate",
    ];
    let name = name.to_ascii_lowercase();
    let about = ["accept", "access-control-", "content-", "strict-transport-"];
    !OTHERS.contains(&&*name) && !about.iter().any(|begin| name.starts_with(begin))
}

/// Whether a header says which state of a thing was answered (RFC 9110 section 8.8).
pub(super) fn is_validator(name: &str) -> bool {
    ["etag", "last-modified"].iter().any(|known| name.eq_ignore_ascii_case(known))
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

/// The name of a field as it is mostly written.
pub(super) fn usual(name: &str) -> String {
    let mut begins = true;
    let spelt = |c: char| {
        let spelt = if begins { c.to_ascii_uppercase() } else { c };
        begins = c == '-';
        spelt
    };
    name.chars().map(spelt).collect()
}
