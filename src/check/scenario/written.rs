//! Where the value of an expression is written.
//!
//! Most expressions only name a column or a variable. What such a value has to be is then known
//! before anything runs, row by row, and a mistake in it is told where it is written.

use crate::expression::holds_expression;
use std::sync::Arc;

use super::Reader;
use crate::expression::{Piece, Reference, parse, split};
use crate::syntax::Node;

/// How often one name may stand for another.
const DEPTH: usize = 8;

/// Where a value is written.
#[derive(Debug, Clone, Copy)]
pub(super) enum Written<'n> {
    /// Here.
    Here(&'n Node),
    /// Nowhere: there is none.
    Absent,
    /// That cannot be told before it is worked out.
    Unknown,
}

/// Whether a node is a text with an expression in it.
pub(super) fn is_worked_out(node: &Node) -> bool {
    node.as_text().is_some_and(holds_expression)
}

impl<'n> Reader<'n, '_> {
    /// The rows in which the values of these nodes may differ; one without columns where they
    /// cannot.
    pub(super) fn rows_for(&self, nodes: &[Option<&'n Node>]) -> Vec<Option<&'n Node>> {
        let worked_out = nodes.iter().flatten().any(|node| is_worked_out(node));
        if !worked_out || self.table.is_empty() {
            return vec![None];
        }
        self.table.iter().copied().map(Some).collect()
    }

    /// Where the value of a node is written, in a row.
    pub(super) fn written(&self, node: &'n Node, row: Option<&'n Node>) -> Written<'n> {
        self.follow_names(node, row, DEPTH)
    }

    fn follow_names(&self, node: &'n Node, row: Option<&'n Node>, depth: usize) -> Written<'n> {
        let Some(text) = node.as_text().filter(|_| is_worked_out(node)) else {
            return Written::Here(node);
        };
        let Some(path) = self.sole_path(text) else { return Written::Unknown };
        let captured = self.trees.watch.as_ref().is_some_and(|w| w.is_captured(&path.root));
        if depth == 0 || captured {
            return Written::Unknown;
        }
        let mut place = match self.named(&path.root, row) {
            Written::Here(node) => self.follow_names(node, row, depth - 1),
            other => other,
        };
        for member in &path.members {
            let Written::Here(node) = place else { break };
            place = match (node.get(member), node.as_map()) {
                (Some(node), _) => self.follow_names(node, row, depth - 1),
                (None, Some(_)) => Written::Absent,
                (None, None) => Written::Unknown,
            };
        }
        place
    }

    /// The path that is all of a text.
    pub(super) fn sole_path(&self, text: &str) -> Option<Reference> {
        let pieces = split(text).unwrap_or_default();
        let [Piece::Expression(range)] = &*pieces else { return None };
        let expression = text.get(range.clone()).unwrap_or_default();
        // It was read, or is about to be, so that a mistake in it is told there.
        let known = self.trees.parsed.get(expression).cloned();
        let parsed = known.or_else(|| parse(expression).ok().map(Arc::new))?;
        parsed.path().cloned()
    }

    /// Where the value of a name is written: columns win over variables.
    pub(super) fn named(&self, name: &str, row: Option<&'n Node>) -> Written<'n> {
        if self.hidden.iter().any(|known| **known == *name) {
            return Written::Unknown;
        }
        let variables = || self.variables.iter().rev().find(|(known, _)| **known == *name);
        if let Some(node) = row.and_then(|row| row.get(name)) {
            return Written::Here(node);
        }
        if let Some((_, node)) = variables() {
            return Written::Here(node);
        }
        match self.table.iter().any(|row| row.get(name).is_some()) {
            true => Written::Absent,
            false => Written::Unknown,
        }
    }
}
