//! Drawing for people and for other programs: nothing here decides anything.
//!
//! One file for each format. All of them take what happened ([`crate::run::event`]) as data, and
//! give text back.

mod cause;
pub mod comparison;
pub mod comparison_json;
pub mod coverage;
pub mod diff;
pub mod elapsed;
pub mod github;
pub mod html;
pub mod json;
pub mod junit;
pub mod markdown;
mod members;
mod occurrence;
mod printable;
pub mod progress;
pub mod served;
mod shorten;
pub mod snippet;
mod style;
pub mod tap;
pub mod terminal;

use std::time::Duration;

use crate::run::event::{TrialResult, Verdict};
use coverage::Coverage;

/// A run that is over.
#[derive(Debug, Clone, Copy)]
pub struct RunReport<'a> {
    /// The version of the program.
    pub version: &'a str,
    /// When it started.
    pub started: jiff::Timestamp,
    /// How long it took.
    pub duration: Duration,
    /// What it ran against: `mock`, or base URLs.
    pub target: &'a str,
    /// Which part of the trials it is of, from 1, and of how many, where it is of a part.
    pub shard: Option<(usize, usize)>,
    /// The trials, in the order in which they are to be shown.
    pub trials: &'a [TrialResult],
    /// What of the specs was exercised.
    pub coverage: &'a Coverage,
}

/// The deviations that the spec knew of, each once, with the number of steps in which it came.
fn known(trials: &[TrialResult]) -> Vec<(String, usize)> {
    let mut all: Vec<(&str, &str, String, usize)> = Vec::new();
    for trial in trials {
        for step in &trial.steps {
            for (at, known) in step.known.iter().enumerate() {
                // What an expectation and the spec both say is one thing.
                if step.known.iter().take(at).any(|before| before.id == known.id) {
                    continue;
                }
                let is_it = |(vendor, id, _, _): &&mut (&str, &str, String, usize)| {
                    **vendor == *trial.vendor && **id == *known.id
                };
                if let Some((_, _, _, count)) = all.iter_mut().find(is_it) {
                    *count += 1;
                    continue;
                }
                let operation = step.operation.as_deref().unwrap_or_default();
                let told = format!("{operation}: {}", known.sentence());
                all.push((&trial.vendor, &known.id, told, 1));
            }
        }
    }
    all.into_iter().map(|(_, _, told, count)| (told, count)).collect()
}

/// So many known deviations, in words.
fn deviations(many: usize) -> String {
    format!("{many} known {}", if many == 1 { "deviation" } else { "deviations" })
}

/// How many trials ended in that way.
fn count(trials: &[TrialResult], verdict: Verdict) -> usize {
    trials.iter().filter(|trial| trial.verdict == verdict).count()
}

/// The vendors of trials, each once, in the order in which they come.
fn vendors(trials: &[TrialResult]) -> Vec<&str> {
    let mut vendors: Vec<&str> = Vec::new();
    for trial in trials {
        if !vendors.contains(&&*trial.vendor) {
            vendors.push(&trial.vendor);
        }
    }
    vendors
}
