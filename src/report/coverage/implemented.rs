//! What has to be exercised for a statement to be: what implements it, as far as it can be seen.

use std::collections::HashSet;
use std::sync::Arc;

use super::ItemKind;
use crate::model::{Additional, Failures, Part, RuleId, Schema, Service, Type};

/// Something without which a rule was not exercised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Needs {
    /// The mock says whether it was looked at.
    Noted,
    /// Any answer of the vendor.
    Answer,
    /// An operation or an error.
    Item(ItemKind, Arc<str>),
}

/// For each statement, what shows that a rule of it was exercised; any of it is enough.
pub(super) fn implemented(service: &Service) -> Vec<Vec<Needs>> {
    let mut walk =
        Walk { service, known: HashSet::new(), of: vec![Vec::new(); service.statements.len()] };
    walk.noted();
    walk.errors();
    walk.operations();
    // What is the vendor's as a whole: servers, media types, settings, rows.
    for at in 0..service.rules.len() {
        let rule = RuleId(u32::try_from(at).unwrap_or(u32::MAX));
        if !walk.known.contains(&rule) {
            walk.needs(rule, &Needs::Answer);
        }
    }
    walk.of
}

struct Walk<'s> {
    service: &'s Service,
    known: HashSet<RuleId>,
    of: Vec<Vec<Needs>>,
}

impl Walk<'_> {
    fn needs(&mut self, rule: RuleId, needs: &Needs) {
        self.known.insert(rule);
        let Some(rule) = self.service.rules.get(rule.0 as usize) else { return };
        for statement in &rule.statements {
            if let Some(all) = self.of.get_mut(*statement)
                && !all.contains(needs)
            {
                all.push(needs.clone());
            }
        }
    }

    /// Rules that are looked at one by one, which the mock takes note of.
    fn noted(&mut self) {
        let service = self.service;
        let schemes = service.security_schemes.iter().map(|scheme| scheme.rule);
        let limits = service.rate_limits.iter().map(|limit| limit.rule);
        let cors = service.cors.iter().map(|cors| cors.rule);
        let keys = service.idempotency.iter().map(|keys| keys.rule);
        let unique = service.collections.iter().flat_map(|collection| &collection.unique);
        let unique = unique.map(|unique| unique.rule);
        let verifying = service.security_schemes.iter().flat_map(|scheme| scheme.steps.all());
        let steps = service.operations.iter().flat_map(|operation| operation.steps.all());
        let steps = steps.chain(verifying);
        let steps = steps.map(|step| step.rule);
        for rule in schemes.chain(limits).chain(cors).chain(keys).chain(unique).chain(steps) {
            self.needs(rule, &Needs::Noted);
        }
    }

    fn errors(&mut self) {
        let service = self.service;
        for error in &service.errors {
            self.needs(error.rule, &Needs::Item(ItemKind::Error, error.name.clone()));
        }
        self.failures(&service.failures);
        for soap in &service.soap_services {
            self.failures(&soap.failures);
        }
        for operation in &service.operations {
            self.failures(&operation.failures);
            for binding in &operation.bindings {
                self.failures(&binding.failures);
            }
        }
    }

    fn failures(&mut self, failures: &Failures) {
        for (_, answer) in &failures.0 {
            self.needs(answer.rule, &Needs::Noted);
            if let Some(error) = self.service.errors.get(answer.error.0) {
                self.needs(answer.rule, &Needs::Item(ItemKind::Error, error.name.clone()));
            }
        }
    }

    fn operations(&mut self) {
        for operation in &self.service.operations {
            let item = Needs::Item(ItemKind::Operation, operation.id.clone());
            let bindings = operation.bindings.iter().map(|binding| binding.rule);
            let body = operation.body.iter().map(|body| body.rule);
            let responses = operation.responses.iter().map(|response| response.rule);
            for rule in bindings.chain(body).chain(responses).chain([operation.rule]) {
                self.needs(rule, &item);
            }
            for parameter in &operation.parameters {
                self.schema(&parameter.schema, &item);
            }
            let contents = operation.body.iter().flat_map(|body| {
                body.schema.iter().chain(body.content.iter().map(|(_, schema)| schema))
            });
            contents.for_each(|schema| self.schema(schema, &item));
            for step in operation.steps.all() {
                for part in step.verb.parts() {
                    if let Part::Schema(schema) | Part::Judged(schema) = part {
                        self.schema(schema, &item);
                    }
                }
            }
            let answers =
                operation.responses.iter().filter_map(|response| response.schema.as_ref());
            answers.for_each(|schema| self.schema(schema, &item));
        }
        // What fills a row, and what it is held against, shows only where an operation writes it.
        let rows = self.service.collections.iter().map(|collection| &collection.schema);
        let settings = self.service.settings.iter().map(|setting| &setting.schema);
        for schema in rows.chain(settings).chain(&self.service.recursive) {
            self.schema(schema, &Needs::Answer);
        }
    }

    /// Of a schema the mock notes which of its keywords were looked at, and whether it was broken
    /// as a whole; that it fills something in, or takes what others do not, is seen nowhere.
    fn schema(&mut self, schema: &Schema, place: &Needs) {
        let own = [schema.rule].into_iter().chain(schema.beneath.iter().map(|(_, rule)| *rule));
        let required = schema.properties.iter().filter(|one| one.required);
        for rule in own.chain(required.map(|one| one.required_by)) {
            self.needs(rule, &Needs::Noted);
        }
        let gives = schema.default.is_some()
            || schema.generate.is_some()
            || schema.read_only
            || schema.write_only
            || schema.allow_empty
            || schema.case_insensitive
            || schema.types.contains(&Type::Object);
        if gives || schema.constraints.is_empty() {
            self.needs(schema.rule, place);
            for (_, rule) in &schema.beneath {
                self.needs(*rule, place);
            }
        }
        for constraint in &schema.constraints {
            self.needs(constraint.rule, &Needs::Noted);
        }
        if let Additional::Defined(defined) = &schema.additional {
            self.needs(defined.rule, place);
        }
        schema.inner().for_each(|inner| self.schema(inner, place));
    }
}
