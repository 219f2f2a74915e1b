//! A list as the body, each item of which is a request of its own.
//!
//! The list as a whole is looked at first: who sends it, and whether it is what the operation
//! takes. Then its items are done one after the other, as requests to the same URL with the same
//! headers, each with its own account of what it changed. The answer is the list of theirs.

use std::sync::Arc;
use std::time::Instant;

use http::header::{
    CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, ETAG, LAST_MODIFIED, SET_COOKIE,
};
use http::{HeaderValue, StatusCode};
use jiff::Timestamp;

use super::Mock;
use super::call::{Arrival, Arrived, Call, Served};
use super::coded::{self, Wanted};
use super::held::Attempt;
use super::incoming::Target;
use super::kept::Kept;
use super::refusal::{Halt, Refusal};
use super::run::Finished;
use super::way::Way;
use super::{body, problem};
use crate::exchange::{Answer, OWN_HEADERS, Request, Sending};
use crate::model::{Failure, FailureAnswer, LONGEST_DELAY, MediaTypeId};
use crate::value::{Map, Value};
use crate::wire::encoding::Encoding;
use crate::wire::json::Json;
use crate::wire::{Limits, Wire as _};

/// The most items of a list.
const MOST_ITEMS: usize = 10_000;
/// The most bytes of all answers together.
const MOST_BYTES: usize = 64 << 20;

/// What came of looking at the list as a whole.
enum Begun {
    /// It was refused.
    Refused(Box<Served>),
    /// Its items are to be done.
    Taken(Timestamp, Box<Finished>),
}

impl Call<'_> {
    /// Does all items of the list in the body.
    pub(super) fn batch(
        &self,
        mock: &Mock,
        way: &Way<'_>,
        target: &Target,
        arrived: &Arrived<'_, '_>,
    ) -> Option<Served> {
        let items = match &self.incoming.kept {
            Some(Kept { read: Ok(Some(read)), .. }) => read.value.as_list().unwrap_or_default(),
            _ => &[],
        };
        let body = body::read(arrived.site, self.incoming, target);
        let begun = self.run_to(
            arrived,
            |run, unacceptable| {
                let done = run.perform(self.incoming, target, body, unacceptable)?;
                match items.len() > MOST_ITEMS {
                    true => Err(too_many(run.failures().exactly(Failure::BodyTooLarge))),
                    false => Ok(done),
                }
            },
            |now, finished, done| match done {
                true => Begun::Taken(now, Box::new(finished)),
                false => {
                    Begun::Refused(Box::new(self.arrival.record(Some(self.vendor), now, finished)))
                }
            },
        )?;
        let (now, mut finished) = match begun {
            Begun::Refused(served) => return Some(*served),
            Begun::Taken(now, finished) => (now, finished),
        };
        let done = self.items(mock, way, items);
        finished.trace.note(format!(
            "a list of {} requests, each of which is in the journal before it",
            items.len()
        ));
        self.gather(done, arrived, &mut finished);
        Some(self.arrival.record(Some(self.vendor), now, *finished))
    }

    /// The answers to all items, in their order.
    fn items(&self, mock: &Mock, way: &Way<'_>, items: &[Value]) -> Result<Vec<Answer>, String> {
        let mut answers = Vec::new();
        let mut bytes = 0;
        for (at, item) in items.iter().enumerate() {
            let Some(request) = self.item(item) else { continue };
            let arrival = Arrival {
                request: Arc::new(request),
                session: self.arrival.session,
                plans: self.arrival.plans,
                sessions: self.arrival.sessions,
                started: Instant::now(),
                attempt: Attempt::default(),
            };
            let served = mock.serve(&arrival, way, true);
            let served = served.unwrap_or_else(|| mock.nobody(&arrival, way.path, Some(way)));
            let answer = mock.finish(&arrival, served);
            bytes += answer.body.len();
            answers.push(answer);
            if bytes > MOST_BYTES {
                return Err(format!(
                    "the answers to the first {} of {} requests are more than {MOST_BYTES} bytes",
                    at + 1,
                    items.len()
                ));
            }
        }
        Ok(answers)
    }

    /// An item as a request of its own.
    fn item(&self, item: &Value) -> Option<Request> {
        let mut body = Vec::new();
        Json.encode(item, &mut body).ok()?;
        let whole = &self.arrival.request;
        let mut headers = whole.headers.clone();
        headers.remove(CONTENT_LENGTH);
        headers.remove(CONTENT_ENCODING);
        // The key stands for the list, which is not kept.
        if let Some(idempotency) = &self.plan.idempotency {
            headers.remove(&idempotency.header);
        }
        let named = self.incoming.kept.as_ref().and_then(|kept| kept.media_type.as_ref());
        if let Some(Ok(named)) = named.map(|name| HeaderValue::from_str(name)) {
            headers.insert(CONTENT_TYPE, named);
        }
        Some(Request {
            method: whole.method.clone(),
            target: whole.target.clone(),
            headers,
            body: body.into(),
            tls: whole.tls.clone(),
        })
    }

    /// Makes one answer of many: the list of their bodies. Those without a body are in none, and
    /// where all are, there is no list either.
    fn gather(
        &self,
        answers: Result<Vec<Answer>, String>,
        arrived: &Arrived<'_, '_>,
        finished: &mut Finished,
    ) {
        let whole = &mut finished.answer;
        let written = answers.and_then(|answers| {
            let bodies = answers.iter().enumerate().filter(|(_, answer)| !answer.body.is_empty());
            let values =
                bodies.map(|(at, answer)| read(at, answer)).collect::<Result<Vec<_>, _>>()?;
            for answer in &answers {
                passed_on(answer, whole);
            }
            if values.is_empty() {
                whole.status = StatusCode::NO_CONTENT;
                return Ok(());
            }
            let produces =
                arrived.site.operation.map(|operation| &*operation.produces).unwrap_or_default();
            let (id, _) = self.incoming.accepted(self.plan, produces);
            let media_type = id.and_then(|MediaTypeId(at)| self.plan.media_types.get(at));
            let media_type = media_type.ok_or("the operation produces no media type")?;
            let mut body = Vec::new();
            let list = Value::list(values);
            media_type.encode(&list, None, &mut body).map_err(|error| error.message)?;
            whole.status = StatusCode::OK;
            whole.headers.insert(CONTENT_TYPE, media_type.content_type.clone());
            whole.body = body.into();
            Ok(())
        });
        if let Err(said) = written {
            finished.trace.note(said.as_str());
            *whole = problem::answer(StatusCode::INTERNAL_SERVER_ERROR, &said, &Map::new());
        }
        let codings = arrived.site.operation.map(|operation| &*operation.content_codings);
        let codings = codings.unwrap_or_default();
        coded::put(whole, codings, Wanted::of(self.incoming, codings));
    }
}

