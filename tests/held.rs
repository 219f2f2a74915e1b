//! Answers that are held until there is something to tell: one connection waits while others act.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod support;

use std::net::SocketAddr;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use counterpart::MockServer;
use counterpart::unstable::control::Control;
use counterpart::unstable::exchange::{Handler as _, Request};
use support::client::{Client, Reply};

const SPEC: &str = r#"
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
  - operationId: put_later
    method: POST
    path: /later
    steps:
      - schedule: {after: PT1H, operation: put_one}
      - respond: {status: 202}
  - operationId: put_one
    steps:
      - insert: {in: messages, values: {text: scheduled}}
      - respond: {status: 204}
  - operationId: take
    method: POST
    path: /take
    parameters: [{name: wait, in: query, schema: {type: string, default: PT1H}}]
    faults: [{times: 1, delay: PT0.01S}]
    steps:
      - list: {in: messages, limit: 1, as: found}
      - wait: {until: "${found}", atMost: "${query.wait}"}
      - forEach: {in: "${found}", as: message}
        steps: [{delete: {record: message}}]
      - respond: {status: 200, body: {id: "${request.id}", text: "${found[0].text}"}}
  - operationId: look
    method: GET
    path: /messages
    parameters: [{name: wait, in: query, schema: {type: string, default: PT1H}}]
    steps:
      - list: {in: messages, as: messages}
      - wait: {until: "${ messages | length > 1 }", atMost: "${query.wait}"}
      - respond: {status: 200, body: "${messages}"}
"#;

fn mock() -> MockServer {
    MockServer::builder().spec_text("queue", SPEC).seed(7).start().unwrap()
}

/// Somebody who sends a request and waits for its answer.
fn somebody(address: SocketAddr, method: &'static str, path: &str) -> JoinHandle<Reply> {
    let path = path.to_owned();
    thread::spawn(move || Client::new(address).send(method, &path, &[], ""))
}

fn json(reply: &Reply) -> serde_json::Value {
    serde_json::from_slice(&reply.body).unwrap()
}

/// Waits until so many requests are held.
fn held(client: &mut Client, session: &str, count: u64) {
    let began = Instant::now();
    let path = format!("{session}/_counterpart/health");
    while json(&client.send("GET", &path, &[], ""))["limits"]["held"]["used"] != count {
        assert!(began.elapsed() < Duration::from_mins(1), "nobody waits");
        thread::sleep(Duration::from_millis(5));
    }
}

fn put(client: &mut Client, session: &str, text: &str) {
    let headers = [("Content-Type", "application/json")];
    let body = format!("{{\"text\":\"{text}\"}}");
    let reply = client.send("POST", &format!("{session}/queue/messages"), &headers, body);
    assert_eq!(reply.status, 201, "{}", reply.text());
}

fn entries(client: &mut Client, session: &str) -> Vec<serde_json::Value> {
    let all = json(&client.send("GET", &format!("{session}/_counterpart/requests"), &[], ""));
    all.as_array().unwrap().clone()
}

#[test]
fn who_waits_is_answered_as_soon_as_there_is_something() {
    let mock = mock();
    let mut client = Client::new(mock.address());
    let one = somebody(mock.address(), "POST", "/queue/take");
    held(&mut client, "", 1);
    assert_eq!(entries(&mut client, ""), [] as [serde_json::Value; 0]);
    put(&mut client, "", "first");
    let told = one.join().unwrap();
    assert_eq!((told.status, json(&told)["text"].as_str()), (200, Some("first")));
    assert_eq!(told.header("x-counterpart-fault"), Some("delay"));
    held(&mut client, "", 0);
    // What it waited for came first, and each of them is there once.
    let all = entries(&mut client, "");
    let operations: Vec<_> = all.iter().map(|one| one["operation"].as_str().unwrap()).collect();
    assert_eq!(operations, ["put", "take"]);
    let said = all[1]["explanation"].to_string();
    assert!(said.contains("held from") && said.contains("what was waited for"), "{said}");
    // Who finds something does not wait, and what befell one request befalls no other.
    put(&mut client, "", "second");
    let told = client.send("POST", "/queue/take", &[], "");
    assert_eq!(json(&told)["text"], "second");
    assert_eq!(told.header("x-counterpart-fault"), None);
}

