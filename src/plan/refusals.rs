//! The errors with which a request can be refused, in whatever way.

use std::collections::BTreeSet;

use http::StatusCode;

use super::Plan;
use super::failure::FailureTable;
use super::operation::{Binding, Operation};
use super::schema::{Additional, Schema};
use super::step::Part;
use crate::model::{CollectionId, ErrorId, Failure, Place, RuleId, SchemeId};

/// An error with which a request can be refused, and by what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// The error.
    pub error: ErrorId,
    /// What gives it.
    pub cause: Cause,
}

/// What a request is refused by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cause {
    /// There are too many of them.
    RateLimit,
    /// It has no idempotency key.
    NoIdempotencyKey,
    /// Its idempotency key is that of another request.
    OtherRequest,
    /// What is wrong with the key that it shows by a scheme.
    Key(SchemeId, WrongKey),
    /// Something that every API has.
    Failure(Failure),
    /// A value of it, or of a value that a step reads: how it is reached, and what it breaks.
    Value(String, Failure),
    /// What it writes is not the only one of its kind: the collection, and the constraint.
    Twin(CollectionId, RuleId),
    /// A step.
    Step(RuleId),
}

impl Cause {
    /// The status of the problem document, where there is no error for it; none where nothing is
    /// refused then.
    fn status(&self) -> Option<StatusCode> {
        match self {
            Self::RateLimit => Some(StatusCode::TOO_MANY_REQUESTS),
            Self::Key(_, WrongKey::Method | WrongKey::Permission) => Some(StatusCode::FORBIDDEN),
            Self::Key(..) => Some(StatusCode::UNAUTHORIZED),
            Self::Failure(Failure::NotAcceptable | Failure::UnknownParameter)
            | Self::NoIdempotencyKey
            | Self::OtherRequest
            | Self::Step(_) => None,
            Self::Failure(failure) | Self::Value(_, failure) => Some(failure.status()),
            Self::Twin(..) => Some(Failure::Unique.status()),
        }
    }
}

/// What is wrong with a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WrongKey {
    /// There is none.
    Missing,
    /// Nobody has it.
    Unknown,
    /// It has ended.
    Expired,
    /// It is not good for the method.
    Method,
    /// It lacks a permission.
    Permission,
}

/// The errors that an operation can give to who reaches it in that way.
pub fn of_operation(plan: &Plan, operation: &Operation, binding: &Binding) -> BTreeSet<ErrorId> {
    by_cause(plan, operation, binding).into_iter().map(|refused| refused.error).collect()
}

/// The same, each with what gives it, in the order in which it is looked at. A value of the body
/// is reached by the names of members, a value in a parameter by the parameter's first. What can
/// happen at several places alike is there several times.
pub fn by_cause(plan: &Plan, operation: &Operation, binding: &Binding) -> Vec<Refused> {
    let mut search = Search::new(plan, &binding.failures);
    search.operation(operation, binding);
    search.found
}

/// The statuses with which an operation refuses what the spec has no error for: by a problem
/// document.
pub fn without_error(
    plan: &Plan,
    operation: &Operation,
    binding: &Binding,
) -> BTreeSet<StatusCode> {
    let mut search = Search::new(plan, &binding.failures);
    search.operation(operation, binding);
    search.without
}

/// The errors that what reaches no operation is given.
pub fn of_nowhere(plan: &Plan) -> BTreeSet<ErrorId> {
    let mut search = Search::new(plan, &plan.failures);
    for failure in [Failure::UnknownPath, Failure::MethodNotAllowed, Failure::MalformedUrl] {
        search.failure(failure);
    }
    search.found.into_iter().map(|refused| refused.error).collect()
}

struct Search<'p> {
    plan: &'p Plan,
    failures: &'p FailureTable,
    found: Vec<Refused>,
    /// The statuses of what no error is given for.
    without: BTreeSet<StatusCode>,
}

impl<'p> Search<'p> {
    fn new(plan: &'p Plan, failures: &'p FailureTable) -> Self {
        Self { plan, failures, found: Vec::new(), without: BTreeSet::new() }
    }

    fn give(&mut self, error: Option<ErrorId>, cause: Cause) {
        match error {
            Some(error) => self.found.push(Refused { error, cause }),
            None => self.without.extend(cause.status()),
        }
    }

    fn failure(&mut self, failure: Failure) {
        let answer = self.failures.get(failure);
        self.give(answer.map(|answer| answer.error), Cause::Failure(failure));
    }

