//! `clock`: the session's time.

use std::sync::Arc;

use http::StatusCode;
use jiff::Timestamp;
use parking_lot::MutexGuard;

use super::call::{Call, suggest};
use super::reply::{Refused, object, ok};
use super::schedule;
use crate::clock::{parse_duration, parse_timestamp};
use crate::exchange::Answer;
use crate::value::{Map, Value};
use crate::worker::may_wait;

/// `GET clock`.
pub(super) fn read(call: &Call<'_>) -> Result<Answer, Refused> {
    call.only(&[])?;
    Ok(shown(call))
}

fn shown(call: &Call<'_>) -> Answer {
    let clock = call.session.clock();
    ok(&object([("now", clock.now().to_string().into()), ("frozen", clock.frozen().into())]))
}

/// `PUT clock`: sets the time, or stops or starts the clock, or both.
pub(super) fn set(call: &Call<'_>) -> Result<Answer, Refused> {
    let given = members(call, &["now", "frozen"])?;
    let now = match given.get("now") {
        None => None,
        Some(now) => Some(now.as_str().and_then(parse_timestamp).ok_or_else(|| {
            let detail = format!("`now` is a time such as 2026-01-31T12:00:00Z, not `{now}`");
            Refused::bad_request(detail)
        })?),
    };
    let frozen = match given.get("frozen") {
        None => None,
        Some(Value::Bool(frozen)) => Some(*frozen),
        Some(other) => {
            return Err(Refused::bad_request(format!("`frozen` is a boolean, not `{other}`")));
        }
    };
    let _sending = may_wait(|| call.session.sending().lock());
    let running = may_wait(|| call.session.running().lock());
    let before = call.session.clock().now();
    call.session.change_clock(|clock| {
        let now = now.unwrap_or_else(|| clock.now());
        clock.set(now, frozen.unwrap_or_else(|| clock.frozen()));
    });
    settle(call, before, running)?;
    Ok(shown(call))
}

/// `POST clock/advance`: moves the clock by an ISO 8601 duration.
pub(super) fn advance(call: &Call<'_>) -> Result<Answer, Refused> {
    let given = members(call, &["by"])?;
    let by = given.get("by").and_then(Value::as_str).ok_or_else(|| {
        Refused::bad_request("`by` is missing: an ISO 8601 duration such as PT36H")
    })?;
    let _sending = may_wait(|| call.session.sending().lock());
    let running = may_wait(|| call.session.running().lock());
    let before = call.session.clock().now();
    parse_duration(by)
        .and_then(|duration| call.session.change_clock(|clock| clock.advance(duration)))
        .map_err(|error| Refused::bad_request(format!("`by` is `{by}`: {error}")))?;
    settle(call, before, running)?;
    Ok(shown(call))
}

/// Runs what is due by now, and sends the messages that are. Where that has no end, the clock
/// stands where the last one ran.
fn settle(call: &Call<'_>, before: Timestamp, running: MutexGuard<'_, ()>) -> Result<(), Refused> {
    let first = call.session.next_attempt().map(|(_, at, _)| at);
    let ran = may_wait(|| call.mock.run_all_due(call.session, first));
    let settled = ran.and_then(|_| {
        drop(running);
        may_wait(|| call.callbacks.settle(call.mock, call.session))
    });
    settled.map_err(|endless| {
        let reached = endless.at.max(before);
        call.session.change_clock(|clock| clock.set(reached, clock.frozen()));
        schedule::endless(StatusCode::UNPROCESSABLE_ENTITY, &endless)
    })
}

fn members(call: &Call<'_>, known: &[&str]) -> Result<Arc<Map>, Refused> {
    let Value::Map(given) = call.json()? else {
        return Err(Refused::bad_request("the body must be an object"));
    };
    if let Some(name) = given.keys().find(|name| !known.contains(&&***name)) {
        let detail = format!("the clock has no `{name}`");
        return Err(Refused::bad_request(suggest(detail, name, known.iter().copied())));
    }
    Ok(given)
}
