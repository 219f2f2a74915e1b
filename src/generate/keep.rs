//! What is sent is there afterwards: in the answer, and in what is read.
//!
//! Values are expected at members of the same name; the mock only says at which of them. What it
//! answers otherwise is not expected.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::Maker;
use super::attempt::Tried;
use super::base::Base;
use super::file::Written;
use super::gone::Gone;
use super::prepare::{Answered, named, ways};
use super::request::{Part, Sent};
use super::seen::{Seen, insertions};
use super::written::{is_mail, is_variable, tree};
use crate::clock;
use crate::model::{Operation, Route, Schema, Service, Verb};
use crate::run::event::{Stage, StepKind, StepResult, Verdict};
use crate::value::Value;
use crate::write::Piece;

impl Maker<'_> {
    /// Scenarios for the operations that create or change rows.
    pub(super) fn keep(&self, answered: &[Answered], gone: &Gone) -> Vec<Written> {
        let mut all = Vec::new();
        for seen in &gone.seen {
            let seen = &self.fullest(seen);
            let Some(operation) = self.service.operations.get(seen.sent.operation.0) else {
                continue;
            };
            let mut inserted = Vec::new();
            insertions(&operation.steps, &mut inserted);
            let updates =
                operation.steps.all().iter().any(|step| matches!(step.verb, Verb::Update(_)));
            if inserted.is_empty() && !updates {
                continue;
            }
            let name = format!("{} answers with what it is sent", seen.name);
            let own = Written::new(name, base(&seen.whole), seen.accepted.clone());
            all.extend(self.kept_in(own, seen));
            let readers = gone.seen.iter().filter(|one| is_read(self.service, &one.sent));
            for reader in readers {
                let name = format!("{} shows what {} is sent", reader.name, seen.name);
                let mut written = Written::new(name, base(&reader.sent), reader.accepted.clone());
                let found = match inserted.is_empty() {
                    false => self.of_created(&written, seen, gone),
                    true => {
                        written.before.push((seen.whole.clone(), seen.accepted.clone()));
                        self.of_changed(&written, seen, answered, gone)
                    }
                };
                if let Some(found) = found.and_then(|way| self.kept_in(way, seen)) {
                    all.push(found);
                    break;
                }
            }
        }
        all
    }

    /// The same with as much as the operation takes at once.
    fn fullest(&self, seen: &Seen) -> Seen {
        let written = |sent: &Sent| {
            let written = Written::new("takes".to_owned(), base(sent), seen.accepted.clone());
            let unique = self.uniquely(&written);
            unique.map(|one| one.base.sent).or_else(|| self.passes(&written).then(|| sent.clone()))
        };
        let mut fullest = seen.sent.clone();
        if let Some(whole) = written(&seen.whole) {
            fullest = whole;
        } else if self.passes(&Written::new(
            "takes".to_owned(),
            base(&seen.sent),
            seen.accepted.clone(),
        )) {
            for spot in seen.whole.spots() {
                let (Some(value), true) = (seen.whole.get(&spot), fullest.get(&spot).is_none())
                else {
                    continue;
                };
                if spot.member_name().is_some()
                    && let Some(more) = written(&fullest.with(&spot, Some(value)))
                {
                    fullest = more;
                }
            }
        } else {
            fullest = seen.whole.clone();
        }
        Seen {
            whole: fullest,
            name: seen.name.clone(),
            sent: seen.sent.clone(),
            accepted: seen.accepted.clone(),
        }
    }

    /// The scenario behind a step that creates the row with all that it can have.
    fn of_created(&self, written: &Written, seen: &Seen, gone: &Gone) -> Option<Written> {
        let answered = self.answered(&seen.whole, &seen.accepted)?;
        let service = self.service;
        named(service, &written.base.sent).into_iter().find_map(|(need, _)| {
            let mut ways = ways(service, written, &need, std::slice::from_ref(&answered), gone);
            ways.drain(..).find(|way| self.passes(way))
        })
    }

    /// The scenario behind a step that changes a row that was created before.
    fn of_changed(
        &self,
        written: &Written,
        seen: &Seen,
        answered: &[Answered],
        gone: &Gone,
    ) -> Option<Written> {
        let named_by_change = named(self.service, &seen.whole);
        for (need, spot) in named(self.service, &written.base.sent) {
            let same = named_by_change
                .iter()
                .find(|(one, _)| one.collection == need.collection && one.field == need.field);
            let Some((same, _)) = same else { continue };
            let mut written = written.clone();
            written.base.sent = written.base.sent.with(&spot, Some(same.value.clone()));
            let mut ways = ways(self.service, &written, same, answered, gone);
            if let Some(way) = ways.drain(..).find(|way| self.passes(way)) {
                return Some(way);
            }
        }
        None
    }

    /// The scenario with what is sent in what it expects; nothing where nothing of it is shown.
    fn kept_in(&self, mut written: Written, seen: &Seen) -> Option<Written> {
        let Tried::Ran(results) = self.bench.run(&[&written], &self.header).pop()? else {
            return None;
        };
        let result = results.first().filter(|one| one.verdict == Verdict::Passed)?;
        let asked =
            |step: &&StepResult| step.kind == StepKind::Vendor && step.stage == Stage::Steps;
        let step = result.steps.iter().rfind(asked)?;
        let body = &step.response.as_ref()?.body;
        let sent = leaves(&seen.whole);
        let mut shown: Vec<&str> = Vec::new();
        let mut outcome = written.outcome.clone();
        match serde_json::from_slice::<Json>(body) {
            Ok(Json::Object(members)) => {
                let own = outcome.body.take().filter(|_| outcome.known.is_whole());
                let mut expected = own.unwrap_or_else(Piece::map);
                for (name, value) in &sent {
                    if members.get(name).is_some_and(|held| is_same(held, value)) {
                        expected.set(&**name, expected_as(value));
                        shown.push(name);
                    }
                }
                outcome.body = Some(expected);
            }
            Ok(_) => return None,
            Err(_) => {
                let text = String::from_utf8_lossy(body);
                let mut nodes = Piece::map();
                for (name, value) in &sent {
                    let Some(said) = value.scalar_text() else { continue };
                    let opened = text.matches(&format!("<{name}>")).count();
                    let as_said = text.contains(&format!("<{name}>{said}</{name}>"));
                    let own = is_mail(&said) || is_variable(&said);
                    if opened == 1 && (own || is_plain(&said) && as_said) {
                        nodes.set(format!("//{name}"), Piece::list([tree(&Value::text(&*said))]));
                        shown.push(name);
                    }
                }
                outcome.nodes = Some(nodes);
            }
        }
        if shown.is_empty() {
            return None;
        }
        let mut statements = outcome.statements.clone();
        statements.extend(&seen.accepted.statements);
        if let Some(operation) = self.service.operations.get(seen.sent.operation.0) {
            statements
                .extend(shown.iter().flat_map(|name| of_member(self.service, operation, name)));
        }
        statements.sort_unstable();
        statements.dedup();
        let ids = statements.iter().filter_map(|at| self.service.statements.get(*at));
        written.covers = ids.map(|one| one.id.to_string()).collect();
        outcome.keeps = true;
        written.outcome = outcome;
        Some(written)
    }
}

