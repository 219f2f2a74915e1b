//! The mock's own answer where the vendor's is not known: a problem document (RFC 9457).

use bytes::Bytes;
use http::header::{ALLOW, CONTENT_TYPE};
use http::{HeaderValue, StatusCode};

use crate::exchange::Answer;
use crate::model::Failure;
use crate::value::{Map, Value};
use crate::wire::Wire as _;
use crate::wire::json::Json;

/// A problem document with those members besides `type`, `title` and `status`.
pub fn answer(status: StatusCode, detail: &str, more: &Map) -> Answer {
    let mut problem = Map::with_capacity(4 + more.len());
    problem.push("type".into(), "about:blank".into());
    problem.push("title".into(), status.canonical_reason().unwrap_or("Error").into());
    problem.push("status".into(), Value::Integer(i64::from(status.as_u16())));
    problem.push("detail".into(), detail.into());
    for (name, value) in more.iter() {
        problem.insert(name.clone(), value.clone());
    }
    let mut answer = Answer::empty(status);
    answer.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    let mut body = Vec::with_capacity(256 + detail.len());
    // Texts and whole numbers can be written.
    _ = Json.encode(&Value::map(problem), &mut body);
    answer.body = Bytes::from(body);
    answer
}

/// Adds the methods that are allowed (RFC 9110 section 10.2.1).
pub(super) fn allow(answer: &mut Answer, methods: &str) {
    if let Ok(methods) = HeaderValue::from_str(methods) {
        answer.headers.insert(ALLOW, methods);
    }
}

/// The status that says a failure.
pub(super) fn status(failure: Option<Failure>) -> StatusCode {
    failure.map_or(StatusCode::BAD_REQUEST, Failure::status)
}
