//! Which transitions requests have made.

use std::collections::HashSet;

use foldhash::fast::RandomState;
use parking_lot::RwLock;

use crate::model::{OperationId, RuleId};

/// The steps that changed the state of a session, at whichever request. The journal forgets, and
/// a reset begins anew; who asks at the end what was exercised wants all of it, so this is kept
/// apart. It never holds more than the specs have steps.
#[derive(Debug, Default)]
pub struct Exercised {
    steps: RwLock<HashSet<(usize, OperationId, RuleId), RandomState>>,
}

impl Exercised {
    /// Adds the steps by which an operation of a vendor, by its position, changed the state.
    pub fn add(&self, vendor: usize, operation: OperationId, steps: &[RuleId]) {
        if steps.is_empty() {
            return;
        }
        let mut made = steps.iter().map(|step| (vendor, operation, *step));
        // Almost always all of them are known, and requests need not wait for each other.
        let known = self.steps.read();
        if made.clone().all(|step| known.contains(&step)) {
            return;
        }
        drop(known);
        self.steps.write().extend(&mut made);
    }

    /// Puts each step where `place` says that it is now; those that have no place are gone.
    pub(super) fn relocate(
        &self,
        place: impl Fn(usize, OperationId, RuleId) -> Option<(usize, OperationId, RuleId)>,
    ) {
        let mut steps = self.steps.write();
        *steps = steps.iter().filter_map(|(v, o, r)| place(*v, *o, *r)).collect();
    }

    /// Whether a step of an operation has changed the state.
    pub fn has(&self, vendor: usize, operation: OperationId, step: RuleId) -> bool {
        self.steps.read().contains(&(vendor, operation, step))
    }
}
