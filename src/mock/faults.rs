//! Faults on demand: what goes wrong for some requests although the vendor would answer.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use jiff::Timestamp;
use parking_lot::{Mutex, MutexGuard};

use super::fault::{Fault, Pending, read, shown};
use crate::ledger::FaultsImage;
use crate::model::{Disturbance, Effect};
use crate::random::Random;

/// The most faults that a session can have at once.
const MOST_FAULTS: usize = 1_000;
/// So many of those that are used up are still listed, the newest ones.
const MOST_USED_UP: usize = 100;

/// What befalls one request.
#[derive(Debug, Clone)]
pub struct Befallen {
    /// The id of the fault; none where the spec has it.
    pub id: Option<u64>,
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
            Some(Effect::Breaks(breakage)) => Some(breakage.said().to_owned()),
            Some(Effect::Slowed { pieces, within }) => {
                Some(format!("sends the body in {pieces} pieces within {within:?}"))
            }
        };
        let delay =
            (!self.delay.is_zero()).then(|| format!("delays the answer by {:?}", self.delay));
        let all: Vec<_> = delay.into_iter().chain(what).collect();
        let all = all.join(" and ");
        match (self.id, &self.effect) {
            (Some(id), _) => format!("fault {id}, set through the control plane, {all}"),
            (None, Some(_)) => format!("a fault in the spec {all}"),
            (None, None) => format!("the spec {all}"),
        }
    }
}

/// The faults of a session, in the order in which they were asked for, and whether those of the
/// specs befall its requests.
#[derive(Debug)]
pub struct Faults {
    /// Whether any that were asked for are not used up; nothing else is looked at by a request where
    /// there are none.
    any: AtomicBool,
    all: Mutex<All>,
    /// Held by who changes them and writes down what they are then, so that what is written last
    /// is what they are.
    writing: Mutex<()>,
}

#[derive(Debug)]
struct All {
    faults: Vec<Pending>,
    of_specs: bool,
    /// How many requests each of the specs' befell, and how many passed it before, by vendor,
    /// operation and its place in the list.
    of_specs_befell: BTreeMap<(Arc<str>, Arc<str>), Vec<Counted>>,
    last_id: u64,
    random: Random,
}

/// What became of a fault of a spec so far.
#[derive(Debug, Clone, Copy, Default)]
struct Counted {
    passed: u64,
    befell: u64,
    /// When it befell the first.
    since: Option<Timestamp>,
}

impl Counted {
    fn is_over(&self, what: &Disturbance, now: Timestamp) -> bool {
        what.lasts.zip(self.since).is_some_and(|(lasts, since)| end(since, lasts) <= now)
    }
}

/// The end of what lasts so long; never, where there is no such time.
fn end(since: Timestamp, lasts: Duration) -> Timestamp {
    since.checked_add(lasts).unwrap_or(Timestamp::MAX)
}

impl Faults {
    /// Those of the specs; shares and random delays follow from the seed.
    pub fn new(seed: u64) -> Self {
        let random = Random::new(seed, "faults");
        let all = All {
            faults: Vec::new(),
            of_specs: true,
            of_specs_befell: BTreeMap::new(),
            last_id: 0,
            random,
        };
        Self { any: AtomicBool::new(false), all: Mutex::new(all), writing: Mutex::new(()) }
    }

    /// Whether none that were asked for can befall a request any more.
    pub fn is_empty(&self) -> bool {
        !self.any.load(Ordering::Relaxed)
    }

    /// All that were asked for, with those that are used up.
    pub fn list(&self, now: Timestamp) -> Vec<Pending> {
        let mut all = self.all.lock();
        all.expire(now);
        all.faults.clone()
    }

    /// Whether those of the specs befall requests.
    pub fn of_specs(&self) -> bool {
        self.all.lock().of_specs
    }

    /// How many requests each fault that the spec has for an operation befell since the session
    /// began here; those that none befell may be left out at the end.
    pub fn of_specs_befell(&self, vendor: &Arc<str>, operation: &Arc<str>) -> Vec<u64> {
        let all = self.all.lock();
        let counted = all.of_specs_befell.get(&(vendor.clone(), operation.clone()));
        counted.into_iter().flatten().map(|counted| counted.befell).collect()
    }

