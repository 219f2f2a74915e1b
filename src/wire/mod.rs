//! Wire formats: how a [`Value`] stands in the bytes of a body.
//!
//! A format is one file or folder behind the trait [`Wire`]. Null, the empty text and an absent
//! member stay three different things wherever a format can tell them apart.

mod grouping;
mod parameter;
mod position;

pub mod csv;
pub mod deep_object;
pub mod encoding;
pub mod events;
pub mod form;
pub mod json;
pub mod multipart;
pub mod plain;
pub mod soap;
pub mod xml;

use std::fmt;
use std::sync::Arc;

use crate::value::Value;
use encoding::Encoding;
pub use position::{Position, Positions};

/// The deepest nesting that any [`Limits`] can allow; decoding recurses, and a thread's stack is
/// finite.
pub const DEEPEST: usize = 512;

/// What a decoder refuses to go beyond.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// How deep objects, lists and elements may be nested; [`DEEPEST`] is the most there is.
    pub depth: usize,
    /// How many differently named members one object may have, and how many different names one
    /// XML document; looking up a member compares names one by one.
    pub members: usize,
    /// What becomes of a member of a JSON object that comes again.
    pub repeated: Repeated,
}

/// What becomes of a member of a JSON object that comes again, which RFC 8259 section 4 leaves open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Repeated {
    /// The last one counts, as in most readers.
    #[default]
    LastCounts,
    /// The text is refused.
    Refused,
    /// Each is a member of its own, in the order in which they come.
    Kept,
}

impl Default for Limits {
    fn default() -> Self {
        Self { depth: 128, members: 10_000, repeated: Repeated::LastCounts }
    }
}

impl Limits {
    /// The depth that is held to.
    pub(crate) fn effective_depth(&self) -> usize {
        self.depth.min(DEEPEST)
    }
}

/// Why bytes are not in the format.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecodeError {
    /// What is wrong, without the place.
    pub message: String,
    /// Where.
    pub place: Position,
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.place.line, self.place.column, self.message)
    }
}

impl std::error::Error for DecodeError {}

/// Why a tree cannot be written in the format.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EncodeError {
    /// What cannot be written.
    pub message: String,
}

impl EncodeError {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into() }
    }
}

impl fmt::Display for EncodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for EncodeError {}

/// A name in a namespace; the prefix it was written with says nothing and is not kept.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct QualifiedName {
    /// The namespace, if the name is in one.
    pub namespace: Option<Arc<str>>,
    /// The name without prefix.
    pub local: Arc<str>,
}

impl QualifiedName {
    /// Whether this is the name `local` in `namespace`.
    pub fn is(&self, namespace: Option<&str>, local: &str) -> bool {
        self.namespace.as_deref() == namespace && &*self.local == local
    }
}

/// In the notation of James Clark: `{namespace}local`.
impl fmt::Display for QualifiedName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.namespace {
            Some(namespace) => write!(f, "{{{namespace}}}{}", self.local),
            None => f.write_str(&self.local),
        }
    }
}

/// What a body holds.
#[derive(Debug, Clone)]
pub struct Decoded {
    /// The tree; for XML the content of the root.
    pub value: Value,
    /// The name of the root, in formats whose root has one.
    pub root: Option<QualifiedName>,
    /// Where the members of the tree end, in formats that say so.
    pub positions: Positions,
}

impl From<Value> for Decoded {
    fn from(value: Value) -> Self {
        Self { value, root: None, positions: Positions::default() }
    }
}

/// A wire format.
pub trait Wire: Send + Sync + fmt::Debug {
    /// The word that stands after `wire:` in a spec.
    fn name(&self) -> &'static str;

    /// Whether scalars have no type of their own, so that a reader with a schema has to give
    /// them one.
    fn textual(&self) -> bool;

    /// Reads a body in the encoding that its media type names; without one, in the encoding that
    /// the format has by itself.
    fn decode_in(
        &self,
        body: &[u8],
        charset: Option<Encoding>,
        limits: &Limits,
    ) -> Result<Decoded, DecodeError>;

    /// Reads a body whose media type names no encoding.
    fn decode(&self, body: &[u8], limits: &Limits) -> Result<Decoded, DecodeError> {
        self.decode_in(body, None, limits)
    }

    /// Reads a body by all that its content type says, of which most formats only need the
    /// encoding.
    fn decode_as(
        &self,
        body: &[u8],
        _content_type: &str,
        charset: Option<Encoding>,
        limits: &Limits,
    ) -> Result<Decoded, DecodeError> {
        self.decode_in(body, charset, limits)
    }

    /// Reads a body of which only the elements in these namespaces count, in formats that have
    /// some; the empty text is none, and where there are none of them all count.
    fn decode_elements(
        &self,
        body: &[u8],
        charset: Option<Encoding>,
        limits: &Limits,
        _namespaces: &[Arc<str>],
    ) -> Result<Decoded, DecodeError> {
        self.decode_in(body, charset, limits)
    }

    /// Where the items of a body end that can be sent and read one by one; what comes behind the
    /// last end is an item that is not whole. Nothing where a body can only be sent as a whole.
    fn item_ends(&self, _body: &[u8]) -> Option<Vec<usize>> {
        None
    }

    /// Appends a body to `out`; what has been appended when it fails is of no use.
    fn encode(&self, value: &Value, out: &mut Vec<u8>) -> Result<(), EncodeError>;

    /// As `encode`, in an encoding. A character that it does not have is written as the format
    /// has it, if it has a way.
    fn encode_in(
        &self,
        value: &Value,
        charset: Encoding,
        out: &mut Vec<u8>,
    ) -> Result<(), EncodeError>;
}
