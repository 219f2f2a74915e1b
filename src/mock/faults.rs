//! Faults on demand: what goes wrong for some requests although the vendor would answer.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use http::StatusCode;
use parking_lot::Mutex;

use crate::exchange::Breakage;
use crate::random::Random;

/// The most faults that a session can have at once.
const MOST_FAULTS: usize = 1_000;

/// A fault.
#[derive(Debug, Clone, PartialEq)]
pub struct Fault {
    /// The vendor; none: any.
    pub vendor: Option<Arc<str>>,
    /// The operation; none: any.
    pub operation: Option<Arc<str>>,
    /// For so many requests; none: for all.
    pub times: Option<u64>,
    /// For that share of them, from 0 to 1; none: for each.
    pub share: Option<f64>,
    /// How long the answer takes at least and at most.
    pub delay: Option<[Duration; 2]>,
    /// What goes wrong; none: nothing but that it takes long.
    pub effect: Option<Effect>,
}

/// What goes wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// The operation is not done, and the vendor's error of that status answers.
    Status(StatusCode),
    /// The operation is not done, and that error of the spec answers.
    Error(Arc<str>),
    /// The operation is done, and its answer breaks on its way.
    Breaks(Breakage),
}

impl Effect {
    /// What it is called.
    pub fn name(&self) -> String {
        match self {
            Self::Status(status) => status.as_str().to_owned(),
            Self::Error(name) => name.to_string(),
            Self::Breaks(breakage) => breakage.name().to_owned(),
        }
    }
}

/// A fault that a session has.
#[derive(Debug, Clone)]
pub struct Pending {
    /// Its id.
    pub id: u64,
    /// The fault, with how many times are left.
    pub fault: Fault,
    /// How many requests it befell.
    pub befell: u64,
}

/// What befalls one request.
#[derive(Debug, Clone)]
pub struct Befallen {
    /// The id of the fault.
    pub id: u64,
    /// How long its answer is kept back.
    pub delay: Duration,
    /// What goes wrong.
    pub effect: Option<Effect>,
}

impl Befallen {
    /// What it is called in a header: `reset`, `503`, `delay`.
    pub fn name(&self) -> String {
        self.effect.as_ref().map_or_else(|| "delay".to_owned(), Effect::name)
    }

    /// A sentence for the journal.
    pub fn said(&self) -> String {
        let what = match &self.effect {
            None => None,
            Some(Effect::Status(status)) => Some(format!("answers with {}", status.as_str())),
            Some(Effect::Error(name)) => Some(format!("answers with the error {name}")),
            Some(Effect::Breaks(breakage)) => Some(format!("makes the answer {}", breakage.said())),
        };
        let delay = (!self.delay.is_zero()).then(|| format!("takes {:?}", self.delay));
        let all: Vec<_> = delay.into_iter().chain(what).collect();
        format!("fault {}, which was asked for, {}", self.id, all.join(" and "))
    }
}

/// The faults of a session, in the order in which they were asked for.
#[derive(Debug)]
pub struct Faults {
    /// Whether there are any; nothing else is looked at by a request where there are none.
    any: AtomicBool,
    all: Mutex<All>,
}

#[derive(Debug)]
struct All {
    faults: Vec<Pending>,
    last_id: u64,
    random: Random,
}

impl Faults {
    /// None so far; shares and random delays follow from the seed.
    pub fn new(seed: u64) -> Self {
        let all = All { faults: Vec::new(), last_id: 0, random: Random::new(seed, "faults") };
        Self { any: AtomicBool::new(false), all: Mutex::new(all) }
    }

    /// Whether there are any.
    pub fn is_empty(&self) -> bool {
        !self.any.load(Ordering::Relaxed)
    }

    /// All of them.
    pub fn list(&self) -> Vec<Pending> {
        self.all.lock().faults.clone()
    }