    /// Adds one; gives it with its id, or nothing when there are too many.
    pub fn add(&self, fault: Fault, now: Timestamp) -> Option<Pending> {
        let mut all = self.all.lock();
        all.expire(now);
        let until = fault.what.lasts.map(|lasts| end(now, lasts));
        let fault = Fault { until, ..fault };
        if all.faults.iter().filter(|pending| !pending.is_used_up()).count() >= MOST_FAULTS {
            return None;
        }
        all.last_id += 1;
        let pending = Pending { id: all.last_id, fault, befell: 0 };
        all.faults.push(pending.clone());
        self.any.store(true, Ordering::Relaxed);
        Some(pending)
    }

    /// Takes one out; says whether there was one of that id.
    pub fn remove(&self, id: u64) -> bool {
        let mut all = self.all.lock();
        let before = all.faults.len();
        all.faults.retain(|pending| pending.id != id);
        self.any.store(all.any(), Ordering::Relaxed);
        all.faults.len() < before
    }

    /// Takes all out, and either lets those of the specs befall requests or not.
    pub fn clear(&self, of_specs: bool) {
        let mut all = self.all.lock();
        all.faults.clear();
        all.of_specs = of_specs;
        self.any.store(false, Ordering::Relaxed);
    }

    /// Keeps others from writing them down.
    pub(super) fn writing(&self) -> MutexGuard<'_, ()> {
        self.writing.lock()
    }

    /// What is written down of them.
    pub(super) fn image(&self) -> FaultsImage {
        let all = self.all.lock();
        FaultsImage {
            of_specs: all.of_specs,
            last_id: all.last_id,
            drawn: all.random.drawn(),
            all: all.faults.iter().map(shown).collect(),
        }
    }

    /// They are what was written down; random values are from that seed. What nobody can read,
    /// since a later version wrote it, is left out.
    pub(super) fn put_back(&self, seed: u64, image: &FaultsImage) {
        let mut all = self.all.lock();
        all.faults = image.all.iter().filter_map(read).collect();
        all.of_specs = image.of_specs;
        all.last_id = image.last_id;
        all.random = Random::new(seed, "faults");
        all.random.restore(image.drawn);
        self.any.store(all.any(), Ordering::Relaxed);
    }

    /// Those of the specs, and random values from that seed.
    pub fn reset(&self, seed: u64) {
        self.clear(true);
        let mut all = self.all.lock();
        all.random = Random::new(seed, "faults");
        all.of_specs_befell.clear();
    }

    /// What befalls a request: the first that was asked for and is for it, if its share says so,
    /// or else the first that the spec has for its operation.
    pub fn befall(
        &self,
        vendor: &Arc<str>,
        operation: &Arc<str>,
        of_spec: &[Disturbance],
        now: Timestamp,
    ) -> Option<Befallen> {
        let mut all = self.all.lock();
        if all.expire(now) {
            self.any.store(all.any(), Ordering::Relaxed);
        }
        let All { faults, of_specs, of_specs_befell, random, .. } = &mut *all;
        let fits = |wanted: &Option<Arc<str>>, name: &Arc<str>| {
            wanted.as_deref().is_none_or(|wanted| wanted == &**name)
        };
        let mut asked = faults.iter_mut().filter(|pending| {
            let fault = &pending.fault;
            !pending.is_used_up()
                && fits(&fault.vendor, vendor)
                && fits(&fault.operation, operation)
        });
        let mut draw = Draw::default();
        let found = asked.find_map(|pending| match pending.fault.skip.checked_sub(1) {
            Some(left) => {
                pending.fault.skip = left;
                None
            }
            None => draw.is_for(&pending.fault.what, random).then_some(pending),
        });
        let Some(pending) = found else {
            if !*of_specs || of_spec.is_empty() {
                return None;
            }
            let counts = of_specs_befell.entry((vendor.clone(), operation.clone())).or_default();
            counts.resize(counts.len().max(of_spec.len()), Counted::default());
            let mut draw = Draw::default();
            let (what, counted) = of_spec.iter().zip(counts).find_map(|(what, counted)| {
                if what.times.is_some_and(|times| counted.befell >= times)
                    || counted.is_over(what, now)
                {
                    return None;
                }
                let passes = counted.passed < what.skip;
                counted.passed += u64::from(passes);
                (!passes && draw.is_for(what, random)).then_some((what, counted))
            })?;
            counted.befell += 1;
            counted.since.get_or_insert(now);
            return Some(befallen(None, what, random));
        };
        pending.befell += 1;
        let befallen = befallen(Some(pending.id), &pending.fault.what, random);
        if let Some(times) = &mut pending.fault.times {
            *times = times.saturating_sub(1);
        }
        if pending.is_used_up() {
            all.forget_oldest();
            self.any.store(all.any(), Ordering::Relaxed);
        }
        Some(befallen)
    }
}

