//! `list`.

use std::sync::Arc;

use super::StepContext;
use super::rows::row_of;
use crate::check::Checker;
use crate::check::records;
use crate::check::shape::Shape;
use crate::diagnostic::Diagnostic;
use crate::expression::holds_expression;
use crate::model::verb::{List, Portion};
use crate::model::{Expression, Verb};
use crate::syntax::{Mapping, Node, ReadNode};

impl<'n> Checker<'n> {
    pub(in crate::check::verb) fn list(
        &mut self,
        node: &'n Node,
        context: &mut StepContext,
    ) -> Option<Verb> {
        let mut mapping = self.open(node, records::STEP_LIST.called("`list`"))?;
        let items = node.get("in").filter(|node| node.as_text().is_some_and(holds_expression));
        let (rows, items) = match items {
            Some(_) => (None, self.list_items(&mut mapping, context)),
            None => (self.rows(&mut mapping, &context.scope), None),
        };
        let offset = mapping.take("offset");
        let limit = mapping.take("limit");
        let page = mapping.take("page");
        let name = mapping.required_text("as");
        mapping.finish();
        if let Some(page) = page {
            self.beside_page(page, &[("offset", offset), ("limit", limit)]);
            self.of_items(page, items.is_some());
        }
        let page = page.map(|node| self.page(node, context));
        let offset = offset.and_then(|node| self.row_count(node, &context.scope));
        let limit = limit.and_then(|node| self.row_count(node, &context.scope));
        if name.is_none() || rows.is_none() && items.is_none() {
            context.scope.lose_track();
        }
        let shape = match &items {
            Some(items) => self.item_shape(items, &context.scope),
            None => row_of(rows.as_ref()),
        };
        let shape = Shape::List(Arc::new(shape));
        let name = self.result(name, shape, context)?;
        let page = match page {
            Some(page) => Some(Box::new(page?)),
            None => None,
        };
        Some(match items {
            Some(items) => Verb::Portion(Portion { items, offset, limit, page, name }),
            None => Verb::List(List { rows: rows?, offset, limit, page, name }),
        })
    }

    /// `in` that is an expression, and that nothing looks for rows in what it gives.
    fn list_items(
        &mut self,
        mapping: &mut Mapping<'n>,
        context: &StepContext,
    ) -> Option<Expression> {
        let node = mapping.take("in")?;
        for key in ["where", "filter", "orderBy", "descending"] {
            if let Some((key, _)) = mapping.entry(key) {
                let message = format!("`{}` is for rows of a collection", key.value);
                let told = Diagnostic::error("contradiction", message, &key.span, "`in` is a list");
                self.report(told.help("`[x for x in list if x.size > 3]` chooses, `list | sort(attribute='size')` orders"));
            }
        }
        self.sole_expression(node, &context.scope)
    }

    /// What a page of a list has no meaning for: items have no keys.
    fn of_items(&mut self, page: &Node, is_of_items: bool) {
        for (key, _) in page.as_map().unwrap_or_default().iter().filter(|_| is_of_items) {
            if matches!(&*key.value, "after" | "before") {
                let message = format!("`{}` is for rows of a collection", key.value);
                let label = "the items of a list have no keys";
                let told = Diagnostic::error("contradiction", message, &key.span, label);
                self.report(told.help("there are `offset`, `number` and `cursor`"));
            }
        }
    }
}
