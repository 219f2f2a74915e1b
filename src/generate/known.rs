//! What of an answer anybody knows.

use crate::model::{Evidence, Operation, Rule, RuleId, Service, Verb};

/// What of an outcome anybody knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Known {
    /// The status and what the body says.
    All,
    /// The status.
    Status,
    /// That a request is taken, or that it is refused.
    Class,
    /// Not even that: all of it is expected, with the tag `assumed`.
    Nothing,
}

impl Known {
    /// Whether the body is expected too.
    pub(super) fn is_whole(self) -> bool {
        matches!(self, Self::All | Self::Nothing)
    }
}

impl Known {
    /// The same, but for what the body says.
    pub(super) fn without_body(self) -> Self {
        if self == Self::All { Self::Status } else { self }
    }

    /// The same where a row that is not there may be told first.
    pub(super) fn without_status(self) -> Self {
        if self == Self::Nothing { self } else { Self::Class }
    }
}

/// How an operation is known: by what is said of it, or else of the best known of its steps.
pub(super) fn backing(service: &Service, operation: &Operation) -> Evidence {
    let evidence = |id: RuleId| rule(service, id).map_or(Evidence::Assumed, |rule| rule.evidence);
    let own = evidence(operation.rule);
    if own != Evidence::Assumed {
        return own;
    }
    let steps = operation.steps.all().into_iter();
    let steps = steps.filter(|step| !matches!(step.verb, Verb::Reject(_))).map(|step| step.rule);
    let body = operation.body.iter().map(|body| body.rule);
    let answers = operation.responses.iter().map(|one| one.rule);
    let found: Vec<Evidence> = steps.chain(body).chain(answers).map(evidence).collect();
    Evidence::ALL.into_iter().find(|one| found.contains(one)).unwrap_or(own)
}

/// Whether anybody knows of a rule.
pub(super) fn is_known(service: &Service, id: RuleId) -> bool {
    rule(service, id).is_some_and(|rule| rule.evidence != Evidence::Assumed)
}

/// A rule.
pub(super) fn rule(service: &Service, id: RuleId) -> Option<&Rule> {
    service.rules.get(id.0 as usize)
}
