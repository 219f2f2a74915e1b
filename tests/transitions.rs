//! Which transitions a spec has, and which of them requests and trials have made.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]
#![allow(clippy::indexing_slicing, reason = "a test fails by panicking")]

mod support;

use std::sync::Arc;

use counterpart::MockServer;
use counterpart::Source;
use counterpart::unstable::check::scenario::{Options as Strictness, check_source};
use counterpart::unstable::model::transitions;
use counterpart::unstable::report::coverage::{Group, ItemKind, coverage, terminal};
use counterpart::unstable::run::event::{Transitions, TrialResult, Verdict};
use counterpart::unstable::run::{Options, Runner, Target};
use serde_json::Value as Json;
use support::client::Client;

const SPEC: &str = r##"
counterpart: 1
vendor: library
servers: [{url: "https://library.example"}]
statements: [{id: L01, says: a title is kept in capitals, source: library.txt}]
mediaTypes: {application/json: {wire: json}}
consumes: [application/json]
produces: [application/json]
errors:
  NoBook: {status: 404, body: {error: no such book}}
collections:
  books:
    key: id
    schema:
      type: object
      properties:
        id: {type: integer, generate: sequence}
        title: {type: string}
        tags: {type: array, items: {type: string}, default: []}
    fixtures: [{id: 1, title: Pan}]
  visits:
    key: id
    schema: {type: object, properties: {id: {type: integer, generate: sequence}}}
components:
  steps:
    visit:
      - insert: {in: visits, values: {}}
operations:
  - operationId: create_book
    method: POST
    path: /books
    requestBody: {schema: {type: object, properties: {title: {type: string}}}}
    steps:
      - insert: {in: books, values: {title: "${body.title}"}, as: book}
      - update: {record: book, values: {title: "${ book.title | upper }"}}
        when: "${ book.title is defined }"
        implements: L01
      - update: {record: book, values: {tags: [new]}, mode: fill}
      - $ref: "#/components/steps/visit"
      - $ref: "#/components/steps/visit"
      - respond: {status: 201, body: {id: "${book.id}"}}
  - operationId: tag_book
    method: POST
    path: /books/{id}/tags
    parameters: [{name: id, in: path, schema: {type: integer}}]
    requestBody: {required: true, schema: {type: object, properties: {how: {type: string}, to: {type: array, items: {type: string}}}}}
    steps:
      - find: {in: books, where: {id: "${path.id}"}, as: book}
      - add: {to: book.tags, values: [good]}
        when: "${ body.how == 'add' }"
      - remove: {from: book.tags, values: [good]}
        when: "${ body.how == 'remove' }"
      - replace: {list: book.tags, values: [best]}
        when: "${ body.how == 'replace' }"
      - forEach: {in: "${body.to}", as: reader}
        steps:
          - send:
              channel: email
              name: tagged
              to: "${reader}"
              data: {}
              links: {forget: {operation: forget, parameters: {id: "${path.id}"}}}
          - send: {channel: sms, name: "tagged ${reader}", to: "${reader}", data: {}}
      - respond: {status: 200}
  - operationId: delete_book
    method: DELETE
    path: /books/{id}
    parameters: [{name: id, in: path, schema: {type: integer}}]
    steps:
      - find: {in: books, where: {id: "${path.id}"}, as: book}
      - delete: {record: book}
      - respond: {status: 204}
  - operationId: refuse
    method: POST
    path: /refusals
    steps:
      - insert: {in: books, values: {title: Hunger}}
      - send: {channel: email, name: refused, to: ann, data: {}}
      - reject: NoBook
  - operationId: break_down
    method: POST
    path: /breakdowns
    requestBody: {required: true, schema: {type: object, properties: {note: {type: string}}}}
    steps:
      - insert: {in: books, values: {title: Hunger}}
      - respond: {status: 200, headers: {X-Note: "${body.note}"}}
  - operationId: forget
    parameters: [{name: id, schema: {type: integer}}]
    steps:
      - find: {in: books, where: {id: "${parameters.id}"}, as: book, orElse: NoBook}
      - delete: {record: book}
      - respond: {status: 200, text: forgotten}
"##;

fn mock() -> MockServer {
    MockServer::builder().spec_text("library", SPEC).start().unwrap()
}

fn texts(list: &Json) -> Vec<String> {
    list.as_array().unwrap().iter().map(|one| one.as_str().unwrap().to_owned()).collect()
}

/// A mock and a client in the session `mine`.
struct Desk {
    _mock: MockServer,
    client: Client,
}

