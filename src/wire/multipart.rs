//! Bodies of several parts (RFC 2046 section 5.1), above all forms with files (RFC 7578).
//!
//! Parts are ranges of the body: nothing of a file is copied before somebody wants it.

mod header;
mod read;
mod write;

use std::ops::Range;
use std::sync::Arc;

use super::encoding::Encoding;
use super::grouping::Grouping;
use super::{DecodeError, Decoded, EncodeError, Limits, Wire, plain};
use crate::value::Value;
pub use header::parameter;
pub use read::parts;
pub use write::{Outgoing, unused_boundary, write};

/// The parts of a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parts {
    /// In the order in which they were sent.
    pub list: Vec<Part>,
    /// Whether they are those of a form, which have names; others are told apart by their order.
    pub is_form: bool,
}

/// A part of a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// How many there are before it.
    pub at: usize,
    /// Its name; only parts of a form have to have one.
    pub name: Option<Arc<str>>,
    /// What others call it, `Content-ID`, without its angle brackets.
    pub id: Option<Arc<str>>,
    /// The name of the file that it is.
    pub filename: Option<Arc<str>>,
    /// Its media type with parameters, as sent.
    pub content_type: Option<Arc<str>>,
    /// Where its content stands in the body.
    pub content: Range<usize>,
}

impl Part {
    /// Its content.
    pub fn bytes<'b>(&self, body: &'b [u8]) -> &'b [u8] {
        body.get(self.content.clone()).unwrap_or_default()
    }

    /// Its media type in lower case, without parameters.
    pub fn media_type(&self) -> Option<String> {
        let name = self.content_type.as_deref()?.split(';').next()?.trim();
        Some(name.to_ascii_lowercase()).filter(|name| !name.is_empty())
    }

    /// That its content is not what it should be.
    pub fn wrong(&self, body: &[u8], what: &str) -> DecodeError {
        let message = match &self.name {
            Some(name) => format!("the part `{}` {what}", name.escape_debug()),
            None => format!("part {} {what}", self.at + 1),
        };
        DecodeError::at(body, self.content.start, message)
    }

    /// Its content as a text, in the encoding that its media type names.
    pub fn text(&self, body: &[u8]) -> Result<Value, DecodeError> {
        let charset = Encoding::of_media_type(self.content_type.as_deref().unwrap_or_default())
            .map_err(|label| {
                self.wrong(body, &format!("is in the encoding `{label}`, which is not known"))
            })?;
        let charset = charset.unwrap_or_default();
        let text = charset.decode(self.bytes(body));
        let text =
            text.map_err(|_| self.wrong(body, &format!("is not a string in {}", charset.name())))?;
        Ok(Value::text(&*text))
    }

    /// Its content, in base64.
    pub fn octets(&self, body: &[u8]) -> Value {
        plain::value(self.bytes(body))
    }
}

/// A form with files as an object: texts, and files as bytes; a name that comes again makes a
/// list. Other bodies of several parts are a list. Bodies of this kind are only read: a scenario
/// says of each part what it is.
#[derive(Debug, Clone, Copy)]
pub struct Multipart;

impl Wire for Multipart {
    fn name(&self) -> &'static str {
        "multipart"
    }

    fn textual(&self) -> bool {
        true
    }

    fn decode_in(
        &self,
        body: &[u8],
        _: Option<Encoding>,
        limits: &Limits,
    ) -> Result<Decoded, DecodeError> {
        self.decode_as(body, "", None, limits)
    }

    fn decode_as(
        &self,
        body: &[u8],
        content_type: &str,
        _: Option<Encoding>,
        _: &Limits,
    ) -> Result<Decoded, DecodeError> {
        let value = tree(&parts(body, content_type)?, |part| match part.filename {
            Some(_) => Ok(part.octets(body)),
            None => part.text(body),
        })?;
        Ok(value.into())
    }

    fn encode(&self, _: &Value, _: &mut Vec<u8>) -> Result<(), EncodeError> {
        Err(EncodeError::new("bodies of several parts are only read"))
    }

    fn encode_in(&self, value: &Value, _: Encoding, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        self.encode(value, out)
    }
}

/// The parts of a form by their names, others in a list, each as what is made of it.
pub fn tree(
    parts: &Parts,
    make: impl Fn(&Part) -> Result<Value, DecodeError>,
) -> Result<Value, DecodeError> {
    if !parts.is_form {
        return parts.list.iter().map(make).collect::<Result<Vec<_>, _>>().map(Value::list);
    }
    let mut grouping = Grouping::default();
    for part in &parts.list {
        if let Some(name) = &part.name {
            grouping.add(name.clone(), make(part)?);
        }
    }
    Ok(Value::map(grouping.into_map()))
}
