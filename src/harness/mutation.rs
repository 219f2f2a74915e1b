//! Whether scenarios notice when the rules behind a statement are gone.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{NotReady, embedded, services};
use crate::check::scenario;
use crate::load::load_plans;
use crate::model::{Service, without};
use crate::plan::{self, Plan};
use crate::run::event::{MismatchKind, Stage, StepKind, StepResult, TrialResult, Verdict};
use crate::run::{Options, Runner, Target, trial_name};
use crate::scenario::Suite;
use crate::serve::Server;

/// What came of taking a statement out.
#[derive(Debug, Clone)]
pub struct Mutation {
    /// The vendor.
    pub vendor: Arc<str>,
    /// The statement's id.
    pub statement: Arc<str>,
    /// Whether any rule implements it.
    pub is_implemented: bool,
    /// The trials that cover it up to the one that noticed, each with what it came to.
    pub trials: Vec<(String, Outcome)>,
}

impl Mutation {
    /// The trial that failed without it by what the vendor answered.
    pub fn proven_by(&self) -> Option<&str> {
        self.first(Outcome::Noticed)
    }

    /// The trial that failed without it by what the mock holds or has sent. No answer shows that.
    pub fn shown_by(&self) -> Option<&str> {
        self.first(Outcome::Shown)
    }

    /// The trial that noticed, in whichever way.
    pub fn noticed_by(&self) -> Option<&str> {
        self.proven_by().or_else(|| self.shown_by())
    }

    fn first(&self, wanted: Outcome) -> Option<&str> {
        let found = self.trials.iter().find(|(_, outcome)| *outcome == wanted)?;
        Some(&found.0)
    }
}

/// What a trial came to without the statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It fails by an expectation on an answer of the vendor, and passes with the whole spec; both
    /// when it is run again too.
    Noticed,
    /// The same, but by rows or messages, which the control plane shows and no answer.
    Shown,
    /// It passes.
    Passed,
    /// It is not run.
    Skipped,
    /// It fails with the whole spec too.
    FailedBefore,
    /// It fails, but by nothing that the vendor answers.
    OtherwiseFailed,
    /// It failed once, and not again.
    FailedOnce,
}

impl Outcome {
    /// All that notice nothing, in the order in which they are told.
    pub const UNNOTICED: [Self; 5] =
        [Self::Passed, Self::Skipped, Self::FailedBefore, Self::OtherwiseFailed, Self::FailedOnce];

    /// What is said of trials that came to it.
    pub fn said(self) -> &'static str {
        match self {
            Self::Noticed | Self::Shown => "noticed",
            Self::Passed => "passed without it too",
            Self::Skipped => "skipped",
            Self::FailedBefore => "failed with it too",
            Self::OtherwiseFailed => "failed by no expectation on an answer of the vendor",
            Self::FailedOnce => "failed, but not when run again",
        }
    }
}

/// Takes each statement out of its spec in turn, and runs the scenarios that cover it until one
/// fails. Only the mock is asked, in-process.
pub fn mutations(scenarios: &[PathBuf], specs: &Path) -> Result<Vec<Mutation>, NotReady> {
    let specs = load_plans(&[specs.to_owned()]).map_err(NotReady::Mistakes)?;
    let services = services(&specs.plans);
    let loaded =
        scenario::load(scenarios, &services, scenario::Options::RUN).map_err(NotReady::Mistakes)?;
    let server = embedded(specs.plans)?;
    let whole = on(&server, &services)?;
    let mut found = Vec::new();
    for service in &services {
        for at in 0..service.statements.len() {
            found.push(mutation(service, at, &loaded.suites, &whole)?);
        }
    }
    Ok(found)
}

/// What the mock says of its answers, and how fast they are, proves nothing of the vendor.
fn on(server: &Server, services: &[Arc<Service>]) -> Result<Runner, NotReady> {
    let target = Target::mock(&format!("http://{}", server.address())).map_err(NotReady::Usage)?;
    let options = Options { vendor_alone: true, ..Options::default() };
    Ok(Runner::new(services.to_vec(), Some(target), options))
}

