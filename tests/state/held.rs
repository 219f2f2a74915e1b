//! Answers that wait, of a mock whose state is kept.

use std::net::SocketAddr;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::support::client::{Client, Reply};
use super::support::folder::Folder;
use super::support::serving::Serving;

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
fn what_an_answer_that_waited_took_is_taken_after_a_kill() {
    let folder = Folder::new("state-held", &[("specs/queue.yaml", QUEUE)]);
    let serve = || Serving::start(&folder, &["--state", "kept", "-q"]);
    let mut serving = serve();
    let mut client = Client::new(serving.address());
    let one = taker(serving.address());
    held(&mut client);
    let headers = [("Content-Type", "application/json")];
    for text in ["a", "b"] {
        let body = format!("{{\"text\":\"{text}\"}}");
        assert_eq!(client.send("POST", "/queue/messages", &headers, body).status, 201);
    }
    assert_eq!(one.join().unwrap().text(), r#"[{"id":1,"text":"a"}]"#);
    // One that waits is no state: it ends with the mock.
    serving.process.kill().unwrap();
    serving.process.wait().unwrap();
    let again = serve();
    let mut client = Client::new(again.address());
    let taken = client.send("POST", "/queue/take", &[], "");
    assert_eq!(taken.text(), r#"[{"id":2,"text":"b"}]"#);
}
