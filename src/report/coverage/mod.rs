//! What of the specs a run exercised: each statement, operation, parameter, value of an
//! enumeration, error and transition, by which trials and on which target.
//!
//! A statement is covered by a trial that passed, covers it, expects something of an answer of the
//! vendor, and exercised a rule that implements it. Everything else is exercised when it was sent
//! or came back, whatever became of the trial; transitions are what the mock says of them.

mod counter;
mod errors;
mod implemented;
pub mod json;
mod sent;
mod taken;
pub mod terminal;
mod transitions;

use std::sync::Arc;

use crate::model::Service;
use crate::run::event::TrialResult;
use crate::source::Span;
use counter::Counter;
pub use transitions::NotSeen;

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
    /// Trials that may have exercised them without anybody seeing it.
    pub not_seen: Option<NotSeen>,
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
    /// A step of an operation that changes the state.
    Transition,
}

impl ItemKind {
    /// All of them in the order in which they are shown.
    pub const ALL: [Self; 6] = [
        Self::Statement,
        Self::Operation,
        Self::Parameter,
        Self::EnumValue,
        Self::Error,
        Self::Transition,
    ];

    /// The word for several of them.
    pub fn plural(self) -> &'static str {
        match self {
            Self::Statement => "statements",
            Self::Operation => "operations",
            Self::Parameter => "parameters",
            Self::EnumValue => "enum values",
            Self::Error => "errors",
            Self::Transition => "transitions",
        }
    }

    /// What is said of one for which no trial counts.
    pub fn lacks(self) -> &'static str {
        match self {
            // A trial that failed may have exercised it.
            Self::Statement => "not covered",
            _ => "not exercised",
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
    /// `create_book.shelf=A`, `Conflict`, `create_book: insert books`.
    pub name: Arc<str>,
    /// What it says, for statements and operations; for transitions what their statements say.
    pub says: Option<Arc<str>>,
    /// Where it is written, for transitions.
    pub span: Option<Span>,
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

    /// Whether it is known what was exercised.
    pub fn is_seen(&self) -> bool {
        self.not_seen.as_ref().is_none_or(|not_seen| !not_seen.all)
    }
}

/// What of these specs these trials exercised.
pub fn coverage(services: &[Arc<Service>], trials: &[TrialResult]) -> Coverage {
    let vendors = services.iter().map(|service| {
        let mut counter = Counter::new(service);
        for trial in trials.iter().filter(|trial| trial.vendor == service.vendor) {
            counter.count(trial);
        }
        VendorCoverage { vendor: service.vendor.clone(), groups: counter.groups() }
    });
    Coverage { vendors: vendors.collect() }
}
