//! `serve --state`: what was answered is there after whatever end of the mock.
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

mod damage;
mod disk;
mod goes_on;
mod held;
mod kills;
mod older;
mod specs;
mod speed;
mod tool;

use support::client::{Client, Reply};
use support::folder::Folder;
use support::serving::Serving;

/// Orders that have numbers and secrets, a message with a link, and counted requests.
const SPEC: &str = r#"
counterpart: 1
vendor: shop
mediaTypes:
  application/json: {wire: json}
statements:
  - {id: S1, says: an order is of 1 to 10 of an item, source: page 1}
  - {id: S2, says: "not valid is 422", source: page 2}
errors:
  Invalid: {status: 422, body: {message: "${error.message}"}, implements: S2}
  Busy: {status: 429, body: {message: slow down}}
failures: {invalid: Invalid}
rateLimit:
  - {limit: 1000000, refill: PT1S, error: Busy}
  - {limit: "${settings.limit}", window: PT1H, error: Busy}
settings:
  limit: {type: integer, default: 1000000}
collections:
  orders:
    key: id
    schema:
      type: object
      properties:
        id: {type: integer, generate: sequence}
        item: {type: string}
        quantity: {type: integer}
        secret: {type: string, generate: {random: 64, encoding: hex}}
        made: {type: string, generate: now}
        paid: {type: boolean}
    fixtures: [{item: fixture, quantity: 1}]
operations:
  - operationId: create_order
    method: POST
    path: /orders
    requestBody:
      schema:
        type: object
        required: [item]
        properties:
          item: {type: string}
          quantity: {type: integer, minimum: 1, maximum: 10, default: 1, implements: S1}
    steps:
      - insert: {in: orders, values: "${body}", as: order}
      - send: {channel: email, name: pay, to: ann@example.org, data: "${order}", links: {pay: {operation: follow_pay, parameters: {id: "${order.id}"}}}}
      - respond: {status: 201, body: "${order}"}
  - operationId: pay_order
    method: POST
    path: /orders/{id}/pay
    parameters: [{name: id, in: path, schema: {type: integer}}]
    steps:
      - find: {in: orders, where: {id: "${path.id}"}, as: order, orElse: Invalid}
      - update: {record: order, values: {paid: true}}
      - respond: {status: 204}
  - operationId: follow_pay
    parameters: [{name: id, schema: {type: integer}}]
    steps:
      - find: {in: orders, where: {id: "${parameters.id}"}, as: order, orElse: Invalid}
      - update: {record: order, values: {paid: true}}
      - respond: {status: 204}
  - operationId: pay_later
    method: POST
    path: /orders/{id}/later
    parameters: [{name: id, in: path, schema: {type: integer}}]
    steps:
      - schedule: {after: PT1H, operation: follow_pay, parameters: {id: "${path.id}"}}
      - schedule: {after: P3D, operation: follow_pay, parameters: {id: "${path.id + 1}"}}
      - respond: {status: 202}
  - operationId: tell
    method: POST
    path: /tell
    steps:
      - send: {channel: webhook, name: told, to: "http://127.0.0.1:1/", request: {text: "${now}", headers: {X-Of: shop}, retry: [PT1H, P2D]}}
      - respond: {status: 202}
  - operationId: list_orders
    method: GET
    path: /orders
    steps:
      - list: {in: orders, as: all}
      - respond: {status: 200, body: "${all}"}
"#;

fn folder(name: &str) -> Folder {
    Folder::new(name, &[("specs/shop.yaml", SPEC)])
}

fn serve(folder: &Folder, more: &[&str]) -> Serving {
    Serving::start(folder, &[&["--state", "state.log", "--no-watch"], more].concat())
}

/// Ends the mock as a crash does.
fn kill(mut serving: Serving) {
    serving.process.kill().unwrap();
    serving.process.wait().unwrap();
}

const JSON: (&str, &str) = ("Content-Type", "application/json");

fn create(client: &mut Client, at: &str, item: &str) -> Reply {
    let body = format!("{{\"item\":\"{item}\"}}");
    client.send("POST", &format!("{at}/shop/orders"), &[JSON], body)
}

fn get(client: &mut Client, path: &str) -> serde_json::Value {
    let reply = client.send("GET", path, &[], "");
    assert_eq!(reply.status, 200, "{path}: {}", reply.text());
    serde_json::from_slice(&reply.body).unwrap()
}

fn control(client: &mut Client, method: &str, path: &str, body: &str) -> Reply {
    let reply = client.send(method, path, &[JSON], body);
    assert!(reply.status < 300, "{method} {path}: {} {}", reply.status, reply.text());
    reply
}
