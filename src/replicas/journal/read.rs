//! Lines of the journal, as they are read.

use std::str::FromStr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use jiff::Timestamp;

use crate::exchange::{Request, Tls};
use crate::mock::effect::{AccountEffect, Effect, RowEffect};
use crate::mock::entry::Told;
use crate::mock::fields::Fields;
use crate::mock::journal::Gap;
use crate::mock::trace::{Entry, Outcome, Trace};
use crate::model::{OperationId, RuleId};
use crate::replicas::store::Trouble;
use crate::value::Value;
use crate::wire::json::Json;
use crate::wire::{DEEPEST, Limits, Wire as _};

/// What a line tells.
#[derive(Debug)]
pub(in crate::replicas) enum Line {
    /// A request.
    Answered(Box<Heard>),
    /// A call of the control plane.
    Called(Arc<str>),
    /// The requests to a vendor are forgotten.
    Forgot(Arc<str>),
    /// A replica may have answered more than is told, of which it has not said so since.
    Holds(Gap),
    /// All is told that a replica answered from then on.
    TellsAll(Arc<str>, Timestamp),
    /// What was known is not so any more: all is to be read again.
    Anew,
}

/// A request, as it is told.
#[derive(Debug)]
pub(in crate::replicas) struct Heard {
    pub(in crate::replicas) id: u64,
    /// When it was answered, in real time.
    pub(in crate::replicas) at: Timestamp,
    /// The position of the last record before it.
    pub(in crate::replicas) head: i64,
    /// How many lines of the next record came before it too.
    pub(in crate::replicas) lines: usize,
    /// Whether some of it is hidden.
    pub(in crate::replicas) hidden: bool,
    pub(in crate::replicas) told: Arc<Told>,
    pub(in crate::replicas) effect: Arc<Effect>,
}

/// The lines of a page.
pub(in crate::replicas) fn lines(number: i64, body: &str) -> Result<Vec<Line>, Trouble> {
    let unknown = || {
        Trouble::NotDone(format!(
            "page {number} of a journal in the database has a form that this version does not know"
        ))
    };
    body.lines().map(|said| line(said).ok_or_else(unknown)).collect()
}

/// What a line says; none: nothing that is known.
pub(super) fn line(said: &str) -> Option<Line> {
    let limits = Limits { depth: DEEPEST, members: usize::MAX, ..Limits::default() };
    let value = Json.decode(said.as_bytes(), &limits).ok()?.value;
    Some(if value.get("id").is_some() {
        Line::Answered(Box::new(heard(&value)?))
    } else if let Some(call) = value.get("called") {
        Line::Called(call.as_str()?.into())
    } else if let Some(vendor) = value.get("forgot") {
        Line::Forgot(vendor.as_str()?.into())
    } else if let Some(replica) = value.get("holds") {
        let (from, until) = (parsed(value.get("from")?)?, parsed(value.get("until")?)?);
        Line::Holds(Gap { replica: replica.as_str()?.into(), from, until })
    } else if let Some(replica) = value.get("tellsAll") {
        Line::TellsAll(replica.as_str()?.into(), parsed(value.get("from")?)?)
    } else {
        value.get("anew")?;
        Line::Anew
    })
}

