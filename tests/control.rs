//! The control plane over real sockets.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use counterpart::MockServer;
use serde_json::{Value, json};
use support::client::{Client, Reply};

const SPEC: &str = r#"
counterpart: 1
vendor: library
info: {title: Library API}
servers:
  - url: https://library.example/api/v2
statements:
  - {id: L01, says: a book is found by its number, source: library.txt}
  - {id: L02, says: a title has at most 9 characters, source: library.txt}
mediaTypes:
  application/json: {wire: json}
consumes: [application/json]
produces: [application/json]
errors:
  NotFound: {status: 404, body: {error: not_found}}
  Invalid: {status: 400, body: {error: "${error.message}"}}
failures:
  invalid: Invalid
settings:
  max_loans: {type: integer, default: 3, minimum: 1}
  motto: {type: [string, "null"]}
collections:
  shelves:
    key: name
    schema: {type: object, properties: {name: {type: string}}}
    fixtures: [{name: "A/1 ä"}, {name: "7"}]
  books:
    key: id
    schema:
      type: object
      required: [title]
      properties:
        id: {type: integer, generate: {sequence: 100}}
        title: {type: string, maxLength: 9, error: Invalid, implements: L02}
        isbn: {type: [string, "null"]}
        shelf: {type: string, references: shelves}
        pages: {type: integer, default: 100}
        secret: {type: string, generate: {random: 64}}
        confirmed: {type: boolean}
      additionalProperties: false
    unique: [{fields: [isbn]}]
    fixtures: [{id: 1, title: One, isbn: i1, secret: s1}]
operations:
  - operationId: read_book
    method: GET
    path: /books/{id}
    parameters: [{name: id, in: path, schema: {type: integer}}]
    steps:
      - {find: {in: books, where: {id: "${path.id}"}, as: book, orElse: NotFound}, implements: L01}
      - respond: {status: 200, body: "${book}"}
  - operationId: create_book
    method: POST
    path: /books
    requestBody: {required: true, schema: {type: object, properties: {title: {type: string, maxLength: 9, error: Invalid, implements: L02}}}}
    steps:
      - insert: {in: books, values: "${body}", as: book}
      - note: "on ${settings.max_loans}"
      - send:
          channel: email
          name: welcome
          to: ann@example.org
          data: {title: "${book.title}"}
          links: {confirm: {operation: confirm, parameters: {id: "${book.id}"}}}
      - respond: {status: 201, body: "${book}"}
  - operationId: confirm
    parameters: [{name: id, schema: {type: integer}}]
    steps:
      - find: {in: books, where: {id: "${parameters.id}"}, as: book, orElse: NotFound}
      - update: {record: book, values: {confirmed: true}}
      - respond: {status: 200, text: "confirmed at ${now}", mediaType: text/plain}
"#;

/// A mock with a client, and JSON both ways.
struct Desk {
    mock: MockServer,
    client: Client,
}

impl Desk {
    fn new() -> Self {
        let builder = MockServer::builder().spec_text("library", SPEC).seed(7);
        let mock = builder.clock("2026-01-01T00:00:00Z").frozen().sessions(2).start().unwrap();
        let client = Client::new(mock.address());
        Self { mock, client }
    }

    fn send(&mut self, method: &str, path: &str, body: &str) -> Reply {
        self.client.send(method, path, &[("Content-Type", "application/json")], body)
    }

    fn control(&mut self, method: &str, call: &str, body: &Value) -> (u16, Value) {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let reply = self.send(method, &format!("/_counterpart/{call}"), &body);
        let value = serde_json::from_slice(&reply.body).unwrap_or_default();
        (reply.status, value)
    }

    fn get(&mut self, call: &str) -> Value {
        let (status, value) = self.control("GET", call, &Value::Null);
        assert_eq!(status, 200, "{call}: {value}");
        value
    }
}

