//! Requests from many threads are done as if one came after the other, in the order of the journal,
//! and those that only read do not wait for each other.

use std::collections::HashSet;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use counterpart::MockServer;
use counterpart::unstable::random::Random;
use serde_json::{Value, json};

use crate::support::client::{Client, Reply};

const SPEC: &str = r##"
counterpart: 1
vendor: library
servers: [{url: https://library.example}]
mediaTypes: {application/json: {wire: json}}
produces: [application/json]
consumes: [application/json]
rateLimit: {limit: LIMIT, window: PT1M, error: Busy}
responseHeaders: {X-Remaining: "${ rateLimit.remaining }"}
errors:
  Busy: {status: 429, body: {error: busy}}
  Missing: {status: 404, body: {error: missing}}
  Taken: {status: 409, body: {error: taken}}
collections:
  notes:
    key: id
    schema:
      type: object
      properties:
        id: {type: integer, generate: sequence}
        title: {type: string}
    unique: [{fields: [title], error: Taken}]
components:
  steps:
    wanted:
      - find: {in: notes, where: {id: "${path.id}"}, as: note, orElse: Missing}
operations:
  - operationId: list
    method: GET
    path: /notes
    steps:
      - list: {in: notes, as: notes}
      - respond: {status: 200, body: {notes: "${notes}"}}
  - operationId: read
    method: GET
    path: /notes/{id}
    parameters: [{name: id, in: path, schema: {type: integer}}]
    steps:
      - $ref: "#/components/steps/wanted"
      - respond: {status: 200, body: "${note}"}
  - operationId: add
    method: POST
    path: /notes
    requestBody: {schema: {type: object, properties: {title: {type: string}}}}
    steps:
      - insert: {in: notes, values: {title: "${body.title}"}, as: note}
      - respond: {status: 201, body: "${note}"}
  - operationId: rename
    method: PUT
    path: /notes/{id}
    parameters: [{name: id, in: path, schema: {type: integer}}]
    requestBody: {schema: {type: object, properties: {title: {type: string}}}}
    steps:
      - $ref: "#/components/steps/wanted"
      - update: {record: note, values: {title: "${body.title}"}}
      - respond: {status: 200, body: "${note}"}
  - operationId: remove
    method: DELETE
    path: /notes/{id}
    parameters: [{name: id, in: path, schema: {type: integer}}]
    steps:
      - $ref: "#/components/steps/wanted"
      - delete: {record: note}
      - respond: {status: 204}
"##;

const JSON: [(&str, &str); 1] = [("Content-Type", "application/json")];
/// Longer than any request here takes.
const PATIENCE: Duration = Duration::from_secs(20);

fn mock(limit: usize) -> MockServer {
    let spec = SPEC.replace("LIMIT", &limit.to_string());
    MockServer::builder().spec_text("library", spec).frozen().start().unwrap()
}

/// The notes as they would be written without a thought for threads.
#[derive(Default)]
struct Model {
    notes: Vec<(u64, String)>,
    last: u64,
}

impl Model {
    /// The status and the body of the answer.
    fn answer(&mut self, method: &str, id: Option<u64>, title: &str) -> (u64, Value) {
        let at = self.notes.iter().position(|(known, _)| Some(*known) == id);
        let taken = self.notes.iter().any(|(known, held)| held == title && Some(*known) != id);
        let note = |(id, title): &(u64, String)| json!({"id": id, "title": title});
        match (method, id, at) {
            ("GET", None, _) => {
                (200, json!({"notes": self.notes.iter().map(note).collect::<Vec<_>>()}))
            }
            ("POST", ..) if taken => (409, json!({"error": "taken"})),
            ("POST", ..) => {
                self.last += 1;
                self.notes.push((self.last, title.to_owned()));
                (201, json!({"id": self.last, "title": title}))
            }
            (_, _, None) => (404, json!({"error": "missing"})),
            ("GET", _, Some(at)) => (200, note(&self.notes[at])),
            ("PUT", ..) if taken => (409, json!({"error": "taken"})),
            ("PUT", _, Some(at)) => {
                self.notes[at].1 = title.to_owned();
                (200, note(&self.notes[at]))
            }
            (_, _, Some(at)) => {
                self.notes.remove(at);
                (204, Value::Null)
            }
        }
    }
}

fn body(text: Option<&str>) -> Value {
    match text.unwrap_or_default() {
        "" => Value::Null,
        text => serde_json::from_str(text).unwrap(),
    }
}

#[test]
fn all_is_done_as_if_one_after_the_other() {
    const THREADS: u64 = 6;
    const REQUESTS: usize = 250;
    let mock = mock(1_000_000);
    let address = mock.address();
    let work = |seed: u64| {
        let mut random = Random::new(seed, "work");
        let mut pick = |most: u64| random.number() % most;
        let mut client = Client::new(address);
        for _ in 0..REQUESTS {
            let id = format!("/library/notes/{}", 1 + pick(12));
            let title = json!({"title": format!("t{}", pick(12))}).to_string();
            match pick(10) {
                0 | 1 => client.send("POST", "/library/notes", &JSON, title),
                2 => client.send("PUT", &id, &JSON, title),
                3 => client.send("DELETE", &id, &[], ""),
                4 => client.send("GET", "/library/notes", &[], ""),
                _ => client.send("GET", &id, &[], ""),
            };
        }
    };
    thread::scope(|scope| {
        for seed in 0..THREADS {
            scope.spawn(move || work(seed));
        }
    });
    let mut client = Client::new(address);
    let journal = client.send("GET", "/_counterpart/requests", &[], "");
    let journal: Vec<Value> = serde_json::from_slice(&journal.body).unwrap();
    assert_eq!(journal.len(), usize::try_from(THREADS).unwrap() * REQUESTS);
    let mut model = Model::default();
    let mut kinds = HashSet::new();
    for (at, entry) in journal.iter().enumerate() {
        assert_eq!(entry["id"], at + 1);
        let request = &entry["request"];
        let id = request["path"].as_str().unwrap().rsplit('/').next().unwrap().parse().ok();
        let method = request["method"].as_str().unwrap();
        let title = body(request["body"].as_str())["title"].as_str().unwrap_or_default().to_owned();
        let (status, expected) = model.answer(method, id, &title);
        assert_eq!(entry["response"]["status"], status, "{entry:#}");
        assert_eq!(body(entry["response"]["body"].as_str()), expected, "{entry:#}");
        kinds.insert((method, status));
    }
    assert!(kinds.len() >= 9, "each kind of answer was seen: {kinds:?}");
    let state = client.send("GET", "/_counterpart/state/library/notes", &[], "");
    let state: Value = serde_json::from_slice(&state.body).unwrap();
    assert_eq!(json!({"notes": state}), model.answer("GET", None, "").1);
}

/// Those that only read count towards the rate limit side by side, each once.
#[test]
fn no_count_is_lost() {
    const THREADS: usize = 4;
    const REQUESTS: usize = 100;
    const LIMIT: usize = 300;
    let mock = mock(LIMIT);
    let address = mock.address();
    let read = || {
        let mut client = Client::new(address);
        let told = |reply: Reply| (reply.status, reply.header("x-remaining").map(str::to_owned));
        let replies = (0..REQUESTS).map(|_| told(client.send("GET", "/library/notes", &[], "")));
        replies.collect::<Vec<_>>()
    };
    let replies: Vec<_> = thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS).map(|_| scope.spawn(read)).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    let taken: Vec<_> = replies.iter().filter(|(status, _)| *status == 200).collect();
    assert_eq!(taken.len(), LIMIT);
    let remaining: HashSet<_> = taken.iter().map(|(_, remaining)| remaining).collect();
    assert_eq!(remaining.len(), LIMIT, "each of them was told another number");
}

#[test]
fn who_reads_waits_for_nobody_who_reads() {
    let mock = mock(100);
    let address = mock.address();
    let session = mock.mock().sessions().get("").unwrap();
    let (done, answered) = channel();
    let send = |method: &'static str| {
        let done = done.clone();
        thread::spawn(move || {
            let mut client = Client::new(address);
            let body = if method == "POST" { r#"{"title": "t"}"# } else { "" };
            let reply = client.send(method, "/library/notes", &JSON, body);
            done.send((method, reply.status)).unwrap();
        })
    };
    // As another request that reads does, for as long as it runs.
    session.read(0, |_| {
        send("GET");
        assert_eq!(answered.recv_timeout(PATIENCE), Ok(("GET", 200)));
        send("POST");
        let early = answered.recv_timeout(Duration::from_millis(100));
        assert_eq!(early, Err(RecvTimeoutError::Timeout), "who changes waits");
    });
    assert_eq!(answered.recv_timeout(PATIENCE), Ok(("POST", 201)));
}
