//! The answers that an operation can give, by all that the spec says.

use std::collections::BTreeSet;

use super::{
    Additional, CollectionId, Content, Effect, ErrorAnswer, ErrorId, Evidence, Failures, Header,
    Operation, OperationId, Part, Respond, Response, Route, RuleId, Schema, Service, SoapService,
    Step,
};

/// Where an answer stands in a spec.
#[derive(Debug, Clone, Copy, Default)]
pub struct Context<'s> {
    /// What gives it; none: nothing has the path.
    pub operation: Option<&'s Operation>,
    /// In whose envelopes it is.
    pub soap: Option<&'s SoapService>,
}

/// What the spec says about an answer.
#[derive(Debug, Clone)]
pub enum Known<'s> {
    /// An entry of `responses`.
    Response(&'s Response),
    /// What a step or an error gives.
    Given(Given<'s>),
    /// That it may come, and nothing of what it carries: the spec says no more, or the spec
    /// language does where a spec has nothing of its own.
    Status,
}

/// What a step or an error gives.
#[derive(Debug, Clone)]
pub struct Given<'s> {
    /// The error, where it is one.
    pub error: Option<&'s str>,
    /// Its headers besides the content type.
    pub headers: &'s [Header],
    /// What it carries.
    pub content: &'s Content,
    /// Whether anybody knows that the vendor says it so, to the letter.
    pub known: bool,
}

/// All answers that the spec documents.
#[derive(Debug)]
pub struct Documented<'s> {
    service: &'s Service,
    context: Context<'s>,
    errors: BTreeSet<ErrorId>,
    list: Vec<(u16, Known<'s>, Context<'s>)>,
    /// What steps give whose bodies `responses` documents.
    beside: Vec<(u16, Given<'s>, Context<'s>)>,
}

/// All documented answers of operations, or, without any, those that a request to nowhere gets.
pub fn documented<'s>(
    service: &'s Service,
    operations: &[(OperationId, Option<usize>)],
) -> Documented<'s> {
    let context = Context::default();
    let errors = BTreeSet::new();
    let mut documented =
        Documented { service, context, errors, list: Vec::new(), beside: Vec::new() };
    for (id, binding) in operations {
        let Some(operation) = service.operations.get(id.0) else { continue };
        let soap = match binding.and_then(|at| operation.bindings.get(at)).map(|b| &b.route) {
            Some(Route::Soap(id)) => service.soap_services.get(id.0),
            _ => None,
        };
        documented.context = Context { operation: Some(operation), soap };
        documented.errors.clear();
        documented.operation(operation, *binding);
        documented.of_all();
    }
    if operations.is_empty() {
        documented.of_all();
    }
    documented
}

impl<'s> Documented<'s> {
    /// The answers with a status, those of `responses` first.
    pub fn with(&self, status: u16) -> Vec<(&Known<'s>, Context<'s>)> {
        let of_status = self.list.iter().filter(|(known, ..)| *known == status);
        let mut found: Vec<_> = of_status.map(|(_, known, at)| (known, *at)).collect();
        let is_shapeless =
            |known: &Known<'_>| matches!(known, Known::Response(r) if r.schema.is_none());
        // Without a schema it says that such an error comes, and the error says how it looks.
        let told = found.iter().any(|(known, _)| matches!(known, Known::Given(_)));
        if status >= 400 && told {
            found.retain(|(known, _)| !is_shapeless(known));
        }
        found.sort_by_key(|(known, _)| !matches!(known, Known::Response(_)));
        found
    }

    /// What steps and errors of an operation give with a status, where `responses` documents it.
    pub fn given(&self, status: u16, at: Context<'s>) -> Vec<&Given<'s>> {
        let errors = self.list.iter().filter_map(|(known, of, context)| match of {
            Known::Given(given) => Some((*known, given, context)),
            Known::Response(_) | Known::Status => None,
        });
        let beside = self.beside.iter().map(|(known, given, context)| (*known, given, context));
        let is_there = |context: &Context<'_>| match (context.operation, at.operation) {
            (Some(one), Some(other)) => std::ptr::eq(one, other),
            (one, other) => one.is_none() && other.is_none(),
        };
        let all = errors.chain(beside);
        all.filter(|(known, _, context)| *known == status && is_there(context))
            .map(|(_, given, _)| given)
            .collect()
    }

    /// The answers with whatever status.
    pub fn all(&self) -> Vec<(&Known<'s>, Context<'s>)> {
        self.list.iter().map(|(_, known, at)| (known, *at)).collect()
    }

    /// All statuses.
    pub fn statuses(&self) -> BTreeSet<u16> {
        self.list.iter().map(|(status, ..)| *status).collect()
    }

    fn add(&mut self, status: u16, known: Known<'s>) {
        self.list.push((status, known, self.context));
    }

    fn responses(&mut self, responses: &'s [Response]) {
        for response in responses {
            let is_anything = response.schema.as_ref().is_some_and(Schema::takes_anything);
            let known = if is_anything { Known::Status } else { Known::Response(response) };
            self.add(response.status, known);
        }
    }

    /// What any request to the vendor can get.
    fn of_all(&mut self) {
        if self.context.operation.is_none() {
            self.responses(&self.service.responses);
        }
        self.failures(&self.service.failures);
        let service = self.service;
        for limit in &service.rate_limits {
            if self.context.operation.is_none_or(|operation| limit.of.has(operation)) {
                self.error_or(limit.error, 429);
            }
        }
    }

