//! One JSON object a line. `docs/serving.md` says what is in each.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;

use crate::control::shown::Shown;
use crate::mock::feed::Happened;
use crate::mock::metrics::Counts;
use crate::value::{Map, Value};

/// A request, with its bodies when those are wanted.
pub fn request(happened: &Happened, with_bodies: bool) -> String {
    let Happened { at, session, id, told, plans } = happened;
    let shown = Shown::new(plans, told);
    let mut event = event("request", *at);
    let text = |text: Option<&str>| text.map_or(Value::Null, Value::from);
    event.insert("session", Value::Text(session.clone()));
    event.insert("id", count(*id));
    event.insert("vendor", text(shown.vendor()));
    event.insert("operation", text(shown.operation()));
    event.insert("method", told.request.method.as_str().into());
    event.insert("path", (&*shown.target()).into());
    event.insert("status", Value::Integer(told.status.as_u16().into()));
    event.insert("durationMicroseconds", micros(told.duration));
    event.insert("rule", text(shown.rule()));
    event.insert("reason", text(shown.reason().as_deref()));
    if with_bodies {
        event.insert("request", body(&shown, &told.request.body));
        event.insert("response", body(&shown, &told.body));
    }
    line(event)
}

fn body(shown: &Shown<'_>, bytes: &bytes::Bytes) -> Value {
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

/// Where vendors are served.
pub fn serving(vendors: &[(Arc<str>, String)]) -> String {
    let mut event = event("serving", Timestamp::now());
    let urls = vendors.iter().map(|(name, url)| (name.clone(), url.as_str().into()));
    event.insert("vendors", Value::map(urls.collect()));
    line(event)
}

/// Something that no request is the cause of.
pub fn said(text: &str) -> String {
    let mut event = event("message", Timestamp::now());
    event.insert("text", text.into());
    line(event)
}

/// How many requests came too fast to be written.
pub fn missed(number: u64) -> String {
    let mut event = event("missed", Timestamp::now());
    event.insert("count", count(number));
    line(event)
}

/// How many requests there were for each vendor, and which rules refused them.
pub fn summary(counts: &Counts) -> String {
    let (mut vendors, mut refused, mut rules) = (Map::new(), 0, Map::new());
    let mut total = 0;
    let mut sums = std::collections::BTreeMap::<&Arc<str>, u64>::new();
    for ((vendor, _, class), count) in &counts.requests {
        *sums.entry(vendor).or_default() += count;
        total += count;
        refused += if *class >= 4 { *count } else { 0 };
    }
    for (vendor, sum) in sums {
        vendors.insert(&**vendor, count(sum));
    }
    for ((_, rule), sum) in &counts.refusals {
        rules.insert(&**rule, count(*sum));
    }
    let mut event = event("summary", Timestamp::now());
    event.insert("requests", count(total));
    event.insert("refused", count(refused));
    event.insert("vendors", Value::map(vendors));
    event.insert("rules", Value::map(rules));
    line(event)
}

fn event(name: &str, at: Timestamp) -> Map {
    let mut event = Map::new();
    event.insert("time", at.to_string().into());
    event.insert("event", name.into());
    event
}

fn line(event: Map) -> String {
    // A value is always something that JSON can say.
    let mut text = serde_json::to_string(&Value::map(event)).unwrap_or_default();
    text.push('\n');
    text
}

fn count(number: u64) -> Value {
    Value::Integer(i64::try_from(number).unwrap_or(i64::MAX))
}

fn micros(duration: std::time::Duration) -> Value {
    count(u64::try_from(duration.as_micros()).unwrap_or(u64::MAX))
}
