//! What the control plane answers: JSON, or a problem document (RFC 9457).

use bytes::Bytes;
use http::header::{ALLOW, CONTENT_TYPE};
use http::{HeaderValue, StatusCode};

use crate::exchange::Answer;
use crate::mock::problem;
use crate::mock::stored::Complaint;
use crate::value::{Map, Value};

/// A call that is not done, and why.
#[derive(Debug)]
pub(super) struct Refused {
    status: StatusCode,
    detail: String,
    more: Map,
    allow: Option<&'static str>,
}

impl Refused {
    /// With a sentence for people.
    pub(super) fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self { status, detail: detail.into(), more: Map::new(), allow: None }
    }

    /// A call that makes no sense.
    pub(super) fn bad_request(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, detail)
    }

    /// Something that is not there.
    pub(super) fn not_found(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, detail)
    }

    /// A method that the resource does not have.
    pub(super) fn method(method: &str, allow: &'static str) -> Self {
        let detail = format!("{method} is not allowed here, only {allow}");
        let refused = Self::new(StatusCode::METHOD_NOT_ALLOWED, detail);
        Self { allow: Some(allow), ..refused }
    }

    /// Something that does not fit its schema.
    pub(super) fn complaints(complaints: Vec<Complaint>) -> Self {
        let detail = match complaints.len() {
            1 => "1 value does not fit, so nothing was changed".to_owned(),
            count => format!("{count} values do not fit, so nothing was changed"),
        };
        let violations = complaints.into_iter().map(|complaint| {
            object([
                ("path", Value::Text(complaint.path)),
                ("message", Value::from(complaint.message)),
            ])
        });
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, detail)
            .with("violations", Value::list(violations.collect()))
    }

    /// With another member.
    #[must_use]
    pub(super) fn with(mut self, name: &str, value: Value) -> Self {
        self.more.insert(name, value);
        self
    }

    /// The problem document.
    pub(super) fn into_answer(self) -> Answer {
        let mut answer = problem(self.status, &self.detail, &self.more);
        if let Some(allow) = self.allow {
            answer.headers.insert(ALLOW, HeaderValue::from_static(allow));
        }
        answer
    }
}

/// JSON.
pub(super) fn json(status: StatusCode, value: &Value) -> Answer {
    let mut answer = Answer::empty(status);
    answer.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    // A value is always something that JSON can say; numbers are finite where they come in.
    answer.body = Bytes::from(serde_json::to_vec(value).unwrap_or_default());
    answer
}

/// JSON with status 200.
pub(super) fn ok(value: &Value) -> Answer {
    json(StatusCode::OK, value)
}

/// Done, with nothing to say.
pub(super) fn done() -> Answer {
    Answer::empty(StatusCode::NO_CONTENT)
}

/// The methods of a resource (RFC 9110 section 9.3.7).
pub(super) fn methods(allow: &'static str) -> Answer {
    let mut answer = done();
    answer.headers.insert(ALLOW, HeaderValue::from_static(allow));
    answer
}

/// A map of those members.
pub(super) fn object<const N: usize>(members: [(&str, Value); N]) -> Value {
    Value::map(members.into_iter().map(|(name, value)| (name.into(), value)).collect())
}

/// A count as a value.
pub(super) fn count(number: usize) -> Value {
    Value::Integer(i64::try_from(number).unwrap_or(i64::MAX))
}

/// A text that may not be there, as text or null.
pub(super) fn optional(text: Option<&std::sync::Arc<str>>) -> Value {
    text.cloned().map_or(Value::Null, Value::Text)
}
