//! A run put together: specs, scenarios, a mock or targets, and a trial for each row.
//!
//! Trials are libtest-mimic's, so that names, filters, threads and output are what Rust's own
//! test tools have. `tests/scenarios.rs` of a project needs three lines:
//!
//! ```no_run
//! let arguments = libtest_mimic::Arguments::from_args();
//! let run = counterpart::harness::Run::for_arguments("scenarios", "specs", &arguments)?;
//! libtest_mimic::run(&arguments, run.trials()).exit();
//! # Ok::<(), counterpart::harness::NotReady>(())
//! ```

mod choice;
mod compare;
pub(crate) mod mutation;
mod names;
mod needed;
mod turn;

use std::collections::BTreeSet;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Sender;
use std::time::Duration;

use jiff::Timestamp;
use libtest_mimic::{Arguments, Completion, Failed, Trial};

use crate::check::scenario;
use crate::control::Control;
use crate::diagnostic::{Diagnostic, did_you_mean};
use crate::load::{Specs, load_plans, load_plans_with};
use crate::mock::Mock;
use crate::mock::session::Start;
use crate::model::Service;
use crate::plan::Plan;
use crate::report::{snippet, terminal};
use crate::run::event::{TrialResult, Verdict};
use crate::run::{Budget, Runner, Target, trial_name};
use crate::scenario::{Outside, Suite};
use crate::serve::{ServeOptions, Server};
pub(crate) use choice::{Choice, Shard, TagExpression};
pub(crate) use compare::{Comparing, Side, compare};
pub(crate) use mutation::{Mutation, Outcome, mutations};
pub(crate) use names::Names;
pub(crate) use needed::{Only, vendor_of};
use turn::{Turn, Turns};

/// Why a run cannot begin.
#[non_exhaustive]
pub enum NotReady {
    /// Specs or scenarios have mistakes.
    Mistakes(Vec<Diagnostic>),
    /// The mock could not be started.
    Mock(io::Error),
    /// A URL or a name that was given is of no use.
    Usage(String),
}

impl fmt::Display for NotReady {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mistakes(diagnostics) => f.write_str(&snippet::render(diagnostics, false)),
            Self::Mock(error) => write!(f, "the mock could not be started: {error}"),
            Self::Usage(message) => f.write_str(message),
        }
    }
}

/// The same as `Display`, since that is what a test shows of an error.
impl fmt::Debug for NotReady {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl std::error::Error for NotReady {}

/// What is to be run against what.
#[derive(Debug, Clone, Default)]
pub(crate) struct Setup {
    /// Files and folders with scenarios.
    pub scenarios: Vec<PathBuf>,
    /// The folder with the specs.
    pub specs: PathBuf,
    /// Files with more that the spec of a vendor knows of: in what a target differs.
    pub deviations: Vec<PathBuf>,
    /// A mock that runs already; none: one is started in-process.
    pub base_url: Option<String>,
    /// Endpoints of single vendors.
    pub targets: Vec<(String, String)>,
    /// Whether somebody keeps the mock that is started in-process when the run is over.
    pub keep_mock: bool,
    /// How scenarios are run.
    pub options: crate::run::Options,
    /// The most requests of all trials together.
    pub max_requests: Option<u64>,
    /// The most requests a second.
    pub rate: Option<f64>,
    /// Which scenarios are run.
    pub choice: Choice,
    /// Whether failures are drawn in colour.
    pub styled: bool,
    /// Whether specs that no scenario names may be left unread.
    pub only_needed: bool,
    /// Which trials are to be run: files that cannot hold any of them are left unread.
    pub only: Only,
}

/// What becomes of a trial.
#[derive(Debug)]
pub(crate) enum Event {
    /// The trial of that name has begun.
    Began(Arc<str>),
    /// It is over.
    Ended(Box<TrialResult>),
}

/// A run that is ready to begin.
pub struct Run {
    suites: Vec<Arc<Suite>>,
    runner: Arc<Runner>,
    services: Vec<Arc<Service>>,
    warnings: Vec<Diagnostic>,
    choice: Choice,
    styled: bool,
    stop: Arc<AtomicBool>,
    mock: Option<Arc<Server>>,
}

impl Run {
    /// Runs the scenarios of a folder against a mock of the specs of another.
    pub fn of(scenarios: impl Into<PathBuf>, specs: impl Into<PathBuf>) -> Result<Self, NotReady> {
        Self::new(Setup {
            scenarios: vec![scenarios.into()],
            specs: specs.into(),
            ..Setup::default()
        })
    }

