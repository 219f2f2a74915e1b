//! What a request is known by: its id, which nothing else of the session has, and UUIDs.

use std::collections::HashSet;
use std::thread;

use counterpart::MockServer;
use serde_json::{Value, json};

use crate::support::client::{Client, Reply};

const SPEC: &str = r#"
counterpart: 1
vendor: desk
mediaTypes: {application/json: {wire: json}}
responseHeaders: {X-Call: "call-${request.id}"}
errors:
  Missing: {status: 404, body: {call: "${request.id}"}}
failures: {unknownPath: Missing}
collections:
  tickets:
    key: id
    schema: {type: object, properties: {id: {type: string}, call: {type: string}}}
    fixtures: [{id: first}]
operations:
  - operationId: look
    method: GET
    path: /look
    steps:
      - let: {kept: "${uuid}"}
      - respond: {status: 200, body: {call: "${request.id}", kept: "${kept}", again: "${kept}", other: "${uuid}", twice: "${ uuid == uuid }"}}
  - operationId: add
    method: POST
    path: /tickets
    steps:
      - insert: {in: tickets, values: {id: "${uuid}", call: "${request.id}"}, as: ticket}
      - schedule: {after: PT1H, operation: later}
      - respond: {status: 201, body: "${ticket}"}
  - operationId: list
    method: GET
    path: /tickets
    steps: [{list: {in: tickets, as: tickets}}, {respond: {status: 200, body: "${tickets}"}}]
  - operationId: later
    steps:
      - insert: {in: tickets, values: {id: "later ${uuid}", call: "${request.id}"}}
      - respond: {status: 204}
"#;

fn mock(seed: u64) -> MockServer {
    MockServer::builder().spec_text("desk", SPEC).seed(seed).start().unwrap()
}

fn get(client: &mut Client, path: &str) -> (Reply, Value) {
    read(client.send("GET", path, &[], ""))
}

fn read(reply: Reply) -> (Reply, Value) {
    let body = serde_json::from_slice(&reply.body).unwrap_or(Value::Null);
    (reply, body)
}

fn text(body: &Value, member: &str) -> String {
    body[member].as_str().unwrap().to_owned()
}

fn is_uuid(text: &str) -> bool {
    let groups: Vec<&str> = text.split('-').collect();
    groups.iter().map(|group| group.len()).eq([8, 4, 4, 4, 12]) && groups[2].starts_with('4')
}

#[test]
fn an_id_is_one_within_the_request_and_a_uuid_another_in_each_expression() {
    let mock = mock(7);
    let mut client = Client::new(mock.address());
    let (reply, body) = get(&mut client, "/desk/look");
    let call = text(&body, "call");
    assert_eq!(reply.header("x-call"), Some(&*format!("call-{call}")));
    assert!(call.len() == 32 && call.bytes().all(|byte| byte.is_ascii_hexdigit()), "{call}");
    let [kept, again, other] = ["kept", "again", "other"].map(|member| text(&body, member));
    assert_eq!(kept, again);
    assert_ne!(kept, other);
    assert!(is_uuid(&kept) && is_uuid(&other), "{body}");
    assert_eq!(body["twice"], true);
    let (reply, body) = get(&mut client, "/desk/nowhere");
    assert_eq!(reply.header("x-call"), Some(&*format!("call-{}", text(&body, "call"))));
}

#[test]
fn no_request_has_the_id_of_another_however_many_come_at_once() {
    let mock = mock(7);
    let address = mock.address();
    let all: Vec<Value> = thread::scope(|scope| {
        let threads: Vec<_> = (0..8)
            .map(|number| {
                scope.spawn(move || {
                    let mut client = Client::new(address);
                    let mut found = Vec::new();
                    for _ in 0..50 {
                        found.push(match number {
                            0 => read(client.send("POST", "/desk/tickets", &[], "")).1,
                            _ => get(&mut client, "/desk/look").1,
                        });
                    }
                    found
                })
            })
            .collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    let calls: HashSet<String> = all.iter().map(|body| text(body, "call")).collect();
    assert_eq!(calls.len(), 400);
    let uuids = |body: &Value| match body.get("kept") {
        Some(_) => vec![text(body, "kept"), text(body, "other")],
        None => vec![text(body, "id")],
    };
    let made: HashSet<String> = all.iter().flat_map(uuids).collect();
    assert_eq!(made.len(), 50 + 2 * 350);
}

/// What a client sees of four requests, of which the last is one that ran later.
fn seen(mock: &MockServer, session: &str) -> Vec<Value> {
    let mut client = Client::new(mock.address());
    let at = |path: &str| format!("/@{session}{path}");
    let mut seen = vec![get(&mut client, &at("/desk/look")).1];
    seen.push(read(client.send("POST", &at("/desk/tickets"), &[], "")).1);
    let advance = at("/_counterpart/clock/advance");
    let header = [("Content-Type", "application/json")];
    assert_eq!(client.send("POST", &advance, &header, r#"{"by":"PT2H"}"#).status, 200);
    seen.push(get(&mut client, &at("/desk/tickets")).1);
    seen
}

#[test]
fn the_same_requests_have_the_same_ids_under_the_same_seed() {
    let (first, second, other) = (mock(7), mock(7), mock(8));
    let found = seen(&first, "a");
    assert_eq!(found, seen(&first, "b"));
    assert_eq!(found, seen(&second, "a"));
    assert_ne!(found, seen(&other, "a"));
    let rows = found[2].as_array().unwrap();
    assert_eq!(rows.len(), 3, "{rows:?}");
    let later = rows[2]["id"].as_str().unwrap();
    assert!(is_uuid(later.strip_prefix("later ").unwrap()), "{later}");
    assert_ne!(rows[1]["call"], rows[2]["call"]);
    // No request has made the fixture.
    assert_eq!(rows[0], json!({"id": "first"}));
}

#[test]
fn what_comes_again_after_a_rewind_is_of_no_request_that_is_kept() {
    let mock = mock(7);
    let mut client = Client::new(mock.address());
    let look = |client: &mut Client| text(&get(client, "/desk/look").1, "call");
    let before: Vec<String> = (0..5).map(|_| look(&mut client)).collect();
    let header = [("Content-Type", "application/json")];
    let rewound = client.send("POST", "/_counterpart/rewind", &header, r#"{"before":3}"#);
    assert_eq!(rewound.status, 204, "{}", rewound.text());
    let after: Vec<String> = (0..3).map(|_| look(&mut client)).collect();
    assert_eq!(after, before[2..]);
    assert_eq!(client.send("POST", "/_counterpart/reset", &header, "").status, 204);
    assert_eq!(look(&mut client), before[0]);
}
