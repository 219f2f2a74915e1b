//! Counting what the trials of one vendor exercise.

use std::collections::HashMap;
use std::sync::Arc;

use super::errors::Errors;
use super::implemented::{Needs, implemented};
use super::sent::Sent;
use super::taken::{Taken, taken};
use super::{Group, Item, ItemKind, NotSeen, Seen, transitions};
use crate::exchange::{OPERATION_HEADER, RULE_HEADER};
use crate::model::{self, Operation, Service, Transition};
use crate::run::event::{StepKind, StepResult, TrialResult, Verdict};
use crate::value::same_but_for_case;

/// Counts the trials of one vendor.
pub(super) struct Counter<'s> {
    service: &'s Service,
    transitions: Vec<Transition>,
    groups: Vec<Group>,
    /// Where the items are in `groups`.
    places: HashMap<(usize, Arc<str>), usize>,
    taken: Vec<Vec<Taken>>,
    errors: Errors<'s>,
    /// For each statement, what shows that a rule of it was exercised.
    implemented: Vec<Vec<Needs>>,
    /// Whether a trial told which transitions it made.
    told: bool,
    /// Those that did not.
    not_seen: Option<NotSeen>,
}

impl<'s> Counter<'s> {
    /// Nothing is exercised yet.
    pub(super) fn new(service: &'s Service) -> Self {
        let taken: Vec<Vec<Taken>> = service.operations.iter().map(taken).collect();
        let item = |name: &Arc<str>, says: Option<&Arc<str>>| Item {
            name: name.clone(),
            says: says.cloned(),
            span: None,
            seen: Vec::new(),
        };
        let groups: Vec<Group> = ItemKind::ALL
            .into_iter()
            .map(|kind| {
                let all = taken.iter().flatten();
                let items: Vec<Item> = match kind {
                    ItemKind::Statement => {
                        service.statements.iter().map(|s| item(&s.id, Some(&s.says))).collect()
                    }
                    ItemKind::Operation => {
                        service.operations.iter().map(|o| item(&o.id, o.summary.as_ref())).collect()
                    }
                    ItemKind::Parameter => all.map(|taken| item(&taken.item, None)).collect(),
                    ItemKind::EnumValue => all
                        .flat_map(|taken| &taken.choices)
                        .map(|(_, name)| item(name, None))
                        .collect(),
                    ItemKind::Error => {
                        service.errors.iter().map(|error| item(&error.name, None)).collect()
                    }
                    ItemKind::Transition => transitions::items(service),
                };
                Group { kind, items, not_seen: None }
            })
            .collect();
        let mut places = HashMap::new();
        for (at, group) in groups.iter().enumerate() {
            for (position, item) in group.items.iter().enumerate() {
                places.entry((at, item.name.clone())).or_insert(position);
            }
        }
        let errors = Errors::new(service);
        Self {
            service,
            transitions: model::transitions(service),
            groups,
            places,
            taken,
            errors,
            implemented: implemented(service),
            told: false,
            not_seen: None,
        }
    }

    fn see(&mut self, kind: ItemKind, name: &Arc<str>, trial: &TrialResult) {
        let Some(at) = self.groups.iter().position(|group| group.kind == kind) else { return };
        let Some(position) = self.places.get(&(at, name.clone())) else { return };
        let item = self.groups.get_mut(at).and_then(|group| group.items.get_mut(*position));
        let seen = Seen { trial: trial.name.clone(), target: trial.target.clone() };
        if let Some(item) = item.filter(|item| item.seen.last() != Some(&seen)) {
            item.seen.push(seen);
        }
    }

    /// Nothing that goes over the wire shows transitions, so the mock was asked for them.
    fn count_transitions(&mut self, trial: &TrialResult) {
        match transitions::told(trial) {
            None => {}
            Some(Ok(names)) => {
                self.told = true;
                for name in names {
                    self.see(ItemKind::Transition, name, trial);
                    // An operation that was scheduled ran without an answer to anybody.
                    if let Some(operation) = self.operation_of(name) {
                        self.see(ItemKind::Operation, &operation, trial);
                    }
                }
            }
            Some(Err(reason)) => {
                let not_seen = NotSeen { trials: 0, all: true, reason };
                self.not_seen.get_or_insert(not_seen).trials += 1;
            }
        }
    }

    fn operation_of(&self, transition: &str) -> Option<Arc<str>> {
        let found = self.transitions.iter().find(|one| *one.name == *transition)?;
        self.service.operations.get(found.operation.0).map(|operation| operation.id.clone())
    }