    /// The same, for those arguments: where they name one trial exactly, as test runners with a
    /// process for each trial do, only what that one needs is read.
    pub fn for_arguments(
        scenarios: impl Into<PathBuf>,
        specs: impl Into<PathBuf>,
        arguments: &Arguments,
    ) -> Result<Self, NotReady> {
        let only = match &arguments.filter {
            Some(name) if arguments.exact => Only::Trial(name.clone()),
            _ => Only::All,
        };
        Self::new(Setup {
            scenarios: vec![scenarios.into()],
            specs: specs.into(),
            only_needed: only != Only::All,
            only,
            options: crate::run::Options {
                run_skipped: arguments.ignored || arguments.include_ignored,
                ..crate::run::Options::default()
            },
            ..Setup::default()
        })
    }

    /// Loads specs and scenarios, and starts a mock where one is needed.
    pub(crate) fn new(setup: Setup) -> Result<Self, NotReady> {
        let specs = specs(&setup)?;
        let services = services(&specs.plans);
        let wanted = |file: &Path| setup.only.may_be_in(file);
        let outside = setup.options.outside.clone();
        let strictness = scenario::Options { outside, ..scenario::Options::RUN };
        let loaded = scenario::load_some(&setup.scenarios, &wanted, &services, strictness)
            .map_err(NotReady::Mistakes)?;
        if loaded.suites.is_empty() && matches!(setup.only, Only::Trial(_)) {
            // Nobody has a trial of that name; who asks for it can be told the nearest one.
            return Self::new(Setup { only: Only::All, ..setup });
        }
        let suites: Vec<Arc<Suite>> = loaded.suites.into_iter().map(Arc::new).collect();
        if let (Only::All, Some(outside)) = (&setup.only, &setup.options.outside) {
            variables_are_known(outside, &suites).map_err(NotReady::Usage)?;
        }
        let targeted = |suite: &Arc<Suite>| setup.targets.iter().any(|(v, _)| **v == *suite.vendor);
        let mock = match &setup.base_url {
            None if !suites.iter().all(targeted) => Some(Arc::new(embedded(specs.plans)?)),
            _ => None,
        };
        let base_url = match (&setup.base_url, &mock) {
            (Some(url), _) => Some(url.clone()),
            (None, Some(mock)) => Some(format!("http://{}", mock.address())),
            (None, None) => None,
        };
        let target = match base_url {
            Some(url) => Some(Target::mock(&url).map_err(NotReady::Usage)?),
            None => None,
        };
        let budget = Budget::new(setup.max_requests, setup.rate);
        let mock_ends = mock.is_some() && !setup.keep_mock;
        let environment = environment(&suites);
        let options = crate::run::Options { mock_ends, environment, ..setup.options };
        let runner = Runner::new(services.clone(), target, options);
        let runner = with_endpoints(runner, &services, &setup.targets)
            .map_err(NotReady::Usage)?
            .with_budget(Arc::new(budget));
        Ok(Self {
            suites,
            runner: Arc::new(runner),
            services,
            warnings: of_a_run([specs.warnings, loaded.warnings].concat()),
            choice: setup.choice,
            styled: setup.styled,
            stop: Arc::default(),
            mock,
        })
    }

    /// Tidies up after the trials in a mock by URL.
    pub(crate) fn finish(&self) {
        if self.mock.is_none() {
            self.runner.drop_sessions();
        }
    }

    /// The URL of the mock that was started for the trials.
    pub(crate) fn mock_url(&self) -> Option<String> {
        self.mock.as_ref().map(|mock| format!("http://{}", mock.address()))
    }

    /// The specs.
    pub(crate) fn services(&self) -> &[Arc<Service>] {
        &self.services
    }

    /// What is worth knowing about specs and scenarios.
    pub fn warnings(&self) -> &[Diagnostic] {
        &self.warnings
    }

    /// The tags that the choice names and no scenario has, each with what may be meant.
    pub(crate) fn unknown_tags(&self) -> Vec<(Arc<str>, Option<String>)> {
        let scenarios = self.suites.iter().flat_map(|suite| &suite.scenarios);
        let known: Vec<&str> = scenarios.flat_map(|s| &s.tags).map(|tag| &**tag).collect();
        let named = self.choice.tag.iter().flat_map(TagExpression::tags);
        let unknown = named.filter(|tag| !known.contains(&&***tag));
        unknown.map(|tag| (tag.clone(), did_you_mean(tag, known.iter().copied()))).collect()
    }

    /// The names of all trials that the choice leaves, in the order of the files.
    pub(crate) fn names(&self) -> Vec<String> {
        self.chosen().into_iter().map(|(name, ..)| name).collect()
    }

    /// Which part of the trials it has, from 1, and of how many, where it is a part.
    pub(crate) fn shard(&self) -> Option<(usize, usize)> {
        self.choice.shard.map(|shard| (shard.number, shard.of))
    }