#[test]
fn one_message_is_for_one_of_many_and_readers_wait_too() {
    let mock = mock();
    let mut client = Client::new(mock.address());
    let many: Vec<_> = (0..8).map(|_| somebody(mock.address(), "POST", "/queue/take")).collect();
    held(&mut client, "", 8);
    for at in 0..8 {
        put(&mut client, "", &at.to_string());
    }
    let mut told: Vec<_> = many
        .into_iter()
        .map(|one| json(&one.join().unwrap())["text"].as_str().unwrap().to_owned())
        .collect();
    told.sort();
    assert_eq!(told, ["0", "1", "2", "3", "4", "5", "6", "7"]);
    let reader = somebody(mock.address(), "GET", "/queue/messages");
    held(&mut client, "", 1);
    // What the control plane puts in counts as well.
    for text in ["a", "b"] {
        let row = format!("{{\"text\":\"{text}\"}}");
        client.send("POST", "/_counterpart/state/queue/messages", &[], row);
    }
    assert_eq!(json(&reader.join().unwrap()).as_array().unwrap().len(), 2);
}

#[test]
fn its_time_is_that_of_the_mocks_clock() {
    let mock = mock();
    let mut client = Client::new(mock.address());
    let empty = client.send("POST", "/queue/take?wait=PT0.05S", &[], "");
    assert_eq!((empty.status, json(&empty)["text"].as_str()), (200, None));
    client.send("PUT", "/_counterpart/clock", &[], r#"{"frozen": true}"#);
    let one = somebody(mock.address(), "POST", "/queue/take?wait=PT20S");
    held(&mut client, "", 1);
    client.send("POST", "/_counterpart/clock/advance", &[], r#"{"by": "PT19S"}"#);
    held(&mut client, "", 1);
    client.send("POST", "/_counterpart/clock/advance", &[], r#"{"by": "PT1S"}"#);
    assert_eq!(json(&one.join().unwrap())["text"].as_str(), None);
    let said = entries(&mut client, "").last().unwrap()["explanation"].to_string();
    assert!(said.contains("PT20S is over"), "{said}");
    // What is scheduled comes first.
    client.send("POST", "/queue/later", &[], "");
    let one = somebody(mock.address(), "POST", "/queue/take?wait=PT1H");
    held(&mut client, "", 1);
    client.send("POST", "/_counterpart/clock/advance", &[], r#"{"by": "PT1H"}"#);
    assert_eq!(json(&one.join().unwrap())["text"], "scheduled");
    // It cannot be told how long that is.
    let wrong = client.send("POST", "/queue/take?wait=soon", &[], "");
    assert_eq!(wrong.status, 500);
    assert!(wrong.text().contains("`soon` cannot be waited for"), "{}", wrong.text());
}

/// Many requests alike get the same values whether they waited or not.
#[test]
fn an_attempt_takes_nothing_from_what_follows_from_the_seed() {
    let ids = |waits: bool| {
        let mock = mock();
        let mut client = Client::new(mock.address());
        let one = waits.then(|| somebody(mock.address(), "POST", "/queue/take"));
        if waits {
            held(&mut client, "", 1);
        }
        put(&mut client, "", "a");
        let first = match one {
            Some(one) => one.join().unwrap(),
            None => client.send("POST", "/queue/take", &[], ""),
        };
        put(&mut client, "", "b");
        let second = client.send("POST", "/queue/take", &[], "");
        [json(&first)["id"].clone(), json(&second)["id"].clone()]
    };
    let (with, without) = (ids(true), ids(false));
    assert_ne!(with[0], with[1]);
    // The one that waits asks before the one that puts.
    assert_eq!(with[1], without[1]);
}

#[test]
fn a_session_that_ends_and_a_server_that_ends_answer_at_once() {
    let mock = mock();
    let mut client = Client::new(mock.address());
    let one = somebody(mock.address(), "POST", "/@mine/queue/take");
    held(&mut client, "/@mine", 1);
    let names = r#"{"names": ["mine"]}"#;
    client.send("POST", "/_counterpart/sessions/drop", &[], names);
    assert_eq!(one.join().unwrap().status, 200);
    let one = somebody(mock.address(), "POST", "/queue/take");
    held(&mut client, "", 1);
    let began = Instant::now();
    drop(client);
    drop(mock);
    assert_eq!(one.join().unwrap().status, 200);
    assert!(began.elapsed() < Duration::from_secs(4), "{:?}", began.elapsed());
}

#[test]
fn one_more_than_can_be_held_is_refused_in_words() {
    let mock = mock();
    let control = Control::new(mock.mock().clone());
    let ask = || {
        let request = Request::new("GET".parse().unwrap(), "/queue/messages").unwrap();
        control.handle(request, mock.address())
    };
    let held: Vec<_> = (0..1_000).map(|_| ask()).collect();
    assert!(held.iter().all(|answer| answer.wait.is_some()));
    let refused = ask();
    assert_eq!((refused.status.as_u16(), refused.wait.is_some()), (503, false));
    let said = String::from_utf8_lossy(&refused.body);
    assert!(said.contains("1000 requests wait for something to happen already"), "{said}");
    drop(held);
    assert!(ask().wait.is_some());
}
