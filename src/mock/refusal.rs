//! Why a request is not done, before it is drawn as the vendor's error.

use std::sync::Arc;

use jiff::Timestamp;

use crate::exchange::Answer;
use crate::model::{ErrorId, Failure, RuleId};
use crate::plan::value::{EvaluationError, Text};
use crate::value::{Map, Record, Value};
use crate::wire::Position;

/// What ends a request early.
#[derive(Debug)]
pub enum Halt<'p> {
    /// An error answers.
    Refused(Box<Refusal<'p>>),
    /// The answer that was given before is given again.
    Again(Box<Answer>),
    /// It is too early for an answer: nothing has happened yet.
    Held {
        /// When the request came.
        came: Timestamp,
        /// When it is answered at the latest.
        until: Timestamp,
    },
    /// The spec has a mistake that only this request shows.
    Failed(EvaluationError),
}

impl From<EvaluationError> for Halt<'_> {
    fn from(error: EvaluationError) -> Self {
        Self::Failed(error)
    }
}

impl<'p> From<Refusal<'p>> for Halt<'p> {
    fn from(refusal: Refusal<'p>) -> Self {
        Self::Refused(Box::new(refusal))
    }
}

impl<'p> From<Box<Refusal<'p>>> for Halt<'p> {
    fn from(refusal: Box<Refusal<'p>>) -> Self {
        Self::Refused(refusal)
    }
}

/// An error with what it is about.
#[derive(Debug, Default)]
pub struct Refusal<'p> {
    /// The error that answers; none: the mock's own problem document.
    pub error: Option<ErrorId>,
    /// The rule that decided.
    pub rule: Option<RuleId>,
    /// The status of the problem document, where it is not the failure's.
    pub status: Option<http::StatusCode>,
    /// The first violation, or the only one.
    pub violation: Violation<'p>,
    /// The others that give the same error.
    pub others: Vec<Violation<'p>>,
    /// The row that was to change.
    pub record: Option<Arc<Record>>,
    /// The row in the way.
    pub existing: Option<Arc<Record>>,
    /// What `with` adds.
    pub with: Map,
    /// Methods for an `Allow` header.
    pub allow: Option<String>,
    /// Bindings whose `match` the request does not fit, and what it lacks.
    pub passed_over: Vec<(RuleId, Arc<str>)>,
}

/// A value that is not as it has to be.
#[derive(Debug, Default, Clone)]
pub struct Violation<'p> {
    /// What it breaks.
    pub failure: Option<Failure>,
    /// The parameter or property, with all that it is in.
    pub path: Arc<str>,
    /// The parameter or property alone.
    pub field: Arc<str>,
    /// What was sent.
    pub value: Option<Value>,
    /// The bound that it breaks.
    pub limit: Option<Value>,
    /// The type that was expected.
    pub expected: Option<&'static str>,
    /// The error that the schema or the constraint names.
    pub error: Option<ErrorId>,
    /// The text that the schema or the constraint has.
    pub message: Option<&'p Text>,
    /// A text that is already put together, such as that of a decoder.
    pub said: Option<Arc<str>>,
    /// The rule that is broken.
    pub rule: Option<RuleId>,
    /// Where in the body.
    pub place: Option<Position>,
}

impl Refusal<'_> {
    /// A failure of the request as a whole.
    pub fn of(failure: Failure) -> Self {
        Self {
            violation: Violation { failure: Some(failure), ..Violation::default() },
            ..Self::default()
        }
    }

    /// With what was sent.
    #[must_use]
    pub fn value(mut self, value: impl Into<Value>) -> Self {
        self.violation.value = Some(value.into());
        self
    }

    /// With a text that says what is wrong.
    #[must_use]
    pub fn said(mut self, text: impl Into<Arc<str>>) -> Self {
        self.violation.said = Some(text.into());
        self
    }

    /// With the place in the body.
    #[must_use]
    pub fn at(mut self, place: Position) -> Self {
        self.violation.place = Some(place);
        self
    }

    /// With the error and the rule that a table of failures gives, where it gives one.
    #[must_use]
    pub fn answered_by(mut self, answer: Option<crate::model::FailureAnswer>) -> Self {
        self.error = answer.map(|answer| answer.error);
        self.rule = answer.map(|answer| answer.rule);
        self
    }
}

impl Violation<'_> {
    /// Whether it tells of no value, nor of what is wrong with one.
    pub fn is_bare(&self) -> bool {
        self.failure.is_none()
            && self.said.is_none()
            && self.value.is_none()
            && self.path.is_empty()
    }

    /// What is wrong, in the words at hand.
    pub fn plain_said(&self) -> Arc<str> {
        self.said.clone().unwrap_or_else(|| self.plain_message().into())
    }

    /// What is wrong in plain English, for vendors whose words nobody knows.
    pub fn plain_message(&self) -> String {
        let name = if self.path.is_empty() { "the value" } else { &self.path };
        let limit = self.limit.as_ref().map(ToString::to_string).unwrap_or_default();
        // A list may be most of a large body, and few messages show one.
        let value = || self.value.as_ref().map(ToString::to_string).unwrap_or_default();
        let told = || match &self.value {
            None => "absent".to_owned(),
            Some(Value::Text(text)) if text.is_empty() => "empty".to_owned(),
            Some(value) => value.to_string(),
        };
        let Some(failure) = self.failure else {
            return match &self.value {
                Some(_) => format!("{name} is not allowed to be {}", told()),
                None if self.path.is_empty() => "the request is not allowed".to_owned(),
                None => format!("{name} is not allowed"),
            };
        };
        match failure {
            Failure::UnknownPath => format!("there is nothing at {}", value()),
            Failure::MethodNotAllowed => {
                let methods = self.limit.as_ref().and_then(Value::as_list).unwrap_or_default();
                let methods: Vec<_> = methods.iter().map(ToString::to_string).collect();
                format!("{} is not allowed here, only {}", value(), methods.join(", "))
            }
            Failure::MalformedUrl => "the URL is malformed".to_owned(),
            Failure::UnsupportedMediaType => {
                format!("the media type `{}` is not supported here", value())
            }
            Failure::NotAcceptable => {
                format!("none of the media types in `{}` is available here", value())
            }
            Failure::MissingBody => "a body is required".to_owned(),
            Failure::MalformedBody => "the body is malformed".to_owned(),
            Failure::BodyTooLarge => format!("the body has more than {limit} bytes"),
            Failure::RepeatedParameter => format!("{name} is given more than once"),
            Failure::UnknownAction => format!("no operation is named `{}`", value()),
            Failure::Required => format!("{name} is required"),
            Failure::Type => {
                format!("{name} must be of type {}", self.expected.unwrap_or("any"))
            }
            Failure::UnknownParameter | Failure::AdditionalProperties => {
                format!("{name} is not known")
            }
            Failure::Unique => format!("{name} is taken"),
            Failure::Invalid => format!("{name} is not allowed to be {}", told()),
            Failure::Keyword(word) => word.message(name, &limit, &told()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Word;

    #[test]
    fn one_is_not_several() {
        for (limit, expected) in [
            (0, "lines must have at least 0 items"),
            (1, "lines must have at least 1 item"),
            (2, "lines must have at least 2 items"),
        ] {
            let violation = Violation {
                failure: Some(Failure::Keyword(Word::MinItems)),
                path: "lines".into(),
                limit: Some(Value::Integer(limit)),
                ..Violation::default()
            };
            assert_eq!(violation.plain_message(), expected);
        }
    }
}
