//! The statuses that an operation can give, by all that the spec says.

use std::collections::BTreeSet;

use crate::model::{
    Additional, ErrorId, Failures, Operation, OperationId, Route, Schema, Service, Step, Verb,
};

/// All documented statuses of operations, or, without any, those that a request to nowhere gets.
pub(super) fn documented(
    service: &Service,
    operations: &[(OperationId, Option<usize>)],
) -> BTreeSet<u16> {
    let mut gathering = Gathering { service, statuses: BTreeSet::new() };
    gathering.failures(&service.failures);
    if let Some(limit) = &service.rate_limit {
        gathering.error_or(limit.error, 429);
    }
    for (id, binding) in operations {
        if let Some(operation) = service.operations.get(id.0) {
            gathering.operation(operation, *binding);
        }
    }
    gathering.statuses
}

struct Gathering<'s> {
    service: &'s Service,
    statuses: BTreeSet<u16>,
}

impl Gathering<'_> {
    fn error(&mut self, error: Option<ErrorId>) {
        let error = error.and_then(|id| self.service.errors.get(id.0));
        self.statuses.extend(error.map(|error| error.status));
    }

    /// Where no error is given the spec language itself says which status it is.
    fn error_or(&mut self, error: Option<ErrorId>, status: u16) {
        match error {
            Some(_) => self.error(error),
            None => _ = self.statuses.insert(status),
        }
    }

    fn failures(&mut self, failures: &Failures) {
        for (_, answer) in &failures.0 {
            self.error(Some(answer.error));
        }
    }

    fn operation(&mut self, operation: &Operation, binding: Option<usize>) {
        self.statuses.extend(operation.responses.iter().map(|response| response.status));
        self.failures(&operation.failures);
        let bindings = operation.bindings.iter().enumerate();
        for (_, binding) in bindings.filter(|(at, _)| binding.is_none_or(|wanted| wanted == *at)) {
            self.failures(&binding.failures);
            if let Route::Soap(id) = &binding.route
                && let Some(soap) = self.service.soap_services.get(id.0)
            {
                self.failures(&soap.failures);
            }
        }
        for requirement in &operation.security {
            for (id, permissions) in &requirement.schemes {
                let Some(scheme) = self.service.security_schemes.get(id.0) else { continue };
                let errors = &scheme.errors;
                self.error_or(errors.missing.or(errors.unknown), 401);
                self.error_or(errors.unknown.or(errors.missing), 401);
                if scheme.keys.expires.is_some() {
                    self.error_or(errors.expired.or(errors.unknown).or(errors.missing), 401);
                }
                if scheme.keys.methods.is_some() {
                    self.error_or(errors.method, 403);
                }
                if !permissions.is_empty() {
                    self.error_or(errors.permission, 403);
                }
            }
        }
        for parameter in &operation.parameters {
            self.schema(&parameter.schema);
        }
        if let Some(body) = &operation.body {
            body.schema.iter().for_each(|schema| self.schema(schema));
            body.content.iter().for_each(|(_, schema)| self.schema(schema));
        }
        self.steps(&operation.steps);
    }

    fn schema(&mut self, schema: &Schema) {
        self.error(schema.error);
        for constraint in &schema.constraints {
            self.error(constraint.error);
        }
        for property in &schema.properties {
            self.schema(&property.schema);
        }
        if let Some(items) = &schema.items {
            self.schema(items);
        }
        match &schema.additional {
            Additional::Allowed | Additional::Refused => {}
            Additional::Schema(schema) => self.schema(schema),
            Additional::Defined(defined) => {
                self.error(defined.error);
                defined.kinds.iter().for_each(|(_, schema)| self.schema(schema));
            }
        }
    }

    fn unique(&mut self, collection: crate::model::CollectionId) {
        let collection = self.service.collections.get(collection.0);
        for unique in collection.into_iter().flat_map(|collection| &collection.unique) {
            self.error(unique.error);
        }
    }

    fn steps(&mut self, steps: &[Step]) {
        for step in steps {
            match &step.verb {
                Verb::Find { or_else, .. } => {
                    self.error(or_else.as_ref().map(|rejection| rejection.error));
                }
                Verb::Insert { collection, on_conflict, .. }
                | Verb::Update { collection, on_conflict, .. } => match on_conflict {
                    Some(error) => self.error(Some(*error)),
                    None => self.unique(*collection),
                },
                Verb::Validate { schema, .. } => self.schema(schema),
                Verb::ForEach { steps, .. } => self.steps(steps),
                Verb::Group(steps) => self.steps(steps),
                Verb::Reject(rejection) => self.error(Some(rejection.error)),
                Verb::Respond { status, .. } => _ = self.statuses.insert(*status),
                Verb::Let(_)
                | Verb::List { .. }
                | Verb::Delete { .. }
                | Verb::Change { .. }
                | Verb::Send { .. }
                | Verb::Note(_) => {}
            }
        }
    }
}
