//! A run that never was: one trial of each kind, against the spec of the language's reference.

use std::sync::Arc;
use std::time::Duration;

use counterpart::unstable::check::check_sources;
use counterpart::unstable::model::Service;
use counterpart::unstable::run::event::{
    Difference, Mismatch, MismatchKind, ReceivedResponse, SentRequest, Stage, StepKind, StepResult,
    Transitions, TrialResult, Verdict,
};
use counterpart::{Source, Span};

const PAGE: &str = include_str!("../../docs/spec-language.md");

const BOOKS: &str = r#"counterpart: 1
vendor: library
scenarios:
  - name: a book is found by its number
    covers: [L01]
    tags: [smoke]
    steps:
      - call: create_book
        with: {body: {title: Growth of the Soil, isbn: 82-05}}
        expect: {status: 201, body: {id: {$type: integer}}}
      - call: read_book
        with: {path: {id: "${id}"}}
        expect:
          status: 200
          headers:
            Content-Type: application/json; charset=utf-8
          body: {id: 7, title: Hunger, pages: 240, tags: [novel, nobel]}
    finally:
      - request: {method: DELETE, path: "/books/${id}"}
  - name: titles have 1 to 100 characters
    covers: [L02]
    steps:
      - call: create_book
        expect: {status: 400}
  - name: a book shows its number
    steps:
      - call: read_book
        expect: {status: 200, body: {title: Hunger}}
"#;

/// The library of the reference.
pub(crate) fn library() -> Service {
    let mut blocks = Vec::new();
    for block in PAGE.split("```yaml\n").skip(1) {
        let text = block.split("```").next().unwrap_or_default();
        blocks.push(Source::new("docs/spec-language.md", text));
    }
    check_sources(&blocks).expect("the reference is a spec").service
}

fn books() -> Arc<Source> {
    Source::new("scenarios/library/books.yaml", BOOKS)
}

/// The span of the `nth` place that says `part`.
fn span(source: &Arc<Source>, part: &str, nth: usize) -> Span {
    let start = source.text.match_indices(part).nth(nth).expect(part).0;
    Span { source: source.clone(), start, end: start + part.len() }
}

/// `name` is a suite and a scenario, with a colon between.
fn trial(source: &Arc<Source>, name: &str, verdict: Verdict, written: &str) -> TrialResult {
    let (suite, scenario) = name.split_once(':').expect("a suite and a scenario");
    TrialResult {
        name: format!("{suite}/{scenario}").into(),
        suite: suite.into(),
        scenario: scenario.into(),
        row: None,
        vendor: "library".into(),
        target: "mock".into(),
        tags: Vec::new(),
        covers: Vec::new(),
        transitions: Transitions::Seen(Vec::new()),
        statements: None,
        verdict,
        reason: None,
        duration: Duration::from_micros(3_400),
        tries: 1,
        steps: Vec::new(),
        earlier: Vec::new(),
        span: span(source, written, 0),
    }
}