impl All {
    /// Whether any can befall a request.
    fn any(&self) -> bool {
        self.faults.iter().any(|pending| !pending.is_used_up())
    }

    /// Uses up those whose time is over; says whether there were any.
    fn expire(&mut self, now: Timestamp) -> bool {
        let mut any = false;
        for pending in &mut self.faults {
            if !pending.is_used_up() && pending.fault.until.is_some_and(|until| until <= now) {
                pending.fault.times = Some(0);
                any = true;
            }
        }
        any
    }

    /// Leaves out the oldest of those that are used up where there are too many.
    fn forget_oldest(&mut self) {
        let used_up = self.faults.iter().filter(|pending| pending.is_used_up()).count();
        if used_up > MOST_USED_UP
            && let Some(oldest) = self.faults.iter().position(Pending::is_used_up)
        {
            self.faults.remove(oldest);
        }
    }
}

fn befallen(id: Option<u64>, what: &Disturbance, random: &mut Random) -> Befallen {
    let delay = what.delay.map_or(Duration::ZERO, |delay| delay.draw(|| random.fraction()));
    Befallen { id, delay, effect: what.effect.clone() }
}

/// Where in a list of shares a request falls: each share is one of all requests, so there is one
/// random value for all of them.
#[derive(Default)]
struct Draw {
    at: Option<f64>,
    below: f64,
}

impl Draw {
    fn is_for(&mut self, what: &Disturbance, random: &mut Random) -> bool {
        let Some(share) = what.share else { return true };
        self.below += share;
        *self.at.get_or_insert_with(|| random.fraction()) < self.below
    }
}

#[cfg(test)]
mod tests {
    use http::StatusCode;

    use super::*;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    fn what(share: Option<f64>, status: StatusCode) -> Disturbance {
        Disturbance { share, effect: Some(Effect::Status(status)), ..Disturbance::default() }
    }

    fn befalls(faults: &Faults, operation: &str) -> bool {
        faults.befall(&"v".into(), &operation.into(), &[], NOW).is_some()
    }

    fn fault() -> Fault {
        let what = what(None, StatusCode::SERVICE_UNAVAILABLE);
        Fault { vendor: None, operation: None, skip: 0, times: None, what, until: None }
    }

    #[test]
    fn a_fault_befalls_the_next_requests_that_it_is_for() {
        let faults = Faults::new(1);
        faults.add(Fault { operation: Some("b".into()), times: Some(2), ..fault() }, NOW).unwrap();
        let befell = ["a", "b", "b", "b"].map(|name| befalls(&faults, name));
        assert_eq!(befell, [false, true, true, false]);
        assert!(faults.is_empty());
    }

    #[test]
    fn the_newest_of_those_that_are_used_up_are_listed() {
        let faults = Faults::new(1);
        for _ in 0..MOST_USED_UP + 10 {
            faults.add(Fault { times: Some(1), ..fault() }, NOW).unwrap();
            assert!(befalls(&faults, "a"));
        }
        faults.add(fault(), NOW).unwrap();
        let listed = faults.list(NOW);
        let ids: Vec<_> = listed.iter().map(|pending| pending.id).collect();
        assert_eq!(ids, (11..=MOST_USED_UP as u64 + 11).collect::<Vec<_>>());
        let used_up = listed.iter().filter(|pending| pending.is_used_up());
        assert!(used_up.clone().all(|pending| pending.befell == 1));
        assert_eq!(used_up.count(), MOST_USED_UP);
        assert!(!faults.is_empty());
    }

    #[test]
    fn requests_that_the_faults_of_a_spec_befell_are_counted() {
        let all = [what(Some(0.5), StatusCode::CONFLICT), what(None, StatusCode::GONE)];
        let faults = Faults::new(7);
        for _ in 0..100 {
            faults.befall(&"v".into(), &"a".into(), &all, NOW).unwrap();
        }
        let counts = faults.of_specs_befell(&"v".into(), &"a".into());
        assert!(counts.iter().all(|count| *count > 0), "{counts:?}");
        assert_eq!((counts.len(), counts.iter().sum::<u64>()), (2, 100));
        assert!(faults.of_specs_befell(&"v".into(), &"b".into()).is_empty());
        faults.reset(7);
        assert!(faults.of_specs_befell(&"v".into(), &"a".into()).is_empty());
    }

