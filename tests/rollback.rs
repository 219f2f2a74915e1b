//! A request that cannot be answered leaves nothing behind: a session in which such requests came
//! and one in which they did not cannot be told apart.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

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
        chain: {type: object}
operations:
  - operationId: add
    method: POST
    path: /notes
    parameters:
      - {name: how, in: query, schema: {type: string, enum: [body, header, cookie, attribute, text, name, fails, fuel], default: body}}
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
      - respond: {status: 201, cookies: {title: "${note.title}"}, body: {id: "${note.id}"}}
        when: "${ query.how == 'cookie' }"
      - respond: {status: 201, cookies: {title: {value: x, path: "/${note.title}", secure: true}}, body: {id: "${note.id}"}}
        when: "${ query.how == 'attribute' }"
      - respond: {status: 201, text: "${note.title}", mediaType: "text/${note.title}"}
        when: "${ query.how == 'text' }"
      - respond: {status: 201, body: {sent: "${body.extra}"}}
        when: "${ query.how == 'name' }"
      - respond: {status: 201, body: {id: "${ 1 // (note.seen - 1) }"}}
        when: "${ query.how == 'fails' }"
      - respond: {status: 201, body: {id: "${ (note.id | string) * 100000000 }"}}
        when: "${ query.how == 'fuel' }"
      - respond: {status: 201, body: {note: "${note}"}}
  - operationId: nest
    method: POST
    path: /nests
    parameters: [{name: rounds, in: query, schema: {type: integer}}]
    steps:
      - find: {in: notes, where: {id: 1}, as: note}
      - forEach: {in: "${ range(query.rounds) }", as: round}
        steps:
          - update: {record: note, values: {chain: {of: ["${note.chain}"]}}}
      - respond: {status: 200, body: {chain: "${note.chain}"}}
  - operationId: see
    bindings: [{soap: desk}]
    parameters: [{name: id, schema: {type: integer}}]
    steps:
      - find: {in: notes, where: {id: "${parameters.id}"}, as: note}
      - update: {record: note, values: {seen: "${ note.seen + 1 }"}}
      - respond: {status: 200, body: {note: "${note}"}}
"#;

/// Whatever is sent is kept, announced, and answered in each format.
const THINGS: &str = r#"
counterpart: 1
vendor: things
servers: [{url: https://things.example}]
mediaTypes:
  application/json: {wire: json}
  application/x-ndjson: {wire: jsonLines}
  application/xml: {wire: xml}
  text/xml: {wire: xml, nil: omit, contentType: text/xml; charset=iso-8859-1}
  application/x-www-form-urlencoded: {wire: form}
  application/vnd.deep: {wire: form, style: deepObject}
  text/csv: {wire: csv}
  text/plain: {wire: text}
  text/event-stream: {wire: events}
  application/octet-stream: {wire: bytes}
produces: [application/json, application/x-ndjson, application/xml, text/xml, application/x-www-form-urlencoded, application/vnd.deep, text/csv, text/plain, text/event-stream, application/octet-stream]
consumes: [application/json]
soapServices:
  desk: {path: /desk.asmx, namespace: "urn:desk/"}
collections:
  things: {key: id, schema: {type: object, properties: {id: {type: integer, generate: sequence}, value: {}}}}
operations:
  - operationId: keep
    method: POST
    path: /things
    requestBody: {schema: {}}
    steps:
      - insert: {in: things, values: {value: "${body}"}, as: thing}
      - send: {channel: log, name: kept, to: log, data: {id: "${thing.id}"}}
      - respond: {status: 201, body: "${thing.value}"}
  - operationId: tell
    bindings: [{soap: desk}]
    steps:
      - list: {in: things, as: all}
      - insert: {in: things, values: {value: told}, as: thing}
      - respond: {status: 200, body: {all: "${ all | map(attribute='value') | list }"}}
"#;

/// What some format cannot say: names, characters, shapes and numbers.
fn thing() -> impl Strategy<Value = serde_json::Value> {
    use serde_json::{Value, json};
    let text = prop_oneof![
        prop::sample::select(vec![
            "",
            " ",
            "plain",
            "a\r\nb",
            "\u{0}",
            "\u{b}",
            "\u{1f}",
            "\u{7f}",
            "\u{85}",
            "\u{fffe}",
            "\u{ffff}",
            "]]>",
            "\u{1f600}",
            "\u{20ac}",
            "-->",
            "data: x",
            "NaN",
            "\u{feff}",
            "<a>&amp;",
            "\"",
        ])
        .prop_map(str::to_owned),
        any::<String>(),
    ];
    let number = prop::sample::select(vec![
        "0",
        "-0",
        "-0.0",
        "1e400",
        "-1e-400",
        "123456789012345678901234567890123456789",
        "0.1",
        "1.10",
        "9223372036854775808",
        "1e999999999",
    ]);
    let number = number.prop_map(|literal| serde_json::from_str::<Value>(literal).unwrap());
    let leaf = prop_oneof![
        text.clone().prop_map(Value::from),
        number,
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
    ];
    let name = prop_oneof![
        prop::sample::select(vec![
            "",
            "a",
            "b",
            "a b",
            "1a",
            "-a",
            "a:b",
            ":",
            "xmlns",
            "xml",
            "@",
            "@a",
            "@a b",
            "@xmlns",
            "@xml:lang",
            "@xmlns:p",
            "#text",
            "#x",
            "a[b]",
            "[]",
            "a]",
            "data",
            "event",
            "id",
            "retry",
            "comment",
            "\u{1}",
            "\u{e9}",
            "@{urn:x}a",
            "{urn:x}a",
            "a\n",
        ])
        .prop_map(str::to_owned),
        "[a-c]",
    ];
    leaf.prop_recursive(4, 24, 5, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::vec((name.clone(), inner), 0..5)
                .prop_map(|members| json!(members.into_iter().collect::<serde_json::Map<_, _>>())),
        ]
    })
}

