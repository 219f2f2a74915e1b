//! Steps that are not done, and what stands in for them.

use std::time::Instant;

use super::event::{StepResult, Verdict};
use super::trial::{Trial, mistake, seconds};
use crate::scenario::{Action, OnTarget, Step};

/// Why control steps are passed over on an endpoint.
pub(super) const NO_CONTROL: &str = "a real endpoint has no control plane";

/// Why a step is passed over there that asks for it.
pub(super) const REQUIRES_MOCK: &str =
    "a real endpoint is no mock, and the step says `requires: mock`";

impl Trial<'_> {
    /// Passes a step over; what it would have captured is not there.
    pub(super) fn leave(&mut self, step: &Step, name: String, reason: String) {
        let result = self.left(step, name, reason);
        self.record(result, None);
    }

    /// Passes a step over that needs a mock, as do those that it includes.
    pub(super) fn leave_to_mock(&mut self, step: &Step, name: String, reason: String) {
        if let Action::Include(steps) = &step.action {
            for step in steps {
                let name = self.describe(step);
                self.leave_to_mock(step, name, reason.clone());
            }
            return;
        }
        let result = self.left(step, name, reason);
        self.record(StepResult { needs_mock: true, ..result }, None);
    }

    fn left(&mut self, step: &Step, name: String, reason: String) -> StepResult {
        for capture in &step.captures {
            self.scope.pass_over(&capture.name);
        }
        let result = self.empty(name, &step.span);
        StepResult { verdict: Verdict::Skipped, reason: Some(reason), ..result }
    }

    /// What stands in for a control step where there is no control plane; says whether the
    /// scenario goes on.
    pub(super) fn stand_in(&mut self, step: &Step, name: String) -> bool {
        match &step.on_target {
            OnTarget::Skip => {
                self.leave_to_mock(step, name, NO_CONTROL.to_owned());
                true
            }
            OnTarget::Fail => {
                let message = format!("{NO_CONTROL}, and this step says `onTarget: fail`");
                self.fail(name, vec![mistake("step", message, &step.span)], &step.span);
                false
            }
            OnTarget::Wait(duration) => {
                let started = Instant::now();
                let waited = self.wait((*duration).min(self.deadline.left()));
                let mut result = self.empty(name, &step.span);
                result.reason = Some(format!("{NO_CONTROL}; {} were waited", seconds(*duration)));
                result.duration = started.elapsed();
                self.record(result, None);
                waited
            }
            OnTarget::Steps(steps) => {
                for capture in &step.captures {
                    self.scope.pass_over(&capture.name);
                }
                self.steps(steps)
            }
        }
    }
}
