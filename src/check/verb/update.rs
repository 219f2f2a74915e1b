//! `update`.

use super::StepContext;
use crate::check::Checker;
use crate::check::records;
use crate::model::verb::{Merges, Update};
use crate::model::{CollectionId, Verb};
use crate::syntax::{Node, NodeKind, ReadNode};

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
        let merge = mapping.take("merge");
        let empty = mapping.take("empty");
        let on_conflict = mapping.take("onConflict").and_then(|node| self.error_name(node));
        mapping.finish();
        let row = record.and_then(|record| self.row_variable(&record.value, &record.span, context));
        let at = row.as_ref().map(|(_, at)| *at);
        let values = values.map(|node| self.row_values(node, at, context));
        let merges = merge.map_or(Merges::Nothing, |node| self.merges(node, at));
        let words = [(false, "keep"), (true, "unset")];
        let unsets = empty.and_then(|node| self.read_word(node, "empty", &words)).unwrap_or(false);
        for (key, node) in [("merge", merge), ("empty", empty)] {
            if let Some(node) = node.filter(|_| fill) {
                let message = format!(
                    "`{key}` has no effect with `mode: fill`, which leaves existing values alone"
                );
                self.error("contradiction", message, &node.span, "has no effect");
            }
        }
        let (record, at) = row?;
        let (collection, values) = (CollectionId(at), values?);
        Some(Verb::Update(Update { record, collection, values, fill, merges, unsets, on_conflict }))
    }

    /// The fields that take the members of maps: a list of them, or `all`.
    fn merges(&mut self, node: &'n Node, at: Option<usize>) -> Merges {
        match &node.kind {
            NodeKind::Text(all) if all == "all" => Merges::All,
            NodeKind::List(items) => {
                let mut fields = Vec::new();
                for field in items.iter().filter_map(|item| self.read_text(item)) {
                    if let Some(at) = at {
                        self.names.check_field(at, &field.value, &field.span);
                    }
                    fields.push(field.value);
                }
                Merges::Fields(fields.into())
            }
            _ => {
                self.wrong_type(node, "a list of fields, or `all`");
                Merges::Nothing
            }
        }
    }
}
