//! `requests`: the journal.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use jiff::{SignedDuration, Timestamp};

use super::call::{Call, suggest};
use super::explain::explain;
use super::reply::{Refused, object, ok};
use super::shown::Shown;
use super::transitions;
use super::{changes, happened};
use crate::exchange::{Answer, header_text, text_of_old};
use crate::mock::effect::Effect;
use crate::mock::entry::Listed;
use crate::mock::journal::Gap;
use crate::plan::Plan;
use crate::run::mask::Mask;
use crate::value::{Map, Value};
use crate::wire::multipart;

/// A replica that goes on tells all that it answered within this time.
const SOON: SignedDuration = SignedDuration::from_secs(2);

/// `GET requests`: what was asked and answered, newest last.
///
/// Filters: `vendor`, `operation`, `status`, `after` (an id), and `limit` (so many of the newest
/// that pass the others). With `short=true` each is as the stream of events tells it.
pub(super) fn list(call: &Call<'_>) -> Result<Answer, Refused> {
    call.only(&["vendor", "operation", "status", "limit", "after", "short"])?;
    let short = match call.parameter("short") {
        None | Some("false") => false,
        Some("true") => true,
        Some(other) => {
            return Err(Refused::bad_request(format!("`short` is true or false, not `{other}`")));
        }
    };
    let vendor = match call.parameter("vendor") {
        Some(name) => Some(&*call.vendor(name)?.plan.service.vendor),
        None => None,
    };
    let operation = call.parameter("operation");
    if let Some(name) = operation {
        known_operation(call, name)?;
    }
    let status = call.number("status")?;
    let after = call.number("after")?.unwrap_or(0);
    let limit = call.number("limit")?;
    let mut entries = call.session.journal.entries();
    entries.retain(|entry| {
        entry.id > after
            && vendor.is_none_or(|vendor| vendor_name(call, entry) == Some(vendor))
            && status.is_none_or(|status| u64::from(entry.status.as_u16()) == status)
            && operation.is_none_or(|name| operation_name(call, entry) == Some(name))
    });
    let limit = limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(usize::MAX);
    let passed_over = entries.len().saturating_sub(limit);
    let shown = entries.iter().skip(passed_over).map(|entry| match short {
        true => Value::map(happened::journalled(&call.session.name, plans(call, entry), entry)),
        false => Value::map(whole(call, entry)),
    });
    let mut answer = ok(&Value::list(shown.collect()));
    let missing = gaps(call);
    if !missing.is_empty() {
        let said =
            missing.iter().map(|gap| format!("{}; {}; {}", gap.replica, gap.from, gap.until));
        let said = said.collect::<Vec<_>>().join(", ");
        // Hexadecimal digits and times are what a field may say.
        if let Ok(said) = said.parse() {
            answer.headers.insert("counterpart-missing", said);
        }
    }
    Ok(answer)
}

/// `GET requests/missing`: which requests the journal of replicas may lack.
pub(super) fn missing(call: &Call<'_>) -> Result<Answer, Refused> {
    call.only(&[])?;
    let shown = gaps(call).into_iter().map(|gap| {
        let Gap { replica, from, until } = gap;
        let detail = format!(
            "replica {replica} has ended, or cannot write, before it told of requests that only \
             read and that it answered from {from} to {until}"
        );
        object([
            ("replica", Value::Text(replica)),
            ("from", from.to_string().into()),
            ("until", until.to_string().into()),
            ("detail", detail.into()),
        ])
    });
    Ok(ok(&Value::list(shown.collect())))
}

/// What replicas should have told by now.
fn gaps(call: &Call<'_>) -> Vec<Gap> {
    let now = Timestamp::now();
    let mut gaps = call.session.journal.gaps();
    gaps.retain(|gap| gap.until.saturating_add(SOON).is_ok_and(|soon| soon < now));
    gaps
}

/// `GET requests/{id}`: one of them, with what it changed.
pub(super) fn read(call: &Call<'_>, id: &str) -> Result<Answer, Refused> {
    call.only(&[])?;
    let (entry, effect) = find(call, id)?;
    let shown = Shown::new(plans(call, &entry), &entry);
    let mut map = whole(call, &entry);
    map.insert("reason", shown.reason().map_or(Value::Null, Value::from));
    map.insert("changes", masked(changes::shown(shown.plan(), &effect), shown.mask()));
    Ok(ok(&Value::map(map)))
}

/// The request of that id.
pub(super) fn find(call: &Call<'_>, id: &str) -> Result<(Listed, Arc<Effect>), Refused> {
    let found = id.parse().ok().and_then(|id| call.session.journal.entry(id));
    found.ok_or_else(|| Refused::not_found(format!("the journal has no request `{id}`")))
}

/// A name that no vendor has is a slip of the pen, not a filter that nothing passes.
fn known_operation(call: &Call<'_>, name: &str) -> Result<(), Refused> {
    let plans = call.mock.plans().iter();
    let known = plans.flat_map(|plan| plan.operations.iter().map(|operation| &*operation.id));
    if known.clone().any(|known| known == name) {
        return Ok(());
    }
    let detail = format!("there is no operation `{name}`");
    Err(Refused::bad_request(suggest(detail, name, known)))
}

/// The vendors as they were when it was asked.
fn plans<'a>(call: &Call<'a>, entry: &'a Listed) -> &'a [Arc<Plan>] {
    entry.plans.as_deref().unwrap_or(call.mock.plans())
}