const FORMATS: [&str; 10] = [
    "application/json",
    "application/x-ndjson",
    "application/xml",
    "text/xml",
    "application/x-www-form-urlencoded",
    "application/vnd.deep",
    "text/csv",
    "text/plain",
    "text/event-stream",
    "application/octet-stream",
];

/// What the mock says of the last request of a session.
fn explained(client: &mut Client, session: &str) -> String {
    let reply = client.send("GET", &format!("/@{session}/_counterpart/requests?limit=1"), &[], "");
    reply.text()
}

#[test]
fn what_a_format_cannot_say_was_never_kept_and_the_journal_says_why() {
    let mock = MockServer::builder().spec_text("things", THINGS).frozen();
    let mock = mock.clock("2026-01-01T00:00:00Z").start().unwrap();
    let run = AtomicUsize::new(0);
    let seen = |client: &mut Client, session: &str| {
        let read = ["state/things", "outbox/things", "transitions/things"].map(|call| {
            client.send("GET", &format!("/@{session}/_counterpart/{call}"), &[], "").text()
        });
        read.concat()
    };
    proptest!(ProptestConfig::with_cases(96), |(thing in thing(), format in prop::sample::select(&FORMATS[..]))| {
        let session = format!("thing-{}", run.fetch_add(1, Ordering::Relaxed));
        let mut client = Client::new(mock.address());
        let before = seen(&mut client, &session);
        let sent = thing.to_string();
        let path = format!("/@{session}/things/things");
        let headers = [("Content-Type", "application/json"), ("Accept", format)];
        let reply = client.send("POST", &path, &headers, &sent);
        match reply.status {
            201 => {
                prop_assert_ne!(before, seen(&mut client, &session));
                if format == "application/json" {
                    let got: serde_json::Value = serde_json::from_slice(&reply.body).unwrap();
                    prop_assert_eq!(&got.to_string(), &sent);
                }
            }
            500 => {
                prop_assert_ne!(format, "application/json");
                prop_assert!(reply.text().contains("cannot be written"), "{}", reply.text());
                prop_assert_eq!(before, seen(&mut client, &session), "{} as {}", sent, format);
                let journal = explained(&mut client, &session);
                prop_assert!(journal.contains("cannot be written"), "{}", journal);
            }
            other => prop_assert!(false, "{} for {} as {}: {}", other, sent, format, reply.text()),
        }
        // By SOAP too, together with what was kept.
        let before = seen(&mut client, &session);
        let envelope = "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Body>\
            <tell xmlns=\"urn:desk/\"/></s:Body></s:Envelope>";
        let headers = [("Content-Type", "text/xml; charset=utf-8")];
        let reply = client.send("POST", &format!("/@{session}/things/desk.asmx"), &headers, envelope);
        if reply.status == 500 {
            prop_assert_eq!(before, seen(&mut client, &session), "{}", sent);
        } else {
            prop_assert_eq!(reply.status, 200, "{}", reply.text());
        }
    });
}

fn title() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("plain".to_owned()),
        Just("refused".to_owned()),
        Just("refused \u{1}".to_owned()),
        Just("two\r\nlines".to_owned()),
        Just("bell \u{7}".to_owned()),
        Just("x; Domain=other.example".to_owned()),
        Just("not a name".to_owned()),
        Just("\u{fffe}".to_owned()),
        Just("ä €".to_owned()),
        any::<String>(),
    ]
}

fn request() -> impl Strategy<Value = (String, &'static str, &'static str)> {
    let how = prop::sample::select(vec![
        "body",
        "header",
        "cookie",
        "attribute",
        "text",
        "name",
        "fails",
        "fuel",
    ]);
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
    proptest!(ProptestConfig::with_cases(24), |(requests in prop::collection::vec(request(), 1..12))| {
        let run = run.fetch_add(1, Ordering::Relaxed);
        let (with, without) = (format!("with-{run:04}"), format!("wout-{run:04}"));
        let mut client = Client::new(mock.address());
        for sent in &requests {
            let before = seen(&mut client, &with);
            let reply = send(&mut client, &with, sent);
            if reply.status == 500 {
                prop_assert_eq!(&before, &seen(&mut client, &with), "{:?}", sent);
            } else {
                prop_assert_eq!(told(&reply), told(&send(&mut client, &without, sent)), "{:?}", sent);
            }
        }
        prop_assert_eq!(seen(&mut client, &with), seen(&mut client, &without));
    });
}

