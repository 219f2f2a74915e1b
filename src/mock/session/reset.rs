//! A session that begins anew: what it has of one vendor, or all of it.

use std::sync::OnceLock;

use super::Session;
use crate::ledger::Restart;
use crate::mock::account::Account;
use crate::mock::commit::Change;
use crate::mock::noted::Noted;

impl Session {
    /// Brings one vendor back to its fixtures, as of now.
    pub(in crate::mock) fn reset_vendor(&self, vendor: usize, seed: u64) {
        let mut state = self.alone();
        let Some(plan) = state.plans.get(vendor) else { return };
        let fresh = Account::new(plan, seed, self.clock.now());
        let name = plan.service.vendor.clone();
        let before = state.put(vendor, Some(fresh)).map(Box::new);
        let forgotten = self.journal.forget(vendor, &name);
        let evicted = self.journal.commit(Change::Reset { vendor, before, forgotten });
        self.note(|| Noted::Forgot(name));
        self.begin(&mut state, vendor);
        drop(state);
        drop(evicted);
    }

    /// Brings all of it back to how it started.
    pub(in crate::mock) fn reset(&self, seed: u64) {
        let mut state = self.alone();
        self.clock.reset();
        state.began = self.clock.now();
        state.seed = seed;
        let fresh = state.accounts.iter().map(|_| OnceLock::new()).collect();
        let old = std::mem::replace(&mut state.accounts, fresh);
        let forgotten = self.journal.clear();
        self.note(|| Noted::Cleared);
        self.faults.reset(seed);
        if let Some(kept) = &self.kept {
            let restart = Restart { seed, began: state.began };
            kept.restart(self.now(), restart, &self.clock);
        }
        drop(state);
        drop((old, forgotten));
    }
}
