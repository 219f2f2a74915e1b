//! Reading and checking the parameters and the body of a request: steps 4 and 5 of the language's
//! reference.

use std::sync::{Arc, LazyLock};

use super::body::Read;
use super::coerce::Typing;
use super::examine::{Examiner, Purpose};
use super::given::Given;
use super::incoming::{Incoming, Target};
use super::path::Path;
use super::refusal::{Halt, Refusal, Violation};
use super::run::Run;
use crate::model::{Failure, Place};
use crate::plan::names::Slot;
use crate::plan::operation::{Binding, Operation, Parameter};
use crate::plan::value::EvaluationError;
use crate::value::{Map, Value};
use crate::wire::deep_object;
use crate::wire::json::Json;
use crate::wire::{Limits, Position, Wire};

/// Most operations have none in most places.
static NO_PARAMETERS: LazyLock<Arc<Map>> = LazyLock::new(Arc::default);

impl<'p> Run<'p, '_> {
    /// Reads parameters and body, then checks them.
    pub(super) fn examine(
        &mut self,
        incoming: &Incoming<'_>,
        target: &Target,
        body: Read<'p, '_>,
    ) -> Result<(), Halt<'p>> {
        let Some(operation) = self.operation else { return Ok(()) };
        let Read { fields, members, typing, .. } = &body;
        let members = members.as_ref();
        let given = Given { site: self.site(), incoming, target, fields, members };
        let typing = *typing;
        let mut values: Vec<Option<Value>> = Vec::with_capacity(operation.parameters.len());
        let mut examiner = self.examiner(Typing::Text, Path::default());
        for parameter in &operation.parameters {
            let raw = given.of(parameter, values.len())?;
            examiner.typing = given.site.typing_of(parameter, typing);
            examiner.path.name(&parameter.name);
            values.push(read_parameter(&mut examiner, given.site.binding, parameter, raw)?);
            examiner.path.pop();
            if examiner.stopped() {
                break;
            }
        }
        let mut violations = examiner.violations;
        Self::place_violations(&mut violations, incoming, target);
        if !self.validate_all {
            self.refuse_violations(std::mem::take(&mut violations))?;
        }
        self.refuse_unknown(incoming)?;
        self.set_parameters(operation, &values);
        let schema = body.schema;
        let mut body_value = body.value;
        if let Some(schema) = schema {
            let mut examiner = self.body_examiner(body.typing, body.prefix);
            body_value = examiner.read(schema, body_value)?;
            let mut found = examiner.violations;
            place_lines(&mut found, body.lines, body.prefix);
            violations.extend(found);
            if !self.validate_all {
                self.refuse_violations(std::mem::take(&mut violations))?;
            }
        }
        self.scope.set(Slot::BODY, body_value.clone());
        if operation.security_in_parameters {
            let parameters = self.scope.get(Slot::PARAMETERS).cloned();
            self.security(incoming, target, parameters.as_ref())?;
        }
        let mut found = self.ignore_parameters(operation, &mut values, typing)?;
        if let Some(schema) = schema.filter(|schema| schema.ignores) {
            let mut examiner = self.body_examiner(body.typing, body.prefix);
            body_value = examiner.ignore(schema, body_value)?;
            place_lines(&mut examiner.violations, body.lines, body.prefix);
            found.append(&mut examiner.violations);
            self.scope.set(Slot::BODY, body_value.clone());
        }
        Self::place_violations(&mut found, incoming, target);
        violations.append(&mut found);
        if !self.validate_all {
            self.refuse_violations(std::mem::take(&mut violations))?;
        }
        let mut found = self.constrain(operation, &values, incoming, target)?;
        violations.append(&mut found);
        if let Some(schema) = schema
            && (self.validate_all || violations.is_empty())
        {
            let mut examiner = self.body_examiner(body.typing, body.prefix);
            examiner.constrain(schema, body_value.as_ref(), None)?;
            place_lines(&mut examiner.violations, body.lines, body.prefix);
            violations.append(&mut examiner.violations);
            if schema.prunes {
                let pruned = body_value.map(|value| examiner.prune(schema, value));
                self.scope.set(Slot::BODY, pruned);
            }
        }
        self.refuse_violations(violations)
    }

    fn examiner(&mut self, typing: Typing, path: Path<'p>) -> Examiner<'p, '_> {
        Examiner {
            plan: self.plan,
            scope: &mut self.scope,
            transaction: self.held.rows(),
            trace: &mut self.trace,
            violations: Vec::new(),
            all: self.validate_all,
            typing,
            purpose: Purpose::Request,
            path,
            spent: 0,
        }
    }

    /// For a tree whose members' names have something before them in messages.
    pub(super) fn body_examiner(
        &mut self,
        typing: Typing,
        prefix: Option<&'p Arc<str>>,
    ) -> Examiner<'p, '_> {
        let mut examiner = self.examiner(typing, Path::default());
        if let Some(prefix) = prefix {
            examiner.path.name(prefix);
        }
        examiner
    }

    /// SOAP says where in the body a parameter ends.
    fn place_violations(
        violations: &mut [Violation<'p>],
        incoming: &Incoming<'_>,
        target: &Target,
    ) {
        let Some(call) = &target.soap else { return };
        for violation in violations.iter_mut().filter(|v| v.place.is_none()) {
            let name = violation.path.split(['.', '[']).next().unwrap_or_default();
            violation.place = call.positions.end_of(&incoming.request.body, name);
        }
    }

    fn refuse_unknown(&self, incoming: &Incoming<'_>) -> Result<(), Halt<'p>> {
        let Some(answer) = self.failures().exactly(Failure::UnknownParameter) else {
            return Ok(());
        };
        let parameters = self.operation.map(|o| &*o.parameters).unwrap_or_default();
        let folded = !self.plan.service.routing.case_sensitive;
        let site = self.site();
        let same = |a: &str, b: &str| if folded { a.eq_ignore_ascii_case(b) } else { a == b };
        let known = |name: &str| {
            let is = |p: &Parameter| match p.prefix() {
                Some(prefix) => name.get(..prefix.len()).is_some_and(|start| same(prefix, start)),
                None => same(&p.name, if p.deep { deep_object::base(name) } else { name }),
            };
            parameters.iter().any(|p| site.place(p) == Place::Query && is(p))
                || self.binding.is_some_and(|b| b.matched_query.iter().any(|one| same(one, name)))
                || self.plan.security_schemes.iter().any(|scheme| scheme.is_in_query(name))
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
        const SLOTS: [Slot; 5] =
            [Slot::PATH, Slot::QUERY, Slot::HEADER, Slot::COOKIE, Slot::PARAMETERS];
        for (slot, places) in SLOTS.into_iter().zip(&operation.by_place) {
            if places.is_empty() {
                // What nobody looks at need not be there.
                let none = self.plan.names.is_used(slot).then(|| NO_PARAMETERS.clone());
                self.scope.set(slot, none.map(Value::Map));
                continue;
            }
            let mut map = Map::with_capacity(places.len());
            for at in places {
                if let (Some(parameter), Some(Some(value))) =
                    (operation.parameters.get(*at), values.get(*at))
                {
                    map.push(parameter.name.clone(), value.clone());
                }
            }
            self.scope.set(slot, Value::map(map));
        }
    }

    /// Takes out what does not count, and gives what counts but is not of its type.
    fn ignore_parameters(
        &mut self,
        operation: &'p Operation,
        values: &mut [Option<Value>],
        body: Typing,
    ) -> Result<Vec<Violation<'p>>, EvaluationError> {
        let mut violations = Vec::new();
        let mut changed = false;
        for (parameter, value) in operation.parameters.iter().zip(values.iter_mut()) {
            if parameter.schema.ignores && value.is_some() {
                let typing = self.site().typing_of(parameter, body);
                let mut examiner = self.examiner(typing, Path::default());
                examiner.path.name(&parameter.name);
                *value = examiner.ignore(&parameter.schema, value.take())?;
                violations.append(&mut examiner.violations);
                changed = true;
            }
        }
        if changed {
            self.set_parameters(operation, values);
        }
        Ok(violations)
    }

    fn constrain(
        &mut self,
        operation: &'p Operation,
        values: &[Option<Value>],
        incoming: &Incoming<'_>,
        target: &Target,
    ) -> Result<Vec<Violation<'p>>, Halt<'p>> {
        let mut examiner = self.examiner(Typing::Text, Path::default());
        for (parameter, value) in operation.parameters.iter().zip(values) {
            let is_whole = !matches!(value, Some(Value::List(_) | Value::Map(_)));
            let says_nothing = parameter.schema.constraints.is_empty() && is_whole;
            if says_nothing || value.is_none() && !parameter.schema.looks_at_absent() {
                continue;
            }
            let siblings = match parameter.place {
                Place::Path => Slot::PATH,
                Place::Query => Slot::QUERY,
                Place::Header => Slot::HEADER,
                Place::Cookie => Slot::COOKIE,
                Place::Form | Place::Body | Place::Soap | Place::Bound => Slot::PARAMETERS,
            };
            let siblings = examiner.scope.get(siblings).cloned();
            examiner.typing = match parameter.media_type {
                Some(_) => Typing::Strict,
                None => Typing::Text,
            };
            examiner.path.name(&parameter.name);
            examiner.constrain(&parameter.schema, value.as_ref(), siblings.as_ref())?;
            examiner.path.pop();
            if examiner.stopped() {
                break;
            }
        }
        let mut violations = examiner.violations;
        Self::place_violations(&mut violations, incoming, target);
        Ok(violations)
    }
}

/// Reads a parameter by its schema; `None` where it is absent or of no use.
fn read_parameter<'p>(
    examiner: &mut Examiner<'p, '_>,
    binding: Option<&Binding>,
    parameter: &'p Parameter,
    raw: Option<Value>,
) -> Result<Option<Value>, EvaluationError> {
    let schema = &parameter.schema;
    match raw {
        None if parameter.required && binding.is_none_or(|b| b.parameters_required) => {
            examiner.missing(schema, schema.rule);
            Ok(None)
        }
        None => Ok(schema.default.clone()),
        Some(Value::Text(text)) if parameter.media_type.is_some() => {
            match Json.decode(text.as_bytes(), &Limits::default()) {
                Ok(read) => examiner.read(schema, Some(read.value)),
                // A text of no form is of none of the types.
                Err(_) => {
                    examiner.wrong_type(schema, Value::Text(text), None);
                    Ok(None)
                }
            }
        }
        raw => examiner.read(schema, raw),
    }
}

/// In a body whose items are lines, what is wrong with an item is in its line.
fn place_lines(violations: &mut [Violation<'_>], lines: bool, prefix: Option<&Arc<str>>) {
    let prefix = prefix.map_or("", |prefix| &**prefix);
    for violation in violations.iter_mut().filter(|one| lines && one.place.is_none()) {
        let item = violation.path.strip_prefix(prefix).and_then(|path| path.strip_prefix('['));
        let item = item.and_then(|item| item.split_once(']')?.0.parse::<usize>().ok());
        violation.place = item.map(|item| Position { line: item + 1, ..Position::START });
    }
}
