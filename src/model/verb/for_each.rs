//! `forEach`.

use super::{Describe, Given, Part, Steps, Verb};
use crate::model::Expression;
use crate::model::stage::{Stage, Variable, staged};

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
    }
}

impl ForEach {
    /// Steps for each item of a list.
    pub fn new(list: Expression, name: Variable, steps: Steps) -> Self {
        let mut own = vec![name.clone()];
        named(&steps, &mut own);
        Self { list, name, own, steps }
    }
}

/// What steps name, those that they do in a loop of their own left out.
fn named(steps: &Steps, names: &mut Vec<Variable>) {
    for step in steps.iter().filter(|step| !matches!(step.verb, Verb::ForEach(_))) {
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
        vec![Part::Gives(&self.name, Given::Item(&self.list)), Part::Steps(&self.steps)]
    }
}
