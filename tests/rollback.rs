//! A request that cannot be answered leaves nothing behind: a session in which such requests came
//! and one in which they did not cannot be told apart.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use counterpart::MockServer;
use proptest::prelude::*;
use support::client::{Client, Reply};

/// Each note is kept, counted and announced, and then answered in a form that may not be able to
/// say it.
const SPEC: &str = r#"
counterpart: 1
vendor: library
servers: [{url: https://library.example}]
mediaTypes:
  application/json: {wire: json}
  application/xml: {wire: xml}
produces: [application/json, application/xml]
consumes: [application/json]
soapServices:
  desk: {path: /desk.asmx, namespace: "urn:desk/"}
rateLimit: {limit: 8, window: PT1M, error: Busy}
responseHeaders: {X-Remaining: "${ rateLimit.remaining }"}
errors:
  Busy: {status: 429, body: {error: {code: busy}}}
  Refused: {status: 422, body: {error: {code: refused, title: "${error.value}"}}}
collections:
  notes:
    key: id
    schema:
      type: object
      properties:
        id: {type: integer, generate: sequence}
        secret: {type: string, generate: {random: 64}}
        version: {type: string, generate: rowVersion}
        title: {type: string}
        seen: {type: integer}
operations:
  - operationId: add
    method: POST
    path: /notes
    parameters:
      - {name: how, in: query, schema: {type: string, enum: [body, header, text, name, fails, fuel], default: body}}
    requestBody:
      schema:
        type: object
        required: [title]
        properties: {title: {type: string}, extra: {type: object}}
    steps:
      - insert: {in: notes, values: {title: "${body.title}", seen: 0}, as: note}
      - update: {record: note, values: {seen: 1}}
      - send:
          channel: email
          name: noted
          to: "${note.title}"
          data: {id: "${note.id}"}
          links: {seen: {operation: see, parameters: {id: "${note.id}"}}}
      - reject: Refused
        value: "${note.title}"
        when: "${ note.title is startingwith('refuse') }"
      - respond: {status: 201, headers: {X-Title: "${note.title}"}, body: {id: "${note.id}"}}
        when: "${ query.how == 'header' }"
      - respond: {status: 201, text: "${note.title}", mediaType: "text/${note.title}"}
        when: "${ query.how == 'text' }"
      - respond: {status: 201, body: {sent: "${body.extra}"}}
        when: "${ query.how == 'name' }"
      - respond: {status: 201, body: {id: "${ 1 // (note.seen - 1) }"}}
        when: "${ query.how == 'fails' }"
      - respond: {status: 201, body: {id: "${ range(99000) | map('string') | join | length }"}}
        when: "${ query.how == 'fuel' }"
      - respond: {status: 201, body: {note: "${note}"}}
  - operationId: see
    parameters: [{name: id, schema: {type: integer}}]
    steps:
      - find: {in: notes, where: {id: "${parameters.id}"}, as: note}
      - update: {record: note, values: {seen: "${ note.seen + 1 }"}}
      - respond: {status: 200, body: {note: "${note}"}}
"#;

fn title() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("plain".to_owned()),
        Just("refused".to_owned()),
        Just("refused \u{1}".to_owned()),
        Just("two\r\nlines".to_owned()),
        Just("bell \u{7}".to_owned()),
        Just("not a name".to_owned()),
        Just("\u{fffe}".to_owned()),
        Just("ä €".to_owned()),
        any::<String>(),
    ]
}

fn request() -> impl Strategy<Value = (String, &'static str, &'static str)> {
    let how = prop::sample::select(vec!["body", "header", "text", "name", "fails", "fuel"]);
    let accept = prop::sample::select(vec!["application/json", "application/xml"]);
    (title(), how, accept)
}

fn send(client: &mut Client, session: &str, sent: &(String, &str, &str)) -> Reply {
    let (title, how, accept) = sent;
    let body = serde_json::json!({"title": title, "extra": {title: 1}}).to_string();
    let headers = [("Content-Type", "application/json"), ("Accept", accept)];
    client.send("POST", &format!("/@{session}/library/notes?how={how}"), &headers, &body)
}

/// All that can be seen of a session, with its name left out.
fn seen(client: &mut Client, session: &str) -> Vec<String> {
    let calls = ["state/library", "outbox/library", "transitions/library", "clock"];
    let read = calls.map(|call| {
        let path = format!("/@{session}/_counterpart/{call}");
        client.send("GET", &path, &[], "").text().replace(session, "SESSION")
    });
    read.to_vec()
}

fn told(reply: &Reply) -> (u16, String, Option<String>) {
    (reply.status, reply.text(), reply.header("x-remaining").map(str::to_owned))
}

#[test]
fn what_cannot_be_answered_was_never_done() {
    let mock = MockServer::builder()
        .spec_text("library", SPEC)
        .clock("2026-01-01T00:00:00Z")
        .frozen()
        .start()
        .unwrap();
    let run = AtomicUsize::new(0);
    let failed = Mutex::new(BTreeSet::new());
    proptest!(ProptestConfig::with_cases(24), |(requests in prop::collection::vec(request(), 1..12))| {
        let run = run.fetch_add(1, Ordering::Relaxed);
        let (with, without) = (format!("with-{run:04}"), format!("wout-{run:04}"));
        let mut client = Client::new(mock.address());
        for sent in &requests {
            let before = seen(&mut client, &with);
            let reply = send(&mut client, &with, sent);
            if reply.status == 500 {
                failed.lock().unwrap().insert(sent.1);
                prop_assert_eq!(&before, &seen(&mut client, &with), "{:?}", sent);
            } else {
                prop_assert_eq!(told(&reply), told(&send(&mut client, &without, sent)), "{:?}", sent);
            }
        }
        prop_assert_eq!(seen(&mut client, &with), seen(&mut client, &without));
    });
    // Each way to fail was seen, so that something was shown.
    let failed: Vec<&str> = failed.into_inner().unwrap().into_iter().collect();
    assert_eq!(failed, ["body", "fails", "fuel", "header", "name", "text"]);
}
