//! Which of a vendor's errors an answer is.
//!
//! The status and whatever is constant in the error have to be in the answer; of several that
//! fit, the one with more constants is meant, or the one that the rule that decided gives.

use std::collections::{HashMap, HashSet};

use crate::model::{
    Additional, Content, ErrorAnswer, ErrorId, Failure, Failures, Part, RuleId, Schema, Service,
    Step, Text, TextPart, Tree,
};
use crate::run::event::ReceivedResponse;
use crate::value::Value;
use crate::wire::json::Json;
use crate::wire::xml::{Element, decode_element};
use crate::wire::{Limits, Wire};

/// Knows the errors of a vendor.
#[derive(Debug)]
pub(super) struct Errors<'s> {
    service: &'s Service,
    /// Errors by the names of rules that give them.
    given: HashMap<String, Vec<ErrorId>>,
    /// The names of rules that refuse a request before it is read.
    before: HashSet<String>,
}

impl<'s> Errors<'s> {
    pub(super) fn new(service: &'s Service) -> Self {
        let mut errors = Self { service, given: HashMap::new(), before: HashSet::new() };
        for (at, error) in service.errors.iter().enumerate() {
            errors.give(error.rule, Some(ErrorId(at)));
        }
        errors.failures(&service.failures);
        for collection in &service.collections {
            for unique in &collection.unique {
                errors.give(unique.rule, unique.error);
            }
        }
        for scheme in &service.security_schemes {
            errors.before.extend(errors.name(scheme.rule));
            let all = &scheme.errors;
            for error in [all.missing, all.unknown, all.expired, all.method, all.permission] {
                errors.give(scheme.rule, error);
            }
            scheme.steps.all().into_iter().for_each(|step| errors.step(step));
        }
        for limit in &service.rate_limits {
            errors.before.extend(errors.name(limit.rule));
            errors.give(limit.rule, limit.error);
        }
        if let Some(idempotency) = &service.idempotency {
            idempotency.errors().for_each(|error| errors.give(idempotency.rule, Some(error)));
        }
        service.recursive.iter().for_each(|schema| errors.schema(schema));
        for operation in &service.operations {
            errors.failures(&operation.failures);
            for binding in &operation.bindings {
                errors.failures(&binding.failures);
            }
            for parameter in &operation.parameters {
                errors.schema(&parameter.schema);
            }
            if let Some(body) = &operation.body {
                for schema in body.schema.iter().chain(body.content.iter().map(|(_, s)| s)) {
                    errors.schema(schema);
                }
            }
            operation.steps.all().into_iter().for_each(|step| errors.step(step));
        }
        errors
    }

    /// The error that an answer is; `rule` is what the mock says decided, such as `acme/L02`.
    pub(super) fn of(&self, response: &ReceivedResponse, rule: Option<&str>) -> Option<ErrorId> {
        let answer = Answer::new(response);
        let fitting: Vec<(ErrorId, usize)> = self
            .service
            .errors
            .iter()
            .enumerate()
            .filter_map(|(at, error)| Some((ErrorId(at), answer.fits(error)?)))
            .collect();
        let best = fitting.iter().map(|(_, constants)| *constants).max()?;
        let mut best =
            fitting.iter().filter(|(_, constants)| *constants == best).map(|(id, _)| *id);
        let first = best.next()?;
        let others: Vec<ErrorId> = best.collect();
        if others.is_empty() {
            return Some(first);
        }
        let rule = rule?.split_once('/')?.1;
        let given = self.given.get(rule)?;
        std::iter::once(first).chain(others).find(|id| given.contains(id))
    }

    /// Whether a request was refused before its parameters and its body were read: by a rule of
    /// which that is known, else by a status that says so.
    pub(super) fn is_unread(&self, response: &ReceivedResponse, rule: Option<&str>) -> bool {
        match rule.and_then(|rule| rule.split_once('/')) {
            Some((_, rule)) => self.before.contains(rule),
            None => matches!(response.status, 401 | 413 | 415 | 429),
        }
    }

    fn give(&mut self, rule: RuleId, error: Option<ErrorId>) {
        if let (Some(error), Some(name)) = (error, self.name(rule)) {
            self.given.entry(name).or_default().push(error);
        }
    }

    /// Rules go by the statement they implement, where there is one.
    fn name(&self, rule: RuleId) -> Option<String> {
        let rule = self.service.rules.get(rule.0 as usize)?;
        let statement = rule.statements.first().and_then(|at| self.service.statements.get(*at));
        Some(statement.map_or(&rule.name, |statement| &statement.id).to_string())
    }

    fn failures(&mut self, failures: &Failures) {
        for (_, answer) in &failures.0 {
            self.give(answer.rule, Some(answer.error));
        }
    }