impl Desk {
    fn new() -> Self {
        let mock = mock();
        let client = Client::new(mock.address());
        Self { _mock: mock, client }
    }

    fn send(&mut self, method: &str, path: &str, body: &str) -> u16 {
        let headers = [("Content-Type", "application/json")];
        self.client.send(method, &format!("/@mine{path}"), &headers, body).status
    }

    fn get(&mut self, session: &str, call: &str) -> Json {
        let path = format!("{session}/_counterpart/{call}");
        let reply = self.client.send("GET", &path, &[], "");
        assert_eq!(reply.status, 200, "{path}");
        serde_json::from_slice(&reply.body).unwrap()
    }

    /// What the last request changed.
    fn last(&mut self) -> Vec<String> {
        texts(&self.get("/@mine", "requests?limit=1")[0]["transitions"])
    }

    /// What all have changed.
    fn all(&mut self) -> Vec<String> {
        texts(&self.get("/@mine", "transitions/library"))
    }
}

#[test]
fn each_step_that_changes_the_state_is_one_for_each_operation_that_reaches_it() {
    let mut desk = Desk::new();
    let described = desk.get("", "specs/library")["transitions"].clone();
    let names: Vec<&str> =
        described.as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect();
    assert_eq!(
        names,
        [
            "create_book: insert books",
            "create_book: update books",
            "create_book: update books (2)",
            "create_book: insert visits",
            "tag_book: add to books.tags",
            "tag_book: remove from books.tags",
            "tag_book: replace books.tags",
            "tag_book: send email tagged",
            "tag_book: send sms",
            "delete_book: delete books",
            "refuse: insert books",
            "refuse: send email refused",
            "break_down: insert books",
            "forget: delete books",
        ]
    );
    assert_eq!(described[1]["operation"], "create_book");
    assert_eq!(described[1]["implements"], serde_json::json!(["L01"]));
    assert_eq!(described[1]["at"], "library.yaml:35:9");
}

