//! Which error answers a violation, and which rule is said to have decided.

use std::sync::Arc;

use super::draw;
use super::refusal::{Halt, Refusal, Violation};
use super::run::Run;
use crate::model::verb::VIOLATION;
use crate::model::{ErrorId, RuleId};
use crate::plan::value::EvaluationError;
use crate::value::Value;

impl<'p> Run<'p, '_> {
    /// Refuses the request for the first violation, with all that give the same error.
    pub(super) fn refuse_violations(&self, violations: Vec<Violation<'p>>) -> Result<(), Halt<'p>> {
        let mut violations = violations.into_iter();
        let Some(violation) = violations.next() else { return Ok(()) };
        let (error, rule) = self.answer_to(&violation);
        let others = violations.filter(|other| self.answer_to(other).0 == error).collect();
        Err(Refusal { error, rule, violation, others, ..Refusal::default() }.into())
    }

    /// What is wrong, each with the name of the error that it would give.
    pub(super) fn tell_violations(
        &mut self,
        violations: &[Violation<'p>],
    ) -> Result<Value, EvaluationError> {
        let mut all = Vec::with_capacity(violations.len());
        for violation in violations {
            let error = self.answer_to(violation).0;
            let error = error.and_then(|error| self.plan.service.errors.get(error.0));
            let error = error.map_or(Value::Null, |error| Value::Text(error.name.clone()));
            let refusal = Refusal::default();
            let (seen, _) = draw::error_map(self.plan, &refusal, violation, &mut self.scope)?;
            let members = VIOLATION.iter().map(|name| {
                let value = seen.get(name).cloned();
                (Arc::from(*name), value.unwrap_or_else(|| error.clone()))
            });
            all.push(Value::map(members.collect()));
        }
        Ok(Value::list(all))
    }

    /// The error that a violation gives, and the rule that decided.
    fn answer_to(&self, violation: &Violation<'p>) -> (Option<ErrorId>, Option<RuleId>) {
        let Some(failure) = violation.failure else { return (violation.error, violation.rule) };
        let own = self.binding.and_then(|binding| binding.own.exactly(failure));
        if let Some(answer) = own {
            return (Some(answer.error), self.first_backed(Some(answer.rule), violation.rule));
        }
        if violation.error.is_some() {
            return (violation.error, violation.rule);
        }
        match self.failures().get(failure) {
            Some(answer) => {
                (Some(answer.error), self.first_backed(violation.rule, Some(answer.rule)))
            }
            None => (None, violation.rule),
        }
    }

    /// Of two rules, the one that implements a statement; the first, when both or neither do.
    fn first_backed(&self, first: Option<RuleId>, second: Option<RuleId>) -> Option<RuleId> {
        let backed = |rule: &RuleId| self.plan.is_backed(*rule);
        first.filter(backed).or(second.filter(backed)).or(first).or(second)
    }

    /// The rule that decides when a step gives an error: the step's, or the error's own where
    /// only that implements a statement.
    pub(super) fn deciding(&self, step: RuleId, error: ErrorId) -> RuleId {
        let of_error = self.plan.errors.get(error.0).map(|error| error.rule);
        self.first_backed(Some(step), of_error).unwrap_or(step)
    }
}
