//! An answer, read as far as somebody looks at it.

use std::cell::OnceCell;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::client::Response;
use super::headers;
use super::markup;
#[cfg(feature = "tls")]
use crate::certificate;
use crate::model::{OperationId, Service, WireOptions};
use crate::value::{Map, Value};
use crate::wire::csv::Csv;
use crate::wire::encoding::{Encoding, lossy};
use crate::wire::events::Events;
use crate::wire::form::Form;
use crate::wire::json::{Json, JsonLines};
use crate::wire::xml::{Element, decode_element_in, encoding_of};
use crate::wire::{DecodeError, Limits, Position, Repeated, Wire};

/// How a body is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BodyForm {
    /// JSON.
    Json,
    /// JSON, one value a line.
    JsonLines,
    /// An event stream.
    Events,
    /// Rows.
    Csv {
        /// What stands between two fields.
        separator: char,
    },
    /// A form.
    Form,
    /// XML.
    Xml,
    /// Any other text.
    Text,
    /// What is not text: images, archives, what is not valid in UTF-8.
    Bytes,
}

impl BodyForm {
    /// Its name in messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Json => "JSON",
            Self::JsonLines => "JSON Lines",
            Self::Events => "an event stream",
            Self::Csv { .. } => "CSV",
            Self::Form => "a form",
            Self::Xml => "XML",
            Self::Text => "text",
            Self::Bytes => "bytes",
        }
    }

    /// Whether it is read into a tree with members.
    pub fn has_members(self) -> bool {
        !matches!(self, Self::Text | Self::Bytes)
    }

    /// Whether a body is always a list.
    fn holds_lists(self) -> bool {
        matches!(self, Self::JsonLines | Self::Events | Self::Csv { .. })
    }

    /// Whether items can be read one by one.
    pub fn holds_items(self) -> bool {
        self.wire_of_items().is_some()
    }

    fn wire_of_items(self) -> Option<&'static dyn Wire> {
        match self {
            Self::JsonLines => Some(&JsonLines),
            Self::Events => Some(&Events),
            _ => None,
        }
    }

    /// Whether scalars are told by what they spell.
    pub fn is_textual(self) -> bool {
        !matches!(self, Self::Json | Self::JsonLines | Self::Events)
    }
}

/// An answer.
#[derive(Debug)]
pub struct Answer {
    /// As it came.
    pub response: Response,
    /// How the body is read.
    pub form: BodyForm,
    read: OnceCell<Result<Body, DecodeError>>,
}

/// A body that was read.
#[derive(Debug)]
pub enum Body {
    /// There is none.
    Nothing,
    /// A tree.
    Tree(Value),
    /// An XML document: its root, and the same as a tree whose names are qualified.
    Document(Box<Element>, Value),
    /// No text, and so no tree either.
    Bytes,
}

impl Body {
    /// The tree to compare.
    pub fn tree(&self) -> Option<&Value> {
        match self {
            Self::Nothing | Self::Bytes => None,
            Self::Tree(tree) | Self::Document(_, tree) => Some(tree),
        }
    }

    /// The tree with local names only.
    pub fn plain(&self) -> Option<Value> {
        match self {
            Self::Nothing | Self::Bytes => None,
            Self::Tree(tree) => Some(tree.clone()),
            Self::Document(root, _) => {
                let mut document = Map::new();
                document.push(root.name.local.clone(), root.to_value());
                Some(Value::map(document))
            }
        }
    }
}

impl Answer {
    /// An answer of a vendor, whose media types say how its body is read.
    pub fn new(response: Response, service: Option<&Service>) -> Self {
        let form = form(&response, service);
        Self { response, form, read: OnceCell::new() }
    }

    /// An answer of one of these operations: a media type that they produce may go by the content
    /// type of another one.
    pub fn of(response: Response, service: &Service, operations: &[OperationId]) -> Self {
        let answer = Self::new(response, Some(service));
        let form = produced(&answer.response, service, operations).unwrap_or(answer.form);
        let mut response = answer.response;
        if response.has_more
            && let Some(wire) = form.wire_of_items()
        {
            let ends = wire.item_ends(&response.body).unwrap_or_default();
            response.body.truncate(ends.last().copied().unwrap_or_default());
        }
        Self { response, form, read: OnceCell::new() }
    }

    /// The body; fails where it is not what its media type says.
    pub fn body(&self) -> Result<&Body, &DecodeError> {
        self.read.get_or_init(|| self.decode()).as_ref()
    }

