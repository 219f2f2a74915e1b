//! What is put into the state from outside: checked as a whole, then kept as a whole.

use std::ops::ControlFlow;
use std::sync::Arc;

use jiff::Timestamp;

use super::account::{Account, Change, Pending};
use super::coerce::Typing;
use super::examine::{Examiner, Purpose};
use super::path::Path;
use super::refusal::{Halt, Violation};
use super::rows::Writer;
use super::trace::Trace;
use crate::diagnostic::did_you_mean;
use crate::model::{CollectionId, Type};
use crate::plan::Plan;
use crate::plan::names::Slot;
use crate::plan::schema::Schema;
use crate::plan::value::Scope;
use crate::state::View;
use crate::value::{Map, Record, Value};

/// Something about what was put in that cannot be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Complaint {
    /// The value, such as `[2].mail`; empty when it is about all that was given.
    pub path: Arc<str>,
    /// What is wrong, in plain English.
    pub message: String,
}

/// What a change gives, and what it changed; or all that is wrong with it.
pub type Changed<T> = Result<(T, Change), Vec<Complaint>>;

impl Complaint {
    fn new(path: impl Into<Arc<str>>, message: impl Into<String>) -> Self {
        Self { path: path.into(), message: message.into() }
    }
}

impl From<Violation<'_>> for Complaint {
    fn from(violation: Violation<'_>) -> Self {
        Self { message: violation.plain_message(), path: violation.path }
    }
}

impl Account {
    /// All rows of a collection, in order of insertion.
    pub fn rows(&self, collection: CollectionId) -> Vec<Value> {
        let mut rows = Vec::with_capacity(self.store.len(collection.0));
        self.store.for_each(collection.0, &mut |row| {
            rows.push(Value::Record(row.clone()));
            ControlFlow::Continue(())
        });
        rows
    }

    /// The row whose key that text spells.
    pub fn row(&self, plan: &Plan, collection: CollectionId, key: &str) -> Option<Arc<Record>> {
        row(&*self.store, plan, collection, key)
    }

    /// Takes out the row whose key that text spells; says whether there was one.
    pub fn remove_row(
        &mut self,
        plan: &Plan,
        collection: CollectionId,
        key: &str,
    ) -> (bool, Change) {
        let found = self.row(plan, collection, key);
        let name = plan.collections.get(collection.0).map(|collection| &collection.key);
        let mut pending = self.begin();
        let removed = found
            .as_ref()
            .zip(name)
            .and_then(|(row, name)| row.get(name))
            .and_then(|key| pending.rows.remove(collection.0, key));
        (removed.is_some(), pending.commit())
    }

    /// Takes out all rows of a collection.
    pub fn clear_rows(&mut self, collection: CollectionId) -> Change {
        let mut pending = self.begin();
        pending.rows.clear(collection.0);
        pending.commit()
    }

    /// Adds a row. Fails, and adds nothing, when it does not fit.
    pub fn add_row(
        &mut self,
        plan: &Plan,
        now: Timestamp,
        collection: CollectionId,
        row: &Value,
    ) -> Changed<Arc<Record>> {
        self.change(plan, now, |admission| {
            let members = admission.examine(collection, row, None);
            members.and_then(|members| admission.insert(collection, &members, None))
        })
    }

    /// Puts rows in the place of all that a collection has. Fails, and changes nothing, when one
    /// of them does not fit; what is wrong with any of them is said.
    pub fn replace_rows(
        &mut self,
        plan: &Plan,
        now: Timestamp,
        collection: CollectionId,
        rows: &[Value],
    ) -> Changed<()> {
        self.change(plan, now, |admission| {
            admission.pending.rows.clear(collection.0);
            for (at, row) in rows.iter().enumerate() {
                if let Some(members) = admission.examine(collection, row, Some(at)) {
                    admission.insert(collection, &members, Some(at));
                }
            }
            Some(())
        })
    }

    /// Makes the row whose key that text spells the given one; where there is none it is added.
    /// Gives the row, and whether it was added. Fails, and changes nothing, when it does not fit.
    pub fn put_row(
        &mut self,
        plan: &Plan,
        now: Timestamp,
        collection: CollectionId,
        key: &str,
        given: &Value,
    ) -> Changed<(Arc<Record>, bool)> {
        self.change(plan, now, |admission| {
            let name = plan.collections.get(collection.0).map(|collection| &collection.key)?;
            let wanted = keys(plan, collection, key);
            let mut members = given.clone();
            if let Value::Map(members) = &mut members
                && members.get(name).is_none()
            {
                let value = wanted.first().cloned().unwrap_or_default();
                Arc::make_mut(members).insert(name.clone(), value);
            }
            let members = admission.examine(collection, &members, None)?;
            if let Some(own) = members.get(name).filter(|own| !wanted.contains(own)) {
                let message = format!("{name} is {own}, but the URL names {key}");
                admission.complaints.push(Complaint::new(name.clone(), message));
                return None;
            }
            match row(&*admission.pending.rows, plan, collection, key) {
                Some(old) => {
                    let written = admission.writer().replace(collection, &old, &members);
                    admission.written(written, None).map(|row| (row, false))
                }
                None => admission.insert(collection, &members, None).map(|row| (row, true)),
            }
        })
    }

