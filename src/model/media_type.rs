//! Media types and the wire formats in which bodies of them are.

use std::sync::Arc;

use super::RuleId;

/// A media type and how it is read and written.
#[derive(Debug, Clone)]
pub struct MediaType {
    /// Such as `application/json`, in lower case, without parameters.
    pub name: Arc<str>,
    /// The content type in answers, to the letter.
    pub content_type: Arc<str>,
    /// The wire format, by name, with its options.
    pub wire: WireOptions,
    /// A text may stand for the number or boolean that it spells.
    pub coerce_types: bool,
    /// Whether a member of a JSON object that comes twice is refused, or else the last one counts.
    pub unique_members: bool,
    /// The rule that it is.
    pub rule: RuleId,
}

impl MediaType {
    /// Whether it stands for several: `image/*`, `*/*`.
    pub fn is_range(&self) -> bool {
        self.name.ends_with("/*")
    }

    /// Whether answers can be written in it.
    pub fn is_written(&self) -> bool {
        !self.is_range() && !matches!(self.wire, WireOptions::Multipart)
    }

    /// Whether all that it has is lists.
    pub fn has_only_lists(&self) -> bool {
        matches!(self.wire, WireOptions::JsonLines | WireOptions::Csv { .. } | WireOptions::Events)
    }

    /// Whether the items of a list can be sent and read one by one.
    pub fn has_items(&self) -> bool {
        matches!(self.wire, WireOptions::JsonLines | WireOptions::Events)
    }

    /// Whether bodies of requests can be read in it.
    pub fn is_read(&self) -> bool {
        !matches!(self.wire, WireOptions::Csv { .. } | WireOptions::Events)
    }
}

/// How closely a media type, which may be a range, is one: 3 for itself, 2 for `image/*`, 1 for
/// `*/*`, and nothing for another one.
pub fn closeness(known: &str, name: &str) -> Option<u8> {
    match known.strip_suffix("/*") {
        _ if known == name => Some(3),
        Some("*") => Some(1),
        Some(family) => {
            let rest = name.strip_prefix(family)?;
            rest.starts_with('/').then_some(2)
        }
        None => None,
    }
}

/// A wire format with its options.
#[derive(Debug, Clone)]
pub enum WireOptions {
    /// JSON.
    Json,
    /// JSON texts, one a line: a list.
    JsonLines,
    /// An event stream.
    Events,
    /// Rows of scalars (RFC 4180), which are only written.
    Csv {
        /// What stands between two fields.
        separator: char,
    },
    /// `application/x-www-form-urlencoded`.
    Form {
        /// Names have structure: `a[b]`.
        deep: bool,
    },
    /// A text.
    Text,
    /// Bytes, in base64 as a value.
    Bytes,
    /// Several parts: a form with files. It is only read.
    Multipart,
    /// XML.
    Xml {
        /// The encoding label of the declaration; none: no declaration.
        declaration: Option<Arc<str>>,
        /// Spaces for each level; none: on one line.
        indent: Option<usize>,
        /// How null is written: `plain`, `schemaInstance` or `omit`.
        nil: NilStyle,
        /// Whether `<a />` is written for an empty element, else `<a></a>`.
        self_closing: bool,
        /// Prefixes and namespaces declared on the root.
        namespaces: Vec<(Arc<str>, Arc<str>)>,
        /// Whether U+FFFD is written for a character that XML cannot hold, else nothing can be.
        replaces_illegal: bool,
    },
}

/// How XML writes null.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum NilStyle {
    /// `nil="true"`.
    Plain,
    /// `xsi:nil="true"`.
    #[default]
    SchemaInstance,
    /// Not at all.
    Omit,
}
