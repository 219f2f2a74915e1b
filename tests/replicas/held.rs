//! Answers that wait at one replica for what happens at another.

use std::net::SocketAddr;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::postgres::Postgres;
use super::support::client::{Client, Reply};
use super::support::folder::Folder;
use super::{control, get, replicas};

const QUEUE: &str = r#"
counterpart: 1
vendor: queue
mediaTypes:
  application/json: {wire: json}
collections:
  messages:
    key: id
    schema: {type: object, properties: {id: {type: integer, generate: sequence}, text: {type: string}}}
operations:
  - operationId: put
    method: POST
    path: /messages
    requestBody: {schema: {type: object, properties: {text: {type: string}}}}
    steps:
      - insert: {in: messages, values: "${body}", as: message}
      - respond: {status: 201, body: "${message}"}
  - operationId: take
    method: POST
    path: /take
    steps:
      - list: {in: messages, limit: 1, as: found}
      - wait: {until: "${found}", atMost: PT1H}
      - forEach: {in: "${found}", as: message}
        steps: [{delete: {record: message}}]
      - respond: {status: 200, body: "${found}"}
"#;

/// Somebody who waits for a message.
fn taker(address: SocketAddr) -> JoinHandle<Reply> {
    thread::spawn(move || Client::new(address).send("POST", "/queue/take", &[], ""))
}

/// Waits until somebody is held.
fn held(client: &mut Client) {
    let used = |client: &mut Client| {
        let health = client.send("GET", "/_counterpart/health", &[], "");
        let health: serde_json::Value = serde_json::from_slice(&health.body).unwrap();
        health["limits"]["held"]["used"].as_u64().unwrap()
    };
    let began = Instant::now();
    while used(client) == 0 {
        assert!(began.elapsed() < Duration::from_mins(1), "nobody waits");
        thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn who_waits_at_one_is_told_of_what_another_did() {
    let Some(postgres) = Postgres::start("replicas-held") else { return };
    let folder = Folder::new("replicas-held", &[("specs/queue.yaml", QUEUE)]);
    let serving = replicas(&folder, &postgres, 2);
    let mut clients: Vec<_> = serving.iter().map(|one| Client::new(one.address())).collect();
    let [one, two] = &mut *clients else { panic!() };
    let headers = [("Content-Type", "application/json")];
    for (at, text) in ["a", "b"].into_iter().enumerate() {
        let taker = taker(serving[0].address());
        held(one);
        // What is created elsewhere, and here.
        let client = if at == 0 { &mut *two } else { &mut *one };
        let body = format!("{{\"text\":\"{text}\"}}");
        assert_eq!(client.send("POST", "/queue/messages", &headers, body).status, 201);
        assert!(taker.join().unwrap().text().contains(text));
    }
    // The clock, and both in the journal once, behind what they waited for.
    control(two, "PUT", "/_counterpart/clock", r#"{"frozen": true}"#);
    let taker = taker(serving[0].address());
    held(one);
    control(two, "POST", "/_counterpart/clock/advance", r#"{"by": "PT1H"}"#);
    assert_eq!(taker.join().unwrap().text(), "[]");
    let all = get(two, "/_counterpart/requests");
    let operations: Vec<_> =
        all.as_array().unwrap().iter().map(|one| one["operation"].as_str().unwrap()).collect();
    assert_eq!(operations, ["put", "take", "put", "take", "take"]);
}