/// A value as it is expected: a time is the same however it is written.
fn expected_as(value: &Value) -> Piece {
    if let Value::Text(text) = value
        && clock::parse_timestamp(text).is_some()
    {
        let near = Piece::map().with("near", &**text).with("within", "PT0S");
        return Piece::map().with("$time", near);
    }
    tree(value)
}

fn base(sent: &Sent) -> Base {
    Base { sent: sent.clone(), given: Vec::new() }
}

/// Whether a request reads.
fn is_read(service: &Service, sent: &Sent) -> bool {
    let operation = service.operations.get(sent.operation.0);
    let route = operation.and_then(|one| one.bindings.first()).map(|one| &one.route);
    matches!(route, Some(Route::Http { method, .. }) if *method == http::Method::GET)
}

/// The texts and numbers that are sent besides those that name the row, by their names, each of which
/// stands there once.
fn leaves(sent: &Sent) -> BTreeMap<String, Value> {
    let mut found: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for spot in sent.spots().iter().filter(|spot| spot.part != Part::Path) {
        if let (Some(name), Some(value)) = (spot.member_name(), sent.get(spot))
            && value.scalar_text().is_some()
        {
            found.entry(name.to_string()).or_default().push(value);
        }
    }
    let once = found.into_iter().filter_map(|(name, mut all)| match all.len() {
        1 => Some((name, all.pop()?)),
        _ => None,
    });
    once.collect()
}

fn is_same(held: &Json, value: &Value) -> bool {
    match (held, value) {
        (Json::String(held), Value::Text(text)) => {
            is_mail(text) || is_variable(text) || **held == **text
        }
        (Json::Bool(held), Value::Bool(value)) => held == value,
        (Json::Number(held), value) => {
            value.scalar_text().is_some_and(|text| *text == *held.to_string())
        }
        _ => false,
    }
}

/// Whether a text is written in XML as it is.
fn is_plain(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "-_.@ :".contains(c))
}

/// The statements about a member of a request.
fn of_member(service: &Service, operation: &Operation, name: &str) -> Vec<usize> {
    let body = operation.body.iter().filter_map(|body| body.schema.as_ref());
    let parameters = operation.parameters.iter();
    let own = parameters.filter(|one| *one.name == *name).map(|one| one.schema.rule);
    let rules = own.chain(body.flat_map(|schema| rules_of(schema, name)));
    let rules = rules.filter_map(|id| service.rules.get(id.0 as usize));
    rules.flat_map(|rule| rule.statements.clone()).collect()
}

fn rules_of(schema: &Schema, name: &str) -> Vec<crate::model::RuleId> {
    let mut all = Vec::new();
    for property in &schema.properties {
        if *property.name == *name {
            all.push(property.schema.rule);
        }
        let inner = property.schema.properties.iter().filter(|one| *one.name == *name);
        all.extend(inner.map(|one| one.schema.rule));
    }
    all
}