fn headers(headers: &[(&str, &str)]) -> Vec<(String, String)> {
    headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn request(method: &str, path: &str, body: &str) -> SentRequest {
    let url = format!("http://127.0.0.1:4010/@t1/library/api/v2{path}");
    let data = if body.is_empty() {
        String::new()
    } else {
        format!(" -H 'Content-Type: application/json' --data-raw '{body}'")
    };
    SentRequest {
        method: method.to_owned(),
        curl: format!("curl -i -X {method} '{url}' -H \"Authorization: Bearer $KEY\"{data}"),
        url,
        curl_note: None,
        headers: headers(&[
            ("Authorization", "Bearer ***"),
            ("Content-Type", "application/json"),
            ("X-Trace", "1"),
        ]),
        body: body.as_bytes().to_vec(),
    }
}

fn response(status: u16, operation: &str, rule: Option<&str>, body: &[u8]) -> ReceivedResponse {
    let mut headers = headers(&[
        ("content-type", "application/json; charset=utf-8"),
        ("x-counterpart-operation", operation),
    ]);
    headers.extend(rule.map(|rule| ("x-counterpart-rule".to_owned(), rule.to_owned())));
    ReceivedResponse { status, headers, body: body.to_vec(), duration: Duration::from_micros(900) }
}

fn step(source: &Arc<Source>, operation: &str, written: &str) -> StepResult {
    StepResult {
        expects: true,
        operation: Some(operation.into()),
        duration: Duration::from_micros(1_200),
        ..StepResult::new(StepKind::Vendor, format!("call {operation}"), span(source, written, 0))
    }
}

fn mismatch(kind: MismatchKind, said: [&str; 4], span: Span) -> Mismatch {
    let [path, expected, actual, message] = said.map(str::to_owned);
    Mismatch { kind, path, expected, actual, message, span }
}

/// A book as the library writes it, with many tags.
fn book(title: &str, pages: u32) -> String {
    let tags: Vec<String> = (1..=18).map(|n| format!("    \"tag {n}\"")).collect();
    format!(
        "{{\n  \"id\": 7,\n  \"title\": \"{title}\",\n  \"tags\": [\n{}\n  ],\n  \"pages\": {pages}\n}}",
        tags.join(",\n")
    )
}

fn passed(source: &Arc<Source>) -> TrialResult {
    let body = r#"{"title": "Growth of the Soil", "isbn": "82-05", "genre": "N", "tags": ["a"]}"#;
    let create = StepResult {
        request: Some(request("POST", "/books", body)),
        response: Some(response(201, "create_book", None, br#"{"id":7}"#)),
        ..step(source, "create_book", "call: create_book")
    };
    let read = StepResult {
        request: Some(request("GET", "/books/7?fields=title,isbn", "")),
        response: Some(response(200, "read_book", None, br#"{"id":7,"title":"Growth"}"#)),
        ..step(source, "read_book", "call: read_book")
    };
    let finally = StepResult {
        name: "DELETE /books/7".to_owned(),
        stage: Stage::Finally,
        operation: None,
        verdict: Verdict::Skipped,
        reason: Some("`when` is not true".to_owned()),
        ..step(source, "read_book", "request: {method: DELETE")
    };
    let name = "library/books:a book is found by its number";
    TrialResult {
        covers: vec!["L01".into()],
        transitions: Transitions::Seen(vec!["create_book: insert books".into()]),
        tags: vec!["smoke".into(), "books".into()],
        steps: vec![create, read, finally],
        ..trial(source, name, Verdict::Passed, "a book is found by its number")
    }
}

/// Several expectations at once, with a difference.
fn failed(source: &Arc<Source>) -> TrialResult {
    let expectation = |said, span| mismatch(MismatchKind::Expectation, said, span);
    let read = StepResult {
        verdict: Verdict::Failed,
        request: Some(request("GET", "/books/7", "")),
        response: Some(response(200, "read_book", None, book("Pan", 241).as_bytes())),
        mismatches: vec![
            expectation(
                [
                    "header Content-Type",
                    "application/json; charset=utf-8",
                    "application/json",
                    "the header Content-Type is `application/json`",
                ],
                span(source, "application/json; charset=utf-8", 0),
            ),
            expectation(
                ["$.title", "\"Hunger\"", "\"Pan\"", "$.title: expected \"Hunger\", is \"Pan\""],
                span(source, "Hunger", 0),
            ),
            expectation(
                ["$.pages", "240", "241", "$.pages: expected 240, is 241"],
                span(source, "240", 0),
            ),
            mismatch(
                MismatchKind::Undocumented,
                ["$.tags[17]", "at most 9 items", "18 items", "the list has more than 9 items"],
                span(source, "call: read_book", 0),
            ),
        ],
        difference: Some(Difference { expected: book("Hunger", 240), actual: book("Pan", 241) }),
        ..step(source, "read_book", "call: read_book")
    };
    let name = "library/books:a book shows its number";
    TrialResult {
        duration: Duration::from_millis(1_240),
        steps: vec![read],
        ..trial(source, name, Verdict::Failed, "a book shows its number")
    }
}

/// One mismatch without a difference, and an answer that tries to break out of things.
fn refused(source: &Arc<Source>) -> TrialResult {
    let answer = "{\"error\":{\"code\":\"invalid\",\"text\":\"</script><b>\u{2028}&\\u001b[31m\"},\"fields\":{}}";
    let create = StepResult {
        verdict: Verdict::Failed,
        request: Some(request("POST", "/books", r#"{"title":"%"}"#)),
        response: Some(response(422, "create_book", Some("library/L02"), answer.as_bytes())),
        mismatches: vec![mismatch(
            MismatchKind::Expectation,
            ["status", "400", "422", "the status is 422 instead of 400"],
            span(source, "400", 0),
        )],
        ..step(source, "create_book", "call: create_book")
    };
    let name = "library/books:titles have 1 to 100 characters [too long]";
    TrialResult {
        covers: vec!["L02".into()],
        steps: vec![create],
        ..trial(source, name, Verdict::Failed, "titles have 1 to 100 characters")
    }
}

/// No answer at all, in another vendor's suite.
fn unanswered() -> TrialResult {
    let source = Source::new(
        "scenarios/post/letters/out.yaml",
        "scenarios:\n  - name: a letter\n    steps:\n      - request: {method: GET, path: /}\n",
    );
    let sent = StepResult {
        name: "GET /".to_owned(),
        operation: None,
        verdict: Verdict::Failed,
        request: Some(request("GET", "/", "")),
        mismatches: vec![mismatch(
            MismatchKind::Transport,
            [
                "",
                "",
                "",
                "the server closed the connection in the middle of the headers, after 0.4 s",
            ],
            span(&source, "request", 0),
        )],
        ..step(&source, "-", "request: {method: GET, path: /}")
    };
    TrialResult {
        vendor: "post".into(),
        target: "https://post.example".into(),
        tries: 2,
        steps: vec![sent.clone()],
        earlier: vec![vec![sent]],
        ..trial(&source, "post/letters/out:a letter", Verdict::Failed, "a letter")
    }
}

fn flaky(source: &Arc<Source>) -> TrialResult {
    let closed = StepResult {
        verdict: Verdict::Failed,
        mismatches: vec![mismatch(
            MismatchKind::Transport,
            ["", "", "", "the connection was closed before an answer came"],
            span(source, "call: create_book", 0),
        )],
        ..step(source, "lend", "call: create_book")
    };
    let refusal = br#"{"error":{"code":"not_found","text":"no id 9"}}"#;
    let lend = StepResult {
        request: Some(request("POST", "/books/9/loans", r#"{"members":[1]}"#)),
        response: Some(response(404, "lend", Some("library/lend"), refusal)),
        ..step(source, "lend", "call: create_book")
    };
    TrialResult {
        covers: vec!["L03".into()],
        transitions: Transitions::NotSeen("the mock answered with 503".into()),
        tries: 2,
        duration: Duration::from_millis(1_810),
        steps: vec![lend],
        earlier: vec![vec![closed]],
        ..trial(source, "library/books:a loan is confirmed", Verdict::Flaky, "name")
    }
}

/// One trial of each kind.
pub(crate) fn trials() -> Vec<TrialResult> {
    let source = books();
    let skipped = |name: &str| TrialResult {
        reason: Some("no control plane on https://oslo.library.example".to_owned()),
        target: "https://oslo.library.example".into(),
        transitions: Transitions::NotAsked,
        duration: Duration::ZERO,
        ..trial(&source, name, Verdict::Skipped, "name")
    };
    vec![
        passed(&source),
        refused(&source),
        failed(&source),
        flaky(&source),
        skipped("library/books:a loan ends after a month"),
        skipped("library/books:a member/guest has #2 loans"),
        unanswered(),
    ]
}

/// A trial of one step that was answered so.
pub(crate) fn answered(operation: &str, status: u16, body: &str) -> TrialResult {
    let source = books();
    let step = StepResult {
        response: Some(response(status, operation, None, body.as_bytes())),
        ..step(&source, operation, "name")
    };
    TrialResult { steps: vec![step], ..trial(&source, "library/books:x", Verdict::Passed, "name") }
}

/// A trial of one step that asked so; `line` is a method and a path.
pub(crate) fn asked(operation: &str, line: &str, media_type: &str, body: &str) -> TrialResult {
    let mut trial = answered(operation, 200, "");
    let (method, path) = line.split_once(' ').expect("a method and a path");
    let mut request = request(method, path, body);
    request.headers = headers(&[("Content-Type", media_type)]);
    trial.steps[0].request = Some(request);
    trial
}
