//! What happened, as JSON: for the log and for the stream of events.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use jiff::Timestamp;

use super::shown::Shown;
use crate::diagnostic::{Diagnostic, Severity};
use crate::mock::entry::{Listed, Told};
use crate::mock::feed::{Event, Happened};
use crate::mock::session::Lost;
use crate::plan::Plan;
use crate::value::{Map, Value};

/// An event, with the bodies of requests when those are wanted; none when there is nothing to
/// tell of it.
pub fn event(event: &Event, with_bodies: bool) -> Option<Map> {
    Some(match event {
        Event::Request(happened) => request(happened, with_bodies),
        Event::Outbox { session, vendor, sent } => {
            let mut map = begin("outbox", Timestamp::now());
            map.insert("session", Value::Text(session.clone()));
            map.insert("vendor", Value::Text(vendor.clone()));
            map.insert("sent", number(*sent as u64));
            map
        }
        Event::Changed { session, call } => {
            let mut map = begin("changed", Timestamp::now());
            map.insert("session", Value::Text(session.clone()));
            map.insert("call", Value::Text(call.clone()));
            map
        }
        Event::Reloaded { vendors, lost } => reloaded(vendors, lost),
        Event::NotReloaded(diagnostics) => {
            let mut map = begin("reload", Timestamp::now());
            map.insert("loaded", false.into());
            let mistakes = diagnostics.iter().filter(|one| one.severity == Severity::Error);
            map.insert("mistakes", Value::list(mistakes.map(mistake).collect()));
            map
        }
        Event::Said(text) => {
            let mut map = begin("message", Timestamp::now());
            map.insert("text", Value::Text(text.clone()));
            map
        }
        Event::Gone => return None,
    })
}

/// The beginning of an event.
pub fn begin(name: &str, at: Timestamp) -> Map {
    let mut map = Map::new();
    map.insert("time", at.to_string().into());
    map.insert("event", name.into());
    map
}

/// Events that somebody came too late for.
pub fn missed(count: u64) -> Map {
    let mut map = begin("missed", Timestamp::now());
    map.insert("count", number(count));
    map
}

/// A count as a value.
pub fn number(number: u64) -> Value {
    Value::Integer(i64::try_from(number).unwrap_or(i64::MAX))
}

fn request(happened: &Happened, with_bodies: bool) -> Map {
    let Happened { at, session, id, told, plans } = happened;
    let shown = Shown::new(plans, told);
    let mut map = begin("request", *at);
    put_request(&mut map, session, *id, told, &shown);
    if with_bodies {
        map.insert("request", body(&shown, &told.request.body));
        map.insert("response", body(&shown, &told.body));
    }
    map
}

/// A request of the journal of that session, as it was told when it happened.
pub fn journalled(session: &Arc<str>, plans: &[Arc<Plan>], entry: &Listed) -> Map {
    let at = entry.at.unwrap_or_else(|| {
        let ago = entry.started.elapsed().saturating_sub(entry.duration);
        let now = Timestamp::now();
        now.checked_sub(ago).unwrap_or(now)
    });
    let mut map = begin("request", at);
    put_request(&mut map, session, entry.id, entry, &Shown::new(plans, entry));
    map
}

fn put_request(map: &mut Map, session: &Arc<str>, id: u64, told: &Told, shown: &Shown<'_>) {
    let text = |text: Option<&str>| text.map_or(Value::Null, Value::from);
    let micros = u64::try_from(told.duration.as_micros()).unwrap_or(u64::MAX);
    map.insert("session", Value::Text(session.clone()));
    map.insert("id", number(id));
    map.insert("vendor", text(shown.vendor()));
    map.insert("operation", text(shown.operation()));
    map.insert("method", told.request.method.as_str().into());
    map.insert("path", (&*shown.target()).into());
    map.insert("status", Value::Integer(told.status.as_u16().into()));
    map.insert("durationMicroseconds", number(micros));
    map.insert("rule", text(shown.rule()));
    map.insert("reason", text(shown.reason().as_deref()));
    map.insert("fault", text(shown.fault()));
    map.insert("forwarded", text(shown.forwarded()));
}

fn body(shown: &Shown<'_>, bytes: &Bytes) -> Value {
    let mut message = Map::new();
    match shown.body(bytes) {
        Some(text) => message.insert("body", text.into()),
        None => {
            let body = STANDARD.encode(shown.mask().bytes(bytes.to_vec()));
            message.insert("bodyBase64", body.into());
        }
    }
    Value::map(message)
}

fn reloaded(vendors: &[Arc<str>], lost: &[(Arc<str>, Lost)]) -> Map {
    let mut map = begin("reload", Timestamp::now());
    map.insert("loaded", true.into());
    map.insert("vendors", Value::list(vendors.iter().cloned().map(Value::Text).collect()));
    let lost = lost.iter().map(|(session, Lost { vendor, collection, reason })| {
        let mut one = Map::new();
        one.insert("session", Value::Text(session.clone()));
        one.insert("vendor", Value::Text(vendor.clone()));
        one.insert("collection", Value::Text(collection.clone()));
        one.insert("reason", reason.as_str().into());
        Value::map(one)
    });
    map.insert("lost", Value::list(lost.collect()));
    map
}

fn mistake(diagnostic: &Diagnostic) -> Value {
    let mut one = Map::new();
    one.insert("code", diagnostic.code.into());
    one.insert("message", diagnostic.message.as_str().into());
    let at = diagnostic.primary.as_ref().map(|label| label.span.to_string());
    one.insert("at", at.map_or(Value::Null, Value::from));
    let help = diagnostic.help.iter().map(|help| help.as_str().into());
    one.insert("help", Value::list(help.collect()));
    Value::map(one)
}
