//! Answers over SOAP that the WSDL does not allow which is served of them.
//!
//! The WSDL is made of the schema of `responses`' 200, and every answer that is not a fault stands
//! where that says: a client that holds answers against it, as most do, fails at one that does not
//! fit. What is told is certain: what an expression gives may fit.

use super::Checker;
use crate::diagnostic::Diagnostic;
use crate::model::documented::{Given, Known, documented};
use crate::model::{
    Additional, Content, ErrorId, Failure, Failures, Operation, OperationId, Part, Route, RuleId,
    Schema, Service, Tree, Type, WireOptions,
};
use crate::source::Span;
use crate::value::Value;

const OK: u16 = 200;

/// What an answer has that the schema does not, or lacks of it.
struct Unfit<'s> {
    message: String,
    /// What of the schema says so.
    place: &'s Span,
}

impl Checker<'_> {
    pub(super) fn check_soap_answers(&mut self, service: &Service) {
        let mut told: Vec<RuleId> = Vec::new();
        for (at, operation) in service.operations.iter().enumerate() {
            let mut bindings = operation.bindings.iter();
            let over_soap = bindings.position(|one| matches!(one.route, Route::Soap(_)));
            let answer = operation.responses.iter().find(|response| response.status == OK);
            let Some(binding) = over_soap else { continue };
            let Some(schema) = answer.and_then(|answer| answer.schema.as_ref()) else { continue };
            for (name, tree, rule) in answers(service, (OperationId(at), operation), binding) {
                let Some(unfit) = unfit(tree, schema, "") else { continue };
                if told.contains(&rule) {
                    continue;
                }
                told.push(rule);
                let Some(rule) = service.rules.get(rule.0 as usize) else { continue };
                let message =
                    format!("{name} never fits the WSDL of `{}`: {}", operation.id, unfit.message);
                let help = "the WSDL is made of the schema of `responses`' 200: a client that holds \
                            answers against it fails at this one";
                self.problems.push(
                    Diagnostic::error(
                        "unfit-answer",
                        message,
                        &rule.span,
                        "answers this over SOAP",
                    )
                    .warning()
                    .related(unfit.place, "the WSDL says so")
                    .help(help),
                );
            }
        }
    }
}

/// The trees that an operation answers over SOAP: those of its steps, and those of the errors that
/// it can give, with what they are called and where they stand.
fn answers<'s>(
    service: &'s Service,
    (id, operation): (OperationId, &'s Operation),
    binding: usize,
) -> Vec<(String, &'s Tree, RuleId)> {
    let mut all = Vec::new();
    for step in operation.steps.all() {
        for part in step.verb.parts() {
            if let Part::Answer(respond) = part
                && let Content::Tree(tree, _) = &respond.content
            {
                all.push(("this answer".to_owned(), tree, step.rule));
            }
        }
    }
    let never = never_given(service, operation, binding);
    for (known, _) in documented(service, &[(id, Some(binding))]).all() {
        let Known::Given(Given { error: Some(name), content, .. }) = known else { continue };
        let Content::Tree(tree, media_type) = content else { continue };
        // An error in another form is for other ways to the operation.
        let media_type = media_type.and_then(|id| service.media_types.get(id.0));
        if media_type.is_some_and(|one| !matches!(one.wire, WireOptions::Xml { .. })) {
            continue;
        }
        let error = service.errors.iter().position(|error| *error.name == **name);
        let Some(error) = error.filter(|at| !never.contains(&ErrorId(*at))) else { continue };
        if let Some(error) = service.errors.get(error) {
            all.push((format!("the error `{name}`"), tree, error.rule));
        }
    }
    all
}

