//! Content codings of answers.

use std::io::Read as _;
use std::process::Command;

use counterpart::MockServer;
use flate2::read::{GzDecoder, ZlibDecoder};

use crate::support::client::{Client, Reply};
use crate::support::folder::Folder;
use crate::support::served::json;

const SPEC: &str = r#"
counterpart: 1
vendor: shop
mediaTypes: {application/json: {wire: json}, text/plain: {wire: text}}
produces: [application/json]
contentCoding: [gzip, deflate]
errors:
  Changed: {status: 412}
  NoRange: {status: 416}
  Missing: {status: 404, body: {message: missing}}
  Unacceptable: {status: 406, body: {message: "cannot be given in ${error.value}"}}
failures: {unknownPath: Missing}
operations:
  - operationId: read
    method: GET
    path: /text
    steps:
      - precondition: {etag: "7", orElse: Changed, ranges: NoRange}
      - respond: {status: 200, text: "a text, a text, a text, a text", mediaType: text/plain, headers: {Vary: Origin}}
  - operationId: change
    method: PUT
    path: /text
    failures: {notAcceptable: Unacceptable}
    steps:
      - precondition: {etag: "7", orElse: Changed}
      - respond: {status: 200, body: {done: true}}
  - {operationId: clear, method: DELETE, path: /text, steps: [respond: {status: 204}]}
  - operationId: plain
    method: GET
    path: /plain
    contentCoding: []
    steps: [respond: {status: 200, body: {plain: true}}]
"#;
const TEXT: &str = "a text, a text, a text, a text";

fn mock() -> (MockServer, Client) {
    let mock = MockServer::builder().spec_text("shop", SPEC).start().unwrap();
    let client = Client::new(mock.address());
    (mock, client)
}

fn gunzipped(reply: &Reply) -> String {
    let mut text = String::new();
    GzDecoder::new(&*reply.body).read_to_string(&mut text).unwrap();
    text
}