    fn operation(&mut self, operation: &Operation, binding: &Binding) {
        for limit in operation.rate_limits.iter().filter_map(|at| self.plan.rate_limits.get(*at)) {
            self.give(limit.error, Cause::RateLimit);
        }
        if operation.idempotent {
            let required = self.plan.idempotency.as_ref().and_then(|one| one.required);
            let mismatch = self.plan.idempotency.as_ref().map(|one| one.mismatch);
            self.give(required, Cause::NoIdempotencyKey);
            self.give(mismatch, Cause::OtherRequest);
        }
        self.security(operation);
        for failure in [Failure::MalformedUrl, Failure::NotAcceptable, Failure::UnknownParameter] {
            self.failure(failure);
        }
        for parameter in &operation.parameters {
            self.failure(Failure::RepeatedParameter);
            let required = parameter.required
                && (binding.parameters_required || parameter.place == Place::Path);
            self.value(&parameter.name, &parameter.schema, required);
        }
        if let Some(body) = &operation.body {
            self.failure(Failure::UnsupportedMediaType);
            self.failure(Failure::MalformedBody);
            self.failure(Failure::BodyTooLarge);
            // No bytes are a form without members.
            let types = operation.consumes.iter().filter_map(|id| self.plan.media_types.get(id.0));
            if body.required && types.into_iter().any(|media_type| !media_type.is_form) {
                self.failure(Failure::MissingBody);
            }
            body.schemas.iter().for_each(|(_, body)| self.value("", &body.schema, false));
        }
        self.plan.recursive.iter().for_each(|schema| self.value("", schema, false));
        for step in operation.steps.all() {
            step.verb.parts().iter().for_each(|part| self.part(part, step.rule));
        }
    }

    fn security(&mut self, operation: &Operation) {
        for (id, permissions) in operation.security.iter().flat_map(|one| &one.schemes) {
            let Some(scheme) = self.plan.security_schemes.get(id.0) else { continue };
            let errors = &scheme.errors;
            let mut give = |error, wrong| self.give(error, Cause::Key(*id, wrong));
            give(errors.missing.or(errors.unknown), WrongKey::Missing);
            if let Some(keys) = &scheme.keys {
                give(errors.unknown.or(errors.missing), WrongKey::Unknown);
                if keys.fields.expires.is_some() {
                    give(errors.expired.or(errors.unknown).or(errors.missing), WrongKey::Expired);
                }
                if keys.fields.methods.is_some() {
                    give(errors.method, WrongKey::Method);
                }
            }
            if !permissions.is_empty() {
                give(errors.permission, WrongKey::Permission);
            }
            for step in scheme.verify.iter().flat_map(|verify| verify.steps.all()) {
                step.verb.parts().iter().for_each(|part| self.part(part, step.rule));
            }
        }
    }

    /// What breaks a schema has its error, or else that of the failure.
    fn broken(&mut self, at: &str, error: Option<ErrorId>, failure: Failure) {
        let error = error.or_else(|| self.failures.get(failure).map(|answer| answer.error));
        self.give(error, Cause::Value(at.to_owned(), failure));
    }

    fn value(&mut self, at: &str, schema: &Schema, required: bool) {
        if required {
            self.broken(at, schema.error_for(Failure::Required), Failure::Required);
        }
        if !schema.types.is_empty() {
            self.broken(at, schema.error_for(Failure::Type), Failure::Type);
        }
        for constraint in &schema.constraints {
            let failure = Failure::Keyword(constraint.keyword.word);
            self.broken(at, schema.error_of(constraint), failure);
        }
        for property in schema.properties.iter().filter(|property| property.required) {
            let error = property.schema.error_for(Failure::Required);
            self.broken(&member(at, &property.name), error, Failure::Required);
        }
        for name in &schema.undeclared {
            self.broken(&member(at, name), schema.error_for(Failure::Required), Failure::Required);
        }
        let undeclared = schema.error_for(Failure::AdditionalProperties);
        match &schema.additional {
            Additional::Refused => self.broken(at, undeclared, Failure::AdditionalProperties),
            Additional::Defined(defined) => {
                let error = defined.error.or(undeclared);
                self.broken(at, error, Failure::AdditionalProperties);
            }
            Additional::Allowed | Additional::Schema(_) => {}
        }
        let items = schema.items.as_deref().into_iter().chain(&schema.prefix);
        for (path, inner) in schema
            .properties
            .iter()
            .map(|property| (member(at, &property.name), &property.schema))
            .chain(items.map(|item| (format!("{at}[]"), item)))
            .collect::<Vec<_>>()
        {
            self.value(&path, inner, false);
        }
        schema.unnamed().for_each(|inner| self.value(at, inner, false));
    }

    fn conflict(&mut self, collection: CollectionId, instead: Option<ErrorId>) {
        let unique = self.plan.collections.get(collection.0);
        for unique in unique.into_iter().flat_map(|collection| &collection.unique) {
            self.give(instead.or(unique.error), Cause::Twin(collection, unique.rule));
        }
    }

    fn part(&mut self, part: &Part<'_>, step: RuleId) {
        match part {
            Part::Rejection(rejection) => self.give(Some(rejection.error), Cause::Step(step)),
            Part::Writes(collection, instead) => self.conflict(*collection, *instead),
            Part::Schema(schema) => self.value("", schema, false),
            Part::Gives(..)
            | Part::Tree(_)
            | Part::Judged(_)
            | Part::Answer(_)
            | Part::Status(_)
            | Part::Steps(_) => {}
        }
    }
}

/// How a member is reached in what stands at a place.
fn member(at: &str, name: &str) -> String {
    if at.is_empty() { name.to_owned() } else { format!("{at}.{name}") }
}
