//! Transitions: the steps of operations that change the state.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::{OperationId, RuleId, Service};

/// A step that changes rows or sends a message, as an operation reaches it. A step of shared
/// steps is one for each operation that reaches it, however many ways lead there.
#[derive(Debug, Clone)]
pub struct Transition {
    /// The operation.
    pub operation: OperationId,
    /// The step.
    pub rule: RuleId,
    /// Its name within the vendor: `lend: insert members`, `lend: add to books.tags`,
    /// `lend: send email loan`; of those that would be called the same the second ends in ` (2)`.
    pub name: Arc<str>,
}

/// All transitions of a spec, in the order in which operations come to them.
pub fn transitions(service: &Service) -> Vec<Transition> {
    let mut found = Vec::new();
    // How often each name was given.
    let mut named: HashMap<String, usize> = HashMap::new();
    for (at, operation) in service.operations.iter().enumerate() {
        let mut seen = HashSet::new();
        for step in operation.steps.all() {
            let Some(change) = step.verb.change(service) else { continue };
            if !seen.insert(step.rule) {
                continue;
            }
            let name = format!("{}: {change}", operation.id);
            let times = named.entry(name.clone()).or_default();
            *times += 1;
            let name = match *times {
                1 => name.into(),
                times => format!("{name} ({times})").into(),
            };
            found.push(Transition { operation: OperationId(at), rule: step.rule, name });
        }
    }
    found
}
