//! Reading and checking the parameters and the body of a request: steps 4 and 5 of the language's
//! reference.

use std::sync::{Arc, LazyLock};

use super::body::Read;
use super::coerce::Typing;
use super::examine::{Examiner, Purpose};
use super::incoming::{Incoming, Target};
use super::path::Path;
use super::refusal::{Halt, Refusal, Violation};
use super::run::Run;
use crate::model::{Failure, Place};
use crate::plan::names::Slot;
use crate::plan::operation::{Operation, Parameter};
use crate::plan::value::EvaluationError;
use crate::value::{Map, Value};
use crate::wire::deep_object;
use crate::wire::form::Pair;
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
        body: Read<'p>,
    ) -> Result<(), Halt<'p>> {
        let Some(operation) = self.operation else { return Ok(()) };
        let mut violations = Vec::new();
        let mut values: Vec<Option<Value>> = Vec::with_capacity(operation.parameters.len());
        for parameter in &operation.parameters {
            let raw = self.raw(parameter, values.len(), incoming, target, &body)?;
            let typing = self.typing_of(parameter);
            let value = self.read_parameter(parameter, raw, typing, &mut violations)?;
            if !violations.is_empty() {
                Self::place_violations(&mut violations, incoming, target);
                if !self.validate_all {
                    self.refuse_violations(std::mem::take(&mut violations))?;
                }
            }
            values.push(value);
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
        let mut found = self.ignore_parameters(operation, &mut values)?;
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

    /// Where a parameter is, with the binding's word for those without a place of their own.
    fn place(&self, parameter: &Parameter) -> Place {
        match parameter.place {
            Place::Bound => self.binding.map_or(Place::Bound, |binding| binding.parameters_in),
            place => place,
        }
    }

    fn typing_of(&self, parameter: &Parameter) -> Typing {
        match self.place(parameter) {
            _ if parameter.media_type.is_some() => Typing::Strict,
            Place::Soap => Typing::Xml,
            _ => Typing::Text,
        }
    }

    fn raw(
        &self,
        parameter: &Parameter,
        position: usize,
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
        if let Some(prefix) = parameter.prefix() {
            return Ok(self.all_with(prefix, self.place(parameter), incoming, &body.pairs));
        }
        let takes_lists = parameter.schema.takes_lists() && parameter.media_type.is_none();
        let text = |text: &str| Some(Value::text(text));
        let single = match self.place(parameter) {
            Place::Path => {
                let found = target.path.iter().find(|(name, _)| *name == parameter.name);
                found.map(|(_, value)| Value::Text(value.clone()))
            }
            Place::Header => {
                let lines = parameter.header.as_ref().and_then(|name| incoming.lines(name));
                lines.and_then(|lines| text(&lines))
            }
            Place::Cookie => incoming.cookie(&parameter.name).and_then(|value| text(&value)),
            Place::Soap => {
                // Most clients send them in the order of the description.
                target.soap.as_ref().and_then(|call| match &call.parameters {
                    Value::Map(map) => map.get_near(&parameter.name, position).cloned(),
                    _ => None,
                })
            }
            place @ (Place::Query | Place::Form | Place::Bound) => {
                let pairs = if place == Place::Query { &incoming.query } else { &body.pairs };
                if parameter.deep {
                    return self.deep(is, place, pairs);
                }
                let mut given = pairs.iter().filter(|(name, _)| is(name)).map(|(_, value)| value);
                let first = given.next();
                let more: Vec<&Arc<str>> = given.collect();
                match (first, more.is_empty()) {
                    (None, _) => None,
                    (Some(first), _) if takes_lists && parameter.explode => {
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
            Some(Value::Text(text)) if takes_lists && !parameter.explode => {
                // White space around an item belongs to the list in a header (RFC 9110, section
                // 5.6.1), and to the item anywhere else.
                let in_header = self.place(parameter) == Place::Header;
                let items = text.split(',').map(|item| if in_header { item.trim() } else { item });
                let items = items.filter(|item| !item.is_empty());
                Some(Value::list(items.map(Value::text).collect()))
            }
            other => other,
        })
    }

    /// All whose names begin so, by what their names have behind it; of a name that comes again,
    /// a list.
    fn all_with(
        &self,
        prefix: &str,
        place: Place,
        incoming: &Incoming<'_>,
        form: &[Pair],
    ) -> Option<Value> {
        let mut found = Map::new();
        let folded = place == Place::Header || !self.plan.service.routing.case_sensitive;
        let mut add = |name: &str, value: Value| {
            let Some((start, rest)) = name.split_at_checked(prefix.len()) else { return };
            if start != prefix && !(folded && start.eq_ignore_ascii_case(prefix)) {
                return;
            }
            let value = match found.remove(rest) {
                None => value,
                Some(Value::List(items)) => Value::list([&items[..], &[value]].concat()),
                Some(before) => Value::list(vec![before, value]),
            };
            found.insert(rest, value);
        };
        match place {
            Place::Header => {
                for name in incoming.request.headers.keys() {
                    if let Some(lines) = incoming.lines(name) {
                        add(name.as_str(), Value::text(&*lines));
                    }
                }
            }
            Place::Cookie => {
                for (name, value) in incoming.cookies() {
                    add(&name, Value::text(&*value));
                }
            }
            Place::Path | Place::Soap => {}
            Place::Query | Place::Form | Place::Bound => {
                let pairs = if place == Place::Query { &incoming.query } else { form };
                for (name, value) in pairs {
                    add(name, Value::Text(value.clone()));
                }
            }
        }
        (!found.is_empty()).then(|| Value::map(found))
    }

    /// A parameter that is given as `name[member]`.
    fn deep(
        &self,
        is: impl Fn(&str) -> bool,
        place: Place,
        pairs: &[Pair],
    ) -> Result<Option<Value>, Halt<'p>> {
        let given = pairs.iter().filter(|(name, _)| is(deep_object::base(name)));
        match deep_object::nest(given, &Limits::default()) {
            Ok(map) => Ok(map.iter().next().map(|(_, value)| value.clone())),
            Err(message) => {
                let failure = match place {
                    Place::Query => Failure::MalformedUrl,
                    _ => Failure::MalformedBody,
                };
                let answer = self.failures().exactly(failure);
                Err(Refusal::of(failure).answered_by(answer).said(message).into())
            }
        }
    }

    fn read_parameter(
        &mut self,
        parameter: &'p Parameter,
        raw: Option<Value>,
        typing: Typing,
        violations: &mut Vec<Violation<'p>>,
    ) -> Result<Option<Value>, EvaluationError> {
        let asked = parameter.required && self.binding.is_none_or(|b| b.parameters_required);
        if raw.is_none() && !asked {
            return Ok(parameter.schema.default.clone());
        }
        let mut examiner = self.examiner(typing, Path::default());
        examiner.path.name(&parameter.name);
        let value = match raw {
            None => {
                examiner.missing(&parameter.schema, parameter.schema.rule);
                None
            }
            Some(Value::Text(text)) if parameter.media_type.is_some() => {
                match Json.decode(text.as_bytes(), &Limits::default()) {
                    Ok(read) => examiner.read(&parameter.schema, Some(read.value))?,
                    // A text of no form is of none of the types.
                    Err(_) => {
                        examiner.wrong_type(&parameter.schema, Value::Text(text), None);
                        None
                    }
                }
            }
            raw => examiner.read(&parameter.schema, raw)?,
        };
        violations.append(&mut examiner.violations);
        Ok(value)
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
        let same = |a: &str, b: &str| if folded { a.eq_ignore_ascii_case(b) } else { a == b };
        let known = |name: &str| {
            let is = |p: &Parameter| match p.prefix() {
                Some(prefix) => name.get(..prefix.len()).is_some_and(|start| same(prefix, start)),
                None => same(&p.name, if p.deep { deep_object::base(name) } else { name }),
            };
            parameters.iter().any(|p| self.place(p) == Place::Query && is(p))
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
    ) -> Result<Vec<Violation<'p>>, EvaluationError> {
        let mut violations = Vec::new();
        let mut changed = false;
        for (parameter, value) in operation.parameters.iter().zip(values.iter_mut()) {
            if parameter.schema.ignores && value.is_some() {
                let typing = self.typing_of(parameter);
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
                Place::Form | Place::Soap | Place::Bound => Slot::PARAMETERS,
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

/// In a body whose items are lines, what is wrong with an item is in its line.
fn place_lines(violations: &mut [Violation<'_>], lines: bool, prefix: Option<&Arc<str>>) {
    let prefix = prefix.map_or("", |prefix| &**prefix);
    for violation in violations.iter_mut().filter(|one| lines && one.place.is_none()) {
        let item = violation.path.strip_prefix(prefix).and_then(|path| path.strip_prefix('['));
        let item = item.and_then(|item| item.split_once(']')?.0.parse::<usize>().ok());
        violation.place = item.map(|item| Position { line: item + 1, ..Position::START });
    }
}
