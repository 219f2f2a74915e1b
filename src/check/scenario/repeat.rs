//! Loops.

use super::Reader;
use crate::check::shape::Shape;
use crate::diagnostic::Diagnostic;
use crate::scenario::{Action, Repeat};
use crate::syntax::{Mapping, Node, ReadNode};

/// The most rounds, where a loop does not say how many.
const ROUNDS: u64 = 100;

impl<'n> Reader<'n, '_> {
    /// `repeat`: steps, with `over`, `as`, `until` and `rounds` beside it.
    pub(super) fn repeat(&mut self, node: &'n Node, step: &mut Mapping<'n>) -> Option<Action> {
        let over = step.take("over");
        let over_read = over.and_then(|node| self.trees.sole_expression(node, &self.scope));
        let name = step.take("as");
        let until = step.take("until");
        let rounds = step.take("rounds");
        if over.or(until).or(rounds).is_none() {
            let message = "`repeat` needs `until`, `over` or `rounds`, to come to an end";
            self.report(
                Diagnostic::error("missing-key", message, &node.span, "would not end")
                    .help("`until` is an expression, `over` a list, `rounds` how many at most"),
            );
        }
        if let Some([]) = node.as_list() {
            let message = "this loop does nothing";
            self.error("no-steps", message, &node.span, "no steps");
        }
        let name = name.and_then(|node| {
            let name = self.read_text(node)?;
            self.name(&name.value, &name.span, Shape::Any)
        });
        // In the first round they are absent, and later they are there.
        for (captured, _) in self.captures_in([Some(node), None]) {
            if !self.scope.has(&captured) {
                self.scope.add(captured, Shape::Any);
            }
        }
        let steps = self.steps(Some(node));
        let until_read = until.and_then(|node| self.trees.sole_expression(node, &self.scope));
        let rounds_read = rounds.and_then(|node| self.whole_number(node, 1));
        let holds = |given: Option<&Node>, read: bool| given.is_none() || read;
        let good = holds(over, over_read.is_some())
            && holds(until, until_read.is_some())
            && holds(rounds, rounds_read.is_some());
        good.then(|| {
            Action::Repeat(Box::new(Repeat {
                steps,
                over: over_read,
                name,
                until: until_read,
                rounds: rounds_read.unwrap_or(ROUNDS),
            }))
        })
    }
}
