//! What a scenario needs it creates: the rows that only a mock has from the beginning, a real vendor
//! does not have.
//!
//! Which operation creates rows of a collection, and which values of a request name one, the model
//! says. What is made of that is kept only if all passes on the mock as it did before.

use std::collections::VecDeque;
use std::sync::Arc;

use super::Maker;
use super::attempt::Tried;
use super::base::place_of;
use super::cleanup::places;
use super::created::{Created, is_delete};
use super::file::Written;
use super::gone::Gone;
use super::outcome::Outcome;
use super::request::{Sent, Spot};
use super::seen::{Creating, insertions};
use super::written::{is_mail, variable};
use crate::model::verb::{Find, List};
use crate::model::{CollectionId, Service, Verb};
use crate::run::event::{StepKind, StepResult, TrialResult, Verdict};
use crate::value::Value;

/// The text that is drawn where any will do.
const DRAWN: &str = "Anna";
/// How many places of an answer are tried.
const MOST: usize = 3;

/// A value of a request that names a row.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Need {
    pub collection: CollectionId,
    pub field: Arc<str>,
    pub value: Value,
}

/// A place of an answer of an operation that creates rows.
pub(super) struct Answered {
    creating: Creating,
    body: Vec<u8>,
}

/// A text that no other trial sends, and beginnings of it for what may not be as long.
const UNIQUE: [&str; 4] = ["unique", "unique[:10]", "unique[:8]", "unique[:6]"];

impl Maker<'_> {
    /// What the operations answer that create rows.
    pub(super) fn answers_of(&self, gone: &Gone) -> Vec<Answered> {
        let all = gone.creating.iter();
        all.filter_map(|one| self.answered(&one.sent, &one.accepted)).collect()
    }

    /// What an operation answers that creates rows without any before.
    pub(super) fn answered(&self, sent: &Sent, accepted: &Outcome) -> Option<Answered> {
        let creating = Creating::look(self.service, sent, &[], accepted)?;
        let base = super::base::Base { sent: sent.clone(), given: Vec::new() };
        let written = Written::new("creates".to_owned(), base, accepted.clone());
        let Tried::Ran(results) = self.bench.run(&[&written], &self.header).pop()? else {
            return None;
        };
        let result = results.first().filter(|one| one.verdict == Verdict::Passed)?;
        let asked = |step: &&StepResult| step.kind == StepKind::Vendor;
        let response = result.steps.iter().find(asked)?.response.as_ref()?;
        Some(Answered { creating, body: response.body.clone() })
    }

    /// Lets scenarios create what they ask for, where that is possible.
    pub(super) fn prepare(&self, all: &mut [Written], answered: &[Answered], gone: &Gone) {
        let prepared = crate::parallel::each((0..all.len()).collect(), |at| {
            let written = all.get(at)?;
            let prepared = self.prepared(written, answered, gone);
            self.uniquely(prepared.as_ref().unwrap_or(written)).or(prepared)
        });
        for (written, prepared) in all.iter_mut().zip(prepared) {
            if let Some(prepared) = prepared {
                *written = prepared;
            }
        }
    }

    /// The same scenario with steps that create what it asks for; nothing where it is as it was.
    fn prepared(&self, written: &Written, answered: &[Answered], gone: &Gone) -> Option<Written> {
        let mut found = None;
        // Whoever is refused for another reason needs nothing.
        let early = written.outcome.refused && written.before.is_empty();
        let early = early
            && written
                .outcome
                .statuses
                .first()
                .is_some_and(|one| matches!(one, 401 | 403 | 404 | 415));
        if early || written.raw.is_some() {
            return self.without_rows(written, early);
        }
        for need in needs(self.service, written) {
            let current = found.as_ref().unwrap_or(written);
            let mut ways = ways(self.service, current, &need, answered, gone);
            let passes = |way: &Written| self.passes(way);
            if let Some(way) = ways.drain(..).find(passes) {
                found = Some(way);
            }
        }
        let current = found.as_ref().unwrap_or(written);
        match self.without_rows(current, false) {
            Some(without) => Some(without),
            None => found,
        }
    }

    /// The same with texts that no other trial sends where no two rows have the same; as long as
    /// they may be.
    pub(super) fn uniquely(&self, written: &Written) -> Option<Written> {
        UNIQUE.iter().find_map(|text| self.uniquely_by(written, text))
    }

    fn uniquely_by(&self, written: &Written, text: &str) -> Option<Written> {
        let mut unique = written.clone();
        let hole = written.spot.clone();
        let mut changed = false;
        let mut renew = |sent: &mut Sent| {
            let Some(operation) = self.service.operations.get(sent.operation.0) else { return };
            let mut inserted = Vec::new();
            insertions(&operation.steps, &mut inserted);
            let collections = inserted.iter().filter_map(|id| self.service.collections.get(id.0));
            // Where it is looked for one that is alike, any text may make it so.
            let looks = operation.steps.all().iter().any(|step| match &step.verb {
                Verb::Find(Find { rows, .. }) | Verb::List(List { rows, .. }) => {
                    inserted.contains(&rows.collection())
                }
                _ => false,
            });
            for spot in sent.spots() {
                let is_drawn =
                    matches!(sent.get(&spot), Some(Value::Text(text)) if &*text == DRAWN);
                if looks && is_drawn && hole.as_ref() != Some(&spot) {
                    *sent = sent.with(&spot, Some(variable(text)));
                    changed = true;
                }
            }
            for field in collections.flat_map(|one| &one.unique).flat_map(|one| &one.fields) {
                for spot in spots(sent, field) {
                    let is_text =
                        matches!(sent.get(&spot), Some(Value::Text(text)) if !is_mail(&text));
                    if is_text && hole.as_ref() != Some(&spot) {
                        *sent = sent.with(&spot, Some(variable(text)));
                        changed = true;
                    }
                }
            }
        };
        renew(&mut unique.base.sent);
        unique.before.iter_mut().for_each(|(sent, _)| renew(sent));
        (changed && written.raw.is_none() && self.passes(&unique)).then_some(unique)
    }

    /// Without rows of its own, where it is refused without as well.
    fn without_rows(&self, written: &Written, early: bool) -> Option<Written> {
        if written.base.given.is_empty() || !written.outcome.refused {
            return None;
        }
        let mut without = written.clone();
        without.base.given.clear();
        let outcome = &mut without.outcome;
        if !early && outcome.statuses.iter().all(|one| (400..500).contains(one)) {
            outcome.known = outcome.known.without_status();
        }
        self.passes(&without).then_some(without)
    }

    pub(super) fn passes(&self, written: &Written) -> bool {
        match self.bench.run(&[written], &self.header).pop() {
            Some(Tried::Ran(results)) => {
                let passed = |one: &TrialResult| one.verdict == Verdict::Passed;
                !results.is_empty() && results.iter().all(passed)
            }
            _ => false,
        }
    }
}

