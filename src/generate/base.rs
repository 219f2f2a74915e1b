//! A request that an operation takes, as far as the spec tells: what has to be there, with values
//! that fit, and the rows that it asks for.

use std::sync::Arc;

use super::credentials::is_key;
use super::idempotency::keyed;
use super::request::{Part, Sent, Spot};
use super::values::Drawer;
use crate::model::verb::{Find, List};
use crate::model::{
    CollectionId, Keyword, Lookup, Operand, Operation, OperationId, Place, Rows, Schema, Service,
    Step, Tree, Verb, Word,
};
use crate::value::{Map, Value};

/// A request with what the mock holds before it.
#[derive(Debug, Clone)]
pub(super) struct Base {
    /// The request.
    pub sent: Sent,
    /// Rows in place of the fixtures.
    pub given: Vec<(CollectionId, Vec<Map>)>,
}

/// The requests to try: what has to be there, the same with rows for all that is looked up, and all
/// that may be there.
pub(super) fn candidates(service: &Service, id: OperationId, operation: &Operation) -> [Base; 3] {
    let drawn = |whole, all| drawn(service, id, operation, whole, all);
    [drawn(false, false), drawn(false, true), drawn(true, false)]
}

/// What has to be there with one value more, each of those that may be.
pub(super) fn with_one_more(candidates: &[Base], whole: &Sent) -> Vec<Base> {
    let Some(first) = candidates.first() else { return Vec::new() };
    let spots = whole.spots().into_iter().filter(|spot| spot.member_name().is_some());
    let more = spots.filter(|spot| first.sent.get(spot).is_none());
    let more = more.filter_map(|spot| Some((whole.get(&spot)?, spot)));
    more.map(|(value, spot)| Base { sent: first.sent.with(&spot, Some(value)), given: Vec::new() })
        .collect()
}

fn drawn(
    service: &Service,
    id: OperationId,
    operation: &Operation,
    whole: bool,
    all: bool,
) -> Base {
    let drawer = Drawer { service, whole };
    let mut sent = Sent::new(id);
    for parameter in &operation.parameters {
        let is_path = parameter.place == Place::Path;
        if (parameter.required || is_path || whole)
            && parameter.prefix().is_none()
            && !is_key(service, operation, &parameter.name)
            && let Some(value) = drawer.draw(&parameter.schema)
        {
            let spot = Spot::parameter(parameter.place, &parameter.name);
            sent = sent.with(&spot, Some(value));
        }
    }
    if let Some(body) = &operation.body
        && let Some(schema) = body.schema.as_ref().or(body.content.first().map(|(_, one)| one))
        && (body.required || whole)
    {
        sent.body = drawer.draw(schema);
    }
    let sent = keyed(service, &sent, 1);
    let mut wanted = Wanted { service, sent, given: Vec::new(), all };
    wanted.operation(operation);
    Base { sent: wanted.sent, given: wanted.given }
}

/// Fills in what the rows have that a request has to name.
struct Wanted<'s> {
    service: &'s Service,
    sent: Sent,
    given: Vec<(CollectionId, Vec<Map>)>,
    /// Whether rows are there too that need not be.
    all: bool,
}

