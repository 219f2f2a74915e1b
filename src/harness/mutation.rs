//! Whether scenarios notice when the rules behind a statement are gone.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{NotReady, embedded, services};
use crate::check::scenario;
use crate::load::load_plans;
use crate::model::{Service, without};
use crate::plan::{self, Plan};
use crate::run::event::{MismatchKind, Stage, TrialResult, Verdict};
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
    /// The trial that failed without it; none: nobody noticed.
    pub noticed_by: Option<String>,
    /// How many trials cover it.
    pub covered_by: usize,
    /// How many of these fail with the whole spec too, so that they can notice nothing. Not all
    /// are known once one has noticed.
    pub failing: usize,
    /// How many failed without it, but not by an expectation on an answer of the vendor's. Not all
    /// are known once one has noticed.
    pub not_by_expectation: usize,
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

fn on(server: &Server, services: &[Arc<Service>]) -> Result<Runner, NotReady> {
    let target = Target::mock(&format!("http://{}", server.address())).map_err(NotReady::Usage)?;
    Ok(Runner::new(services.to_vec(), Some(target), Options::default()))
}

/// `whole` runs scenarios against the specs with all their statements: what fails there too has
/// noticed nothing.
fn mutation(
    service: &Arc<Service>,
    at: usize,
    suites: &[Suite],
    whole: &Runner,
) -> Result<Mutation, NotReady> {
    let statement = service.statements.get(at).map(|s| s.id.clone()).unwrap_or_default();
    let mut mutation = Mutation {
        vendor: service.vendor.clone(),
        statement,
        noticed_by: None,
        covered_by: 0,
        failing: 0,
        not_by_expectation: 0,
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
                mutation.covered_by += 1;
                if mutation.noticed_by.is_none() {
                    let result = runner.run(suite, scenario, row);
                    let fails_before =
                        || whole.run(suite, scenario, row).verdict == Verdict::Failed;
                    match result.verdict {
                        Verdict::Failed if fails_before() => mutation.failing += 1,
                        Verdict::Failed if !is_noticed(&result) => mutation.not_by_expectation += 1,
                        Verdict::Failed => {
                            mutation.noticed_by = Some(trial_name(suite, scenario, row));
                        }
                        Verdict::Passed | Verdict::Flaky | Verdict::Skipped => {}
                    }
                }
            }
        }
    }
    Ok(mutation)
}

/// Whether what fails is an expectation on an answer. That nothing came, that a capture found
/// nothing, or that the rest of the spec cannot be worked out without the rule, says that the rule
/// is needed, and nothing of what it says.
fn is_noticed(result: &TrialResult) -> bool {
    let steps = result.steps.iter().filter(|step| step.stage == Stage::Steps);
    let failed = steps.filter(|step| step.verdict == Verdict::Failed);
    failed.into_iter().any(|step| {
        let has = |kind| step.mismatches.iter().any(|mismatch| mismatch.kind == kind);
        let is_own = step.response.as_ref().is_some_and(|response| {
            let problem = response.headers.iter().any(|(name, value)| {
                name.eq_ignore_ascii_case("content-type") && value == "application/problem+json"
            });
            response.status == 500 && (problem || has(MismatchKind::Undocumented))
        });
        has(MismatchKind::Expectation) && !is_own
    })
}
