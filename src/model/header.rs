//! Headers of answers.

use std::sync::Arc;

use http::{HeaderName, HeaderValue};

use super::Text;
use super::stage::staged;

staged! {
    /// A header of an answer.
    pub struct Header {
        /// Its name.
        pub name: HeaderName,
        /// Its name as the spec writes it.
        pub written: Arc<str>,
        /// Its value; an expression alone may give a list, of which each item is a line of its own.
        pub value: Text<S>,
        /// The same, where it is the same in each answer.
        pub constant: Option<HeaderValue>,
        /// What the names begin with that members of its value have behind it: `x-meta-*`.
        pub prefix: Option<Arc<str>>,
        /// Whether it is a cookie, which no value of an expression in it may end.
        pub cookie: bool,
    }
}

impl Header {
    /// A header.
    pub fn new(name: HeaderName, written: Arc<str>, value: Text) -> Self {
        let constant = value.constant().and_then(|text| text.parse().ok());
        Self { name, written, value, constant, prefix: None, cookie: false }
    }
}

/// Headers that are about one connection (RFC 9110, section 7.6.1, and RFC 9112).
const HOP_BY_HOP: [&str; 7] = [
    "connection",
    "keep-alive",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// Why an answer, which may be of bytes, cannot have a header of its own making.
pub fn why_not_given(name: &HeaderName, is_bytes: bool) -> Option<&'static str> {
    if HOP_BY_HOP.contains(&name.as_str()) {
        return Some("the server itself gives it, for each connection");
    }
    match *name {
        http::header::CONTENT_LENGTH => Some("it follows from the content"),
        http::header::CONTENT_ENCODING if !is_bytes => {
            Some("`contentCoding` says which ones answers have; only `bytes` may be coded already")
        }
        _ => None,
    }
}