/// What the requests of a scenario name: rows that are there before it.
fn needs(service: &Service, written: &Written) -> Vec<Need> {
    let mut found: Vec<Need> = Vec::new();
    let all = written.before.iter().map(|(sent, _)| sent).chain([&written.base.sent]);
    for sent in all {
        for (need, spot) in named(service, sent) {
            let is_hole = written.spot.as_ref().is_some_and(|hole| *hole == spot);
            let given = written.base.given.iter().filter(|(id, _)| *id == need.collection);
            let given = given.flat_map(|(_, rows)| rows);
            let fixtures = service.collections.get(need.collection.0).map(|one| &one.fixtures);
            let mut rows = given.chain(fixtures.into_iter().flatten());
            let is_there = rows.any(|row| row.get(&need.field) == Some(&need.value));
            if is_there && !is_hole && !found.contains(&need) {
                found.push(need);
            }
        }
    }
    found
}

/// The values of a request by which steps look up rows.
pub(super) fn named(service: &Service, sent: &Sent) -> Vec<(Need, Spot)> {
    let Some(operation) = service.operations.get(sent.operation.0) else { return Vec::new() };
    let mut found = Vec::new();
    for step in operation.steps.all() {
        let (Verb::Find(Find { rows, .. }) | Verb::List(List { rows, .. })) = &step.verb else {
            continue;
        };
        for (field, tree) in &rows.lookup.access {
            let Some(spot) = place_of(tree) else { continue };
            let Some(value) = sent.get(&spot) else { continue };
            let need = Need { collection: rows.collection(), field: field.clone(), value };
            found.push((need, spot));
        }
    }
    found
}