    /// Whether trials are wanted, and none of them is in the shard.
    pub(crate) fn is_empty_shard(&self, wanted: &Names) -> bool {
        let whole = Choice { shard: None, ..self.choice.clone() };
        self.choice.shard.is_some()
            && self.chosen_by(&whole).iter().any(|(name, ..)| wanted.takes(name))
    }

    /// What to say when no trial is left of those that are wanted.
    pub(crate) fn none_left(&self, wanted: &Names) -> String {
        names::none_left(&self.names(), &self.choice, wanted)
    }

    /// Whether the mock that trials go to is there; fails with what to say. One that was started
    /// for them is.
    pub(crate) fn find_mock(&self) -> Result<(), NotReady> {
        if self.mock.is_some() {
            return Ok(());
        }
        let vendors: BTreeSet<Arc<str>> =
            self.chosen().into_iter().map(|(_, suite, ..)| suite.vendor.clone()).collect();
        let vendors: Vec<&str> = vendors.iter().map(|vendor| &**vendor).collect();
        self.runner.find_mock(&vendors).map_err(NotReady::Usage)
    }

    fn chosen(&self) -> Vec<(String, Arc<Suite>, usize, usize)> {
        self.chosen_by(&self.choice)
    }

    fn chosen_by(&self, choice: &Choice) -> Vec<(String, Arc<Suite>, usize, usize)> {
        let mut chosen = Vec::new();
        for suite in &self.suites {
            for (at, scenario) in suite.scenarios.iter().enumerate() {
                if !choice.takes(scenario) {
                    continue;
                }
                for (row_at, row) in scenario.rows.iter().enumerate() {
                    let name = trial_name(suite, scenario, row);
                    chosen.push((name, suite.clone(), at, row_at));
                }
            }
        }
        choice.shard(chosen)
    }

    /// A trial for each row of each scenario.
    pub fn trials(&self) -> Vec<Trial> {
        let chosen = self.chosen().into_iter();
        let turns = Turns::new(self.runner.clone());
        chosen
            .map(|(name, suite, at, row)| {
                let turn = self.turn(&turns, &suite, at);
                self.trial(name, suite, (at, row), turn, None)
            })
            .collect()
    }

    /// The same trials, which tell what becomes of them when they are run with those arguments. The
    /// channel is closed when all are over.
    pub(crate) fn observed(&self, arguments: &Arguments, events: &Sender<Event>) -> Vec<Trial> {
        let mut trials = Vec::new();
        let turns = Turns::new(self.runner.clone());
        for (name, suite, at, row) in self.chosen() {
            let turn = self.turn(&turns, &suite, at);
            let trial = self.trial(name, suite.clone(), (at, row), turn, Some(events.clone()));
            let scenario = suite.scenarios.get(at).filter(|scenario| scenario.skip.is_some());
            if let Some((scenario, row)) = scenario.and_then(|s| Some((s, s.rows.get(row)?)))
                && !arguments.ignored
                && !arguments.include_ignored
                && !arguments.is_filtered_out(&trial)
            {
                // It will not be called, and whoever listens should know of it all the same.
                let skipped = self.runner.run(&suite, scenario, row);
                events.send(Event::Ended(Box::new(skipped))).ok();
            }
            trials.push(trial);
        }
        trials
    }

    /// The turn of a scenario that is not left out.
    fn turn(&self, turns: &Arc<Turns>, suite: &Arc<Suite>, at: usize) -> Option<Turn> {
        let scenario = suite.scenarios.get(at)?;
        (scenario.skip.is_none() || self.runner.runs_skipped()).then(|| turns.take(suite))?
    }

