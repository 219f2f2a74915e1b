//! What comes of a request by what the mock holds: rows that are not there, values that are taken,
//! what was done already, and what is filled in.

use std::sync::Arc;

use super::base::{Base, place_of};
use super::cases::Cases;
use super::file::Written;
use super::outcome::Outcome;
use super::request::{Into, Part, Sent, Spot};
use super::values::{Drawer, nobody};
use crate::model::verb::{Delete, Find, Insert};
use crate::model::{
    CollectionId, ErrorId, Failure, Operation, Rejection, Rows, RuleId, Schema, Step, Tree, Unique,
    Verb,
};
use crate::value::Map;

impl Cases<'_> {
    /// All of it, for the steps that are known to be done.
    pub(super) fn state(&mut self) {
        let Some(accepted) = self.accepted.clone().filter(|outcome| !outcome.refused) else {
            return;
        };
        let mut done = Vec::new();
        let sent = self.base.sent.clone();
        done_steps(&self.reached.operation.steps, &sent, &mut done);
        let conditional = count(&self.reached.operation.steps) - done.len();
        for _ in 0..conditional {
            self.left.one("steps that are done on a condition of the state");
        }
        for step in &done {
            match &step.verb {
                Verb::Find(Find { rows, or_else: Some(rejection), .. }) => {
                    self.not_found(step.rule, rows, rejection);
                }
                Verb::Insert(Insert { collection, values, on_conflict, .. }) => {
                    self.conflicts(*collection, values, *on_conflict, &accepted);
                    self.defaults(*collection, values, &accepted);
                }
                Verb::Delete(Delete { collection, .. }) => {
                    self.deleted(step.rule, *collection, &done, &accepted);
                }
                _ => {}
            }
        }
    }

    /// A row that has to be there is not.
    fn not_found(&mut self, rule: RuleId, rows: &Rows, rejection: &Rejection) {
        let operation = self.reached.operation;
        let places =
            rows.lookup.access.iter().filter_map(|(field, tree)| Some((field, place_of(tree)?)));
        let mut places = places.filter(|(_, spot)| self.base.sent.get(spot).is_some());
        let found = places.find_map(|(field, spot)| {
            let schema = schema_at(operation, &spot)?;
            let value = nobody(self.reached.service, rows.collection(), field, schema)?;
            Some((spot, value))
        });
        drop(places);
        let Some((spot, value)) = found else {
            return self
                .left
                .one("rows that have to be there: no request is known that names none");
        };
        match self.reached.rejected(rule, rejection.error, rejection.message.as_ref()) {
            Ok(outcome) => {
                let name = format!("{} does not find an unknown {}", self.name, spot.name());
                let base =
                    Base { sent: self.base.sent.with(&spot, Some(value)), ..self.base.clone() };
                self.add(Written::new(name, base, outcome), &[rule]);
            }
            Err(why) => self.left.one(format!("rows that have to be there: {why}")),
        }
    }

    /// What another row has already.
    fn conflicts(
        &mut self,
        id: CollectionId,
        values: &Tree,
        instead: Option<ErrorId>,
        accepted: &Outcome,
    ) {
        let Some(collection) = self.reached.service.collections.get(id.0) else { return };
        for unique in &collection.unique {
            let Some(base) = self.with_fields(unique, values) else {
                self.left.one("unique fields that no request is known to set");
                continue;
            };
            let error = instead.or(unique.error);
            let Some(error) = error else {
                match self.reached.failed(Failure::Unique) {
                    Ok(outcome) => self.taken(unique, base, accepted, outcome),
                    Err(why) => self.left.one(format!("unique fields: {why}")),
                }
                continue;
            };
            match self.reached.rejected(unique.rule, error, None) {
                Ok(outcome) => self.taken(unique, base, accepted, outcome),
                Err(why) => self.left.one(format!("unique fields: {why}")),
            }
        }
    }

    fn taken(&mut self, unique: &Unique, base: Base, accepted: &Outcome, outcome: Outcome) {
        let fields: Vec<&str> = unique.fields.iter().map(|field| &**field).collect();
        let name = format!("{} refuses the same {} again", self.name, fields.join(" and "));
        let mut written = Written::new(name, base, outcome);
        written.before.push((written.base.sent.clone(), accepted.clone()));
        self.add(written, &[unique.rule]);
    }

    /// The request with values for the fields.
    fn with_fields(&self, unique: &Unique, values: &Tree) -> Option<Base> {
        let drawer = Drawer { service: self.reached.service, whole: false };
        let mut base = self.base.clone();
        for field in &unique.fields {
            let spot = source_of(values, field)?;
            let schema = schema_at(self.reached.operation, &spot)?;
            let held = base.sent.get(&spot).filter(|value| !value.is_empty());
            let value = held.or_else(|| drawer.draw(schema))?;
            base.sent = base.sent.with(&spot, Some(value));
        }
        Some(base)
    }

    /// What is filled in where nothing is sent.
    fn defaults(&mut self, id: CollectionId, values: &Tree, accepted: &Outcome) {
        let Some(collection) = self.reached.service.collections.get(id.0) else { return };
        for field in &collection.schema.properties {
            let spot = source_of(values, &field.name);
            if spot.as_ref().is_some_and(|spot| is_required(self.reached.operation, spot)) {
                continue;
            }
            let schema = spot.as_ref().and_then(|spot| schema_at(self.reached.operation, spot));
            let own = field.schema.default.as_ref();
            let Some(default) = schema.and_then(|schema| schema.default.as_ref()).or(own) else {
                continue;
            };
            let mut base = self.base.clone();
            if let Some(spot) = &spot {
                base.sent = base.sent.with(spot, None);
            }
            let name = format!("{} fills in {} where it is left out", self.name, field.name);
            let mut written = Written::new(name, base, accepted.clone());
            written.outcome.statements.clear();
            let row = [(field.name.clone(), default.clone())].into_iter().collect::<Map>();
            written.held = Some((id, row));
            let rules = [schema.map_or(field.schema.rule, |schema| schema.rule), field.schema.rule];
            self.add(written, &rules);
        }
    }

    /// What is gone is not found again.
    fn deleted(&mut self, by: RuleId, id: CollectionId, done: &[&Step], accepted: &Outcome) {
        let again = done.iter().find_map(|step| match &step.verb {
            Verb::Find(Find { rows, or_else: Some(rejection), .. }) if rows.collection() == id => {
                Some((step.rule, rejection))
            }
            _ => None,
        });
        let Some((rule, rejection)) = again else {
            return self.left.one("what is deleted twice: no step says what comes of it");
        };
        match self.reached.rejected(rule, rejection.error, rejection.message.as_ref()) {
            Ok(outcome) => {
                let name = format!("{} does not find what it has deleted", self.name);
                let mut written = Written::new(name, self.base.clone(), outcome);
                written.before.push((written.base.sent.clone(), accepted.clone()));
                self.add(written, &[rule, by]);
            }
            Err(why) => self.left.one(format!("what is deleted twice: {why}")),
        }
    }
}

