//! The differences that a recorder found, as the report of a run that found them.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use crate::import::Scenario;
use crate::proxy::Upstream;
use crate::report::coverage::Coverage;
use crate::report::{RunReport, json};
use crate::run::event::{StepResult, Transitions, TrialResult, Verdict};
use crate::source::Span;

/// The text of the report; the answers that differ are the steps of its one trial, which is that of
/// the scenario that was written.
pub(super) fn report(
    upstream: &Upstream,
    scenario: &Scenario,
    steps: Vec<StepResult>,
    span: Span,
) -> String {
    let fails = steps.iter().any(|step| step.verdict == Verdict::Failed);
    let suite: Arc<str> = format!("{}/{}", scenario.vendor, scenario.name).into();
    let trial = TrialResult {
        name: format!("{suite}/what was recorded of {}", scenario.vendor).into(),
        suite,
        scenario: format!("what was recorded of {}", scenario.vendor).into(),
        row: None,
        vendor: upstream.vendor().clone(),
        target: upstream.url().into(),
        tags: Vec::new(),
        covers: Vec::new(),
        transitions: Transitions::NotAsked,
        statements: None,
        verdict: if fails { Verdict::Failed } else { Verdict::Passed },
        reason: None,
        duration: Duration::ZERO,
        tries: 1,
        steps,
        earlier: Vec::new(),
        span,
    };
    json::json(&RunReport {
        version: env!("CARGO_PKG_VERSION"),
        started: Timestamp::now(),
        duration: Duration::ZERO,
        target: upstream.url(),
        shard: None,
        trials: &[trial],
        coverage: &Coverage::default(),
    })
}
