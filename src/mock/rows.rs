//! Finding rows, and filling in what a new or changed one needs.

use std::ops::ControlFlow;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;

use super::coerce::{Typing, coerce};
use super::manner::Manner;
use super::refusal::{Halt, Refusal, Violation};
use crate::clock;
use crate::model::{CollectionId, Encoding, ErrorId, Failure, Type, Word};
use crate::plan::Plan;
use crate::plan::names::Slot;
use crate::plan::schema::Schema;
use crate::plan::state::{Collection, Generator};
use crate::plan::value::{Access, EvaluationError, Lookup, Scope, Tree};
use crate::random::{Random, encode_alphanumeric, encode_base64url, encode_hex, uuid};
use crate::state::{Conflict, Transaction, View};
use crate::value::{Map, Record, Value};

/// The first row that a look-up finds.
pub(super) fn find(
    transaction: &dyn View,
    lookup: &Lookup,
    scope: &mut Scope,
) -> Result<Option<Arc<Record>>, EvaluationError> {
    let collection = lookup.collection.0;
    Ok(match &lookup.access {
        Access::Key(tree) => match tree.value(scope)?.filter(|key| !key.is_empty()) {
            Some(key) => transaction.get(collection, &key),
            None => None,
        },
        Access::Index(index, trees) => match values(trees, scope)? {
            Some(values) => transaction.first(collection, *index, &values),
            None => None,
        },
        Access::All => {
            let mut first = None;
            transaction.for_each(collection, &mut |row| {
                first = Some(row.clone());
                ControlFlow::Break(())
            });
            first
        }
    })
}

/// The rows that a look-up finds, in order of insertion, at most so many.
pub(super) fn list(
    transaction: &dyn View,
    lookup: &Lookup,
    most: usize,
    scope: &mut Scope,
) -> Result<Vec<Arc<Record>>, EvaluationError> {
    let collection = lookup.collection.0;
    Ok(match &lookup.access {
        Access::Key(_) => find(transaction, lookup, scope)?.into_iter().collect(),
        Access::Index(index, trees) => match values(trees, scope)? {
            Some(values) => transaction.lookup_some(collection, *index, &values, most),
            None => Vec::new(),
        },
        Access::All => {
            let mut rows = Vec::with_capacity(transaction.len(collection).min(most));
            transaction.for_each(collection, &mut |row| {
                if rows.len() >= most {
                    return ControlFlow::Break(());
                }
                rows.push(row.clone());
                ControlFlow::Continue(())
            });
            rows
        }
    })
}

/// A value as one of the types: what spells a number is one, and a number may stand as text. One
/// that is of none of them stays.
fn of_type(value: Value, types: &[Type]) -> Value {
    match coerce(&value, types, false, Typing::Lenient) {
        Some(value) => value,
        None if types.contains(&Type::String) => value.scalar_text().map_or(value, Value::Text),
        None => value,
    }
}

/// `None` when one of them is absent: nothing can be equal to it.
fn values(trees: &[Tree], scope: &mut Scope) -> Result<Option<Vec<Value>>, EvaluationError> {
    let mut values = Vec::with_capacity(trees.len());
    for tree in trees {
        match tree.value(scope)? {
            Some(value) => values.push(value),
            None => return Ok(None),
        }
    }
    Ok(Some(values))
}

/// What writing rows needs.
pub struct Writer<'p, 'r> {
    /// The vendor.
    pub plan: &'p Plan,
    /// The state.
    pub transaction: &'r mut dyn Transaction,
    /// The variables; `row` is set where a generator looks at it.
    pub scope: &'r mut Scope,
    /// Where random values come from.
    pub random: &'r mut Random,
    /// The clock's time.
    pub now: Timestamp,
    /// The time as it was written last, with its pattern; most fields of a row have the same.
    written: Option<(&'p str, Arc<str>)>,
}

impl<'p, 'r> Writer<'p, 'r> {
    /// Writes into a transaction.
    pub(super) fn new(
        plan: &'p Plan,
        transaction: &'r mut dyn Transaction,
        scope: &'r mut Scope,
        random: &'r mut Random,
        now: Timestamp,
    ) -> Self {
        Self { plan, transaction, scope, random, now, written: None }
    }

    /// Adds a row of those members: with defaults and generated values for what is absent, if it
    /// keeps the collection's constraints.
    pub fn insert(
        &mut self,
        id: CollectionId,
        members: &Value,
        on_conflict: Option<ErrorId>,
    ) -> Result<Arc<Record>, Halt<'p>> {
        let Some(collection) = self.plan.collections.get(id.0) else { return Ok(empty()) };
        let mut record = Record::new(collection.shape.clone());
        record.set_all(members.members().into_iter().flatten());
        set_defaults(&mut record, collection);
        for (slot, generator) in &collection.generators {
            match (record.slot(*slot), generator) {
                (None, _) => {
                    let value = self.generate(collection, *slot, generator, &record)?;
                    record.set_slot(*slot, Some(value));
                }
                // A row that brings its own number must not be met again by the sequence.
                (Some(given), Generator::Sequence(sequence)) => {
                    if let Some(used) = given.to_i64() {
                        self.transaction.raise(*sequence, used);
                    }
                }
                (Some(_), _) => {}
            }
        }
        self.references(collection, &record, None, on_conflict)?;
        self.transaction
            .insert(id.0, record)
            .map_err(|conflict| Self::conflict(collection, conflict, None, on_conflict))
    }

