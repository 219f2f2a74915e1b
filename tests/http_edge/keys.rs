//! Keys with other letters than those of ASCII: in UTF-8, which clients send today, and in ISO 8859-1,
//! which fields had of old (RFC 9110 section 5.5).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use counterpart::MockServer;

use crate::raw;
use crate::support::client::Client;

const SPEC: &str = r#"
counterpart: 1
vendor: doors
errors: {NoKey: {status: 401, body: {error: missing}}, Unknown: {status: 403, body: {error: unknown}}}
collections:
  keys: {key: key, schema: {type: object, properties: {key: {type: string}}}, fixtures: [{key: "schl\u00fcssel-7"}]}
components:
  securitySchemes:
    header: {type: apiKey, in: header, name: X-Key, keys: {collection: keys, field: key}, errors: {missing: NoKey, unknown: Unknown}}
    cookie: {type: apiKey, in: cookie, name: sid, keys: {collection: keys, field: key}, errors: {missing: NoKey, unknown: Unknown}}
    bearer: {type: http, scheme: bearer, keys: {collection: keys, field: key}, errors: {missing: NoKey, unknown: Unknown}}
    basic: {type: http, scheme: basic, colon: optional, keys: {collection: keys, field: key}, errors: {missing: NoKey, unknown: Unknown}}
operations:
  - {operationId: by_header, method: GET, path: /header, security: [{header: []}], steps: [{respond: {status: 204}}]}
  - {operationId: by_cookie, method: GET, path: /cookie, security: [{cookie: []}], steps: [{respond: {status: 204}}]}
  - {operationId: by_bearer, method: GET, path: /bearer, security: [{bearer: []}], steps: [{respond: {status: 204}}]}
  - {operationId: by_basic, method: GET, path: /basic, security: [{basic: []}], steps: [{respond: {status: 204}}]}
"#;

/// A request for each place of a key.
fn requests(key: &[u8]) -> [Vec<u8>; 4] {
    let basic = STANDARD.encode([key, b":"].concat());
    [
        ("header", b"X-Key: ".as_slice(), key),
        ("cookie", b"Cookie: a=\xfc; sid=", key),
        ("bearer", b"Authorization: Bearer ", key),
        ("basic", b"Authorization: Basic ", basic.as_bytes()),
    ]
    .map(|(path, before, shown)| {
        let line = format!("GET /doors/{path} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n");
        [line.as_bytes(), before, shown, b"\r\n\r\n"].concat()
    })
}

#[test]
fn are_known_in_both_encodings_and_never_shown() {
    let mock = MockServer::builder().spec_text("doors", SPEC).start().unwrap();
    let cases: [(&[u8], &str); 4] = [
        ("schlüssel-7".as_bytes(), " 204 "),
        (b"schl\xfcssel-7", " 204 "),
        ("schlössel-7".as_bytes(), " 403 "),
        (b"schl\xf6ssel-7", " 403 "),
    ];
    for (key, status) in cases {
        for sent in requests(key) {
            let answer = raw(&mock, &sent);
            let line = answer.lines().next().unwrap();
            assert!(line.contains(status), "{}: {line}", String::from_utf8_lossy(&sent));
        }
    }
    let mut client = Client::new(mock.address());
    let journal = client.send("GET", "/_counterpart/requests", &[], "").text();
    assert_eq!(journal.matches("\"operation\":\"by_").count(), 16, "{journal}");
    for shown in ["ssel-7", "schl"] {
        assert!(!journal.contains(shown), "{shown}: {journal}");
    }
    for (key, _) in cases {
        let encoded = STANDARD.encode([key, b":"].concat());
        assert!(!journal.contains(&encoded), "{encoded}: {journal}");
    }
}