    /// Sets the given settings and keeps the others; gives all of them. Fails, and changes
    /// nothing, when one is not known or does not fit.
    pub fn change_settings(
        &mut self,
        plan: &Plan,
        now: Timestamp,
        given: &Map,
    ) -> Changed<Arc<Map>> {
        self.change(plan, now, |admission| {
            let mut settings = admission.pending.settings.clone();
            for (name, value) in given.iter() {
                let Some(setting) = plan.settings.iter().find(|setting| setting.name == *name)
                else {
                    let known = plan.settings.iter().map(|setting| &*setting.name);
                    let help = did_you_mean(name, known).map(|help| format!("; {help}"));
                    let message = format!("there is no such setting{}", help.unwrap_or_default());
                    admission.complaints.push(Complaint::new(name.clone(), message));
                    continue;
                };
                let mut path = Path::default();
                path.name(name);
                if let Some(value) = admission.fit(&setting.schema, value, path) {
                    Arc::make_mut(&mut settings).insert(name.clone(), value);
                }
            }
            if admission.complaints.is_empty() {
                admission.pending.settings = settings.clone();
            }
            Some(settings)
        })
    }

    /// Runs `change` in a transaction that is kept only when there are no complaints.
    fn change<'p, T>(
        &mut self,
        plan: &'p Plan,
        now: Timestamp,
        change: impl FnOnce(&mut Admission<'p, '_>) -> Option<T>,
    ) -> Changed<T> {
        let mut scope = Scope::new(&plan.names);
        scope.set(Slot::SETTINGS, Value::Map(self.settings.clone()));
        scope.set(Slot::CREDENTIAL, Value::Null);
        scope.set(Slot::NOW, Value::from(now.to_string()));
        let pending = self.begin();
        let mut admission = Admission { plan, pending, scope, now, complaints: Vec::new() };
        let changed = change(&mut admission);
        let Admission { pending, complaints, .. } = admission;
        match changed {
            Some(changed) if complaints.is_empty() => Ok((changed, pending.commit())),
            _ => Err(complaints),
        }
    }
}

/// One change from outside while it is looked at.
struct Admission<'p, 'a> {
    plan: &'p Plan,
    pending: Pending<'a>,
    scope: Scope,
    now: Timestamp,
    complaints: Vec<Complaint>,
}

impl<'p> Admission<'p, '_> {
    /// The members of a row as the collection's schema reads them, if they fit.
    fn examine(&mut self, id: CollectionId, row: &Value, at: Option<usize>) -> Option<Value> {
        let plan = self.plan;
        let collection = plan.collections.get(id.0)?;
        let mut path = Path::default();
        if let Some(at) = at {
            path.index(at);
        }
        if row.members().is_none() {
            let said = format!("a row is an object, not of type {}", row.kind());
            self.complaints.push(Complaint::new(path.text(), said));
            return None;
        }
        self.fit(&collection.schema, row, path)
    }

    fn fit(&mut self, schema: &'p Schema, value: &Value, path: Path<'p>) -> Option<Value> {
        let mut trace = Trace::default();
        let mut examiner = Examiner {
            plan: self.plan,
            scope: &mut self.scope,
            transaction: &*self.pending.rows,
            trace: &mut trace,
            violations: Vec::new(),
            all: true,
            typing: Typing::Strict,
            purpose: Purpose::Stored,
            path,
            spent: 0,
        };
        let read = examiner.read(schema, Some(value.clone()));
        let checked = match &read {
            Ok(value) => examiner.constrain(schema, value.as_ref(), None),
            Err(error) => Err(Halt::Failed(error.clone())),
        };
        let violations = examiner.violations;
        let fits = violations.is_empty();
        self.complaints.extend(violations.into_iter().map(Complaint::from));
        match checked {
            Ok(()) => read.ok().flatten().filter(|_| fits),
            Err(halt) => {
                self.complain(halt, None);
                None
            }
        }
    }

    fn insert(
        &mut self,
        id: CollectionId,
        members: &Value,
        at: Option<usize>,
    ) -> Option<Arc<Record>> {
        let written = self.writer().insert(id, members, None);
        self.written(written, at)
    }

    fn writer(&mut self) -> Writer<'p, '_> {
        let Pending { rows, random, .. } = &mut self.pending;
        Writer::new(self.plan, &mut **rows, &mut self.scope, random, self.now)
    }

    fn written(
        &mut self,
        written: Result<Arc<Record>, Halt<'p>>,
        at: Option<usize>,
    ) -> Option<Arc<Record>> {
        written.map_err(|halt| self.complain(halt, at)).ok()
    }

    fn complain(&mut self, halt: Halt<'_>, at: Option<usize>) {
        self.complaints.push(match halt {
            Halt::Refused(refusal) => {
                let mut violation = refusal.violation;
                if let Some(at) = at {
                    violation.path = format!("[{at}].{}", violation.path).into();
                }
                violation.into()
            }
            // Only a request that is sent again has an answer.
            Halt::Again(_) | Halt::Held { .. } => return,
            Halt::Failed(error) => {
                let text = error.span.text();
                Complaint::new("", format!("`{text}` cannot be evaluated: {}", error.message))
            }
        });
    }
}

/// The values that a key in a URL may stand for, in the order they are tried.
fn keys(plan: &Plan, id: CollectionId, text: &str) -> Vec<Value> {
    let types: &[Type] = plan
        .collections
        .get(id.0)
        .and_then(|c| c.schema.properties.iter().find(|p| p.name == c.key))
        .map_or(&[], |property| &property.schema.types);
    let may_be = |wanted: Type| types.is_empty() || types.contains(&wanted);
    let mut keys = Vec::new();
    if may_be(Type::Integer) || may_be(Type::Number) {
        let number = Value::spelled(text);
        keys.extend(number.filter(|number| may_be(Type::Number) || number.is_integer()));
    }
    if may_be(Type::Boolean) {
        keys.extend(text.parse().ok().map(Value::Bool));
    }
    if may_be(Type::String) || keys.is_empty() {
        keys.push(Value::text(text));
    }
    keys
}

fn row(transaction: &dyn View, plan: &Plan, id: CollectionId, key: &str) -> Option<Arc<Record>> {
    keys(plan, id, key).iter().find_map(|key| transaction.get(id.0, key))
}
