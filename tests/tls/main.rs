//! A mock that speaks TLS: with clients that others wrote, with the runner, and with clients that do
//! it wrong.
#![cfg(feature = "tls")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test fails by panicking"
)]

#[path = "../support/mod.rs"]
mod support;

mod authority;
mod clients;
mod files;
mod made;
mod offers;
mod tool;
mod wrong;

use support::folder::Folder;

/// A vendor that answers.
const SPEC: &str = "
counterpart: 1
vendor: library
servers: [{url: https://library.example/v1}]
mediaTypes:
  application/json: {wire: json}
operations:
  - operationId: read
    method: GET
    path: /books
    steps:
      - respond: {status: 200, body: {at: '${request.base}'}}
";

/// A scenario that passes if it is answered.
const SCENARIO: &str = "
counterpart: 1
vendor: library
scenarios:
  - {name: one request, steps: [{call: read, expect: {status: 200}}]}
";

fn folder(name: &str) -> Folder {
    Folder::new(name, &[("specs/library.yaml", SPEC), ("one.yaml", SCENARIO)])
}
