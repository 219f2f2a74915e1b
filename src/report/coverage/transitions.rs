//! Transitions: what trials did to the state, as far as the mock told.

use std::sync::Arc;

use super::Item;
use crate::model::{Service, Transition, transitions};
use crate::run::event::{Transitions, TrialResult, Verdict};

/// Trials of which nobody knows what they exercised.
#[derive(Debug, Clone)]
pub struct NotSeen {
    /// How many there are.
    pub trials: usize,
    /// Whether there are no others, so that nothing is known at all.
    pub all: bool,
    /// Why, of the first one.
    pub reason: Arc<str>,
}

/// The transitions of a spec.
pub(super) fn items(service: &Service) -> Vec<Item> {
    transitions(service).iter().map(|transition| item(service, transition)).collect()
}

fn item(service: &Service, transition: &Transition) -> Item {
    let rule = service.rules.get(transition.rule.0 as usize);
    let statements = rule.map(|rule| &*rule.statements).unwrap_or_default();
    let statements = statements.iter().filter_map(|at| service.statements.get(*at));
    let says: Vec<String> = statements.map(|one| format!("{}: {}", one.id, one.says)).collect();
    Item {
        name: transition.name.clone(),
        says: (!says.is_empty()).then(|| says.join("; ").into()),
        span: rule.map(|rule| rule.span.clone()),
        seen: Vec::new(),
    }
}

/// What a trial that ran says of transitions: their names, or why nothing is known.
pub(super) fn told(trial: &TrialResult) -> Option<Result<&[Arc<str>], Arc<str>>> {
    match &trial.transitions {
        Transitions::Seen(names) => Some(Ok(names)),
        Transitions::NotSeen(reason) => Some(Err(reason.clone())),
        Transitions::NotAsked if trial.verdict == Verdict::Skipped => None,
        Transitions::NotAsked => Some(Err("the mock was not asked".into())),
    }
}
