//! `let`.

use super::StepContext;
use crate::check::Checker;
use crate::model::Verb;
use crate::model::verb::Let;
use crate::syntax::{Node, ReadNode};

impl<'n> Checker<'n> {
    pub(in crate::check::verb) fn let_values(
        &mut self,
        node: &'n Node,
        context: &mut StepContext,
    ) -> Verb {
        let mut values = Vec::new();
        for (key, node) in self.read_members(node) {
            let tree = self.tree(node, &context.scope);
            if let Some(name) = self.new_name(&key.value, &key.span) {
                let shape = self.tree_shape(&tree, &context.scope);
                context.scope.add(name.clone(), shape);
                values.push((name, tree));
            }
        }
        Verb::Let(Let { values })
    }
}