    /// A JSON body with all members of its objects, also those whose names come again.
    pub fn as_written(&self) -> Option<Value> {
        let all = Limits { repeated: Repeated::Kept, ..Limits::default() };
        let (body, charset) = (&*self.response.body, self.charset().unwrap_or_default());
        let decoded = match self.form {
            BodyForm::Json => Json.decode_in(body, charset, &all),
            BodyForm::JsonLines => JsonLines.decode_in(body, charset, &all),
            _ => return None,
        };
        decoded.ok().map(|decoded| decoded.value)
    }

    /// The columns of a body that has no rows, of which its tree says nothing.
    pub fn columns_without_rows(&self) -> Option<Vec<String>> {
        let BodyForm::Csv { separator } = self.form else { return None };
        let rows = self.body().ok()?.tree()?.as_list()?;
        if !rows.is_empty() {
            return None;
        }
        let charset = self.charset().unwrap_or_default();
        Csv { separator }.columns(&self.response.body, charset).ok()
    }

    fn decode(&self) -> Result<Body, DecodeError> {
        let body = &*self.response.body;
        let limits = Limits::default();
        if body.is_empty() {
            return Ok(match self.form {
                // No lines are a list without items.
                BodyForm::JsonLines | BodyForm::Csv { .. } | BodyForm::Events => {
                    Body::Tree(Value::list(Vec::new()))
                }
                _ => Body::Nothing,
            });
        }
        let charset = self.charset();
        if let Err(label) = &charset
            && self.form != BodyForm::Text
        {
            return Err(DecodeError {
                message: format!("its charset `{label}` is not supported"),
                place: Position::START,
            });
        }
        let charset = charset.unwrap_or_default();
        Ok(match self.form {
            BodyForm::Json => Body::Tree(Json.decode_in(body, charset, &limits)?.value),
            BodyForm::JsonLines => Body::Tree(JsonLines.decode_in(body, charset, &limits)?.value),
            BodyForm::Events => Body::Tree(Events.decode_in(body, charset, &limits)?.value),
            BodyForm::Csv { separator } => {
                Body::Tree(Csv { separator }.decode_in(body, charset, &limits)?.value)
            }
            BodyForm::Form => Body::Tree(Form.decode_in(body, charset, &limits)?.value),
            BodyForm::Xml => {
                let root = decode_element_in(body, charset, &limits)?;
                let tree = markup::document(&root);
                Body::Document(Box::new(root), tree)
            }
            BodyForm::Text => Body::Tree(Value::text(self.text())),
            BodyForm::Bytes => Body::Bytes,
        })
    }

    /// The encoding that the media type names; an error with a label that is not known.
    fn charset(&self) -> Result<Option<Encoding>, String> {
        Encoding::of_media_type(self.response.header("content-type").unwrap_or_default())
    }

    /// The body as text; what is not in its encoding is replaced.
    pub fn text(&self) -> Arc<str> {
        let body = &*self.response.body;
        let named = self.charset().unwrap_or_default();
        // RFC 7303 section 3: a document without a charset says it itself.
        let itself = || (self.form == BodyForm::Xml).then(|| encoding_of(body)).flatten();
        lossy(body, named.or_else(itself)).into()
    }

    #[cfg(not(feature = "tls"))]
    fn certificate(&self) -> Option<Value> {
        None
    }

    /// What the server's certificate says.
    #[cfg(feature = "tls")]
    fn certificate(&self) -> Option<Value> {
        let read = certificate::read(self.response.certificate.as_deref()?)?;
        let names = read.dns_names.into_iter().map(Value::from).collect();
        let mut map = Map::new();
        map.push("subject".into(), read.subject.into());
        map.push("issuer".into(), read.issuer.into());
        map.push("dnsNames".into(), Value::list(names));
        for (name, time) in [("begins", read.begins), ("expires", read.expires)] {
            if let Some(time) = time {
                map.push(name.into(), time.to_string().into());
            }
        }
        Some(Value::map(map))
    }

    /// What expressions see as `response`; some of it only where one looks at it.
    pub fn to_value(&self, is_wanted: impl Fn(&str) -> bool) -> Value {
        let headers = Value::Record(Arc::new(headers::record(&self.response.headers)));
        let mut map = Map::new();
        map.push("status".into(), Value::Integer(i64::from(self.response.status)));
        map.push("headers".into(), headers);
        match self.body() {
            // It cannot be read as what its media type says, or is not there.
            Err(_) | Ok(Body::Nothing) => map.push("body".into(), Value::Text(self.text())),
            Ok(body) => body.plain().into_iter().for_each(|body| map.push("body".into(), body)),
        }
        if let Some(certificate) = self.certificate().filter(|_| is_wanted("certificate")) {
            map.push("certificate".into(), certificate);
        }
        if is_wanted("bytes") {
            map.push("bytes".into(), Value::text(STANDARD.encode(&self.response.body)));
        }
        Value::map(map)
    }
}

