//! What RFC 9110 and RFC 9112 ask of a server, by bytes on sockets.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod coded;
mod foreign;
mod keys;
mod methods;
mod names;
mod rules;
#[path = "../support/mod.rs"]
mod support;
mod times;

use counterpart::MockServer;
use serde_json::Value;
use support::client::Client;

const SPEC: &str = r#"
counterpart: 1
vendor: library
servers: [{url: https://library.example}]
mediaTypes:
  application/json: {wire: json}
  application/xml: {wire: xml}
produces: [application/json, application/xml]
consumes: [application/json]
responseHeaders: {X-RateLimit-Remaining: "7"}
errors:
  NotFound: {status: 404, headers: {ETag: '"none"', x-lower-Case: a}, body: {error: "not found"}}
  Bad: {status: 400, body: {error: "${error.message}"}}
failures: {unknownPath: NotFound, malformedBody: Bad}
operations:
  - operationId: find
    method: GET
    path: /books/{id}
    parameters: [{name: id, in: path, schema: {type: integer}}]
    steps:
      - respond: {status: 200, headers: {WWW-Authenticate: none, content-TYPE: "application/json;v=1"}, body: {id: "${path.id}"}}
  - operationId: find_by_mail
    method: GET
    path: /books/{mail}
    parameters: [{name: mail, in: path, schema: {type: string, format: email}}]
    steps:
      - respond: {status: 200, headers: {X-REQUEST-ID: "1"}, body: {mail: "${path.mail}"}}
  - operationId: remove
    method: DELETE
    path: /books/{id}
    parameters: [{name: id, in: path, schema: {type: integer}}]
    steps:
      - respond: {status: 204}
  - operationId: say
    method: POST
    path: /say
    parameters: [{name: X-Tag, in: header, schema: {type: string}}]
    requestBody: {schema: {type: object, properties: {text: {type: string}}}}
    responses: {200: {schema: {type: object, xml: {name: said}}}}
    steps:
      - respond: {status: 200, body: {said: "${body.text}", tag: "${header['X-Tag']}", method: "${request.method}"}}
  - operationId: segment
    method: GET
    path: /shelves/{name}
    parameters: [{name: name, in: path, schema: {type: string}}]
    steps:
      - respond: {status: 200, body: {name: "${path.name}"}}
"#;

fn library() -> MockServer {
    MockServer::builder().spec_text("library", SPEC).start().unwrap()
}

/// What comes for bytes on a connection of their own.
fn raw(mock: &MockServer, bytes: impl AsRef<[u8]>) -> String {
    String::from_utf8_lossy(&Client::new(mock.address()).raw(bytes)).into_owned()
}

/// What the journal explains of the last request.
fn explanation(mock: &MockServer) -> String {
    let mut client = Client::new(mock.address());
    let reply = client.send("GET", "/_counterpart/requests?limit=1", &[], "");
    let journal: Value = serde_json::from_str(&reply.text()).unwrap();
    journal.pointer("/0/explanation").unwrap().to_string()
}
