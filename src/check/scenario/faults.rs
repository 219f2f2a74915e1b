//! Steps that ask the mock for faults.

use super::Reader;
use super::written::is_worked_out;
use crate::diagnostic::Diagnostic;
use crate::exchange::Breakage;
use crate::scenario::Action;
use crate::syntax::mapping::{items, text, word};
use crate::syntax::{Mapping, Node, NodeKind};

impl<'n> Reader<'n, '_> {
    /// `faults`: a list of them, in place of all that the session has of any vendor.
    pub(super) fn faults(&mut self, node: &'n Node) -> Action {
        if !is_worked_out(node) {
            for item in items(node, &mut self.checker.problems) {
                self.fault(item);
            }
        }
        Action::Faults(self.checker.tree(node, &self.scope))
    }

    fn fault(&mut self, node: &'n Node) {
        let Some(mut mapping) = Mapping::open(node, "a fault", &mut self.checker.problems) else {
            return;
        };
        let [operation, times, share, delay, fault] =
            ["operation", "times", "share", "delay", "fault"].map(|key| mapping.take(key));
        mapping.finish(&mut self.checker.problems);
        // What an expression gives is looked at by the mock.
        let written = |node: &&'n Node| !is_worked_out(node);
        if let Some(node) = operation.filter(written)
            && let Some(name) = text(node, &mut self.checker.problems)
        {
            self.known_operation(&name.value, &name.span);
        }
        if let Some(node) = times.filter(written) {
            self.whole_number(node, 1);
        }
        if let Some(node) = share.filter(written) {
            self.share(node);
        }
        if let Some(node) = delay.filter(written) {
            self.delay(node);
        }
        if let Some(node) = fault.filter(written) {
            self.effect(node);
        }
        if delay.is_none() && fault.is_none() {
            let message = "a fault needs `delay` or `fault`";
            self.error("missing-key", message, &node.span, "does nothing");
        }
    }

    fn share(&mut self, node: &'n Node) {
        let number: Option<f64> = match &node.kind {
            NodeKind::Integer(_) | NodeKind::Number(_) => node.span.text().parse().ok(),
            _ => None,
        };
        if !number.is_some_and(|number| (0.0..=1.0).contains(&number)) {
            let message = "a share is a number from 0 to 1";
            self.error("out-of-range", message, &node.span, "is none");
        }
    }

    /// A duration, or two of them.
    fn delay(&mut self, node: &'n Node) {
        if node.as_map().is_none() {
            self.duration(node);
            return;
        }
        let Some(mut range) = Mapping::open(node, "a delay", &mut self.checker.problems) else {
            return;
        };
        let ends = ["from", "to"].map(|key| range.require(key, &mut self.checker.problems));
        range.finish(&mut self.checker.problems);
        if let [Some(from), Some(to)] = ends.map(|end| end.and_then(|node| self.duration(node)))
            && to < from
        {
            let message = "`to` must not be shorter than `from`";
            self.error("out-of-range", message, &node.span, "is none");
        }
    }

    /// A word, or a status or an error of the vendor.
    fn effect(&mut self, node: &'n Node) {
        if node.as_map().is_none() {
            let words = Breakage::ALL.map(|known| (known, known.name()));
            word(node, "fault", &words, &mut self.checker.problems);
            return;
        }
        let Some(mut mapping) = Mapping::open(node, "`fault`", &mut self.checker.problems) else {
            return;
        };
        let [status, error] = ["status", "error"].map(|key| mapping.take(key));
        mapping.finish(&mut self.checker.problems);
        let written = |node: &&'n Node| !is_worked_out(node);
        if let Some(node) = status.filter(written) {
            self.checker.status(node);
        }
        if let Some(node) = error.filter(written)
            && let Some(name) = text(node, &mut self.checker.problems)
        {
            let known = self.service.errors.iter().map(|error| &*error.name);
            if !known.clone().any(|known| known == &*name.value) {
                let message = format!("there is no error `{}`", name.value);
                let label = "not in the spec";
                let diagnostic = Diagnostic::error("unknown-error", message, &name.span, label);
                self.checker.problems.push(diagnostic.suggest(&name.value, known));
            }
        }
        if status.is_some() == error.is_some() {
            let message = "`fault` is a word, or has one of `status` and `error`";
            self.error("contradiction", message, &node.span, "has both or none");
        }
    }
}
