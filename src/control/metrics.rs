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
    head(
        &mut text,
        "requests_total",
        "counter",
        "Requests to vendors, by operation and class of status.",
    );
    for ((vendor, operation, class), count) in &counts.requests {
        let labels = labels(&[("vendor", vendor), ("operation", operation)]);
        _ = writeln!(text, "counterpart_requests_total{{{labels},status=\"{class}xx\"}} {count}");
    }
    head(&mut text, "refusals_total", "counter", "Requests that a rule of a spec refused.");
    for ((vendor, rule), count) in &counts.refusals {
        let labels = labels(&[("vendor", vendor), ("rule", rule)]);
        _ = writeln!(text, "counterpart_refusals_total{{{labels}}} {count}");
    }
    head(&mut text, "request_duration_seconds", "histogram", "How long answers took.");
    let mut sum = 0;
    for (at, count) in counts.durations.iter().enumerate() {
        sum += count;
        let bound = match at + 1 {
            BUCKETS => "+Inf".to_owned(),
            _ => format!("{}", 4_f64.powi(i32::try_from(at).unwrap_or(0)) / 1e6),
        };
        _ = writeln!(text, "counterpart_request_duration_seconds_bucket{{le=\"{bound}\"}} {sum}");
    }
    let seconds = counts.duration.as_secs_f64();
    _ = writeln!(text, "counterpart_request_duration_seconds_sum {seconds}");
    _ = writeln!(text, "counterpart_request_duration_seconds_count {sum}");
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
        _ = writeln!(text, "counterpart_{name} {value}");
    }
    text
}

fn head(text: &mut String, name: &str, kind: &str, help: &str) {
    _ = writeln!(text, "# HELP counterpart_{name} {help}\n# TYPE counterpart_{name} {kind}");
}

fn labels(labels: &[(&str, &str)]) -> String {
    let written = labels.iter().map(|(name, value)| {
        let value = value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
        format!("{name}=\"{value}\"")
    });
    written.collect::<Vec<_>>().join(",")
}
