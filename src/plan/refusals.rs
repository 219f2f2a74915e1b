//! The errors with which a request can be refused, in whatever way.

use std::collections::BTreeSet;

use super::Plan;
use super::failure::FailureTable;
use super::operation::{Binding, Operation};
use super::schema::{Additional, Schema};
use super::step::Part;
use crate::model::{CollectionId, ErrorId, Failure};

/// The errors that an operation can give to who reaches it in that way.
pub fn of_operation(plan: &Plan, operation: &Operation, binding: &Binding) -> BTreeSet<ErrorId> {
    let failures = &binding.failures;
    let mut search = Search { plan, failures, found: BTreeSet::new() };
    search.operation(operation);
    search.found
}

/// The errors that what reaches no operation is given.
pub fn of_nowhere(plan: &Plan) -> BTreeSet<ErrorId> {
    let failures = &plan.failures;
    let mut search = Search { plan, failures, found: BTreeSet::new() };
    for failure in [Failure::UnknownPath, Failure::MethodNotAllowed, Failure::MalformedUrl] {
        search.failure(failure);
    }
    search.found
}

struct Search<'p> {
    plan: &'p Plan,
    failures: &'p FailureTable,
    found: BTreeSet<ErrorId>,
}

impl Search<'_> {
    fn failure(&mut self, failure: Failure) {
        self.found.extend(self.failures.get(failure).map(|answer| answer.error));
    }

    fn operation(&mut self, operation: &Operation) {
        self.found.extend(self.plan.rate_limit.as_ref().and_then(|limit| limit.error));
        if operation.idempotent {
            let required = self.plan.idempotency.as_ref().and_then(|one| one.required);
            let mismatch = self.plan.idempotency.as_ref().map(|one| one.mismatch);
            self.found.extend(required.into_iter().chain(mismatch));
        }
        self.security(operation);
        for failure in [Failure::MalformedUrl, Failure::NotAcceptable, Failure::UnknownParameter] {
            self.failure(failure);
        }
        for parameter in &operation.parameters {
            self.failure(Failure::RepeatedParameter);
            self.value(&parameter.schema, parameter.required);
        }
        if let Some(body) = &operation.body {
            self.failure(Failure::UnsupportedMediaType);
            self.failure(Failure::MalformedBody);
            self.failure(Failure::BodyTooLarge);
            if body.required {
                self.failure(Failure::MissingBody);
            }
            body.schemas.iter().for_each(|(_, body)| self.value(&body.schema, false));
        }
        self.plan.recursive.iter().for_each(|schema| self.value(schema, false));
        for step in operation.steps.all() {
            step.verb.parts().iter().for_each(|part| self.part(part));
        }
    }

    fn security(&mut self, operation: &Operation) {
        for (scheme, permissions) in operation.security.iter().flat_map(|one| &one.schemes) {
            let Some(scheme) = self.plan.security_schemes.get(scheme.0) else { continue };
            let errors = &scheme.errors;
            self.found.extend(errors.missing.or(errors.unknown));
            self.found.extend(errors.unknown.or(errors.missing));
            if scheme.fields.expires.is_some() {
                self.found.extend(errors.expired.or(errors.unknown).or(errors.missing));
            }
            if scheme.fields.methods.is_some() {
                self.found.extend(errors.method);
            }
            if !permissions.is_empty() {
                self.found.extend(errors.permission);
            }
        }
    }

    /// What breaks a schema has its error, or else that of the failure.
    fn broken(&mut self, error: Option<ErrorId>, failure: Failure) {
        match error {
            Some(error) => self.found.extend([error]),
            None => self.failure(failure),
        }
    }

    fn value(&mut self, schema: &Schema, required: bool) {
        if required {
            self.broken(schema.error_for(Failure::Required), Failure::Required);
        }
        if !schema.types.is_empty() {
            self.broken(schema.error_for(Failure::Type), Failure::Type);
        }
        for constraint in &schema.constraints {
            self.broken(schema.error_of(constraint), Failure::Keyword(constraint.keyword.word));
        }
        for property in schema.properties.iter().filter(|property| property.required) {
            self.broken(property.schema.error_for(Failure::Required), Failure::Required);
        }
        if !schema.undeclared.is_empty() {
            self.broken(schema.error_for(Failure::Required), Failure::Required);
        }
        let undeclared = schema.error_for(Failure::AdditionalProperties);
        match &schema.additional {
            Additional::Refused => self.broken(undeclared, Failure::AdditionalProperties),
            Additional::Defined(defined) => {
                self.broken(defined.error.or(undeclared), Failure::AdditionalProperties);
            }
            Additional::Allowed | Additional::Schema(_) => {}
        }
        schema.inner().for_each(|inner| self.value(inner, false));
    }

    fn conflict(&mut self, collection: CollectionId, instead: Option<ErrorId>) {
        let unique = self.plan.collections.get(collection.0);
        let unique = unique.into_iter().flat_map(|collection| &collection.unique);
        match instead {
            Some(error) => self.found.extend([error]),
            None => self.found.extend(unique.filter_map(|unique| unique.error)),
        }
    }

    fn part(&mut self, part: &Part<'_>) {
        match part {
            Part::Rejection(rejection) => self.found.extend([rejection.error]),
            Part::Writes(collection, instead) => self.conflict(*collection, *instead),
            Part::Schema(schema) => self.value(schema, false),
            Part::Gives(..)
            | Part::Tree(_)
            | Part::Answer(_)
            | Part::Status(_)
            | Part::Steps(_) => {}
        }
    }
}
