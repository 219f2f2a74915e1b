//! Matchers of the order of lists, and those that are worked out.

use std::sync::Arc;

use super::Reader;
use super::records;
use crate::check::shape::Shape;
use crate::scenario::{Matcher, Sorted};
use crate::syntax::{Node, NodeKind, ReadNode};

const ORDERS: &[(bool, &str)] = &[(false, "ascending"), (true, "descending")];

impl<'n> Reader<'n, '_> {
    /// `$sorted`: `true`, an order, or `by` and `order`.
    pub(super) fn sorted(&mut self, node: &'n Node) -> Option<Matcher> {
        let sorted = match &node.kind {
            NodeKind::Map(_) => {
                let mut mapping = self.open(node, records::EXPECTED_SORTED.called("`$sorted`"))?;
                let by = mapping.require("by");
                let order = mapping.word("order", ORDERS);
                mapping.finish();
                Sorted { by: Some(self.member(by?)?), descending: order.unwrap_or(false) }
            }
            NodeKind::Text(_) => {
                let descending = self.read_word(node, "$sorted", ORDERS)?;
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
        Some(self.read_text(node)?.value)
    }

    /// `$assert`: an expression of `it`, which is what stands there.
    pub(super) fn asserted(&mut self, node: &'n Node) -> Option<Matcher> {
        let scope = self.scope.with("it", Shape::Any);
        self.trees.sole_expression(node, &scope).map(Matcher::Assert)
    }
}
