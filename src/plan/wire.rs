//! Media types with the wire formats that read and write them.

use std::sync::Arc;

use http::HeaderValue;

use crate::model::{self, NilStyle, WireOptions};
use crate::value::Value;
use crate::wire::csv::Csv;
use crate::wire::deep_object::DeepForm;
use crate::wire::encoding::Encoding;
use crate::wire::events::Events;
use crate::wire::form::Form;
use crate::wire::json::{Json, JsonLines};
use crate::wire::multipart::Multipart;
use crate::wire::plain;
use crate::wire::xml::{self, Declaration, EmptyStyle, IllegalCharacters, Xml};
use crate::wire::{EncodeError, Wire};

/// A media type, ready to read and write bodies.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a question that is asked of it")]
pub struct MediaType {
    /// In lower case, without parameters.
    pub name: Arc<str>,
    /// The content type in answers.
    pub content_type: HeaderValue,
    /// Reads and writes.
    pub wire: Box<dyn Wire>,
    /// The encoding that the content type names; without one the format's own.
    pub charset: Option<Encoding>,
    /// A text may stand for the number or boolean that it spells.
    pub coerces: bool,
    /// Whether it is bytes, which nothing is read out of.
    pub is_bytes: bool,
    /// Whether it is one text.
    pub is_text: bool,
    /// Whether it is XML, whose answers may get a root element.
    pub is_xml: bool,
    /// Whether it is a urlencoded form.
    pub is_form: bool,
    /// Whether each item of its list is a line.
    pub is_lines: bool,
    /// What writes it, should it be rows, which have the columns that are documented.
    pub csv: Option<Csv>,
    /// Whether it has several parts, which are read by the schema.
    pub is_multipart: bool,
    /// Whether a member of a JSON object that comes twice is refused.
    pub unique_members: bool,
    /// The rule that it is.
    pub rule: model::RuleId,
}

impl MediaType {
    /// Appends an answer: rows have those columns, where they are documented.
    pub fn encode_answer(
        &self,
        value: &Value,
        columns: Option<&[Arc<str>]>,
        out: &mut Vec<u8>,
    ) -> Result<(), EncodeError> {
        match &self.csv {
            Some(csv) => csv.write(value, columns, self.charset.unwrap_or_default(), out),
            None => self.encode(value, None, out),
        }
    }

    /// Appends a body in the encoding of the content type, or in another one.
    pub fn encode(
        &self,
        value: &Value,
        charset: Option<Encoding>,
        out: &mut Vec<u8>,
    ) -> Result<(), EncodeError> {
        match charset.or(self.charset) {
            Some(charset) => self.wire.encode_in(value, charset, out),
            None => self.wire.encode(value, out),
        }
    }
}

/// Compiles a checked media type.
pub fn compile(media_type: &model::MediaType) -> MediaType {
    let (wire, is_xml): (Box<dyn Wire>, bool) = match &media_type.wire {
        WireOptions::Json => (Box::new(Json), false),
        WireOptions::JsonLines => (Box::new(JsonLines), false),
        WireOptions::Events => (Box::new(Events), false),
        WireOptions::Csv { separator } => (Box::new(Csv { separator: *separator }), false),
        WireOptions::Form { deep: false } => (Box::new(Form), false),
        WireOptions::Form { deep: true } => (Box::new(DeepForm), false),
        WireOptions::Text => (Box::new(plain::Text), false),
        WireOptions::Bytes => (Box::new(plain::Bytes), false),
        WireOptions::Multipart => (Box::new(Multipart), false),
        WireOptions::Xml {
            declaration,
            indent,
            nil,
            self_closing,
            namespaces,
            replaces_illegal,
        } => (
            Box::new(Xml {
                declaration: declaration.clone().map_or(Declaration::None, Declaration::Encoding),
                indent: *indent,
                nil: match nil {
                    NilStyle::Plain => xml::NilStyle::Plain,
                    NilStyle::SchemaInstance => xml::NilStyle::SchemaInstance,
                    NilStyle::Omit => xml::NilStyle::Omit,
                },
                empty: if *self_closing { EmptyStyle::SelfClosing } else { EmptyStyle::Pair },
                namespaces: namespaces.clone(),
                illegal: match replaces_illegal {
                    true => IllegalCharacters::Replaced,
                    false => IllegalCharacters::Refused,
                },
            }),
            true,
        ),
    };
    MediaType {
        name: media_type.name.clone(),
        // The check only lets real header values through.
        content_type: HeaderValue::from_str(&media_type.content_type)
            .unwrap_or_else(|_| HeaderValue::from_static("application/octet-stream")),
        // The check knows each label.
        charset: Encoding::of_media_type(&media_type.content_type).unwrap_or_default(),
        coerces: media_type.coerce_types || wire.textual(),
        wire,
        is_bytes: matches!(media_type.wire, WireOptions::Bytes),
        is_text: matches!(media_type.wire, WireOptions::Text),
        is_xml,
        is_form: matches!(media_type.wire, WireOptions::Form { .. }),
        is_lines: matches!(media_type.wire, WireOptions::JsonLines),
        csv: match media_type.wire {
            WireOptions::Csv { separator } => Some(Csv { separator }),
            _ => None,
        },
        is_multipart: matches!(media_type.wire, WireOptions::Multipart),
        unique_members: media_type.unique_members,
        rule: media_type.rule,
    }
}
