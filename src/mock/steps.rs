//! Doing the steps of an operation.

use std::cmp::Ordering;
use std::collections::HashSet;
use std::sync::Arc;

use super::account::Pending;
use super::coerce::Typing;
use super::delivery::Delivery;
use super::outbox::{Link, Message, Outgoing};
use super::refusal::{Halt, Refusal, Violation};
use super::rows::{self, Writer};
use super::run::Run;
use super::schedule::{Due, MOST_DUE};
use super::trace::Outcome;
use crate::clock::{later, parse_span};
use crate::expression::truth;
use crate::model::{CollectionId, ListChange, OperationId, RuleId};
use crate::plan::names::Slot;
use crate::plan::schema::Schema;
use crate::plan::step::{self, Rejection, Respond, Rows, Step, Verb};
use crate::plan::value::{EvaluationError, Expression, Text, Tree};
use crate::value::{Map, Record, Value};

/// How deep values may be that are kept: deeper than any that a client can send.
const DEEPEST: usize = 256;

/// The response that ends the steps, with its rule.
pub(super) type Response<'p> = Option<(&'p Respond, RuleId)>;

impl<'p> Run<'p, '_> {
    /// Does what an operation does, with what comes after its answer is known.
    pub(super) fn all_steps(&mut self, steps: &'p [Step]) -> Result<Response<'p>, Halt<'p>> {
        let response = self.steps(steps)?;
        for steps in std::mem::take(&mut self.after) {
            self.steps(steps)?;
        }
        Ok(response)
    }

    /// Does steps in order, until one answers.
    fn steps(&mut self, steps: &'p [Step]) -> Result<Response<'p>, Halt<'p>> {
        for step in steps {
            if let Some(when) = &step.when
                && !when.is_true(&self.scope)?
            {
                self.trace.rule(step.rule, Outcome::Skipped);
                continue;
            }
            let outcome = match step.verb {
                Verb::Respond(_) | Verb::Reject(_) => Outcome::Answered,
                _ => Outcome::Done,
            };
            self.trace.rule(step.rule, outcome);
            if let Some(response) = self.step(step)? {
                return Ok(Some(response));
            }
        }
        Ok(None)
    }

    fn step(&mut self, step: &'p Step) -> Result<Response<'p>, Halt<'p>> {
        match &step.verb {
            Verb::Let(values) => {
                for (slot, tree) in values {
                    let value = tree.value(&mut self.scope)?;
                    self.scope.set(*slot, value);
                }
            }
            Verb::Find { rows, slot, or_else } => {
                let row = self.find(rows)?;
                if row.is_none()
                    && let Some(rejection) = or_else
                {
                    return Err(self.rejection(rejection, step.rule)?.into());
                }
                self.scope.set(*slot, row.map_or(Value::Null, Value::Record));
            }
            Verb::List { rows, page: Some(page), slot, .. } => {
                let found = self.page(rows, page, step.rule)?;
                self.scope.set(*slot, Value::list(found));
            }
            Verb::List { rows, offset, limit, slot, page: None } => {
                let found = self.list(rows)?;
                let offset = self.count(offset.as_ref())?.unwrap_or(0);
                let limit = self.count(limit.as_ref())?.unwrap_or(usize::MAX);
                let rows = found.into_iter().skip(offset).take(limit).map(Value::Record).collect();
                self.scope.set(*slot, Value::list(rows));
            }
            Verb::Insert { collection, values, slot, on_conflict } => {
                let members = self.kept(values, step.rule)?.unwrap_or_default();
                let row = self.writer()?.insert(*collection, &members, *on_conflict)?;
                self.changed_by(step.rule);
                if let Some(slot) = slot {
                    self.scope.set(*slot, Value::Record(row));
                }
            }
            Verb::Update { slot, collection, values, fill, on_conflict } => {
                let Some(row) = self.row(*slot) else { return Ok(None) };
                let members = self.kept(values, step.rule)?.unwrap_or_default();
                let row =
                    self.writer()?.update(*collection, &row, &members, *fill, *on_conflict)?;
                self.changed_by(step.rule);
                self.scope.set(*slot, Value::Record(row));
            }
            Verb::Delete { slot, collection } => {
                if let Some(row) = self.row(*slot) {
                    self.writer()?.delete(*collection, &row);
                    self.changed_by(step.rule);
                }
            }
            Verb::Change { change, slot, collection, field, values } => {
                let values = self.kept(values, step.rule)?;
                if self.change(*change, *slot, *collection, field, values)? {
                    self.changed_by(step.rule);
                }
            }
            Verb::Validate { value, schema, path, slot } => {
                let value = value.value(&mut self.scope)?;
                let value = self.validate(value, schema, path.as_ref())?;
                if let Some(slot) = slot {
                    self.scope.set(*slot, value);
                }
            }
            Verb::ForEach { list, slot, own, steps } => {
                let outer: Vec<_> =
                    own.iter().map(|slot| (*slot, self.scope.get(*slot).cloned())).collect();
                for item in list.items(&self.scope)?.iter() {
                    self.scope.set(*slot, item.clone());
                    // What answers may look at what its round named.
                    if let Some(response) = self.steps(steps)? {
                        return Ok(Some(response));
                    }
                    for (slot, value) in &outer {
                        self.scope.set(*slot, value.clone());
                    }
                }
            }
            Verb::Send { channel, name, to, data, links, request } => {
                let delivery = match request {
                    Some(request) => Some(self.delivery(request)?),
                    None => None,
                };
                let (message, targets) = self.message(channel, name, to, data, links, step.rule)?;
                let message = Message { delivery, ..message };
                self.held.pending()?.sent.push((message, targets));
                self.changed_by(step.rule);
            }
            Verb::Schedule { after, operation, parameters } => {
                self.schedule(after, *operation, parameters, step.rule)?;
                self.changed_by(step.rule);
            }
            Verb::Precondition(conditions) => self.precondition(conditions, step.rule)?,
            Verb::Reject(rejection) => return Err(self.rejection(rejection, step.rule)?.into()),
            Verb::Respond(respond) => return Ok(Some((respond, step.rule))),
            Verb::Note(text) => {
                let text = text.render(&self.scope)?;
                self.trace.note(text);
            }
            Verb::Group(steps) => return self.steps(steps),
            Verb::After(steps) => self.after.push(steps),
        }
        Ok(None)
    }

    /// Remembers a step that changed the state.
    fn changed_by(&mut self, step: RuleId) {
        if !self.changed.contains(&step) {
            self.changed.push(step);
        }
    }

    /// A value that outlives its step. What is kept can be put into what is kept next, again and
    /// again, and trees are walked by calls into calls.
    fn kept(&mut self, tree: &'p Tree, rule: RuleId) -> Result<Option<Value>, EvaluationError> {
        let value = tree.value(&mut self.scope)?;
        if let Some(deep) = value.as_ref().filter(|value| value.is_deeper_than(DEEPEST))
            && let Some(rule) = self.plan.service.rules.get(rule.0 as usize)
        {
            let kind = deep.kind();
            let message = format!("it keeps an {kind} that is nested deeper than {DEEPEST} levels");
            return Err(EvaluationError { message, span: rule.span.clone() });
        }
        Ok(value)
    }

    fn writer(&mut self) -> Result<Writer<'p, '_>, Halt<'p>> {
        let (plan, now) = (self.plan, self.now);
        let Self { held, scope, .. } = self;
        let Pending { rows, random, .. } = held.pending()?;
        Ok(Writer::new(plan, &mut **rows, scope, random, now))
    }

    fn row(&self, slot: Slot) -> Option<Arc<Record>> {
        match self.scope.get(slot) {
            Some(Value::Record(row)) => Some(row.clone()),
            _ => None,
        }
    }

    pub(super) fn count(
        &mut self,
        tree: Option<&'p Tree>,
    ) -> Result<Option<usize>, EvaluationError> {
        let Some(tree) = tree else { return Ok(None) };
        let count = tree.value(&mut self.scope)?.and_then(|count| count.floor_to_i64());
        Ok(count.map(|count| usize::try_from(count.max(0)).unwrap_or(usize::MAX)))
    }

    /// The first row; without filter and order not all of them are looked at.
    fn find(&mut self, rows: &'p Rows) -> Result<Option<Arc<Record>>, EvaluationError> {
        if rows.filter.is_none() && rows.order_by.is_none() && rows.descending.is_none() {
            return rows::find(self.held.rows(), &rows.lookup, &mut self.scope);
        }
        Ok(self.list(rows)?.into_iter().next())
    }

    pub(super) fn list(&mut self, rows: &'p Rows) -> Result<Vec<Arc<Record>>, EvaluationError> {
        let found = rows::list(self.held.rows(), &rows.lookup, &mut self.scope)?;
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

    /// Changes a list; says whether there was a row to change.
    fn change(
        &mut self,
        change: ListChange,
        slot: Slot,
        collection: CollectionId,
        field: &Arc<str>,
        values: Option<Value>,
    ) -> Result<bool, Halt<'p>> {
        let Some(row) = self.row(slot) else { return Ok(false) };
        let values = match values {
            Some(Value::List(items)) => Arc::unwrap_or_clone(items),
            None | Some(Value::Null) => Vec::new(),
            Some(single) => vec![single],
        };
        let held = row.get(field).and_then(Value::as_list).unwrap_or_default();
        let mut items = match change {
            ListChange::Replace => Vec::new(),
            ListChange::Add => held.to_vec(),
            ListChange::Remove => {
                let gone: HashSet<&Value> = values.iter().collect();
                held.iter().filter(|item| !gone.contains(item)).cloned().collect()
            }
        };
        if change != ListChange::Remove {
            let mut known: HashSet<Value> = items.iter().cloned().collect();
            items.extend(values.into_iter().filter(|value| known.insert(value.clone())));
        }
        let members = Value::map([(field.clone(), Value::list(items))].into_iter().collect());
        let row = self.writer()?.update(collection, &row, &members, false, None)?;
        self.scope.set(slot, Value::Record(row));
        Ok(true)
    }

    fn validate(
        &mut self,
        value: Option<Value>,
        schema: &'p Schema,
        prefix: Option<&Arc<str>>,
    ) -> Result<Option<Value>, Halt<'p>> {
        let typing = if self.textual { Typing::Xml } else { self.typing };
        let mut examiner = self.body_examiner(typing, prefix);
        let value = examiner.read(schema, value)?;
        let value = examiner.ignore(schema, value)?;
        if !examiner.stopped() {
            examiner.constrain(schema, value.as_ref(), None)?;
        }
        let value = value.map(|value| examiner.prune(schema, value));
        let violations = examiner.violations;
        self.refuse_violations(violations)?;
        Ok(value)
    }

    fn delivery(&self, request: &step::Delivery) -> Result<Delivery, EvaluationError> {
        let step::Delivery { method, headers, text, retry } = request;
        let mut written = Vec::with_capacity(headers.len());
        for (name, value) in headers {
            written.push((name.clone(), value.render(&self.scope)?));
        }
        let body = text.as_ref().map(|text| text.render(&self.scope)).transpose()?;
        Ok(Delivery {
            method: method.clone(),
            headers: written,
            body: body.unwrap_or_default(),
            retry: retry.clone(),
            next: Some(self.now),
            attempts: Vec::new(),
        })
    }

    fn message(
        &mut self,
        channel: &Text,
        name: &Text,
        to: &Text,
        data: &'p Tree,
        links: &'p [step::Link],
        rule: RuleId,
    ) -> Result<Outgoing, Halt<'p>> {
        let mut tokens = Vec::with_capacity(links.len());
        let mut targets = Vec::with_capacity(links.len());
        for link in links {
            let parameters = self.parameters(&link.parameters, rule)?;
            let bytes = self.held.pending()?.random.bytes(18);
            let token: Arc<str> = crate::random::encode_base64url(&bytes).into();
            tokens.push((link.name.clone(), token.clone()));
            targets
                .push((token, Link { operation: link.operation, parameters: parameters.into() }));
        }
        let message = Message {
            id: 0,
            time: self.now,
            channel: channel.render(&self.scope)?,
            name: name.render(&self.scope)?,
            recipient: to.render(&self.scope)?,
            links: tokens,
            data: self.kept(data, rule)?.unwrap_or_default(),
            delivery: None,
        };
        Ok((message, targets))
    }

    /// Parameters for an operation that runs later.
    fn parameters(
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

    fn schedule(
        &mut self,
        after: &Text,
        operation: OperationId,
        parameters: &'p [(Arc<str>, Tree)],
        rule: RuleId,
    ) -> Result<(), Halt<'p>> {
        let text = after.render(&self.scope)?;
        let at = parse_span(&text).and_then(|length| later(self.now, length));
        let at = at.map_err(|wrong| {
            self.mistaken(rule, format!("`{text}` cannot be waited for: {wrong}"))
        })?;
        let parameters = self.parameters(parameters, rule)?.into();
        let base = self.scope.get(Slot::REQUEST).and_then(|request| request.get("base"));
        let base = base.and_then(Value::scalar_text).unwrap_or_default();
        if self.held.pending()?.waiting() >= MOST_DUE {
            let message = format!("{MOST_DUE} scheduled operations wait already");
            return Err(self.mistaken(rule, message));
        }
        let due = Due { operation, parameters, base };
        self.held.pending()?.scheduled.push((at, due));
        Ok(())
    }

    /// Something in a step that cannot be done.
    pub(super) fn mistaken(&self, rule: RuleId, message: String) -> Halt<'p> {
        match self.plan.service.rules.get(rule.0 as usize) {
            Some(rule) => EvaluationError { message, span: rule.span.clone() }.into(),
            None => Refusal::default().said(message).into(),
        }
    }

    pub(super) fn rejection(
        &mut self,
        rejection: &'p Rejection,
        rule: RuleId,
    ) -> Result<Refusal<'p>, EvaluationError> {
        let mut with = Map::with_capacity(rejection.with.len());
        for (name, tree) in &rejection.with {
            if let Some(value) = tree.value(&mut self.scope)? {
                with.insert(name.clone(), value);
            }
        }
        let value = match &rejection.value {
            Some(tree) => tree.value(&mut self.scope)?,
            None => None,
        };
        let field = match &rejection.field {
            Some(text) => text.render(&self.scope)?,
            None => Arc::default(),
        };
        let rule = self.deciding(rule, rejection.error);
        Ok(Refusal {
            error: Some(rejection.error),
            rule: Some(rule),
            violation: Violation {
                path: field.clone(),
                field,
                value,
                message: rejection.message.as_ref(),
                rule: Some(rule),
                ..Violation::default()
            },
            with,
            ..Refusal::default()
        })
    }
}

/// Numbers by size, then texts by letters; absent and null first.
pub(super) fn compare(a: Option<&Value>, b: Option<&Value>) -> Ordering {
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
