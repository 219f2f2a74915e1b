//! `wait`.

use super::StepContext;
use crate::check::Checker;
use crate::check::records;
use crate::model::verb::Wait;
use crate::model::{Text, Verb};
use crate::syntax::{Node, ReadNode};

impl<'n> Checker<'n> {
    /// `wait`.
    pub(in crate::check::verb) fn wait(
        &mut self,
        node: &'n Node,
        context: &StepContext,
    ) -> Option<Verb> {
        let mut mapping = self.open(node, records::STEP_WAIT.called("`wait`"))?;
        let until = mapping.require("until");
        let at_most_node = mapping.require("atMost");
        mapping.finish();
        let until = until.and_then(|node| self.sole_expression(node, &context.scope));
        let at_most = at_most_node.and_then(|node| self.text(node, &context.scope));
        if let (Some(text), Some(node)) = (at_most.as_ref().and_then(Text::constant), at_most_node)
        {
            self.check_duration(text, &node.span);
        }
        Some(Verb::Wait(Wait { until: until?, at_most: at_most? }))
    }
}
