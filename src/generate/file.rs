//! Scenarios as a file of the scenario language.

use super::base::Base;
use super::created::{Created, is_delete};
use super::credentials::Keys;
use super::idempotency::keyed;
use super::known::{Known, backing};
use super::outcome::Outcome;
use super::request::{Sent, Spot};
use super::written::tree;
use crate::model::{CollectionId, Evidence, Service};
use crate::value::{Map, Value};
use crate::write::{self, Piece};

/// What stands above all scenarios.
#[derive(Debug, Clone)]
pub(super) struct Header {
    /// The vendor.
    pub vendor: String,
    /// What calls show, unless they say otherwise.
    pub keys: Keys,
}

/// A row: a value, and what it is called where the value does not say it.
#[derive(Debug, Clone)]
pub(super) struct RowValue {
    pub value: Value,
    pub name: Option<String>,
}

/// A scenario that is to be written.
#[derive(Debug, Clone)]
pub(super) struct Written {
    /// Its name.
    pub name: String,
    /// Ids of the statements that it proves.
    pub covers: Vec<String>,
    /// The request, and what the mock holds before it.
    pub base: Base,
    /// The place whose values the rows hold; none: there are no rows.
    pub spot: Option<Spot>,
    /// The rows.
    pub rows: Vec<RowValue>,
    /// What has to come back.
    pub outcome: Outcome,
    /// What is called before, with what comes of it.
    pub before: Vec<(Sent, Outcome)>,
    /// What the mock holds in the end: a collection, and a part of one of its rows.
    pub held: Option<(CollectionId, Map)>,
    /// A request that is not a call, in place of one.
    pub raw: Option<Piece>,
    /// What its steps create and the end of it deletes.
    pub created: Vec<Created>,
    /// Whether it reaches no operation.
    pub nowhere: bool,
    /// Whether no vendor is asked for it, since it deletes what it did not create.
    pub mock_only: bool,
}

impl Written {
    /// One call, with what comes of it.
    pub(super) fn new(name: String, base: Base, outcome: Outcome) -> Self {
        Self {
            name,
            covers: Vec::new(),
            base,
            spot: None,
            rows: Vec::new(),
            outcome,
            before: Vec::new(),
            held: None,
            raw: None,
            created: Vec::new(),
            nowhere: false,
            mock_only: false,
        }
    }

    /// How many trials it is.
    pub(super) fn trials(&self) -> usize {
        if self.spot.is_some() { self.rows.len() } else { 1 }
    }

    /// Whether it deletes something, for which a real vendor has to be asked.
    fn deletes(&self, service: &Service) -> bool {
        let own = match &self.raw {
            Some(raw) => raw.get("method") == Some(&Piece::from("DELETE")),
            None => is_delete(service, &self.base.sent),
        };
        let before = self.before.iter().map(|(sent, _)| sent);
        let ends = self.created.iter().filter_map(|created| created.end.as_ref());
        let mut others = before.chain(ends.map(|(sent, _)| sent));
        own || others.any(|sent| is_delete(service, sent))
    }

