//! `forEach`.

use super::{Describe, Given, Part, Steps, Verb};
use crate::model::stage::{Stage, Variable, staged};
use crate::model::{Expression, Tree};

staged! {
    /// Does steps for each item of a list.
    pub struct ForEach {
        /// Gives the list.
        pub list: S::Expression,
        /// What an item is called.
        pub name: S::Variable,
        /// All that the steps name; each round is a scope.
        pub own: Vec<S::Variable>,
        /// What is done.
        pub steps: Steps<S>,
        /// The names of lists, with what each round adds to them.
        pub gather: Vec<(S::Variable, Tree<S>)>,
    }
}

impl ForEach {
    /// Steps for each item of a list.
    pub fn new(
        list: Expression,
        name: Variable,
        steps: Steps,
        gather: Vec<(Variable, Tree)>,
    ) -> Self {
        let mut own = vec![name.clone()];
        named(&steps, &mut own);
        Self { list, name, own, steps, gather }
    }
}

/// What steps name, those that they do in a loop of their own left out.
fn named(steps: &Steps, names: &mut Vec<Variable>) {
    for step in steps.iter() {
        if let Verb::ForEach(inner) = &step.verb {
            names.extend(inner.gather.iter().map(|(name, _)| name.clone()));
            continue;
        }
        for part in step.verb.parts() {
            match part {
                Part::Gives(name, _) => names.push(name.clone()),
                Part::Steps(steps) => named(steps, names),
                _ => {}
            }
        }
    }
}

impl<S: Stage> Describe<S> for ForEach<S> {
    fn parts(&self) -> Vec<Part<'_, S>> {
        let mut parts = vec![Part::Gives(&self.name, Given::Item(&self.list))];
        for (name, tree) in &self.gather {
            parts.extend([Part::Gives(name, Given::Value(tree)), Part::Tree(tree)]);
        }
        parts.push(Part::Steps(&self.steps));
        parts
    }
}
