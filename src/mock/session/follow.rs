//! A session that others change too: it follows what they did, and tells all that it is.

use std::sync::OnceLock;

use super::Session;
use crate::ledger::{Changed, Event, Restart, StoredSession};
use crate::mock::image;

impl Session {
    /// Does again what happened to it elsewhere, after all that it knows.
    pub fn follow(&self, event: Event) {
        match event {
            Event::Changed(changed) => self.follow_change(changed),
            Event::Counted(vendor, window) => {
                let mut state = self.alone();
                let vendor = state.plans.iter().position(|plan| plan.service.vendor == vendor);
                if let Some(account) = vendor.and_then(|vendor| state.account_mut(vendor)) {
                    account.windows.put(window);
                }
            }
            Event::Exercised(vendor, image) => self.follow_exercised(&vendor, &image),
            Event::Faults(faults) => self.faults.put_back(self.alone().seed, &faults),
            Event::Made(_) | Event::Dropped | Event::Specs(_) | Event::Probe => {}
        }
    }

    fn follow_change(&self, changed: Changed) {
        let Changed { version, last_id, restart, clock, accounts } = changed;
        let mut state = self.alone();
        let mut old = Vec::new();
        let mut forgotten = None;
        if let Some(Restart { seed, began }) = restart {
            (state.seed, state.began) = (seed, began);
            let fresh = state.accounts.iter().map(|_| OnceLock::new()).collect();
            old.extend(std::mem::replace(&mut state.accounts, fresh));
            forgotten = Some(self.journal.clear());
            self.faults.reset(seed);
        }
        if let Some(setting) = clock {
            self.clock.put_back(setting);
        }
        for (vendor, change) in accounts {
            old.extend(state.follow(&vendor, change).map(OnceLock::from));
        }
        let evicted = self.journal.follow(version, last_id);
        drop(state);
        self.due.wake();
        drop((old, forgotten, evicted));
    }

    /// All that it is.
    pub fn told(&self) -> StoredSession {
        let state = self.shared();
        let mut made = self.as_made(&state);
        made.clock = self.clock.setting();
        let (version, last_id) = self.journal.now();
        let accounts = state.plans.iter().zip(&state.accounts).filter_map(|(plan, account)| {
            Some((plan.service.vendor.clone(), image::told(plan, account.get()?)))
        });
        let faults = self.faults.image();
        let exercised = state.plans.iter().enumerate();
        let exercised = exercised
            .map(|(at, plan)| (plan.service.vendor.clone(), self.exercised.image(at)))
            .filter(|(_, image)| !image.is_empty());
        let (exercised, accounts) = (exercised.collect(), accounts.collect());
        StoredSession { made, version, last_id, faults, exercised, accounts }
    }

    /// Notes that it is used.
    pub fn used(&self) {
        self.touch();
    }

    /// Its number, where it is written down.
    pub fn number(&self) -> Option<u64> {
        self.kept.as_ref().map(super::Durable::number)
    }
}
