//! `metrics`, in the text format of Prometheus (version 0.0.4).

use std::fmt::Write as _;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, StatusCode};

use super::call::Call;
use super::reply::Refused;
use crate::exchange::Answer;
use crate::mock::metrics::{BUCKETS, Counts};

/// `GET metrics`: counted for as long as the mock runs, over all sessions.
pub(super) fn read(call: &Call<'_>) -> Result<Answer, Refused> {
    call.only(&[])?;
    let mut answer = Answer::empty(StatusCode::OK);
    let text = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
    answer.headers.insert(CONTENT_TYPE, text);
    answer.body = Bytes::from(written(call, &call.mock.counts()));
    Ok(answer)
}

fn written(call: &Call<'_>, counts: &Counts) -> String {
    let mut text = String::new();
    // Each replica counts what it answered itself, and says who it is.
    let replica = call.mock.sessions().notes().replica().map(|name| ("replica", name));
    let labels = |own: &[(&str, &str)]| labels(own.iter().copied().chain(replica));
    head(
        &mut text,
        "requests_total",
        "counter",
        "Requests to vendors, by operation and class of status.",
    );
    for ((vendor, operation, class), count) in &counts.requests {
        let status = format!("{class}xx");
        let labels = labels(&[("vendor", vendor), ("operation", operation), ("status", &status)]);
        _ = writeln!(text, "counterpart_requests_total{labels} {count}");
    }
    head(&mut text, "refusals_total", "counter", "Requests that a rule of a spec refused.");
    for ((vendor, rule), count) in &counts.refusals {
        let labels = labels(&[("vendor", vendor), ("rule", rule)]);
        _ = writeln!(text, "counterpart_refusals_total{labels} {count}");
    }
    head(&mut text, "request_duration_seconds", "histogram", "How long answers took.");
    let mut sum = 0;
    for (at, count) in counts.durations.iter().enumerate() {
        sum += count;
        let bound = match at + 1 {
            BUCKETS => "+Inf".to_owned(),
            _ => format!("{}", 4_f64.powi(i32::try_from(at).unwrap_or(0)) / 1e6),
        };
        let labels = labels(&[("le", &bound)]);
        _ = writeln!(text, "counterpart_request_duration_seconds_bucket{labels} {sum}");
    }
    let (seconds, own) = (counts.duration.as_secs_f64(), labels(&[]));
    _ = writeln!(text, "counterpart_request_duration_seconds_sum{own} {seconds}");
    _ = writeln!(text, "counterpart_request_duration_seconds_count{own} {sum}");
    for (name, help, value) in [
        (
            "sessions",
            "Sessions that there are, the default one included.",
            call.mock.sessions().count(),
        ),
        ("sessions_limit", "Named sessions that there can be.", call.mock.sessions().most()),
        ("vendors", "Vendors that are served.", call.mock.plans().len()),
    ] {
        head(&mut text, name, "gauge", help);
        _ = writeln!(text, "counterpart_{name}{own} {value}");
    }
    text
}

fn head(text: &mut String, name: &str, kind: &str, help: &str) {
    _ = writeln!(text, "# HELP counterpart_{name} {help}\n# TYPE counterpart_{name} {kind}");
}

/// All labels of a value, in braces, or nothing where there are none.
fn labels<'l>(labels: impl Iterator<Item = (&'l str, &'l str)>) -> String {
    let written = labels.map(|(name, value)| {
        let value = value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
        format!("{name}=\"{value}\"")
    });
    let written = written.collect::<Vec<_>>().join(",");
    if written.is_empty() { written } else { format!("{{{written}}}") }
}
