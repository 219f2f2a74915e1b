//! Steps that are not done, and what stands in for them.

use std::time::Instant;

use super::event::{Lack, Stage, StepKind, StepResult, Verdict};
use super::scope::{InVain, NotCaptured};
use super::trial::{Trial, mistake, seconds};
use crate::scenario::{Action, OnTarget, Step};

/// Why control steps are passed over on an endpoint.
pub(super) const NO_CONTROL: &str = "a real endpoint has no control plane";

/// Why a step is passed over there that asks for it.
pub(super) const REQUIRES_MOCK: &str =
    "a real endpoint is not a mock, and the step says `requires: mock`";

impl Trial<'_> {
    /// Passes a step over; what it would have captured is not there.
    pub(super) fn leave(&mut self, step: &Step, name: String, reason: String) {
        let result = self.left(step, name, reason, false);
        self.record(result, None);
    }

    /// Passes a step over for want of a capture.
    pub(super) fn leave_in_vain(&mut self, step: &Step, name: String, in_vain: InVain) {
        let InVain { reason, needs_mock } = in_vain;
        let result = self.left(step, name, reason, needs_mock);
        let lacks = Some(if needs_mock { Lack::Mock } else { Lack::Capture });
        self.record(StepResult { lacks, ..result }, None);
    }

    /// Passes a step over that needs a mock, as do those that it includes.
    pub(super) fn leave_to_mock(&mut self, step: &Step, name: String, reason: String) {
        if let Action::Include(_) | Action::Repeat(_) = &step.action {
            for (at, step) in step.inner().iter().enumerate() {
                self.place.push(at + 1);
                let name = self.describe(step);
                self.leave_to_mock(step, name, reason.clone());
                self.place.pop();
            }
            return;
        }
        let result = self.left(step, name, reason, true);
        self.record(result, None);
    }

    fn left(&mut self, step: &Step, name: String, reason: String, needs_mock: bool) -> StepResult {
        self.give_up(step, needs_mock);
        let result = self.empty(StepKind::of(&step.action), name, &step.span);
        let lacks = needs_mock.then_some(Lack::Mock);
        StepResult { verdict: Verdict::Skipped, reason: Some(reason), lacks, ..result }
    }

    /// Remembers which captures a step did not make, so that those who need them can say why they
    /// are not done.
    pub(super) fn give_up(&mut self, step: &Step, needs_mock: bool) {
        self.give_up_own(step, needs_mock);
        for (at, step) in step.inner().iter().enumerate() {
            self.place.push(at + 1);
            self.give_up(step, needs_mock);
            self.place.pop();
        }
    }

    fn give_up_own(&mut self, step: &Step, needs_mock: bool) {
        for capture in &step.captures {
            if self.scope.awaits(&capture.name) {
                let step = self.label(step).into();
                self.scope.not_captured(&capture.name, NotCaptured { step, needs_mock });
            }
        }
    }

    /// Which step it is that is at the place where the trial is.
    fn label(&self, step: &Step) -> String {
        let numbers: Vec<String> = self.place.iter().map(ToString::to_string).collect();
        let stage = match self.stage {
            Stage::Steps => String::new(),
            other => format!(" of `{}`", other.name()),
        };
        format!("step {}{stage} ({})", numbers.join("."), self.describe(step))
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
                self.fail(step, name, vec![mistake("step", message, &step.span)]);
                false
            }
            OnTarget::Wait(duration) => {
                let started = Instant::now();
                let waited = self.wait((*duration).min(self.deadline.left()));
                let mut result = self.empty(StepKind::of(&step.action), name, &step.span);
                result.reason = Some(format!("{NO_CONTROL}; {} were waited", seconds(*duration)));
                result.duration = started.elapsed();
                self.record(result, None);
                waited
            }
            OnTarget::Steps(steps) => {
                self.give_up_own(step, true);
                self.steps(steps)
            }
        }
    }
}
