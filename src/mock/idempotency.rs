//! Requests that are sent again: one with a key that is known is answered as the first one was.
//!
//! Answers are kept as rows, in the same transaction as what the request did, and so are written
//! down, rewound and reset with it. Requests to one account run one after the other, so of many
//! with the same key at once one is done.

use std::ops::ControlFlow;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use jiff::{SignedDuration, Timestamp};

use super::draw;
use super::incoming::Incoming;
use super::refusal::{Halt, Refusal, Violation};
use super::run::{Claim, Run};
use super::trace::Outcome;
use crate::clock::parse_timestamp;
use crate::digest::sha256;
use crate::exchange::{Answer, Spelling, header_text};
use crate::model::ErrorId;
use crate::plan::names::Slot;
use crate::plan::security::Idempotency;
use crate::value::{Map, Record, Value};
use crate::wire::Wire;
use crate::wire::json::Json;

impl<'p> Run<'p, '_> {
    /// Looks for the key of a request. Ends it with the answer that was given to the same request
    /// before, or with an error where it was another one.
    pub(super) fn claim(&mut self, incoming: &Incoming<'_>) -> Result<(), Halt<'p>> {
        let Some(idempotency) = &self.plan.idempotency else { return Ok(()) };
        if !idempotency.methods.contains(&incoming.request.method) {
            return Ok(());
        }
        // Several lines are one list, as of any header.
        let lines = incoming.request.headers.get_all(&idempotency.header).iter();
        let lines: Vec<_> = lines.map(header_text).collect();
        let lines = lines.iter().map(|line| line.trim());
        let key = &*lines.collect::<Vec<_>>().join(", ");
        if key.is_empty() {
            return match idempotency.required {
                Some(error) => {
                    let said = format!("the header {} is required", idempotency.written);
                    Err(refused(idempotency, error, None, said))
                }
                None => Ok(()),
            };
        }
        let by = match &idempotency.by {
            Some(by) => by.value(&self.scope)?.and_then(|by| by.scalar_text()).unwrap_or_default(),
            None => Arc::default(),
        };
        // A header has no line breaks, so that no two keys of different clients are the same.
        let id = match &*by {
            "" => Value::from(key),
            by => Value::from(format!("{by}\n{key}")),
        };
        let request = self.fingerprint();
        let known = self.held.rows().get(idempotency.collection.0, &id);
        let Some(known) = known.filter(|row| !is_over(row, self.now)) else {
            self.claim = Some(Claim { key: id, request });
            return Ok(());
        };
        if known.get("request").and_then(Value::as_str) != Some(&*request) {
            let said = format!("the key `{key}` was used for another request");
            return Err(refused(idempotency, idempotency.mismatch, Some(key), said));
        }
        let Some(mut answer) = restored(&known) else { return Ok(()) };
        let more = draw::headers_of(&idempotency.replay_headers, &self.scope, &mut Vec::new())?;
        for (name, value) in more.unwrap_or_default() {
            answer.headers.append(name, value);
        }
        let own = idempotency.replay_headers.iter().map(|header| &header.written);
        let spelling = answer.spelling.iter().flat_map(|spelling| spelling.names());
        let spelling = Spelling::new(own.chain(spelling));
        answer.spelling = Some(Arc::new(spelling));
        self.rule = Some(idempotency.rule).filter(|rule| self.plan.is_backed(*rule));
        let said = format!("the answer that the key `{key}` got before");
        self.trace.about(idempotency.rule, Outcome::Answered, said);
        Err(Halt::Again(Box::new(answer)))
    }

    /// Keeps an answer under its key, where there is one; says whether there is something to
    /// keep of a request that was refused.
    pub(super) fn keep(&mut self, answer: &Answer, done: bool) -> bool {
        let (Some(idempotency), Some(claim)) = (&self.plan.idempotency, self.claim.take()) else {
            return false;
        };
        let (plan, now) = (self.plan, self.now);
        let collection = plan.collections.get(idempotency.collection.0);
        let (Some(collection), Ok(pending)) = (collection, self.held.pending()) else {
            return false;
        };
        if !done {
            if !idempotency.keeps_rejections {
                return false;
            }
            pending.forget();
        }
        let at = idempotency.collection.0;
        // The first ones are the first that are over.
        let mut over = vec![claim.key.clone()];
        pending.rows.for_each(at, &mut |row| match is_over(row, now) {
            true => {
                over.extend(row.get("key").cloned());
                ControlFlow::Continue(())
            }
            false => ControlFlow::Break(()),
        });
        for key in &over {
            pending.rows.remove(at, key);
        }
        let lifetime = SignedDuration::from_secs(idempotency.lifetime_seconds);
        let expires = now.checked_add(lifetime).unwrap_or(Timestamp::MAX);
        let mut row = Record::new(collection.shape.clone());
        let fields = [
            ("key", claim.key),
            ("request", claim.request.into()),
            ("status", Value::Integer(answer.status.as_u16().into())),
            ("headers", written(&answer.headers)),
            ("spelling", spelt(answer)),
            ("body", STANDARD.encode(&answer.body).into()),
            ("expires", expires.to_string().into()),
        ];
        for (name, value) in fields {
            row.set(name, Some(value));
        }
        // There is no such row any more, and nothing else that could be in the way.
        pending.rows.insert(at, row).is_ok()
    }

    /// What makes a request the same as another one: the operation, and its parameters and body
    /// as they were read. Neither the order of members counts nor the boundary between parts.
    fn fingerprint(&self) -> String {
        let operation = self.operation.map(|operation| operation.id.clone()).unwrap_or_default();
        let slots = [Slot::PATH, Slot::QUERY, Slot::PARAMETERS, Slot::BODY];
        let mut parts = vec![Value::Text(operation)];
        for slot in slots {
            parts.push(self.scope.get(slot).map(ordered).unwrap_or_default());
        }
        let mut text = Vec::new();
        // What a request says can be written in JSON.
        _ = Json.encode(&Value::list(parts), &mut text);
        sha256(&text)
    }
}

