//! The words of HTTP in specs: methods, statuses, headers, media types.

use std::sync::Arc;

use http::{HeaderName, HeaderValue, Method, StatusCode};

use super::reader::TreeReader;
use super::scope::Scope;
use crate::diagnostic::{Diagnostic, nearest};
use crate::expression::holds_expression;
use crate::model::header::why_not_given;
use crate::model::{Header, Text, TextPart};
use crate::source::{Located, Span};
use crate::syntax::{Node, NodeKind, ReadNode};

/// The methods of RFC 9110, PATCH (RFC 5789), QUERY (RFC 10008), those of `WebDAV` and its kin, and a
/// few that nobody registered.
const KNOWN_METHODS: [&str; 28] = [
    "GET",
    "HEAD",
    "POST",
    "PUT",
    "DELETE",
    "OPTIONS",
    "TRACE",
    "PATCH",
    "QUERY",
    "PROPFIND",
    "PROPPATCH",
    "MKCOL",
    "MKCALENDAR",
    "COPY",
    "MOVE",
    "LOCK",
    "UNLOCK",
    "SEARCH",
    "REPORT",
    "ACL",
    "BIND",
    "UNBIND",
    "LINK",
    "UNLINK",
    "LIST",
    "PURGE",
    "SUBSCRIBE",
    "NOTIFY",
];

impl<'n> TreeReader<'n> {
    /// A status code.
    pub(super) fn status(&mut self, node: &Node) -> Option<u16> {
        if node.as_text().is_some_and(holds_expression) {
            self.report(
                Diagnostic::error(
                    "fixed-value",
                    "a status is fixed, so it cannot hold an expression",
                    &node.span,
                    "holds `${`",
                )
                .help("write a step for each status, each with its `when`"),
            );
            return None;
        }
        let status = self.read_integer(node)?;
        self.status_in_range(status, &node.span)
    }

    /// The status of an answer, and whether it may have the content that is given at a key.
    pub(super) fn answer_status(
        &mut self,
        node: &Node,
        content: Option<&Located<String>>,
    ) -> Option<StatusCode> {
        let status = self.status(node)?;
        if status < 200 {
            let message = format!("an answer with status {status} would not be the last one");
            self.report(
                Diagnostic::error("bad-status", message, &node.span, "is not final")
                    .help("the status of an answer is a number from 200 to 599"),
            );
        } else if let (204 | 205 | 304, Some(key)) = (status, content) {
            let message = format!("an answer with status {status} has no content");
            self.report(
                Diagnostic::error("contradiction", message, &key.span, "cannot be sent")
                    .related(&node.span, "the status")
                    .help("RFC 9110 leaves it out; write another status, or no content"),
            );
        }
        StatusCode::from_u16(status).ok()
    }

    /// A status code that is a key.
    pub(super) fn status_key(&mut self, key: &Located<String>) -> Option<u16> {
        self.status_in_range(key.value.parse().unwrap_or(0), &key.span)
    }

    fn status_in_range(&mut self, status: i64, span: &Span) -> Option<u16> {
        let known = u16::try_from(status).ok().filter(|status| (100..=599).contains(status));
        if known.is_none() {
            self.error(
                "bad-status",
                "a status is a number from 100 to 599",
                span,
                "is not a valid status",
            );
        }
        known
    }

    /// A method: any token (RFC 9110, section 9.1).
    pub(super) fn method(&mut self, node: &Node) -> Option<Method> {
        let name = self.read_text(node)?;
        let method = Method::from_bytes(name.value.as_bytes()).ok();
        let upper = name.value.to_uppercase();
        // Methods are told apart by case, and nobody means `get`.
        let is_lower = *name.value != *upper && KNOWN_METHODS.contains(&&*upper);
        if method.is_none() || is_lower || upper == "CONNECT" {
            let message = format!("`{}` is not a valid method", name.value);
            let diagnostic =
                Diagnostic::error("bad-method", message, &name.span, "is not a valid method");
            self.report(match is_lower {
                true => diagnostic.suggest(&upper, KNOWN_METHODS),
                false if method.is_none() => diagnostic.help("a method is one word, such as GET"),
                false => diagnostic.help("it asks for a tunnel, which no mock makes"),
            });
            return None;
        }
        if !KNOWN_METHODS.contains(&&*name.value)
            && let Some(near) = nearest(&upper, KNOWN_METHODS)
        {
            let message =
                format!("`{}` is a method of its own, but looks like `{near}`", name.value);
            self.report(
                Diagnostic::error("maybe-misspelt", message, &name.span, "any word can be one")
                    .warning()
                    .help(format!("did you mean `{near}`?")),
            );
        }
        method
    }

    /// Headers whose values are texts with expressions.
    pub(super) fn headers(&mut self, node: &'n Node, scope: &Scope) -> Vec<Header> {
        // What a scenario sends may be coded.
        self.headers_with(node, scope, self.watch.is_some())
    }