    fn is_known(&self, rule: RuleId) -> bool {
        let rule = self.service.rules.get(rule.0 as usize);
        rule.is_some_and(|rule| rule.evidence != Evidence::Assumed)
    }

    fn error(&mut self, id: Option<ErrorId>) {
        let Some(id) = id.filter(|id| self.errors.insert(*id)) else { return };
        if let Some(error) = self.service.errors.get(id.0) {
            let known = self.is_known(error.rule);
            let content = &error.respond.content;
            let headers = &error.respond.headers;
            let given = Given { error: Some(&error.name), headers, content, known };
            self.add(error.respond.status.as_u16(), Known::Given(given));
        }
    }

    /// Where no error is given the spec language itself says which status it is.
    fn error_or(&mut self, error: Option<ErrorId>, status: u16) {
        match error {
            Some(_) => self.error(error),
            None => self.add(status, Known::Status),
        }
    }

    fn failures(&mut self, failures: &'s Failures) {
        for (_, answer) in &failures.0 {
            self.error(Some(answer.error));
        }
    }

    /// What faults of the spec answer in the place of an operation.
    fn faults(&mut self, operation: &'s Operation) {
        let errors = &self.service.errors;
        for fault in operation.disturbances.faults.iter().flatten() {
            match &fault.effect {
                None | Some(Effect::Breaks(_) | Effect::Slowed { .. }) => {}
                Some(Effect::Error(name)) => {
                    self.error(errors.iter().position(|error| error.name == *name).map(ErrorId));
                }
                Some(Effect::Status(status)) => {
                    let of_status = |error: &ErrorAnswer| error.respond.status == *status;
                    let error = errors.iter().position(of_status).map(ErrorId);
                    self.error_or(error, status.as_u16());
                }
            }
        }
    }

    fn operation(&mut self, operation: &'s Operation, binding: Option<usize>) {
        self.responses(&operation.responses);
        self.faults(operation);
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
        let idempotency = self.service.idempotency.as_ref();
        if let Some(idempotency) = idempotency.filter(|one| one.concerns(operation)) {
            idempotency.errors().for_each(|error| self.error(Some(error)));
        }
        for requirement in &operation.security {
            for (id, permissions) in &requirement.schemes {
                let Some(scheme) = self.service.security_schemes.get(id.0) else { continue };
                let errors = &scheme.errors;
                self.error_or(errors.missing.or(errors.unknown), 401);
                if let Some(keys) = &scheme.keys {
                    self.error_or(errors.unknown.or(errors.missing), 401);
                    if keys.expires.is_some() {
                        self.error_or(errors.expired.or(errors.unknown).or(errors.missing), 401);
                    }
                    if keys.methods.is_some() {
                        self.error_or(errors.method, 403);
                    }
                }
                if !permissions.is_empty() {
                    self.error_or(errors.permission, 403);
                }
                scheme.steps.all().into_iter().for_each(|step| self.step(step));
            }
        }
        for parameter in &operation.parameters {
            self.schema(&parameter.schema);
        }
        if let Some(body) = &operation.body {
            body.schema.iter().for_each(|schema| self.schema(schema));
            body.content.iter().for_each(|(_, schema)| self.schema(schema));
        }
        self.service.recursive.iter().for_each(|schema| self.schema(schema));
        operation.steps.all().into_iter().for_each(|step| self.step(step));
    }

    fn schema(&mut self, schema: &'s Schema) {
        self.error(schema.error);
        schema.errors.iter().for_each(|(_, error)| self.error(Some(*error)));
        for constraint in &schema.constraints {
            self.error(constraint.error);
        }
        if let Additional::Defined(defined) = &schema.additional {
            self.error(defined.error);
        }
        schema.inner().for_each(|inner| self.schema(inner));
    }

    fn unique(&mut self, collection: CollectionId) {
        let collection = self.service.collections.get(collection.0);
        for unique in collection.into_iter().flat_map(|collection| &collection.unique) {
            self.error(unique.error);
        }
    }

    fn step(&mut self, step: &'s Step) {
        for part in step.verb.parts() {
            match part {
                Part::Rejection(rejection) => self.error(Some(rejection.error)),
                Part::Writes(_, Some(error)) => self.error(Some(error)),
                Part::Writes(collection, None) => self.unique(collection),
                Part::Schema(schema) => self.schema(schema),
                Part::Status(status) => self.add(status.as_u16(), Known::Status),
                Part::Answer(respond) => self.respond(respond, step.rule),
                Part::Gives(..) | Part::Judged(_) | Part::Tree(_) | Part::Steps(_) => {}
            }
        }
    }

    /// What a step answers says what `responses` leaves open.
    fn respond(&mut self, respond: &'s Respond, rule: RuleId) {
        let status = respond.status.as_u16();
        let mut responses = self.context.operation.into_iter().flat_map(|o| &o.responses);
        let (headers, content, known) = (&respond.headers, &respond.content, self.is_known(rule));
        let given = Given { error: None, headers, content, known };
        match responses.any(|response| response.status == status) {
            true => self.beside.push((status, given, self.context)),
            false => self.add(status, Known::Given(given)),
        }
    }
}