/// Where so many items of a body end, once they have come.
pub(super) fn items_end(
    head: &Response,
    body: &[u8],
    count: usize,
    service: &Service,
    operations: &[OperationId],
) -> Option<usize> {
    let form = produced(head, service, operations).unwrap_or_else(|| form(head, Some(service)));
    let wire = form.wire_of_items()?;
    let ends = wire.item_ends(body)?;
    // Comments of an event stream, and empty lines, are no items.
    let is_enough = |end: usize| {
        let read = wire.decode(body.get(..end)?, &Limits::default()).ok()?;
        (read.value.as_list()?.len() >= count).then_some(end)
    };
    ends.into_iter().skip(count - 1).find_map(is_enough)
}

/// By the media type: the vendor's own, else one that everybody knows, else by what it is.
fn form(response: &Response, service: Option<&Service>) -> BodyForm {
    let content_type = response.header("content-type").filter(|text| !text.trim().is_empty());
    let marked = Encoding::of_mark(&response.body).map(|(encoding, _)| encoding);
    let named = Encoding::of_media_type(content_type.unwrap_or_default()).unwrap_or_default();
    let text = match marked.or(named).unwrap_or_default().decode(&response.body) {
        Ok(_) => BodyForm::Text,
        Err(_) => BodyForm::Bytes,
    };
    let Some(content_type) = content_type else {
        return match response.body.trim_ascii_start().first() {
            Some(b'<') => BodyForm::Xml,
            Some(b'{' | b'[') => BodyForm::Json,
            _ => text,
        };
    };
    let name = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let known = service.and_then(|service| {
        let known = service.media_types.iter();
        known.into_iter().find(|media_type| *media_type.name == *name)
    });
    let wire = known.map(|media_type| &media_type.wire);
    if let Some(form) = wire.and_then(form_of) {
        return form;
    }
    match wire {
        None if name == "application/json" || name.ends_with("+json") => BodyForm::Json,
        None if matches!(&*name, "text/xml" | "application/xml") || name.ends_with("+xml") => {
            BodyForm::Xml
        }
        None if name == "application/x-www-form-urlencoded" => BodyForm::Form,
        None if is_binary(&name) => BodyForm::Bytes,
        // Whether the type should be another one is for the spec to say.
        None if is_json(&response.body) => BodyForm::Json,
        // What a spec calls text may be none all the same.
        _ => text,
    }
}

/// How a spec says that a body is read; what it calls text may be anything.
fn form_of(wire: &WireOptions) -> Option<BodyForm> {
    Some(match wire {
        WireOptions::Json => BodyForm::Json,
        WireOptions::JsonLines => BodyForm::JsonLines,
        WireOptions::Events => BodyForm::Events,
        WireOptions::Csv { separator } => BodyForm::Csv { separator: *separator },
        WireOptions::Form { .. } => BodyForm::Form,
        WireOptions::Xml { .. } => BodyForm::Xml,
        WireOptions::Bytes | WireOptions::Multipart => BodyForm::Bytes,
        WireOptions::Text => return None,
    })
}

/// By the media types that operations produce: the one that the answer names, or else the first
/// that goes by its content type.
fn produced(
    response: &Response,
    service: &Service,
    operations: &[OperationId],
) -> Option<BodyForm> {
    let plain = |text: &str| text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let actual = plain(response.header("content-type")?);
    let operations = operations.iter().filter_map(|id| service.operations.get(id.0));
    let ids = operations.flat_map(|operation| &operation.produces);
    let all = || ids.clone().filter_map(|id| service.media_types.get(id.0));
    if actual.is_empty() || all().any(|media_type| *media_type.name == *actual) {
        return None;
    }
    let form = form_of(&all().find(|known| plain(&known.content_type) == actual)?.wire)?;
    // What lines cannot hold, such as the object of an error, is written in JSON.
    let is_other = form.holds_lists() && response.status >= 400 && is_json(&response.body);
    (!is_other).then_some(form)
}

/// Whether a media type is one that no text has, even where its bytes happen to be some.
fn is_binary(name: &str) -> bool {
    let (kind, subtype) = name.split_once('/').unwrap_or((name, ""));
    let applications =
        ["octet-stream", "pdf", "zip", "gzip", "x-gzip", "x-tar", "zstd", "x-7z-compressed"];
    matches!(kind, "image" | "audio" | "video" | "font")
        || kind == "application" && applications.contains(&subtype)
}

/// Whether a body is an object or a list of JSON.
fn is_json(body: &[u8]) -> bool {
    matches!(body.trim_ascii_start().first(), Some(b'{' | b'['))
        && Json.decode(body, &Limits::default()).is_ok()
}
