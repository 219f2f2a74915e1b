//! A spec without what implements one statement: the mutant that a scenario has to find.
//!
//! A scenario that still passes when the rules behind the statement it covers are gone proves
//! nothing. [`without`] takes them out; the rest of the spec stays as it is.

use std::sync::Arc;

use http::StatusCode;

use super::{
    Additional, Checked, CollectionId, Constraint, Content, Expression, Failures, Foldable, Folder,
    MediaTypeId, Operation, Place, Respond, Route, RuleId, Schema, Service, Tree, Variable,
};

/// What a mutated error answers with: something that no vendor documents.
const TAKEN_OUT: StatusCode = StatusCode::NOT_IMPLEMENTED;

/// What answers say they are of whose media type is taken out.
const OTHER_TYPE: &str = "application/octet-stream";

/// The spec without the nodes that implement a statement, by its position.
pub fn without(service: &Service, statement: usize) -> Service {
    let mut mutant = service.clone();
    let gone = Gone { service, statement };
    gone.servers(&mut mutant);
    gone.media_types(&mut mutant);
    gone.security(&mut mutant);
    gone.verifying(&mut mutant);
    gone.failures(&mut mutant.failures);
    mutant.rate_limits.retain(|limit| !gone.has(limit.rule));
    if mutant.idempotency.as_ref().is_some_and(|idempotency| gone.has(idempotency.rule)) {
        mutant.idempotency = None;
    }
    if mutant.cors.as_ref().is_some_and(|cors| gone.has(cors.rule)) {
        mutant.cors = None;
    }
    for error in &mut mutant.errors {
        if gone.has(error.rule) {
            let headers = std::mem::take(&mut error.respond.headers);
            error.respond = Respond::new(TAKEN_OUT, headers, Content::Nothing);
        }
    }
    for setting in &mut mutant.settings {
        gone.schema(&mut setting.schema);
    }
    for collection in &mut mutant.collections {
        if gone.has(collection.rule) {
            collection.fixtures.clear();
        }
        collection.unique.retain(|unique| !gone.has(unique.rule));
        gone.schema(&mut collection.schema);
    }
    mutant.recursive.iter_mut().for_each(|schema| gone.schema(schema));
    for soap in &mut mutant.soap_services {
        gone.failures(&mut soap.failures);
    }
    mutant.responses.retain(|response| !gone.has(response.rule));
    for operation in &mut mutant.operations {
        gone.operation(operation);
    }
    mutant
}

struct Gone<'s> {
    service: &'s Service,
    statement: usize,
}