#[test]
fn a_transition_is_made_when_its_step_ran_and_was_kept() {
    let mut desk = Desk::new();
    let cases: [(&str, &str, &str, u16, &[&str]); 9] = [
        (
            "POST",
            "/library/books",
            "{}",
            201,
            &[
                "create_book: insert books",
                "create_book: update books (2)",
                "create_book: insert visits",
            ],
        ),
        (
            "POST",
            "/library/books/1/tags",
            r#"{"how": "add"}"#,
            200,
            &["tag_book: add to books.tags"],
        ),
        ("POST", "/library/books/9/tags", r#"{"how": "replace"}"#, 200, &[]),
        (
            "POST",
            "/library/books/1/tags",
            r#"{"to": ["ann", "bo"]}"#,
            200,
            &["tag_book: send email tagged", "tag_book: send sms"],
        ),
        ("DELETE", "/library/books/9", "", 204, &[]),
        ("POST", "/library/refusals", "", 404, &[]),
        ("POST", "/library/breakdowns", r#"{"note": "two\nlines"}"#, 500, &[]),
        ("POST", "/library/breakdowns", r#"{"note": "one"}"#, 200, &["break_down: insert books"]),
        ("GET", "/library/nothing", "", 404, &[]),
    ];
    for (method, path, body, status, made) in cases {
        assert_eq!(desk.send(method, path, body), status, "{method} {path} {body}");
        assert_eq!(desk.last(), made, "{method} {path} {body}");
    }
    let outbox = desk.get("/@mine", "outbox/library");
    let link = outbox[0]["links"]["forget"].as_str().unwrap();
    let link = &link[link.find("/@mine").unwrap()..];
    assert_eq!(desk.client.send("GET", link, &[], "").status, 200);
    assert_eq!(desk.last(), ["forget: delete books"]);
    let all = [
        "create_book: insert books",
        "create_book: update books (2)",
        "create_book: insert visits",
        "tag_book: add to books.tags",
        "tag_book: send email tagged",
        "tag_book: send sms",
        "break_down: insert books",
        "forget: delete books",
    ];
    assert_eq!(desk.all(), all);
    assert_eq!(desk.send("POST", "/_counterpart/reset", ""), 204);
    assert_eq!(desk.all(), all, "a reset does not undo that they were made");
    assert!(texts(&desk.get("/@other", "transitions/library")).is_empty());
}

const SCENARIOS: &str = r#"
counterpart: 1
vendor: library
scenarios:
  - name: a book is created
    steps:
      - call: create_book
        with: {body: {title: Pan}}
        expect: {status: 201}
  - name: a link is followed
    steps:
      - call: tag_book
        with: {path: {id: 1}, body: {to: [ann]}}
        expect: {status: 200}
      - outbox:
        capture: {link: "$[0].links.forget"}
      - request: {method: POST, path: /refusals}
        expect: {status: 404}
      - follow: "${link}"
        when: "${ link is defined }"
  - name: a trial that fails
    steps:
      - request: {method: DELETE, path: /books/1}
        expect: {status: 500}
        allowUndocumented: true
    finally:
      - call: create_book
        with: {body: {}}
  - name: nothing happens
    skip: not today
    steps:
      - call: create_book
        with: {body: {}}
"#;

/// What the scenarios come to by that runner, and the coverage of transitions with its text.
fn run(mock: &MockServer, runner: &Runner) -> (Vec<TrialResult>, Group, String) {
    let service = mock.mock().plans()[0].service.clone();
    let source = Source::new("library.yaml", SCENARIOS);
    let suite = match check_source(&source, &service, Strictness::RUN) {
        Ok(checked) => checked.suite,
        Err(found) => panic!("{found:#?}"),
    };
    let all = suite.scenarios.iter();
    let results: Vec<TrialResult> =
        all.map(|scenario| runner.run(&suite, scenario, &scenario.rows[0])).collect();
    let coverage = coverage(&[service], &results);
    let text = terminal::text(&coverage, false);
    let groups = coverage.vendors.into_iter().flat_map(|vendor| vendor.groups);
    let group = groups.into_iter().find(|group| group.kind == ItemKind::Transition).unwrap();
    (results, group, text)
}

fn on(mock: &MockServer, transitions: bool) -> Runner {
    let service = mock.mock().plans()[0].service.clone();
    let target = Target::mock(&format!("http://{}", mock.address())).unwrap();
    Runner::new(vec![service], Some(target), Options { transitions, ..Options::default() })
}

#[test]
fn a_trial_tells_what_its_own_requests_changed() {
    let mock = mock();
    let (results, group, text) = run(&mock, &on(&mock, true));
    assert_eq!(results[2].verdict, Verdict::Failed);
    assert_eq!(results[3].transitions, Transitions::NotAsked);
    let made: Vec<String> = group
        .items
        .iter()
        .flat_map(|item| item.seen.iter().map(|seen| format!("{} | {}", item.name, seen.trial)))
        .collect();
    assert_eq!(
        made,
        [
            "create_book: insert books | library/library/a book is created",
            "create_book: insert books | library/library/a trial that fails",
            "create_book: update books | library/library/a book is created",
            "create_book: update books (2) | library/library/a book is created",
            "create_book: update books (2) | library/library/a trial that fails",
            "create_book: insert visits | library/library/a book is created",
            "create_book: insert visits | library/library/a trial that fails",
            "tag_book: send email tagged | library/library/a link is followed",
            "tag_book: send sms | library/library/a link is followed",
            "delete_book: delete books | library/library/a trial that fails",
            "forget: delete books | library/library/a link is followed",
        ]
    );
    assert!(text.contains("8/14\n"), "{text}");
    assert!(text.contains("\n  refuse: send email refused  library.yaml:78:9\n"), "{text}");
    assert!(!text.contains("not seen"), "{text}");
}

#[test]
fn nobody_is_asked_when_nobody_wants_to_know() {
    let mock = mock();
    let (results, group, text) = run(&mock, &on(&mock, false));
    assert!(results.iter().all(|result| result.transitions == Transitions::NotAsked));
    assert!(!group.is_seen());
    assert!(text.contains("library: transitions not seen: the mock was not asked\n"), "{text}");
}

#[test]
fn an_endpoint_does_not_tell() {
    let mock = mock();
    let endpoint = Target::endpoint(&mock.url("library")).unwrap();
    let runner = on(&mock, true).with_target("library", endpoint);
    let (results, group, text) = run(&mock, &runner);
    let reason: Arc<str> = "a real endpoint does not tell what it changed".into();
    assert_eq!(results[0].transitions, Transitions::NotSeen(reason.clone()));
    let not_seen = group.not_seen.unwrap();
    assert_eq!((not_seen.trials, not_seen.all, not_seen.reason), (3, true, reason));
    assert!(group.items.iter().all(|item| item.seen.is_empty()));
    assert!(text.contains("-/14\n"), "{text}");
    assert!(!text.contains("transitions not exercised"), "{text}");
    let all = transitions(&mock.mock().plans()[0].service);
    assert_eq!(all.len(), group.items.len());
}
