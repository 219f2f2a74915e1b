//! What of a request a condition of a `match` is about, and what the request has there.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use http::HeaderName;

use crate::selector::SelectorError;
use crate::selector::json_path::{self, JsonPath};
use crate::selector::xpath::{self, Selected, XPath};
use crate::value::Value;
use crate::wire::Decoded;
use crate::wire::xml::Element;

/// What of a request a condition is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum About {
    /// A parameter of the query.
    Query(Arc<str>),
    /// A header.
    Header(HeaderName),
    /// A cookie.
    Cookie(Arc<str>),
    /// A member of the body, by the names that lead to it.
    Body(Box<[Arc<str>]>),
    /// What a path selects in the body, any of it.
    Path(BodyPath),
    /// The body as a list.
    List,
    /// The local name of the body's root element.
    Root,
    /// Its namespace.
    RootNamespace,
}

/// A path into a body, as it is written.
#[derive(Debug, Clone)]
pub struct BodyPath {
    text: Arc<str>,
    compiled: Compiled,
}

#[derive(Debug, Clone)]
enum Compiled {
    Json(JsonPath),
    XPath(XPath),
}

impl PartialEq for BodyPath {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text && self.is_xpath() == other.is_xpath()
    }
}

impl Eq for BodyPath {}

impl fmt::Display for BodyPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl BodyPath {
    /// A JSONPath.
    pub fn json(text: &str) -> Result<Self, SelectorError> {
        let compiled = Compiled::Json(json_path::compile(text)?);
        Ok(Self { text: text.into(), compiled })
    }

    /// An XPath, with prefixes and what they stand for.
    pub fn xpath(text: &str, namespaces: &[(Arc<str>, Arc<str>)]) -> Result<Self, SelectorError> {
        let compiled = Compiled::XPath(xpath::compile(text, namespaces)?);
        Ok(Self { text: text.into(), compiled })
    }

    /// Whether it is for documents in XML.
    pub fn is_xpath(&self) -> bool {
        matches!(self.compiled, Compiled::XPath(_))
    }

    /// What it selects in the body of a request. Of what an XPath works out, the truth is something
    /// and its opposite nothing.
    pub(super) fn select(&self, request: &impl Requested) -> Vec<Value> {
        match &self.compiled {
            Compiled::Json(path) => match request.body() {
                Ok(Some(body)) => path.select(&body.value),
                Ok(None) | Err(_) => Vec::new(),
            },
            Compiled::XPath(path) => {
                let selected = request.document().and_then(|root| path.select(root).ok());
                match selected {
                    None | Some(Selected::Boolean(false)) => Vec::new(),
                    Some(Selected::Boolean(true)) => vec![Value::Bool(true)],
                    Some(Selected::Text(text)) => vec![Value::text(text)],
                    Some(Selected::Number(number)) => {
                        Value::spelled(&number.to_string()).into_iter().collect()
                    }
                    Some(Selected::Nodes(texts)) => texts.into_iter().map(Value::text).collect(),
                }
            }
        }
    }
}

/// A request as conditions look at it.
pub trait Requested {
    /// The first value of a parameter of the query.
    fn query(&self, name: &str) -> Option<Cow<'_, str>>;
    /// A header.
    fn header(&self, name: &HeaderName) -> Option<Cow<'_, str>>;
    /// A cookie.
    fn cookie(&self, name: &str) -> Option<Cow<'_, str>>;
    /// The body; no body is none.
    fn body(&self) -> Result<Option<&Decoded>, Unreadable>;
    /// The body's root element, should it be XML.
    fn document(&self) -> Option<&Element>;
}

/// A body cannot be read.
#[derive(Debug, Clone, Copy)]
pub struct Unreadable;

impl About {
    /// What a request has there.
    pub fn in_request(&self, request: &impl Requested) -> Option<Value> {
        let text = |text: Cow<'_, str>| Value::text(&*text);
        match self {
            Self::Query(name) => request.query(name).map(text),
            Self::Header(name) => request.header(name).map(text),
            Self::Cookie(name) => request.cookie(name).map(text),
            Self::Body(path) => member(&request.body().ok()??.value, path).cloned(),
            Self::Path(path) => path.select(request).into_iter().next(),
            Self::List => {
                let body = request.body().ok()??;
                body.value.as_list().map(|_| body.value.clone())
            }
            Self::Root => {
                request.body().ok()??.root.as_ref().map(|root| Value::Text(root.local.clone()))
            }
            Self::RootNamespace => {
                request.body().ok()??.root.as_ref()?.namespace.clone().map(Value::Text)
            }
        }
    }

    /// Whether it is in the body.
    pub fn is_in_body(&self) -> bool {
        match self {
            Self::Query(_) | Self::Header(_) | Self::Cookie(_) => false,
            Self::Body(_) | Self::Path(_) | Self::List | Self::Root | Self::RootNamespace => true,
        }
    }

    /// The name of what it is about.
    pub fn name(&self) -> String {
        match self {
            Self::Query(name) | Self::Cookie(name) => name.to_string(),
            Self::Header(name) => name.to_string(),
            Self::Body(path) => path.join("."),
            Self::Path(path) => path.to_string(),
            Self::List | Self::Root | Self::RootNamespace => String::new(),
        }
    }
}

fn member<'v>(value: &'v Value, path: &[Arc<str>]) -> Option<&'v Value> {
    path.iter().try_fold(value, |value, name| match is_index(name) {
        true => value.as_list()?.get(name.parse::<usize>().ok()?),
        false => value.get(name),
    })
}

/// Whether it is the place of an item, and not the name of a member.
pub(super) fn is_index(name: &str) -> bool {
    name.bytes().all(|byte| byte.is_ascii_digit())
}
