//! `$ref`: shared steps.

use super::StepContext;
use crate::check::Checker;
use crate::check::names::reference;
use crate::model::Verb;
use crate::model::verb::Group;
use crate::syntax::{Node, ReadNode};

impl<'n> Checker<'n> {
    /// Shared steps, and whether they always end with an answer.
    pub(in crate::check::verb) fn group(
        &mut self,
        node: &'n Node,
        context: &mut StepContext,
    ) -> Option<(Verb, bool)> {
        let path = self.read_text(node)?;
        let Some(name) = reference(&path.value, "steps") else {
            self.bad_reference(node, "steps");
            return None;
        };
        let span = path.span.narrow(name);
        let at = self.names.steps.resolve_name(name, &span)?;
        if self.inside_steps.contains(&at) {
            self.error(
                "recursive-reference",
                format!("the steps `{name}` contain themselves"),
                &path.span,
                "leads back here",
            );
            return None;
        }
        let depth = self.inside_steps.len();
        if !self.may_follow(depth, node) {
            return None;
        }
        self.inside_steps.push(at);
        let shared = self.names.steps.node(at);
        let steps = shared.map(|node| self.steps(node, name, context));
        self.inside_steps.pop();
        steps.map(|(steps, ends)| (Verb::Group(Group { steps }), ends))
    }
}
