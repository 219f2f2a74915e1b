//! The run as one JSON document; its members are described in `docs/reports.md`.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine;

use super::coverage;
use super::members::{object, place};
use super::shorten::part;
use super::{RunReport, count};
use crate::model::{Ruling, difference_id};
use crate::run::event::{
    KnownDifference, Mismatch, ReceivedResponse, SHOWN_BODY, SentRequest, Stage, StepResult,
    TrialResult, Verdict,
};
use crate::value::{Map, Value};

/// The document as text, indented, with a line feed at the end.
pub fn json(run: &RunReport<'_>) -> String {
    pretty(&document(run, &|_, _| {}))
}

/// A tree as text, indented, with a line feed at the end.
pub fn pretty(value: &Value) -> String {
    let mut text = serde_json::to_string_pretty(value).unwrap_or_default();
    text.push('\n');
    text
}

/// The document; `more` may add members to the difference of a step.
pub(super) fn document(run: &RunReport<'_>, more: &dyn Fn(&StepResult, &mut Map)) -> Value {
    let summary = Verdict::ALL.into_iter().map(|verdict| {
        let many = i64::try_from(count(run.trials, verdict)).unwrap_or(i64::MAX);
        (verdict.name(), Value::Integer(many))
    });
    object([
        (
            "run",
            object([
                ("version", run.version.into()),
                ("started", run.started.to_string().into()),
                ("duration", seconds(run.duration)),
                ("target", run.target.into()),
                ("shard", run.shard.map_or(Value::Null, shard)),
            ]),
        ),
        ("summary", object(summary)),
        ("trials", run.trials.iter().map(|t| trial(t, more)).collect::<Vec<_>>().into()),
        ("coverage", coverage::json::value(run.coverage)),
    ])
}

/// Which part of the trials, from 1, of how many.
fn shard((number, of): (usize, usize)) -> Value {
    let count = |n: usize| Value::Integer(i64::try_from(n).unwrap_or(i64::MAX));
    object([("number", count(number)), ("of", count(of))])
}

/// A list of texts.
pub(super) fn texts(texts: &[Arc<str>]) -> Value {
    texts.iter().map(|text| Value::Text(text.clone())).collect::<Vec<_>>().into()
}

fn optional(text: Option<&str>) -> Value {
    text.map_or(Value::Null, Value::text)
}

/// To the microsecond.
#[expect(clippy::cast_precision_loss, reason = "a run of 285 years may be off by one")]
fn seconds(duration: Duration) -> Value {
    (duration.as_micros() as f64 / 1_000_000.0).into()
}

fn trial(trial: &TrialResult, more: &dyn Fn(&StepResult, &mut Map)) -> Value {
    let steps = |all: &[StepResult]| -> Value {
        all.iter().map(|one| step(one, more)).collect::<Vec<_>>().into()
    };
    let earlier = trial.earlier.iter().map(|all| steps(all)).collect::<Vec<_>>();
    let [file, line, column] = place(&trial.span);
    object([
        ("name", Value::Text(trial.name.clone())),
        ("vendor", Value::Text(trial.vendor.clone())),
        ("suite", Value::Text(trial.suite.clone())),
        ("scenario", Value::Text(trial.scenario.clone())),
        ("row", optional(trial.row.as_deref())),
        file,
        line,
        column,
        ("target", Value::Text(trial.target.clone())),
        ("tags", texts(&trial.tags)),
        ("covers", texts(&trial.covers)),
        ("verdict", trial.verdict.name().into()),
        ("reason", optional(trial.reason.as_deref())),
        ("duration", seconds(trial.duration)),
        ("tries", Value::Integer(trial.tries.into())),
        ("steps", steps(&trial.steps)),
        ("earlier", if earlier.is_empty() { Value::Null } else { earlier.into() }),
    ])
}

fn step(step: &StepResult, more: &dyn Fn(&StepResult, &mut Map)) -> Value {
    let difference = step.difference.as_ref().map_or(Value::Null, |difference| {
        let mut members = Map::new();
        members.insert("expected", text(&difference.expected, &difference.actual));
        members.insert("actual", text(&difference.actual, &difference.expected));
        more(step, &mut members);
        members.into()
    });
    let snapshots: Vec<Value> =
        step.snapshots.iter().map(|path| path.display().to_string().as_str().into()).collect();
    let [file, line, column] = place(&step.span);
    object([
        ("name", step.name.as_str().into()),
        ("kind", step.kind.name().into()),
        ("stage", step.stage.name().into()),
        ("finally", (step.stage == Stage::Finally).into()),
        ("verdict", step.verdict.name().into()),
        ("reason", optional(step.reason.as_deref())),
        ("operation", optional(step.operation.as_deref())),
        ("duration", seconds(step.duration)),
        file,
        line,
        column,
        ("request", step.request.as_ref().map_or(Value::Null, request)),
        ("response", step.response.as_ref().map_or(Value::Null, response)),
        (
            "mismatches",
            step.mismatches.iter().map(|it| mismatch(it, step)).collect::<Vec<_>>().into(),
        ),
        ("known", if step.known.is_empty() { Value::Null } else { known(step) }),
        ("difference", difference),
        ("snapshots", if snapshots.is_empty() { Value::Null } else { snapshots.into() }),
    ])
}