impl Gone<'_> {
    fn has(&self, rule: RuleId) -> bool {
        let rule = self.service.rules.get(rule.0 as usize);
        rule.is_some_and(|rule| rule.statements.contains(&self.statement))
    }

    /// A vendor without servers is nowhere; without its host it is only below its prefix.
    fn servers(&self, mutant: &mut Service) {
        mutant.servers.retain(|server| !self.has(server.rule));
    }

    /// Media types keep their position, since others name them by it; nothing reads or writes
    /// them any more. Where none is left to answer in, answers say that they are of another.
    fn media_types(&self, mutant: &mut Service) {
        let gone: Vec<MediaTypeId> = mutant
            .media_types
            .iter()
            .enumerate()
            .filter(|(_, media_type)| self.has(media_type.rule))
            .map(|(at, _)| MediaTypeId(at))
            .collect();
        for operation in &mut mutant.operations {
            operation.consumes.retain(|id| !gone.contains(id));
            if !operation.produces.iter().all(|id| gone.contains(id)) {
                operation.produces.retain(|id| !gone.contains(id));
            }
        }
        for MediaTypeId(at) in gone {
            if let Some(media_type) = mutant.media_types.get_mut(at) {
                media_type.content_type = OTHER_TYPE.into();
            }
        }
    }

    fn security(&self, mutant: &mut Service) {
        let schemes = &mutant.security_schemes;
        let gone = |scheme: super::SchemeId| {
            schemes.get(scheme.0).is_some_and(|scheme| self.has(scheme.rule))
        };
        for operation in &mut mutant.operations {
            for requirement in &mut operation.security {
                requirement.schemes.retain(|(scheme, _)| !gone(*scheme));
            }
        }
    }

    /// What a scheme looks at besides its key.
    fn verifying(&self, mutant: &mut Service) {
        for scheme in &mut mutant.security_schemes {
            scheme.steps = scheme.steps.fold(&mut Steps(self));
        }
    }

    fn failures(&self, failures: &mut Failures) {
        failures.0.retain(|(_, answer)| !self.has(answer.rule));
    }

    fn operation(&self, operation: &mut Operation) {
        let soap = |route: &Route| match route {
            Route::Soap(id) => self.service.soap_services.get(id.0).map(|soap| soap.rule),
            Route::Http { .. } => None,
        };
        let whole = self.has(operation.rule);
        operation.bindings.retain(|binding| {
            let service = soap(&binding.route).is_some_and(|rule| self.has(rule));
            !whole && !service && !self.has(binding.rule)
        });
        for binding in &mut operation.bindings {
            self.failures(&mut binding.failures);
        }
        self.failures(&mut operation.failures);
        // A parameter of which the statement says no more than that it is there is not there.
        operation.parameters.retain(|parameter| {
            let schema = &parameter.schema;
            let says_default = schema.default.is_some() && self.has(schema.rule_of("default"));
            let says_when =
                schema.ignored_unless.is_some() && self.has(schema.rule_of("ignoredUnless"));
            let bare = !parameter.required
                && !schema.constraints.iter().any(|constraint| self.has(constraint.rule))
                && !says_default
                && !says_when;
            parameter.place == Place::Path || !bare || !self.has(schema.rule)
        });
        for parameter in &mut operation.parameters {
            if self.has(parameter.schema.rule) {
                parameter.required = false;
            }
            self.schema(&mut parameter.schema);
        }
        if let Some(body) = &mut operation.body {
            if self.has(body.rule) {
                body.required = false;
                body.encoding.clear();
            }
            for schema in body.schema.iter_mut().chain(body.content.iter_mut().map(|(_, s)| s)) {
                self.schema(schema);
            }
        }
        operation.responses.retain(|response| !self.has(response.rule));
        operation.steps = operation.steps.fold(&mut Steps(self));
    }

    /// Whether what states a key of the schema is gone.
    fn states(&self, schema: &Schema, key: &str) -> bool {
        self.has(schema.rule_of(key))
    }

    /// A schema that is gone takes anything, and fills nothing in.
    fn schema(&self, schema: &mut Schema) {
        if self.states(schema, "type") {
            schema.types.clear();
        }
        if self.states(schema, "default") {
            schema.default = None;
        }
        if self.states(schema, "generate") {
            schema.generate = None;
        }
        if self.states(schema, "ignoredUnless") {
            schema.ignored_unless = None;
        }
        schema.allow_empty &= !self.states(schema, "allowEmptyValue");
        schema.read_only &= !self.states(schema, "readOnly");
        schema.write_only &= !self.states(schema, "writeOnly");
        schema.case_insensitive &= !self.states(schema, "caseInsensitive");
        if self.states(schema, "additionalProperties") {
            schema.additional = Additional::Allowed;
        }
        if self.states(schema, "required") {
            schema.undeclared.clear();
        }
        let kept = |constraint: &Constraint| !self.has(constraint.rule);
        schema.constraints.retain(kept);
        for property in &mut schema.properties {
            if self.has(property.schema.rule) || self.has(property.required_by) {
                property.required = false;
            }
        }
        if let Additional::Defined(defined) = &schema.additional
            && self.has(defined.rule)
        {
            schema.additional = Additional::Allowed;
        }
        schema.inner_mut().for_each(|inner| self.schema(inner));
    }
}

/// Steps without those that are gone.
struct Steps<'g>(&'g Gone<'g>);

impl Folder for Steps<'_> {
    type To = Checked;

    fn expression(&mut self, expression: &Expression) -> Expression {
        expression.clone()
    }

    fn variable(&mut self, variable: &Variable) -> Variable {
        variable.clone()
    }

    fn access(&mut self, _: CollectionId, fields: &[(Arc<str>, Tree)]) -> Vec<(Arc<str>, Tree)> {
        fields.to_vec()
    }

    fn index(&mut self, _: CollectionId, field: &Arc<str>) -> Arc<str> {
        field.clone()
    }

    fn schema(&mut self, schema: &Schema) -> Schema {
        let mut schema = schema.clone();
        self.0.schema(&mut schema);
        schema
    }

    fn keeps(&self, rule: RuleId) -> bool {
        !self.0.has(rule)
    }
}
