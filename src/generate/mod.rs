//! Scenarios that are made of a spec alone.
//!
//! What has to come back is what the model says; the mock is asked only afterwards, and what it
//! contradicts is taken out and told, never changed into what the mock answers.

mod attempt;
mod base;
mod cases;
mod credentials;
mod file;
mod left;
mod outcome;
mod probes;
mod request;
mod values;
mod written;

use std::sync::Arc;

use attempt::{Bench, Tried, complaint};
use base::Base;
use cases::Cases;
use credentials::Keys;
use file::{Header, Written};
use outcome::{Outcome, Reached};
use request::Shown;

pub(crate) use left::Left;

use crate::harness::NotReady;
use crate::model::OperationId;
use crate::plan::Plan;
use crate::run::event::Verdict;

/// What was made of a spec.
#[derive(Debug)]
pub struct Generated {
    /// The file.
    pub text: String,
    /// How many scenarios are in it.
    pub scenarios: usize,
    /// How many trials they are.
    pub trials: usize,
    /// What the mock answered otherwise than the model says, so that it is not in the file.
    pub contradicted: Vec<String>,
    /// What is not in it, and why.
    pub left: Left,
}

/// Writes scenarios for a vendor.
pub fn generate(plan: &Arc<Plan>) -> Result<Generated, NotReady> {
    let service = &plan.service;
    let bench = Bench::new(plan)?;
    let mut left = Left::default();
    let mut contradicted = Vec::new();
    let good: Vec<Option<Keys>> =
        service.operations.iter().map(|operation| credentials::good(service, operation)).collect();
    let shown = good.iter().flatten().find(|keys| !keys.is_empty()).cloned().unwrap_or_default();
    let header = Header { vendor: service.vendor.to_string(), keys: shown };
    let mut all = Vec::new();
    for (at, (operation, keys)) in service.operations.iter().zip(good).enumerate() {
        let Some(binding) = operation.bindings.first() else {
            left.one("operations that only a link reaches");
            continue;
        };
        let Some(keys) = keys else {
            left.one("operations for which no fixture is a key");
            continue;
        };
        for _ in operation.bindings.iter().skip(1) {
            left.one("bindings beside an operation's first one");
        }
        let reached = Reached { service, operation, binding };
        let shown =
            if keys.is_empty() || keys == header.keys { Shown::File } else { Shown::Keys(keys) };
        let mut candidates = base::candidates(service, OperationId(at), operation);
        candidates.0.sent.shown = shown.clone();
        candidates.1.sent.shown = shown;
        let (base, accepted) = accepted(&bench, &header, reached, candidates, &mut contradicted);
        let mut cases = Cases { reached, base, accepted: None, all: Vec::new(), left: &mut left };
        if let Some(written) = accepted {
            cases.accepted = Some(written.outcome.clone());
            cases.all.push(written);
        }
        cases.write();
        all.append(&mut cases.all);
    }
    let kept = kept(&bench, &header, all, &mut contradicted);
    let text = file::document(service, &header, &kept, &comment(&header.vendor));
    let trials = kept.iter().map(Written::trials).sum();
    Ok(Generated { text, scenarios: kept.len(), trials, contradicted, left })
}

/// What stands at the beginning of the file.
fn comment(vendor: &str) -> Vec<String> {
    let lines = [
        format!(
            "Made of the spec alone by `counterpart-test generate {vendor}`, which writes it anew"
        ),
        "with `--force`: what is changed here is lost.".to_owned(),
    ];
    lines.to_vec()
}

/// The first request that is taken as the model says, or else the first of all.
fn accepted(
    bench: &Bench,
    header: &Header,
    reached: Reached<'_>,
    (first, more): (Base, Base),
    contradicted: &mut Vec<String>,
) -> (Base, Option<Written>) {
    let outcome: Outcome = match reached.accepted() {
        Ok(outcome) => outcome,
        Err(why) => {
            contradicted.push(format!("{}: no request: {why}", reached.operation.id));
            return (first, None);
        }
    };
    let mut said = None;
    for base in [first.clone(), more] {
        let written = Written {
            name: format!("{} answers", reached.operation.id),
            covers: ids(reached, &outcome),
            base,
            spot: None,
            rows: Vec::new(),
            outcome: outcome.clone(),
        };
        match refusal(bench, header, &written) {
            None => return (written.base.clone(), Some(written)),
            Some(why) => drop(said.get_or_insert(why)),
        }
    }
    let said = said.unwrap_or_default();
    contradicted.push(format!("{} answers: {said}", reached.operation.id));
    (first, None)
}

fn ids(reached: Reached<'_>, outcome: &Outcome) -> Vec<String> {
    let mut statements = outcome.statements.clone();
    statements.sort_unstable();
    statements.dedup();
    let known = statements.iter().filter_map(|at| reached.service.statements.get(*at));
    known.map(|statement| statement.id.to_string()).collect()
}

fn refusal(bench: &Bench, header: &Header, written: &Written) -> Option<String> {
    match bench.run(&[written], header).pop()? {
        Tried::Mistaken(said) => Some(said),
        Tried::Ran(results) => {
            results.iter().find(|one| one.verdict == Verdict::Failed).map(complaint)
        }
    }
}

/// What the mock does not contradict.
fn kept(
    bench: &Bench,
    header: &Header,
    all: Vec<Written>,
    contradicted: &mut Vec<String>,
) -> Vec<Written> {
    let tried = bench.run(&all.iter().collect::<Vec<_>>(), header);
    let mut kept = Vec::new();
    for (mut written, tried) in all.into_iter().zip(tried) {
        let results = match tried {
            Tried::Ran(results) => results,
            Tried::Mistaken(said) => {
                contradicted.push(format!("{}: {said}", written.name));
                continue;
            }
        };
        let mut passed = Vec::with_capacity(results.len());
        for result in &results {
            let failed = result.verdict == Verdict::Failed;
            passed.push(!failed);
            if failed {
                let row = result.row.as_ref().map(|row| format!(" [{row}]")).unwrap_or_default();
                contradicted.push(format!("{}{row}: {}", written.name, complaint(result)));
            }
        }
        let mut flags = passed.iter();
        written.rows.retain(|_| flags.next().copied().unwrap_or(true));
        if passed.iter().any(|passed| *passed) {
            kept.push(written);
        }
    }
    kept
}
