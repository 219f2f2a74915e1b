//! What of the specs a run exercised: each statement, operation, parameter, value of an
//! enumeration and error, by which trials and on which target.
//!
//! A statement is proven by a trial that passed and covers it. Everything else is exercised when
//! it was sent or came back, whatever became of the trial.

mod errors;
pub mod json;
mod sent;
mod taken;
pub mod terminal;

use std::collections::HashMap;
use std::sync::Arc;

use crate::model::{Operation, Service};
use crate::run::event::{StepResult, TrialResult, Verdict};
use errors::Errors;
use sent::Sent;
use taken::{Taken, taken};

/// The coverage of all vendors.
#[derive(Debug, Clone, Default)]
pub struct Coverage {
    /// In the order of the services.
    pub vendors: Vec<VendorCoverage>,
}

/// The coverage of a vendor's spec.
#[derive(Debug, Clone)]
pub struct VendorCoverage {
    /// The vendor.
    pub vendor: Arc<str>,
    /// One for each [`ItemKind`], in that order.
    pub groups: Vec<Group>,
}

/// Items of one kind.
#[derive(Debug, Clone)]
pub struct Group {
    /// What they are.
    pub kind: ItemKind,
    /// In the order of the spec.
    pub items: Vec<Item>,
}

/// What can be exercised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ItemKind {
    /// A sentence of the vendor's document.
    Statement,
    /// An operation.
    Operation,
    /// A parameter of an operation, or a member of its body.
    Parameter,
    /// A value that a parameter may have.
    EnumValue,
    /// An error.
    Error,
}

impl ItemKind {
    /// All of them in the order in which they are shown.
    pub const ALL: [Self; 5] =
        [Self::Statement, Self::Operation, Self::Parameter, Self::EnumValue, Self::Error];

    /// The word for several of them.
    pub fn plural(self) -> &'static str {
        match self {
            Self::Statement => "statements",
            Self::Operation => "operations",
            Self::Parameter => "parameters",
            Self::EnumValue => "enum values",
            Self::Error => "errors",
        }
    }

    /// The name in JSON.
    pub fn member(self) -> &'static str {
        match self {
            Self::EnumValue => "enumValues",
            other => other.plural(),
        }
    }
}

/// Something that can be exercised.
#[derive(Debug, Clone)]
pub struct Item {
    /// Its name within the vendor: `L01`, `create_book`, `create_book.title`,
    /// `create_book.shelf=A`, `Conflict`.
    pub name: Arc<str>,
    /// What it says, for statements and operations.
    pub says: Option<Arc<str>>,
    /// The trials that exercised it, each once for each target.
    pub seen: Vec<Seen>,
}

/// A trial that exercised something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// Its name.
    pub trial: Arc<str>,
    /// What it ran against.
    pub target: Arc<str>,
}

impl Group {
    /// How many items were exercised.
    pub fn exercised(&self) -> usize {
        self.items.iter().filter(|item| !item.seen.is_empty()).count()
    }

    /// The items that were not.
    pub fn missing(&self) -> impl Iterator<Item = &Item> {
        self.items.iter().filter(|item| item.seen.is_empty())
    }
}

/// What of these specs these trials exercised.
pub fn coverage(services: &[Arc<Service>], trials: &[TrialResult]) -> Coverage {
    let vendors = services.iter().map(|service| {
        let mut counter = Counter::new(service);
        for trial in trials.iter().filter(|trial| trial.vendor == service.vendor) {
            counter.count(trial);
        }
        VendorCoverage { vendor: service.vendor.clone(), groups: counter.groups }
    });
    Coverage { vendors: vendors.collect() }
}

/// Counts the trials of one vendor.
struct Counter<'s> {
    service: &'s Service,
    groups: Vec<Group>,
    /// Where the items are in `groups`.
    places: HashMap<(usize, Arc<str>), usize>,
    taken: Vec<Vec<Taken>>,
    errors: Errors<'s>,
}

impl<'s> Counter<'s> {
    fn new(service: &'s Service) -> Self {
        let taken: Vec<Vec<Taken>> = service.operations.iter().map(taken).collect();
        let item = |name: &Arc<str>, says: Option<&Arc<str>>| Item {
            name: name.clone(),
            says: says.cloned(),
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
                };
                Group { kind, items }
            })
            .collect();
        let mut places = HashMap::new();
        for (at, group) in groups.iter().enumerate() {
            for (position, item) in group.items.iter().enumerate() {
                places.entry((at, item.name.clone())).or_insert(position);
            }
        }
        Self { service, groups, places, taken, errors: Errors::new(service) }
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

    fn count(&mut self, trial: &TrialResult) {
        if matches!(trial.verdict, Verdict::Passed | Verdict::Flaky) {
            for statement in &trial.covers {
                self.see(ItemKind::Statement, statement, trial);
            }
        }
        for step in &trial.steps {
            self.count_step(step, trial);
        }
    }

    fn count_step(&mut self, step: &StepResult, trial: &TrialResult) {
        let Some(response) = &step.response else { return };
        let service = self.service;
        let header = |name: &str| {
            let named = |(known, _): &&(String, String)| known.eq_ignore_ascii_case(name);
            response.headers.iter().find(named).map(|(_, value)| value.as_str())
        };
        let operation = header("x-counterpart-operation").or(step.operation.as_deref());
        let position = service.operations.iter().position(|o| Some(&*o.id) == operation);
        if let Some(position) = position
            && let Some(operation) = service.operations.get(position)
        {
            self.see(ItemKind::Operation, &operation.id, trial);
            if let Some(request) = &step.request {
                let sent = Sent::new(request, operation, service);
                self.count_parameters(position, operation, &sent, trial);
            }
        }
        // What the control plane answers is no answer of the vendor.
        if position.is_some() || header("x-counterpart-rule").is_some() {
            let error = self.errors.of(response, header("x-counterpart-rule"));
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
                    true => value.eq_ignore_ascii_case(choice),
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
