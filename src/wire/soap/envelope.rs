//! Taking a message out of its envelope, and putting one in.

use std::fmt;
use std::sync::{Arc, LazyLock};

use super::{SoapVersion, object};
use crate::value::{Map, Value};
use crate::wire::encoding::Encoding;
use crate::wire::xml::{Build, Declaration, SCHEMA_INSTANCE, Start, Tree, Values, Xml, build};
use crate::wire::{DecodeError, EncodeError, Limits, Positions, QualifiedName};

/// The namespace of the built-in types of XML Schema.
pub(super) const SCHEMA: &str = "http://www.w3.org/2001/XMLSchema";

/// What an envelope holds.
#[derive(Debug, Clone)]
pub struct Message {
    /// The version, by the namespace of the envelope.
    pub version: SoapVersion,
    /// The name of the first element of the body.
    pub operation: QualifiedName,
    /// The content of that element, as an object; a text alone is its `#text`.
    pub parameters: Value,
    /// Where the parameters end.
    pub positions: Positions,
    /// Whether there is a header block.
    pub has_header: bool,
}

/// Why there is no message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OpenError {
    /// It is not XML.
    Malformed(DecodeError),
    /// It is another document.
    NotAnEnvelope {
        /// The name of its root.
        root: QualifiedName,
    },
    /// It is the envelope of a version that is not known (SOAP 1.1 section 4.1.2, SOAP 1.2
    /// part 1 section 5.4.7).
    VersionMismatch {
        /// The namespace of the envelope.
        namespace: Option<String>,
    },
    /// There is no body or nothing in it.
    EmptyBody,
    /// A header block must be understood, and none is (SOAP 1.1 section 4.2.3, SOAP 1.2 part 1
    /// section 5.2.3).
    MustUnderstand {
        /// The name of the header block.
        header: QualifiedName,
    },
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed(error) => error.fmt(f),
            Self::NotAnEnvelope { root } => {
                write!(f, "the root is `{root}`, which is not a SOAP envelope")
            }
            Self::VersionMismatch { namespace: Some(namespace) } => {
                write!(f, "an envelope in the namespace `{namespace}` is not of SOAP 1.1 or 1.2")
            }
            Self::VersionMismatch { namespace: None } => {
                f.write_str("an envelope in no namespace is not of SOAP 1.1 or 1.2")
            }
            Self::EmptyBody => f.write_str("there is nothing in the body of the envelope"),
            Self::MustUnderstand { header } => {
                write!(f, "the header `{header}` must be understood, and is not")
            }
        }
    }
}

impl std::error::Error for OpenError {}

/// Takes the message out of its envelope. Headers are passed over, unless one for us must be
/// understood: none is.
pub fn open(body: &[u8], limits: &Limits) -> Result<Message, OpenError> {
    open_in(body, None, &[], limits)
}

/// As [`open`], in the encoding that the media type names. Where namespaces are given, parameters
/// in others are not read.
pub fn open_in(
    body: &[u8],
    charset: Option<Encoding>,
    namespaces: &[Arc<str>],
    limits: &Limits,
) -> Result<Message, OpenError> {
    let mut opening = Opening::new(namespaces, body.len());
    let transcoded = build(body, charset, limits, &mut opening).map_err(OpenError::Malformed)?;
    let Opening { root, version, has_block, must_understand, message, .. } = opening;
    let root = root.ok_or(OpenError::EmptyBody)?;
    if &*root.local != "Envelope" {
        return Err(OpenError::NotAnEnvelope { root });
    }
    let Some(version) = version else {
        let namespace = root.namespace.as_deref().map(str::to_owned);
        return Err(OpenError::VersionMismatch { namespace });
    };
    if let Some(header) = must_understand {
        return Err(OpenError::MustUnderstand { header });
    }
    // Servers do not look into what is nil.
    let Tree { root: operation, content, ends, filled: _ } = message.finish();
    let operation = operation.ok_or(OpenError::EmptyBody)?;
    let parameters = match &content {
        Value::Text(text) if text.is_empty() => Value::map(Map::new()),
        Value::Text(_) => object([("#text", content)]),
        _ => content,
    };
    let positions = Positions::new(ends, transcoded);
    Ok(Message { version, operation, parameters, positions, has_header: has_block })
}

/// Reads an envelope: the root, the headers, and the first element of the body as a tree.
struct Opening<'n> {
    depth: usize,
    root: Option<QualifiedName>,
    version: Option<SoapVersion>,
    part: Part,
    has_header: bool,
    has_body: bool,
    /// There is a header block.
    has_block: bool,
    /// The first header that must be understood.
    must_understand: Option<QualifiedName>,
    message: Values<'n>,
}

/// Where in an envelope we are.
#[derive(PartialEq)]
enum Part {
    Header,
    Body,
    /// In the first element of the body.
    Message,
    Other,
}

impl<'n> Opening<'n> {
    fn new(namespaces: &'n [Arc<str>], size: usize) -> Self {
        Self {
            depth: 0,
            root: None,
            version: None,
            part: Part::Other,
            has_header: false,
            has_body: false,
            has_block: false,
            must_understand: None,
            message: Values::new(namespaces, size),
        }
    }