#[test]
fn an_answer_is_in_the_coding_that_the_client_wants_most() {
    let (_mock, mut client) = mock();
    let mut get =
        |accepted: &str| client.send("GET", "/shop/text", &[("Accept-Encoding", accepted)], "");
    let reply = get("gzip, deflate;q=0.5");
    assert_eq!(reply.header("content-encoding"), Some("gzip"));
    assert_eq!(reply.header("content-length"), Some(&*reply.body.len().to_string()));
    assert_eq!(reply.header("etag"), Some("\"7-gzip\""));
    let varies: Vec<_> = reply.headers.iter().filter(|(name, _)| name == "vary").collect();
    assert_eq!(
        varies.iter().map(|(_, on)| &**on).collect::<Vec<_>>(),
        ["Origin", "accept-encoding"]
    );
    assert_eq!(gunzipped(&reply), TEXT);
    let reply = get("gzip;q=0.1, deflate");
    assert_eq!(reply.header("content-encoding"), Some("deflate"));
    let mut text = String::new();
    ZlibDecoder::new(&*reply.body).read_to_string(&mut text).unwrap();
    assert_eq!(text, TEXT);
    // Where nothing else is said, what none of them fits is given as it is, as RFC 9110 allows.
    for accepted in
        ["", "identity", "br", "gzip;q=0", "identity;q=0", "*;q=0", "gzip;q=0.5, identity"]
    {
        let reply = get(accepted);
        assert_eq!((reply.status, reply.header("content-encoding")), (200, None), "{accepted}");
        assert_eq!(reply.header("etag"), Some("\"7\""), "{accepted}");
        assert!(reply.headers.iter().any(|(name, on)| name == "vary" && on == "accept-encoding"));
        assert_eq!(reply.text(), TEXT);
    }
    let reply = client.send("GET", "/shop/text", &[], "");
    assert_eq!((reply.header("content-encoding"), reply.text()), (None, TEXT.to_owned()));
    let gzip = [("Accept-Encoding", "gzip")];
    let reply = client.send("GET", "/shop/plain", &gzip, "");
    assert_eq!((reply.header("content-encoding"), reply.header("vary")), (None, None));
    let reply = client.send("GET", "/shop/nowhere", &gzip, "");
    assert_eq!((reply.status, gunzipped(&reply)), (404, r#"{"message":"missing"}"#.to_owned()));
    let refused = [("Accept-Encoding", "identity;q=0, br")];
    let reply = client.send("PUT", "/shop/text", &refused, "");
    assert_eq!(reply.status, 406);
    assert_eq!(reply.text(), r#"{"message":"cannot be given in identity;q=0, br"}"#);
    // The journal has what is in it.
    client.send("GET", "/shop/text", &gzip, "");
    let journal = json(&client.send("GET", "/_counterpart/requests?limit=1", &[], ""));
    assert!(journal[0]["response"].to_string().contains(TEXT), "{journal}");
    assert!(journal[0]["response"].to_string().contains("gzip"), "{journal}");
}

#[test]
fn what_has_no_body_has_no_coding_and_parts_are_of_the_plain_one() {
    let (_mock, mut client) = mock();
    let gzip = ("Accept-Encoding", "gzip");
    let whole = client.send("GET", "/shop/text", &[gzip], "");
    let head = client.send("HEAD", "/shop/text", &[gzip], "");
    for name in ["content-encoding", "content-length", "etag", "vary"] {
        assert_eq!(head.header(name), whole.header(name), "{name}");
    }
    assert!(head.body.is_empty());
    let reply = client.send("DELETE", "/shop/text", &[gzip], "");
    assert_eq!((reply.status, reply.header("content-encoding")), (204, None));
    assert_eq!(reply.header("vary"), Some("accept-encoding"));

    let cached = |tag| [gzip, ("If-None-Match", tag)];
    let reply = client.send("GET", "/shop/text", &cached("\"7-gzip\""), "");
    assert_eq!((reply.status, reply.header("etag")), (304, Some("\"7-gzip\"")));
    assert_eq!(reply.header("content-encoding"), None);
    assert!(reply.headers.iter().any(|(name, on)| name == "vary" && on == "accept-encoding"));
    // What it has is not what it would be sent.
    assert_eq!(client.send("GET", "/shop/text", &cached("\"7\""), "").status, 200);
    let reply = client.send("GET", "/shop/text", &[("If-None-Match", "\"7\"")], "");
    assert_eq!((reply.status, reply.header("etag")), (304, Some("\"7\"")));
    // A client may change what it has read in any of them.
    for (tag, status) in
        [("\"7\"", 200), ("\"7-gzip\"", 200), ("\"7-deflate\"", 200), ("\"8\"", 412)]
    {
        assert_eq!(
            client.send("PUT", "/shop/text", &[("If-Match", tag)], "").status,
            status,
            "{tag}"
        );
    }

    let part = ("Range", "bytes=2-5");
    let reply = client.send("GET", "/shop/text", &[gzip, part], "");
    assert_eq!((reply.status, reply.text()), (206, "text".to_owned()));
    assert_eq!(reply.header("content-encoding"), None);
    assert_eq!(reply.header("content-range"), Some(&*format!("bytes 2-5/{}", TEXT.len())));
    let only = ("Accept-Encoding", "gzip, identity;q=0");
    let reply = client.send("GET", "/shop/text", &[only, part], "");
    assert_eq!((reply.status, gunzipped(&reply)), (200, TEXT.to_owned()));
}

#[test]
fn curl_and_the_runner_read_what_is_coded() {
    let folder = Folder::new("coded", &[("specs/shop.yaml", SPEC)]);
    folder.write(
        "scenarios/shop/coded.yaml",
        "counterpart: 1\nvendor: shop\nscenarios:\n\
         - name: coded\n  steps:\n\
         \x20 - call: read\n    with: {headers: {Accept-Encoding: 'deflate, gzip;q=0.9'}}\n\
         \x20   expect: {status: 200, headers: {Content-Encoding: deflate}, text: 'a text, a text, a text, a text'}\n\
         \x20 - call: read\n    expect: {status: 200, text: 'a text, a text, a text, a text'}\n",
    );
    let (code, out, err) = folder.run(&["run"]);
    assert_eq!(code, Some(0), "{out}{err}");

    let (mock, _) = mock();
    let url = format!("{}/text", mock.url("shop"));
    let curl = Command::new("curl").args(["-sSi", "--noproxy", "*", "--compressed", &url]).output();
    let Ok(curl) = curl else {
        eprintln!("SKIPPED: there is no curl");
        assert!(std::env::var_os("CI").is_none(), "there is no curl");
        return;
    };
    let said = String::from_utf8_lossy(&curl.stdout).to_lowercase();
    assert!(
        said.contains("content-encoding: gzip") || said.contains("content-encoding: deflate"),
        "{said}"
    );
    assert!(said.ends_with(TEXT), "{said}");
}