    /// What is known only from clients or recordings, and what nobody knows.
    fn tags(&self, service: &Service) -> Vec<&'static str> {
        let called = self.before.iter().map(|(sent, _)| sent);
        let own = Some(&self.base.sent).filter(|_| !self.nowhere);
        let operations =
            called.chain(own).filter_map(|sent| service.operations.get(sent.operation.0));
        let mut all: Vec<Evidence> =
            operations.map(|operation| backing(service, operation)).collect();
        let outcomes = self.before.iter().map(|(_, outcome)| outcome).chain([&self.outcome]);
        let is_assumed = outcomes.into_iter().any(|outcome| outcome.known == Known::Nothing);
        all.extend(is_assumed.then_some(Evidence::Assumed));
        let tags = [Evidence::Recorded, Evidence::Client, Evidence::Assumed];
        tags.into_iter().filter(|tag| all.contains(tag)).map(Evidence::name).collect()
    }

    fn piece(&self, service: &Service) -> Piece {
        let mut scenario = Piece::map().with("name", &self.name);
        if !self.covers.is_empty() {
            scenario.set("covers", Piece::list(self.covers.iter().map(Piece::from)));
        }
        let tags = self.tags(service);
        if !tags.is_empty() {
            scenario.set("tags", Piece::list(tags.into_iter().map(Piece::from)));
        }
        if self.deletes(service) {
            scenario.set("destructive", "allowed");
        }
        if self.mock_only {
            scenario.set("requires", "mock");
        }
        let given = given(service, &self.base.given);
        if !given.is_empty() {
            scenario.set("given", given);
        }
        if self.spot.is_some() {
            let rows = self.rows.iter().map(|row| {
                let piece = Piece::map().with("value", tree(&row.value));
                piece.with_some("row", row.name.as_ref())
            });
            scenario.set("rows", Piece::list(rows).block());
        }
        // The last request has the first key.
        let before =
            self.before.iter().zip(2..).map(|((sent, outcome), at)| {
                step(service, &keyed(service, sent, at), None, outcome)
            });
        let own = match &self.raw {
            Some(raw) => expecting(Piece::map().with("request", raw.clone()), &self.outcome),
            None => step(service, &self.base.sent, self.spot.as_ref(), &self.outcome),
        };
        let held = self.held.as_ref().and_then(|(id, row)| held(service, *id, row));
        let mut steps: Vec<Piece> = before.chain([own]).collect();
        for created in &self.created {
            let Some(step) = steps.get_mut(created.step) else { continue };
            if created.name.is_empty() {
                continue;
            }
            step.set("capture", Piece::map().with(&*created.name, &*created.path));
        }
        steps.extend(held);
        scenario.set("steps", Piece::list(steps).block());
        // What was created last may hang on what was created first.
        let ends = self.created.iter().rev().filter_map(|created| created.end.as_ref());
        let ends = ends.map(|(sent, outcome)| step(service, sent, None, outcome));
        let ends: Vec<Piece> = ends.collect();
        if !ends.is_empty() {
            scenario.set("finally", Piece::list(ends).block());
        }
        scenario.block()
    }
}

fn step(service: &Service, sent: &Sent, hole: Option<&Spot>, outcome: &Outcome) -> Piece {
    let Some(operation) = service.operations.get(sent.operation.0) else { return Piece::map() };
    expecting(sent.step(operation, hole), outcome)
}

/// The step with what has to come back.
fn expecting(step: Piece, outcome: &Outcome) -> Piece {
    let mut expect = Piece::map();
    match outcome.statuses.as_slice() {
        [status, ..] if outcome.known == Known::Class => {
            expect.set("status", format!("{}xx", status / 100));
        }
        [status] => expect.set("status", *status),
        several => expect.set("status", Piece::list(several.iter().map(|one| (*one).into()))),
    }
    if let Some(body) = outcome.body.as_ref().filter(|_| outcome.known.is_whole() || outcome.keeps)
    {
        expect.set("includes", body.clone());
    }
    if let Some(text) = outcome.text.as_ref().filter(|_| outcome.known.is_whole()) {
        expect.set("text", text.clone());
    }
    if let Some(nodes) = &outcome.nodes {
        expect.set("nodes", nodes.clone());
    }
    if let Some(rule) = &outcome.rule {
        expect.set("rule", &**rule);
    }
    step.with("expect", expect).block()
}

/// The step that looks whether a collection has such a row.
fn held(service: &Service, id: CollectionId, row: &Map) -> Option<Piece> {
    let collection = service.collections.get(id.0)?;
    let row = Piece::map().with("$includes", tree(&Value::map(row.clone())));
    let body = Piece::map().with("$contains", row);
    let expect = Piece::map().with("status", 200).with("body", body);
    Some(Piece::map().with("state", &*collection.name).with("expect", expect).block())
}

fn given(service: &Service, given: &[(CollectionId, Vec<Map>)]) -> Piece {
    let mut piece = Piece::map();
    for (id, rows) in given {
        let Some(collection) = service.collections.get(id.0) else { continue };
        let rows = rows.iter().map(|row| tree(&Value::map(row.clone())));
        piece.set(&*collection.name, Piece::list(rows));
    }
    piece
}

/// The text of a file.
pub(super) fn document(
    service: &Service,
    header: &Header,
    all: &[Written],
    comment: &[String],
) -> String {
    let mut piece = Piece::map().with("counterpart", 1).with("vendor", &header.vendor);
    piece.set("tags", Piece::list([Piece::from("generated")]));
    if !header.keys.is_empty() {
        let mut keys = Piece::map();
        header.keys.iter().for_each(|(scheme, key)| keys.set(&**scheme, tree(key)));
        piece.set("authenticate", keys);
    }
    let scenarios = all.iter().map(|one| one.piece(service));
    piece.set("scenarios", Piece::list(scenarios).block());
    write::document(&piece.block(), comment)
}
