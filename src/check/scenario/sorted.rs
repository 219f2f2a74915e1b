//! Matchers of the order of lists, and those that are worked out.

use std::sync::Arc;

use super::Reader;
use crate::check::shape::Shape;
use crate::scenario::{Matcher, Sorted};
use crate::syntax::mapping::{text, word};
use crate::syntax::{Mapping, Node, NodeKind};

const ORDERS: &[(bool, &str)] = &[(false, "ascending"), (true, "descending")];

impl<'n> Reader<'n, '_> {
    /// `$sorted`: `true`, an order, or `by` and `order`.
    pub(super) fn sorted(&mut self, node: &'n Node) -> Option<Matcher> {
        let sorted = match &node.kind {
            NodeKind::Map(_) => {
                let mut mapping = Mapping::open(node, "`$sorted`", &mut self.checker.problems)?;
                let by = mapping.require("by", &mut self.checker.problems);
                let order = mapping.word("order", ORDERS, &mut self.checker.problems);
                mapping.finish(&mut self.checker.problems);
                Sorted { by: Some(self.member(by?)?), descending: order.unwrap_or(false) }
            }
            NodeKind::Text(_) => {
                let descending = word(node, "$sorted", ORDERS, &mut self.checker.problems)?;
                Sorted { by: None, descending }
            }
            _ => self.only_true(node).then_some(Sorted { by: None, descending: false })?,
        };
        Some(Matcher::Sorted(sorted))
    }

    /// `$unique`: `true`, or the member by which items are told apart.
    pub(super) fn unique_items(&mut self, node: &'n Node) -> Option<Matcher> {
        match &node.kind {
            NodeKind::Text(_) => self.member(node).map(|member| Matcher::Unique(Some(member))),
            _ => self.only_true(node).then_some(Matcher::Unique(None)),
        }
    }

    fn member(&mut self, node: &'n Node) -> Option<Arc<str>> {
        Some(text(node, &mut self.checker.problems)?.value)
    }

    /// `$assert`: an expression of `it`, which is what stands there.
    pub(super) fn asserted(&mut self, node: &'n Node) -> Option<Matcher> {
        let scope = self.scope.with("it", Shape::Any);
        self.checker.sole_expression(node, &scope).map(Matcher::Assert)
    }
}
