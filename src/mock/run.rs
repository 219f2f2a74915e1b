//! One request through one operation: security, reading, checking, steps.

use std::sync::Arc;

use jiff::Timestamp;

use super::account::Changing;
use super::body::{self, Read};
use super::coerce::Typing;
use super::draw::{self, Drawn};
use super::examine::{Examiner, Purpose};
use super::incoming::{Incoming, Target};
use super::outbox::{Link, Message};
use super::path::Path;
use super::refusal::{Halt, Refusal, Violation};
use super::security::Guard;
use super::steps::Response;
use super::trace::{Outcome, Trace};
use crate::model::{ErrorId, Failure, Place, RuleId};
use crate::plan::Plan;
use crate::plan::failure::FailureTable;
use crate::plan::names::Slot;
use crate::plan::operation::{Binding, Operation, Parameter};
use crate::plan::value::{EvaluationError, Scope};
use crate::state::Transaction;
use crate::value::{Map, Value};

/// A request while it runs.
pub(super) struct Run<'p, 'a> {
    /// The vendor.
    pub plan: &'p Plan,
    /// The operation, once it is known.
    pub operation: Option<&'p Operation>,
    /// The binding, once it is known.
    pub binding: Option<&'p Binding>,
    /// The variables.
    pub scope: Scope,
    /// The state.
    pub transaction: Box<dyn Transaction + 'a>,
    /// What of the account is no row.
    pub changing: &'a mut Changing,
    /// The clock's time.
    pub now: Timestamp,
    /// What is explained later.
    pub trace: Trace,
    /// Messages to be sent when all went well.
    pub sent: Vec<(Message, Vec<(Arc<str>, Link)>)>,
    /// Whether all violations are gathered.
    pub validate_all: bool,
    /// How much the body's scalars say about their types.
    pub typing: Typing,
    /// Whether the body's wire format has no types of its own.
    pub textual: bool,
    /// The rule that decided.
    pub rule: Option<RuleId>,
}

impl<'p, 'a> Run<'p, 'a> {
    /// Starts a request.
    pub(super) fn new(
        plan: &'p Plan,
        transaction: Box<dyn Transaction + 'a>,
        changing: &'a mut Changing,
        now: Timestamp,
    ) -> Self {
        let mut scope = Scope::new(&plan.names);
        scope.set(Slot::SETTINGS, Value::Map(changing.settings.clone()));
        scope.set(Slot::CREDENTIAL, Value::Null);
        if plan.names.is_used(Slot::NOW) {
            scope.set(Slot::NOW, Value::from(now.to_string()));
        }
        Self {
            plan,
            operation: None,
            binding: None,
            scope,
            transaction,
            changing,
            now,
            trace: Trace::default(),
            sent: Vec::new(),
            validate_all: false,
            typing: Typing::Strict,
            textual: false,
            rule: None,
        }
    }