/// The ways in which a row can be created and named, the plainest first.
pub(super) fn ways(
    service: &Service,
    written: &Written,
    need: &Need,
    answered: &[Answered],
    gone: &Gone,
) -> VecDeque<Written> {
    let mut ways = VecDeque::new();
    for Answered { creating, body } in answered {
        if !creating.collections.contains(&need.collection)
            || creating.sent.operation == written.base.sent.operation
        {
            continue;
        }
        let name = match written.created.len() {
            0 => "created".to_owned(),
            more => format!("created_{}", more + 1),
        };
        // By what the answer names the new row.
        for path in named_in(body, &need.field).into_iter().take(MOST) {
            let mut way = with(service, written, need, &variable(&name), creating, &creating.sent);
            way.created.insert(
                0,
                Created {
                    step: 0,
                    name: name.clone(),
                    path,
                    end: end(gone, need, &variable(&name)),
                },
            );
            ways.push_back(way.clone());
            way.created.iter_mut().take(1).for_each(|one| one.end = None);
            ways.push_back(way);
        }
        // By what the request names it.
        for spot in spots(&creating.sent, &need.field) {
            let Some(held) = creating.sent.get(&spot) else { continue };
            for value in [variable("unique"), held] {
                let sent = creating.sent.with(&spot, Some(value.clone()));
                let mut way = with(service, written, need, &value, creating, &sent);
                way.created.insert(
                    0,
                    Created {
                        step: 0,
                        name: String::new(),
                        path: String::new(),
                        end: end(gone, need, &value),
                    },
                );
                ways.push_back(way.clone());
                way.created.remove(0);
                ways.push_back(way);
            }
        }
    }
    ways
}

/// The request that deletes the row in the end, with what comes of it.
fn end(gone: &Gone, need: &Need, value: &Value) -> Option<(Sent, Outcome)> {
    let mut deleting = gone.deleting.iter();
    let deleting =
        deleting.find(|one| one.collection == need.collection && one.field == need.field)?;
    let sent = deleting.base.sent.with(&deleting.spot, Some(value.clone()));
    Some((sent, deleting.accepted.clone()))
}

/// The scenario behind a step that creates the row, with another name for it.
fn with(
    service: &Service,
    written: &Written,
    need: &Need,
    value: &Value,
    creating: &Creating,
    sent: &Sent,
) -> Written {
    let mut way = written.clone();
    let rename = |sent: &Sent| {
        let mut sent = sent.clone();
        for (named, spot) in named(service, &sent.clone()) {
            if named == *need {
                sent = sent.with(&spot, Some(value.clone()));
            }
        }
        sent
    };
    way.base.given.retain(|(id, _)| *id != need.collection);
    way.base.sent = rename(&way.base.sent);
    for (sent, _) in &mut way.before {
        *sent = rename(sent);
    }
    for created in &mut way.created {
        created.step += 1;
        if let Some((sent, _)) = &mut created.end {
            *sent = rename(sent);
        }
    }
    way.before.insert(0, (sent.clone(), creating.accepted.clone()));
    way
}

/// Whether a scenario deletes what it did not create.
pub(super) fn deletes_others(service: &Service, written: &Written) -> bool {
    let all = written.before.iter().map(|(sent, outcome)| (sent, outcome));
    let mut all = all.chain([(&written.base.sent, &written.outcome)]);
    written.raw.is_none()
        && all.any(|(sent, outcome)| {
            !outcome.refused && is_delete(service, sent) && needs_of(service, written, sent)
        })
}

fn needs_of(service: &Service, written: &Written, sent: &Sent) -> bool {
    let named = named(service, sent);
    let needs = needs(service, written);
    named.iter().any(|(need, _)| needs.contains(need))
}

/// The places of an answer at which the new row may be named so.
fn named_in(body: &[u8], field: &Arc<str>) -> Vec<String> {
    match serde_json::from_slice(body) {
        Ok(body) => places(&body, field),
        Err(_) if String::from_utf8_lossy(body).contains(&format!("<{field}>")) => {
            vec![format!("//*[local-name() = '{field}']")]
        }
        Err(_) => Vec::new(),
    }
}

/// The places of a request that are called so.
fn spots(sent: &Sent, field: &Arc<str>) -> Vec<Spot> {
    sent.spots().into_iter().filter(|spot| spot.ends_with(field)).collect()
}
