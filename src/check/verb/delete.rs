//! `delete`.

use super::StepContext;
use crate::check::Checker;
use crate::check::records;
use crate::model::verb::Delete;
use crate::model::{CollectionId, Verb};
use crate::syntax::{Node, ReadNode};

impl<'n> Checker<'n> {
    pub(in crate::check::verb) fn delete(
        &mut self,
        node: &'n Node,
        context: &mut StepContext,
    ) -> Option<Verb> {
        let mut mapping = self.open(node, records::STEP_DELETE.called("`delete`"))?;
        let record = mapping.required_text("record");
        mapping.finish();
        let record = record?;
        let (record, at) = self.row_variable(&record.value, &record.span, context)?;
        Some(Verb::Delete(Delete { record, collection: CollectionId(at) }))
    }
}
