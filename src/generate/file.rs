//! Scenarios as a file of the scenario language.

use super::base::Base;
use super::credentials::Keys;
use super::outcome::Outcome;
use super::request::Spot;
use super::written::tree;
use crate::model::{CollectionId, Operation, Service};
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
}

impl Written {
    /// How many trials it is.
    pub(super) fn trials(&self) -> usize {
        if self.spot.is_some() { self.rows.len() } else { 1 }
    }

    fn piece(&self, service: &Service) -> Piece {
        let mut scenario = Piece::map().with("name", &self.name);
        if !self.covers.is_empty() {
            scenario.set("covers", Piece::list(self.covers.iter().map(Piece::from)));
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
        let operation = service.operations.get(self.base.sent.operation.0);
        let step = operation.map(|operation| self.step(operation)).unwrap_or_default();
        scenario.with("steps", Piece::list([step]).block()).block()
    }

    fn step(&self, operation: &Operation) -> Piece {
        let mut expect = Piece::map();
        match self.outcome.statuses.as_slice() {
            [status] => expect.set("status", *status),
            several => expect.set("status", Piece::list(several.iter().map(|one| (*one).into()))),
        }
        if let Some(body) = &self.outcome.body {
            expect.set("includes", body.clone());
        }
        if let Some(rule) = &self.outcome.rule {
            expect.set("rule", &**rule);
        }
        self.base.sent.step(operation, self.spot.as_ref()).with("expect", expect).block()
    }
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
