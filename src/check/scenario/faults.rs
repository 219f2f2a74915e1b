//! Steps that ask the mock for faults.

use std::sync::Arc;

use super::Reader;
use super::records;
use super::written::is_worked_out;
use crate::diagnostic::Diagnostic;
use crate::scenario::{Action, FaultsOf};
use crate::source::Located;
use crate::syntax::{Node, ReadNode};

/// In place of a list: the faults that the spec has.
const OF_SPEC: &str = "spec";

impl<'n> Reader<'n, '_> {
    /// `faults`: a list of them, in place of all that the session has of any vendor; or those of
    /// the spec again.
    pub(super) fn faults(&mut self, node: &'n Node) -> Action {
        if node.as_text() == Some(OF_SPEC) {
            return Action::Faults(FaultsOf::Spec);
        }
        if !is_worked_out(node) {
            for item in self.read_items(node) {
                self.fault(item);
            }
        }
        Action::Faults(FaultsOf::List(self.trees.tree(node, &self.scope)))
    }

    fn fault(&mut self, node: &'n Node) {
        let Some(mut mapping) = self.open(node, records::FAULT.called("a fault")) else {
            return;
        };
        let [operation, skip, times] = ["operation", "skip", "times"].map(|key| mapping.take(key));
        // What an expression gives is looked at by the mock.
        let written = |node: &&'n Node| !is_worked_out(node);
        if let Some(node) = operation.filter(written)
            && let Some(name) = self.read_text(node)
        {
            self.known_operation(&name.value, &name.span);
        }
        for (node, least) in [(skip, 0), (times, 1)] {
            if let Some(node) = node.filter(written) {
                self.whole_number(node, least);
            }
        }
        let (problems, errors) = (self.problems(), &self.service.errors);
        let known = |name: &Located<Arc<str>>| {
            let is_known = errors.iter().any(|error| error.name == name.value);
            if !is_known {
                let message = format!("there is no error `{}`", name.value);
                let label = "not in the spec";
                let diagnostic = Diagnostic::error("unknown-error", message, &name.span, label);
                let names = errors.iter().map(|error| &*error.name);
                problems.push(diagnostic.suggest(&name.value, names));
            }
            is_known
        };
        self.trees.disturbance(mapping, known, is_worked_out);
    }
}
