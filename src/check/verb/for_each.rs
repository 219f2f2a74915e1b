//! `forEach`.

use std::sync::Arc;

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
        let gather = mapping.members("gather");
        mapping.finish();
        let list = list.and_then(|node| self.sole_expression(node, &context.scope));
        let item = item.and_then(|item| self.new_name(&item.value, &item.span));
        // What was gathered so far is in sight of each round.
        let mut gathered = Vec::new();
        for (key, node) in gather {
            let name = self.new_name(&key.value, &key.span);
            if let Some(name) = &name {
                context.scope.add(name.clone(), Shape::List(Arc::new(Shape::Any)));
            }
            gathered.push((name, node));
        }
        let mark = context.scope.mark();
        if let Some(item) = &item {
            let shape = list.as_ref().map(|list| self.item_shape(list, &context.scope));
            context.scope.add(item.clone(), shape.unwrap_or(Shape::Any));
        }
        let steps = steps.map(|node| self.steps(node, &format!("{name}.forEach"), context).0);
        let gathered = gathered.into_iter().filter_map(|(name, node)| {
            let tree = self.tree(node, &context.scope);
            Some((name?, tree))
        });
        let gathered: Vec<_> = gathered.collect();
        let shapes = gathered.iter().map(|(name, tree)| {
            let item = self.tree_shape(tree, &context.scope);
            (name.clone(), Shape::List(Arc::new(item)))
        });
        let shapes: Vec<_> = shapes.collect();
        context.scope.reset(mark);
        for (name, shape) in shapes {
            context.scope.add(name, shape);
        }
        Some(Verb::ForEach(ForEach::new(list?, item?, steps?, gathered)))
    }
}
