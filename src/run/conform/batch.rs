//! The answer to a list of requests: each item of it is an answer of one of the operations there.

use super::nearest;
use crate::model::documented::{Known, documented};
use crate::model::{Operation, OperationId, Route, Service};
use crate::run::answer::Answer;
use crate::run::client::Response;
use crate::run::event::Mismatch;
use crate::source::Span;
use crate::value::Value;
use crate::wire::Wire as _;
use crate::wire::json::Json;

/// What is not documented about the items; nothing is known of an answer that is not their list,
/// such as one that refuses all of them.
pub(super) fn check(
    service: &Service,
    operation: &Operation,
    answer: &Answer,
    span: &Span,
) -> Option<Vec<Mismatch>> {
    match answer.response.status {
        204 if answer.response.body.is_empty() => return Some(Vec::new()),
        200 => {}
        _ => return None,
    }
    let body = answer.body().ok()?;
    let items = body.tree().and_then(Value::as_list)?;
    let documented = documented(service, &beside(service, operation));
    // What has a status alone tells nothing of an item, which has none.
    let mut candidates = documented.all();
    candidates.retain(|(known, _)| !matches!(known, Known::Status));
    let mut found = Vec::new();
    for (at, item) in items.iter().enumerate() {
        let mut body = Vec::new();
        if candidates.is_empty() || Json.encode(item, &mut body).is_err() {
            continue;
        }
        let headers = answer.response.headers.clone();
        let duration = answer.response.duration;
        let status = answer.response.status;
        let response = Response { status, headers, body, duration, ..Response::default() };
        let item = Answer::new(response, Some(service));
        found.extend(nearest(service, None, &candidates, &item, span).into_iter().map(
            |mut mismatch| {
                let path = mismatch.path.strip_prefix('$').unwrap_or_default();
                mismatch.path = format!("$[{at}]{path}");
                mismatch.message = format!("answer {} of the list: {}", at + 1, mismatch.message);
                mismatch
            },
        ));
    }
    Some(found)
}

/// The operations that its items can be for.
fn beside(service: &Service, batch: &Operation) -> Vec<(OperationId, Option<usize>)> {
    let is_there = |route: &Route| batch.bindings.iter().any(|own| same(&own.route, route));
    let others = service.operations.iter().enumerate().filter(|(_, other)| !other.batch);
    let bindings = others.flat_map(|(id, other)| {
        let bindings = other.bindings.iter().enumerate();
        bindings.map(move |(at, binding)| (OperationId(id), at, binding))
    });
    let there = bindings.filter(|(.., binding)| is_there(&binding.route));
    there.map(|(id, at, _)| (id, Some(at))).collect()
}

fn same(one: &Route, other: &Route) -> bool {
    match (one, other) {
        (Route::Http { method, path }, Route::Http { method: other, path: at }) => {
            method == other && path == at
        }
        _ => false,
    }
}
