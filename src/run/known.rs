//! Differences that the spec knows of are no failures.

use super::event::{KnownDifference, Mismatch, MismatchKind, StepResult};
use super::mask::Mask;
use crate::model::{Deviation, difference_id};

/// What a poll did not come to is no difference of an answer.
const OF_A_POLL: &str = "poll";

impl Mismatch {
    /// Whether a spec may know of it: it is about what an answer says.
    pub fn is_difference(&self) -> bool {
        matches!(self.kind, MismatchKind::Expectation | MismatchKind::Undocumented)
            && self.path != OF_A_POLL
    }
}

/// Takes out what the spec knows of, by what a report would say of it.
pub fn take_known(
    mismatches: &mut Vec<Mismatch>,
    deviations: &[Deviation],
    operation: &str,
    mask: &Mask,
) -> Vec<KnownDifference> {
    let mut known = Vec::new();
    if deviations.is_empty() {
        return known;
    }
    let all = std::mem::take(mismatches);
    for mismatch in all {
        let mut masked = mismatch.clone();
        mask.mismatch(&mut masked);
        let is_about = |deviation: &&Deviation| {
            let Mismatch { path, expected, actual, .. } = &masked;
            mismatch.is_difference() && deviation.is_about(operation, path, expected, actual)
        };
        match deviations.iter().find(is_about) {
            Some(deviation) => known.push(KnownDifference {
                id: deviation.id.clone(),
                ruling: deviation.ruling,
                since: deviation.since.clone(),
                says: deviation.says.clone(),
                mismatch,
            }),
            None => mismatches.push(mismatch),
        }
    }
    known
}

impl StepResult {
    /// The ids of its differences, in order.
    pub fn difference_ids(&self) -> Vec<String> {
        let Some(operation) = &self.operation else { return Vec::new() };
        let differences = self.mismatches.iter().filter(|mismatch| mismatch.is_difference());
        let id = |it: &Mismatch| difference_id(operation, &it.path, &it.expected, &it.actual);
        differences.map(id).collect()
    }
}

impl KnownDifference {
    /// What is known, in a line: who is right, since when, and what differs.
    pub fn sentence(&self) -> String {
        let says = self.says.as_deref().unwrap_or_else(|| self.ruling.says());
        format!("{} ({says}, since {}, {})", self.mismatch.message, self.since, self.id)
    }
}