impl Wanted<'_> {
    fn operation(&mut self, operation: &Operation) {
        for parameter in &operation.parameters {
            let spot = Spot::parameter(parameter.place, &parameter.name);
            self.schema(&parameter.schema, &spot);
        }
        let body = operation.body.as_ref().and_then(|body| body.schema.as_ref());
        if let Some(schema) = body {
            self.schema(schema, &Spot::body());
        }
        // Who signs shows a key of the rows that these name.
        let schemes = operation.security.iter().flat_map(|alternative| &alternative.schemes);
        for (id, _) in schemes {
            let scheme = self.service.security_schemes.get(id.0);
            if let Some(scheme) = scheme.filter(|scheme| scheme.sign.is_some()) {
                self.steps(&scheme.steps);
            }
        }
        self.steps(&operation.steps);
    }

    fn schema(&mut self, schema: &Schema, spot: &Spot) {
        if self.sent.get(spot).is_none() {
            return;
        }
        for one in &schema.constraints {
            if one.when.as_ref().is_some_and(|when| self.sent.holds(when) != Some(true)) {
                continue;
            }
            match &one.keyword {
                Keyword { word: Word::References, operand: Operand::Collection(id) } => {
                    if let Some(key) = self.key_of(*id) {
                        self.sent = self.sent.with(spot, Some(key));
                    }
                }
                Keyword { operand: Operand::Row(lookup), .. } => self.row(lookup),
                _ => {}
            }
        }
        for property in &schema.properties {
            self.schema(&property.schema, &spot.member(&property.name));
        }
        if let Some(item) = schema.item(0) {
            self.schema(item, &spot.item(0));
        }
    }

    fn key_of(&self, id: CollectionId) -> Option<Value> {
        let collection = self.service.collections.get(id.0)?;
        collection.fixtures.first()?.get(&collection.key).cloned()
    }

    fn row(&mut self, lookup: &Lookup) {
        self.look_up(lookup.collection, &lookup.access);
    }

    fn steps(&mut self, steps: &[Step]) {
        for step in steps {
            if step.when.as_ref().is_some_and(|when| self.sent.holds(when) != Some(true)) {
                continue;
            }
            match &step.verb {
                Verb::Find(Find { rows, or_else: Some(_), .. }) => self.rows(rows),
                Verb::Find(Find { rows, .. }) | Verb::List(List { rows, .. }) if self.all => {
                    self.rows(rows);
                }
                Verb::Group(group) => self.steps(&group.steps),
                _ => {}
            }
        }
    }

    fn rows(&mut self, rows: &Rows) {
        self.row(&rows.lookup);
    }

    /// The request names a row: one of the fixtures, or else one that is made for it.
    fn look_up(&mut self, id: CollectionId, fields: &[(Arc<str>, Tree)]) {
        let Some(collection) = self.service.collections.get(id.0) else { return };
        let asked: Vec<(Arc<str>, Spot)> = fields
            .iter()
            .filter_map(|(field, tree)| Some((field.clone(), place_of(tree)?)))
            .filter(|(_, spot)| self.sent.get(spot).is_some())
            .collect();
        if asked.is_empty() || self.given.iter().any(|(known, _)| *known == id) {
            return;
        }
        let fits = |row: &&Map| {
            fields.iter().all(|(field, tree)| match tree {
                Tree::Constant(value) => row.get(field).is_some_and(|held| held == value),
                _ => row.get(field).is_some_and(|held| !matches!(held, Value::Null)),
            })
        };
        if let Some(row) = collection.fixtures.iter().find(fits) {
            for (field, spot) in asked {
                let held = row.get(&field).cloned();
                self.sent = self.sent.with(&spot, held);
            }
            return;
        }
        let drawer = Drawer { service: self.service, whole: false };
        let mut row = match drawer.draw(&stored(&collection.schema)) {
            Some(Value::Map(map)) => (*map).clone(),
            _ => Map::new(),
        };
        let has = |name: &str| collection.schema.properties.iter().any(|one| *one.name == *name);
        // What the request says of a row as it is has to be so.
        if let Some(Value::Map(body)) = &self.sent.body {
            for (name, value) in body.iter().filter(|(name, _)| has(name)) {
                row.insert(name.clone(), value.clone());
            }
        }
        for (field, tree) in fields {
            if let Tree::Constant(value) = tree {
                row.insert(field.clone(), value.clone());
            }
        }
        for (field, spot) in &asked {
            if let Some(value) = self.sent.get(spot) {
                row.insert(field.clone(), value);
            }
        }
        self.given.push((id, vec![row]));
    }
}

/// The schema of a collection without what is filled in.
fn stored(schema: &Schema) -> Schema {
    let mut schema = schema.clone();
    schema.properties.retain(|one| one.schema.generate.is_none() && one.schema.default.is_none());
    schema
}

/// The value of the request that a tree is.
pub(super) fn place_of(tree: &Tree) -> Option<Spot> {
    let Tree::Expression(expression) = tree else { return None };
    let path = expression.parsed.path()?;
    let mut members = path.members.iter();
    let root = match &*path.root {
        "body" => Spot::body(),
        root => {
            let part = Part::named(root)?;
            Spot::inside_of(part, members.next()?)
        }
    };
    Some(members.fold(root, |spot, name| spot.member(name)))
}
