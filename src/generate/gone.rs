//! What one operation has deleted, another one does not find.

use std::sync::Arc;

use super::base::{Base, place_of};
use super::cases::Cases;
use super::file::Written;
use super::outcome::Outcome;
use super::request::{Sent, Spot};
use super::seen::{Creating, Seen};
use super::state::done_steps;
use crate::model::verb::{Delete, Find};
use crate::model::{CollectionId, RuleId, Service, Verb};

/// The operations that delete, and those that have to find something.
#[derive(Default)]
pub(super) struct Gone {
    /// Those that delete.
    pub deleting: Vec<Deleting>,
    finding: Vec<Finding>,
    /// Those that create.
    pub creating: Vec<Creating>,
    /// All that take requests.
    pub seen: Vec<Seen>,
}

/// An operation that deletes the row that a value of its request names.
pub(super) struct Deleting {
    name: String,
    pub base: Base,
    pub accepted: Outcome,
    pub collection: CollectionId,
    pub field: Arc<str>,
    pub spot: Spot,
    rule: RuleId,
}

struct Finding {
    name: String,
    base: Base,
    outcome: Outcome,
    collection: CollectionId,
    field: Arc<str>,
    spot: Spot,
    rule: RuleId,
}

impl Gone {
    /// Notes what an operation deletes and what it has to find.
    pub(super) fn look(&mut self, cases: &Cases<'_>, whole: &Sent) {
        let Some(accepted) = cases.accepted.as_ref().filter(|one| !one.refused) else { return };
        let (service, base) = (cases.reached.service, &cases.base);
        self.seen.push(Seen {
            name: cases.name.clone(),
            sent: base.sent.clone(),
            whole: whole.clone(),
            accepted: accepted.clone(),
        });
        self.creating.extend(Creating::look(service, &base.sent, &base.given, accepted));
        let mut done = Vec::new();
        done_steps(&cases.reached.operation.steps, &cases.base.sent, &mut done);
        for step in &done {
            let Verb::Find(Find { rows, or_else: Some(rejection), .. }) = &step.verb else {
                continue;
            };
            let [(field, tree)] = rows.lookup.access.as_slice() else { continue };
            let Some(spot) = place_of(tree) else { continue };
            let message = rejection.message.as_ref();
            let Ok(outcome) = cases.reached.rejected(step.rule, rejection.error, message) else {
                continue;
            };
            let deletes = done.iter().find(|step| {
                matches!(&step.verb, Verb::Delete(Delete { collection, .. }) if *collection == rows.collection())
            });
            if let Some(deletes) = deletes {
                self.deleting.push(Deleting {
                    name: cases.name.clone(),
                    base: cases.base.clone(),
                    accepted: accepted.clone(),
                    collection: rows.collection(),
                    field: field.clone(),
                    spot: spot.clone(),
                    rule: deletes.rule,
                });
            }
            self.finding.push(Finding {
                name: cases.name.clone(),
                base: cases.base.clone(),
                outcome,
                collection: rows.collection(),
                field: field.clone(),
                spot,
                rule: step.rule,
            });
        }
    }

    /// A scenario for each that deletes and each other one that has to find the same.
    pub(super) fn written(&self, service: &Service) -> Vec<Written> {
        let mut all: Vec<Written> = Vec::new();
        for deleting in &self.deleting {
            for finding in &self.finding {
                let is_same = finding.collection == deleting.collection
                    && finding.field == deleting.field
                    && finding.name != deleting.name;
                let Some(value) = deleting.base.sent.get(&deleting.spot).filter(|_| is_same) else {
                    continue;
                };
                let mut given = deleting.base.given.clone();
                for (id, rows) in &finding.base.given {
                    if !given.iter().any(|(known, _)| known == id) {
                        given.push((*id, rows.clone()));
                    }
                }
                let sent = finding.base.sent.with(&finding.spot, Some(value));
                let name =
                    format!("{} does not find what {} has deleted", finding.name, deleting.name);
                if all.iter().any(|known| known.name == name) {
                    continue;
                }
                let mut written = Written::new(name, Base { sent, given }, finding.outcome.clone());
                written.before.push((deleting.base.sent.clone(), deleting.accepted.clone()));
                written.covers = covers(service, finding, deleting);
                all.push(written);
            }
        }
        all
    }
}

fn covers(service: &Service, finding: &Finding, deleting: &Deleting) -> Vec<String> {
    let mut statements = finding.outcome.statements.clone();
    for rule in [finding.rule, deleting.rule] {
        let rule = service.rules.get(rule.0 as usize);
        statements.extend(rule.iter().flat_map(|rule| &rule.statements));
    }
    statements.sort_unstable();
    statements.dedup();
    let known = statements.iter().filter_map(|at| service.statements.get(*at));
    known.map(|statement| statement.id.to_string()).collect()
}
