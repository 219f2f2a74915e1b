//! `note`.

use super::StepContext;
use crate::check::Checker;
use crate::model::Verb;
use crate::model::verb::Note;
use crate::syntax::Node;

impl<'n> Checker<'n> {
    /// A line for the explanation.
    pub(in crate::check::verb) fn note(
        &mut self,
        node: &'n Node,
        context: &StepContext,
    ) -> Option<Verb> {
        self.text(node, &context.scope).map(|text| Verb::Note(Note { text }))
    }
}