    /// What came of it.
    pub(super) fn groups(mut self) -> Vec<Group> {
        let not_seen = self.not_seen.map(|not_seen| NotSeen { all: !self.told, ..not_seen });
        let groups = self.groups.iter_mut();
        for group in groups.filter(|group| group.kind == ItemKind::Transition) {
            group.not_seen.clone_from(&not_seen);
        }
        self.groups
    }

    /// Counts a trial.
    pub(super) fn count(&mut self, trial: &TrialResult) {
        for step in &trial.steps {
            self.count_step(step, trial);
        }
        self.count_transitions(trial);
        let of_vendor = |step: &&StepResult| step.kind == StepKind::Vendor;
        let mut asked = trial.steps.iter().filter(of_vendor);
        let passed = matches!(trial.verdict, Verdict::Passed | Verdict::Flaky);
        if passed && asked.any(|step| step.expects && step.response.is_some()) {
            for statement in &trial.covers {
                if self.is_exercised(statement, trial) {
                    self.see(ItemKind::Statement, statement, trial);
                }
            }
        }
    }

    /// Whether a trial came to a rule that implements a statement. Where there is no mock to ask,
    /// nobody knows which rules were looked at; then only what can be seen from outside counts.
    fn is_exercised(&self, statement: &Arc<str>, trial: &TrialResult) -> bool {
        let at = self.service.statements.iter().position(|known| known.id == *statement);
        let needs = at.and_then(|at| self.implemented.get(at)).map(Vec::as_slice);
        needs.unwrap_or_default().iter().any(|needs| match needs {
            Needs::Noted => trial.statements.as_ref().is_none_or(|all| all.contains(statement)),
            Needs::Answer => true,
            Needs::Item(kind, name) => self.has_seen(*kind, name, trial),
        })
    }

    fn has_seen(&self, kind: ItemKind, name: &Arc<str>, trial: &TrialResult) -> bool {
        let at = self.groups.iter().position(|group| group.kind == kind);
        let found = at.and_then(|at| {
            let position = self.places.get(&(at, name.clone()))?;
            self.groups.get(at)?.items.get(*position)?.seen.last()
        });
        found.is_some_and(|seen| seen.trial == trial.name && seen.target == trial.target)
    }

    fn count_step(&mut self, step: &StepResult, trial: &TrialResult) {
        let Some(response) = &step.response else { return };
        let service = self.service;
        let header = |name: &str| {
            let named = |(known, _): &&(String, String)| known.eq_ignore_ascii_case(name);
            response.headers.iter().find(named).map(|(_, value)| value.as_str())
        };
        let operation = header(OPERATION_HEADER.as_str()).or(step.operation.as_deref());
        let position = service.operations.iter().position(|o| Some(&*o.id) == operation);
        if let Some(position) = position
            && let Some(operation) = service.operations.get(position)
        {
            self.see(ItemKind::Operation, &operation.id, trial);
            // What was refused before it was read exercised none of its parameters.
            let is_read = !self.errors.is_unread(response, header(RULE_HEADER.as_str()));
            if let Some(request) = step.request.as_ref().filter(|_| is_read) {
                let sent = Sent::new(request, operation, service);
                self.count_parameters(position, operation, &sent, trial);
            }
        }
        // What the control plane answers is no answer of the vendor.
        if position.is_some() || header(RULE_HEADER.as_str()).is_some() {
            let error = self.errors.of(response, header(RULE_HEADER.as_str()));
            if let Some(error) = error.and_then(|id| service.errors.get(id.0)) {
                self.see(ItemKind::Error, &error.name, trial);
            }
        }
    }

    fn count_parameters(
        &mut self,
        position: usize,
        operation: &Operation,
        sent: &Sent,
        trial: &TrialResult,
    ) {
        if operation.bindings.is_empty() {
            return;
        }
        let all = self.taken.get(position).map(Vec::as_slice).unwrap_or_default();
        let mut seen: Vec<(ItemKind, Arc<str>)> = Vec::new();
        for taken in all {
            let values: Vec<&str> = sent
                .values(taken.header, &taken.path)
                .flat_map(|value| value.split(|c| taken.commas && c == ','))
                .collect();
            if sent.has(taken.header, &taken.path) {
                seen.push((ItemKind::Parameter, taken.item.clone()));
            }
            for (choice, name) in &taken.choices {
                let same = |value: &&&str| match taken.case_insensitive {
                    true => same_but_for_case(value, choice),
                    false => **value == &**choice,
                };
                if values.iter().any(|value| same(&value)) {
                    seen.push((ItemKind::EnumValue, name.clone()));
                }
            }
        }
        for (kind, name) in seen {
            self.see(kind, &name, trial);
        }
    }
}
