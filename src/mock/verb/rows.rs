//! Rows that are looked for, and those that variables hold.

use std::cmp::Ordering;
use std::sync::Arc;

use crate::expression::truth;
use crate::mock::account::Pending;
use crate::mock::refusal::Halt;
use crate::mock::rows::{self, Writer};
use crate::mock::run::Run;
use crate::model::{CollectionId, RuleId};
use crate::plan::names::Slot;
use crate::plan::step::Rows;
use crate::plan::value::{EvaluationError, Expression, Tree};
use crate::value::{Map, Record, Value};

/// How deep values may be that are kept: deeper than any that a client can send.
const DEEPEST: usize = 256;

impl<'p> Run<'p, '_> {
    /// A value that outlives its step. What is kept can be put into what is kept next, again and
    /// again, and trees are walked by calls into calls.
    pub(in crate::mock) fn kept(
        &mut self,
        tree: &'p Tree,
        rule: RuleId,
    ) -> Result<Option<Value>, EvaluationError> {
        let value = tree.value(&mut self.scope)?;
        value.iter().try_for_each(|value| self.may_be_kept(value, rule))?;
        Ok(value)
    }

    /// Tells that a variable holds no row, so that a step does nothing.
    pub(in crate::mock) fn note_no_row(&mut self, id: CollectionId, verb: &str) {
        let Some(collection) = self.plan.collections.get(id.0) else { return };
        self.trace.note(format!("there is no row of `{}` to {verb}", collection.name));
    }

    /// Tells of values of another type than the fields have into which they are written: what
    /// looks for them by the right type never finds them.
    pub(in crate::mock) fn tell_types(&mut self, id: CollectionId, members: &Value) {
        let Some(collection) = self.plan.collections.get(id.0) else { return };
        for (name, value) in members.members().into_iter().flatten() {
            let slot = collection.shape.slot(name);
            let property = slot.and_then(|slot| collection.schema.properties.get(slot));
            let types = property.map(|property| &property.schema.types);
            let Some(types) = types.filter(|types| !types.is_empty()) else { continue };
            if value.is_empty() || types.iter().any(|kind| kind.takes(value)) {
                continue;
            }
            let types: Vec<&str> = types.iter().map(|kind| kind.name()).collect();
            let (types, kind) = (types.join(" or "), value.kind());
            let of = &collection.name;
            self.trace.note(format!(
                "`{name}` of `{of}` is of type {types}, and gets a value of type {kind}"
            ));
        }
    }

    /// Refuses a value that is nested too deep for the state.
    pub(in crate::mock) fn may_be_kept(
        &self,
        value: &Value,
        rule: RuleId,
    ) -> Result<(), EvaluationError> {
        if !value.is_deeper_than(DEEPEST) {
            return Ok(());
        }
        let Some(rule) = self.plan.service.rules.get(rule.0 as usize) else { return Ok(()) };
        let kind = value.kind();
        let message = format!("it keeps an {kind} that is nested deeper than {DEEPEST} levels");
        Err(EvaluationError { message, span: rule.span.clone() })
    }

    pub(in crate::mock) fn writer(&mut self) -> Result<Writer<'p, '_>, Halt<'p>> {
        let (plan, now) = (self.plan, self.now);
        let Self { held, scope, .. } = self;
        let Pending { rows, random, .. } = held.pending()?;
        Ok(Writer::new(plan, &mut **rows, scope, random, now))
    }

    /// A row as a variable holds it.
    pub(in crate::mock) fn seen(&self, collection: CollectionId, row: Arc<Record>) -> Arc<Record> {
        match self.plan.collections.get(collection.0) {
            Some(collection) => collection.seen(row),
            None => row,
        }
    }

    /// The row that a variable holds, as it is kept.
    pub(in crate::mock) fn row(&self, slot: Slot, of: CollectionId) -> Option<Arc<Record>> {
        let Some(Value::Record(row)) = self.scope.get(slot) else { return None };
        match self.plan.collections.get(of.0).filter(|collection| collection.seen.is_some()) {
            Some(collection) => self.held.rows().get(of.0, row.get(&collection.key)?),
            None => Some(row.clone()),
        }
    }

    pub(in crate::mock) fn count(
        &mut self,
        tree: Option<&'p Tree>,
    ) -> Result<Option<usize>, EvaluationError> {
        let Some(tree) = tree else { return Ok(None) };
        let count = tree.value(&mut self.scope)?.and_then(|count| count.floor_to_i64());
        Ok(count.map(|count| usize::try_from(count.max(0)).unwrap_or(usize::MAX)))
    }

    /// The first row; without filter and order not all of them are looked at.
    pub(in crate::mock) fn first(
        &mut self,
        rows: &'p Rows,
    ) -> Result<Option<Arc<Record>>, EvaluationError> {
        if is_as_inserted(rows) {
            let found = rows::find(self.held.rows(), &rows.lookup, &mut self.scope)?;
            return Ok(found.map(|row| self.seen(rows.lookup.collection, row)));
        }
        Ok(self.looked_for(rows, usize::MAX)?.into_iter().next())
    }

    /// The rows; where the first so many will do, and they are as they were inserted, no others are
    /// looked at.
    pub(in crate::mock) fn looked_for(
        &mut self,
        rows: &'p Rows,
        enough: usize,
    ) -> Result<Vec<Arc<Record>>, EvaluationError> {
        let most = if is_as_inserted(rows) { enough } else { usize::MAX };
        let found = rows::list(self.held.rows(), &rows.lookup, most, &mut self.scope)?;
        let found = found.into_iter().map(|row| self.seen(rows.lookup.collection, row)).collect();
        let mut found = self.filtered(found, rows.filter.as_ref())?;
        if let Some(field) = &rows.order_by {
            found.sort_by(|a, b| compare(a.get(field), b.get(field)));
        }
        if let Some(descending) = &rows.descending
            && descending.value(&mut self.scope)?.as_ref().is_some_and(truth)
        {
            found.reverse();
        }
        Ok(found)
    }

    fn filtered(
        &mut self,
        found: Vec<Arc<Record>>,
        filter: Option<&'p Expression>,
    ) -> Result<Vec<Arc<Record>>, EvaluationError> {
        let Some(filter) = filter else { return Ok(found) };
        let mut kept = Vec::new();
        for row in found {
            self.scope.set(Slot::IT, Value::Record(row.clone()));
            if filter.is_true(&self.scope)? {
                kept.push(row);
            }
        }
        self.scope.set(Slot::IT, None);
        Ok(kept)
    }

    /// Parameters for an operation that runs later.
    pub(in crate::mock) fn parameters(
        &mut self,
        given: &'p [(Arc<str>, Tree)],
        rule: RuleId,
    ) -> Result<Map, EvaluationError> {
        let mut parameters = Map::with_capacity(given.len());
        for (name, tree) in given {
            if let Some(value) = self.kept(tree, rule)? {
                parameters.insert(name.clone(), value);
            }
        }
        Ok(parameters)
    }
}

/// Numbers by size, then texts by letters; absent and null first.
pub(in crate::mock) fn compare(a: Option<&Value>, b: Option<&Value>) -> Ordering {
    let rank = |value: Option<&Value>| match value {
        None | Some(Value::Null) => 0,
        Some(Value::Bool(_)) => 1,
        Some(Value::Integer(_) | Value::Number(_)) => 2,
        Some(Value::Text(_)) => 3,
        Some(_) => 4,
    };
    match (a, b) {
        (Some(Value::Text(a)), Some(Value::Text(b))) => a.cmp(b),
        (Some(Value::Bool(a)), Some(Value::Bool(b))) => a.cmp(b),
        (Some(a), Some(b)) => {
            a.compare_numbers(b).unwrap_or_else(|| rank(Some(a)).cmp(&rank(Some(b))))
        }
        _ => rank(a).cmp(&rank(b)),
    }
}

/// Whether the rows are all that the look-up finds, in the order of insertion.
fn is_as_inserted(rows: &Rows) -> bool {
    rows.filter.is_none() && rows.order_by.is_none() && rows.descending.is_none()
}