#[test]
fn each_way_to_fail_leaves_nothing_behind() {
    let mock =
        MockServer::builder().spec_text("library", SPEC).clock("2026-01-01T00:00:00Z").frozen();
    let mock = mock.start().unwrap();
    let mut client = Client::new(mock.address());
    for (title, how) in [
        ("bell \u{7}", "body"),
        ("two\r\nlines", "header"),
        ("x; Domain=other.example", "cookie"),
        ("two\r\nlines", "cookie"),
        ("a\tb", "cookie"),
        (";", "attribute"),
        ("two\r\nlines", "text"),
        ("not a name", "name"),
        ("plain", "fails"),
        ("plain", "fuel"),
        ("refused \u{1}", "body"),
    ] {
        let sent = (title.to_owned(), how, "application/xml");
        let before = seen(&mut client, "each");
        let reply = send(&mut client, "each", &sent);
        assert_eq!(reply.status, 500, "{sent:?} {}", reply.text());
        assert_eq!(before, seen(&mut client, "each"), "{sent:?}");
    }
}

/// A note that JSON can say and XML cannot, in a session of its own; gives the link that it was
/// announced with.
fn keep_unwritable(client: &mut Client, session: &str) -> String {
    let sent = ("bell \u{7}".to_owned(), "body", "application/json");
    assert_eq!(send(client, session, &sent).status, 201);
    let outbox = client.send("GET", &format!("/@{session}/_counterpart/outbox/library"), &[], "");
    let outbox: serde_json::Value = serde_json::from_slice(&outbox.body).unwrap();
    let link = outbox.pointer("/0/links/seen").and_then(|link| link.as_str()).unwrap();
    let (_, path) = link.split_once("://").unwrap().1.split_once('/').unwrap();
    format!("/{path}")
}

#[test]
fn a_link_whose_answer_cannot_be_written_was_not_followed() {
    let mock = MockServer::builder().spec_text("library", SPEC).start().unwrap();
    let mut client = Client::new(mock.address());
    let link = keep_unwritable(&mut client, "linked");
    let before = client.send("GET", "/@linked/_counterpart/state/library/notes", &[], "").text();
    let reply = client.send("GET", &link, &[("Accept", "application/xml")], "");
    assert_eq!(reply.status, 500, "{}", reply.text());
    let after = client.send("GET", "/@linked/_counterpart/state/library/notes", &[], "").text();
    assert_eq!(before, after);
    let reply = client.send("GET", &link, &[("Accept", "application/json")], "");
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert!(reply.text().contains("\"seen\":2"), "{}", reply.text());
}

#[test]
fn a_soap_answer_that_cannot_be_written_leaves_nothing_behind() {
    let mock = MockServer::builder().spec_text("library", SPEC).start().unwrap();
    let mut client = Client::new(mock.address());
    keep_unwritable(&mut client, "soap");
    let envelope = "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Body>\
        <see xmlns=\"urn:desk/\"><id>1</id></see></s:Body></s:Envelope>";
    let before = client.send("GET", "/@soap/_counterpart/state/library/notes", &[], "").text();
    let headers = [("Content-Type", "text/xml; charset=utf-8")];
    let reply = client.send("POST", "/@soap/library/desk.asmx", &headers, envelope);
    assert_eq!(reply.status, 500, "{}", reply.text());
    assert!(reply.text().contains("cannot be written"), "{}", reply.text());
    let after = client.send("GET", "/@soap/_counterpart/state/library/notes", &[], "").text();
    assert_eq!(before, after);
}

#[test]
fn what_is_kept_does_not_become_deeper_and_deeper() {
    let mock = MockServer::builder().spec_text("library", SPEC).start().unwrap();
    let mut client = Client::new(mock.address());
    let sent = ("plain".to_owned(), "body", "application/json");
    assert_eq!(send(&mut client, "deep", &sent).status, 201);
    let mut nest = |rounds: usize| {
        client.send("POST", &format!("/@deep/library/nests?rounds={rounds}"), &[], "")
    };
    // Round by round of one request.
    let reply = nest(50_000);
    assert_eq!(reply.status, 500);
    assert!(reply.text().contains("nested deeper than 256 levels"), "{}", reply.text());
    // Request by request; each round adds an object and a list.
    assert_eq!(nest(100).status, 200);
    assert_eq!(nest(27).status, 200);
    assert_eq!(nest(1).status, 500);
    assert_eq!(nest(0).status, 200);
}