fn too_many<'p>(answer: Option<FailureAnswer>) -> Halt<'p> {
    let most = i64::try_from(MOST_ITEMS).unwrap_or(i64::MAX);
    let mut refusal = Refusal::of(Failure::BodyTooLarge)
        .said(format!("a list of more than {MOST_ITEMS} requests"))
        .answered_by(answer);
    refusal.violation.limit = Some(Value::Integer(most));
    refusal.status = Some(StatusCode::PAYLOAD_TOO_LARGE);
    refusal.into()
}

/// The value that an answer holds.
fn read(at: usize, answer: &Answer) -> Result<Value, String> {
    let content_type = answer.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let charset = Encoding::of_media_type(content_type.unwrap_or_default()).unwrap_or_default();
    let read = Json.decode_in(&answer.body, charset, &Limits::default());
    read.map(|read| read.value).map_err(|_| {
        let said = content_type.unwrap_or("without a type");
        format!(
            "the answer to request {} is not JSON ({said}), so it cannot be part of a list",
            at + 1
        )
    })
}

/// What of an answer to an item is part of the whole one's: cookies of each, and headers that are
/// not about its body, of which the last counts; and what a fault does on the way.
fn passed_on(answer: &Answer, whole: &mut Answer) {
    for (name, value) in &answer.headers {
        let is_of_body =
            name.as_str().starts_with("content-") || [ETAG, LAST_MODIFIED].contains(name);
        match name {
            _ if is_of_body || name.as_str().starts_with(OWN_HEADERS) => {}
            &SET_COOKIE => _ = whole.headers.append(name, value.clone()),
            // Lines of one header, such as several `Link`, are those of the last answer too.
            _ => _ = whole.headers.insert(name, value.clone()),
        }
    }
    if let Some(sending) = &answer.sending {
        let so_far = whole.sending.take().map_or_else(Sending::default, |sending| *sending);
        whole.sending = Some(Box::new(Sending {
            delay: so_far.delay.saturating_add(sending.delay).min(LONGEST_DELAY),
            breakage: so_far.breakage.or(sending.breakage),
            pieces: None,
        }));
    }
}
