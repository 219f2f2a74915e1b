//! Whether an answer is one that the spec documents.

mod batch;
mod constraints;
mod content_type;
pub(super) mod expected;
mod finder;
mod given;
mod headers;
mod named;
mod namespace;
mod routes;
mod shape;
mod tree;
mod version;

use super::answer::Answer;
use super::event::{Mismatch, MismatchKind};
use crate::model::documented::{Context, Documented, Given, Known, documented};
use crate::model::{Content, OperationId, Schema, Service};
use crate::source::Span;
use crate::wire::soap::SoapVersion;
use finder::Finder;

pub(super) use routes::{is_description, operations_at};
pub(super) use version::of_content_type;

/// What an answer belongs to.
#[derive(Debug, Clone, Default)]
pub(super) struct Asked {
    /// The operations that can have answered, with their bindings where those are known.
    pub operations: Vec<(OperationId, Option<usize>)>,
    /// Whether the answer cannot have a body, whatever is documented.
    pub head: bool,
    /// The version of SOAP in which was asked, should it be SOAP.
    pub soap: Option<SoapVersion>,
}

impl Asked {
    /// The operations that can have answered.
    pub(super) fn ids(&self) -> Vec<OperationId> {
        self.operations.iter().map(|(id, _)| *id).collect()
    }
}

/// What the spec does not document about an answer; the place is that of the step.
///
/// A status is documented when `responses` has it, or when a step, or an error that the
/// operation can give, has it. The body has to be of the shape of one of those; where it is of
/// none, what is told is how it differs from the one that it is nearest to.
pub(super) fn conform(
    service: &Service,
    asked: &Asked,
    answer: &Answer,
    span: &Span,
) -> Vec<Mismatch> {
    if let [(id, _)] = &*asked.operations
        && let Some(operation) = service.operations.get(id.0).filter(|operation| operation.batch)
        && let Some(found) = batch::check(service, operation, answer, span)
    {
        return found;
    }
    let documented = documented(service, &asked.operations);
    let candidates = documented.with(answer.response.status);
    if candidates.is_empty() {
        return vec![undocumented(service, asked, &documented, answer.response.status, span)];
    }
    if asked.head {
        // Headers are those of GET (RFC 9110, section 9.3.2).
        let found = candidates
            .iter()
            .map(|(known, context)| headers::check(&documented, known, *context, answer, span));
        return found.min_by_key(Vec::len).unwrap_or_default();
    }
    let mut found = nearest(service, Some(&documented), &candidates, answer, span);
    let is_soap = candidates.iter().any(|(_, context)| context.soap.is_some());
    if let Some(version) = asked.soap.filter(|_| is_soap) {
        let mut finder = Finder::new(answer, span);
        finder.version(version, answer);
        found.append(&mut finder.found);
    }
    found
}

/// How the answer differs from the documented one that it is nearest to; its headers are held
/// against what is documented where that is given.
fn nearest<'s>(
    service: &'s Service,
    headers_of: Option<&Documented<'s>>,
    candidates: &[(&Known<'s>, Context<'s>)],
    answer: &Answer,
    span: &'s Span,
) -> Vec<Mismatch> {
    let mut nearest: Option<Vec<Mismatch>> = None;
    for (known, context) in candidates {
        let mut found = check(service, known, *context, answer, span);
        if let Some(documented) = headers_of {
            found.extend(headers::check(documented, known, *context, answer, span));
        }
        if found.is_empty() {
            return found;
        }
        if nearest.as_ref().is_none_or(|least| distance(&found) < distance(least)) {
            nearest = Some(found);
        }
    }
    let mut nearest = nearest.unwrap_or_default();
    if let (Some(first), more @ 2..) = (nearest.first_mut(), candidates.len()) {
        let status = answer.response.status;
        let among = format!(" (the nearest of {more} documented answers with the status {status})");
        first.message.push_str(&among);
    }
    nearest
}

fn check<'s>(
    service: &'s Service,
    known: &Known<'s>,
    context: Context<'s>,
    answer: &Answer,
    span: &'s Span,
) -> Vec<Mismatch> {
    match known {
        Known::Response(response) => match &response.schema {
            Some(schema) => shape::check(service, context, schema, answer, span),
            None => Vec::new(),
        },
        Known::Given(given) => {
            let mut found = given::check(service, context, given, answer, span);
            if found.is_empty()
                && let Some(schema) = result(context, given)
            {
                found = shape::check(service, context, schema, answer, span);
            }
            found
        }
        Known::Status => Vec::new(),
    }
}

/// The schema of results over SOAP, where a refusal is one too: the WSDL that is served has no other.
fn result<'s>(context: Context<'s>, given: &Given<'s>) -> Option<&'s Schema> {
    let (Some(operation), Some(_)) = (context.operation, context.soap) else { return None };
    let is_result = given.error.is_some() && matches!(given.content, Content::Tree(..));
    let documented = operation.responses.iter().find(|response| response.status == 200);
    documented.filter(|_| is_result)?.schema.as_ref()
}

/// How far an answer is from a documented one. One that is another thing altogether is further
/// away than one with many members that are not as they should be.
fn distance(found: &[Mismatch]) -> (bool, usize) {
    (found.iter().any(|mismatch| matches!(&*mismatch.path, "body" | "/")), found.len())
}

fn undocumented(
    service: &Service,
    asked: &Asked,
    documented: &Documented<'_>,
    status: u16,
    span: &Span,
) -> Mismatch {
    let names: Vec<&str> = asked
        .operations
        .iter()
        .filter_map(|(id, _)| Some(&*service.operations.get(id.0)?.id))
        .collect();
    let of = match &*names {
        [] => format!(
            "the spec of {} has no operation for this request; for such requests it",
            service.vendor
        ),
        names => names.join(" or "),
    };
    let known: Vec<String> = documented.statuses().iter().map(u16::to_string).collect();
    let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
    Mismatch {
        kind: MismatchKind::Undocumented,
        path: "status".to_owned(),
        expected: known.clone(),
        actual: status.to_string(),
        message: format!("{of} documents no status {status}, only {known}"),
        span: span.clone(),
    }
}
