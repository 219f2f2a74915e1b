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

#[test]
fn elements_of_other_namespaces_are_not_read() {
    let lenient = SPEC
        .replace("namespace: \"urn:desk/\"}", "namespace: \"urn:desk/\", strictNamespaces: false}");
    let action = ("SOAPAction", "\"urn:desk/Lend\"");
    // The content of the body; whether it is read strictly, and leniently.
    let cases = [
        ("<Lend xmlns=\"urn:desk/\"><days>3</days></Lend>", true, true),
        ("<d:Lend xmlns:d=\"urn:desk/\"><days>3</days></d:Lend>", false, true),
        ("<Lend xmlns=\"urn:desk/\"><days xmlns=\"\">3</days></Lend>", false, true),
        ("<Lend xmlns=\"urn:desk/\"><days xmlns=\"urn:other\">3</days></Lend>", false, true),
        ("<Lend xmlns=\"urn:desk/2/\"><days>3</days></Lend>", false, true),
        ("<Lend><days>3</days></Lend>", false, true),
        (
            "<a:Lend xmlns:a=\"urn:x\"><d:days xmlns:d=\"urn:desk/\">3</d:days></a:Lend>",
            false,
            true,
        ),
        ("<Borrow xmlns=\"urn:desk/\"><days>3</days></Borrow>", false, true),
        (
            "<x:Lend xmlns:x=\"urn:desk/\" xmlns=\"urn:desk/\"><y:days xmlns:y=\"urn:x\">9</y:days><days>3</days></x:Lend>",
            true,
            false,
        ),
    ];
    for (spec, is_strict) in [(SPEC.to_owned(), true), (lenient, false)] {
        let mock = MockServer::builder().spec_text("desk", &spec).start().unwrap();
        let mut client = Client::new(mock.address());
        for (body, strict, lenient) in cases {
            let headers = [("Content-Type", "text/xml"), action];
            let body = envelope(V11, "", body);
            let reply = client.send("POST", "/desk/api/lending.asmx", &headers, body.clone());
            let is_read = reply.text().contains("<lent>3</lent>");
            let expected = if is_strict { strict } else { lenient };
            assert_eq!(is_read, expected, "strict: {is_strict} {body}: {}", reply.text());
        }
    }
}

#[test]
fn an_element_names_its_operation_whatever_the_action_is() {
    let by_element = SPEC.replace(
        "namespace: \"urn:desk/\"}",
        "namespace: \"urn:desk/\", routingStyle: requestElement}",
    );
    let v12 = "application/soap+xml; charset=utf-8; action=\"urn:other/Lend\"";
    for (spec, expected) in [(SPEC.to_owned(), false), (by_element, true)] {
        let mock = MockServer::builder().spec_text("desk", &spec).start().unwrap();
        let mut client = Client::new(mock.address());
        let body = "<Lend xmlns=\"urn:desk/\"><days>3</days></Lend>";
        for headers in [
            vec![("Content-Type", "text/xml"), ("SOAPAction", "\"\"")],
            vec![("Content-Type", "text/xml"), ("SOAPAction", "\"urn:other/Lend\"")],
            vec![("Content-Type", v12)],
        ] {
            let version = if headers.len() == 1 { V12 } else { V11 };
            let sent = envelope(version, "", body);
            let reply = client.send("POST", "/desk/api/lending.asmx", &headers, sent);
            let is_found = reply.text().contains("<lent>3</lent>");
            assert_eq!(is_found, expected, "{headers:?}: {}", reply.text());
        }
    }
}

#[test]
fn envelopes_are_read_in_the_encoding_that_they_say() {
    let spec = SPEC.replace("{lent: \"${parameters.days}\"}", "{lent: \"${parameters.name}\"}");
    let spec = spec
        .replace("parameters:\n", "parameters:\n      - {name: name, schema: {type: string}}\n");
    let mock = MockServer::builder().spec_text("desk", &spec).start().unwrap();
    let mut client = Client::new(mock.address());
    let text = |declaration: &str| {
        let lend = lend("<d:name>Müller €</d:name><d:days>3</d:days>");
        format!("{declaration}{}", envelope(V11, "", &lend))
    };
    let wide = |text: &str, big: bool| -> Vec<u8> {
        let units = text.encode_utf16();
        units.flat_map(|u| if big { u.to_be_bytes() } else { u.to_le_bytes() }).collect()
    };
    let marked = |text: &str, big: bool| wide(&format!("\u{FEFF}{text}"), big);
    let narrow = |text: &str, euro: &[u8]| -> Vec<u8> {
        text.chars()
            .flat_map(|c| match c {
                '€' => euro.to_vec(),
                c => vec![u8::try_from(u32::from(c)).unwrap()],
            })
            .collect()
    };
    let utf16 = "<?xml version=\"1.0\" encoding=\"utf-16\"?>";
    let latin1 = "<?xml version='1.0' encoding='ISO-8859-1'?>";
    let cases: Vec<(&str, Vec<u8>)> = vec![
        ("text/xml", text("").into_bytes()),
        ("text/xml; charset=utf-8", text(latin1).into_bytes()),
        ("text/xml", format!("\u{FEFF}{}", text("")).into_bytes()),
        ("text/xml; charset=utf-16", marked(&text(utf16), true)),
        ("text/xml; charset=utf-16", marked(&text(utf16), false)),
        ("text/xml; charset=\"UTF-16LE\"", wide(&text(""), false)),
        ("text/xml", marked(&text(""), false)),
        ("text/xml", wide(&text(utf16), true)),
        ("text/xml", narrow(&text(latin1), b"&#8364;")),
        ("text/xml; charset=iso-8859-1", narrow(&text(""), b"&#x20ac;")),
        ("text/xml; charset=windows-1252", narrow(&text(utf16), b"\x80")),
        // The mark says more than the media type.
        ("text/xml; charset=iso-8859-1", format!("\u{FEFF}{}", text("")).into_bytes()),
    ];
    for (media_type, body) in cases {
        let headers = [("Content-Type", media_type)];
        let reply = client.send("POST", "/desk/api/lending.asmx", &headers, body.clone());
        let body = String::from_utf8_lossy(&body).into_owned();
        assert!(
            reply.text().contains("<lent>Müller €</lent>"),
            "{media_type} {body}: {}",
            reply.text()
        );
    }
    let headers = [("Content-Type", "text/xml; charset=klingon")];
    let reply = client.send("POST", "/desk/api/lending.asmx", &headers, text("").into_bytes());
    assert_eq!(reply.status, 500, "{}", reply.text());
    assert!(reply.text().contains("Fault"), "{}", reply.text());
}
