//! `serve --store`: replicas as processes of their own, with a real `PostgreSQL`.
#![cfg(all(unix, feature = "postgres"))]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test fails by panicking"
)]

#[path = "../support/mod.rs"]
mod support;

#[cfg(feature = "tls")]
#[path = "../tls/made.rs"]
mod made;

mod held;
mod history;
mod journal;
mod kills;
mod older;
mod outage;
mod postgres;
mod races;
mod refused;
mod sharing;
#[cfg(feature = "tls")]
mod tls;

use postgres::Postgres;
use support::client::{Client, Reply};
use support::folder::Folder;
use support::serving::Serving;

const SPEC: &str = r#"
counterpart: 1
vendor: shop
mediaTypes:
  application/json: {wire: json}
statements:
  - {id: S1, says: a name is taken once, source: page 1}
  - {id: S2, says: what is not there is 404, source: page 2}
errors:
  Taken: {status: 409, body: {message: taken}, implements: S1}
  Missing: {status: 404, body: {message: missing}, implements: S2}
  Busy: {status: 429, body: {message: slow down}}
rateLimit:
  - {limit: 100000000, window: PT1H, error: Busy}
  - {limit: "${settings.limit}", window: P1D, error: Busy}
settings:
  limit: {type: integer, default: 100000000}
collections:
  names:
    key: id
    schema:
      type: object
      properties:
        id: {type: integer, generate: sequence}
        name: {type: string}
        by: {type: string}
        secret: {type: string, generate: {random: 64, encoding: hex}}
        made: {type: string, generate: now}
        paid: {type: boolean}
    unique: [{fields: [name], error: Taken}]
  counters:
    key: id
    schema: {type: object, properties: {id: {type: string}, value: {type: integer}}}
    fixtures: [{id: c, value: 0}]
operations:
  - operationId: claim
    method: POST
    path: /names
    requestBody:
      schema: {type: object, required: [name], properties: {name: {type: string}, by: {type: string}}}
    steps:
      - insert: {in: names, values: "${body}", as: claimed, onConflict: Taken}
      - send: {channel: email, name: pay, to: ann@example.org, data: "${claimed}", links: {pay: {operation: follow_pay, parameters: {id: "${claimed.id}"}}}}
      - respond: {status: 201, body: "${claimed}"}
  - operationId: list
    method: GET
    path: /names
    steps:
      - list: {in: names, as: all}
      - respond: {status: 200, body: "${all}"}
  - operationId: follow_pay
    parameters: [{name: id, schema: {type: integer}}]
    steps:
      - find: {in: names, where: {id: "${parameters.id}"}, as: claimed, orElse: Missing}
      - update: {record: claimed, values: {paid: true}}
      - respond: {status: 204}
  - operationId: pay_later
    method: POST
    path: /names/{id}/later
    parameters: [{name: id, in: path, schema: {type: integer}}]
    steps:
      - schedule: {after: PT1H, operation: follow_pay, parameters: {id: "${path.id}"}}
      - respond: {status: 202}
  - operationId: count
    method: POST
    path: /counter
    steps:
      - find: {in: counters, where: {id: c}, as: counter, orElse: Missing}
      - update: {record: counter, values: {value: "${counter.value + 1}"}}
      - respond: {status: 200, body: {value: "${counter.value}"}}
  - operationId: counted
    method: GET
    path: /counter
    steps:
      - find: {in: counters, where: {id: c}, as: counter, orElse: Missing}
      - respond: {status: 200, body: {value: "${counter.value}"}}
  - operationId: count_later
    method: POST
    path: /counter/later
    steps:
      - schedule: {after: PT1H, operation: count}
      - respond: {status: 202}
  - operationId: tell
    method: POST
    path: /tell
    requestBody: {schema: {type: object, properties: {to: {type: string}}}}
    steps:
      - send: {channel: webhook, name: told, to: "${body.to}", request: {text: "${now}"}}
      - respond: {status: 202}
"#;

fn folder(name: &str) -> Folder {
    Folder::new(name, &[("specs/shop.yaml", SPEC)])
}

/// A replica.
fn serve(folder: &Folder, url: &str) -> Serving {
    Serving::start(folder, &["--store", url, "--sessions", "50", "-q"])
}

fn replicas(folder: &Folder, postgres: &Postgres, count: usize) -> Vec<Serving> {
    (0..count).map(|_| serve(folder, &postgres.url())).collect()
}

/// Ends a replica as a crash does.
fn kill(serving: &mut Serving) {
    serving.process.kill().unwrap();
    serving.process.wait().unwrap();
}

const JSON: (&str, &str) = ("Content-Type", "application/json");

fn claim(client: &mut Client, at: &str, name: &str) -> Reply {
    let body = format!("{{\"name\":\"{name}\"}}");
    client.send("POST", &format!("{at}/shop/names"), &[JSON], body)
}

fn get(client: &mut Client, path: &str) -> serde_json::Value {
    let reply = client.send("GET", path, &[], "");
    assert_eq!(reply.status, 200, "{path}: {}", reply.text());
    json(&reply)
}

fn json(reply: &Reply) -> serde_json::Value {
    serde_json::from_slice(&reply.body).unwrap()
}

fn control(client: &mut Client, method: &str, path: &str, body: &str) -> Reply {
    let reply = client.send(method, path, &[JSON], body);
    assert!(reply.status < 300, "{method} {path}: {} {}", reply.status, reply.text());
    reply
}

/// A number of the environment, for runs that take longer.
fn wanted(variable: &str, usual: usize) -> usize {
    std::env::var(variable).ok().and_then(|count| count.parse().ok()).unwrap_or(usual)
}
