//! A session that is rewound cannot be told from one in which what came after never happened.
use std::sync::atomic::{AtomicUsize, Ordering};

use counterpart::MockServer;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::support::client::{Client, Reply};

const SPEC: &str = r#"
counterpart: 1
vendor: VENDOR
servers: [{url: https://VENDOR.example}]
mediaTypes: {application/json: {wire: json}}
produces: [application/json]
consumes: [application/json]
rateLimit:
  - {limit: 6, by: "${ request.method }", window: PT1M, error: Busy}
  - {limit: 9, refill: PT3S, error: Busy}
responseHeaders: {X-Remaining: "${ rateLimit.remaining }"}
errors:
  Busy: {status: 429, body: {error: busy}}
  Missing: {status: 404, body: {error: missing}}
  Taken: {status: 409, body: {error: taken}}
settings:
  motto: {type: string, default: none}
collections:
  notes:
    key: id
    schema:
      type: object
      properties:
        id: {type: integer, generate: sequence}
        title: {type: string}
        secret: {type: string, generate: {random: 64}}
        version: {type: string, generate: rowVersion}
        since: {type: string, generate: now}
        seen: {type: boolean}
    unique: [{fields: [title], error: Taken}]
    fixtures: [{title: first}]
operations:
  - operationId: list
    method: GET
    path: /notes
    steps:
      - list: {in: notes, as: notes}
      - respond: {status: 200, body: {notes: "${notes}", motto: "${settings.motto}", now: "${now}"}}
  - operationId: add
    method: POST
    path: /notes
    requestBody: {schema: {type: object, properties: {title: {type: string}}}}
    steps:
      - insert: {in: notes, values: {title: "${body.title}"}, as: note}
      - send:
          channel: email
          name: noted
          to: ann@example.org
          data: {title: "${note.title}"}
          links: {seen: {operation: see, parameters: {id: "${note.id}"}}}
      - schedule: {after: PT40S, operation: age, parameters: {id: "${note.id}"}}
      - respond: {status: 201, body: "${note}"}
  - operationId: rename
    method: PUT
    path: /notes/{id}
    parameters:
      - {name: id, in: path, schema: {type: integer}}
    requestBody: {schema: {type: object, properties: {title: {type: string}}}}
    steps:
      - find: {in: notes, where: {id: "${path.id}"}, as: note, orElse: Missing}
      - update: {record: note, values: {title: "${body.title}"}}
      - respond: {status: 200, body: "${note}"}
  - operationId: remove
    method: DELETE
    path: /notes/{id}
    parameters:
      - {name: id, in: path, schema: {type: integer}}
    steps:
      - find: {in: notes, where: {id: "${path.id}"}, as: note, orElse: Missing}
      - delete: {record: note}
      - respond: {status: 204}
  - operationId: see
    parameters: [{name: id, schema: {type: integer}}]
    steps:
      - find: {in: notes, where: {id: "${parameters.id}"}, as: note, orElse: Missing}
      - update: {record: note, values: {seen: true}}
      - respond: {status: 200, body: "${note}"}
  # Once more while it is not seen; with a title that another note may have.
  - operationId: age
    parameters: [{name: id, schema: {type: integer}}]
    steps:
      - find: {in: notes, where: {id: "${parameters.id}"}, as: note, orElse: Missing}
      - schedule: {after: PT1M, operation: age, parameters: {id: "${note.id}"}}
        when: "${ not note.seen }"
      - update: {record: note, values: {title: "${note.title}+", since: "${now}"}}
      - update: {record: note, values: {title: d+}}
        when: "${ note.title == 'c++' }"
      - respond: {status: 200, body: "${note}"}
"#;

const VENDORS: [&str; 2] = ["north", "south"];

fn mock() -> MockServer {
    VENDORS
        .iter()
        .fold(MockServer::builder(), |builder, vendor| {
            builder.spec_text(vendor, SPEC.replace("VENDOR", vendor))
        })
        .clock("2026-01-01T00:00:00Z")
        .frozen()
        .start()
        .unwrap()
}

/// What a client does, as method, path and body below the session; `FOLLOW` follows the newest
/// link of a vendor's outbox.
type Action = (&'static str, String, Value);

const FOLLOW: &str = "FOLLOW";

fn action() -> impl Strategy<Value = Action> {
    let vendor = || prop::sample::select(VENDORS.to_vec());
    let title = || prop::sample::select(vec!["first", "b", "c", "d", "e"]);
    let id = || 1_u8..6;
    let requests = prop_oneof![
        3 => vendor().prop_map(|vendor|
            ("GET", format!("{vendor}/notes"), Value::Null)),
        6 => (vendor(), title()).prop_map(|(vendor, title)|
            ("POST", format!("{vendor}/notes"), json!({"title": title}))),
        3 => (vendor(), id(), title()).prop_map(|(vendor, id, title)|
            ("PUT", format!("{vendor}/notes/{id}"), json!({"title": title}))),
        2 => (vendor(), id()).prop_map(|(vendor, id)|
            ("DELETE", format!("{vendor}/notes/{id}"), Value::Null)),
        2 => vendor().prop_map(|vendor| (FOLLOW, vendor.to_owned(), Value::Null)),
        1 => vendor().prop_map(|vendor| ("GET", format!("{vendor}/nowhere"), Value::Null)),
    ];
    let control = prop_oneof![
        (vendor(), title()).prop_map(|(vendor, title)| (
            "POST",
            format!("_counterpart/state/{vendor}/notes"),
            json!({"title": title})
        )),
        (vendor(), title()).prop_map(|(vendor, title)| (
            "PUT",
            format!("_counterpart/state/{vendor}/notes"),
            json!([{"title": title, "id": 3}, {"title": "y"}])
        )),
        (vendor(), id(), title()).prop_map(|(vendor, id, title)| (
            "PUT",
            format!("_counterpart/state/{vendor}/notes/{id}"),
            json!({"title": title})
        )),
        (vendor(), id()).prop_map(|(vendor, id)| (
            "DELETE",
            format!("_counterpart/state/{vendor}/notes/{id}"),
            Value::Null
        )),
        vendor().prop_map(|vendor| (
            "DELETE",
            format!("_counterpart/state/{vendor}/notes"),
            Value::Null
        )),
        (vendor(), title()).prop_map(|(vendor, motto)| (
            "PUT",
            format!("_counterpart/state/{vendor}/settings"),
            json!({"motto": motto})
        )),
        vendor().prop_map(|vendor| (
            "DELETE",
            format!("_counterpart/outbox/{vendor}"),
            Value::Null
        )),
        vendor().prop_map(|vendor| (
            "POST",
            format!("_counterpart/reset?vendor={vendor}&seed=7"),
            Value::Null
        )),
        (10_u8..90).prop_map(|by| (
            "POST",
            "_counterpart/clock/advance".to_owned(),
            json!({"by": format!("PT{by}S")})
        )),
        Just(("PUT", "_counterpart/clock".to_owned(), json!({"now": "2026-01-01T00:00:30Z"}))),
    ];
    prop_oneof![3 => requests, 1 => control]
}

struct Desk {
    client: Client,
    session: String,
}

impl Desk {
    fn new(mock: &MockServer, session: String) -> Self {
        Self { client: Client::new(mock.address()), session }
    }

    fn send(&mut self, method: &str, path: &str, body: &Value) -> Reply {
        let path = format!("/@{}/{path}", self.session);
        let body = if body.is_null() { String::new() } else { body.to_string() };
        self.client.send(method, &path, &[("Content-Type", "application/json")], body)
    }

    fn json(&mut self, path: &str) -> Value {
        serde_json::from_slice(&self.send("GET", path, &Value::Null).body).unwrap()
    }

    /// Does it, and gives all that a client sees of the answer.
    fn act(&mut self, (method, path, body): &Action) -> (u16, String, Option<String>) {
        let reply = match *method {
            FOLLOW => {
                let outbox = self.json(&format!("_counterpart/outbox/{path}"));
                let link = outbox.as_array().unwrap().last();
                let link = link.map_or("/none", |sent| sent["links"]["seen"].as_str().unwrap());
                let path = link.split_once("/@").map_or("none", |(_, path)| path);
                let path = path.split_once('/').map_or("none/nowhere", |(_, path)| path);
                let path = path.to_owned();
                self.send("GET", &path, &Value::Null)
            }
            method => self.send(method, path, body),
        };
        (reply.status, reply.text(), reply.header("x-remaining").map(str::to_owned))
    }

    /// The ids of the journal.
    fn ids(&mut self) -> Vec<u64> {
        let requests = self.json("_counterpart/requests");
        requests.as_array().unwrap().iter().map(|entry| entry["id"].as_u64().unwrap()).collect()
    }

    /// All that can be seen of the session, but for counts of the rate limit.
    fn snapshot(&mut self) -> Value {
        let mut seen = vec![self.json("_counterpart/clock")];
        for vendor in VENDORS {
            for call in
                ["state/VENDOR", "state/VENDOR/settings", "outbox/VENDOR", "schedule/VENDOR"]
            {
                seen.push(self.json(&format!("_counterpart/{}", call.replace("VENDOR", vendor))));
            }
        }
        let mut requests = self.json("_counterpart/requests");
        for request in requests.as_array_mut().unwrap() {
            request.as_object_mut().unwrap().remove("durationMicroseconds");
        }
        seen.push(requests);
        seen.into()
    }

    fn rewind(&mut self, before: u64) -> Reply {
        self.send("POST", "_counterpart/rewind", &json!({"before": before}))
    }
}

#[test]
fn a_session_is_as_it_was_and_does_again_what_it_did() {
    let mock = mock();
    let run = AtomicUsize::new(0);
    let rewound = AtomicUsize::new(0);
    let config = ProptestConfig { cases: 40, max_shrink_iters: 200, ..ProptestConfig::default() };
    proptest!(config, |(
        actions in prop::collection::vec(action(), 1..24),
        wanted: prop::sample::Index,
    )| {
        let mut desk = Desk::new(&mock, format!("s{}", run.fetch_add(1, Ordering::Relaxed)));
        // Before which requests something was done, and what the session was then.
        let mut points = Vec::new();
        let mut replies = Vec::new();
        let mut last = 0;
        for (at, action) in actions.iter().enumerate() {
            let snapshot = desk.snapshot();
            replies.push(desk.act(action));
            let new = desk.ids();
            // What ran since the clock was moved did so after that, and is no request to go to.
            let moved = action.1.starts_with("_counterpart/clock");
            if let Some(id) = new.iter().find(|id| **id > last && !moved) {
                points.push((*id, at, snapshot));
            }
            last = new.last().copied().unwrap_or_default().max(last);
        }
        prop_assume!(!points.is_empty());
        let (id, at, snapshot) = wanted.get(&points);
        let kept = desk.ids().contains(id);
        let reply = desk.rewind(*id);
        if !kept {
            prop_assert_eq!(reply.status, 410, "{}", reply.text());
            return Ok(());
        }
        prop_assert_eq!(reply.status, 204, "{}", reply.text());
        prop_assert_eq!(&desk.snapshot(), snapshot);
        let (_, again) = actions.split_at(*at);
        let (_, before) = replies.split_at(*at);
        for (action, reply) in again.iter().zip(before) {
            prop_assert_eq!(&desk.act(action), reply, "{:?}", action);
        }
        rewound.fetch_add(1, Ordering::Relaxed);
    });
    assert!(rewound.into_inner() > 10, "few sessions were rewound, so little was shown");
}

#[test]
fn what_cannot_be_rewound_is_told() {
    let mock = mock();
    let mut desk = Desk::new(&mock, "told".to_owned());
    let detail = |reply: &Reply, status: u16| {
        assert_eq!(reply.status, status, "{}", reply.text());
        let problem: Value = serde_json::from_slice(&reply.body).unwrap();
        problem["detail"].as_str().unwrap().to_owned()
    };
    let none = detail(&desk.rewind(1), 404);
    assert!(none.ends_with("there has been no request yet"), "{none}");
    for path in ["north/notes", "south/notes", "north/notes"] {
        assert_eq!(desk.send("GET", path, &Value::Null).status, 200);
    }
    for unknown in [0, 4] {
        let unknown = detail(&desk.rewind(unknown), 404);
        assert!(unknown.ends_with("there are requests 1 to 3"), "{unknown}");
    }
    assert_eq!(desk.send("POST", "_counterpart/reset?vendor=north", &Value::Null).status, 204);
    let gone = detail(&desk.rewind(1), 410);
    assert!(gone.ends_with("it goes back to before request 2"), "{gone}");
    assert_eq!(desk.rewind(2).status, 204);
    assert_eq!(desk.ids(), [1], "what was reset after it is back, too");
    for (body, status) in [
        (json!({}), 400),
        (json!({"before": "1"}), 400),
        (json!({"before": -1}), 400),
        (json!({"befor": 1}), 400),
        (json!([1]), 422),
    ] {
        let reply = desk.send("POST", "_counterpart/rewind", &body);
        assert_eq!(reply.status, status, "{body}: {}", reply.text());
    }
    assert_eq!(desk.send("GET", "_counterpart/rewind", &Value::Null).status, 405);
}

/// What is large is not kept for the sake of going back; requests are.
#[test]
fn a_large_change_is_forgotten_before_the_requests_are() {
    let mock = mock();
    // Sessions share the bytes, so that with many of them little is large.
    for other in 0..60 {
        Desk::new(&mock, format!("other{other}")).ids();
    }
    let mut desk = Desk::new(&mock, "large".to_owned());
    assert_eq!(desk.send("GET", "north/notes", &Value::Null).status, 200);
    for _ in 0..2 {
        let rows = json!([{"id": 1, "title": "x".repeat(700_000)}]);
        let put = desk.send("PUT", "_counterpart/state/north/notes", &rows);
        assert_eq!(put.status, 200);
    }
    assert_eq!(desk.rewind(1).status, 410);
    assert_eq!(desk.ids(), [1]);
    assert_eq!(desk.send("GET", "south/notes", &Value::Null).status, 200);
    assert_eq!(desk.rewind(2).status, 204);
}