/// The steps that are done for a request, as far as the request alone tells.
pub(super) fn done_steps<'s>(steps: &'s [Step], sent: &Sent, found: &mut Vec<&'s Step>) {
    for step in steps {
        if step.when.as_ref().is_some_and(|when| sent.holds(when) != Some(true)) {
            continue;
        }
        match &step.verb {
            Verb::Group(group) => done_steps(&group.steps, sent, found),
            _ => found.push(step),
        }
    }
}

fn count(steps: &[Step]) -> usize {
    let counts = steps.iter().map(|step| match &step.verb {
        Verb::Group(group) => count(&group.steps),
        _ => 1,
    });
    counts.sum()
}

/// The place of a request that a field of a row comes from.
fn source_of(values: &Tree, field: &Arc<str>) -> Option<Spot> {
    match values {
        Tree::Map(members) => {
            let (_, tree) = members.iter().find(|(name, _)| name == field)?;
            place_of(tree)
        }
        // The body, or what is left of it.
        Tree::Expression(expression) => {
            let mut references = expression.parsed.references().iter();
            let body = references.find(|one| *one.root == *"body" && one.members.is_empty())?;
            let part = Part::named(&body.root)?;
            Some(Spot::inside_of(part, field))
        }
        _ => None,
    }
}

/// What a place of a request may hold.
fn schema_at<'o>(operation: &'o Operation, spot: &Spot) -> Option<&'o Schema> {
    let mut path = spot.path.iter();
    let mut schema = if spot.part == Part::Body {
        operation.body.as_ref()?.schema.as_ref()?
    } else {
        let Into::Member(name) = path.next()? else { return None };
        let mut parameters = operation.parameters.iter();
        &parameters.find(|one| one.name == *name && Part::of(one.place) == spot.part)?.schema
    };
    for step in path {
        schema = match step {
            Into::Member(name) => &schema.properties.iter().find(|one| one.name == *name)?.schema,
            Into::Item(at) => schema.item(*at)?,
        };
    }
    Some(schema)
}

/// Whether a parameter, or a member of the body, has to be there.
fn is_required(operation: &Operation, spot: &Spot) -> bool {
    let [Into::Member(name)] = spot.path.as_slice() else { return true };
    if spot.part != Part::Body {
        let mut parameters = operation.parameters.iter();
        let parameter =
            parameters.find(|one| one.name == *name && Part::of(one.place) == spot.part);
        return parameter.is_none_or(|one| one.required);
    }
    let body = operation.body.as_ref().and_then(|body| body.schema.as_ref());
    let mut properties = body.iter().flat_map(|schema| &schema.properties);
    properties.any(|one| one.name == *name && one.required)
}