    /// The same with a content that is, or is not, bytes.
    pub(super) fn headers_with(
        &mut self,
        node: &'n Node,
        scope: &Scope,
        is_bytes: bool,
    ) -> Vec<Header> {
        let mut headers = Vec::new();
        for (key, node) in self.read_members(node) {
            let name = self.header_name(key);
            let name = name.filter(|name| self.may_be_given(name, key, is_bytes));
            let Some(name) = name else { continue };
            let written: Arc<str> = key.value.as_str().into();
            let prefix = key.value.strip_suffix('*').map(Arc::from);
            let values = match (&node.kind, &prefix) {
                (_, Some(_)) if self.watch.is_none() => {
                    let values = self.sole_expression(node, scope);
                    vec![values.map(|all| Text { parts: vec![TextPart::Expression(all)] })]
                }
                (NodeKind::List(items), _) => {
                    items.iter().map(|item| self.header_value(item, scope)).collect()
                }
                // A scenario leaves a header out.
                (NodeKind::Null, _) if self.watch.is_some() => vec![self.nothing(node, scope)],
                _ => vec![self.header_value(node, scope)],
            };
            for value in values.into_iter().flatten() {
                let (name, written, prefix) = (name.clone(), written.clone(), prefix.clone());
                headers.push(Header { prefix, ..Header::new(name, written, value) });
            }
        }
        headers
    }

    /// Whether an answer, which may be of bytes, may have a header of its own making.
    pub(super) fn may_be_given(
        &mut self,
        name: &HeaderName,
        key: &Located<String>,
        is_bytes: bool,
    ) -> bool {
        // The name itself was told already.
        let told = *name == http::header::CONTENT_LENGTH;
        let Some(why) = why_not_given(name, is_bytes).filter(|_| !told) else { return true };
        let message = format!("the header `{}` cannot be given: {why}", key.value);
        self.report(
            Diagnostic::error("bad-header", message, &key.span, "cannot be given")
                .help("leave it out"),
        );
        false
    }

    /// The value of a header: one line.
    fn header_value(&mut self, node: &Node, scope: &Scope) -> Option<Text> {
        let value = self.text(node, scope)?;
        let sendable = |part: &TextPart| match part {
            TextPart::Literal(literal) => HeaderValue::from_str(literal).is_ok(),
            TextPart::Expression(_) => true,
        };
        if !value.parts.iter().all(sendable) {
            self.report(
                Diagnostic::error(
                    "bad-header",
                    "a header's value is one line of visible ASCII characters",
                    &node.span,
                    "cannot be sent",
                )
                .help("what may be in a header is told in RFC 9110, section 5.5"),
            );
            return None;
        }
        Some(value)
    }

    /// The name of a header.
    pub(super) fn header_name(&mut self, key: &Located<String>) -> Option<HeaderName> {
        let name = HeaderName::from_bytes(key.value.as_bytes()).ok();
        match &name {
            None => {
                let message = format!("`{}` is not a valid header name", key.value);
                self.error("bad-header", message, &key.span, "is not a valid header name");
            }
            Some(name) if *name == http::header::CONTENT_LENGTH => {
                self.error(
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
        let family = key.value.strip_suffix("/*");
        if family.is_none_or(|family| family.contains('*') && family != "*")
            && key.value.contains('*')
        {
            let message = format!("`{}` is not a range of media types", key.value);
            self.report(
                Diagnostic::error("bad-media-type", message, &key.span, "cannot be matched")
                    .help("`image/*` stands for all images, `*/*` for everything"),
            );
        } else if family.is_none() && !is_media_type(&key.value) {
            let message = format!("`{}` is not a valid media type", key.value);
            self.report(
                Diagnostic::error(
                    "bad-media-type",
                    message,
                    &key.span,
                    "is not a valid media type",
                )
                .help("a type, a slash, a subtype; parameters belong in `contentType`"),
            );
        }
        key.value.to_lowercase().into()
    }

    /// The content type of a text; parameters may follow.
    pub(super) fn content_type(&mut self, node: &Node, scope: &Scope) -> Option<Text> {
        if let Some(name) = node.as_text()
            && !holds_expression(name)
            && !is_media_type(name.split(';').next().unwrap_or_default().trim_end())
        {
            let message = format!("`{name}` is not a valid media type");
            self.error("bad-media-type", message, &node.span, "is not a valid media type");
            return None;
        }
        // One of the spec's own goes out as it says.
        let mut known = self.content_types.iter();
        let known = node
            .as_text()
            .and_then(|name| known.find(|(known, _)| known.eq_ignore_ascii_case(name)));
        if let Some((_, content_type)) = known {
            return Some(Text::literal(content_type));
        }
        self.text(node, scope)
    }
}

/// `type/subtype`, by the tokens of RFC 9110, section 5.6.2.
pub(super) fn is_media_type(name: &str) -> bool {
    let token = |text: &str| {
        !text.is_empty()
            && text.chars().all(|c| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c))
    };
    name.split_once('/').is_some_and(|(kind, subtype)| token(kind) && token(subtype))
}
