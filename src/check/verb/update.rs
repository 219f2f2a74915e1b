//! `update`.

use super::StepContext;
use crate::check::Checker;
use crate::check::records;
use crate::model::verb::Update;
use crate::model::{CollectionId, Verb};
use crate::syntax::{Node, ReadNode};

impl<'n> Checker<'n> {
    pub(in crate::check::verb) fn update(
        &mut self,
        node: &'n Node,
        context: &mut StepContext,
    ) -> Option<Verb> {
        let mut mapping = self.open(node, records::STEP_UPDATE.called("`update`"))?;
        let record = mapping.required_text("record");
        let values = mapping.require("values");
        let words = [(false, "overwrite"), (true, "fill")];
        let fill = mapping.word("mode", &words).unwrap_or(false);
        let on_conflict = mapping.take("onConflict").and_then(|node| self.error_name(node));
        mapping.finish();
        let row = record.and_then(|record| self.row_variable(&record.value, &record.span, context));
        let at = row.as_ref().map(|(_, at)| *at);
        let values = values.map(|node| self.row_values(node, at, context));
        let (record, at) = row?;
        let (collection, values) = (CollectionId(at), values?);
        Some(Verb::Update(Update { record, collection, values, fill, on_conflict }))
    }
}
