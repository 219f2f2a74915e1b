//! Transitions: the steps of operations that change the state.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::{CollectionId, ListChange, OperationId, RuleId, Service, Step, Text, TextPart, Verb};

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
    let mut walk = Walk { service, found: Vec::new(), seen: HashSet::new(), named: HashMap::new() };
    for (at, operation) in service.operations.iter().enumerate() {
        walk.steps(OperationId(at), &operation.id, &operation.steps);
    }
    walk.found
}

struct Walk<'s> {
    service: &'s Service,
    found: Vec<Transition>,
    seen: HashSet<(OperationId, RuleId)>,
    /// How often each name was given.
    named: HashMap<String, usize>,
}

impl Walk<'_> {
    fn steps(&mut self, operation: OperationId, id: &str, steps: &[Step]) {
        for step in steps {
            match &step.verb {
                Verb::ForEach { steps, .. } => self.steps(operation, id, steps),
                Verb::Group(steps) | Verb::After(steps) => self.steps(operation, id, steps),
                verb => {
                    if let Some(change) = self.change(verb)
                        && self.seen.insert((operation, step.rule))
                    {
                        let name = self.name(format!("{id}: {change}"));
                        self.found.push(Transition { operation, rule: step.rule, name });
                    }
                }
            }
        }
    }

    /// What a verb does to the state, in a few words; nothing for one that only looks.
    fn change(&self, verb: &Verb) -> Option<String> {
        Some(match verb {
            Verb::Insert { collection, .. } => format!("insert {}", self.collection(*collection)),
            Verb::Update { collection, .. } => format!("update {}", self.collection(*collection)),
            Verb::Delete { collection, .. } => format!("delete {}", self.collection(*collection)),
            Verb::Change { change, collection, field, .. } => {
                let verb = match change {
                    ListChange::Add => "add to",
                    ListChange::Remove => "remove from",
                    ListChange::Replace => "replace",
                };
                format!("{verb} {}.{field}", self.collection(*collection))
            }
            Verb::Send { channel, name, .. } => {
                let mut words = vec!["send"];
                words.extend(constant(channel));
                words.extend(constant(name));
                words.join(" ")
            }
            Verb::Schedule { operation, .. } => {
                let operation = self.service.operations.get(operation.0);
                format!("schedule {}", operation.map_or("", |operation| &*operation.id))
            }
            Verb::Let(_)
            | Verb::Find { .. }
            | Verb::List { .. }
            | Verb::Validate { .. }
            | Verb::ForEach { .. }
            | Verb::Reject(_)
            | Verb::Respond { .. }
            | Verb::Precondition(_)
            | Verb::Note(_)
            | Verb::Group(_)
            | Verb::After(_) => return None,
        })
    }

    fn collection(&self, id: CollectionId) -> &str {
        self.service.collections.get(id.0).map_or("", |collection| &collection.name)
    }

    fn name(&mut self, name: String) -> Arc<str> {
        let times = self.named.entry(name.clone()).or_default();
        *times += 1;
        match *times {
            1 => name.into(),
            times => format!("{name} ({times})").into(),
        }
    }
}

/// A text that is always the same.
fn constant(text: &Text) -> Option<&str> {
    match text.parts.as_slice() {
        [TextPart::Literal(literal)] => Some(literal),
        _ => None,
    }
}