    /// The first header and the first body are the ones that count.
    fn enter(&mut self, element: &Start<'_>) {
        let namespace = element.namespace.map(|namespace| &**namespace);
        let is_soap = self.version.is_some_and(|version| namespace == Some(version.namespace()));
        self.part = match &**element.local {
            "Header" if is_soap && !std::mem::replace(&mut self.has_header, true) => Part::Header,
            "Body" if is_soap && !std::mem::replace(&mut self.has_body, true) => Part::Body,
            _ => Part::Other,
        };
    }
}

impl Build for Opening<'_> {
    fn start(&mut self, element: &mut Start<'_>) {
        match self.depth {
            0 => {
                self.version =
                    element.namespace.and_then(|namespace| SoapVersion::of_namespace(namespace));
                self.root = Some(element.name());
            }
            1 => self.enter(element),
            2 if self.part == Part::Header => {
                self.has_block = true;
                let version = self.version.filter(|_| self.must_understand.is_none());
                if version.is_some_and(|v| must_be_understood(v, element.attributes)) {
                    self.must_understand = Some(element.name());
                }
            }
            2 if self.part == Part::Body && !self.message.is_begun() => {
                self.part = Part::Message;
                self.message.start(element);
            }
            _ if self.part == Part::Message => self.message.start(element),
            _ => {}
        }
        self.depth += 1;
    }

    fn text(&mut self, text: &str) {
        if self.part == Part::Message {
            self.message.text(text);
        }
    }

    fn leaf(&mut self, element: &mut Start<'_>, text: &str, end: usize) {
        if self.part == Part::Message {
            return self.message.leaf(element, text, end);
        }
        self.start(element);
        self.text(text);
        self.end(end);
    }

    fn end(&mut self, end: usize) {
        self.depth -= 1;
        if self.part == Part::Message {
            self.message.end(end);
            if self.depth == 2 {
                self.part = Part::Body;
            }
        }
    }
}

/// Whether a header block with these attributes is for us and must be understood.
fn must_be_understood(version: SoapVersion, attributes: &[(QualifiedName, Arc<str>)]) -> bool {
    let attribute = |local| {
        let mut named =
            attributes.iter().filter(|(name, _)| name.is(Some(version.namespace()), local));
        named.next().map(|(_, value)| value.trim())
    };
    if !matches!(attribute("mustUnderstand"), Some("1" | "true")) {
        return false;
    }
    // Blocks are for the last receiver, or for each, unless they name another (SOAP 1.1 section
    // 4.2.2, SOAP 1.2 part 1 section 2.2).
    let receiver = match version {
        SoapVersion::V11 => attribute("actor"),
        SoapVersion::V12 => attribute("role"),
    };
    matches!(
        receiver.unwrap_or_default(),
        "" | "http://schemas.xmlsoap.org/soap/actor/next"
            | "http://www.w3.org/2003/05/soap-envelope/role/next"
            | "http://www.w3.org/2003/05/soap-envelope/role/ultimateReceiver"
    )
}

/// How what is in an envelope is written.
static BODY: LazyLock<Xml> =
    LazyLock::new(|| Xml { declaration: Declaration::None, ..Xml::default() });

/// So long are most answers, with the envelope around.
const USUAL_LENGTH: usize = 1024;

/// Puts `body_tree`, an object with the elements of the body, into an envelope, in one line and
/// with a declaration.
pub fn close(
    version: SoapVersion,
    body_tree: &Value,
    out: &mut Vec<u8>,
) -> Result<(), EncodeError> {
    out.reserve(USUAL_LENGTH);
    for piece in [
        "<?xml version=\"1.0\" encoding=\"utf-8\"?><soap:Envelope xmlns:soap=\"",
        version.namespace(),
        "\" xmlns:xsi=\"",
        SCHEMA_INSTANCE,
        "\" xmlns:xsd=\"",
        SCHEMA,
        "\">",
    ] {
        out.extend_from_slice(piece.as_bytes());
    }
    BODY.write_inside(&["soap", "xsi", "xsd"], "soap:Body", body_tree, out)?;
    out.extend_from_slice(b"</soap:Envelope>");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::soap::object;

    #[test]
    fn a_message_is_closed_in_one_line_and_can_be_opened_again() {
        let operation = object([
            ("@xmlns", "urn:x".into()),
            ("id", Value::Integer(7)),
            ("note", Value::Null),
            ("name", "".into()),
        ]);
        let body = object([("ContactResponse", operation)]);
        for version in [SoapVersion::V11, SoapVersion::V12] {
            let mut out = Vec::new();
            close(version, &body, &mut out).unwrap();
            let expected = format!(
                "<?xml version=\"1.0\" encoding=\"utf-8\"?><soap:Envelope xmlns:soap=\"{}\" \
                 xmlns:xsi=\"{SCHEMA_INSTANCE}\" xmlns:xsd=\"{SCHEMA}\"><soap:Body>\
                 <ContactResponse xmlns=\"urn:x\"><id>7</id><note xsi:nil=\"true\" /><name />\
                 </ContactResponse></soap:Body></soap:Envelope>",
                version.namespace()
            );
            assert_eq!(String::from_utf8(out.clone()).unwrap(), expected);
            let message = open(&out, &Limits::default()).unwrap();
            assert_eq!(message.version, version);
            assert!(message.operation.is(Some("urn:x"), "ContactResponse"));
            assert_eq!(message.parameters.get("note"), Some(&Value::Null));
            assert_eq!(message.parameters.get("name"), Some(&"".into()));
            assert!(message.positions.end_of(&out, "id").is_some());
        }
    }
}
