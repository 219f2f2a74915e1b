//! Doing the steps of an operation. What each verb does to a request that runs stands in a file of
//! its own here.

mod change;
mod delete;
mod find;
mod for_each;
mod insert;
mod r#let;
mod list;
mod note;
mod page;
mod portion;
mod precondition;
mod reject;
mod rows;
mod schedule;
mod send;
mod update;
mod validate;
mod wait;

use super::refusal::Halt;
use super::run::{Response, Run};
use super::trace::Outcome;
use crate::model::RuleId;
use crate::plan::step::{Step, Steps, Verb};

impl<'p> Run<'p, '_> {
    /// Does what an operation does, with what comes after its answer is known.
    pub(super) fn all_steps(&mut self, steps: &'p Steps) -> Result<Response<'p>, Halt<'p>> {
        let response = self.steps(steps)?;
        for steps in std::mem::take(&mut self.after) {
            self.steps(steps)?;
        }
        Ok(response)
    }

    /// Does steps in order, until one answers.
    pub(super) fn steps(&mut self, steps: &'p [Step]) -> Result<Response<'p>, Halt<'p>> {
        for step in steps {
            if let Some(when) = &step.when
                && !when.is_true(&self.scope)?
            {
                self.trace.rule(step.rule, Outcome::Skipped);
                continue;
            }
            let outcome = match step.verb {
                Verb::Respond(_) => Outcome::Answered,
                Verb::Reject(_) => Outcome::Refused,
                _ => Outcome::Done,
            };
            self.trace.rule(step.rule, outcome);
            if let Some(response) = self.step(step)? {
                return Ok(Some(response));
            }
        }
        Ok(None)
    }

    fn step(&mut self, step: &'p Step) -> Result<Response<'p>, Halt<'p>> {
        let rule = step.rule;
        match &step.verb {
            Verb::Let(verb) => self.let_values(verb)?,
            Verb::Find(verb) => self.find(verb, rule)?,
            Verb::List(verb) => self.list(verb, rule)?,
            Verb::Portion(verb) => self.portion(verb, rule)?,
            Verb::Insert(verb) => self.insert(verb, rule)?,
            Verb::Update(verb) => self.update(verb, rule)?,
            Verb::Delete(verb) => self.delete(verb, rule)?,
            Verb::Change(verb) => self.change(verb, rule)?,
            Verb::Validate(verb) => self.validate(verb)?,
            Verb::ForEach(verb) => return self.for_each(verb),
            Verb::Send(verb) => self.send(verb, rule)?,
            Verb::Schedule(verb) => self.schedule(verb, rule)?,
            Verb::Wait(verb) => self.wait(verb, rule)?,
            Verb::Precondition(verb) => self.precondition(verb, rule)?,
            Verb::Reject(verb) => return Err(self.rejection(verb, rule)?.into()),
            Verb::Respond(verb) => return Ok(Some((verb, rule))),
            Verb::Note(verb) => self.note(verb)?,
            Verb::Group(verb) => return self.steps(&verb.steps),
            Verb::After(verb) => self.after.push(&verb.steps),
        }
        Ok(None)
    }

    /// Remembers a step that changed the state.
    fn changed_by(&mut self, step: RuleId) {
        if !self.changed.contains(&step) {
            self.changed.push(step);
        }
    }
}
