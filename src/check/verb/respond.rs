//! `respond`.

use super::StepContext;
use crate::check::Checker;
use crate::check::answered::{Answered, is_worked_out};
use crate::check::records;
use crate::check::scope::Scope;
use crate::check::undeclared::Written;
use crate::diagnostic::Diagnostic;
use crate::expression::holds_expression;
use crate::model::verb::{OCTET_STREAM, PLAIN_TEXT, Streaming};
use crate::model::{Content, Octets, Respond, Text, Tree, Verb};
use crate::source::Located;
use crate::syntax::{Node, ReadNode};
use crate::value::Value;
use crate::wire::plain;

impl<'n> Checker<'n> {
    /// `respond`.
    pub(in crate::check::verb) fn respond(
        &mut self,
        node: &'n Node,
        context: &mut StepContext,
    ) -> Option<Verb> {
        if let Some(status) = node.whole() {
            let message = "expected `respond`, as a mapping, found a number";
            self.report(
                Diagnostic::error("wrong-type", message, &node.span, "this is a number")
                    .help(format!("write `respond: {{status: {status}}}`")),
            );
            return None;
        }
        let mut mapping = self.open(node, records::STEP_RESPOND.called("`respond`"))?;
        let status_node = mapping.require("status");
        let headers = mapping.take("headers");
        let cookies = mapping.take("cookies");
        let (body, text) = (mapping.entry("body"), mapping.entry("text"));
        let (bytes, file) = (mapping.entry("bytes"), mapping.entry("file"));
        let media_type = mapping.entry("mediaType");
        let stream = mapping.entry("stream");
        mapping.finish();
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
            self.report(
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
        let is_bytes = bytes.or(file).is_some();
        let mut headers =
            headers.map_or_else(Vec::new, |node| self.headers_with(node, scope, is_bytes));
        headers.extend(cookies.into_iter().flat_map(|node| self.cookies(node, scope)));
        if let (Some((_, body)), Some(status)) = (body, status) {
            self.bodies.push(Written { status: status.as_u16(), body });
        }
        let body = body.map(|(_, node)| (&node.span, self.tree(node, scope)));
        if let (Some((span, tree)), Some(status)) = (&body, &status)
            && is_worked_out(tree)
        {
            let shape = self.tree_shape(tree, scope);
            let (status, span) = (status.as_u16(), (*span).clone());
            self.answered.push(Answered { status, written_as, shape, span });
        }
        let body = body.map(|(_, tree)| tree);
        let media_type = media_type.filter(|_| plain.is_some());
        let media_type = media_type.and_then(|(_, node)| self.content_type(node, scope));
        let text = text.and_then(|(_, node)| self.text(node, scope));
        let bytes = match (bytes, file) {
            (Some((_, node)), _) => self.octets(node, scope),
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
        let streaming = stream.and_then(|(key, node)| {
            if !matches!(payload, Content::Tree(..)) {
                let message = "`stream` is for a `body` whose items are sent one after another";
                self.error("misplaced-key", message, &key.span, "there is no `body`");
            }
            self.streaming(key, node, scope)
        });
        Some(Verb::Respond(Respond::new(status?, headers, payload).streamed(streaming)))
    }

    /// How the items of an answer are sent.
    /// Bytes in base64, or an expression that gives them so.
    fn octets(&mut self, node: &'n Node, scope: &Scope) -> Option<Octets> {
        if node.as_text().is_some_and(holds_expression) {
            return self.sole_expression(node, scope).map(Octets::WorkedOut);
        }
        let text = self.fixed(node)?;
        let bytes = plain::bytes(&Value::Text(text.value));
        if bytes.is_err() {
            let message = "bytes are written in base64 (RFC 4648)";
            self.error("bad-base64", message, &text.span, "cannot be read");
        }
        Some(Octets::Fixed(bytes.ok()?.into()))
    }

    fn streaming(
        &mut self,
        key: &'n Located<String>,
        node: &'n Node,
        scope: &Scope,
    ) -> Option<Streaming> {
        let mut mapping =
            self.open(node, records::STEP_RESPOND_STREAM.called("what `stream` says"))?;
        let [every, cut_after] = ["every", "cutAfter"].map(|key| mapping.take(key));
        mapping.finish();
        if every.is_none() && cut_after.is_none() {
            let message = "`stream` needs `every` or `cutAfter`";
            self.error("missing-key", message, &node.span, "has neither");
        }
        let is_worked_out = |node: &Node| node.as_text().is_some_and(holds_expression);
        let every = every.and_then(|node| {
            if is_worked_out(node) {
                return Some(self.tree(node, scope));
            }
            self.delay_end(node).map(|_| Tree::Constant(node.to_value()))
        });
        let cut_after = cut_after.and_then(|node| {
            if is_worked_out(node) {
                return Some(self.tree(node, scope));
            }
            let number = self.read_integer(node)?;
            let after = usize::try_from(number).ok().filter(|after| *after > 0);
            if after.is_none() {
                let message = "`cutAfter` is a whole number from 1 on";
                self.error("out-of-range", message, &node.span, "is less");
            }
            after.map(|_| Tree::Constant(Value::Integer(number)))
        });
        Some(Streaming { every, cut_after, span: key.span.clone() })
    }
}
