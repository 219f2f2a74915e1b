//! How a step ended on one side.

use crate::run::event::{MismatchKind, StepResult};

/// Whether a whole answer came.
pub(super) fn is_answered(step: &StepResult) -> bool {
    let broken = |kind| matches!(kind, MismatchKind::Transport | MismatchKind::Protocol);
    step.response.is_some() && !step.mismatches.iter().any(|mismatch| broken(mismatch.kind))
}

/// The places of the expectations that are not met. In words they differ by what only one side has.
pub(super) fn unmet(step: &StepResult) -> Vec<usize> {
    let expected = step.mismatches.iter().filter(|m| m.kind != MismatchKind::Undocumented);
    expected.map(|mismatch| mismatch.span.start).collect()
}

/// How a step ended, in words. What the spec does not document is no expectation: where it makes a
/// difference, it is told as one.
pub(super) fn end(step: &StepResult) -> String {
    let broken = step
        .mismatches
        .iter()
        .find(|m| matches!(m.kind, MismatchKind::Transport | MismatchKind::Protocol));
    let expected = || step.mismatches.iter().find(|m| m.kind != MismatchKind::Undocumented);
    match broken.or_else(expected) {
        Some(mismatch) if !is_answered(step) => mismatch.message.clone(),
        Some(mismatch) => format!("not met: {}", mismatch.message),
        None if is_answered(step) => "all met".to_owned(),
        None => "an answer".to_owned(),
    }
}
