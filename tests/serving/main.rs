//! What the mock does for those who live with it: the log, specs that are loaded again, TLS,
//! sessions by header, the token, events, faults, content codings.
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

mod access;
mod batch;
mod coded;
mod events;
mod faults;
mod http2;
mod lines;
mod log;
mod reload;

/// Shelves with names, of which each has to be short.
const SPEC: &str = r#"
counterpart: 1
vendor: alpha
servers: [{url: https://shelves.example/v1}]
mediaTypes:
  application/json: {wire: json}
statements:
  - {id: A1, says: a name has at most five characters, source: page 1}
errors:
  Invalid: {status: 422, body: {message: "${error.message}"}}
  NoKey: {status: 401, body: {message: no key}}
  Busy: {status: 429, headers: {Retry-After: "${rateLimit.reset}"}, body: {message: slow down}}
rateLimit: {limit: 1000000, window: PT1M, error: Busy}
failures:
  malformedBody: Invalid
components:
  securitySchemes:
    key:
      type: apiKey
      in: query
      name: key
      keys: {collection: keys, field: key}
      errors: {missing: NoKey, unknown: NoKey}
collections:
  keys:
    key: key
    schema: {type: object, properties: {key: {type: string}}}
    fixtures: [{key: s3cr3t}]
  shelves:
    key: id
    schema:
      type: object
      properties:
        id: {type: integer, generate: sequence}
        name: {type: string}
operations:
  - operationId: list_shelves
    method: GET
    path: /shelves
    steps:
      - list: {in: shelves, as: shelves}
      - respond: {status: 200, body: {shelves: "${shelves}"}}
  - operationId: add_shelf
    method: POST
    path: /shelves
    security: [{key: []}]
    requestBody:
      required: true
      schema:
        type: object
        required: [name]
        properties:
          name: {type: string, maxLength: 5, error: Invalid, implements: A1}
    steps:
      - insert: {in: shelves, values: {name: "${body.name}"}, as: shelf}
      - respond: {status: 201, body: {id: "${shelf.id}"}}
"#;
