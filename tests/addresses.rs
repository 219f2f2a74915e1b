//! The mock's own URLs in answers: they lead back to where the client is.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use counterpart::MockServer;
use support::client::Client;

const SPEC: &str = r#"
counterpart: 1
vendor: library
servers:
  - url: https://{branch}.library.example/api/v2
    variables: {branch: {default: main}}
mediaTypes:
  application/json: {wire: json}
produces: [application/json]
soapServices:
  desk: {path: /desk.asmx, namespace: "urn:desk/"}
operations:
  - operationId: where
    method: GET
    path: /where
    steps:
      - respond: {status: 200, body: {base: "${request.base}", url: "${request.url}"}}
  - operationId: Lend
    bindings: [{soap: desk}]
    steps:
      - respond: {status: 200, body: {lent: true}}
"#;

#[test]
fn a_client_is_led_back_to_its_host_session_and_prefix() {
    let mock = MockServer::builder().spec_text("library", SPEC).start().unwrap();
    let mut client = Client::new(mock.address());
    let vendor = "east.library.example";
    // The host that is asked for, the path before the spec's, and both in what is answered.
    let cases = [
        ("127.0.0.1:4010", "/library/api/v2", "http://127.0.0.1:4010/library/api/v2"),
        ("mock.test", "/@s/library/api/v2", "http://mock.test/@s/library/api/v2"),
        (vendor, "/api/v2", "http://east.library.example/api/v2"),
        (vendor, "/@s/api/v2", "http://east.library.example/@s/api/v2"),
        (vendor, "/@s/library/api/v2", "http://east.library.example/@s/library/api/v2"),
    ];
    for (host, path, base) in cases {
        let reply = client.send("GET", &format!("{path}/where?a=b"), &[("Host", host)], "");
        let wanted = format!(r#"{{"base":"{base}","url":"{base}/where?a=b"}}"#);
        assert_eq!(reply.text(), wanted, "{host} {path}");
        let reply = client.send("GET", &format!("{path}/desk.asmx?wsdl"), &[("Host", host)], "");
        let location = format!("location=\"{base}/desk.asmx\"");
        assert_eq!(reply.text().matches(&location).count(), 2, "{host} {path}: {}", reply.text());
    }
}