    /// What the failures of where the request has come to give.
    pub(super) fn failures(&self) -> &'p FailureTable {
        match (self.binding, self.operation) {
            (Some(binding), _) => &binding.failures,
            (None, Some(operation)) => &operation.failures,
            (None, None) => &self.plan.failures,
        }
    }

    /// Does the whole operation: the order is that of the language's reference.
    pub(super) fn perform(
        &mut self,
        incoming: &Incoming<'_>,
        target: &Target,
        accepted: bool,
    ) -> Result<Response<'p>, Halt<'p>> {
        let Some(operation) = self.operation else { return Ok(None) };
        self.validate_all = operation.validate_all;
        let outcome = match operation.security_in_parameters {
            true => Ok(()),
            false => self.security(incoming, None),
        };
        self.rate_limit()?;
        outcome?;
        if !accepted && let Some(answer) = self.failures().exactly(Failure::NotAcceptable) {
            let wanted = incoming.header(&http::header::ACCEPT).unwrap_or_default();
            return Err(Refusal::of(Failure::NotAcceptable)
                .value(wanted)
                .answered_by(Some(answer))
                .into());
        }
        let body = body::read(self, incoming, target)?;
        self.typing = body.typing;
        self.textual = matches!(body.typing, Typing::Text | Typing::Xml);
        self.examine(incoming, target, body)?;
        self.steps(&operation.steps)
    }

    /// Runs an operation through a link.
    pub(super) fn follow(&mut self, parameters: &Map) -> Result<Response<'p>, Halt<'p>> {
        let Some(operation) = self.operation else { return Ok(None) };
        self.scope.set(Slot::PARAMETERS, Value::map(parameters.clone()));
        self.steps(&operation.steps)
    }

    fn security(
        &mut self,
        incoming: &Incoming<'_>,
        parameters: Option<&Value>,
    ) -> Result<(), Halt<'p>> {
        let Some(operation) = self.operation else { return Ok(()) };
        let guard = Guard {
            plan: self.plan,
            transaction: &*self.transaction,
            incoming,
            parameters,
            now: self.now,
        };
        match guard.check(operation, &mut self.trace) {
            Ok(row) => self.scope.set(Slot::CREDENTIAL, row.map_or(Value::Null, Value::Record)),
            Err(refusal) => return Err(Halt::Refused(refusal)),
        }
        Ok(())
    }

    fn rate_limit(&mut self) -> Result<(), Halt<'p>> {
        let Some(limit) = &self.plan.rate_limit else { return Ok(()) };
        let most = match limit.limit.value(&mut self.scope)? {
            Some(Value::Integer(most)) => most,
            _ => i64::MAX,
        };
        let by = match &limit.by {
            Some(by) => by.value(&self.scope)?.and_then(|v| v.scalar_text()).unwrap_or_default(),
            None => Arc::default(),
        };
        let now = self.now.as_second();
        let began = now - now.rem_euclid(limit.window_seconds);
        let window = self.changing.windows.entry(by).or_insert((began, 0));
        if window.0 != began {
            *window = (began, 0);
        }
        window.1 += 1;
        let used = window.1;
        let state = [
            ("limit".into(), Value::Integer(most)),
            ("remaining".into(), Value::Integer((most - used).max(0))),
            ("reset".into(), Value::Integer(began + limit.window_seconds - now)),
        ];
        self.scope.set(Slot::RATE_LIMIT, Value::map(state.into_iter().collect()));
        if used > most {
            self.trace.rule(limit.rule, Outcome::Broken);
            return Err(Refusal {
                error: limit.error,
                rule: Some(limit.rule),
                status: Some(http::StatusCode::TOO_MANY_REQUESTS),
                violation: Violation {
                    said: Some(format!("more than {most} requests").into()),
                    limit: Some(Value::Integer(most)),
                    ..Violation::default()
                },
                ..Refusal::default()
            }
            .into());
        }
        Ok(())
    }

    /// Steps 4 and 5 of the reference: reads parameters and body, then checks them.
    fn examine(
        &mut self,
        incoming: &Incoming<'_>,
        target: &Target,
        body: Read<'p>,
    ) -> Result<(), Halt<'p>> {
        let Some(operation) = self.operation else { return Ok(()) };
        let mut violations = Vec::new();
        let mut values: Vec<Option<Value>> = Vec::with_capacity(operation.parameters.len());
        for parameter in &operation.parameters {
            let raw = self.raw(parameter, incoming, target, &body)?;
            let typing = self.typing_of(parameter);
            let value = self.read_parameter(parameter, raw, typing, &mut violations)?;
            self.place_violations(&mut violations, incoming, target);
            if !self.validate_all {
                self.refuse_violations(std::mem::take(&mut violations))?;
            }
            values.push(value);
        }
        self.refuse_unknown(incoming)?;
        self.set_parameters(operation, &values);
        let schema = body.schema;
        let mut body_value = body.value;
        if let Some(schema) = schema {
            let mut examiner = self.examiner(body.typing, Path::default());
            if let Some(prefix) = body.prefix {
                examiner.path.name(prefix);
            }
            body_value = examiner.read(schema, body_value)?;
            let found = examiner.violations;
            violations.extend(found);
            if !self.validate_all {
                self.refuse_violations(std::mem::take(&mut violations))?;
            }
        }
        self.scope.set(Slot::BODY, body_value.clone());
        if operation.security_in_parameters {
            let parameters = self.scope.get(Slot::PARAMETERS).cloned();
            self.security(incoming, parameters.as_ref())?;
        }
        self.ignore(operation, &mut values, schema, &mut body_value)?;
        let mut found = self.constrain(operation, &values, incoming, target)?;
        violations.append(&mut found);
        if let Some(schema) = schema
            && (self.validate_all || violations.is_empty())
        {
            let mut examiner = self.examiner(body.typing, Path::default());
            if let Some(prefix) = body.prefix {
                examiner.path.name(prefix);
            }
            examiner.constrain(schema, body_value.as_ref(), None)?;
            violations.append(&mut examiner.violations);
        }
        self.refuse_violations(violations)
    }

    fn examiner(&mut self, typing: Typing, path: Path) -> Examiner<'p, '_> {
        Examiner {
            plan: self.plan,
            scope: &mut self.scope,
            transaction: &*self.transaction,
            trace: &mut self.trace,
            violations: Vec::new(),
            all: self.validate_all,
            typing,
            purpose: Purpose::Request,
            path,
        }
    }

    /// Where a parameter is, with the binding's word for those without a place of their own.
    fn place(&self, parameter: &Parameter) -> Place {
        match parameter.place {
            Place::Bound => self.binding.map_or(Place::Bound, |binding| binding.parameters_in),
            place => place,
        }
    }

    fn typing_of(&self, parameter: &Parameter) -> Typing {
        if self.place(parameter) == Place::Soap { Typing::Xml } else { Typing::Text }
    }

    fn raw(
        &self,
        parameter: &Parameter,
        incoming: &Incoming<'_>,
        target: &Target,
        body: &Read<'_>,
    ) -> Result<Option<Value>, Halt<'p>> {
        let folded = !self.plan.service.routing.case_sensitive;
        let is = |name: &str| {
            if folded {
                name.eq_ignore_ascii_case(&parameter.name)
            } else {
                name == &*parameter.name
            }
        };
        let text = |text: &str| Some(Value::text(text));
        let single = match self.place(parameter) {
            Place::Path => {
                let found = target.path.iter().find(|(name, _)| *name == parameter.name);
                found.map(|(_, value)| Value::Text(value.clone()))
            }
            Place::Header => {
                parameter.header.as_ref().and_then(|h| incoming.header(h)).and_then(text)
            }
            Place::Cookie => incoming.cookie(&parameter.name).and_then(text),
            Place::Soap => {
                let call = target.soap.as_ref();
                call.and_then(|call| call.parameters.get(&parameter.name).cloned())
            }
            place @ (Place::Query | Place::Form | Place::Bound) => {
                let pairs = if place == Place::Query { &incoming.query } else { &body.pairs };
                let mut given = pairs.iter().filter(|(name, _)| is(name)).map(|(_, value)| value);
                let first = given.next();
                let more: Vec<&Arc<str>> = given.collect();
                match (first, more.is_empty()) {
                    (None, _) => None,
                    (Some(first), _) if parameter.schema.takes_lists() && parameter.explode => {
                        let all = std::iter::once(first).chain(more);
                        Some(Value::list(all.map(|v| Value::Text(v.clone())).collect()))
                    }
                    (Some(first), true) => Some(Value::Text(first.clone())),
                    (Some(_), false) => {
                        let mut refusal = Refusal::of(Failure::RepeatedParameter)
                            .answered_by(self.failures().exactly(Failure::RepeatedParameter));
                        refusal.violation.field = parameter.name.clone();
                        refusal.violation.path = parameter.name.clone();
                        return Err(refusal.into());
                    }
                }
            }
        };
        Ok(match single {
            Some(Value::Text(text)) if parameter.schema.takes_lists() && !parameter.explode => {
                let items = text.split(',').filter(|item| !item.is_empty());
                Some(Value::list(items.map(Value::text).collect()))
            }
            other => other,
        })
    }

    fn read_parameter(
        &mut self,
        parameter: &'p Parameter,
        raw: Option<Value>,
        typing: Typing,
        violations: &mut Vec<Violation<'p>>,
    ) -> Result<Option<Value>, EvaluationError> {
        let asked = parameter.required && self.binding.is_none_or(|b| b.parameters_required);
        let given = raw.is_some();
        let mut examiner = self.examiner(typing, Path::default());
        examiner.path.name(&parameter.name);
        let value = if given || !asked { examiner.read(&parameter.schema, raw)? } else { None };
        if !given && asked {
            examiner.missing(&parameter.schema);
        }
        violations.append(&mut examiner.violations);
        Ok(value)
    }

    /// SOAP says where in the body a parameter ends.
    fn place_violations(
        &self,
        violations: &mut [Violation<'p>],
        incoming: &Incoming<'_>,
        target: &Target,
    ) {
        let Some(call) = &target.soap else { return };
        for violation in violations.iter_mut().filter(|v| v.position.is_none()) {
            let name = violation.path.split(['.', '[']).next().unwrap_or_default();
            violation.position = call.positions.end_of(&incoming.request.body, name);
        }
    }

    fn refuse_unknown(&self, incoming: &Incoming<'_>) -> Result<(), Halt<'p>> {
        let Some(answer) = self.failures().exactly(Failure::UnknownParameter) else {
            return Ok(());
        };
        let parameters = self.operation.map(|o| &*o.parameters).unwrap_or_default();
        let known = |name: &str| {
            parameters.iter().any(|p| self.place(p) == Place::Query && &*p.name == name)
        };
        match incoming.query.iter().find(|(name, _)| !known(name)) {
            None => Ok(()),
            Some((name, value)) => {
                let mut refusal = Refusal::of(Failure::UnknownParameter)
                    .answered_by(Some(answer))
                    .value(value.clone());
                refusal.violation.field = name.clone();
                refusal.violation.path = name.clone();
                Err(refusal.into())
            }
        }
    }

    fn set_parameters(&mut self, operation: &Operation, values: &[Option<Value>]) {
        const PLACES: [(Place, Slot); 5] = [
            (Place::Path, Slot::PATH),
            (Place::Query, Slot::QUERY),
            (Place::Header, Slot::HEADER),
            (Place::Cookie, Slot::COOKIE),
            (Place::Bound, Slot::PARAMETERS),
        ];
        for (place, slot) in PLACES {
            let mut map = Map::new();
            for (parameter, value) in operation.parameters.iter().zip(values) {
                if parameter.place == place
                    && let Some(value) = value
                {
                    map.push(parameter.name.clone(), value.clone());
                }
            }
            self.scope.set(slot, Value::map(map));
        }
    }

    fn ignore(
        &mut self,
        operation: &'p Operation,
        values: &mut [Option<Value>],
        schema: Option<&'p crate::plan::schema::Schema>,
        body: &mut Option<Value>,
    ) -> Result<(), EvaluationError> {
        let mut changed = false;
        for (parameter, value) in operation.parameters.iter().zip(values.iter_mut()) {
            if parameter.schema.ignores && value.is_some() {
                let mut examiner = self.examiner(Typing::Text, Path::default());
                examiner.path.name(&parameter.name);
                *value = examiner.ignore(&parameter.schema, value.take())?;
                changed = true;
            }
        }
        if changed {
            self.set_parameters(operation, values);
        }
        if let Some(schema) = schema.filter(|schema| schema.ignores) {
            *body = self.examiner(Typing::Strict, Path::default()).ignore(schema, body.take())?;
            self.scope.set(Slot::BODY, body.clone());
        }
        Ok(())
    }

    fn constrain(
        &mut self,
        operation: &'p Operation,
        values: &[Option<Value>],
        incoming: &Incoming<'_>,
        target: &Target,
    ) -> Result<Vec<Violation<'p>>, Halt<'p>> {
        let mut violations = Vec::new();
        for (parameter, value) in operation.parameters.iter().zip(values) {
            let siblings = match parameter.place {
                Place::Path => Slot::PATH,
                Place::Query => Slot::QUERY,
                Place::Header => Slot::HEADER,
                Place::Cookie => Slot::COOKIE,
                Place::Form | Place::Soap | Place::Bound => Slot::PARAMETERS,
            };
            let siblings = self.scope.get(siblings).cloned();
            let mut examiner = self.examiner(Typing::Text, Path::default());
            examiner.path.name(&parameter.name);
            examiner.constrain(&parameter.schema, value.as_ref(), siblings.as_ref())?;
            violations.append(&mut examiner.violations);
            if !violations.is_empty() && !self.validate_all {
                break;
            }
        }
        self.place_violations(&mut violations, incoming, target);
        Ok(violations)
    }

    /// Refuses the request for the first violation, with all that give the same error.
    pub(super) fn refuse_violations(&self, violations: Vec<Violation<'p>>) -> Result<(), Halt<'p>> {
        let Some(first) = violations.first().cloned() else { return Ok(()) };
        let (error, rule) = self.answer_to(&first);
        let same = violations.into_iter().filter(|v| self.answer_to(v).0 == error).collect();
        Err(Refusal { error, rule, violation: first, violations: same, ..Refusal::default() }
            .into())
    }

    /// The error that a violation gives, and the rule that decided.
    fn answer_to(&self, violation: &Violation<'p>) -> (Option<ErrorId>, Option<RuleId>) {
        let Some(failure) = violation.failure else { return (violation.error, violation.rule) };
        let own = self.binding.and_then(|binding| binding.own.exactly(failure));
        if let (Some(answer), Failure::Required | Failure::Type) = (own, failure) {
            return (Some(answer.error), self.first_backed(Some(answer.rule), violation.rule));
        }
        if violation.error.is_some() {
            return (violation.error, violation.rule);
        }
        match self.failures().get(failure) {
            Some(answer) => {
                (Some(answer.error), self.first_backed(violation.rule, Some(answer.rule)))
            }
            None => (None, violation.rule),
        }
    }

    /// Of two rules, the one that implements a statement; the first, when both or neither do.
    fn first_backed(&self, first: Option<RuleId>, second: Option<RuleId>) -> Option<RuleId> {
        let backed = |rule: &RuleId| self.plan.is_backed(*rule);
        first.filter(backed).or(second.filter(backed)).or(first).or(second)
    }

    /// The rule that decides when a step gives an error: the step's, or the error's own where
    /// only that implements a statement.
    pub(super) fn deciding(&self, step: RuleId, error: ErrorId) -> RuleId {
        let of_error = self.plan.errors.get(error.0).map(|error| error.rule);
        self.first_backed(Some(step), of_error).unwrap_or(step)
    }

    /// Ends the request: what it did is kept only when it was not refused.
    pub(super) fn finish(mut self, outcome: Result<Response<'p>, Halt<'p>>) -> Finished {
        let drawn = match outcome {
            Ok(Some((respond, rule))) => {
                self.rule = Some(rule).filter(|rule| self.plan.is_backed(*rule));
                draw::draw(self.plan, respond, &mut self.scope)
            }
            Ok(None) => Ok(Drawn::nothing()),
            Err(Halt::Failed(error)) => {
                self.trace.note(format!("the spec has a mistake: {}", error.message));
                return Finished {
                    drawn: Drawn::spec_mistake(&error),
                    rule: None,
                    trace: self.trace,
                    sent: Vec::new(),
                    keep: false,
                };
            }
            Err(Halt::Refused(refusal)) => {
                self.rule = refusal.rule;
                if let Some(rule) = refusal.rule {
                    let said = refusal.violation.plain_said();
                    self.trace.about(rule, Outcome::Answered, said);
                }
                let drawn = draw::draw_refusal(self.plan, &refusal, &mut self.scope);
                let drawn = drawn.unwrap_or_else(|error| Drawn::spec_mistake(&error));
                return Finished {
                    drawn,
                    rule: self.rule,
                    trace: self.trace,
                    sent: Vec::new(),
                    keep: false,
                };
            }
        };
        match drawn {
            Ok(drawn) => {
                self.transaction.commit();
                Finished { drawn, rule: self.rule, trace: self.trace, sent: self.sent, keep: true }
            }
            Err(error) => Finished {
                drawn: Drawn::spec_mistake(&error),
                rule: None,
                trace: self.trace,
                sent: Vec::new(),
                keep: false,
            },
        }
    }
}

/// A request that has run.
pub(super) struct Finished {
    /// The answer, not written yet.
    pub drawn: Drawn,
    /// The rule that decided.
    pub rule: Option<RuleId>,
    /// What is explained later.
    pub trace: Trace,
    /// Messages to be sent.
    pub sent: Vec<(Message, Vec<(Arc<str>, Link)>)>,
    /// Whether what was done is kept.
    pub keep: bool,
}
