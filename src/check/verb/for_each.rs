//! `forEach`.

use super::Written;
use crate::check::Checker;
use crate::check::records;
use crate::check::shape::Shape;
use crate::model::Verb;
use crate::model::verb::ForEach;
use crate::syntax::ReadNode;

impl<'n> Checker<'n> {
    pub(in crate::check::verb) fn for_each(&mut self, verb: Written<'n, '_>) -> Option<Verb> {
        let Written { value, step, name, context } = verb;
        let steps = step.require("steps");
        let mut mapping = self.open(value, records::STEP_FOR_EACH.called("`forEach`"))?;
        let list = mapping.require("in");
        let item = mapping.required_text("as");
        mapping.finish();
        let list = list.and_then(|node| self.sole_expression(node, &context.scope));
        let item = item.and_then(|item| self.new_name(&item.value, &item.span));
        let mark = context.scope.mark();
        if let Some(item) = &item {
            let shape = list.as_ref().map(|list| self.item_shape(list, &context.scope));
            context.scope.add(item.clone(), shape.unwrap_or(Shape::Any));
        }
        let steps = steps.map(|node| self.steps(node, &format!("{name}.forEach"), context).0);
        context.scope.reset(mark);
        Some(Verb::ForEach(ForEach::new(list?, item?, steps?)))
    }
}