fn heard(value: &Value) -> Option<Heard> {
    let at: Timestamp = parsed(value.get("at")?)?;
    let request = Request {
        method: parsed(value.get("method")?)?,
        target: value.get("target")?.as_str()?.parse().ok()?,
        headers: headers(value.get("headers")?)?,
        body: body(value, ["body", "body64"])?,
        tls: value.get("https").map(|_| Arc::<Tls>::default()),
    };
    let duration = Duration::from_micros(parsed(value.get("micros")?)?);
    let rule = |value: &Value| parsed(value).map(RuleId);
    let text = |name: &str| value.get(name).and_then(Value::as_str).map(Into::into);
    let told = Told {
        time: parsed(value.get("time")?)?,
        // What it is asked for is `at`.
        started: Instant::now(),
        duration,
        vendor: value.get("vendor").and_then(parsed),
        operation: value.get("operation").and_then(parsed).map(OperationId),
        rule: value.get("rule").and_then(rule),
        request: Arc::new(request),
        status: StatusCode::from_u16(parsed(value.get("status")?)?).ok()?,
        headers: Fields::new(&headers(value.get("fields")?)?),
        body: body(value, ["answer", "answer64"])?,
        trace: Trace::of(list(value.get("trace")?, trace)?),
        changed: list(value.get("changed")?, rule)?,
        befallen: text("fault"),
        forwarded: text("forwarded"),
    };
    Some(Heard {
        id: parsed(value.get("id")?)?,
        at,
        head: parsed(value.get("head")?)?,
        lines: parsed(value.get("lines")?)?,
        hidden: value.get("hidden").is_some(),
        told: Arc::new(told),
        effect: Arc::new(effect(value.get("effect"))?),
    })
}

fn parsed<T: FromStr>(value: &Value) -> Option<T> {
    value.scalar_text()?.parse().ok()
}

fn list<T>(value: &Value, read: impl Fn(&Value) -> Option<T>) -> Option<Vec<T>> {
    value.as_list()?.iter().map(read).collect()
}

fn headers(value: &Value) -> Option<HeaderMap> {
    let mut headers = HeaderMap::new();
    for field in value.as_list()? {
        let [name, value] = field.as_list()? else { return None };
        let name: HeaderName = name.as_str()?.parse().ok()?;
        headers.append(name, HeaderValue::from_bytes(value.as_str()?.as_bytes()).ok()?);
    }
    Some(headers)
}

fn body(value: &Value, [text, base64]: [&str; 2]) -> Option<Bytes> {
    if let Some(body) = value.get(text) {
        return Some(Bytes::copy_from_slice(body.as_str()?.as_bytes()));
    }
    let Some(body) = value.get(base64) else { return Some(Bytes::new()) };
    STANDARD.decode(body.as_str()?).ok().map(Bytes::from)
}

fn trace(value: &Value) -> Option<Entry> {
    let all = value.as_list()?;
    let (first, rest) = all.split_first()?;
    let text = |value: &Value| value.as_str().map(Arc::<str>::from);
    if let Some(kind) = first.as_str() {
        let said = text(rest.first()?)?;
        return match kind {
            "note" => Some(Entry::Note(said)),
            "mistake" => Some(Entry::Mistake(said)),
            _ => None,
        };
    }
    let rule = RuleId(parsed(first)?);
    let (word, rest) = rest.split_first()?;
    let word = word.as_str()?;
    if word == "path" {
        let (path, value) = rest.split_first()?;
        return Some(Entry::Broken(rule, Box::new((text(path)?, value.first().cloned()))));
    }
    let outcome = Outcome::ALL.into_iter().find(|outcome| outcome.name() == word)?;
    Some(match rest.first() {
        None => Entry::Rule(rule, outcome),
        Some(detail) => Entry::About(rule, outcome, text(detail)?),
    })
}

fn effect(value: Option<&Value>) -> Option<Effect> {
    let Some(value) = value else { return Some(Effect::Nothing) };
    if *value == Value::Null {
        return Some(Effect::Forgotten);
    }
    let image = |value: &Value| Some(value.clone()).filter(|value| *value != Value::Null);
    let rows = list(value.get("rows")?, |row| match row.as_list()? {
        [collection, before, after] => Some(RowEffect {
            collection: parsed(collection)?,
            before: image(before),
            after: image(after),
        }),
        _ => None,
    })?;
    let settings = match value.get("settings") {
        None => None,
        Some(settings) => match settings.as_list()? {
            [Value::Map(before), Value::Map(after)] => Some([before.clone(), after.clone()]),
            _ => return None,
        },
    };
    let sent = list(value.get("sent")?, parsed)?;
    let vendor = parsed(value.get("vendor")?)?;
    Some(Effect::Account(Box::new(AccountEffect { vendor, rows, settings, sent })))
}
