//! `find`.

use super::StepContext;
use super::rows::row_of;
use crate::check::Checker;
use crate::check::records;
use crate::model::Verb;
use crate::model::verb::Find;
use crate::syntax::{Node, ReadNode};

impl<'n> Checker<'n> {
    pub(in crate::check::verb) fn find(
        &mut self,
        node: &'n Node,
        context: &mut StepContext,
    ) -> Option<Verb> {
        let mut mapping = self.open(node, records::STEP_FIND.called("`find`"))?;
        if ["where", "filter", "orderBy"].iter().all(|key| node.get(key).is_none()) {
            // What is missed most often.
            mapping.require("where");
        }
        let rows = self.rows(&mut mapping, &context.scope);
        let name = mapping.required_text("as");
        let or_else = mapping.take("orElse");
        mapping.finish();
        let or_else = or_else.and_then(|node| self.rejection(node, &context.scope));
        if name.is_none() || rows.is_none() {
            context.scope.lose_track();
        }
        let name = self.result(name, row_of(rows.as_ref()), context)?;
        Some(Verb::Find(Find { rows: rows?, name, or_else }))
    }
}