fn request(request: &SentRequest) -> Value {
    let [body, base64, note] = body(&request.body);
    object([
        ("method", request.method.as_str().into()),
        ("url", request.url.as_str().into()),
        ("headers", headers(&request.headers)),
        body,
        base64,
        note,
        ("curl", request.curl.as_str().into()),
        ("curlNote", optional(request.curl_note.as_deref())),
    ])
}

fn response(response: &ReceivedResponse) -> Value {
    let [body, base64, note] = body(&response.body);
    object([
        ("status", Value::Integer(response.status.into())),
        ("duration", seconds(response.duration)),
        ("headers", headers(&response.headers)),
        body,
        base64,
        note,
    ])
}

/// A list, since a name may come twice and the order is part of what was sent.
fn headers(headers: &[(String, String)]) -> Value {
    let header = |(name, value): &(String, String)| {
        object([("name", name.as_str().into()), ("value", value.as_str().into())])
    };
    headers.iter().map(header).collect::<Vec<_>>().into()
}

/// As text, or as base64 where it is not UTF-8; of a large one the beginning, and a note.
fn body(bytes: &[u8]) -> [(&'static str, Value); 3] {
    let note = |shown: usize| match shown == bytes.len() {
        true => Value::Null,
        false => shortened(shown, bytes.len()).into(),
    };
    if let Ok(text) = std::str::from_utf8(bytes) {
        let shown = text.floor_char_boundary(SHOWN_BODY);
        let text = text.get(..shown).unwrap_or(text);
        return [("body", text.into()), ("bodyBase64", Value::Null), ("bodyNote", note(shown))];
    }
    let shown = bytes.get(..SHOWN_BODY).unwrap_or(bytes);
    let base64 = base64::engine::general_purpose::STANDARD.encode(shown);
    [("body", Value::Null), ("bodyBase64", base64.into()), ("bodyNote", note(shown.len()))]
}

/// A text that may have a body in it; of a large one the part around the place in which it differs
/// from another one, and a note.
fn text(text: &str, other: &str) -> Value {
    if text.len() <= SHOWN_BODY {
        return text.into();
    }
    let (start, shown) = part(text, other, SHOWN_BODY);
    let before = if start == 0 { String::new() } else { format!("… {start} more bytes …\n") };
    format!("{before}{shown}\n… {}", shortened(shown.len(), text.len())).into()
}

/// What stands beside a part of something.
fn shortened(shown: usize, all: usize) -> String {
    format!("shortened: {shown} of {all} bytes")
}

/// What the spec knows of, with what it says.
fn known(step: &StepResult) -> Value {
    let one = |known: &KnownDifference| {
        let mut members = match mismatch(&known.mismatch, step) {
            Value::Map(members) => Map::clone(&members),
            _ => Map::new(),
        };
        let deviation = deviation(&known.id, known.ruling, &known.since, known.says.as_deref());
        members.push("deviation".into(), deviation);
        Value::map(members)
    };
    step.known.iter().map(one).collect::<Vec<_>>().into()
}

/// What a spec says of a deviation.
pub(super) fn deviation(id: &str, ruling: Ruling, since: &str, says: Option<&str>) -> Value {
    object([
        ("id", id.into()),
        ("verdict", ruling.name().into()),
        ("since", since.into()),
        ("says", optional(says)),
    ])
}

fn mismatch(mismatch: &Mismatch, step: &StepResult) -> Value {
    let [file, line, column] = place(&mismatch.span);
    let Mismatch { path, expected, actual, .. } = mismatch;
    let operation = step.operation.as_deref().filter(|_| mismatch.is_difference());
    let id = operation.map(|operation| difference_id(operation, path, expected, actual));
    object([
        ("id", optional(id.as_deref())),
        ("kind", mismatch.kind.name().into()),
        ("path", mismatch.path.as_str().into()),
        ("expected", text(&mismatch.expected, &mismatch.actual)),
        ("actual", text(&mismatch.actual, &mismatch.expected)),
        ("message", text(&mismatch.message, "")),
        file,
        line,
        column,
    ])
}
