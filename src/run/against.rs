//! Whether an exchange that somebody else made is as a spec says.

use super::answer::Answer;
use super::client::{Request, Response};
use super::conform::{Asked, conform, is_description, of_content_type, operations_at};
use super::event::Mismatch;
pub use super::known::take_known;
use crate::model::{Operation, Place, SecurityKind, Service};
use crate::source::Span;
use crate::wire::form::decode_pairs;

/// What a spec says about an exchange.
#[derive(Debug)]
pub struct Against<'s> {
    /// Whether the spec has it, as an operation or as the WSDL of a service; otherwise nothing else was looked at.
    pub known: bool,
    /// The operation, where there is one and no more.
    pub operation: Option<&'s Operation>,
    /// By which of its bindings it was reached.
    pub binding: Option<usize>,
    /// What is otherwise, with the place of the spec that says it.
    pub differences: Vec<Mismatch>,
    /// The names in the query that the operation does not have.
    pub unknown: Vec<String>,
}

/// Holds an exchange against a spec; the target is below the base path.
pub fn against<'s>(service: &'s Service, request: &Request, response: &Response) -> Against<'s> {
    let of_none = |known| Against {
        known,
        operation: None,
        binding: None,
        differences: Vec::new(),
        unknown: Vec::new(),
    };
    if is_description(service, request, &request.target) {
        return of_none(true);
    }
    let found = operations_at(service, request, &request.target);
    let operations = found.iter().filter_map(|(id, _)| service.operations.get(id.0));
    let operation = operations.clone().next().filter(|_| found.len() == 1);
    let Some(first) = operations.clone().next() else { return of_none(false) };
    let span = place(service, first, response.status);
    let binding = found.first().and_then(|(_, binding)| *binding);
    let asked = Asked {
        operations: found,
        head: request.method == "HEAD",
        soap: request.header("content-type").and_then(of_content_type),
    };
    let answer = Answer::of(response.clone(), service, &asked.ids());
    let differences = conform(service, &asked, &answer, span);
    let unknown =
        operation.map(|operation| unknown(service, operation, request)).unwrap_or_default();
    Against { known: true, operation, binding, differences, unknown }
}

/// Where a spec says what an operation answers with a status.
fn place<'s>(service: &'s Service, operation: &'s Operation, status: u16) -> &'s Span {
    let response = operation.responses.iter().find(|response| response.status == status);
    let rule = response.and_then(|response| service.rules.get(response.rule.0 as usize));
    rule.map_or(&operation.span, |rule| &rule.span)
}

/// The names in the query that neither a parameter nor a key has.
fn unknown(service: &Service, operation: &Operation, request: &Request) -> Vec<String> {
    let query = request.target.split_once('?').map_or("", |(_, query)| query);
    let takes = |name: &str| {
        let outer = name.split('[').next().unwrap_or_default();
        let known = |known: &str| known == name || known.trim_end_matches("[]") == outer;
        let parameter = operation.parameters.iter().any(|parameter| {
            let here = matches!(parameter.place, Place::Query | Place::Bound);
            here && (parameter.takes(name) || known(&parameter.name))
        });
        let key = service.security_schemes.iter().any(|scheme| {
            matches!(&scheme.kind, SecurityKind::ApiKey { name: own, .. } if **own == *name)
        });
        parameter || key
    };
    let pairs = decode_pairs(query).unwrap_or_default();
    let mut names: Vec<String> = pairs.into_iter().map(|(name, _)| name.to_string()).collect();
    names.retain(|name| !takes(name));
    names.dedup();
    names
}
