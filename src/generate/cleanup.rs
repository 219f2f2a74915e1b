//! What a scenario creates it deletes again: on a real vendor it would stay there.
//!
//! Which operation creates rows, and which deletes one, the model says; where in the answer the new
//! row is named is looked at in an answer of the mock. It is written only if that row is then deleted.

use std::collections::VecDeque;

use serde_json::Value as Json;

use super::Maker;
use super::attempt::Tried;
use super::created::Created;
use super::file::Written;
use super::gone::{Deleting, Gone};
use super::idempotency::keyed;
use super::seen::insertions;
use super::written::variable;
use crate::run::event::{StepKind, StepResult, TrialResult, Verdict};

/// How many places of an answer are tried.
const MOST: usize = 3;

/// A step that creates a row, and who deletes it.
struct Creating<'g> {
    step: usize,
    deleting: &'g Deleting,
}

impl Maker<'_> {
    /// Adds to each scenario that a real vendor can run what deletes what it creates.
    pub(super) fn clean_up(&self, all: &mut [Written], gone: &Gone) {
        let creating: Vec<Vec<Creating<'_>>> =
            all.iter().map(|written| self.creating(written, gone)).collect();
        let tried: Vec<&Written> = all
            .iter()
            .zip(&creating)
            .filter(|(_, one)| !one.is_empty())
            .map(|(one, _)| one)
            .collect();
        let mut answers = self.bench.run(&tried, &self.header).into_iter();
        let mut waiting: Vec<(usize, VecDeque<Vec<Created>>)> = Vec::new();
        for (at, (written, creating)) in all.iter().zip(&creating).enumerate() {
            if creating.is_empty() {
                continue;
            }
            let Some(Tried::Ran(results)) = answers.next() else { continue };
            let Some(result) = results.iter().find(|one| one.verdict == Verdict::Passed) else {
                continue;
            };
            waiting.push((at, self.ways(written, creating, result)));
        }
        // The first way in which all rows are deleted.
        while !waiting.is_empty() {
            let mut next = Vec::new();
            for (at, mut ways) in waiting {
                if let (Some(created), Some(written)) = (ways.pop_front(), all.get(at)) {
                    next.push((at, Written { created, ..written.clone() }, ways));
                }
            }
            let tried: Vec<&Written> = next.iter().map(|(_, written, _)| written).collect();
            let tried = self.bench.run(&tried, &self.header);
            waiting = Vec::new();
            for ((at, written, ways), tried) in next.into_iter().zip(tried) {
                let all_pass = |results: &[TrialResult]| {
                    results.iter().all(|one| one.verdict == Verdict::Passed)
                };
                match (tried, all.get_mut(at)) {
                    (Tried::Ran(results), Some(known)) if all_pass(&results) => *known = written,
                    _ => waiting.push((at, ways)),
                }
            }
        }
    }

    /// The steps of a scenario that create a row that can be deleted. A scenario with rows of its own
    /// runs on mocks only.
    fn creating<'g>(&self, written: &Written, gone: &'g Gone) -> Vec<Creating<'g>> {
        if !written.base.given.is_empty() || written.raw.is_some() {
            return Vec::new();
        }
        let own = (&written.base.sent, &written.outcome);
        let steps = written.before.iter().map(|(sent, outcome)| (sent, outcome)).chain([own]);
        let accepted = steps.enumerate().filter(|(_, (_, outcome))| !outcome.refused);
        let known = |step: usize| written.created.iter().any(|one| one.step == step);
        let found = accepted.filter_map(|(step, (sent, _))| {
            if known(step) {
                return None;
            }
            let operation = self.service.operations.get(sent.operation.0)?;
            let mut inserted = Vec::new();
            insertions(&operation.steps, &mut inserted);
            let mut deleting = gone.deleting.iter();
            let deleting = deleting.find(|one| inserted.contains(&one.collection))?;
            Some(Creating { step, deleting })
        });
        found.collect()
    }

    /// The places of the answers that may name the new rows.
    fn ways(
        &self,
        written: &Written,
        creating: &[Creating<'_>],
        result: &TrialResult,
    ) -> VecDeque<Vec<Created>> {
        let asked = |step: &&StepResult| step.kind == StepKind::Vendor && step.request.is_some();
        let steps: Vec<&StepResult> = result.steps.iter().filter(asked).collect();
        let mut ways = VecDeque::new();
        let known = written.created.len();
        for way in 0..MOST {
            let mut all = written.created.clone();
            for (at, creating) in creating.iter().enumerate() {
                let response = steps.get(creating.step).and_then(|step| step.response.as_ref());
                let body = response.and_then(|one| serde_json::from_slice(&one.body).ok());
                let Some(body) = body else { return VecDeque::new() };
                let Some(path) = places(&body, &creating.deleting.field).into_iter().nth(way)
                else {
                    return ways;
                };
                let name = match known + at {
                    0 => "created".to_owned(),
                    more => format!("created_{}", more + 1),
                };
                let Deleting { base, spot, accepted, .. } = creating.deleting;
                let sent = base.sent.with(spot, Some(variable(&name)));
                let sent = keyed(self.service, &sent, written.before.len() + 2 + known + at);
                all.push(Created {
                    step: creating.step,
                    name,
                    path,
                    end: Some((sent, accepted.clone())),
                });
            }
            ways.push_back(all);
        }
        ways
    }
}

/// The places of a body at which a member of that name holds a text or a number, the outermost first.
pub(super) fn places(body: &Json, field: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut waiting = VecDeque::from([("$".to_owned(), body)]);
    while let Some((path, value)) = waiting.pop_front() {
        match value {
            Json::Object(members) => {
                for (name, value) in members {
                    let inside = format!("{path}[{}]", Json::from(&**name));
                    let inside = if is_plain(name) { format!("{path}.{name}") } else { inside };
                    if name == field && (value.is_string() || value.is_number()) {
                        found.push(inside.clone());
                    }
                    waiting.push_back((inside, value));
                }
            }
            Json::Array(items) => {
                for (at, value) in items.iter().enumerate() {
                    waiting.push_back((format!("{path}[{at}]"), value));
                }
            }
            _ => {}
        }
    }
    found
}

/// Whether a path may have the name as it is.
fn is_plain(name: &str) -> bool {
    let starts = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    starts && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}
