//! Requests that say everything themselves.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::Reader;
use super::parts::beside;
use super::records;
use super::written::is_worked_out;
use crate::diagnostic::Diagnostic;
use crate::files;
use crate::model::{Text, TextPart, Tree};
use crate::scenario::{Action, Given, NamedTexts, RawBody, RawRequest, Shown};
use crate::source::Span;
use crate::syntax::{Entry, Mapping, Node, NodeKind, ReadNode};
use crate::value::Value;

impl<'n> Reader<'n, '_> {
    /// `request`.
    pub(super) fn request(&mut self, node: &'n Node, step: &mut Mapping<'n>) -> Option<Action> {
        let shown = step.take("authenticate");
        let is_absolute = node.get("url").is_some();
        // What is absolute may lead to anybody.
        let authenticate = match shown {
            None if is_absolute => Shown::default(),
            shown => self.shown(shown),
        };
        let host = step.take("host").and_then(|node| self.host(node));
        let mut mapping = self.open(node, records::REQUEST.called("a request"))?;
        let method = mapping.require("method");
        let (url, path) = match is_absolute {
            true => (mapping.entry("url"), mapping.entry("path")),
            false => (None, None),
        };
        if let (Some((url, _)), Some((path, _))) = (url, path) {
            let message = "a request has `path`, below the vendor's base path, or `url`";
            self.report(Diagnostic::contradiction(message, &path.span, &url.span));
        }
        let path = match url {
            Some(_) => None,
            None => mapping.require("path"),
        };
        let query = mapping.take("query").map(|node| self.members_or_expression(node));
        let headers = mapping.take("headers").and_then(|node| self.raw_headers(node));
        let bodies = ["json", "form", "xml", "text", "base64", "file", "multipart"]
            .map(|key| mapping.entry(key));
        mapping.finish();
        let method = method.and_then(|node| self.raw_method(node));
        let path = match url {
            Some((_, node)) => self.raw_url(node),
            None => path.and_then(|node| self.raw_path(node)),
        };
        let body = self.raw_body(&bodies);
        Some(Action::Request(Box::new(RawRequest {
            method: method?,
            path: path?,
            is_absolute,
            query,
            headers,
            body: body?,
            authenticate,
            host,
        })))
    }

    /// Any token of RFC 9110, section 9.1; vendors may be asked by methods they do not know.
    fn raw_method(&mut self, node: &'n Node) -> Option<Text> {
        let method = self.trees.text(node, &self.scope)?;
        if let Some(fixed) = fixed(&method)
            && http::Method::from_bytes(fixed.as_bytes()).is_err()
        {
            let message = format!("`{fixed}` is not a valid method");
            self.error("bad-method", message, &node.span, "cannot be sent");
            return None;
        }
        Some(method)
    }

    /// An absolute URL, as far as it is written.
    fn raw_url(&mut self, node: &'n Node) -> Option<Text> {
        let url = self.trees.text(node, &self.scope)?;
        if let Some(written) = fixed(&url) {
            let uri: Option<http::Uri> = written.parse().ok();
            let absolute = uri.is_some_and(|uri| {
                matches!(uri.scheme_str(), Some("http" | "https")) && uri.host().is_some()
            });
            if !absolute {
                let message = format!("`{written}` is not an absolute URL");
                self.error("bad-url", message, &node.span, "cannot be asked");
                return None;
            }
        }
        Some(url)
    }

    fn raw_path(&mut self, node: &'n Node) -> Option<Text> {
        let path = self.trees.text(node, &self.scope)?;
        let begins = match path.parts.first() {
            Some(TextPart::Literal(literal)) => literal.starts_with('/'),
            Some(TextPart::Expression(_)) => true,
            None => false,
        };
        let visible = path.parts.iter().all(|part| match part {
            TextPart::Literal(literal) => literal.chars().all(|c| c.is_ascii_graphic() && c != '#'),
            TextPart::Expression(_) => true,
        });
        if !begins || !visible {
            let message = "a request's path begins with / and is percent-encoded";
            let diagnostic = Diagnostic::error("bad-path", message, &node.span, "cannot be sent");
            self.report(match begins {
                true => diagnostic,
                false => diagnostic.help("it is the path below the vendor's base path"),
            });
            return None;
        }
        Some(path)
    }

    /// Headers as they are, those that follow from the content included.
    pub(super) fn raw_headers(&mut self, node: &'n Node) -> Option<Given<NamedTexts>> {
        if is_worked_out(node) {
            return self.trees.sole_expression(node, &self.scope).map(Given::Expression);
        }
        let mut headers = Vec::new();
        for (key, value) in self.read_members(node) {
            if http::HeaderName::from_bytes(key.value.as_bytes()).is_err() {
                let message = format!("`{}` is not a valid header name", key.value);
                self.error("bad-header", message, &key.span, "is not a valid header name");
            }
            if matches!(value.kind, NodeKind::Null) {
                let nothing = self.trees.nothing(value, &self.scope);
                headers.extend(nothing.map(|text| (key.value.as_str().into(), text)));
                continue;
            }
            let Some(text) = self.trees.text(value, &self.scope) else { continue };
            let one_line = |part: &TextPart| match part {
                TextPart::Literal(literal) => http::HeaderValue::from_str(literal).is_ok(),
                TextPart::Expression(_) => true,
            };
            if !text.parts.iter().all(one_line) {
                let message = "a header's value is one line of visible characters";
                self.error("bad-header", message, &value.span, "cannot be sent");
            }
            headers.push((key.value.as_str().into(), text));
        }
        Some(Given::Written(headers))
    }

    fn raw_body(&mut self, bodies: &[Option<Entry<'n>>; 7]) -> Option<RawBody> {
        self.trees.only_one(bodies);
        let Some((key, node)) = bodies.iter().flatten().next().copied() else {
            return Some(RawBody::Nothing);
        };
        match key.value.as_str() {
            "json" => Some(RawBody::Json(self.trees.tree(node, &self.scope))),
            "form" => self.raw_map(node, "a mapping of fields").map(RawBody::Form),
            "xml" => {
                let tree = self.raw_map(node, "a mapping with the root element")?;
                let roots = match &tree {
                    Tree::Map(members) => members.len(),
                    Tree::Constant(value) => value.members().map_or(1, Iterator::count),
                    _ => 1,
                };
                if roots != 1 {
                    let message = format!("XML has one root element, not {roots}");
                    self.error("contradiction", message, &node.span, "not one member");
                    return None;
                }
                Some(RawBody::Xml(tree))
            }
            "text" => self.trees.text(node, &self.scope).map(RawBody::Text),
            "base64" => self.base64(node).map(RawBody::Bytes),
            "multipart" => Some(RawBody::Multipart(self.multipart(node))),
            _ => self.file(node).map(RawBody::Bytes),
        }
    }

    fn raw_map(&mut self, node: &'n Node, expected: &str) -> Option<Tree> {
        let tree = self.trees.tree(node, &self.scope);
        let fits = match &tree {
            Tree::Constant(value) => matches!(value, Value::Map(_)),
            Tree::Text(_) | Tree::List(_) => false,
            _ => true,
        };
        if !fits {
            self.wrong_type(node, expected);
            return None;
        }
        Some(tree)
    }

    /// The bytes that a text in base64 stands for.
    pub(super) fn base64(&mut self, node: &'n Node) -> Option<Arc<[u8]>> {
        let text = self.fixed(node)?;
        let packed: String = text.chars().filter(|c| !c.is_ascii_whitespace()).collect();
        match STANDARD.decode(packed) {
            Ok(bytes) => Some(bytes.into()),
            Err(_) => {
                let message = "this is not base64 of RFC 4648";
                self.error("bad-base64", message, &text.span, "cannot be read");
                None
            }
        }
    }

    /// The bytes of a file beside the one that names it.
    pub(super) fn file(&mut self, node: &'n Node) -> Option<Arc<[u8]>> {
        let path = self.fixed(node)?;
        let full = beside(&path.span.source, &path.value);
        if let Some(message) = self.parts.outside(&full) {
            self.error("no-such-file", message, &path.span, "is not read");
            return None;
        }
        match files::read(&full) {
            Ok(bytes) => Some(bytes.into()),
            Err(error) => {
                self.no_file(&full.display().to_string(), &error, &path.span);
                None
            }
        }
    }

    fn no_file(&mut self, shown: &str, error: &std::io::Error, span: &Span) {
        let message = match error.kind() {
            std::io::ErrorKind::NotFound => format!("there is no file {shown}"),
            _ => format!("{shown} cannot be read: {error}"),
        };
        self.error("no-such-file", message, span, "cannot be read");
    }
}

/// The text, if nothing in it is worked out.
pub(super) fn fixed(text: &Text) -> Option<&str> {
    match text.parts.as_slice() {
        [TextPart::Literal(literal)] => Some(literal),
        _ => None,
    }
}
