//! What SOAP itself asks of a service, for a vendor whose spec says nothing about it.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use counterpart::MockServer;
use support::client::{Client, Reply};

const SPEC: &str = r#"
counterpart: 1
vendor: desk
servers:
  - url: https://desk.example/api
soapServices:
  lending: {path: /lending.asmx, namespace: "urn:desk/"}
operations:
  - operationId: Lend
    bindings: [{soap: lending}]
    parameters:
      - {name: days, required: true, schema: {type: integer}}
    steps:
      - respond: {status: 200, body: {lent: "${parameters.days}"}}
"#;

const V11: &str = "http://schemas.xmlsoap.org/soap/envelope/";
const V12: &str = "http://www.w3.org/2003/05/soap-envelope";

fn lend(content: &str) -> String {
    format!("<d:Lend xmlns:d=\"urn:desk/\">{content}</d:Lend>")
}

fn envelope(namespace: &str, header: &str, body: &str) -> String {
    format!(
        "<s:Envelope xmlns:s=\"{namespace}\"><s:Header>{header}</s:Header>\
         <s:Body>{body}</s:Body></s:Envelope>"
    )
}

fn ask(client: &mut Client, media_type: &str, body: String) -> Reply {
    client.send("POST", "/desk/api/lending.asmx", &[("Content-Type", media_type)], body)
}

#[test]
fn what_soap_refuses_is_a_fault_with_its_code() {
    let mock = MockServer::builder().spec_text("desk", SPEC).start().unwrap();
    let mut client = Client::new(mock.address());
    let good = lend("<d:days>3</d:days>");
    let header = |value: &str| format!("<x:a xmlns:x=\"urn:x\" s:mustUnderstand=\"{value}\"/>");
    let (v11, v12) = ("text/xml; charset=utf-8", "application/soap+xml; charset=utf-8");
    let cases = [
        (v11, envelope(V11, &header("1"), &good), "<faultcode>soap:MustUnderstand</faultcode>"),
        (
            v12,
            envelope(V12, &header("true"), &good),
            "<soap:Value>soap:MustUnderstand</soap:Value>",
        ),
        (v11, envelope("urn:s", "", &good), "<faultcode>soap:VersionMismatch</faultcode>"),
        (v12, envelope("urn:s", "", &good), "<soap:Value>soap:VersionMismatch</soap:Value>"),
        // Where the spec has no words for what went wrong, a fault says it and no other document.
        (v11, envelope(V11, "", &lend("")), "<faultcode>soap:Client</faultcode>"),
        (
            v12,
            envelope(V12, "", &lend("<d:days>x</d:days>")),
            "<soap:Value>soap:Sender</soap:Value>",
        ),
        (v11, envelope(V11, "", "<Borrow/>"), "<faultcode>soap:Client</faultcode>"),
        (v11, envelope(V11, "", ""), "<faultcode>soap:Client</faultcode>"),
        (v12, "<a".to_owned(), "<soap:Value>soap:Sender</soap:Value>"),
    ];
    for (media_type, body, code) in cases {
        let reply = ask(&mut client, media_type, body.clone());
        let text = reply.text();
        assert!(text.contains(code), "{body}: {text}");
        assert_eq!(reply.status, 500, "{body}: {text}");
        assert_eq!(reply.header("content-type"), Some(media_type), "{body}");
    }
    let reply = ask(&mut client, v11, envelope(V11, &header("0"), &good));
    assert!(reply.text().contains("<lent>3</lent>"), "{}", reply.text());
}