/// `whole` runs scenarios against the specs with all their statements: what fails there too has
/// noticed nothing.
fn mutation(
    service: &Arc<Service>,
    at: usize,
    suites: &[Suite],
    whole: &Runner,
) -> Result<Mutation, NotReady> {
    let mut mutation = Mutation {
        vendor: service.vendor.clone(),
        statement: service.statements.get(at).map(|s| s.id.clone()).unwrap_or_default(),
        is_implemented: service.rules.iter().any(|rule| rule.statements.contains(&at)),
        trials: Vec::new(),
    };
    let mutant = Arc::new(without(service, at));
    let plan: Arc<Plan> = match plan::compile(mutant) {
        Ok(plan) => Arc::new(plan),
        Err(problem) => return Err(NotReady::Mistakes(vec![*problem])),
    };
    let server = embedded(vec![plan])?;
    // Requests are built, and answers judged, by the whole spec.
    let runner = on(&server, std::slice::from_ref(service))?;
    for suite in suites.iter().filter(|suite| suite.vendor == service.vendor) {
        for scenario in suite.scenarios.iter().filter(|s| s.covers.contains(&at)) {
            for row in &scenario.rows {
                let outcome = outcome(
                    || runner.run(suite, scenario, row),
                    || whole.run(suite, scenario, row).verdict == Verdict::Failed,
                );
                mutation.trials.push((trial_name(suite, scenario, row), outcome));
                if outcome == Outcome::Noticed {
                    return Ok(mutation);
                }
            }
        }
    }
    Ok(mutation)
}

/// Whether what a step expects tells something.
type Told = fn(&StepResult) -> bool;

/// What a trial comes to. What it notices it has to notice twice, since a trial may also fail by
/// chance.
fn outcome(without: impl Fn() -> TrialResult, fails_before: impl Fn() -> bool) -> Outcome {
    let first = without();
    match first.verdict {
        Verdict::Passed | Verdict::Flaky => return Outcome::Passed,
        Verdict::Skipped => return Outcome::Skipped,
        Verdict::Failed => {}
    }
    if fails_before() {
        return Outcome::FailedBefore;
    }
    let ways: [(Told, Outcome); 2] =
        [(is_of_vendor, Outcome::Noticed), (is_of_state, Outcome::Shown)];
    let found = ways.into_iter().find(|(is_told, _)| !noticed(&first, *is_told).is_empty());
    let Some((is_told, outcome)) = found else { return Outcome::OtherwiseFailed };
    let places = noticed(&first, is_told);
    let again = noticed(&without(), is_told);
    match again.iter().any(|place| places.contains(place)) && !fails_before() {
        true => outcome,
        false => Outcome::FailedOnce,
    }
}

fn is_of_vendor(step: &StepResult) -> bool {
    step.kind == StepKind::Vendor
}

/// Rows and messages are what the vendor keeps and sends. The journal, which tells of rules, is
/// the mock's alone.
fn is_of_state(step: &StepResult) -> bool {
    step.kind == StepKind::State
}

/// The places of the expectations that do not hold. That nothing came, that a capture found
/// nothing, or that the rest of the spec cannot be evaluated without the rule, says that the rule
/// is needed, and nothing of what it says.
fn noticed(result: &TrialResult, is_told: Told) -> Vec<String> {
    let failed = |step: &&StepResult| {
        step.stage == Stage::Steps && step.verdict == Verdict::Failed && is_told(step)
    };
    let mut places = Vec::new();
    for step in result.steps.iter().filter(failed) {
        let is_own = step.response.as_ref().is_some_and(|response| {
            let problem = response.headers.iter().any(|(name, value)| {
                name.eq_ignore_ascii_case("content-type") && value == "application/problem+json"
            });
            let undocumented =
                step.mismatches.iter().any(|one| one.kind == MismatchKind::Undocumented);
            response.status == 500 && (problem || undocumented)
        });
        let mismatches = step.mismatches.iter().filter(|_| !is_own);
        let expected = mismatches.filter(|one| one.kind == MismatchKind::Expectation);
        places.extend(expected.map(|one| one.span.to_string()));
    }
    places
}