    /// Changes a row to hold those members too.
    pub(super) fn update(
        &mut self,
        id: CollectionId,
        old: &Arc<Record>,
        members: &Value,
        manner: Manner<'_>,
        on_conflict: Option<ErrorId>,
    ) -> Result<Arc<Record>, Halt<'p>> {
        let Some(collection) = self.plan.collections.get(id.0) else { return Ok(old.clone()) };
        let mut record = Record::clone(old);
        manner.put(&mut record, members, collection);
        fill_members(&mut record, collection);
        for (slot, generator) in &collection.generators {
            if generator.on_write() {
                let value = self.generate(collection, *slot, generator, &record)?;
                record.set_slot(*slot, Some(value));
            }
        }
        self.references(collection, &record, Some(old), on_conflict)?;
        let key = old.get(&collection.key).cloned().unwrap_or_default();
        self.transaction
            .replace(id.0, &key, record)
            .map_err(|conflict| Self::conflict(collection, conflict, Some(old), on_conflict))
    }

    /// Makes a row those members and nothing else, but for generated values that are not among
    /// them: those stay, unless they are made anew with every write.
    pub fn replace(
        &mut self,
        id: CollectionId,
        old: &Arc<Record>,
        members: &Value,
    ) -> Result<Arc<Record>, Halt<'p>> {
        let Some(collection) = self.plan.collections.get(id.0) else { return Ok(old.clone()) };
        let mut record = Record::new(collection.shape.clone());
        record.set_all(members.members().into_iter().flatten());
        set_defaults(&mut record, collection);
        for (slot, generator) in &collection.generators {
            if record.slot(*slot).is_some() {
                continue;
            }
            let kept = old.slot(*slot).filter(|_| !generator.on_write()).cloned();
            let value = match kept {
                Some(value) => value,
                None => self.generate(collection, *slot, generator, &record)?,
            };
            record.set_slot(*slot, Some(value));
        }
        self.references(collection, &record, Some(old), None)?;
        let key = old.get(&collection.key).cloned().unwrap_or_default();
        self.transaction
            .replace(id.0, &key, record)
            .map_err(|conflict| Self::conflict(collection, conflict, Some(old), None))
    }

    /// Takes a row away.
    pub fn delete(&mut self, id: CollectionId, record: &Record) {
        let key = self.plan.collections.get(id.0).and_then(|c| record.get(&c.key));
        if let Some(key) = key {
            self.transaction.remove(id.0, key);
        }
    }

    /// What a field is filled with, read by the field's type.
    fn generate(
        &mut self,
        collection: &'p Collection,
        slot: usize,
        generator: &'p Generator,
        record: &Record,
    ) -> Result<Value, EvaluationError> {
        let value = self.generated(generator, record)?;
        let schema = collection.schema.properties.get(slot).map(|property| &property.schema);
        Ok(match schema {
            Some(schema) => of_type(value, &schema.types),
            None => value,
        })
    }

    fn generated(
        &mut self,
        generator: &'p Generator,
        record: &Record,
    ) -> Result<Value, EvaluationError> {
        Ok(match generator {
            Generator::Sequence(sequence) => Value::Integer(self.transaction.next(*sequence)),
            Generator::Random { bytes, encoding, prefix } => {
                let bytes = self.random.bytes(*bytes);
                let written = match encoding {
                    Encoding::Hex => encode_hex(&bytes),
                    Encoding::Base64Url => encode_base64url(&bytes),
                    Encoding::Alphanumeric => encode_alphanumeric(&bytes),
                };
                Value::from(if prefix.is_empty() { written } else { format!("{prefix}{written}") })
            }
            Generator::Uuid => Value::from(uuid(&self.random.bytes(16))),
            Generator::RowVersion(sequence) => {
                Value::from(STANDARD.encode(self.transaction.next(*sequence).to_be_bytes()))
            }
            Generator::Now { pattern: None, .. } => Value::from(self.now.to_string()),
            Generator::Now { pattern: Some(pattern), .. } => {
                let written = self.written.take().filter(|(known, _)| **known == **pattern);
                let (_, text) = self.written.insert(written.unwrap_or_else(|| {
                    // The check tries each pattern out.
                    (pattern, clock::format(self.now, pattern).unwrap_or_default().into())
                }));
                Value::Text(text.clone())
            }
            Generator::Tree { tree, .. } => {
                self.scope.set(Slot::ROW, Value::map(record.to_map()));
                tree.value(self.scope)?.unwrap_or_default()
            }
        })
    }

    fn references(
        &self,
        collection: &'p Collection,
        record: &Record,
        old: Option<&Arc<Record>>,
        on_conflict: Option<ErrorId>,
    ) -> Result<(), Halt<'p>> {
        for reference in &collection.references {
            let Some(value) = record.slot(reference.slot).filter(|value| !value.is_empty()) else {
                continue;
            };
            if self.transaction.get(reference.collection.0, value).is_none() {
                let other = self.plan.collections.get(reference.collection.0);
                return Err(Refusal {
                    error: reference.error.or(on_conflict),
                    rule: Some(reference.rule),
                    violation: Violation {
                        failure: Some(Failure::Keyword(Word::References)),
                        path: reference.field.clone(),
                        field: reference.field.clone(),
                        value: Some(value.clone()),
                        limit: other.map(|other| Value::Text(other.name.clone())),
                        rule: Some(reference.rule),
                        ..Violation::default()
                    },
                    record: old.map(|row| collection.seen(row.clone())),
                    ..Refusal::default()
                }
                .into());
            }
        }
        Ok(())
    }

    fn conflict(
        collection: &'p Collection,
        conflict: Conflict,
        old: Option<&Arc<Record>>,
        on_conflict: Option<ErrorId>,
    ) -> Halt<'p> {
        let (fields, error, rule, existing) = match conflict {
            Conflict::NoKey => {
                let mut refusal = Refusal::of(Failure::Required);
                refusal.violation.path = collection.key.clone();
                refusal.violation.field = collection.key.clone();
                refusal.record = old.map(|row| collection.seen(row.clone()));
                return refusal.into();
            }
            Conflict::Missing => {
                let refusal = Refusal::of(Failure::Unique).said("the row no longer exists");
                let refusal = Refusal {
                    error: on_conflict,
                    record: old.map(|row| collection.seen(row.clone())),
                    ..refusal
                };
                return refusal.into();
            }
            Conflict::Unique { index, existing } => match collection.unique.get(index) {
                Some(unique) => {
                    (unique.fields.clone(), unique.error, Some(unique.rule), Some(existing))
                }
                None => (Vec::new(), None, None, Some(existing)),
            },
            Conflict::Key { existing } => {
                (vec![collection.key.clone()], None, None, Some(existing))
            }
        };
        let value = match (&existing, &*fields) {
            (Some(existing), [field]) => existing.get(field).cloned(),
            _ => None,
        };
        let field: Arc<str> = fields.join("+").into();
        Refusal {
            error: on_conflict.or(error),
            rule,
            status: Some(http::StatusCode::CONFLICT),
            violation: Violation {
                failure: Some(Failure::Unique),
                path: field.clone(),
                field,
                value,
                rule,
                ..Violation::default()
            },
            record: old.map(|row| collection.seen(row.clone())),
            existing: existing.map(|row| collection.seen(row)),
            ..Refusal::default()
        }
        .into()
    }
}

