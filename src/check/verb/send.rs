//! `send`.

use std::sync::Arc;

use super::StepContext;
use crate::check::Checker;
use crate::check::records;
use crate::model::verb::Send;
use crate::model::{Delivery, Link, Text, Tree, Verb};
use crate::source::Located;
use crate::syntax::{Mapping, Node, NodeKind, ReadNode};
use crate::value::{Map, Value};

impl<'n> Checker<'n> {
    /// `send`.
    pub(in crate::check::verb) fn send(
        &mut self,
        node: &'n Node,
        context: &mut StepContext,
    ) -> Option<Verb> {
        let mut mapping = self.open(node, records::STEP_SEND.called("`send`"))?;
        let channel = self.required_template(&mut mapping, "channel", context);
        let name = self.required_template(&mut mapping, "name", context);
        let to = self.required_template(&mut mapping, "to", context);
        let data = mapping.take("data");
        let links = mapping.members("links");
        let request = mapping.take("request");
        mapping.finish();
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
        let mut mapping = self.open(node, records::STEP_SEND_LINKS.called("a link"))?;
        let operation = mapping.require("operation");
        let given = mapping.members("parameters");
        mapping.finish();
        let (operation, parameters) = self.runs(operation?, given, "the link", context)?;
        Some(Link { name: key.value.as_str().into(), operation, parameters })
    }

    /// A text that has to be there, as the value of a required key.
    fn required_template(
        &mut self,
        mapping: &mut Mapping<'n>,
        key: &'static str,
        context: &StepContext,
    ) -> Option<Text> {
        let node = mapping.require(key)?;
        self.text(node, &context.scope)
    }

    /// `request` of a `send`.
    fn delivery(&mut self, node: &'n Node, context: &StepContext) -> Option<Delivery> {
        let mut mapping = self.open(node, records::STEP_SEND_REQUEST.called("`request`"))?;
        let method = mapping.text("method");
        let given = mapping.members("headers");
        let body = mapping.take("text");
        let retry = mapping.take("retry");
        mapping.finish();
        let method = method.and_then(|method| {
            if http::Method::from_bytes(method.value.as_bytes()).is_err() {
                let message = format!("`{}` is not a valid method", method.value);
                self.error("bad-method", message, &method.span, "is not a valid method");
                return None;
            }
            Some(method.value)
        });
        let mut headers: Vec<(Arc<str>, Text)> = Vec::new();
        for (key, node) in given {
            let name = self.header_name(key).filter(|name| self.may_be_given(name, key, false));
            let value = self.text(node, &context.scope);
            if let (Some(_), Some(value)) = (name, value) {
                headers.push((key.value.as_str().into(), value));
            }
        }
        let retry = retry.map_or_else(Vec::new, |node| self.retries(node));
        Some(Delivery {
            method: method.unwrap_or_else(|| "POST".into()),
            headers,
            text: body.and_then(|node| self.text(node, &context.scope)),
            retry: retry.into(),
        })
    }

    /// After which durations it is tried again.
    fn retries(&mut self, node: &'n Node) -> Vec<Arc<str>> {
        let NodeKind::List(items) = &node.kind else {
            let message = format!("expected a list of durations, found {}", node.kind_word());
            self.error("wrong-type", message, &node.span, "is not a list");
            return Vec::new();
        };
        let mut retry = Vec::new();
        for item in items {
            if let Some(wait) = self.read_text(item) {
                self.check_duration(&wait.value, &item.span);
                retry.push(wait.value);
            }
        }
        retry
    }
}
