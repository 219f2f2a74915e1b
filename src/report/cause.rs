//! Trials that failed for the same cause, which is told once.

use super::printable::one_line;
use crate::run::event::{MismatchKind, TrialResult};

/// How much of a message stands for the cause.
const MESSAGE: usize = 160;

/// What is wrong with a trial, wherever it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Cause {
    mismatches: Vec<(MismatchKind, String, String)>,
}

impl Cause {
    /// Of a trial that failed; none where nothing is known.
    pub(super) fn of(trial: &TrialResult) -> Option<Self> {
        let mismatches = trial.steps.iter().flat_map(|step| &step.mismatches);
        let mismatches = mismatches.map(|m| (m.kind, m.path.clone(), m.message.clone()));
        let mismatches: Vec<_> = mismatches.collect();
        (!mismatches.is_empty()).then_some(Self { mismatches })
    }

    /// The first thing that is wrong, and how many more there are.
    pub(super) fn message(&self) -> String {
        let first = self.mismatches.first().map_or("", |(_, _, message)| message.as_str());
        match self.mismatches.len() {
            0 | 1 => one_line(first, MESSAGE),
            many => format!("{} (and {} more)", one_line(first, MESSAGE), many - 1),
        }
    }
}

/// Trials by their causes, in the order in which these come.
pub(super) fn by_cause<'t>(
    failed: impl Iterator<Item = &'t TrialResult>,
) -> Vec<(Option<Cause>, Vec<&'t TrialResult>)> {
    let mut groups: Vec<(Option<Cause>, Vec<&TrialResult>)> = Vec::new();
    for trial in failed {
        let cause = Cause::of(trial);
        let known = groups.iter_mut().find(|(known, _)| known.is_some() && *known == cause);
        match known {
            Some((_, trials)) => trials.push(trial),
            None => groups.push((cause, vec![trial])),
        }
    }
    groups
}
