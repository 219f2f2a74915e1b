//! An answer, read as far as somebody looks at it.

use std::cell::OnceCell;
use std::sync::Arc;

use super::client::Response;
use super::compare::markup;
use crate::model::{Service, WireOptions};
use crate::value::{Map, Value};
use crate::wire::form::Form;
use crate::wire::json::Json;
use crate::wire::xml::{Element, decode_element};
use crate::wire::{DecodeError, Limits, Wire};

/// How a body is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BodyForm {
    /// JSON.
    Json,
    /// A form.
    Form,
    /// XML.
    Xml,
    /// Anything else.
    Text,
}

impl BodyForm {
    /// Its name in messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Json => "JSON",
            Self::Form => "a form",
            Self::Xml => "XML",
            Self::Text => "text",
        }
    }

    /// Whether scalars are told by what they spell.
    pub fn is_textual(self) -> bool {
        self != Self::Json
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
}

impl Body {
    /// The tree to compare.
    pub fn tree(&self) -> Option<&Value> {
        match self {
            Self::Nothing => None,
            Self::Tree(tree) | Self::Document(_, tree) => Some(tree),
        }
    }

    /// The tree with local names only.
    pub fn plain(&self) -> Option<Value> {
        match self {
            Self::Nothing => None,
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

    /// The body; fails where it is not what its media type says.
    pub fn body(&self) -> Result<&Body, &DecodeError> {
        self.read.get_or_init(|| self.decode()).as_ref()
    }

    fn decode(&self) -> Result<Body, DecodeError> {
        let body = &*self.response.body;
        let limits = Limits::default();
        if body.is_empty() {
            return Ok(Body::Nothing);
        }
        if let Some(coding) = self.coding()
            && self.form != BodyForm::Text
        {
            return Err(DecodeError {
                message: format!("its content coding is {coding}, which nobody asked for"),
                line: 1,
                column: 1,
            });
        }
        Ok(match self.form {
            BodyForm::Json => Body::Tree(Json.decode(body, &limits)?.value),
            BodyForm::Form => Body::Tree(Form.decode(body, &limits)?.value),
            BodyForm::Xml => {
                let root = decode_element(body, &limits)?;
                let tree = markup::document(&root);
                Body::Document(Box::new(root), tree)
            }
            BodyForm::Text => Body::Tree(Value::text(self.text())),
        })
    }

    /// The content coding, where there is one. No request asks for one of its own accord.
    fn coding(&self) -> Option<&str> {
        let coding = self.response.header("content-encoding").map(str::trim);
        coding.filter(|coding| !coding.is_empty() && !coding.eq_ignore_ascii_case("identity"))
    }

    /// The body as text; what is no UTF-8 is replaced.
    pub fn text(&self) -> Arc<str> {
        String::from_utf8_lossy(&self.response.body).into()
    }

    /// What expressions see as `response`.
    pub fn to_value(&self) -> Value {
        let mut headers = Map::new();
        for (name, value) in &self.response.headers {
            let name = name.to_ascii_lowercase();
            if headers.get(&name).is_none() {
                headers.insert(name, Value::text(&**value));
            }
        }
        let mut map = Map::new();
        map.push("status".into(), Value::Integer(i64::from(self.response.status)));
        map.push("headers".into(), Value::map(headers));
        let body = self.body().ok().and_then(Body::plain);
        map.push("body".into(), body.unwrap_or_else(|| Value::Text(self.text())));
        Value::map(map)
    }
}

/// By the media type: the vendor's own, else one that everybody knows, else by what it is.
fn form(response: &Response, service: Option<&Service>) -> BodyForm {
    let content_type = response.header("content-type").filter(|text| !text.trim().is_empty());
    let Some(content_type) = content_type else {
        return match response.body.trim_ascii_start().first() {
            Some(b'<') => BodyForm::Xml,
            Some(b'{' | b'[') => BodyForm::Json,
            _ => BodyForm::Text,
        };
    };
    let name = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let known = service.and_then(|service| {
        let known = service.media_types.iter();
        known.into_iter().find(|media_type| *media_type.name == *name)
    });
    match known.map(|media_type| &media_type.wire) {
        Some(WireOptions::Json) => BodyForm::Json,
        Some(WireOptions::Form { .. }) => BodyForm::Form,
        Some(WireOptions::Xml { .. }) => BodyForm::Xml,
        None if name == "application/json" || name.ends_with("+json") => BodyForm::Json,
        None if matches!(&*name, "text/xml" | "application/xml") || name.ends_with("+xml") => {
            BodyForm::Xml
        }
        None if name == "application/x-www-form-urlencoded" => BodyForm::Form,
        // Whether the type should be another one is for the spec to say.
        None if is_json(&response.body) => BodyForm::Json,
        None => BodyForm::Text,
    }
}

/// Whether a body is an object or a list of JSON.
fn is_json(body: &[u8]) -> bool {
    matches!(body.trim_ascii_start().first(), Some(b'{' | b'['))
        && Json.decode(body, &Limits::default()).is_ok()
}
