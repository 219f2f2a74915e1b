//! A session that replicas share: its journal is kept by who runs them, and so is all that it can
//! go back to.

use std::sync::{Arc, OnceLock};

use super::Session;
use crate::ledger::{AccountChange, Changed, Event, ExercisedImage, StoredSession};
use crate::mock::account;
use crate::mock::effect::Effect;
use crate::mock::entry::Told;
use crate::mock::image;
use crate::mock::journal::{CannotRewind, Evicted};
use crate::mock::noted::{Answered, Noted, note};
use crate::mock::remembered::State;
use crate::model::{OperationId, RuleId};
use crate::plan::Plan;
use jiff::Timestamp;

/// How it was before a request.
#[derive(Debug)]
pub(super) struct Past {
    before: u64,
    /// None: nobody knows any more.
    was: Option<StoredSession>,
}

impl Session {
    /// Whether replicas share it.
    pub(in crate::mock) fn is_shared(&self) -> bool {
        self.kept.as_ref().is_some_and(super::Durable::is_shared)
    }

    /// Notes something for the journal of all.
    pub(super) fn note(&self, noted: impl FnOnce() -> Noted) {
        if self.is_shared() {
            note(noted());
        }
    }

    /// Notes a request, with what it changed of a vendor if it did. Gives the id that it gets if
    /// nothing comes between, and the session's version.
    pub(super) fn note_answer(
        &self,
        told: Arc<Told>,
        change: Option<(usize, account::Change)>,
        before: usize,
    ) -> (u64, u64, Evicted) {
        let (id, version) = self.journal.step(change.is_some());
        let effect = change.map_or(Effect::Nothing, |(vendor, change)| Effect::of(vendor, &change));
        let (at, effect) = (Timestamp::now(), Arc::new(effect));
        note(Noted::Answered(Answered { at, told, effect, before }));
        (id, version, Evicted::default())
    }

    /// Writes down what requests to a vendor did that none had done before.
    pub(in crate::mock) fn exercised_anew(
        &self,
        plan: &Plan,
        steps: Option<(OperationId, Vec<RuleId>)>,
        rules: &[RuleId],
    ) {
        let Some(kept) = self.kept.as_ref().filter(|kept| kept.is_shared()) else { return };
        let steps = steps.into_iter().flat_map(|(operation, steps)| {
            steps.into_iter().map(move |step| (operation.0, step.0))
        });
        let rules = rules.iter().map(|rule| rule.0).collect();
        let image = ExercisedImage { steps: steps.collect(), rules };
        if !image.is_empty() {
            kept.tell(Event::Exercised(plan.service.vendor.clone(), image));
        }
    }

    /// Requests did what is stored, and nothing else.
    pub(super) fn exercised_before(&self, stored: &StoredSession) {
        if !self.is_shared() {
            return;
        }
        self.exercised.clear();
        for (vendor, image) in &stored.exercised {
            self.follow_exercised(vendor, image);
        }
    }

    /// Requests did that elsewhere.
    pub(super) fn follow_exercised(&self, vendor: &str, image: &ExercisedImage) {
        let plans = self.shared().plans.clone();
        let vendor = plans.iter().position(|plan| *plan.service.vendor == *vendor);
        if let Some(vendor) = vendor {
            self.exercised.follow(vendor, image);
        }
    }

    /// Forgets the requests to a vendor, as somebody else has done.
    pub fn forget_requests(&self, vendor: &str) {
        let plans = self.shared().plans.clone();
        let at = plans.iter().position(|plan| *plan.service.vendor == *vendor);
        if let Some(at) = at {
            drop(self.journal.forget(at, vendor));
        }
    }

    /// Tells how it was before a request, for who has it go back there; none: nobody knows it.
    pub fn was(&self, before: u64, was: Option<StoredSession>) {
        *self.past.lock() = Some(Past { before, was });
    }

    /// Brings it back to how it was before a request, as it was told last. Faults that were asked
    /// for stay.
    pub(super) fn go_back(&self, before: u64) -> Result<(), CannotRewind> {
        let past = self.past.lock().take().filter(|past| past.before == before);
        let (_, last) = self.journal.now();
        if before == 0 || before > last {
            return Err(CannotRewind::Unknown { last });
        }
        let was = past.and_then(|past| past.was);
        let was = was.ok_or(CannotRewind::Gone { oldest: None })?;
        let mut state = self.alone();
        let accounts = State::restore(&state.plans, was.made.began, &was);
        let old = std::mem::replace(&mut state.accounts, accounts);
        self.clock.put_back(was.made.clock);
        let accounts = state.plans.iter().zip(&state.accounts);
        let accounts = accounts.flat_map(|(plan, account)| again(plan, account));
        let accounts = accounts.collect();
        self.journal.goes_on_after(before - 1);
        let (_, version) = self.journal.step(true);
        self.journal.goes_on_after(before - 1);
        if let Some(kept) = &self.kept {
            let clock = Some(self.clock.setting());
            let (last_id, restart) = (before - 1, None);
            kept.tell(Event::Changed(Changed { version, last_id, restart, clock, accounts }));
        }
        note(Noted::WentBack(before));
        drop(state);
        self.due.wake();
        drop(old);
        Ok(())
    }
}

/// What makes an account of a vendor what it is, whatever it was.
fn again(plan: &Plan, account: &OnceLock<account::Account>) -> Vec<(Arc<str>, AccountChange)> {
    let vendor = &plan.service.vendor;
    let gone = AccountChange { gone: true, ..AccountChange::default() };
    match account.get() {
        None => vec![(vendor.clone(), gone)],
        Some(account) if account.written => vec![(vendor.clone(), image::whole(plan, account))],
        Some(account) => {
            let windows = Some(account.windows.image());
            let counts = AccountChange { windows, ..AccountChange::default() };
            vec![(vendor.clone(), gone), (vendor.clone(), counts)]
        }
    }
}
