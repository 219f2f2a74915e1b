//! Scenarios on two targets, to see in what these differ.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use super::names::none_left;
use super::turn::Turns;
use super::{Choice, Names, NotReady, embedded, of_a_run, services, with_endpoints};
use crate::check::scenario;
use crate::diagnostic::Diagnostic;
use crate::load::load_plans_with;
use crate::model::Service;
use crate::run::pair::{self, Ignore, Pair};
use crate::run::{Budget, Options, Runner, Target, trial_name};
use crate::scenario::{Row, Scenario, Suite};
use crate::serve::Server;

/// One of the two sides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Side {
    /// A mock of the specs, in-process.
    Mock,
    /// A URL: without a path, or with that of a session, a mock; with a path an endpoint of the
    /// one vendor that the scenarios are of.
    Url(String),
    /// Endpoints of vendors, up to and including their base paths.
    Endpoints(Vec<(String, String)>),
}

/// What is to be compared.
#[derive(Debug, Clone)]
pub struct Comparing {
    /// Files and folders with scenarios.
    pub scenarios: Vec<PathBuf>,
    /// The folder with the specs.
    pub specs: PathBuf,
    /// Files with more that the spec of a vendor knows of: in what a target differs.
    pub deviations: Vec<PathBuf>,
    /// Which scenarios are run.
    pub choice: Choice,
    /// Which of their trials.
    pub names: Names,
    /// Only scenarios that say why they are skipped.
    pub only_skipped: bool,
    /// One side.
    pub left: Side,
    /// The other side.
    pub right: Side,
    /// What is not looked at.
    pub ignore: Ignore,
    /// How scenarios are run.
    pub options: Options,
    /// The most requests of all trials together, on each side.
    pub max_requests: Option<u64>,
    /// The most requests a second, on each side.
    pub rate: Option<f64>,
    /// How many trials are compared at once; none: one where a side is an endpoint, else as many as
    /// there are processors.
    pub threads: Option<usize>,
}

/// What came of it.
#[derive(Debug)]
pub struct Compared {
    /// What the left side is called.
    pub left: String,
    /// What the right side is called.
    pub right: String,
    /// A pair for each trial, by name.
    pub pairs: Vec<Pair>,
    /// What is worth knowing about specs and scenarios.
    pub warnings: Vec<Diagnostic>,
    /// How long it took.
    pub duration: Duration,
}

impl Compared {
    /// Whether anything differs.
    pub fn differs(&self) -> bool {
        self.pairs.iter().any(Pair::differs)
    }
}

type Chosen<'s> = (&'s Arc<Suite>, &'s Scenario, &'s Row);

/// Runs each trial against both sides and compares what came back. A trial goes on after a step
/// that failed, so that all differences are seen.
///
/// Fails when specs or scenarios have mistakes, when a side is of no use, and when there is no
/// trial.
pub fn compare(comparing: Comparing) -> Result<Compared, NotReady> {
    let started = Instant::now();
    let specs = load_plans_with(std::slice::from_ref(&comparing.specs), &comparing.deviations)
        .map_err(NotReady::Mistakes)?;
    let services = services(&specs.plans);
    let outside = comparing.options.outside.clone();
    let strictness = scenario::Options { outside, ..scenario::Options::RUN };
    let loaded =
        scenario::load(&comparing.scenarios, &services, strictness).map_err(NotReady::Mistakes)?;
    let suites: Vec<Arc<Suite>> = loaded.suites.into_iter().map(Arc::new).collect();
    let (chosen, is_empty_shard) = chosen(&suites, &comparing);
    if chosen.is_empty() && !is_empty_shard {
        let choice = &comparing.choice;
        let names = all(&suites).filter(|(_, scenario, _)| choice.takes(scenario));
        let names: Vec<String> = names.map(|(s, c, r)| trial_name(s, c, r)).collect();
        return Err(NotReady::Usage(none_left(&names, choice, &comparing.names)));
    }
    let mut vendors: Vec<Arc<str>> =
        chosen.iter().map(|(suite, ..)| suite.vendor.clone()).collect();
    vendors.sort();
    vendors.dedup();
    let uses_mock = [&comparing.left, &comparing.right].contains(&&Side::Mock);
    let mock = match uses_mock {
        true => Some(embedded(specs.plans)?),
        false => None,
    };
    let environment = super::environment(&suites);
    let options = Options { go_on: true, environment, ..comparing.options };
    let runner = |side: &Side| -> Result<Runner, NotReady> {
        let runner = runner(side, mock.as_ref(), &services, &vendors, options.clone())
            .map_err(NotReady::Usage)?;
        let budget = Budget::new(comparing.max_requests, comparing.rate);
        Ok(runner.with_budget(Arc::new(budget)))
    };
    let (left, right) = (Arc::new(runner(&comparing.left)?), Arc::new(runner(&comparing.right)?));
    let turns = [&left, &right].map(|side| Turns::new(side.clone()));
    let chosen: Vec<_> = chosen
        .into_iter()
        .map(|(suite, scenario, row)| {
            let turns = turns.each_ref().map(|turns| Mutex::new(turns.take(suite)));
            (suite, scenario, row, turns)
        })
        .collect();
    // What is in an account that trials share would depend on which of them run at the moment.
    let shares = |vendor: &Arc<str>| {
        [&left, &right].iter().any(|r| matches!(r.target(vendor), Some(Target::Endpoint { .. })))
    };
    let processors = || std::thread::available_parallelism().map_or(1, usize::from);
    let most = if vendors.iter().any(shares) { 1 } else { processors() };
    let threads = comparing.threads.unwrap_or(most).clamp(1, chosen.len().max(1));
    let next = AtomicUsize::new(0);
    let pairs = Mutex::new(Vec::with_capacity(chosen.len()));
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some((suite, scenario, row, [turn, other_turn])) =
                    chosen.get(next.fetch_add(1, Ordering::Relaxed))
                {
                    let Some(service) = left.service(&suite.vendor) else { continue };
                    let mut ours = left.observe(suite, scenario, row);
                    let mut theirs = right.observe(suite, scenario, row);
                    for (turn, side) in [(turn, &mut ours), (other_turn, &mut theirs)] {
                        if let Some(turn) = turn.lock().take() {
                            turn.end(&mut side.result);
                        }
                    }
                    pairs.lock().push(pair::compare(service, &ours, &theirs, &comparing.ignore));
                }
            });
        }
    });
    left.drop_sessions();
    right.drop_sessions();
    let mut pairs = pairs.into_inner();
    pairs.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(Compared {
        left: name(&comparing.left),
        right: name(&comparing.right),
        pairs,
        warnings: of_a_run([specs.warnings, loaded.warnings].concat()),
        duration: started.elapsed(),
    })
}

