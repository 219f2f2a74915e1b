//! Lists of requests as one body.

use counterpart::MockServer;
use serde_json::{Value, json as tree};

use crate::support::client::Client;
use crate::support::served::json;

const SPEC: &str = r#"
counterpart: 1
vendor: shop
mediaTypes: {application/json: {wire: json}}
errors:
  NoKey: {status: 401, body: {error: key}}
  Unknown: {status: 400, body: {error: "no ${error.value}"}}
  TooLarge: {status: 413, body: {error: "at most ${error.limit}"}}
  Busy: {status: 429, body: {error: busy}}
  Taken: {status: 409, body: {error: taken}}
failures: {unknownAction: Unknown, bodyTooLarge: TooLarge}
components:
  securitySchemes:
    key: {type: apiKey, in: header, name: X-Key, keys: {collection: keys, field: key}, errors: {missing: NoKey, unknown: NoKey}}
security: [{key: []}]
rateLimit: {limit: 20000, window: P1D, error: Busy}
responseHeaders: {X-Left: "${rateLimit.remaining}"}
contentCoding: [gzip]
collections:
  keys: {key: key, schema: {type: object, properties: {key: {type: string}}}, fixtures: [{key: k}]}
  items: {key: id, schema: {type: object, properties: {id: {type: integer}}}}
operations:
  - operationId: add
    method: POST
    path: /do
    match: {body: {do: add}}
    steps:
      - insert: {in: items, values: {id: "${request.bytes | length}"}}
        when: "${ false }"
      - insert: {in: items, values: {id: "${body.id}"}, onConflict: Taken}
      - respond: {status: 201, body: {added: "${body.id}"}, headers: {Set-Cookie: "last=${body.id}"}}
    requestBody: {schema: {type: object, properties: {id: {type: integer}}}}
  - {operationId: ping, method: POST, path: /do, match: {body: {do: ping}}, steps: [respond: {status: 204}]}
  - {operationId: say, method: POST, path: /do, match: {body: {do: say}}, steps: [respond: {status: 200, text: hello, mediaType: text/plain}]}
  - {operationId: all, method: POST, path: /do, batch: true}
"#;

struct Shop {
    _mock: MockServer,
    client: Client,
}

impl Shop {
    fn start() -> Self {
        let mock = MockServer::builder().spec_text("shop", SPEC).start().unwrap();
        let client = Client::new(mock.address());
        Self { _mock: mock, client }
    }

    fn send(&mut self, body: &str) -> (u16, Value) {
        let headers = [("Content-Type", "application/json"), ("X-Key", "k")];
        let reply = self.client.send("POST", "/shop/do", &headers, body);
        let body = if reply.body.is_empty() { Value::Null } else { json(&reply) };
        (reply.status, body)
    }

    fn control(&mut self, path: &str) -> Value {
        json(&self.client.send("GET", &format!("/_counterpart/{path}"), &[], ""))
    }
}

#[test]
fn each_item_is_a_request_of_its_own_and_in_the_journal() {
    let mut shop = Shop::start();
    let body = r#"[{"do": "add", "id": 1}, {"do": "ping"}, {"do": "add", "id": 1}, 7, {"do": "add", "id": 2.0}]"#;
    let answered = shop.send(body);
    let expected = tree!([{"added": 1}, {"error": "taken"}, {"error": "no "}, {"added": 2}]);
    assert_eq!(answered, (200, expected.clone()));
    assert_eq!(shop.control("state/shop/items"), tree!([{"id": 1}, {"id": 2}]));
    let journal = shop.control("requests");
    let seen: Vec<_> = journal
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (&one["operation"], &one["response"]["status"]))
        .collect();
    let (add, ping, all) = (&tree!("add"), &tree!("ping"), &tree!("all"));
    let statuses = [tree!(201), tree!(204), tree!(409), tree!(400), tree!(201), tree!(200)];
    let operations = [add, ping, add, &Value::Null, add, all];
    assert_eq!(seen, operations.into_iter().zip(&statuses).collect::<Vec<_>>());
    assert!(journal[5]["explanation"].to_string().contains("a list of 5 requests"), "{journal}");
    assert!(journal[5]["response"].to_string().contains("added"), "{journal}");
    // What came to an operation counts, and cookies are those of all.
    let headers =
        [("Content-Type", "application/json"), ("X-Key", "k"), ("Accept-Encoding", "gzip")];
    let reply = shop.client.send(
        "POST",
        "/shop/do",
        &headers,
        r#"[{"do": "add", "id": 8}, {"do": "add", "id": 9}]"#,
    );
    assert_eq!(reply.header("x-left"), Some("19994"));
    let cookies = reply.headers.iter().filter(|(name, _)| name == "set-cookie").count();
    assert_eq!((cookies, reply.header("content-encoding")), (2, Some("gzip")));
    assert_eq!(reply.header("x-counterpart-operation"), Some("all"));
    // Sent again from the journal, all of it is done again.
    let again = shop.client.send("POST", "/_counterpart/requests/6/again", &[], "");
    assert_eq!(json(&again)["status"], 200);
}

#[test]
fn lists_that_are_not_requests_are_told() {
    let mut shop = Shop::start();
    assert_eq!(shop.send(r#"[{"do": "ping"}, {"do": "ping"}]"#), (204, Value::Null));
    assert_eq!(shop.send("[]"), (204, Value::Null), "no schema says that there has to be one");
    let nested = shop.send(r#"[[{"do": "ping"}], [[]]]"#);
    assert_eq!(nested.0, 200);
    assert_eq!(nested.1.as_array().unwrap().len(), 2, "{nested:?}");
    let many = format!("[{}{{\"do\": \"add\", \"id\": 1}}]", "{\"do\": \"ping\"},".repeat(100_000));
    assert_eq!(shop.send(&many), (413, tree!({"error": "at most 10000"})));
    assert_eq!(shop.control("state/shop/items"), tree!([]));
    let (status, said) = shop.send(r#"[{"do": "ping"}, {"do": "say"}]"#);
    assert_eq!(status, 500);
    assert!(said.to_string().contains("request 2 is not JSON (text/plain)"), "{said}");
    let json = [("Content-Type", "application/json")];
    let reply = shop.client.send("POST", "/shop/do", &json, r#"[{"do": "add", "id": 1}]"#);
    assert_eq!((reply.status, reply.text()), (401, r#"{"error":"key"}"#.to_owned()));
    let some = format!("[{}{{\"do\": \"add\", \"id\": 1}}]", "{\"do\": \"ping\"},".repeat(9_999));
    assert_eq!(shop.send(&some), (200, tree!([{"added": 1}])));
}

#[test]
fn a_fault_of_an_item_is_one_of_the_answer() {
    let mut shop = Shop::start();
    let fault = r#"{"vendor": "shop", "operation": "ping", "fault": {"error": "Busy"}}"#;
    assert_eq!(shop.client.send("POST", "/_counterpart/faults", &[], fault).status, 201);
    let answered = shop.send(r#"[{"do": "add", "id": 1}, {"do": "ping"}]"#);
    assert_eq!(answered, (200, tree!([{"added": 1}, {"error": "busy"}])));
}
