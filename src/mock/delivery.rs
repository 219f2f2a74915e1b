//! A message that is an HTTP request: what is sent, and what came of it so far.

use std::sync::Arc;

use jiff::Timestamp;

use super::template::Template;
use crate::clock::{later, parse_span};
use crate::value::{Map, Value};

/// The request that a message is, and its attempts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Delivery {
    /// The method.
    pub method: Arc<str>,
    /// Names and values, in which the time of an attempt may be open.
    pub headers: Vec<(Arc<str>, Template)>,
    /// The body, likewise.
    pub body: Template,
    /// How much later it is tried again after each attempt that failed.
    pub retry: Arc<[Arc<str>]>,
    /// When it is tried next; never, where it has come to its end.
    pub next: Option<Timestamp>,
    /// What came of it so far.
    pub attempts: Vec<Attempt>,
}

/// One attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// When it was due, by the mock's clock.
    pub at: Timestamp,
    /// The status of the answer, if one came.
    pub status: Option<u16>,
    /// What came of it.
    pub outcome: Arc<str>,
}

/// What an attempt sends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// Names and values, as they are sent.
    pub headers: Vec<(Arc<str>, Arc<str>)>,
    /// The body.
    pub body: Arc<str>,
}

/// What came of an attempt, for what comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// It was taken.
    Taken,
    /// It was not, and is tried again.
    Failed,
    /// It was not, and another attempt would come to the same.
    Hopeless,
}

impl Attempt {
    fn members(&self) -> [(&'static str, Value); 3] {
        let Self { at, status, outcome } = self;
        [
            ("at", at.to_string().into()),
            ("status", status.map_or(Value::Null, |status| Value::Integer(status.into()))),
            ("outcome", Value::Text(outcome.clone())),
        ]
    }
}

impl Delivery {
    /// Whether it was delivered, could not be, or is still tried.
    pub fn state(&self) -> &'static str {
        let taken = self.attempts.last().and_then(|last| last.status);
        match (self.next, taken) {
            (Some(_), _) => "pending",
            (None, Some(200..=299)) => "delivered",
            (None, _) => "failed",
        }
    }

    /// What is sent at that time; fails with what is wrong, where it cannot be evaluated.
    pub fn at(&self, time: Timestamp) -> Result<Written, String> {
        let headers = self.headers.iter().map(|(name, value)| Ok((name.clone(), value.at(time)?)));
        Ok(Written { headers: headers.collect::<Result<_, String>>()?, body: self.body.at(time)? })
    }

    /// The request as it is shown, which goes to that URL: that of the last attempt, or of the next
    /// where there is none yet; nothing where it cannot be evaluated.
    pub fn request(&self, url: &str) -> Option<Value> {
        let time = self.attempts.last().map(|last| last.at).or(self.next)?;
        self.request_at(url, time)
    }

    fn request_at(&self, url: &str, time: Timestamp) -> Option<Value> {
        let Written { headers, body } = self.at(time).ok()?;
        let headers = headers.into_iter().map(|(name, value)| (name, Value::Text(value)));
        Some(object([
            ("method", Value::Text(self.method.clone())),
            ("url", url.into()),
            ("headers", Value::map(headers.collect())),
            ("text", Value::Text(body)),
        ]))
    }

    /// What came of it as it is shown. Where each attempt sends something else, each has its request.
    pub fn outcome(&self, url: &str) -> Value {
        let is_open = self.body.is_open() || self.headers.iter().any(|(_, value)| value.is_open());
        let attempts = self.attempts.iter().map(|attempt| {
            let request = is_open.then(|| self.request_at(url, attempt.at)).flatten();
            let members = attempt.members().into_iter();
            let members = members.chain(request.map(|request| ("request", request)));
            Value::map(members.map(|(name, value)| (name.into(), value)).collect())
        });
        object([
            ("state", self.state().into()),
            ("retry", Value::list(self.retry.iter().cloned().map(Value::Text).collect())),
            ("next", self.next.map_or(Value::Null, |next| next.to_string().into())),
            ("attempts", Value::list(attempts.collect())),
        ])
    }

    /// The same after one more attempt.
    #[must_use]
    pub fn after(&self, attempt: Attempt, ending: Ending) -> Self {
        let mut after = self.clone();
        let wait = self.retry.get(self.attempts.len()).filter(|_| ending == Ending::Failed);
        let next = wait.and_then(|wait| parse_span(wait).ok());
        after.next = next.and_then(|wait| later(attempt.at, wait).ok());
        after.attempts.push(attempt);
        after
    }

    /// All of it as a value, as it is stored.
    pub fn value(&self) -> Value {
        let Self { method, headers, body, retry, next, attempts } = self;
        let text = |text: &Arc<str>| Value::Text(text.clone());
        let headers =
            headers.iter().map(|(name, value)| Value::list(vec![text(name), value.value()]));
        let attempts = attempts.iter().map(|attempt| object(attempt.members()));
        object([
            ("method", text(method)),
            ("headers", Value::list(headers.collect())),
            ("body", body.value()),
            ("retry", Value::list(retry.iter().map(text).collect())),
            ("next", next.map_or(Value::Null, |next| next.to_string().into())),
            ("attempts", Value::list(attempts.collect())),
        ])
    }

    /// What [`Self::value`] says.
    pub fn read(value: &Value) -> Option<Self> {
        let text = |value: &Value| match value {
            Value::Text(text) => Some(text.clone()),
            _ => None,
        };
        let headers = value.get("headers")?.as_list()?.iter().map(|pair| match pair.as_list()? {
            [name, value] => Some((text(name)?, Template::read(value)?)),
            _ => None,
        });
        let attempts = value.get("attempts")?.as_list()?.iter().map(|attempt| {
            let status = match attempt.get("status")? {
                Value::Integer(status) => u16::try_from(*status).ok(),
                _ => None,
            };
            let at = text(attempt.get("at")?)?.parse().ok()?;
            Some(Attempt { at, status, outcome: text(attempt.get("outcome")?)? })
        });
        let next = match value.get("next")? {
            Value::Text(next) => Some(next.parse().ok()?),
            _ => None,
        };
        Some(Self {
            method: text(value.get("method")?)?,
            headers: headers.collect::<Option<_>>()?,
            body: Template::read(value.get("body")?)?,
            retry: value.get("retry")?.as_list()?.iter().map(text).collect::<Option<_>>()?,
            next,
            attempts: attempts.collect::<Option<_>>()?,
        })
    }
}

fn object<const N: usize>(members: [(&str, Value); N]) -> Value {
    let members = members.into_iter().map(|(name, value)| (name.into(), value));
    Value::map(members.collect::<Map>())
}
