//! Scenarios that are made of a spec alone.
//!
//! What has to come back is what the model says; the mock is asked only afterwards, and what it
//! contradicts is taken out and told, never changed into what the mock answers.

mod anywhere;
mod assumed;
mod attempt;
mod backed;
mod base;
mod cases;
mod cleanup;
mod created;
mod credentials;
mod exchanges;
mod fault;
mod file;
mod gone;
mod idempotency;
mod keep;
mod known;
mod left;
mod outcome;
mod prepare;
mod probes;
mod request;
mod said;
mod seen;
mod state;
mod values;
mod written;

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::Timestamp;

use attempt::{Bench, Tried, complaint};
use base::Base;
use cases::Cases;
use credentials::Keys;
use file::{Header, Written};
use gone::Gone;
use outcome::Reached;
use request::{Sent, Shown};

pub(crate) use exchanges::{Exchange, exchanges};
pub(crate) use left::Left;

use crate::harness::NotReady;
use crate::model::{ErrorId, Operation, OperationId, RuleId, Service};
use crate::plan::Plan;
use crate::run::event::{TrialResult, Verdict};

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
    let (mut maker, all) = Maker::make(plan, None)?;
    let kept = maker.kept(all);
    let kept: Vec<Written> = kept.into_iter().map(|(written, _)| written).collect();
    maker.uncovered(&kept);
    let text = file::document(service, &maker.header, &kept, &comment(&maker.header.vendor));
    let trials = kept.iter().map(Written::trials).sum();
    let Maker { contradicted, left, .. } = maker;
    Ok(Generated { text, scenarios: kept.len(), trials, contradicted, left })
}

/// A scenario that the mock does not contradict, with what came of it.
type Kept = (Written, Vec<TrialResult>);

/// Writes the scenarios of one spec.
struct Maker<'s> {
    service: &'s Service,
    header: Header,
    bench: Bench,
    left: Left,
    contradicted: Vec<String>,
    /// The rules of lists of choices of which each is tried somewhere.
    listed: BTreeSet<RuleId>,
}

impl<'s> Maker<'s> {
    /// All that there is to try.
    fn make(
        plan: &'s Arc<Plan>,
        time: Option<Timestamp>,
    ) -> Result<(Self, Vec<Written>), NotReady> {
        let service = &*plan.service;
        let good: Vec<Option<Keys>> = service
            .operations
            .iter()
            .map(|operation| credentials::good(service, operation))
            .collect();
        let shown = good.iter().flatten().find(|keys| !keys.is_empty());
        let shown = shown.cloned().unwrap_or_default();
        let header = Header { vendor: service.vendor.to_string(), keys: shown };
        let bench = Bench::new(plan, time)?;
        let (left, contradicted) = (Left::default(), Vec::new());
        let listed = BTreeSet::new();
        let mut maker = Self { service, header, bench, left, contradicted, listed };
        let mut all = anywhere::written(service, &mut maker.left);
        let mut gone = Gone::default();
        for (at, (operation, keys)) in service.operations.iter().zip(good).enumerate() {
            match keys {
                Some(_) if operation.batch => {
                    maker.left.one("operations whose body is a list of requests");
                }
                Some(keys) => {
                    all.append(&mut maker.operation(OperationId(at), operation, &keys, &mut gone));
                }
                None if service.verifying(operation).next().is_some() => {
                    maker.left.one("operations whose requests have to pass the steps of a scheme");
                }
                None => maker.left.one("operations for which no fixture is a key"),
            }
        }
        all.append(&mut gone.written(service));
        if time.is_none() {
            let assumed = assumed::assumed(service, &all);
            all.extend(assumed);
            let answered = maker.answers_of(&gone);
            maker.prepare(&mut all, &answered, &gone);
            let keeping = maker.keep(&answered, &gone);
            all.extend(keeping);
            maker.clean_up(&mut all, &gone);
            for written in &mut all {
                written.mock_only = prepare::deletes_others(service, written);
            }
        }
        Ok((maker, all))
    }