    fn schema(&mut self, schema: &Schema) {
        self.give(schema.rule, schema.error);
        for (_, rule) in &schema.beneath {
            self.give(*rule, schema.error);
        }
        for property in &schema.properties {
            self.give(property.required_by, property.schema.error_for(Failure::Required));
        }
        for (failure, error) in &schema.errors {
            if !matches!(failure, Failure::Keyword(_)) {
                self.give(schema.rule, Some(*error));
            }
        }
        for constraint in &schema.constraints {
            self.give(constraint.rule, schema.error_of(constraint));
        }
        if let Additional::Defined(defined) = &schema.additional {
            self.give(defined.rule, defined.error);
        }
        schema.inner().for_each(|inner| self.schema(inner));
    }

    fn step(&mut self, step: &Step) {
        for part in step.verb.parts() {
            match part {
                Part::Rejection(rejection) => self.give(step.rule, Some(rejection.error)),
                Part::Writes(collection, instead) => {
                    // What is named as deciding is the constraint that was in the way.
                    let collection = self.service.collections.get(collection.0);
                    for unique in collection.into_iter().flat_map(|known| &known.unique) {
                        self.give(unique.rule, instead);
                    }
                }
                Part::Schema(schema) => self.schema(schema),
                _ => {}
            }
        }
    }
}

/// An answer, read as far as it can be read.
struct Answer<'r> {
    status: u16,
    text: &'r str,
    value: Option<Value>,
}

impl<'r> Answer<'r> {
    fn new(response: &'r ReceivedResponse) -> Self {
        let limits = Limits::default();
        let value = match Json.decode(&response.body, &limits) {
            Ok(decoded) => Some(decoded.value),
            Err(_) => decode_element(&response.body, &limits).ok().map(|root| document(&root)),
        };
        let text = std::str::from_utf8(&response.body).unwrap_or_default();
        Self { status: response.status, text, value }
    }

    /// How many constants of the error are in it, if all of them are.
    fn fits(&self, error: &ErrorAnswer) -> Option<usize> {
        if error.respond.status != self.status {
            return None;
        }
        match &error.respond.content {
            Content::Nothing => self.text.is_empty().then_some(0),
            Content::Text(text, _) => in_text(text, self.text),
            Content::Tree(tree, _) => somewhere(self.value.as_ref()?, &|v| in_tree(tree, v)),
            Content::Fault(fault) => {
                somewhere(self.value.as_ref()?, &|value| in_text(&fault.reason, value.as_str()?))
            }
            // No error carries bytes.
            Content::Bytes(..) => None,
        }
    }
}

/// XML as a tree with its root, which may be what the spec's tree begins with.
fn document(root: &Element) -> Value {
    Value::map([(root.name.local.clone(), root.to_value())].into_iter().collect())
}

/// The best fit in a tree or any tree in it: envelopes and roots stand around what a spec says.
fn somewhere(value: &Value, fits: &dyn Fn(&Value) -> Option<usize>) -> Option<usize> {
    let members = value.members().into_iter().flatten().map(|(_, member)| member);
    let items = value.as_list().unwrap_or_default().iter();
    let inside = members.chain(items).filter_map(|inner| somewhere(inner, fits));
    inside.chain(fits(value)).max()
}

fn in_tree(tree: &Tree, value: &Value) -> Option<usize> {
    match tree {
        Tree::Constant(constant) => in_constant(constant, value),
        Tree::Text(text) => in_text(text, &value.scalar_text()?),
        Tree::Map(members) => {
            let mut constants = value.members().map(|_| 0)?;
            for (name, member) in members {
                match value.get(name) {
                    Some(value) => constants += 1 + in_tree(member, value)?,
                    // What is worked out may be absent.
                    None if matches!(member, Tree::Expression(_) | Tree::If { .. }) => {}
                    None => return None,
                }
            }
            Some(constants)
        }
        Tree::List(_) | Tree::Expression(_) | Tree::ForEach { .. } | Tree::If { .. } => Some(0),
    }
}

fn in_constant(constant: &Value, value: &Value) -> Option<usize> {
    if let Some(members) = constant.members() {
        let mut constants = 0;
        for (name, member) in members {
            constants += 1 + in_constant(member, value.get(name)?)?;
        }
        return Some(constants);
    }
    // In XML and forms a text spells a number.
    match (constant.scalar_text(), value.scalar_text()) {
        (Some(constant), Some(value)) => (constant == value).then_some(constant.len()),
        _ => (constant.is_empty() == value.is_empty()).then_some(0),
    }
}

/// How many characters of the text are constant, if they are in the other one in order.
fn in_text(text: &Text, other: &str) -> Option<usize> {
    let mut rest = other;
    let mut constants = 0;
    for part in &text.parts {
        if let TextPart::Literal(literal) = part {
            let at = rest.find(&**literal)?;
            rest = rest.get(at + literal.len()..).unwrap_or_default();
            constants += literal.len();
        }
    }
    Some(constants)
}
