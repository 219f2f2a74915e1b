//! Which step of the one side belongs to which of the other.

use crate::run::event::StepResult;

/// Positions of a step on both sides; on one of them it may not have been done.
pub(super) type Places = (Option<usize>, Option<usize>);

/// Pairs steps by where they are written, in the order in which they were done.
pub(super) fn align(left: &[StepResult], right: &[StepResult]) -> Vec<Places> {
    let mut places = Vec::new();
    let mut next = 0;
    for (at, step) in left.iter().enumerate() {
        let rest = right.get(next..).unwrap_or_default();
        match rest.iter().position(|other| is_same(step, other)) {
            Some(ahead) => {
                places.extend((next..next + ahead).map(|only| (None, Some(only))));
                places.push((Some(at), Some(next + ahead)));
                next += ahead + 1;
            }
            None => places.push((Some(at), None)),
        }
    }
    places.extend((next..right.len()).map(|only| (None, Some(only))));
    places
}

fn is_same(left: &StepResult, right: &StepResult) -> bool {
    left.stage == right.stage
        && left.span.start == right.span.start
        && left.span.source.path == right.span.source.path
}

/// Whether a step is written inside another, as what stands in for a control step is.
pub(super) fn is_within(inner: &StepResult, outer: &StepResult) -> bool {
    inner.span.source.path == outer.span.source.path
        && outer.span.start <= inner.span.start
        && inner.span.end <= outer.span.end
}
