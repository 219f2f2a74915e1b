//! The tries of a trial.

use std::time::Instant;

use super::event::{Stage, StepResult, TrialResult, Verdict};
use super::pair::Known;
use super::runner::{Runner, Target};
use super::trial::Trial;
use crate::scenario::{Row, Scenario, Suite};

impl Runner {
    /// Tries it until it passes, or has been tried often enough.
    pub(super) fn tries(
        &self,
        suite: &Suite,
        scenario: &Scenario,
        row: &Row,
        known: &mut Known,
    ) -> TrialResult {
        let started = Instant::now();
        let skip = scenario.skip.as_ref().filter(|_| !self.options.run_skipped);
        if let Some(reason) = skip.map(ToString::to_string).or_else(|| self.ended()) {
            return self.skipped(suite, scenario, row, &reason);
        }
        let mut result = self.skipped(suite, scenario, row, "");
        result.reason = None;
        let (service, target) = (self.service(&suite.vendor), self.target(&suite.vendor));
        let (Some(service), Some(target)) = (service, target) else {
            result.verdict = Verdict::Failed;
            result.reason = Some(format!("there is no target for {}", suite.vendor));
            return result;
        };
        if let (Target::Endpoint { .. }, Some(key)) = (target, scenario.needs_mock()) {
            result.reason = Some(format!("a real endpoint is not a mock, which `{key}` asks for"));
            return result;
        }
        if let Some(reason) = self.reached.never(&suite.vendor) {
            result.reason = Some(reason);
            return result;
        }
        loop {
            result.tries += 1;
            if result.tries > 1 {
                let failed = std::mem::take(&mut result.steps);
                result.earlier.push(failed);
            }
            let once = suite.once.as_deref();
            let done =
                Trial::new(self, service, target, scenario, once, result.name.clone()).run(row);
            result.steps = done.steps;
            result.transitions = done.transitions;
            result.statements = done.statements;
            *known = done.known;
            result.reason = done.reason;
            if let Some(reason) = done.skipped {
                result.reason = Some(reason);
                break;
            }
            let nothing = (!done.failed).then(|| nothing_done(&result.steps)).flatten();
            result.verdict = match (done.failed, &nothing, result.tries) {
                (true, ..) => Verdict::Failed,
                (false, Some(_), _) => Verdict::Skipped,
                (false, None, 1) => Verdict::Passed,
                (false, None, _) => Verdict::Flaky,
            };
            let left_out = || (!done.failed).then(|| left_out(&result.steps)).flatten();
            result.reason = result.reason.take().or(nothing).or_else(left_out);
            if !done.failed || !done.again || result.tries > self.options.retries {
                if let (Target::Endpoint { .. }, Some(why)) = (target, done.unreachable) {
                    self.reached.give_up(&suite.vendor, &why);
                }
                break;
            }
        }
        result.duration = started.elapsed();
        result
    }
}

/// Why nothing was done, where each step was passed over: that proves nothing.
fn nothing_done(steps: &[StepResult]) -> Option<String> {
    let mut own = steps.iter().filter(|step| step.stage == Stage::Steps).peekable();
    let first = own.peek()?.reason.clone().unwrap_or_default();
    own.all(|step| step.verdict == Verdict::Skipped)
        .then(|| format!("each step was passed over, the first since {first}"))
}

/// What was skipped of the first step that was done, but not looked at as a whole.
fn left_out(steps: &[StepResult]) -> Option<String> {
    let mut incomplete = steps.iter().filter(|step| step.incomplete);
    let first = incomplete.next()?;
    let more = match incomplete.count() {
        0 => String::new(),
        1 => ", and something of 1 more step".to_owned(),
        more => format!(", and something of {more} more steps"),
    };
    let reason = first.reason.as_deref().unwrap_or_default();
    Some(format!("{}{}: {reason}{more}", first.stage.prefix(), first.name))
}
