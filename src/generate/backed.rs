//! How much of an outcome the rules back that it comes from.

use super::known::{Known, is_known, rule};
use super::outcome::{Answered, Outcome, Reached};
use crate::model::documented::{self, documented};
use crate::model::{Evidence, OperationId, Response, Rule, RuleId, Schema};

impl Reached<'_> {
    /// An outcome with what is known of it, where any of these rules says that it comes.
    pub(super) fn as_known(&self, outcome: Outcome, rules: &[RuleId]) -> Outcome {
        let is_known = rules.iter().any(|rule| is_known(self.service, *rule));
        let known = if is_known { self.known_of_error(&outcome) } else { Known::Nothing };
        Outcome { known, ..outcome }
    }

    /// The same where these rules name the error too: a statement behind one says which it is.
    pub(super) fn as_named(&self, outcome: Outcome, rules: &[RuleId]) -> Outcome {
        let mut outcome = self.as_known(outcome, rules);
        let is_stated = rules
            .iter()
            .filter_map(|id| rule(self.service, *id))
            .any(|rule| rule.evidence != Evidence::Assumed && !rule.statements.is_empty());
        if outcome.known == Known::Class && is_stated {
            outcome.known = Known::Status;
        }
        outcome
    }

    /// The same where one more rule says that it comes.
    pub(super) fn or_known(&self, outcome: Outcome, rule: RuleId) -> Outcome {
        match outcome.known {
            Known::Nothing => self.as_known(outcome, &[rule]),
            _ => outcome,
        }
    }

    fn known_of_error(&self, outcome: &Outcome) -> Known {
        let (service, status) = (self.service, outcome.statuses.first().copied().unwrap_or(400));
        let error = outcome.error.and_then(|id| service.errors.get(id.0));
        let Some(rule) = error.and_then(|error| rule(service, error.rule)) else {
            return Known::Status;
        };
        let mut responses = self.operation.responses.iter();
        let bodies_differ = responses.any(|one| {
            one.status == status && one.schema.as_ref().is_some_and(Schema::takes_anything)
        });
        match rule.evidence {
            // A statement speaks of the error, if not of each word.
            Evidence::Assumed if !rule.statements.is_empty() => Known::Status,
            // With a status of success nothing tells it from one.
            Evidence::Assumed if status < 400 => Known::Nothing,
            Evidence::Assumed => Known::Class,
            _ if bodies_differ => Known::Status,
            _ => Known::All,
        }
    }

    /// What is known of what the steps answer.
    pub(super) fn known_of_answers(&self, answers: &[Answered<'_>]) -> Known {
        let rules = answers.iter().filter_map(|answer| rule(self.service, answer.rule));
        let of_rule = |rule: &Rule| match rule.evidence {
            Evidence::Assumed if rule.statements.is_empty() => Known::Class,
            Evidence::Assumed => Known::Status,
            _ => Known::All,
        };
        let of_steps = rules.map(of_rule);
        let has = |known: Known| of_steps.clone().any(|one| one == known);
        // What `responses` says is as good.
        let is_documented = answers.iter().all(|answer| {
            self.responses(answer.status).any(|one| is_known(self.service, one.rule))
        });
        match () {
            () if has(Known::Class) && !is_documented => Known::Class,
            () if has(Known::Class) || has(Known::Status) => Known::Status,
            () => Known::All,
        }
    }

    fn responses(&self, status: u16) -> impl Iterator<Item = &Response> {
        self.operation.responses.iter().filter(move |one| one.status == status)
    }

    /// Statuses of success that only `responses` has.
    pub(super) fn also_documented(&self, statuses: &[u16]) -> Vec<u16> {
        let of_vendor =
            |one: &&Response| self.service.responses.iter().any(|all| all.rule == one.rule);
        let own = self.operation.responses.iter().filter(|one| !of_vendor(one));
        let all = own.map(|one| one.status);
        all.filter(|one| (200..300).contains(one) && !statuses.contains(one)).collect()
    }

    /// Whether an error that the operation can answer with has that status.
    pub(super) fn has_error_with(&self, status: u16) -> bool {
        let mut all = self.service.operations.iter();
        let at = all.position(|one| std::ptr::eq(one, self.operation)).map(OperationId);
        let binding =
            self.operation.bindings.iter().position(|one| std::ptr::eq(one, self.binding));
        let known =
            documented(self.service, &at.map(|id| (id, binding)).into_iter().collect::<Vec<_>>());
        known.with(status).iter().any(
            |(known, _)| matches!(known, documented::Known::Given(given) if given.error.is_some()),
        )
    }
}