/// The errors of `failures` of which nobody knows that a message to the operation can fail so.
fn never_given(service: &Service, operation: &Operation, binding: usize) -> Vec<ErrorId> {
    let binding = operation.bindings.get(binding);
    let soap = binding.and_then(|binding| match binding.route {
        Route::Soap(id) => service.soap_services.get(id.0),
        Route::Http { .. } => None,
    });
    let own = binding.map(|binding| &binding.failures);
    let tables = [own, soap.map(|soap| &soap.failures), Some(&operation.failures)];
    let tables = tables.into_iter().chain([Some(&service.failures)]).flatten();
    let can = |failure: Failure| {
        let required = binding.is_some_and(|binding| binding.parameters_required);
        match failure {
            Failure::Required => required && operation.parameters.iter().any(|one| one.required),
            Failure::Type | Failure::Keyword(_) => {
                operation.parameters.iter().any(|one| can_fail(&one.schema, failure))
            }
            _ => false,
        }
    };
    let entries = |table: &Failures| table.0.clone();
    let (possible, never): (Vec<_>, Vec<_>) =
        tables.flat_map(entries).partition(|(failure, _)| can(*failure));
    let never = never.into_iter().map(|(_, answer)| answer.error);
    never.filter(|error| !possible.iter().any(|(_, one)| one.error == *error)).collect()
}

fn can_fail(schema: &Schema, failure: Failure) -> bool {
    let fails = match failure {
        Failure::Keyword(word) => {
            schema.constraints.iter().any(|one| one.keyword.word == word && one.error.is_none())
        }
        _ => !schema.types.is_empty() && schema.types != [Type::String],
    };
    fails && schema.error_for(failure).is_none()
        || schema.inner().any(|inner| can_fail(inner, failure))
}

/// A fixed value as the tree that it was written as.
fn taken_apart(value: &Value) -> Tree {
    let fixed = |value: &Value| Tree::Constant(value.clone());
    if let Some(items) = value.as_list() {
        return Tree::List(items.iter().map(fixed).collect());
    }
    match value.members() {
        Some(members) => Tree::Map(members.map(|(name, it)| (name.clone(), fixed(it))).collect()),
        None => fixed(value),
    }
}

/// Why a tree never fits.
fn unfit<'s>(tree: &Tree, schema: &'s Schema, path: &str) -> Option<Unfit<'s>> {
    let is_list = schema.types.contains(&Type::Array);
    let opened;
    let tree = match tree {
        Tree::Constant(value) => {
            opened = taken_apart(value);
            &opened
        }
        tree => tree,
    };
    match tree {
        Tree::List(items) if is_list => {
            let schema = schema.items.as_deref()?;
            items.iter().find_map(|item| unfit(item, schema, path))
        }
        Tree::List(_) | Tree::ForEach { .. } if !schema.types.is_empty() && !is_list => {
            let of = if path.is_empty() { "the answer" } else { path };
            let message = format!("{of} is a list, and the schema has no list there");
            Some(Unfit { message, place: schema.place("type") })
        }
        Tree::Map(members) if !is_list => {
            let below = |name: &str| match path {
                "" => format!("`{name}`"),
                path => format!("`{}.{name}`", path.trim_matches('`')),
            };
            let given = |name: &str| members.iter().find(|(known, _)| **known == *name);
            for property in &schema.properties {
                match given(&property.name) {
                    None if property.required && !property.schema.types.contains(&Type::Array) => {
                        let message = format!("it lacks {}", below(&property.name));
                        return Some(Unfit { message, place: schema.place("required") });
                    }
                    None => {}
                    Some((name, tree)) => {
                        let found = unfit(tree, &property.schema, &below(name));
                        if found.is_some() {
                            return found;
                        }
                    }
                }
            }
            let is_known = |name: &str| {
                schema.properties.iter().any(|property| *property.name == *name)
                    || schema.patterns.iter().any(|(pattern, _)| pattern.is_match(name))
            };
            let closed = matches!(schema.additional, Additional::Refused);
            let (name, _) = members.iter().find(|(name, _)| closed && !is_known(name))?;
            let message = format!("it has {}, which is not declared", below(name));
            Some(Unfit { message, place: schema.place("additionalProperties") })
        }
        _ => None,
    }
}
