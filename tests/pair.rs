//! What corresponds and what differs: the cases of `tests/pair/*.yaml`, each of which says what
//! came on both sides, step by step, and what has to be said about it.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

#[path = "pair/laws.rs"]
mod laws;
#[path = "pair/markup.rs"]
mod markup;

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use counterpart::unstable::check::check_sources;
use counterpart::unstable::model::Service;
use counterpart::unstable::run::event::{
    Lack, ReceivedResponse, SentRequest, StepKind, StepResult, Transitions, TrialResult, Verdict,
};
use counterpart::unstable::run::pair::{
    Captured, Ignore, Known, Likeness, Observed, Pair, compare,
};
use counterpart::unstable::value::Value;
use counterpart::unstable::wire::json::Json as Decoder;
use counterpart::unstable::wire::{Limits, Wire};
use counterpart::{Source, Span};
use libtest_mimic::{Arguments, Failed, Trial};
use serde_json::Value as Json;

const SPEC: &str = "
counterpart: 1
vendor: library
servers: [{url: https://library.example}]
mediaTypes:
  application/json: {wire: json}
  application/x-lines: {wire: jsonLines}
  text/x-rows: {wire: csv}
  text/x-note: {wire: text}
produces: [application/json]
responseHeaders: {X-Call: \"call_${request.id}\"}
errors:
  Broken: {status: 500, body: {code: 9f86d081884c7d65, text: \"reason k7Qz2mXw9LpR of /\"}}
collections:
  books:
    key: number
    schema: {type: object, properties: {number: {type: integer, generate: sequence}, token: {type: string, generate: {random: 128}}, plan: {type: string, enum: [q2Zx7KpLm4Rt]}}}
  members:
    key: number
    schema: {type: object, properties: {number: {type: integer, generate: sequence}, reads: {type: array, items: {type: integer}}}}
compare: {ignoreHeaders: [X-Node], ignorePaths: [$..took, //took]}
operations:
  - operationId: read
    method: GET
    path: /
    steps: [{list: {in: books, as: books}}, {respond: {status: 200, body: {books: \"${books}\"}}}]
  - operationId: add_book
    method: POST
    path: /books
    steps:
      - list: {in: members, as: readers}
      - insert: {in: books, values: {}, as: book}
      - respond: {status: 201, body: {number: \"${book.number}\"}}
        when: \"${readers}\"
      - respond: {status: 201, body: {number: \"${book.number}\"}}
  - operationId: list_books
    method: GET
    path: /books
    steps:
      - list: {in: books, as: books}
      - let: {all: \"${ books | reverse }\"}
      - respond: {status: 200, body: {$forEach: \"${all}\", $as: one, $yield: {number: \"${one.number}\"}}}
  - operationId: list_members
    method: GET
    path: /members
    steps:
      - find: {in: books, where: {number: 1}, as: book}
      - list: {in: members, as: members}
      - respond: {status: 200, body: \"${members}\"}
";

/// What holds of any two answers.
type Law = fn(&Service);

fn main() {
    let arguments = Arguments::from_args();
    let service = Arc::new(check_sources(&[Source::new("library", SPEC)]).unwrap().service);
    let mut trials = Vec::new();
    for file in ["corresponds", "differs"] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/pair/{file}.yaml"));
        let text = fs::read_to_string(path).unwrap();
        let cases: Vec<Json> = serde_saphyr::from_str(&text).unwrap();
        for case in cases {
            let name = format!("{file}: {}", case["name"].as_str().unwrap());
            let service = service.clone();
            trials.push(Trial::test(name, move || run(&case, &service)));
        }
    }
    let laws: [(&str, Law); 5] = [
        ("an answer never differs from itself", laws::reflexive),
        ("a difference is one from either side", laws::symmetric),
        ("the order of members says nothing", laws::without_order),
        ("what was changed in one place is never the same", laws::mutated),
        ("nor are texts, bytes and headers", laws::mutated_in_other_parts),
    ];
    for (name, law) in laws {
        let service = service.clone();
        trials.push(Trial::test(format!("laws: {name}"), move || {
            law(&service);
            Ok(())
        }));
    }
    libtest_mimic::run(&arguments, trials).exit();
}

fn run(case: &Json, service: &Service) -> Result<(), Failed> {
    let texts = |value: &Json| -> Vec<String> {
        let all = value.as_array().into_iter().flatten();
        all.map(|text| text.as_str().unwrap().to_owned()).collect()
    };
    let ignored = &case["ignore"];
    let ignore = Ignore::new(&texts(&ignored["headers"]), &texts(&ignored["paths"]))?;
    let sides = [observed(case, 0), observed(case, 1)];
    let pair = compare(service, &sides[0], &sides[1], &ignore);
    let (said, expected) = (said(&pair), texts(&case["differs"]));
    assert_eq!(said, expected);
    assert_eq!(pair.differs(), !expected.is_empty());
    Ok(())
}

/// Each difference with the number of its step.
fn said(pair: &Pair) -> Vec<String> {
    let shown = |value: &Option<Value>| match value {
        Some(value) => serde_json::to_string(value).unwrap(),
        None => "-".to_owned(),
    };
    let mut said = Vec::new();
    for step in &pair.steps {
        let number = step.name.clone();
        if step.counts && matches!(step.likeness, Likeness::OnlyLeft | Likeness::OnlyRight) {
            said.push(format!("{number} {}", step.likeness.name()));
        }
        for found in &step.differences {
            let (left, right) = (shown(&found.left), shown(&found.right));
            said.push(format!("{number} {}: {left} | {right}", found.path));
        }
    }
    said
}

/// One side of a case: 0 is the left one.
fn observed(case: &Json, side: usize) -> Observed {
    let name = ["left", "right"][side];
    let steps = case["steps"].as_array().unwrap();
    // Each step is at a place of its own.
    let source = Source::new("steps", " ".repeat(steps.len()));
    let mut result = TrialResult {
        name: "library/case".into(),
        suite: "library".into(),
        scenario: "case".into(),
        row: None,
        vendor: "library".into(),
        target: name.into(),
        tags: Vec::new(),
        covers: Vec::new(),
        transitions: Transitions::NotAsked,
        statements: None,
        verdict: Verdict::Passed,
        reason: None,
        duration: Duration::ZERO,
        tries: 1,
        steps: Vec::new(),
        earlier: Vec::new(),
        span: Span { source: source.clone(), start: 0, end: 0 },
    };
    let mut known = Known {
        own: vec![
            (format!("http://{name}/v1"), "base"),
            (format!("http://{name}"), "root"),
            (format!("t{name}"), "unique"),
        ],
        captured: Vec::new(),
        clock: case["began"][side].as_str().map(instant),
    };
    for (at, step) in steps.iter().enumerate() {
        let took = Duration::from_secs_f64(step["took"][side].as_f64().unwrap_or_default());
        if let Some(readings) = step["clock"].as_array() {
            let span = Span { source: source.clone(), start: at, end: at + 1 };
            let reading = &readings[side];
            result.steps.push(steered(reading, StepResult { duration: took, ..empty(at, span) }));
            continue;
        }
        let answer = &step[name];
        if answer.is_null() {
            continue;
        }
        let target = step["sent"][side].as_str().unwrap_or("/");
        for (name, values) in step["captured"].as_object().into_iter().flatten() {
            let value = tree(&values[side]);
            let captured = Captured { step: result.steps.len(), name: (&**name).into(), value };
            known.captured.push(captured);
        }
        let span = Span { source: source.clone(), start: at, end: at + 1 };
        result.steps.push(StepResult {
            expects: true,
            operation: step["operation"].as_str().map(Into::into),
            request: Some(request(format!("http://{name}/v1{target}"))),
            response: Some(response(answer, case["now"][side].as_str())),
            duration: took,
            ..empty(at, span)
        });
    }
    Observed { result, known, is_endpoint: false }
}

fn empty(at: usize, span: Span) -> StepResult {
    StepResult::new(StepKind::Vendor, (at + 1).to_string(), span)
}

fn request(url: String) -> SentRequest {
    SentRequest {
        method: "GET".to_owned(),
        url,
        headers: Vec::new(),
        body: Vec::new(),
        curl: String::new(),
        curl_note: None,
    }
}

/// A step that moved the clock of a mock; one that was passed over where there is none.
fn steered(reading: &Json, step: StepResult) -> StepResult {
    if reading.is_null() {
        let verdict = Verdict::Skipped;
        return StepResult { kind: StepKind::Control, verdict, lacks: Some(Lack::Mock), ..step };
    }
    let url = "http://left/_counterpart/clock/advance".to_owned();
    let answer = serde_json::json!({"body": reading});
    StepResult {
        kind: StepKind::Control,
        request: Some(request(url)),
        response: Some(response(&answer, None)),
        ..step
    }
}

fn instant(text: &str) -> i64 {
    text.parse::<jiff::Timestamp>().unwrap().as_millisecond()
}

/// What came, at a time that stands still, so that times in it are near it or far from it.
fn response(answer: &Json, now: Option<&str>) -> ReceivedResponse {
    let (media_type, body) = match (&answer["xml"], &answer["text"]) {
        _ if answer["written"].is_string() => {
            ("application/json", answer["written"].as_str().unwrap().as_bytes().to_vec())
        }
        _ if answer["base64"].is_string() => {
            ("image/png", STANDARD.decode(answer["base64"].as_str().unwrap()).unwrap())
        }
        (Json::String(text), _) => ("text/xml", text.clone().into_bytes()),
        (_, Json::String(text)) => ("text/plain", text.clone().into_bytes()),
        _ => ("application/json", serde_json::to_vec(&answer["body"]).unwrap()),
    };
    let mut headers: Vec<(String, String)> = Vec::new();
    for (name, value) in answer["headers"].as_object().into_iter().flatten() {
        let lines = value.as_array().map_or(std::slice::from_ref(value), |lines| lines);
        let lines = lines.iter().map(|line| line.as_str().unwrap().to_owned());
        headers.extend(lines.map(|line| (name.clone(), line)));
    }
    if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type")) {
        headers.push(("Content-Type".to_owned(), media_type.to_owned()));
    }
    headers.push(("Date".to_owned(), now.unwrap_or("Fri, 02 Jan 2026 03:04:05 GMT").to_owned()));
    ReceivedResponse {
        status: answer["status"].as_u64().map_or(200, |status| u16::try_from(status).unwrap()),
        headers,
        body,
        duration: Duration::ZERO,
    }
}

fn tree(value: &Json) -> Value {
    Decoder.decode(value.to_string().as_bytes(), &Limits::default()).unwrap().value
}
