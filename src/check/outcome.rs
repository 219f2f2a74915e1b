//! The steps that answer, and the one that puts a message into the outbox.

use std::sync::Arc;

use super::Checker;
use super::scope::Scope;
use super::step::StepContext;
use crate::diagnostic::Diagnostic;
use crate::model::verb::{OCTET_STREAM, PLAIN_TEXT, Send};
use crate::model::{Content, Link, Octets, OperationId, Rejection, Respond, Text, Tree, Verb};
use crate::source::{Located, Span};
use crate::syntax::mapping::text;
use crate::syntax::{Mapping, Node, NodeKind};
use crate::value::{Map, Value};

/// What an operation is run with.
type Parameters = Vec<(Arc<str>, Tree)>;

impl<'n> Checker<'n> {
    /// `reject`, with what stands beside it.
    pub(super) fn reject(
        &mut self,
        node: &'n Node,
        step: &mut Mapping<'n>,
        scope: &Scope,
    ) -> Option<Verb> {
        let mut rejection = self.rejection(node, scope);
        let (field, value, message) = self.details(step, scope);
        if let Some(rejection) = &mut rejection {
            rejection.field = field.or(rejection.field.take());
            rejection.value = value.or(rejection.value.take());
            rejection.message = message.or(rejection.message.take());
        }
        rejection.map(Verb::Reject)
    }

    fn details(
        &mut self,
        mapping: &mut Mapping<'n>,
        scope: &Scope,
    ) -> (Option<Text>, Option<Tree>, Option<Text>) {
        let field = mapping.take("field").and_then(|node| self.text(node, scope));
        let value = mapping.take("value").map(|node| self.tree(node, scope));
        let message = mapping.take("message");
        let message = message.and_then(|node| {
            let scope = self.error_scope(scope);
            self.text(node, &scope)
        });
        (field, value, message)
    }

    /// An error's name, or `{error, with}`.
    pub(super) fn rejection(&mut self, node: &'n Node, scope: &Scope) -> Option<Rejection> {
        if node.as_map().is_none() {
            let error = self.error_name(node)?;
            return Some(Rejection {
                error,
                with: Vec::new(),
                field: None,
                value: None,
                message: None,
            });
        }
        let mut mapping = Mapping::open(node, "a rejection", &mut self.problems)?;
        let error = mapping.require("error", &mut self.problems);
        let error = error.and_then(|node| self.error_name(node));
        let with = mapping.members("with", &mut self.problems);
        let (field, value, message) = self.details(&mut mapping, scope);
        mapping.finish(&mut self.problems);
        for (key, _) in with {
            if !self.with_names.iter().any(|name| **name == *key.value) {
                self.with_names.push(key.value.as_str().into());
            }
        }
        let with = self.members(with, scope);
        Some(Rejection { error: error?, with, field, value, message })
    }

    /// `respond`.
    pub(super) fn respond(&mut self, node: &'n Node, context: &mut StepContext) -> Option<Verb> {
        let mut mapping = Mapping::open(node, "`respond`", &mut self.problems)?;
        let status_node = mapping.require("status", &mut self.problems);
        let headers = mapping.take("headers");
        let cookies = mapping.take("cookies");
        let (body, text) = (mapping.entry("body"), mapping.entry("text"));
        let (bytes, file) = (mapping.entry("bytes"), mapping.entry("file"));
        let media_type = mapping.entry("mediaType");
        mapping.finish(&mut self.problems);
        self.only_one(&[body, text, bytes, file]);
        let plain = text.or(bytes).or(file);
        if let (Some((key, _)), None, None) = (media_type, plain, body) {
            self.media_type_of_nothing(key);
        }
        let written_as = match (body, media_type) {
            (Some(_), Some((_, node))) if plain.is_none() => self.written_as(node),
            _ => None,
        };
        let carried = body.or(plain).map(|(key, _)| key);
        let status = status_node.and_then(|node| self.answer_status(node, carried));
        if let (Some(status), Some(known), Some(node)) = (status, &context.statuses, status_node)
            && !known.contains(&status.as_u16())
        {
            let status = status.as_u16();
            let known: Vec<String> = known.iter().map(u16::to_string).collect();
            self.problems.push(
                Diagnostic::error(
                    "undocumented-status",
                    format!("`responses` does not document the status {status}"),
                    &node.span,
                    "not documented",
                )
                .help(format!("documented: {}", known.join(", "))),
            );
        }
        let scope = &context.scope;
        let mut headers = headers.map_or_else(Vec::new, |node| self.headers(node, scope));
        headers.extend(cookies.into_iter().flat_map(|node| self.cookies(node, scope)));
        let body = body.map(|(_, node)| self.tree(node, scope));
        let media_type = media_type.filter(|_| plain.is_some());
        let media_type = media_type.and_then(|(_, node)| self.content_type(node, scope));
        let text = text.and_then(|(_, node)| self.text(node, scope));
        let bytes = match (bytes, file) {
            (Some((_, node)), _) => self.sole_expression(node, scope).map(Octets::WorkedOut),
            (None, Some((_, node))) => self.file_beside(node).map(Octets::Fixed),
            (None, None) => None,
        };
        let typed = |usual| media_type.unwrap_or_else(|| Text::literal(usual));
        let payload = match (body, text, bytes) {
            (Some(body), ..) => Content::Tree(body, written_as),
            (None, Some(text), _) => Content::Text(text, typed(PLAIN_TEXT)),
            (None, None, Some(bytes)) => Content::Bytes(bytes, typed(OCTET_STREAM)),
            (None, None, None) => Content::Nothing,
        };
        Some(Verb::Respond(Respond::new(status?, headers, payload)))
    }

