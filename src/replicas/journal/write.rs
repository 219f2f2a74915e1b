//! Lines of the journal, as they are written.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;

use crate::control::requests::masked;
use crate::control::shown::Shown;
use crate::exchange::{header_text, text_of_old};
use crate::mock::effect::Effect;
use crate::mock::entry::Told;
use crate::mock::noted::Answered;
use crate::mock::trace::Entry;
use crate::model::RuleId;
use crate::plan::Plan;
use crate::run::mask::Mask;
use crate::value::{Map, Value};

/// A request of that id, which came after the record at that position.
pub(super) fn answered(plans: &[Arc<Plan>], id: u64, head: i64, answered: &Answered) -> String {
    let Answered { at, told, effect, before } = answered;
    let shown = Shown::new(plans, told);
    let mask = shown.mask();
    let mut line = Map::new();
    line.push("id".into(), number(id));
    line.push("at".into(), at.to_string().into());
    line.push("head".into(), Value::Integer(head));
    line.push("lines".into(), number(*before as u64));
    put_told(&mut line, told, mask);
    if let Effect::Account(effect) = &**effect {
        let rows = effect.rows.iter().map(|row| {
            let image = |image: &Option<Value>| image.clone().unwrap_or_default();
            let collection = number(row.collection as u64);
            Value::list(vec![collection, image(&row.before), image(&row.after)])
        });
        let mut map = Map::new();
        map.push("vendor".into(), number(effect.vendor as u64));
        map.push("rows".into(), Value::list(rows.collect()));
        if let Some(settings) = &effect.settings {
            let settings = settings.iter().cloned().map(Value::Map);
            map.push("settings".into(), Value::list(settings.collect()));
        }
        map.push("sent".into(), Value::list(effect.sent.iter().copied().map(number).collect()));
        line.push("effect".into(), masked(Value::map(map), mask));
    } else if matches!(**effect, Effect::Forgotten) {
        line.push("effect".into(), Value::Null);
    }
    written(line)
}

fn put_told(line: &mut Map, told: &Told, mask: &Mask) {
    let request = &told.request;
    let mut hidden = false;
    line.push("time".into(), told.time.to_string().into());
    let micros = u64::try_from(told.duration.as_micros()).unwrap_or(u64::MAX);
    line.push("micros".into(), number(micros));
    let rule = |rule: RuleId| number(u64::from(rule.0));
    let known = [
        ("vendor", told.vendor.map(|vendor| number(vendor as u64))),
        ("operation", told.operation.map(|operation| number(operation.0 as u64))),
        ("rule", told.rule.map(rule)),
        ("fault", told.befallen.clone().map(Value::Text)),
        ("forwarded", told.forwarded.clone().map(Value::Text)),
        ("https", request.tls.is_some().then_some(Value::Bool(true))),
    ];
    for (name, value) in known {
        if let Some(value) = value {
            line.push(name.into(), value);
        }
    }
    let mut text = |text: &str| {
        let shown = mask.text(text);
        hidden |= *shown != *text;
        Value::from(&*shown)
    };
    line.push("method".into(), request.method.as_str().into());
    line.push("target".into(), text(request.target.as_str()));
    let fields = request.headers.iter().map(|(name, value)| {
        let value = header_text(value);
        Value::list(vec![name.as_str().into(), text(&value)])
    });
    line.push("headers".into(), Value::list(fields.collect()));
    hidden |= put_body(line, ["body", "body64"], &request.body, mask);
    line.push("status".into(), number(told.status.as_u16().into()));
    let fields = told.headers.iter().map(|(name, value)| {
        let value = text_of_old(value);
        Value::list(vec![name.into(), (&*mask.text(&value)).into()])
    });
    line.push("fields".into(), Value::list(fields.collect()));
    put_body(line, ["answer", "answer64"], &told.body, mask);
    let trace = told.trace.entries().iter().map(|entry| trace(entry, mask));
    line.push("trace".into(), Value::list(trace.collect()));
    let changed = told.changed.iter().copied().map(rule);
    line.push("changed".into(), Value::list(changed.collect()));
    if hidden {
        line.push("hidden".into(), Value::Bool(true));
    }
}

/// Adds a body under one of these names, as text or in base64; says whether something is hidden.
fn put_body(line: &mut Map, [text, base64]: [&str; 2], body: &[u8], mask: &Mask) -> bool {
    if body.is_empty() {
        return false;
    }
    match std::str::from_utf8(body) {
        Ok(body) => {
            let shown = mask.text(body);
            line.push(text.into(), (&*shown).into());
            *shown != *body
        }
        Err(_) => {
            let shown = mask.bytes(body.to_vec());
            line.push(base64.into(), STANDARD.encode(&shown).into());
            *shown != *body
        }
    }
}

fn trace(entry: &Entry, mask: &Mask) -> Value {
    let rule = |rule: &RuleId| number(u64::from(rule.0));
    let text = |text: &str| Value::from(&*mask.text(text));
    Value::list(match entry {
        Entry::Rule(id, outcome) => vec![rule(id), outcome.name().into()],
        Entry::About(id, outcome, detail) => vec![rule(id), outcome.name().into(), text(detail)],
        Entry::Broken(id, broken) => {
            let (path, value) = &**broken;
            let value = value.iter().map(|value| masked(value.clone(), mask));
            [rule(id), "path".into(), text(path)].into_iter().chain(value).collect()
        }
        Entry::Note(said) => vec!["note".into(), text(said)],
        Entry::Mistake(said) => vec!["mistake".into(), text(said)],
    })
}

/// A call of the control plane.
pub(super) fn called(call: &str) -> String {
    said("called", call.into())
}

/// The requests to a vendor are forgotten.
pub(super) fn forgot(vendor: &str) -> String {
    said("forgot", vendor.into())
}

/// What was known is not so any more.
pub(super) fn anew() -> String {
    said("anew", Value::Bool(true))
}

/// That replica may answer requests from then on that no page tells of yet.
pub(super) fn holds(replica: &str, from: Timestamp, until: Timestamp) -> String {
    let from = ("from".into(), from.to_string().into());
    let until = ("until".into(), until.to_string().into());
    written([("holds".into(), replica.into()), from, until].into_iter().collect())
}

/// All that it answered from then on has been told.
pub(super) fn tells_all(replica: &str, from: Timestamp) -> String {
    let from = ("from".into(), from.to_string().into());
    written([("tellsAll".into(), replica.into()), from].into_iter().collect())
}

fn said(name: &str, value: Value) -> String {
    written([(name.into(), value)].into_iter().collect())
}

fn written(line: Map) -> String {
    // A value is always something that JSON can say.
    serde_json::to_string(&Value::map(line)).unwrap_or_default()
}

fn number(number: u64) -> Value {
    Value::Integer(i64::try_from(number).unwrap_or(i64::MAX))
}
