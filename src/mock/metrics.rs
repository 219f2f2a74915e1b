//! How many requests there were, and how they ended: counted for as long as the mock runs.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::entry::Told;
use crate::plan::Plan;

/// Statuses are counted by their first digit, 1 to 5.
const CLASSES: usize = 5;
/// Durations are counted by powers of four microseconds, up to more than a second.
pub const BUCKETS: usize = 12;

/// Counters of requests. Nothing is looked up and nobody waits to count one.
#[derive(Debug)]
pub struct Metrics {
    vendors: Vec<Vendor>,
    /// Of no vendor.
    nowhere: [AtomicU64; CLASSES],
    /// Those of them that were refused.
    refused: AtomicU64,
    durations: [AtomicU64; BUCKETS],
    microseconds: AtomicU64,
    /// Of vendors and operations as they were before a spec was loaded again.
    past: Counts,
}

#[derive(Debug)]
struct Vendor {
    /// By position of the operation; the last one is of no operation.
    operations: Vec<[AtomicU64; CLASSES]>,
    /// Those that were refused.
    refused: AtomicU64,
    /// By position of the rule.
    refusals: Vec<AtomicU64>,
}

/// What was counted, by name. Whatever belongs to no vendor or operation has an empty name.
#[derive(Debug, Clone, Default)]
pub struct Counts {
    /// By vendor, operation and first digit of the status.
    pub requests: BTreeMap<(Arc<str>, Arc<str>, u16), u64>,
    /// By vendor: those that were refused, or failed, whatever their status.
    pub refused: BTreeMap<Arc<str>, u64>,
    /// By vendor and rule, as answers name it: requests that a rule refused.
    pub refusals: BTreeMap<(Arc<str>, Arc<str>), u64>,
    /// By duration: up to 4^n microseconds, the last without bound.
    pub durations: [u64; BUCKETS],
    /// All durations together.
    pub duration: Duration,
}

impl Metrics {
    /// Counters for those vendors, which go on from what was counted before.
    pub fn new(plans: &[Arc<Plan>], past: Counts) -> Self {
        let vendors = plans.iter().map(|plan| Vendor {
            operations: (0..=plan.operations.len()).map(|_| Default::default()).collect(),
            refused: AtomicU64::new(0),
            refusals: plan.service.rules.iter().map(|_| AtomicU64::new(0)).collect(),
        });
        Self {
            vendors: vendors.collect(),
            nowhere: Default::default(),
            refused: AtomicU64::new(0),
            durations: Default::default(),
            microseconds: AtomicU64::new(0),
            past,
        }
    }

    /// Counts a request.
    pub(super) fn count(&self, told: &Told) {
        let class = usize::from(told.status.as_u16() / 100).clamp(1, CLASSES) - 1;
        let vendor = told.vendor.and_then(|vendor| self.vendors.get(vendor));
        let classes = match vendor {
            Some(vendor) => match told.operation {
                Some(operation) => vendor.operations.get(operation.0),
                None => vendor.operations.last(),
            },
            None => Some(&self.nowhere),
        };
        if let Some(counter) = classes.and_then(|classes| classes.get(class)) {
            counter.fetch_add(1, Ordering::Relaxed);
        }
        if told.is_refused() {
            let refused = vendor.map_or(&self.refused, |vendor| &vendor.refused);
            refused.fetch_add(1, Ordering::Relaxed);
            let counters = vendor.map(|vendor| &*vendor.refusals).unwrap_or_default();
            if let Some(counter) = told.rule.and_then(|rule| counters.get(rule.0 as usize)) {
                counter.fetch_add(1, Ordering::Relaxed);
            }
        }
        let microseconds = u64::try_from(told.duration.as_micros()).unwrap_or(u64::MAX);
        if let Some(counter) = self.durations.get(bucket(microseconds)) {
            counter.fetch_add(1, Ordering::Relaxed);
        }
        self.microseconds.fetch_add(microseconds, Ordering::Relaxed);
    }

    /// What was counted so far for those vendors.
    pub fn counts(&self, plans: &[Arc<Plan>]) -> Counts {
        let mut counts = self.past.clone();
        let nothing: Arc<str> = "".into();
        let mut add = |vendor: &Arc<str>, operation: &Arc<str>, classes: &[AtomicU64; CLASSES]| {
            for (class, counter) in (1..).zip(classes) {
                let counted = counter.load(Ordering::Relaxed);
                if counted > 0 {
                    let key = (vendor.clone(), operation.clone(), class);
                    *counts.requests.entry(key).or_default() += counted;
                }
            }
        };
        add(&nothing, &nothing, &self.nowhere);
        let mut refuse = |vendor: &Arc<str>, counter: &AtomicU64| {
            let counted = counter.load(Ordering::Relaxed);
            if counted > 0 {
                *counts.refused.entry(vendor.clone()).or_default() += counted;
            }
        };
        refuse(&nothing, &self.refused);
        for (plan, vendor) in plans.iter().zip(&self.vendors) {
            let name = &plan.service.vendor;
            refuse(name, &vendor.refused);
            let operations = plan.operations.iter().map(|operation| &operation.id);
            let operations = operations.chain([&nothing]);
            for (operation, classes) in operations.zip(&vendor.operations) {
                add(name, operation, classes);
            }
            for (rule, counter) in plan.rule_names.iter().zip(&vendor.refusals) {
                let counted = counter.load(Ordering::Relaxed);
                if counted > 0 {
                    let rule = rule.to_str().unwrap_or_default().into();
                    *counts.refusals.entry((name.clone(), rule)).or_default() += counted;
                }
            }
        }
        for (sum, counter) in counts.durations.iter_mut().zip(&self.durations) {
            *sum += counter.load(Ordering::Relaxed);
        }
        counts.duration += Duration::from_micros(self.microseconds.load(Ordering::Relaxed));
        counts
    }
}

/// The first bucket whose bound is not below.
fn bucket(microseconds: u64) -> usize {
    let bits = u64::BITS - microseconds.saturating_sub(1).leading_zeros();
    (bits as usize).div_ceil(2).min(BUCKETS - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_in_the_first_bucket_that_holds_it() {
        for (microseconds, at) in
            [(0, 0), (1, 0), (2, 1), (4, 1), (5, 2), (16, 2), (17, 3), (1024, 5), (u64::MAX, 11)]
        {
            assert_eq!(bucket(microseconds), at, "{microseconds}");
        }
    }
}
