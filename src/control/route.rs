//! Which call of the control plane a path and a method are.

use std::borrow::Cow;

use http::HeaderValue;
use http::header::VARY;

use super::call::Call;
use super::reply::{self, Refused, object, ok};
use super::{
    again, clock, coverage, events, faults, health, metrics, outbox, requests, reset, rewind,
    schedule, sessions, settings, specs, state, transitions,
};
use crate::exchange::Answer;
use crate::value::Value;

/// All calls, for whoever is lost.
const CALLS: &[&str] = &[
    "GET health",
    "GET live",
    "GET ready",
    "GET metrics",
    "GET events",
    "GET, PUT, POST, DELETE faults",
    "DELETE faults/{id}",
    "POST reset",
    "POST rewind",
    "GET requests",
    "GET requests/missing",
    "GET requests/{id}",
    "POST requests/{id}/again",
    "GET coverage/{vendor}",
    "GET transitions/{vendor}",
    "GET statements/{vendor}",
    "GET state/{vendor}",
    "GET, PUT state/{vendor}/settings",
    "GET, PUT, POST, DELETE state/{vendor}/{collection}",
    "GET, PUT, DELETE state/{vendor}/{collection}/{key}",
    "GET, DELETE outbox/{vendor}",
    "POST outbox/{vendor}/{id}/again",
    "GET schedule/{vendor}",
    "GET, PUT clock",
    "POST clock/advance",
    "GET sessions",
    "POST sessions/drop",
    "GET specs",
    "GET specs/{vendor}",
];

/// Answers a call; `path` is what stands behind `/_counterpart/`.
pub(super) fn answer(call: &Call<'_>, path: &str) -> Result<Answer, Refused> {
    let path = path.strip_suffix('/').unwrap_or(path);
    let mut decoded = Vec::new();
    for segment in path.split('/') {
        decoded.push(decode(segment)?);
    }
    let segments: Vec<&str> = decoded.iter().map(|segment| &**segment).collect();
    // The HTTP layer leaves out the body of an answer to HEAD (RFC 9110 section 9.3.2).
    let method = match call.request.method.as_str() {
        "HEAD" => "GET",
        method => method,
    };
    match (&*segments, method) {
        ([""], "GET") => Ok(index()),
        (["health"], "GET") => health::read(call),
        (["live"], "GET") => health::live(call),
        (["ready"], "GET") => health::ready(call),
        (["metrics"], "GET") => metrics::read(call),
        (["events"], "GET") => events::stream(call),
        (["faults"], "GET") => faults::list(call),
        (["faults"], "POST") => faults::add(call),
        (["faults"], "PUT") => faults::replace(call),
        (["faults"], "DELETE") => faults::clear(call),
        (["faults", id], "DELETE") => faults::remove(call, id),
        (["reset"], "POST") => reset::reset(call),
        (["rewind"], "POST") => rewind::rewind(call),
        (["requests"], "GET") => requests::list(call),
        (["requests", "missing"], "GET") => requests::missing(call),
        (["requests", id], "GET") => requests::read(call, id),
        (["requests", id, "again"], "POST") => again::send(call, id),
        (["coverage", vendor], "GET") => coverage::read(call, vendor),
        (["transitions", vendor], "GET") => transitions::list(call, vendor),
        (["statements", vendor], "GET") => transitions::statements(call, vendor),
        (["state", vendor], "GET") => state::read_all(call, vendor),
        (["state", vendor, "settings"], "GET") => settings::read(call, vendor),
        (["state", vendor, "settings"], "PUT") => settings::change(call, vendor),
        (["state", vendor, name], "GET") => state::read(call, vendor, name),
        (["state", vendor, name], "PUT") => state::replace(call, vendor, name),
        (["state", vendor, name], "POST") => state::add(call, vendor, name),
        (["state", vendor, name], "DELETE") => state::clear(call, vendor, name),
        (["state", vendor, name, key], "GET") => state::read_one(call, vendor, name, key),
        (["state", vendor, name, key], "PUT") => state::put_one(call, vendor, name, key),
        (["state", vendor, name, key], "DELETE") => state::remove_one(call, vendor, name, key),
        (["outbox", vendor], "GET") => outbox::list(call, vendor),
        (["outbox", vendor], "DELETE") => outbox::clear(call, vendor),
        (["outbox", vendor, id, "again"], "POST") => outbox::deliver_again(call, vendor, id),
        (["outbox", vendor, "links", token], "GET") => outbox::follow(call, vendor, token),
        (["schedule", vendor], "GET") => schedule::list(call, vendor),
        (["clock"], "GET") => clock::read(call),
        (["clock"], "PUT") => clock::set(call),
        (["clock", "advance"], "POST") => clock::advance(call),
        (["sessions"], "GET") => sessions::list(call),
        (["sessions", "drop"], "POST") => sessions::drop_named(call),
        (["specs"], "GET") => specs::list(call),
        (["specs", vendor], "GET") => specs::read(call, vendor),
        _ => Err(match methods(&segments) {
            Some(allow) if method == "OPTIONS" => return Ok(reply::methods(allow)),
            Some(allow) => Refused::method(method, allow),
            None => {
                let detail = format!("the control plane has no call `{path}`; `calls` lists them");
                Refused::not_found(detail).with("calls", calls())
            }
        }),
    }
}

/// What a program gets where a browser gets the page.
fn index() -> Answer {
    let about = "the control plane; in a browser this is a page that shows what happens";
    let mut answer = ok(&object([("about", about.into()), ("calls", calls())]));
    answer.headers.insert(VARY, HeaderValue::from_static("Accept"));
    answer
}

fn calls() -> Value {
    Value::list(CALLS.iter().map(|call| Value::from(*call)).collect())
}

/// The methods of a resource, as `Allow` lists them.
fn methods(segments: &[&str]) -> Option<&'static str> {
    Some(match segments {
        [
            "" | "health" | "live" | "ready" | "metrics" | "events" | "requests" | "sessions"
            | "specs",
        ]
        | ["requests" | "state" | "specs" | "coverage" | "transitions" | "schedule", _]
        | ["outbox", _, "links", _] => "GET, HEAD, OPTIONS",
        ["reset" | "rewind"]
        | ["requests", _, "again"]
        | ["outbox", _, _, "again"]
        | ["clock", "advance"]
        | ["sessions", "drop"] => "POST, OPTIONS",
        ["faults", _] => "DELETE, OPTIONS",
        ["clock"] | ["state", _, "settings"] => "GET, HEAD, PUT, OPTIONS",
        ["outbox", _] => "GET, HEAD, DELETE, OPTIONS",
        ["state", _, _, _] => "GET, HEAD, PUT, DELETE, OPTIONS",
        ["faults"] | ["state", _, _] => "GET, HEAD, PUT, POST, DELETE, OPTIONS",
        _ => return None,
    })
}

fn decode(segment: &str) -> Result<Cow<'_, str>, Refused> {
    percent_encoding::percent_decode_str(segment)
        .decode_utf8()
        .map_err(|_| Refused::bad_request("the path is not UTF-8"))
}
