//! A vendor of messages for which clients wait.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::net::SocketAddr;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::client::{Client, Reply};

pub const QUEUE: &str = r#"
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
pub fn taker(address: SocketAddr) -> JoinHandle<Reply> {
    thread::spawn(move || Client::new(address).send("POST", "/queue/take", &[], ""))
}

/// Waits until somebody is held.
pub fn held(client: &mut Client) {
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
