//! Reading the journal of the mock.

use super::Reader;
use super::records;
use super::written::{Written, is_worked_out};
use crate::model::{OperationId, Tree};
use crate::scenario::{Action, Given, Wanted};
use crate::syntax::{Node, NodeKind, ReadNode};

impl<'n> Reader<'n, '_> {
    /// `requests`: nothing, or which ones.
    pub(super) fn requests(&mut self, node: &'n Node) -> Option<Action> {
        if matches!(node.kind, NodeKind::Null) {
            return Some(Action::Requests(Box::default()));
        }
        let mut mapping = self.open(node, records::REQUESTS.called("`requests`"))?;
        let operation = mapping.take("operation");
        let [status, after, limit] = ["status", "after", "limit"].map(|key| mapping.take(key));
        mapping.finish();
        let operation = operation.map(|node| self.operation(node));
        let status = status.map(|node| {
            self.number(node, |reader, node| {
                reader.trees.status(node);
            })
        });
        let mut count = |node: Option<&'n Node>, least: u64| {
            node.map(|node| {
                self.number(node, |reader, node| {
                    reader.whole_number(node, least);
                })
            })
        };
        let (after, limit) = (count(after, 0), count(limit, 1));
        let operation = match operation {
            Some(read) => Some(read?),
            None => None,
        };
        Some(Action::Requests(Box::new(Wanted { operation, status, after, limit })))
    }

    /// An operation, or an expression that names one, in each row.
    fn operation(&mut self, node: &'n Node) -> Option<Given<OperationId>> {
        let mut seen: Vec<*const Node> = vec![node];
        for row in self.rows_for(&[Some(node)]) {
            let Written::Here(written) = self.written(node, row) else { continue };
            if seen.contains(&std::ptr::from_ref(written)) {
                continue;
            }
            seen.push(written);
            if let Some(name) = self.read_text(written) {
                self.known_operation(&name.value, &name.span);
            }
        }
        if is_worked_out(node) {
            return self.trees.sole_expression(node, &self.scope).map(Given::Expression);
        }
        let name = self.fixed(node)?;
        self.known_operation(&name.value, &name.span).map(Given::Written)
    }

    /// A number, which is looked at if it is written, or an expression that gives one.
    fn number(&mut self, node: &'n Node, look: impl FnOnce(&mut Self, &'n Node)) -> Tree {
        if !is_worked_out(node) {
            look(self, node);
        }
        self.trees.tree(node, &self.scope)
    }
}
