//! How recorded answers differ from a spec.

use std::collections::HashMap;

use super::Recorded;
use super::keys::keys;
use super::secrets::is_secret;
use crate::diagnostic::Diagnostic;
use crate::model::{Operation, Service, difference_id};
use crate::proxy::{Answered, Exchange, Kept};
use crate::run::against::{Against, against, take_known};
use crate::run::client::{Request, Response};
use crate::run::event::{KnownDifference, Mismatch, StepKind, StepResult, Verdict};
use crate::run::mask::Mask;
use crate::run::url;
use crate::value::Value;

/// Each way in which exchanges differ from a spec.
#[derive(Debug, Default)]
pub struct Differences {
    /// Once each.
    found: Vec<Found>,
    known: HashMap<String, usize>,
    /// The answers that differ, as steps of a run.
    steps: Vec<StepResult>,
}

/// One way in which exchanges differ.
#[derive(Debug)]
struct Found {
    diagnostic: Diagnostic,
    /// How often it was so.
    times: usize,
    /// What `bless` knows it by: an id for each value that came.
    ids: Vec<String>,
}

impl Differences {
    /// Holds an exchange against the spec; gives the operation, with the position of its binding,
    /// where there is one.
    pub(super) fn look<'s>(
        &mut self,
        service: &'s Service,
        exchange: &Exchange,
        answered: &Answered,
        recorded: &mut Recorded,
        what: &str,
    ) -> Option<(&'s Operation, usize)> {
        let url = url::parse(&recorded.host).ok()?;
        let request = Request {
            origin: url.origin,
            method: exchange.method.clone(),
            target: recorded.path.clone(),
            headers: exchange.headers.clone(),
            body: exchange.body.to_vec(),
            takes_cookies: false,
        };
        let body = match &answered.body {
            Kept::Whole(bytes) => bytes.clone(),
            // What is not known is not held against anything.
            Kept::Left(_) => Vec::new(),
        };
        let response = Response {
            status: answered.status,
            headers: answered.headers.clone(),
            body,
            duration: exchange.duration,
            has_more: false,
            certificate: None,
        };
        let found = against(service, &request, &response);
        recorded.keys = keys(service, found.operation, recorded);
        if !found.known {
            let vendor = &service.vendor;
            let message = format!("the spec of {vendor} has no operation for {what}");
            recorded.undocumented = Some("the spec has no operation for it".to_owned());
            self.add(Diagnostic::without_place("unknown-operation", message), None);
            return None;
        }
        recorded.name = found.operation.map(|operation| operation.id.to_string());
        let looked = matches!(answered.body, Kept::Whole(_));
        let place = (found.operation, found.binding);
        self.compare(service, found, looked, recorded, what);
        place.0.zip(place.1)
    }

    /// Notes what is otherwise than the spec says.
    fn compare(
        &mut self,
        service: &Service,
        found: Against<'_>,
        looked: bool,
        recorded: &mut Recorded,
        what: &str,
    ) {
        let Against { operation, differences, unknown, .. } = found;
        let of = recorded.name.clone().unwrap_or_else(|| what.to_owned());
        let mask = secrets(recorded);
        let mut mismatches = differences;
        mismatches.retain(|one| looked || one.path == "status");
        let mut known = match operation {
            Some(operation) => {
                take_known(&mut mismatches, &service.deviations, &operation.id, &mask)
            }
            None => Vec::new(),
        };
        for mismatch in &mut mismatches {
            mask.mismatch(mismatch);
        }
        for difference in &mismatches {
            recorded.undocumented.get_or_insert_with(|| difference.message.clone());
            let Mismatch { path, expected, actual, .. } = difference;
            let id = operation.map(|it| difference_id(&it.id, path, expected, actual));
            let message = format!("{of}: {}", difference.message);
            let label = format!("expected {expected}, came {actual}");
            let told = Diagnostic::error("differs-from-spec", message, &difference.span, label);
            self.add(told, id);
        }
        for one in &mut known {
            mask.mismatch(&mut one.mismatch);
        }
        for known in &known {
            let message = format!("{of}: {}", known.sentence());
            let label = "known of, in `deviations`";
            let told = Diagnostic::error("known-deviation", message, &known.mismatch.span, label);
            self.add(told, None);
        }
        for name in unknown {
            let Some(operation) = operation else { continue };
            let message =
                format!("{of} was asked with `{name}` in the query, which it does not have");
            let label = format!("no parameter `{name}`");
            let told = Diagnostic::error("unknown-parameter", message, &operation.span, label);
            self.add(told, None);
        }
        if let Some(operation) = operation
            && !(mismatches.is_empty() && known.is_empty())
        {
            self.steps.push(step(operation, mismatches, known));
        }
    }

    fn add(&mut self, diagnostic: Diagnostic, id: Option<String>) {
        let known = self.known.get(&diagnostic.message).copied();
        match known.and_then(|at| self.found.get_mut(at)) {
            Some(found) => {
                found.times += 1;
                found.ids.extend(id.filter(|id| !found.ids.contains(id)));
            }
            None => {
                self.known.insert(diagnostic.message.clone(), self.found.len());
                let (diagnostic, ids) = (diagnostic.warning(), id.into_iter().collect());
                self.found.push(Found { diagnostic, times: 1, ids });
            }
        }
    }

    /// Each way once, and the answers that differ.
    pub fn list(self) -> (Vec<Diagnostic>, Vec<StepResult>) {
        let told = |Found { mut diagnostic, times, ids }: Found| {
            if times > 1 {
                diagnostic = diagnostic.help(format!("it was so {times} times"));
            }
            match ids.is_empty() {
                true => diagnostic,
                false => diagnostic.help(format!("for `bless`: {}", ids.join(" "))),
            }
        };
        (self.found.into_iter().map(told).collect(), self.steps)
    }
}

/// An answer that differs, as the step of a run that found it.
fn step(
    operation: &Operation,
    mismatches: Vec<Mismatch>,
    known: Vec<KnownDifference>,
) -> StepResult {
    StepResult {
        verdict: if mismatches.is_empty() { Verdict::Passed } else { Verdict::Failed },
        expects: true,
        operation: Some(operation.id.clone()),
        mismatches,
        known,
        ..StepResult::new(StepKind::Vendor, operation.id.to_string(), operation.span.clone())
    }
}

/// The secrets of an exchange, by their names.
fn secrets(recorded: &Recorded) -> Mask {
    let mut mask = super::secrets::all(std::slice::from_ref(recorded));
    for (name, value) in recorded.headers.iter().chain(&recorded.answer_headers) {
        if is_secret(name) {
            let credentials =
                value.split_once(' ').map_or(&**value, |(_, credentials)| credentials);
            mask.add(credentials, name);
        }
    }
    for key in &recorded.keys {
        mask.add(&key.value, &key.name);
    }
    if let Some(tree) = recorded.answer.as_ref().and_then(|said| said.tree.as_ref()) {
        named(tree, &mut mask);
    }
    mask
}

fn named(value: &Value, mask: &mut Mask) {
    match value {
        Value::List(items) => items.iter().for_each(|item| named(item, mask)),
        Value::Map(map) => {
            for (name, value) in map.iter() {
                match value {
                    Value::Text(text) if is_secret(name) => mask.add(text, name),
                    value => named(value, mask),
                }
            }
        }
        _ => {}
    }
}