    fn trial(
        &self,
        name: String,
        suite: Arc<Suite>,
        (at, row): (usize, usize),
        turn: Option<Turn>,
        events: Option<Sender<Event>>,
    ) -> Trial {
        let began: Arc<str> = name.as_str().into();
        let runner = self.runner.clone();
        let stop = self.stop.clone();
        let fail_fast = self.choice.fail_fast;
        let styled = self.styled;
        // The mock lives as long as any trial does.
        let mock = self.mock.clone();
        let skipped = suite.scenarios.get(at).is_some_and(|scenario| scenario.skip.is_some());
        let trial = Trial::ignorable_test(name, move || {
            let _mock = mock;
            let scenario = suite.scenarios.get(at);
            let Some((scenario, row)) = scenario.and_then(|s| Some((s, s.rows.get(row)?))) else {
                return Err("there is no such scenario".into());
            };
            let mut result = if stop.load(Ordering::Relaxed) {
                runner.skipped(&suite, scenario, row, "a trial failed before")
            } else {
                if let Some(events) = &events {
                    events.send(Event::Began(began)).ok();
                }
                runner.run(&suite, scenario, row)
            };
            if let Some(turn) = turn {
                turn.end(&mut result);
            }
            if fail_fast && result.verdict == Verdict::Failed {
                stop.store(true, Ordering::Relaxed);
            }
            let completion = completion(&result, styled);
            if let Some(events) = events {
                // Who no longer listens need not be told.
                events.send(Event::Ended(Box::new(result))).ok();
            }
            completion
        });
        trial.with_ignored_flag(skipped)
    }
}

/// What libtest-mimic is told of a result.
fn completion(result: &TrialResult, styled: bool) -> Result<Completion, Failed> {
    match result.verdict {
        Verdict::Passed | Verdict::Flaky => Ok(Completion::Completed),
        Verdict::Skipped => {
            Ok(Completion::ignored_with(result.reason.as_deref().unwrap_or("skipped")))
        }
        Verdict::Failed => Err(terminal::failure_text(result, styled).into()),
    }
}

/// Reads the specs: only those that are needed, where that is wanted and can be told. What is
/// wrong with them is found in all of them.
fn specs(setup: &Setup) -> Result<Specs, NotReady> {
    let targets = setup.targets.iter().map(|(vendor, _)| &**vendor);
    if setup.only_needed
        && setup.deviations.is_empty()
        && let Some(files) = needed::needed(&setup.scenarios, &setup.only, &setup.specs, targets)
        && let Ok(specs) = load_plans(&files)
        && specs
            .plans
            .iter()
            .zip(&files)
            .all(|(plan, file)| file.file_stem().is_some_and(|stem| stem == &*plan.service.vendor))
    {
        return Ok(specs);
    }
    load_plans_with(std::slice::from_ref(&setup.specs), &setup.deviations)
        .map_err(NotReady::Mistakes)
}

/// A runner that sends the requests to some vendors elsewhere; fails with what to say.
fn with_endpoints(
    mut runner: Runner,
    services: &[Arc<Service>],
    endpoints: &[(String, String)],
) -> Result<Runner, String> {
    for (vendor, url) in endpoints {
        if !services.iter().any(|service| *service.vendor == **vendor) {
            let known = services.iter().map(|service| &*service.vendor);
            let help = did_you_mean(vendor, known).unwrap_or_default();
            return Err(format!("there is no spec of `{vendor}`; {help}"));
        }
        runner = runner.with_target(vendor, Target::endpoint(url)?);
    }
    Ok(runner)
}

/// The variables of the environment that any of the scenarios looks at.
fn environment(suites: &[Arc<Suite>]) -> Vec<Arc<str>> {
    suites.iter().flat_map(|suite| suite.environment.iter().cloned()).collect()
}

/// Fails with what to say of a variable that the command line gives and no file has.
fn variables_are_known(outside: &Outside, suites: &[Arc<Suite>]) -> Result<(), String> {
    let scenarios = suites.iter().flat_map(|suite| &suite.scenarios);
    let known: Vec<&str> =
        scenarios.flat_map(|scenario| &scenario.variables).map(|(name, _)| &**name).collect();
    let unknown = outside.variables.iter().find(|(name, _)| !known.contains(&&**name));
    let Some((name, _)) = unknown else { return Ok(()) };
    let help = did_you_mean(name, known).map(|help| format!("; {help}")).unwrap_or_default();
    Err(format!("no file of scenarios has the variable `{name}`{help}"))
}

/// What of the warnings a run does not tell better: a step that expects in vain fails, and is told
/// with what came.
fn of_a_run(mut warnings: Vec<Diagnostic>) -> Vec<Diagnostic> {
    warnings.retain(|warning| !warning.code.starts_with("unmet-"));
    warnings
}

/// The checked specs that plans were compiled from.
fn services(plans: &[Arc<Plan>]) -> Vec<Arc<Service>> {
    plans.iter().map(|plan| plan.service.clone()).collect()
}

/// A mock in-process, on a free port, with room for a session for each of very many trials.
pub(crate) fn embedded(plans: Vec<Arc<Plan>>) -> Result<Server, NotReady> {
    start(Control::new(mock_at(plans, None)))
}

/// The same, whose clock stands still where a time is given, and whose answers wait for nothing:
/// nobody else is there.
pub(crate) fn embedded_at(
    plans: Vec<Arc<Plan>>,
    time: Option<Timestamp>,
) -> Result<Server, NotReady> {
    start(Control::new(mock_at(plans, time)).answering_at_once())
}

fn start(control: Control) -> Result<Server, NotReady> {
    Server::start(Arc::new(control), ServeOptions::default()).map_err(NotReady::Mock)
}

fn mock_at(plans: Vec<Arc<Plan>>, time: Option<Timestamp>) -> Arc<Mock> {
    let start = Start {
        seed: 0,
        clock: time,
        frozen: time.is_some(),
        most_sessions: 100_000,
        idle: Duration::from_hours(1),
    };
    Arc::new(Mock::new(plans, start, true))
}
