//! Steps of other files, and steps that are done again and again.

use super::evaluate::EvaluationError;
use super::event::{Mismatch, MismatchKind};
use super::trial::{Trial, mistake};
use crate::scenario::{Include, Repeat, Step};
use crate::value::{Items, Value};

/// Whether a loop goes on.
enum Next {
    Round,
    End,
    Failed,
}

impl Trial<'_> {
    /// Does the steps of another file with what they are given; says whether none failed.
    pub(super) fn include(&mut self, step: &Step, include: &Include, name: &str) -> bool {
        let mut given = Vec::new();
        for (given_name, tree) in &include.with {
            match self.scope.tree(tree) {
                Ok(value) => given.push((given_name.clone(), value)),
                Err(error) => return self.cannot_tell(step, name, "with", error),
            }
        }
        let before = self.scope.enter(given);
        let passed = self.steps(&include.steps);
        self.scope.enter(before);
        passed
    }

    /// Does the steps until the loop is over or one fails; says whether none failed.
    pub(super) fn repeat(&mut self, step: &Step, repeat: &Repeat, name: &str) -> bool {
        // What a step captures is absent for those before it in the first round.
        for one in all_captures(&repeat.steps) {
            match one.gather && self.scope.variable(&one.name).is_none() {
                true => self.scope.set(&one.name, Value::list(Vec::new())),
                false => self.scope.leave_out(&one.name),
            }
        }
        let items = match &repeat.over {
            None => None,
            Some(over) => match self.scope.value(over) {
                Ok(Some(Value::List(items))) => Some(items),
                Ok(Some(Value::Null)) => Some(Items::default()),
                Ok(None) => {
                    return self.cannot_tell(step, name, "over", EvaluationError::absent(over));
                }
                Ok(Some(other)) => {
                    let message = format!("`over` is a list, not a value of kind {}", other.kind());
                    self.fail(step, name.to_owned(), vec![mistake("over", message, &over.span)]);
                    return false;
                }
                Err(error) => return self.cannot_tell(step, name, "over", error),
            },
        };
        for round in 1..=repeat.rounds {
            let at = usize::try_from(round - 1).unwrap_or(usize::MAX);
            let item = match &items {
                Some(items) => items.get(at).cloned(),
                None => Some(Value::Integer(i64::try_from(round).unwrap_or(i64::MAX))),
            };
            let Some(item) = item else { return true };
            if let Some(name) = &repeat.name {
                self.scope.set(name, item);
            }
            self.rounds.push(round);
            let passed = self.steps(&repeat.steps);
            self.rounds.pop();
            if !passed {
                return false;
            }
            match self.next(step, repeat, name) {
                Next::Round => {}
                Next::End => return true,
                Next::Failed => return false,
            }
        }
        // Without an end that has to come, the rounds are what is wanted.
        let left = items.is_some_and(|items| items.len() as u64 > repeat.rounds);
        if repeat.until.is_none() && !left {
            return true;
        }
        let (path, what) = match &repeat.until {
            Some(_) => ("until", "`until` did not come true"),
            None => ("over", "there are more items"),
        };
        let message = format!("{what} in {} rounds", repeat.rounds);
        let span = repeat.until.as_ref().map_or(&step.span, |until| &until.span);
        let mismatch = Mismatch {
            kind: MismatchKind::Expectation,
            path: path.to_owned(),
            expected: format!("at most {} rounds", repeat.rounds),
            actual: "more".to_owned(),
            message,
            span: span.clone(),
        };
        self.fail(step, name.to_owned(), vec![mismatch]);
        false
    }

    fn next(&mut self, step: &Step, repeat: &Repeat, name: &str) -> Next {
        let Some(until) = &repeat.until else { return Next::Round };
        match self.scope.is_true(until) {
            Ok(true) => Next::End,
            Ok(false) => Next::Round,
            Err(error) => match self.cannot_tell(step, name, "until", error) {
                true => Next::End,
                false => Next::Failed,
            },
        }
    }

    /// Passes the rest over where a capture is wanting, and fails otherwise.
    fn cannot_tell(&mut self, step: &Step, name: &str, path: &str, error: EvaluationError) -> bool {
        if let Some(in_vain) = error.in_vain {
            self.leave_in_vain(step, name.to_owned(), in_vain);
            return true;
        }
        self.fail(step, name.to_owned(), vec![mistake(path, error.message, &error.span)]);
        false
    }
}

/// The captures of steps, also of those within them.
fn all_captures(steps: &[Step]) -> Vec<&crate::scenario::Capture> {
    let mut captures = Vec::new();
    for step in steps {
        captures.extend(&step.captures);
        captures.extend(all_captures(step.inner()));
    }
    captures
}