fn all(suites: &[Arc<Suite>]) -> impl Iterator<Item = Chosen<'_>> {
    suites.iter().flat_map(|suite| {
        let scenarios = suite.scenarios.iter();
        scenarios
            .flat_map(move |scenario| scenario.rows.iter().map(move |r| (suite, &**scenario, r)))
    })
}

/// The trials, and whether there are none because the shard has none of those that are wanted.
fn chosen<'s>(suites: &'s [Arc<Suite>], comparing: &Comparing) -> (Vec<Chosen<'s>>, bool) {
    let choice = &comparing.choice;
    let wanted = |(suite, scenario, row): &Chosen<'s>| {
        (!comparing.only_skipped || scenario.skip.is_some())
            && comparing.names.takes(&trial_name(suite, scenario, row))
    };
    let all: Vec<Chosen<'s>> =
        all(suites).filter(|(_, scenario, _)| choice.takes(scenario)).collect();
    let any = all.iter().any(wanted);
    let mut chosen = choice.shard(all);
    chosen.retain(wanted);
    let is_empty_shard = chosen.is_empty() && any && choice.shard.is_some();
    (chosen, is_empty_shard)
}

fn name(side: &Side) -> String {
    match side {
        Side::Mock => "mock".to_owned(),
        Side::Url(url) => url.clone(),
        Side::Endpoints(all) => {
            let all: Vec<String> = all.iter().map(|(v, url)| format!("{v}={url}")).collect();
            all.join(", ")
        }
    }
}

fn runner(
    side: &Side,
    mock: Option<&Server>,
    services: &[Arc<Service>],
    vendors: &[Arc<str>],
    options: Options,
) -> Result<Runner, String> {
    let (target, endpoints) = match side {
        Side::Mock => {
            let server = mock.ok_or("there is no mock")?;
            (Some(Target::mock(&format!("http://{}", server.address()))?), Vec::new())
        }
        Side::Url(url) => match (Target::mock(url)?, vendors) {
            (Target::Mock { base_url }, [vendor]) if is_endpoint(&base_url.target) => {
                (None, vec![(vendor.to_string(), url.clone())])
            }
            (Target::Mock { base_url }, _) if is_endpoint(&base_url.target) => {
                let vendors = vendors.join(", ");
                return Err(format!(
                    "{url} is an endpoint of one vendor, and the scenarios are of {vendors}; say \
                     VENDOR={url} for each of them, or choose scenarios of one"
                ));
            }
            (target, _) => (Some(target), Vec::new()),
        },
        Side::Endpoints(all) => (None, all.clone()),
    };
    if target.is_none() {
        let missing = vendors.iter().find(|v| !endpoints.iter().any(|(known, _)| *known == ***v));
        if let Some(vendor) = missing {
            return Err(format!("{} says nothing of {vendor}", name(side)));
        }
    }
    with_endpoints(Runner::new(services.to_vec(), target, options), services, &endpoints)
}

/// A mock is at the root of its server, or in a session of it.
fn is_endpoint(path: &str) -> bool {
    !path.is_empty() && !path.starts_with("/@")
}
