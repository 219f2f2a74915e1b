//! Steps that use the mock's control plane, and those that follow from it.

use std::time::Duration;

use super::Reader;
use crate::expression::holds_expression;
use crate::model::Tree;
use crate::scenario::{Action, Follow, Shown};
use crate::syntax::{Mapping, Node, NodeKind, ReadNode};
use crate::value::Value;

/// How long a `poll` waits between two tries.
const EVERY: Duration = Duration::from_millis(500);

/// How long all tries of a `poll` together may take.
const AT_MOST: Duration = Duration::from_secs(30);

impl<'n> Reader<'n, '_> {
    /// `outbox`; it takes nothing.
    pub(super) fn outbox(&mut self, node: &'n Node) -> Option<Action> {
        if !matches!(node.kind, NodeKind::Null) {
            self.wrong_type(node, "nothing after `outbox:`");
            return None;
        }
        Some(Action::Outbox)
    }

    /// `follow`: an absolute URL, with `headers` and `authenticate` beside it.
    pub(super) fn follow(&mut self, node: &'n Node, step: &mut Mapping<'n>) -> Option<Action> {
        let headers = step.take("headers").and_then(|node| self.raw_headers(node));
        let shown = step.take("authenticate");
        let authenticate = shown.map_or_else(Shown::default, |node| self.shown(Some(node)));
        let url = self.trees.tree(node, &self.scope);
        let worked_out = node.as_text().is_some_and(holds_expression);
        if !worked_out && let Tree::Constant(value) = &url {
            let Value::Text(text) = value else {
                self.wrong_type(node, "an absolute URL");
                return None;
            };
            let uri: Option<http::Uri> = text.parse().ok();
            let absolute = uri.is_some_and(|uri| {
                matches!(uri.scheme_str(), Some("http" | "https")) && uri.host().is_some()
            });
            if !absolute {
                let message = format!("`{text}` is not an absolute URL");
                self.error("bad-url", message, &node.span, "cannot be followed");
                return None;
            }
        }
        Some(Action::Follow(Box::new(Follow { url, headers, authenticate })))
    }

    /// `state`: a collection.
    pub(super) fn state(&mut self, node: &'n Node) -> Option<Action> {
        let name = self.fixed(node)?;
        self.collection(&name.value, &name.span).map(Action::State)
    }

    /// `poll`, with `until`, `every`, `atMost` and `tries` beside it.
    pub(super) fn poll(&mut self, node: &'n Node, mapping: &mut Mapping<'n>) -> Option<Action> {
        let step = self.polled(node);
        // Of what is no step it was said already what stands beside one.
        if node.as_text().is_some() {
            mapping.take("expect");
        }
        let until = match node.as_text() {
            Some(_) => mapping.take("until"),
            None => mapping.require("until"),
        };
        let until = until.and_then(|node| self.expect(node));
        let every = self.some_duration(mapping, "every").unwrap_or(EVERY);
        let at_most = self.some_duration(mapping, "atMost").unwrap_or(AT_MOST);
        let tries = mapping.take("tries").and_then(|node| self.whole_number(node, 1));
        let (step, until) = (Box::new(step?), Box::new(until?));
        Some(Action::Poll { step, until, every, at_most, tries })
    }
}
