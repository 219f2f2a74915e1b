//! `list`.

use std::sync::Arc;

use super::StepContext;
use super::rows::row_of;
use crate::check::Checker;
use crate::check::records;
use crate::check::shape::Shape;
use crate::model::Verb;
use crate::model::verb::List;
use crate::syntax::{Node, ReadNode};

impl<'n> Checker<'n> {
    pub(in crate::check::verb) fn list(
        &mut self,
        node: &'n Node,
        context: &mut StepContext,
    ) -> Option<Verb> {
        let mut mapping = self.open(node, records::STEP_LIST.called("`list`"))?;
        let rows = self.rows(&mut mapping, &context.scope);
        let offset = mapping.take("offset");
        let limit = mapping.take("limit");
        let page = mapping.take("page");
        let name = mapping.required_text("as");
        mapping.finish();
        if let Some(page) = page {
            self.beside_page(page, &[("offset", offset), ("limit", limit)]);
        }
        let page = page.map(|node| self.page(node, context));
        let offset = offset.and_then(|node| self.row_count(node, &context.scope));
        let limit = limit.and_then(|node| self.row_count(node, &context.scope));
        if name.is_none() || rows.is_none() {
            context.scope.lose_track();
        }
        let shape = Shape::List(Arc::new(row_of(rows.as_ref())));
        let name = self.result(name, shape, context)?;
        let page = match page {
            Some(page) => Some(Box::new(page?)),
            None => None,
        };
        Some(Verb::List(List { rows: rows?, offset, limit, page, name }))
    }
}
