//! `add`, `remove` and `replace`.

use super::StepContext;
use crate::check::Checker;
use crate::check::records;
use crate::check::shape::Shape;
use crate::diagnostic::Diagnostic;
use crate::model::verb::Change;
use crate::model::{CollectionId, ListChange, Verb};
use crate::source::Span;
use crate::syntax::{Node, ReadNode};

impl<'n> Checker<'n> {
    pub(in crate::check::verb) fn change(
        &mut self,
        change: ListChange,
        node: &'n Node,
        context: &mut StepContext,
    ) -> Option<Verb> {
        let (record, key) = match change {
            ListChange::Add => (records::STEP_ADD.called("`add`"), "to"),
            ListChange::Remove => (records::STEP_REMOVE.called("`remove`"), "from"),
            ListChange::Replace => (records::STEP_REPLACE.called("`replace`"), "list"),
        };
        let mut mapping = self.open(node, record)?;
        let target = mapping.required_text(key);
        let values = mapping.require("values");
        mapping.finish();
        let values = values.map(|node| self.tree(node, &context.scope));
        let target = target?;
        let Some((record, field)) = target.value.split_once('.') else {
            let message = format!("`{}` names no field of a row", target.value);
            self.report(
                Diagnostic::error("no-row", message, &target.span, "not a row and a field")
                    .help("write ROW.FIELD"),
            );
            return None;
        };
        let (record, at) = self.row_variable(record, &target.span.narrow(record), context)?;
        let span = Span {
            start: (target.span.narrow(&target.value).start + record.len() + 1)
                .min(target.span.end),
            ..target.span.clone()
        };
        let span = span.narrow(field);
        let known = self.names.check_field(at, field, &span);
        let shape = self.names.row(at).and_then(|row| row.get(field));
        if known && shape.is_some_and(|shape| matches!(shape, Shape::Scalar)) {
            let message = format!("`{field}` is not a list");
            self.error("wrong-type", message, &span, "its type is not array");
        }
        let (collection, field, values) = (CollectionId(at), field.into(), values?);
        Some(Verb::Change(Change { how: change, record, collection, field, values }))
    }
}
