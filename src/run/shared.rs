//! `beforeAll` and `afterAll`: steps of the file, for all its trials.
//!
//! On a real endpoint they are done once. On a mock each trial has a session of its own, so there
//! they are done in each of them: what they make is there for every trial, and none sees what
//! another one made of it.

use std::rc::Rc;
use std::sync::Arc;

use super::conform::expected::fit;
use super::event::{Stage, TrialResult, Verdict};
use super::once::Common;
use super::pair::{Captured, Known};
use super::runner::{Runner, Target};
use super::scope::{Scope, unique};
use super::trial::{Deadline, Done, Prepared, Trial};
use crate::scenario::{Row, Scenario, Suite};

impl<'r> Trial<'r> {
    /// Does `beforeAll` of the file, or takes what it came to.
    pub(super) fn before_all(&mut self) -> Prepared {
        let Some(once) = self.once else { return Prepared::Well };
        let known = self.runner.once.of(&once.key);
        let state = known.lock();
        if let Some(reason) = state.given_up(self.runner.options.retries) {
            return Prepared::Never(reason);
        }
        if state.is_done() && self.control.is_none() {
            let common = state.common.clone();
            drop(state);
            self.take(common);
            return Prepared::Well;
        }
        // What was done well once may be done in many sessions at a time.
        let mut state = (!state.is_done()).then_some(state);
        let (passed, common) = match &once.before {
            Some(before) => self.aside(before, Stage::BeforeAll),
            None => (true, Common::default()),
        };
        if let Some(state) = &mut state {
            let reason = || format!("`beforeAll` failed, as `{}` tells", self.name);
            state.tried(if passed { Ok(()) } else { Err(reason()) }, common.clone());
        }
        drop(state);
        self.take(common);
        if passed { Prepared::Well } else { Prepared::Badly }
    }

    /// Does `afterAll` in the session of a mock; says whether it did not fail. On an endpoint
    /// whoever runs the last trial has it done.
    pub(super) fn after_all(&mut self) -> bool {
        let after = self.once.and_then(|once| once.after.as_ref());
        match after.filter(|_| self.control.is_some()) {
            Some(after) => self.aside(after, Stage::AfterAll).0,
            None => true,
        }
    }

    /// Does steps of the file beside the scenario: in the same session, with variables of their
    /// own.
    fn aside(&mut self, shared: &'r Scenario, stage: Stage) -> (bool, Common) {
        let mut aside = Trial {
            runner: self.runner,
            service: self.service,
            scenario: shared,
            once: None,
            name: self.name.clone(),
            base: self.base.clone(),
            client: self.client.clone(),
            control: self.control.clone(),
            scope: Scope::new(unique(), Box::new(|| Err(String::new())), fit),
            deadline: Rc::new(Deadline::of(self.runner, shared)),
            recorded: Vec::new(),
            captured: Vec::new(),
            place: Vec::new(),
            rounds: Vec::new(),
            jar: shared.keeps_cookies.then(|| self.jar.clone().unwrap_or_default()),
            stage,
            again: true,
            began: None,
            unreachable: None,
        };
        aside.scope.tell_time(aside.clock());
        aside.scope.give(self.runner.options.outside.clone());
        if stage == Stage::AfterAll {
            aside.take(self.common());
        }
        let passed = aside.all_steps();
        let common = aside.common();
        let recorded = self.recorded.len();
        self.scope.mask().borrow_mut().add_all(&aside.scope.mask().borrow());
        self.captured.extend(aside.captured.into_iter().filter_map(|captured| {
            let own = captured.step != Known::SHARED;
            own.then(|| Captured { step: captured.step + recorded, ..captured })
        }));
        self.recorded.extend(aside.recorded);
        self.again &= aside.again;
        self.unreachable = self.unreachable.take().or(aside.unreachable);
        (passed, common)
    }

    /// Sets up and does the steps; those that clean up are all done, whatever happens.
    fn all_steps(&mut self) -> bool {
        if !self.set_up(&Row::default()) || self.refuse_destruction() {
            return false;
        }
        let steps = &self.scenario.steps;
        if !self.stage.cleans_up() {
            return self.steps(steps);
        }
        let mut passed = true;
        for (at, step) in steps.iter().enumerate() {
            passed &= self.placed(at, step, true);
        }
        passed
    }

    /// What was captured so far that all share.
    fn common(&self) -> Common {
        let shared = |name: &Arc<str>| {
            self.stage.is_shared()
                || self.captured.iter().any(|c| c.step == Known::SHARED && c.name == *name)
        };
        let mut captured: Vec<(_, _)> = Vec::new();
        for one in self.captured.iter().filter(|one| shared(&one.name)) {
            captured.retain(|(known, _)| *known != one.name);
            captured.push((one.name.clone(), one.value.clone()));
        }
        Common {
            captured,
            not_captured: self.scope.all_not_captured().to_vec(),
            mask: self.scope.mask().borrow().clone(),
            jar: self.jar.clone(),
        }
    }

    /// Takes what all share.
    fn take(&mut self, common: Common) {
        self.scope.mask().borrow_mut().add_all(&common.mask);
        if self.scenario.keeps_cookies {
            self.jar = common.jar.or_else(|| self.jar.take());
        }
        for (name, why) in common.not_captured {
            self.scope.not_captured(&name, why);
        }
        for (name, value) in common.captured {
            self.scope.set(&name, value.clone());
            self.captured.push(Captured { step: Known::SHARED, name, value });
        }
    }
}

impl Runner {
    /// Does `afterAll` of a file on an endpoint, where `beforeAll` was begun; what comes of it is
    /// told by the last trial.
    pub fn after_all(&self, suite: &Suite, last: &mut TrialResult) {
        let Some(once) = suite.once.as_deref() else { return };
        let known = self.once.of(&once.key);
        let state = known.lock();
        let (service, target) = (self.service(&suite.vendor), self.target(&suite.vendor));
        let (Some(after), Some(service), Some(target @ Target::Endpoint { .. }), true) =
            (&once.after, service, target, state.is_begun())
        else {
            return;
        };
        let mut trial = Trial::new(self, service, target, after, None, last.name.clone());
        trial.stage = Stage::AfterAll;
        trial.take(state.common.clone());
        let passed = trial.all_steps();
        let Done { steps, .. } = trial.conclude_all(!passed);
        last.duration += steps.iter().map(|step| step.duration).sum::<std::time::Duration>();
        last.steps.extend(steps);
        if !passed {
            last.verdict = Verdict::Failed;
        }
    }
}
