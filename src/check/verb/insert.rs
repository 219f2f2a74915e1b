//! `insert`.

use super::StepContext;
use crate::check::Checker;
use crate::check::records;
use crate::check::shape::Shape;
use crate::model::verb::Insert;
use crate::model::{CollectionId, Verb};
use crate::syntax::{Node, ReadNode};

impl<'n> Checker<'n> {
    pub(in crate::check::verb) fn insert(
        &mut self,
        node: &'n Node,
        context: &mut StepContext,
    ) -> Option<Verb> {
        let mut mapping = self.open(node, records::STEP_INSERT.called("`insert`"))?;
        let at = self.collection_of(&mut mapping);
        let values = mapping.require("values");
        let on_conflict = mapping.take("onConflict").and_then(|node| self.error_name(node));
        let name = mapping.text("as");
        mapping.finish();
        let values = values.map(|node| self.row_values(node, at, context));
        let row = at.map_or(Shape::Any, |at| Shape::Row(CollectionId(at)));
        let name = self.result(name, row, context);
        let (collection, values) = (CollectionId(at?), values?);
        Some(Verb::Insert(Insert { collection, values, name, on_conflict }))
    }
}
