//! `delete`.

use super::StepContext;
use crate::check::Checker;
use crate::model::verb::Delete;
use crate::model::{CollectionId, Verb};
use crate::syntax::{Mapping, Node};

impl<'n> Checker<'n> {
    pub(in crate::check::verb) fn delete(
        &mut self,
        node: &'n Node,
        context: &mut StepContext,
    ) -> Option<Verb> {
        let mut mapping = Mapping::open(node, "`delete`", &mut self.problems)?;
        let record = mapping.required_text("record", &mut self.problems);
        mapping.finish(&mut self.problems);
        let record = record?;
        let (record, at) = self.row_variable(&record.value, &record.span, context)?;
        Some(Verb::Delete(Delete { record, collection: CollectionId(at) }))
    }
}
