//! Trials that failed for the same cause, which is told once.

use std::sync::Arc;

use super::printable::one_line;
use crate::run::event::{Mismatch, MismatchKind, TrialResult};

/// How much of a message stands for the cause.
const MESSAGE: usize = 160;
/// So many causes that are alike are told one by one.
const ALIKE: usize = 3;

/// What is wrong with a trial, wherever it is written.
#[derive(Debug, Clone)]
pub(super) struct Cause {
    mismatches: Vec<Wrong>,
    /// Whether it stands for others that are alike.
    stands_for_others: bool,
}

#[derive(Debug, Clone)]
struct Wrong {
    kind: MismatchKind,
    path: String,
    message: String,
    /// Where the expectation is written: a file, and where in it.
    place: (usize, usize),
}

impl Wrong {
    fn of(mismatch: &Mismatch) -> Self {
        let source = Arc::as_ptr(&mismatch.span.source) as usize;
        Self {
            kind: mismatch.kind,
            path: mismatch.path.clone(),
            message: mismatch.message.clone(),
            place: (source, mismatch.span.start),
        }
    }

    fn is(&self, other: &Self) -> bool {
        (self.kind, &self.path, &self.message) == (other.kind, &other.path, &other.message)
    }

    /// Whether another one is the same but for its values, as in the rows of a scenario.
    fn is_like(&self, other: &Self) -> bool {
        let values = self.path != "status" && self.kind == MismatchKind::Expectation;
        let same = (self.kind, &self.path, self.place) == (other.kind, &other.path, other.place);
        self.is(other) || values && same
    }
}

impl Cause {
    /// Of a trial that failed; none where nothing is known.
    pub(super) fn of(trial: &TrialResult) -> Option<Self> {
        let mismatches = trial.steps.iter().flat_map(|step| &step.mismatches);
        let mismatches: Vec<_> = mismatches.map(Wrong::of).collect();
        (!mismatches.is_empty()).then_some(Self { mismatches, stands_for_others: false })
    }

    /// Whether it need not be told beside those that were.
    pub(super) fn was_told(&self, told: &[Self]) -> bool {
        told.iter().any(|known| self.all(known, Wrong::is))
            || told.iter().filter(|known| self.all(known, Wrong::is_like)).count() >= ALIKE
    }

    fn all(&self, other: &Self, same: impl Fn(&Wrong, &Wrong) -> bool) -> bool {
        self.mismatches.len() == other.mismatches.len()
            && self.mismatches.iter().zip(&other.mismatches).all(|(one, other)| same(one, other))
    }

    /// The first thing that is wrong, and how many more there are.
    pub(super) fn message(&self) -> String {
        let first = self.mismatches.first().map_or("", |wrong| wrong.message.as_str());
        let alike = if self.stands_for_others { ", and the like" } else { "" };
        match self.mismatches.len() {
            0 | 1 => format!("{}{alike}", one_line(first, MESSAGE)),
            many => format!("{} (and {} more){alike}", one_line(first, MESSAGE), many - 1),
        }
    }
}

type Groups<'t> = Vec<(Option<Cause>, Vec<&'t TrialResult>)>;

/// Trials by their causes, in the order in which these come; many that are alike are one.
pub(super) fn by_cause<'t>(failed: impl Iterator<Item = &'t TrialResult>) -> Groups<'t> {
    let mut groups = Groups::new();
    for trial in failed {
        let cause = Cause::of(trial);
        let is = |known: &Option<Cause>| match (known, &cause) {
            (Some(known), Some(cause)) => cause.all(known, Wrong::is),
            _ => false,
        };
        match groups.iter_mut().find(|(known, _)| is(known)) {
            Some((_, trials)) => trials.push(trial),
            None => groups.push((cause, vec![trial])),
        }
    }
    let mut joined = Groups::new();
    while !groups.is_empty() {
        let (first, mut trials) = groups.remove(0);
        let Some(mut first) = first else {
            joined.push((None, trials));
            continue;
        };
        let is_like = |(known, _): &(Option<Cause>, Vec<&TrialResult>)| {
            known.as_ref().is_some_and(|known| known.all(&first, Wrong::is_like))
        };
        if groups.iter().filter(|group| is_like(group)).count() >= ALIKE {
            let (alike, others): (Groups<'t>, Groups<'t>) = groups.into_iter().partition(is_like);
            groups = others;
            trials.extend(alike.into_iter().flat_map(|(_, trials)| trials));
            first.stands_for_others = true;
        }
        joined.push((Some(first), trials));
    }
    joined
}
