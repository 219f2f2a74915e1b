//! The HTTP request that a message of the outbox can be.

use std::sync::Arc;

use super::Checker;
use super::step::StepContext;
use crate::model::{Delivery, Text};
use crate::syntax::mapping::text;
use crate::syntax::{Mapping, Node, NodeKind};

impl<'n> Checker<'n> {
    /// `request` of a `send`.
    pub(super) fn delivery(&mut self, node: &'n Node, context: &StepContext) -> Option<Delivery> {
        let mut mapping = Mapping::open(node, "`request`", &mut self.problems)?;
        let method = mapping.text("method", &mut self.problems);
        let given = mapping.members("headers", &mut self.problems);
        let body = mapping.take("text");
        let retry = mapping.take("retry");
        mapping.finish(&mut self.problems);
        let method = method.and_then(|method| {
            if http::Method::from_bytes(method.value.as_bytes()).is_err() {
                let message = format!("`{}` is not a valid method", method.value);
                self.problems.error("bad-method", message, &method.span, "is not a valid method");
                return None;
            }
            Some(method.value)
        });
        let mut headers: Vec<(Arc<str>, Text)> = Vec::new();
        for (key, node) in given {
            let name = self.header_name(key).filter(|name| self.may_be_given(name, key));
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
            self.problems.error("wrong-type", message, &node.span, "is not a list");
            return Vec::new();
        };
        let mut retry = Vec::new();
        for item in items {
            if let Some(wait) = text(item, &mut self.problems) {
                self.check_duration(&wait.value, &item.span);
                retry.push(wait.value);
            }
        }
        retry
    }
}
