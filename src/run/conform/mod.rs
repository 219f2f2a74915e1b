//! Whether an answer is one that the spec documents.

mod routes;
mod shape;
mod statuses;

use super::answer::Answer;
use super::event::{Mismatch, MismatchKind};
use crate::model::{OperationId, Response, Route, Service};
use crate::source::Span;

pub(super) use routes::operations_at;

/// What an answer belongs to.
#[derive(Debug, Clone, Default)]
pub(super) struct Asked {
    /// The operations that can have answered, with their bindings where those are known.
    pub operations: Vec<(OperationId, Option<usize>)>,
}

/// What the spec does not document about an answer; the place is that of the step.
///
/// A status is documented when `responses` has it, or when a step, or an error that the
/// operation can give, has it. A shape is looked at where `responses` has a schema for it.
pub(super) fn conform(
    service: &Service,
    asked: &Asked,
    answer: &Answer,
    span: &Span,
) -> Vec<Mismatch> {
    let status = answer.response.status;
    let responses: Vec<(OperationId, Option<usize>, &Response)> = asked
        .operations
        .iter()
        .filter_map(|(id, binding)| {
            let operation = service.operations.get(id.0)?;
            let response = operation.responses.iter().find(|response| response.status == status)?;
            Some((*id, *binding, response))
        })
        .collect();
    if responses.is_empty() {
        return undocumented(service, asked, status, span).into_iter().collect();
    }
    // Where several operations can have answered, the shape of one of them is enough.
    let mut least: Option<Vec<Mismatch>> = None;
    for (id, binding, response) in responses {
        let Some(operation) = service.operations.get(id.0) else { continue };
        let soap = match binding.and_then(|at| operation.bindings.get(at)).map(|b| &b.route) {
            Some(Route::Soap(id)) => service.soap_services.get(id.0),
            _ => None,
        };
        let Some(schema) = &response.schema else { return Vec::new() };
        let found = shape::check(service, operation, soap, schema, answer, span);
        if found.is_empty() {
            return found;
        }
        if least.as_ref().is_none_or(|least| found.len() < least.len()) {
            least = Some(found);
        }
    }
    least.unwrap_or_default()
}

fn undocumented(service: &Service, asked: &Asked, status: u16, span: &Span) -> Option<Mismatch> {
    let documented = statuses::documented(service, &asked.operations);
    if documented.contains(&status) {
        return None;
    }
    let names: Vec<&str> = asked
        .operations
        .iter()
        .filter_map(|(id, _)| Some(&*service.operations.get(id.0)?.id))
        .collect();
    let of = match &*names {
        [] => format!("the spec of {}", service.vendor),
        names => names.join(" or "),
    };
    let known: Vec<String> = documented.iter().map(u16::to_string).collect();
    let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
    Some(Mismatch {
        kind: MismatchKind::Undocumented,
        path: "status".to_owned(),
        expected: known.clone(),
        actual: status.to_string(),
        message: format!("{of} documents no status {status}, only {known}"),
        span: span.clone(),
    })
}