/// What `fill` may write over.
fn set_defaults(record: &mut Record, collection: &Collection) {
    for (slot, default) in &collection.defaults {
        if record.slot(*slot).is_none() {
            record.set_slot(*slot, Some(default.clone()));
        }
    }
    fill_members(record, collection);
}

/// Puts the defaults of members into the values of fields.
fn fill_members(record: &mut Record, collection: &Collection) {
    for slot in &collection.filled {
        let property = collection.schema.properties.get(*slot);
        if let (Some(value), Some(property)) = (record.slot(*slot), property)
            && let Some(filled) = filled(value, &property.schema)
        {
            record.set_slot(*slot, Some(filled));
        }
    }
}

/// A value with the defaults of its members, where one is missing.
fn filled(value: &Value, schema: &Schema) -> Option<Value> {
    if let (Some(items), Some(of_items)) = (value.as_list(), &schema.items) {
        let all: Vec<_> = items.iter().map(|item| filled(item, of_items)).collect();
        return all.iter().any(Option::is_some).then(|| {
            let whole = all.into_iter().zip(items).map(|(new, old)| new.unwrap_or(old.clone()));
            Value::list(whole.collect())
        });
    }
    let members = value.members()?;
    let mut new: Option<Map> = None;
    for property in &schema.properties {
        let known = value.get(&property.name);
        let set = match known {
            Some(known) => filled(known, &property.schema),
            None => property.schema.default.clone(),
        };
        if let Some(set) = set {
            let map = || members.clone().map(|(k, v)| (k.clone(), v.clone())).collect();
            new.get_or_insert_with(map).insert(property.name.clone(), set);
        }
    }
    new.map(Value::map)
}

fn empty() -> Arc<Record> {
    Arc::new(Record::new(crate::value::Shape::new(Vec::new())))
}