/// The same value with its members in the order of their names.
fn ordered(value: &Value) -> Value {
    if let Some(items) = value.as_list() {
        return Value::list(items.iter().map(ordered).collect());
    }
    let Some(members) = value.members() else { return value.clone() };
    let mut members: Vec<_> = members.map(|(name, value)| (name.clone(), ordered(value))).collect();
    members.sort_by(|(one, _), (other, _)| one.cmp(other));
    Value::map(members.into_iter().collect::<Map>())
}

fn refused<'p>(
    idempotency: &Idempotency,
    error: ErrorId,
    key: Option<&str>,
    said: String,
) -> Halt<'p> {
    let violation = Violation {
        path: idempotency.written.clone(),
        field: idempotency.written.clone(),
        value: key.map(Value::from),
        said: Some(said.into()),
        rule: Some(idempotency.rule),
        ..Violation::default()
    };
    let (error, rule) = (Some(error), Some(idempotency.rule));
    Refusal { error, rule, violation, ..Refusal::default() }.into()
}

fn is_over(row: &Record, now: Timestamp) -> bool {
    let expires = row.get("expires").and_then(Value::as_str).and_then(parse_timestamp);
    expires.is_none_or(|expires| expires <= now)
}

fn written(headers: &HeaderMap) -> Value {
    let line = |(name, value): (&HeaderName, &HeaderValue)| {
        Value::list(vec![name.as_str().into(), (&*header_text(value)).into()])
    };
    Value::list(headers.iter().map(line).collect())
}

fn spelt(answer: &Answer) -> Value {
    let names = answer.spelling.iter().flat_map(|spelling| spelling.names());
    Value::list(names.map(|name| Value::Text(name.clone())).collect())
}

/// The answer that a row keeps.
fn restored(row: &Record) -> Option<Answer> {
    let status = u16::try_from(row.get("status")?.to_i64()?).ok()?;
    let mut headers = HeaderMap::new();
    for line in row.get("headers").and_then(Value::as_list).unwrap_or_default() {
        let [name, value] = line.as_list()? else { return None };
        let name = HeaderName::from_bytes(name.as_str()?.as_bytes()).ok()?;
        headers.append(name, HeaderValue::from_bytes(value.as_str()?.as_bytes()).ok()?);
    }
    let names = row.get("spelling").and_then(Value::as_list).unwrap_or_default();
    let names: Vec<Arc<str>> = names.iter().filter_map(Value::scalar_text).collect();
    Some(Answer {
        status: StatusCode::from_u16(status).ok()?,
        headers,
        spelling: Some(Arc::new(Spelling::new(&names))),
        body: STANDARD.decode(row.get("body")?.as_str()?).ok()?.into(),
        ..Answer::default()
    })
}