fn vendor_name<'a>(call: &Call<'a>, entry: &'a Listed) -> Option<&'a str> {
    Some(&*plans(call, entry).get(entry.vendor?)?.service.vendor)
}

fn operation_name<'a>(call: &Call<'a>, entry: &'a Listed) -> Option<&'a str> {
    let plan = plans(call, entry).get(entry.vendor?)?;
    plan.operations.get(entry.operation?.0).map(|operation| &*operation.id)
}

fn whole(call: &Call<'_>, entry: &Listed) -> Map {
    let shown = Shown::new(plans(call, entry), entry);
    let (plan, mask) = (shown.plan(), shown.mask());
    let text = |text: Option<&str>| text.map_or(Value::Null, Value::from);
    let mut request = Map::new();
    request.insert("method", entry.request.method.as_str().into());
    request.insert("path", (&*mask.text(entry.request.path())).into());
    request.insert("url", (&*mask.text(&url(call, entry))).into());
    let lines = entry.request.headers.iter();
    let lines = lines.map(|(name, value)| (name.as_str(), value.as_bytes()));
    request.insert("headers", headers(lines, mask));
    put_body(&mut request, &entry.request.body, mask);
    if let Some(parts) = parts(entry) {
        request.insert("parts", masked(parts, mask));
    }
    let mut response = Map::new();
    response.insert("status", Value::Integer(i64::from(entry.status.as_u16())));
    response.insert("headers", headers(entry.headers.iter(), mask));
    put_body(&mut response, &entry.body, mask);
    let duration = i64::try_from(entry.duration.as_micros()).unwrap_or(i64::MAX);
    let mut map = Map::new();
    map.insert("id", Value::Integer(i64::try_from(entry.id).unwrap_or(i64::MAX)));
    map.insert("time", entry.time.to_string().into());
    map.insert("session", Value::Text(call.session.name.clone()));
    map.insert("vendor", text(shown.vendor()));
    map.insert("operation", text(shown.operation()));
    map.insert("rule", text(shown.rule()));
    map.insert("fault", text(shown.fault()));
    map.insert("forwarded", text(shown.forwarded()));
    map.insert("durationMicroseconds", Value::Integer(duration));
    map.insert("request", Value::map(request));
    map.insert("response", Value::map(response));
    map.insert("transitions", transitions::of_request(plan, entry));
    map.insert("explanation", masked(explain(plan, &entry.trace), mask));
    map
}

fn url(call: &Call<'_>, entry: &Listed) -> String {
    let host = entry.request.headers.get(http::header::HOST).and_then(|host| host.to_str().ok());
    let host = host.map_or_else(|| call.local.to_string(), ToOwned::to_owned);
    format!("{}://{host}{}", entry.request.scheme(), entry.request.target)
}

/// A field that came more than once is a list, wherever its lines stand.
fn headers<'h>(lines: impl Iterator<Item = (&'h str, &'h [u8])>, mask: &Mask) -> Value {
    let mut shown: Vec<(&str, Vec<Value>)> = Vec::new();
    for (name, value) in lines {
        let value = (&*mask.text(&text_of_old(value))).into();
        match shown.iter_mut().find(|(known, _)| known.eq_ignore_ascii_case(name)) {
            Some((_, values)) => values.push(value),
            None => shown.push((name, vec![value])),
        }
    }
    let members = shown.into_iter().map(|(name, mut values)| {
        let value = match values.len() {
            1 => values.pop().unwrap_or_default(),
            _ => Value::list(values),
        };
        (name.into(), value)
    });
    Value::map(members.collect())
}

fn put_body(message: &mut Map, body: &Bytes, mask: &Mask) {
    match std::str::from_utf8(body) {
        Ok(text) => message.insert("body", (&*mask.text(text)).into()),
        Err(_) => {
            let body = STANDARD.encode(mask.bytes(body.to_vec()));
            message.insert("bodyBase64", body.into());
        }
    }
}

/// The parts of a body that has several: what they are, and of those that are no files the text.
fn parts(entry: &Listed) -> Option<Value> {
    let content_type = &*header_text(entry.request.headers.get(CONTENT_TYPE)?);
    if !content_type.to_ascii_lowercase().starts_with("multipart/") {
        return None;
    }
    let body = &entry.request.body;
    let parts = multipart::parts(body, content_type).ok()?.list;
    let parts = parts.into_iter().map(|part| {
        let text = part.filename.is_none().then(|| part.text(body).ok()).flatten();
        let size = i64::try_from(part.content.len()).unwrap_or(i64::MAX);
        let members = [
            ("name", part.name.map(Value::Text)),
            ("id", part.id.map(Value::Text)),
            ("filename", part.filename.map(Value::Text)),
            ("contentType", part.content_type.map(Value::Text)),
            ("size", Some(Value::Integer(size))),
            ("text", text),
        ];
        let present = members.into_iter().filter_map(|(name, value)| Some((name.into(), value?)));
        Value::map(present.collect())
    });
    Some(Value::list(parts.collect()))
}

/// The same with nothing hidden left in its texts.
pub(crate) fn masked(value: Value, mask: &Mask) -> Value {
    if mask.is_empty() {
        return value;
    }
    match value {
        Value::Text(text) => (&*mask.text(&text)).into(),
        Value::List(items) => {
            Value::list(items.iter().map(|item| masked(item.clone(), mask)).collect())
        }
        Value::Map(_) | Value::Record(_) => {
            let members = value.members().into_iter().flatten();
            let members = members.map(|(name, value)| (name.clone(), masked(value.clone(), mask)));
            Value::map(members.collect())
        }
        other => other,
    }
}