    /// The scenarios of an operation: all of them as it is reached first, and those of what has to
    /// be there in its other ways.
    fn operation(
        &mut self,
        id: OperationId,
        operation: &Operation,
        keys: &Keys,
        gone: &mut Gone,
    ) -> Vec<Written> {
        let ways = operation.binding_names(&self.service.soap_services);
        if ways.is_empty() {
            self.left.one("operations that only a link reaches");
        }
        let mut all = Vec::new();
        for (way, (binding_name, chosen)) in ways.into_iter().enumerate() {
            let Some(binding) = operation.bindings.get(chosen.at) else { continue };
            let (service, soap12) = (self.service, chosen.soap12);
            let reached = Reached { service, operation, binding, soap12 };
            let is_first = way == 0;
            let name = match is_first {
                true => operation.id.to_string(),
                false => format!("{} by {binding_name}", operation.id),
            };
            let mut candidates = base::candidates(self.service, id, operation).to_vec();
            for candidate in &mut candidates {
                if !keys.is_empty() && *keys != self.header.keys {
                    candidate.sent.shown = Shown::Keys(keys.clone());
                }
                candidate.sent.binding = (!is_first).then(|| binding_name.clone());
            }
            let whole = candidates.last().map_or_else(|| Sent::new(id), |one| one.sent.clone());
            // What creates rows needs none: there all that can be sent is tried before that.
            let mut inserted = Vec::new();
            seen::insertions(&operation.steps, &mut inserted);
            if !inserted.is_empty() {
                let singles = base::with_one_more(&candidates, &whole);
                candidates.swap(1, 2);
                candidates.splice(1..1, singles);
            }
            let (base, accepted) = self.accepted(&name, reached, candidates);
            let (left, listed) = (&mut self.left, &mut self.listed);
            let mut cases =
                Cases { reached, name, base, accepted: None, all: Vec::new(), left, listed };
            if let Some(written) = accepted {
                cases.accepted = Some(written.outcome.clone());
                cases.all.push(written);
            }
            match is_first {
                true => cases.write(),
                false => cases.write_needed(),
            }
            if is_first {
                gone.look(&cases, &whole);
            }
            all.append(&mut cases.all);
        }
        all
    }

    /// The first request that is taken as the model says, or else the first of all.
    fn accepted(
        &mut self,
        name: &str,
        reached: Reached<'_>,
        candidates: Vec<Base>,
    ) -> (Base, Option<Written>) {
        let first = candidates
            .first()
            .cloned()
            .unwrap_or_else(|| Base { sent: Sent::new(OperationId(0)), given: Vec::new() });
        let name = format!("{name} answers");
        let outcome = match reached.accepted() {
            Ok(outcome) => outcome,
            Err(why) => {
                self.contradicted.push(format!("{name}: {why}"));
                return (first, None);
            }
        };
        let mut said = None;
        for base in candidates {
            let mut written = Written::new(name.clone(), base, outcome.clone());
            written.covers = reached.ids(outcome.statements.clone());
            match self.refusal(&written) {
                None => return (written.base.clone(), Some(written)),
                Some(why) => drop(said.get_or_insert(why)),
            }
        }
        self.contradicted.push(format!("{name}: {}", said.unwrap_or_default()));
        (first, None)
    }

    fn refusal(&self, written: &Written) -> Option<String> {
        match self.bench.run(&[written], &self.header).pop()? {
            Tried::Mistaken(said) => Some(said),
            Tried::Ran(results) => {
                results.iter().find(|one| one.verdict == Verdict::Failed).map(complaint)
            }
        }
    }

    /// What the mock does not contradict, with what came of it.
    fn kept(&mut self, all: Vec<Written>) -> Vec<Kept> {
        let tried = self.bench.run(&all.iter().collect::<Vec<_>>(), &self.header);
        let mut kept = Vec::new();
        for (mut written, tried) in all.into_iter().zip(tried) {
            let results = match tried {
                Tried::Ran(results) => results,
                Tried::Mistaken(said) => {
                    self.contradicted.push(format!("{}: {said}", written.name));
                    continue;
                }
            };
            let mut passed = Vec::with_capacity(results.len());
            for result in &results {
                let failed = result.verdict == Verdict::Failed;
                passed.push(!failed);
                if failed {
                    let row = result.row.as_ref().map(|row| format!(" [{row}]"));
                    let name = format!("{}{}", written.name, row.unwrap_or_default());
                    self.contradicted.push(format!("{name}: {}", complaint(result)));
                }
            }
            let mut flags = passed.iter();
            written.rows.retain(|_| flags.next().copied().unwrap_or(true));
            if passed.iter().any(|passed| *passed) {
                kept.push((written, results));
            }
        }
        kept
    }

    /// Tells the errors that no scenario gets, and the statements that none covers.
    fn uncovered(&mut self, kept: &[Written]) {
        let mut errors = Vec::new();
        for (at, error) in self.service.errors.iter().enumerate() {
            if !kept.iter().any(|written| written.outcome.error == Some(ErrorId(at))) {
                errors.push(&*error.name);
            }
        }
        let mut statements = Vec::new();
        for statement in &self.service.statements {
            if !kept.iter().any(|written| written.covers.iter().any(|id| **id == *statement.id)) {
                statements.push(&*statement.id);
            }
        }
        if !errors.is_empty() {
            self.left.one(format!("errors that no scenario gets: {}", errors.join(", ")));
        }
        if !statements.is_empty() {
            let statements = statements.join(", ");
            self.left.one(format!("statements that no scenario covers: {statements}"));
        }
    }
}

/// What stands at the beginning of the file.
fn comment(vendor: &str) -> Vec<String> {
    let lines = [
        format!(
            "Made of the spec alone by `counterpart-test generate {vendor}`, which overwrites it"
        ),
        "with `--force`: what is changed here is lost.".to_owned(),
    ];
    lines.to_vec()
}
