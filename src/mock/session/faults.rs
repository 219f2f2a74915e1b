//! Faults of a session that is written down.

use std::sync::Arc;

use super::Session;
use crate::mock::fault::{Fault, Pending};
use crate::mock::faults::Befallen;
use crate::model::Disturbance;

impl Session {
    /// Adds a fault; gives it with its id, or nothing when there are too many.
    pub fn add_fault(&self, fault: Fault) -> Option<Pending> {
        let now = self.clock.now();
        self.telling(|| self.faults.add(fault, now), Option::is_some)
    }

    /// Takes a fault out; says whether there was one of that id.
    pub fn remove_fault(&self, id: u64) -> bool {
        self.telling(|| self.faults.remove(id), |found| *found)
    }

    /// Takes all out, and either lets those of the specs befall requests or not.
    pub fn clear_faults(&self, of_specs: bool) {
        self.telling(|| self.faults.clear(of_specs), |()| true);
    }

    /// What befalls a request, as [`Faults::befall`](crate::mock::faults::Faults::befall) says.
    pub(in crate::mock) fn befall(
        &self,
        vendor: &Arc<str>,
        operation: &Arc<str>,
        of_spec: &[Disturbance],
    ) -> Option<Befallen> {
        let now = self.clock.now();
        let befall = || self.faults.befall(vendor, operation, of_spec, now);
        // What the specs have stays as it is.
        let was_asked_for = |befallen: &Option<Befallen>| {
            befallen.as_ref().is_some_and(|befallen| befallen.id.is_some())
        };
        if self.faults.is_empty() { befall() } else { self.telling(befall, was_asked_for) }
    }

    /// Changes them, and writes down what they are then if something has changed.
    fn telling<T>(&self, change: impl FnOnce() -> T, has_changed: impl FnOnce(&T) -> bool) -> T {
        let Some(kept) = &self.kept else { return change() };
        let _held = self.shared();
        let _one_by_one = self.faults.writing();
        let changed = change();
        if has_changed(&changed) {
            kept.faults(self.faults.image());
            self.seen();
        }
        changed
    }
}