    #[test]
    fn a_fault_of_a_spec_is_for_so_many_requests() {
        let first = Disturbance { times: Some(2), ..what(None, StatusCode::CONFLICT) };
        let then = Disturbance { skip: 1, times: Some(1), ..what(None, StatusCode::GONE) };
        let faults = Faults::new(7);
        let befall = || {
            let befallen =
                faults.befall(&"v".into(), &"a".into(), &[first.clone(), then.clone()], NOW);
            befallen.map(|befallen| befallen.name())
        };
        let names = [(); 5].map(|()| befall());
        assert_eq!(names.map(Option::unwrap_or_default), ["409", "409", "", "410", ""]);
        assert_eq!(faults.of_specs_befell(&"v".into(), &"a".into()), [2, 1]);
        faults.reset(7);
        assert_eq!(befall().as_deref(), Some("409"));
    }

    #[test]
    fn a_fault_lasts_by_the_clock() {
        let at = |seconds| Timestamp::new(seconds, 0).unwrap();
        let lasts = Some(Duration::from_secs(30));
        let faults = Faults::new(1);
        let what = Disturbance { lasts, ..what(None, StatusCode::GONE) };
        faults.add(Fault { what: what.clone(), ..fault() }, at(10)).unwrap();
        let befall = |seconds, of_spec: &[Disturbance]| {
            faults.befall(&"v".into(), &"a".into(), of_spec, at(seconds)).is_some()
        };
        // From when it was asked for.
        assert_eq!([10, 39, 40].map(|seconds| befall(seconds, &[])), [true, true, false]);
        assert!(faults.is_empty() && faults.list(at(40))[0].is_used_up());
        // Those of a spec from the first request that they befall.
        let outage = Disturbance { skip: 1, ..what };
        let all = std::slice::from_ref(&outage);
        let during = [100, 110, 139, 140, 141].map(|seconds| befall(seconds, all));
        assert_eq!(during, [false, true, true, false, false]);
    }

    #[test]
    fn requests_pass_before_the_one_that_is_meant() {
        let faults = Faults::new(1);
        let third = Fault { operation: Some("b".into()), skip: 2, times: Some(1), ..fault() };
        faults.add(third, NOW).unwrap();
        let asked = ["b", "a", "b", "a", "b", "b"];
        let befell = asked.map(|name| befalls(&faults, name));
        assert_eq!(befell, [false, false, false, false, true, false]);
        // One that another has befallen does not come to it.
        for skip in [0, 1] {
            faults.add(Fault { skip, times: Some(1), ..fault() }, NOW).unwrap();
        }
        let befell = [(); 4].map(|()| befalls(&faults, "a"));
        assert_eq!(befell, [true, false, true, false]);
    }

    #[test]
    fn a_share_is_the_same_for_the_same_seed() {
        let befell = |seed| {
            let faults = Faults::new(seed);
            let what = what(Some(0.25), StatusCode::SERVICE_UNAVAILABLE);
            faults.add(Fault { what, ..fault() }, NOW).unwrap();
            (0..1000).map(|_| befalls(&faults, "a")).collect::<Vec<_>>()
        };
        assert_eq!(befell(7), befell(7));
        assert_ne!(befell(7), befell(8));
        let count = befell(7).iter().filter(|befell| **befell).count();
        assert!((200..300).contains(&count), "{count}");
    }

    #[test]
    fn each_share_is_one_of_all_requests() {
        let all = [StatusCode::CONFLICT, StatusCode::GONE].map(|status| what(Some(0.5), status));
        let faults = Faults::new(7);
        let befell = |_| {
            faults.befall(&"v".into(), &"a".into(), &all, NOW).and_then(|befallen| befallen.effect)
        };
        let befell: Vec<_> = (0..1000).map(befell).collect();
        assert!(befell.iter().all(Option::is_some));
        let gone = Some(Effect::Status(StatusCode::GONE));
        let count = befell.iter().filter(|effect| **effect == gone).count();
        assert!((450..550).contains(&count), "{count}");
        faults.clear(false);
        assert!(faults.befall(&"v".into(), &"a".into(), &all, NOW).is_none());
    }
}