    /// `send`.
    pub(super) fn send(&mut self, node: &'n Node, context: &mut StepContext) -> Option<Verb> {
        let mut mapping = Mapping::open(node, "`send`", &mut self.problems)?;
        let channel = self.required_template(&mut mapping, "channel", context);
        let name = self.required_template(&mut mapping, "name", context);
        let to = self.required_template(&mut mapping, "to", context);
        let data = mapping.take("data");
        let links = mapping.members("links", &mut self.problems);
        let request = mapping.take("request");
        mapping.finish(&mut self.problems);
        let nothing = Tree::Constant(Value::map(Map::new()));
        let data = data.map_or(nothing, |node| self.tree(node, &context.scope));
        let links = links.iter().filter_map(|(key, node)| self.link(key, node, context)).collect();
        let request = request.and_then(|node| self.delivery(node, context));
        let (channel, name, to) = (channel?, name?, to?);
        Some(Verb::Send(Send { channel, name, to, data, links, request }))
    }

    fn link(
        &mut self,
        key: &'n Located<String>,
        node: &'n Node,
        context: &StepContext,
    ) -> Option<Link> {
        let mut mapping = Mapping::open(node, "a link", &mut self.problems)?;
        let operation = mapping.require("operation", &mut self.problems);
        let given = mapping.members("parameters", &mut self.problems);
        mapping.finish(&mut self.problems);
        let (operation, parameters) = self.runs(operation?, given, "the link", context)?;
        Some(Link { name: key.value.as_str().into(), operation, parameters })
    }

    /// An operation that is run by no request, with the parameters that `what` gives it.
    pub(super) fn runs(
        &mut self,
        operation: &'n Node,
        given: &'n [(Located<String>, Node)],
        what: &str,
        context: &StepContext,
    ) -> Option<(OperationId, Parameters)> {
        let at = self.names.operations.resolve(operation, &mut self.problems);
        if let Some(at) = at {
            self.linked.push(at);
            self.check_given(at, given, what, &operation.span);
        }
        let parameters = self.members(given, &context.scope);
        Some((OperationId(at?), parameters))
    }

    /// What is given are the operation's parameters, all that are required and no others.
    fn check_given(
        &mut self,
        at: usize,
        given: &[(Located<String>, Node)],
        what: &str,
        span: &Span,
    ) {
        let declared = self
            .names
            .operations
            .node(at)
            .and_then(|node| node.get("parameters"))
            .and_then(Node::as_list)
            .unwrap_or_default();
        let name = |node: &'n Node| node.get("name").and_then(Node::as_text);
        let known: Vec<&str> = declared.iter().filter_map(name).collect();
        for (key, _) in given {
            if !known.contains(&key.value.as_str()) {
                self.problems.unknown(
                    "unknown-parameter",
                    "parameter of that operation",
                    &key.value,
                    &key.span,
                    known.iter().copied(),
                );
            }
        }
        for parameter in declared {
            let Some(name) = name(parameter) else { continue };
            let required = parameter.get("required").map(|node| &node.kind);
            let is_given = given.iter().any(|(key, _)| key.value == name);
            if matches!(required, Some(NodeKind::Bool(true))) && !is_given {
                let message = format!("{what} lacks the parameter `{name}`");
                self.problems.error("missing-parameter", message, span, "needs it");
            }
        }
    }

    /// A text that is data, without expressions.
    pub(super) fn literal(&mut self, node: &Node) -> Option<Arc<str>> {
        text(node, &mut self.problems).map(|text| text.value)
    }
}