#[test]
fn health_and_specs_say_what_is_served() {
    let mut desk = Desk::new();
    let health = desk.get("health");
    assert_eq!(health["status"], "ok");
    assert_eq!(health["operations"], 3);
    assert_eq!(health["statements"], 2);
    assert_eq!(health["sessions"], 1);
    assert_eq!(health["vendors"][0]["name"], "library");
    assert_eq!(health["vendors"][0]["baseUrl"], desk.mock.url("library"));
    assert_eq!(desk.get("specs")[0]["name"], "library");
    let spec = desk.get("specs/library");
    assert_eq!(spec["operations"][0]["bindings"][0]["path"], "/books/{id}");
    assert_eq!(spec["operations"][0]["parameters"][0]["schema"]["type"], "integer");
    assert_eq!(spec["statements"][0]["evidence"], "documented");
    assert_eq!(spec["statements"][0]["rules"][0]["kind"], "step");
    assert_eq!(spec["collections"][1]["fields"][1]["schema"]["maxLength"], 9);
    assert_eq!(
        spec["errors"][0],
        json!({"name": "NotFound", "status": 404, "implements": [], "evidence": "assumed", "source": null})
    );
    assert_eq!(spec["settings"][0]["schema"]["default"], 3);
}

#[test]
fn the_journal_explains_requests_and_can_be_filtered() {
    let mut desk = Desk::new();
    assert_eq!(desk.send("GET", "/library/api/v2/books/1?a=b", "").status, 200);
    let reply = desk.send("POST", "/library/api/v2/books", r#"{"title": "much too long"}"#);
    assert_eq!(reply.status, 400);
    assert_eq!(desk.send("GET", "/nobody", "").status, 404);
    let all = desk.get("requests");
    assert_eq!(all.as_array().unwrap().len(), 3);
    assert_eq!(all[0]["id"], 1);
    assert_eq!(all[0]["operation"], "read_book");
    assert_eq!(all[0]["rule"], Value::Null);
    assert_eq!(all[0]["time"], "2026-01-01T00:00:00Z");
    assert_eq!(all[0]["session"], "");
    assert_eq!(all[0]["request"]["path"], "/library/api/v2/books/1");
    assert!(all[0]["request"]["url"].as_str().unwrap().ends_with("/books/1?a=b"));
    assert_eq!(all[0]["response"]["headers"]["content-type"], "application/json");
    let refused = &all[1];
    assert_eq!(refused["rule"], "library/L02");
    assert_eq!(refused["request"]["body"], r#"{"title": "much too long"}"#);
    let broken = refused["explanation"].as_array().unwrap();
    let broken = broken.iter().find(|entry| entry["outcome"] == "broken").unwrap();
    assert_eq!(broken["rule"], "library/L02");
    assert_eq!(broken["field"], "title");
    assert_eq!(broken["value"], "much too long");
    assert_eq!(broken["statements"][0]["says"], "a title has at most 9 characters");
    assert!(broken["at"].as_str().unwrap().starts_with("library.yaml:"));
    assert_eq!(all[2]["vendor"], Value::Null);
    for (query, ids) in [
        ("status=400", vec![2]),
        ("vendor=library", vec![1, 2]),
        ("operation=read_book", vec![1]),
        ("limit=2", vec![2, 3]),
        ("limit=0", vec![]),
        ("after=2", vec![3]),
        ("vendor=library&limit=1", vec![2]),
    ] {
        let found = desk.get(&format!("requests?{query}"));
        let found: Vec<u64> =
            found.as_array().unwrap().iter().map(|e| e["id"].as_u64().unwrap()).collect();
        assert_eq!(found, ids, "{query}");
    }
    for (query, status, said) in [
        ("vendor=libary", 404, "did you mean `library`?"),
        ("operation=read_bok", 400, "did you mean `read_book`?"),
        ("statos=4", 400, "did you mean `status`?"),
        ("limit=x", 400, "whole number"),
        ("limit=%ff", 400, "query"),
    ] {
        let (found, problem) = desk.control("GET", &format!("requests?{query}"), &Value::Null);
        assert_eq!(found, status, "{query}");
        assert!(problem["detail"].as_str().unwrap().contains(said), "{problem}");
    }
}

#[test]
fn a_body_that_is_no_text_is_shown_in_base64() {
    let mut desk = Desk::new();
    desk.client.send("POST", "/library/api/v2/books", &[], [0xff, 0x00]);
    let request = &desk.get("requests")[0]["request"];
    assert_eq!(request["bodyBase64"], "/wA=");
    assert_eq!(request.get("body"), None);
}

#[test]
fn rows_are_read_added_replaced_and_removed() {
    let mut desk = Desk::new();
    let one = json!({"id": 1, "title": "One", "isbn": "i1", "pages": 100, "secret": "s1"});
    assert_eq!(desk.get("state/library/books"), json!([one]));
    assert_eq!(desk.get("state/library")["books"], json!([one]));
    assert_eq!(desk.get("state/library/books/1"), one);
    assert_eq!(desk.get("state/library/shelves/A%2F1%20%C3%A4"), json!({"name": "A/1 ä"}));
    assert_eq!(desk.get("state/library/shelves/7"), json!({"name": "7"}));

    let (status, added) = desk.control("POST", "state/library/books", &json!({"title": "Two"}));
    assert_eq!(status, 201);
    assert_eq!(added["id"], 100);
    assert_eq!(added["pages"], 100);
    assert_eq!(added["secret"].as_str().unwrap().len(), 16);

    let (status, put) =
        desk.control("PUT", "state/library/books/1", &json!({"title": "Uno", "pages": 7}));
    assert_eq!(status, 200);
    assert_eq!(put, json!({"id": 1, "title": "Uno", "pages": 7, "secret": "s1"}));
    let (status, put) = desk.control("PUT", "state/library/books/50", &json!({"title": "Fifty"}));
    assert_eq!((status, &put["id"]), (201, &json!(50)));

    assert_eq!(desk.control("DELETE", "state/library/books/1", &Value::Null).0, 204);
    assert_eq!(desk.control("DELETE", "state/library/books/1", &Value::Null).0, 404);
    assert_eq!(desk.control("GET", "state/library/books/1", &Value::Null).0, 404);
    assert_eq!(desk.control("DELETE", "state/library/books", &Value::Null).0, 204);
    assert_eq!(desk.get("state/library/books"), json!([]));
    let (status, rows) = desk.control("PUT", "state/library/books", &json!([one]));
    assert_eq!((status, rows), (200, json!([one])));
    // What is read can be put back.
    let rows = desk.get("state/library/shelves");
    assert_eq!(desk.control("PUT", "state/library/shelves", &rows), (200, rows));

    assert_eq!(desk.control("POST", "reset?vendor=library", &Value::Null).0, 204);
    assert_eq!(desk.get("state/library/books"), json!([one]));
}

/// The seed of a reset holds until the next one.
#[test]
fn a_reset_can_give_a_seed() {
    let mut desk = Desk::new();
    let mut secret = |reset: &str| {
        assert_eq!(desk.control("POST", reset, &Value::Null).0, 204, "{reset}");
        let (status, row) = desk.control("POST", "state/library/books", &json!({"title": "T"}));
        assert_eq!(status, 201);
        row["secret"].clone()
    };
    let own = secret("reset");
    let nine = secret("reset?seed=9");
    assert_eq!(secret("reset?vendor=library&seed=9"), nine);
    assert_ne!(secret("reset?seed=8"), nine);
    assert_ne!(own, nine);
    assert_eq!(secret("reset"), own);
    for wrong in ["reset?seed=-1", "reset?seed=x", "reset?sed=1"] {
        assert_eq!(desk.control("POST", wrong, &Value::Null).0, 400, "{wrong}");
    }
}

#[test]
fn what_does_not_fit_is_refused_whole_with_all_that_is_wrong() {
    let mut desk = Desk::new();
    let before = desk.get("state/library");
    let paths = |problem: &Value| {
        let list = problem["violations"].as_array().unwrap_or_else(|| panic!("{problem}"));
        list.iter().map(|v| v["path"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    for (method, call, body, expected) in [
        (
            "POST",
            "books",
            json!({"title": 1, "pages": "x", "nope": 1}),
            vec!["title", "pages", "nope"],
        ),
        ("POST", "books", json!({"title": "much too long"}), vec!["title"]),
        ("POST", "books", json!({"title": "T", "isbn": "i1"}), vec!["isbn"]),
        ("POST", "books", json!({"id": 1, "title": "T"}), vec!["id"]),
        ("POST", "books", json!({"shelf": "none"}), vec!["shelf"]),
        ("POST", "books", json!([]), vec![""]),
        ("PUT", "books", json!({}), vec![""]),
        (
            "PUT",
            "books",
            json!([{"title": "A", "isbn": "x"}, 3, {"isbn": "x"}, {"shelf": "none"}]),
            vec!["[1]", "[2].isbn", "[3].shelf"],
        ),
        ("PUT", "books/1", json!({"id": 2, "title": "T"}), vec!["id"]),
        ("PUT", "books/1", json!({"title": 5}), vec!["title"]),
        ("PUT", "books/x", json!({"title": "T"}), vec!["id"]),
        (
            "PUT",
            "settings",
            json!({"max_loans": "x", "max_lones": 1, "motto": "m"}),
            vec!["max_loans", "max_lones"],
        ),
        ("PUT", "settings", json!({"max_loans": 0}), vec!["max_loans"]),
    ] {
        let (status, problem) = desk.control(method, &format!("state/library/{call}"), &body);
        assert_eq!(status, 422, "{method} {call} {body}: {problem}");
        assert_eq!(paths(&problem), expected, "{method} {call} {body}: {problem}");
    }
    assert_eq!(desk.get("state/library"), before);
    assert_eq!(desk.get("state/library/settings"), json!({"max_loans": 3, "motto": null}));
}

#[test]
fn settings_are_merged_and_seen_by_the_next_request() {
    let mut desk = Desk::new();
    let (status, settings) =
        desk.control("PUT", "state/library/settings", &json!({"max_loans": 8}));
    assert_eq!((status, &settings), (200, &json!({"max_loans": 8, "motto": null})));
    let (_, problem) = desk.control("PUT", "state/library/settings", &json!({"max_lons": 1}));
    assert!(problem["violations"][0]["message"].as_str().unwrap().contains("`max_loans`"));
    assert_eq!(desk.send("POST", "/library/api/v2/books", r#"{"title": "T"}"#).status, 201);
    let explanation = desk.get("requests")[0]["explanation"].clone();
    assert!(explanation.as_array().unwrap().contains(&json!({"note": "on 8"})), "{explanation}");
}

#[test]
fn messages_have_links_that_work_also_in_a_session() {
    let mut desk = Desk::new();
    assert_eq!(desk.send("POST", "/@s/library/api/v2/books", r#"{"title": "T"}"#).status, 201);
    assert_eq!(desk.get("outbox/library"), json!([]));
    let reply = desk.send("GET", "/@s/_counterpart/outbox/library", "");
    let outbox: Value = serde_json::from_slice(&reply.body).unwrap();
    assert_eq!(outbox[0]["recipient"], "ann@example.org");
    assert_eq!(outbox[0]["channel"], "email");
    assert_eq!(outbox[0]["name"], "welcome");
    assert_eq!(outbox[0]["data"], json!({"title": "T"}));
    let link = outbox[0]["links"]["confirm"].as_str().unwrap();
    let path = link.strip_prefix(&format!("http://{}", desk.mock.address())).unwrap();
    assert!(path.starts_with("/@s/_counterpart/outbox/library/links/"), "{path}");
    let wrong = format!("{path}x");
    assert_eq!(desk.send("GET", &wrong, "").status, 404);
    assert_eq!(desk.send("DELETE", "/@s/_counterpart/outbox/library", "").status, 204);
    let reply = desk.send("GET", path, "");
    assert_eq!((reply.status, &*reply.text()), (200, "confirmed at 2026-01-01T00:00:00Z"));
    let reply = desk.send("GET", "/@s/_counterpart/state/library/books/100", "");
    assert!(reply.text().contains(r#""confirmed":true"#), "{}", reply.text());
}

#[test]
fn sessions_are_apart_and_bounded() {
    let mut desk = Desk::new();
    let url = desk.mock.session("a").url("library");
    let path = url.strip_prefix(&format!("http://{}", desk.mock.address())).unwrap().to_owned();
    assert_eq!(desk.send("POST", &format!("{path}/books"), r#"{"title": "T"}"#).status, 201);
    assert_eq!(desk.send("GET", &format!("{path}/books/100"), "").status, 200);
    assert_eq!(desk.send("GET", "/library/api/v2/books/100", "").status, 404);
    assert_eq!(desk.send("POST", "/@a/_counterpart/reset", "").status, 204);
    assert_eq!(desk.send("GET", &format!("{path}/books/100"), "").status, 404);
    assert_eq!(desk.send("GET", "/@b/_counterpart/health", "").status, 200);
    assert_eq!(desk.send("GET", "/@c/_counterpart/health", "").status, 503);
    assert_eq!(desk.get("health")["sessions"], 3);
    for name in ["/@/_counterpart/health", "/@a%20b/x", "/@a!"] {
        let reply = desk.send("GET", name, "");
        assert_eq!(reply.status, 400, "{name}");
        assert_eq!(reply.header("content-type"), Some("application/problem+json"));
    }
}

#[test]
fn sessions_are_listed_and_dropped() {
    let mut desk = Desk::new();
    for path in ["/@b/library/api/v2/books", "/@a/library/api/v2/books"] {
        assert_eq!(desk.send("POST", path, r#"{"title": "T"}"#).status, 201);
    }
    let names = |desk: &mut Desk| -> Vec<String> {
        let all = desk.get("sessions");
        let all = all.as_array().unwrap().iter();
        all.map(|one| {
            assert!(one["unusedSeconds"].as_u64().is_some(), "{one}");
            one["name"].as_str().unwrap().to_owned()
        })
        .collect()
    };
    assert_eq!(names(&mut desk), ["a", "b"]);
    let gone = json!({"names": ["b", "c"]});
    assert_eq!(desk.control("POST", "sessions/drop", &gone), (200, json!({"dropped": 1})));
    assert_eq!(names(&mut desk), ["a"]);
    assert_eq!(desk.send("GET", "/@b/library/api/v2/books/100", "").status, 404);
    for wrong in [json!({"names": "b"}), json!({"names": [1]}), json!({}), json!({"name": ["b"]})] {
        let (status, problem) = desk.control("POST", "sessions/drop", &wrong);
        assert_eq!(status, 400, "{problem}");
        assert!(problem["detail"].as_str().unwrap().contains("`names`"), "{problem}");
    }
}

#[test]
fn the_clock_is_set_stopped_and_advanced() {
    let mut desk = Desk::new();
    let at = |now: &str, frozen: bool| json!({"now": now, "frozen": frozen});
    assert_eq!(desk.get("clock"), at("2026-01-01T00:00:00Z", true));
    let (_, clock) = desk.control("POST", "clock/advance", &json!({"by": "PT36H"}));
    assert_eq!(clock, at("2026-01-02T12:00:00Z", true));
    let (_, clock) = desk.control("PUT", "clock", &json!({"now": "2027-01-01T01:00:00+01:00"}));
    assert_eq!(clock, at("2027-01-01T00:00:00Z", true));
    let (_, clock) = desk.control("PUT", "clock", &json!({"frozen": false}));
    assert_eq!(clock["frozen"], false);
    for (method, call, body) in [
        ("PUT", "clock", json!({"now": "tomorrow"})),
        ("PUT", "clock", json!({"now": 5})),
        ("PUT", "clock", json!({"frozen": "yes"})),
        ("PUT", "clock", json!({"know": "2027-01-01T00:00:00Z"})),
        ("PUT", "clock", json!([])),
        ("POST", "clock/advance", json!({})),
        ("POST", "clock/advance", json!({"by": "1h"})),
        ("POST", "clock/advance", json!({"by": "P1M"})),
    ] {
        let (status, problem) = desk.control(method, call, &body);
        assert_eq!(status, 400, "{method} {call} {body}: {problem}");
    }
    assert_eq!(desk.control("POST", "reset", &Value::Null).0, 204);
    assert_eq!(desk.get("clock"), at("2026-01-01T00:00:00Z", true));
}

#[test]
fn calls_that_there_are_not_are_explained() {
    let mut desk = Desk::new();
    let (status, problem) = desk.control("GET", "helth", &Value::Null);
    assert_eq!(status, 404);
    assert!(problem["calls"].as_array().unwrap().contains(&json!("GET health")));
    for (method, call, allow) in [
        ("POST", "health", "GET, HEAD, OPTIONS"),
        ("GET", "reset", "POST, OPTIONS"),
        ("PATCH", "state/library/books", "GET, HEAD, PUT, POST, DELETE, OPTIONS"),
        ("POST", "state/library/books/1", "GET, HEAD, PUT, DELETE, OPTIONS"),
        ("DELETE", "clock", "GET, HEAD, PUT, OPTIONS"),
        ("POST", "specs/library", "GET, HEAD, OPTIONS"),
    ] {
        let reply = desk.send(method, &format!("/_counterpart/{call}"), "");
        assert_eq!(reply.status, 405, "{method} {call}");
        assert_eq!(reply.header("allow"), Some(allow), "{method} {call}");
    }
    let reply = desk.send("POST", "/_counterpart/state/library/books", "{\n  \"a\": }");
    let problem: Value = serde_json::from_slice(&reply.body).unwrap();
    assert_eq!((reply.status, &problem["line"]), (400, &json!(2)));
    for (call, said) in [
        ("state/library/boks", "`books`"),
        ("state/libary", "`library`"),
        ("specs/libary", "`library`"),
        ("outbox/libary", "`library`"),
        ("state/library/books/9", "no row"),
    ] {
        let (status, problem) = desk.control("GET", call, &Value::Null);
        assert_eq!(status, 404, "{call}");
        assert!(problem["detail"].as_str().unwrap().contains(said), "{problem}");
    }
}
