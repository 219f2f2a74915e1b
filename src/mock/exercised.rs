//! Which transitions requests have made, and which rules of statements they came to.

use std::collections::HashSet;

use foldhash::fast::RandomState;
use parking_lot::RwLock;

use super::trace::{Entry, Outcome, Trace};
use crate::ledger::ExercisedImage;
use crate::model::{OperationId, RuleId};

/// The steps that changed the state of a session, at whichever request. The journal forgets, and
/// a reset begins anew; who asks at the end what was exercised wants all of it, so this is kept
/// apart. It never holds more than the specs have steps.
#[derive(Debug, Default)]
pub struct Exercised {
    steps: RwLock<HashSet<(usize, OperationId, RuleId), RandomState>>,
    /// By the position of the vendor, whether requests came to the rule of that position.
    rules: RwLock<Vec<Vec<bool>>>,
}

impl Exercised {
    /// Adds the steps by which an operation of a vendor, by its position, changed the state. Gives
    /// those that are new.
    pub fn add(&self, vendor: usize, operation: OperationId, steps: &[RuleId]) -> Vec<RuleId> {
        if steps.is_empty() {
            return Vec::new();
        }
        let made = steps.iter().map(|step| (vendor, operation, *step));
        // Almost always all of them are known, and requests need not wait for each other.
        let known = self.steps.read();
        if made.clone().all(|step| known.contains(&step)) {
            return Vec::new();
        }
        drop(known);
        let mut known = self.steps.write();
        let new = steps.iter().filter(|step| known.insert((vendor, operation, **step)));
        new.copied().collect()
    }

    /// Adds the rules that a request to a vendor came to. Gives those that are new.
    pub fn came_to(&self, vendor: usize, trace: &Trace) -> Vec<RuleId> {
        let mut rules = trace.entries().iter().filter_map(|entry| match entry {
            Entry::Rule(rule, outcome) | Entry::About(rule, outcome, _) => {
                Some(rule.0 as usize).filter(|_| *outcome != Outcome::Skipped)
            }
            Entry::Broken(rule, _) => Some(rule.0 as usize),
            Entry::Note(_) | Entry::Mistake(_) => None,
        });
        // Almost always all of them are known, and requests need not wait for each other.
        let first = {
            let all = self.rules.read();
            let known = all.get(vendor).map(Vec::as_slice).unwrap_or_default();
            rules.find(|rule| known.get(*rule) != Some(&true))
        };
        let Some(first) = first else { return Vec::new() };
        let mut all = self.rules.write();
        if all.len() <= vendor {
            all.resize(vendor + 1, Vec::new());
        }
        let mut new = Vec::new();
        let Some(known) = all.get_mut(vendor) else { return new };
        for rule in std::iter::once(first).chain(rules) {
            if known.len() <= rule {
                known.resize(rule + 1, false);
            }
            if let Some(known) = known.get_mut(rule).filter(|known| !**known) {
                *known = true;
                new.extend(u32::try_from(rule).map(RuleId));
            }
        }
        new
    }

    /// Adds what is known of a vendor, by its position, from elsewhere.
    pub(super) fn follow(&self, vendor: usize, image: &ExercisedImage) {
        let steps = image.steps.iter();
        let steps = steps.map(|(operation, step)| (vendor, OperationId(*operation), RuleId(*step)));
        self.steps.write().extend(steps);
        let mut all = self.rules.write();
        if all.len() <= vendor {
            all.resize(vendor + 1, Vec::new());
        }
        let Some(known) = all.get_mut(vendor) else { return };
        for rule in &image.rules {
            let rule = *rule as usize;
            if known.len() <= rule {
                known.resize(rule + 1, false);
            }
            if let Some(known) = known.get_mut(rule) {
                *known = true;
            }
        }
    }

    /// What requests to a vendor did.
    pub(super) fn image(&self, vendor: usize) -> ExercisedImage {
        let steps = self.steps.read();
        let steps = steps.iter().filter(|(other, ..)| *other == vendor);
        let steps = steps.map(|(_, operation, step)| (operation.0, step.0)).collect();
        ExercisedImage { steps, rules: self.rules(vendor).iter().map(|rule| rule.0).collect() }
    }

    /// Forgets all.
    pub(super) fn clear(&self) {
        self.steps.write().clear();
        self.rules.write().clear();
    }

    /// The rules that requests to a vendor came to.
    pub fn rules(&self, vendor: usize) -> Vec<RuleId> {
        let all = self.rules.read();
        let known = all.get(vendor).into_iter().flatten().zip(0..);
        known.filter(|(known, _)| **known).map(|(_, rule)| RuleId(rule)).collect()
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
