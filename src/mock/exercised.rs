//! Which transitions requests have made, and which rules of statements they came to.

use std::collections::HashSet;

use foldhash::fast::RandomState;
use parking_lot::RwLock;

use super::trace::{Entry, Outcome, Trace};
use crate::model::{OperationId, RuleId};
use crate::plan::Plan;

/// The steps that changed the state of a session, at whichever request. The journal forgets, and
/// a reset begins anew; who asks at the end what was exercised wants all of it, so this is kept
/// apart. It never holds more than the specs have steps.
#[derive(Debug, Default)]
pub struct Exercised {
    steps: RwLock<HashSet<(usize, OperationId, RuleId), RandomState>>,
    /// By the vendor's position.
    rules: RwLock<HashSet<(usize, RuleId), RandomState>>,
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

    /// Adds the rules that a request to a vendor came to and that implement statements.
    pub fn came_to(&self, vendor: usize, plan: &Plan, trace: &Trace) {
        let mut rules = trace.entries().iter().filter_map(|entry| {
            let rule = match entry {
                Entry::Rule(rule, outcome) | Entry::About(rule, outcome, _) => {
                    Some(*rule).filter(|_| *outcome != Outcome::Skipped)
                }
                Entry::Broken(rule, _) => Some(*rule),
                Entry::Note(_) | Entry::Mistake(_) => None,
            };
            let rule = rule.filter(|rule| plan.is_backed(*rule))?;
            Some((vendor, rule))
        });
        let known = self.rules.read();
        let Some(first) = rules.find(|rule| !known.contains(rule)) else { return };
        drop(known);
        let mut known = self.rules.write();
        known.insert(first);
        known.extend(rules);
    }

    /// The rules that requests to a vendor came to.
    pub fn rules(&self, vendor: usize) -> Vec<RuleId> {
        let known = self.rules.read();
        known.iter().filter(|(of, _)| *of == vendor).map(|(_, rule)| *rule).collect()
    }

    /// Puts each step where `place` says that it is now; those that have no place are gone, and so
    /// is which rules requests came to, which are others now.
    pub(super) fn relocate(
        &self,
        place: impl Fn(usize, OperationId, RuleId) -> Option<(usize, OperationId, RuleId)>,
    ) {
        self.rules.write().clear();
        let mut steps = self.steps.write();
        *steps = steps.iter().filter_map(|(v, o, r)| place(*v, *o, *r)).collect();
    }

    /// Whether a step of an operation has changed the state.
    pub fn has(&self, vendor: usize, operation: OperationId, step: RuleId) -> bool {
        self.steps.read().contains(&(vendor, operation, step))
    }
}
