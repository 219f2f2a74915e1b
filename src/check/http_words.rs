//! The words of HTTP in specs: methods, statuses, headers, media types.

use std::sync::Arc;

use http::{HeaderName, Method};

use super::Checker;
use super::scope::Scope;
use crate::diagnostic::{Diagnostic, did_you_mean};
use crate::model::{Header, Text};
use crate::source::{Located, Span};
use crate::syntax::Node;
use crate::syntax::mapping::{integer, members, text};

impl<'n> Checker<'n> {
    /// A status code.
    pub(super) fn status(&mut self, node: &Node) -> Option<u16> {
        let status = integer(node, &mut self.problems)?;
        self.status_in_range(status, &node.span)
    }

    /// A status code that is a key.
    pub(super) fn status_key(&mut self, key: &Located<String>) -> Option<u16> {
        self.status_in_range(key.value.parse().unwrap_or(0), &key.span)
    }

    fn status_in_range(&mut self, status: i64, span: &Span) -> Option<u16> {
        let known = u16::try_from(status).ok().filter(|status| (100..=599).contains(status));
        if known.is_none() {
            self.problems.error(
                "bad-status",
                "a status is a number from 100 to 599",
                span,
                "is no status",
            );
        }
        known
    }

    /// A method; those of RFC 9110 and PATCH.
    pub(super) fn method(&mut self, node: &Node) -> Option<Method> {
        const KNOWN: [&str; 8] =
            ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH"];
        let name = text(node, &mut self.problems)?;
        if !KNOWN.contains(&&*name.value) {
            let message = format!("`{}` is no method", name.value);
            let upper = name.value.to_uppercase();
            let mut diagnostic =
                Diagnostic::error("bad-method", message, &name.span, "is no method");
            if let Some(help) = did_you_mean(&upper, KNOWN) {
                diagnostic = diagnostic.help(help);
            }
            self.problems.push(diagnostic);
            return None;
        }
        Method::from_bytes(name.value.as_bytes()).ok()
    }

    /// Headers whose values are texts with expressions.
    pub(super) fn headers(&mut self, node: &'n Node, scope: &Scope) -> Vec<Header> {
        let mut headers = Vec::new();
        for (key, value) in members(node, &mut self.problems) {
            let name = self.header_name(key);
            let value = self.text(value, scope);
            if let (Some(name), Some(value)) = (name, value) {
                headers.push(Header { name, written: key.value.as_str().into(), value });
            }
        }
        headers
    }

    /// The name of a header.
    pub(super) fn header_name(&mut self, key: &Located<String>) -> Option<HeaderName> {
        let name = HeaderName::from_bytes(key.value.as_bytes()).ok();
        match &name {
            None => {
                let message = format!("`{}` is no name for a header", key.value);
                self.problems.error("bad-header", message, &key.span, "is no header");
            }
            Some(name) if *name == http::header::CONTENT_LENGTH => {
                self.problems.error(
                    "bad-header",
                    "the length of the content follows from the content",
                    &key.span,
                    "cannot be given",
                );
            }
            Some(_) => {}
        }
        name
    }

    /// A media type without parameters, in lower case.
    pub(super) fn media_type_name(&mut self, key: &Located<String>) -> Arc<str> {
        if !is_media_type(&key.value) {
            let message = format!("`{}` is no media type", key.value);
            self.problems.push(
                Diagnostic::error("bad-media-type", message, &key.span, "is no media type")
                    .help("a type, a slash, a subtype; parameters belong into `contentType`"),
            );
        }
        key.value.to_lowercase().into()
    }

    /// The content type of a text; parameters may follow.
    pub(super) fn content_type(&mut self, node: &Node, scope: &Scope) -> Option<Text> {
        if let Some(name) = node.as_text()
            && !name.contains("${")
            && !is_media_type(name.split(';').next().unwrap_or_default().trim_end())
        {
            let message = format!("`{name}` is no media type");
            self.problems.error("bad-media-type", message, &node.span, "is no media type");
            return None;
        }
        self.text(node, scope)
    }
}

/// `type/subtype`, by the tokens of RFC 9110, section 5.6.2.
fn is_media_type(name: &str) -> bool {
    let token = |text: &str| {
        !text.is_empty()
            && text.chars().all(|c| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c))
    };
    name.split_once('/').is_some_and(|(kind, subtype)| token(kind) && token(subtype))
}