    /// Adds one; gives it with its id, or nothing when there are too many.
    pub fn add(&self, fault: Fault) -> Option<Pending> {
        let mut all = self.all.lock();
        if all.faults.len() >= MOST_FAULTS {
            return None;
        }
        all.last_id += 1;
        let pending = Pending { id: all.last_id, fault, befell: 0 };
        all.faults.push(pending.clone());
        self.any.store(true, Ordering::Relaxed);
        Some(pending)
    }

    /// Takes out those of which that is true; says whether there were any.
    pub fn remove(&self, which: impl Fn(&Pending) -> bool) -> bool {
        let mut all = self.all.lock();
        let before = all.faults.len();
        all.faults.retain(|pending| !which(pending));
        self.any.store(!all.faults.is_empty(), Ordering::Relaxed);
        all.faults.len() < before
    }

    /// None any more, and random values from that seed.
    pub fn reset(&self, seed: u64) {
        let mut all = self.all.lock();
        all.faults.clear();
        all.random = Random::new(seed, "faults");
        self.any.store(false, Ordering::Relaxed);
    }

    /// What befalls a request: the first fault that is for it, if its share says so. One that is
    /// used up goes.
    pub fn befall(&self, vendor: &str, operation: &str) -> Option<Befallen> {
        let mut all = self.all.lock();
        let All { faults, random, .. } = &mut *all;
        let fits = |wanted: &Option<Arc<str>>, name| wanted.as_deref().is_none_or(|w| w == name);
        let mut found = None;
        for (at, pending) in faults.iter_mut().enumerate() {
            let fault = &mut pending.fault;
            if !fits(&fault.vendor, vendor) || !fits(&fault.operation, operation) {
                continue;
            }
            if fault.share.is_some_and(|share| fraction(random) >= share) {
                continue;
            }
            let delay = match fault.delay {
                None => Duration::ZERO,
                Some([least, most]) if most <= least => least,
                Some([least, most]) => least + most.saturating_sub(least).mul_f64(fraction(random)),
            };
            pending.befell += 1;
            if let Some(times) = &mut fault.times {
                *times = times.saturating_sub(1);
            }
            let used_up = fault.times == Some(0);
            let effect = fault.effect.clone();
            found = Some((at, used_up, Befallen { id: pending.id, delay, effect }));
            break;
        }
        let (at, used_up, befallen) = found?;
        if used_up {
            faults.remove(at);
            let any = !faults.is_empty();
            self.any.store(any, Ordering::Relaxed);
        }
        Some(befallen)
    }
}

/// From 0 to 1, without 1.
fn fraction(random: &mut Random) -> f64 {
    let bits = u32::try_from(random.number() >> 32).unwrap_or(u32::MAX);
    f64::from(bits) / (f64::from(u32::MAX) + 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault() -> Fault {
        let effect = Some(Effect::Status(StatusCode::SERVICE_UNAVAILABLE));
        Fault { vendor: None, operation: None, times: None, share: None, delay: None, effect }
    }

    #[test]
    fn a_fault_befalls_the_next_requests_that_it_is_for() {
        let faults = Faults::new(1);
        faults.add(Fault { operation: Some("b".into()), times: Some(2), ..fault() }).unwrap();
        let befell = ["a", "b", "b", "b"].map(|name| faults.befall("v", name).is_some());
        assert_eq!(befell, [false, true, true, false]);
        assert!(faults.is_empty());
    }

    #[test]
    fn a_share_is_the_same_for_the_same_seed() {
        let befell = |seed| {
            let faults = Faults::new(seed);
            faults.add(Fault { share: Some(0.25), ..fault() }).unwrap();
            (0..1000).map(|_| faults.befall("v", "a").is_some()).collect::<Vec<_>>()
        };
        assert_eq!(befell(7), befell(7));
        assert_ne!(befell(7), befell(8));
        let count = befell(7).iter().filter(|befell| **befell).count();
        assert!((200..300).contains(&count), "{count}");
    }
}
