//! An upstream that speaks HTTP/2 and nothing else, by somebody else: that of node.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use super::made::Authority;
use super::support::client::{Client, Reply};
use super::support::folder::Folder;
use super::support::serving::{Serving, command};
use super::url;

/// The server, until the test is over.
struct Node(Child, String);

impl Node {
    fn start(arguments: &[&str]) -> Option<Self> {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/record/http2.js");
        let mut node = Command::new("node");
        node.arg(script).args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = match node.spawn() {
            Ok(process) => process,
            Err(error) => {
                assert!(std::env::var_os("CI").is_none(), "there is no node: {error}");
                println!("SKIPPED: there is no node: {error}");
                return None;
            }
        };
        let mut url = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut url).unwrap();
        Some(Self(process, url.trim().to_owned()))
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

fn ask(client: &mut Client, method: &str, path: &str, body: &str) -> Reply {
    let headers = [("Content-Type", "application/json"), ("Accept-Encoding", "gzip")];
    client.send(method, path, &headers, body)
}

fn json(reply: &Reply) -> Value {
    serde_json::from_slice(&reply.body).unwrap_or_default()
}

/// What passes from it: JSON, gzip, a large body, a stream bit by bit, all on one connection.
fn passes(server: &Serving, base: &str, scheme: &str) {
    let mut client = Client::new(server.address());
    let made = ask(&mut client, "POST", &format!("{base}/notes"), r#"{"text": "Buy bread"}"#);
    assert_eq!((made.status, json(&made)["id"].as_i64()), (201, Some(41)), "{}", made.text());
    let location = made.header("location").unwrap();
    assert_eq!(location, format!("{base}/notes/41"));
    let read = ask(&mut client, "GET", &format!("{base}/notes/41"), "");
    assert_eq!((read.status, read.header("content-encoding")), (200, Some("gzip")));
    assert_eq!(read.body.get(..2), Some(&[0x1f, 0x8b][..]), "it is gzip still");
    let large = ask(&mut client, "GET", &format!("{base}/large"), "");
    assert_eq!((large.status, large.body.len()), (200, 8 * 1024 * 1024));
    assert!(large.body.iter().all(|byte| *byte == b'x'));
    // The first half is here before the second one is asked for.
    let mut events = TcpStream::connect(server.address()).unwrap();
    write!(events, "GET {base}/events HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").unwrap();
    let mut got = Vec::new();
    while !String::from_utf8_lossy(&got).contains("data: one\n\n") {
        let mut some = [0; 1024];
        let count = events.read(&mut some).unwrap();
        assert_ne!(count, 0, "{}", String::from_utf8_lossy(&got));
        got.extend_from_slice(&some[..count]);
    }
    assert_eq!(ask(&mut client, "GET", &format!("{base}/go"), "").status, 200);
    events.read_to_end(&mut got).unwrap();
    assert!(String::from_utf8_lossy(&got).contains("data: two"), "all of it has come");
    let seen = json(&ask(&mut client, "GET", &format!("{base}/seen"), ""));
    assert_eq!(seen["connections"], 1, "it is kept: {seen}");
    assert_eq!(seen["scheme"], scheme, "{seen}");
    assert!(seen["authority"].as_str().unwrap().starts_with("localhost:"), "{seen}");
}

#[test]
fn with_tls_it_is_agreed_on_and_what_passed_is_recorded() {
    let folder = Folder::new("record-http2", &[]);
    let authority = Authority::new("it");
    let server = authority.sign("it", "localhost", 4000);
    for (name, text) in [
        ("ca.pem", &authority.certificate),
        ("it.pem", &server.certificate),
        ("it.key", &server.key),
    ] {
        folder.write(name, text);
    }
    let path = |name: &str| folder.0.join(name).to_str().unwrap().to_owned();
    let Some(there) = Node::start(&[&path("it.key"), &path("it.pem")]) else { return };
    let upstream = format!("it={}", there.1);
    let arguments = ["record", "--listen", "127.0.0.1:0", "--upstream", &upstream];
    let mut recorder =
        Serving::of(command(&folder, &[&arguments[..], &["--cacert", "ca.pem"]].concat()));
    passes(&recorder, &format!("/{}", url(&recorder).splitn(4, '/').nth(3).unwrap()), "https");
    let (code, said) = recorder.stop("-INT");
    assert_eq!(code, Some(0), "{said}");
    let scenario = folder.read("scenarios/it/recorded.yaml");
    for part in [
        "expect: {status: 200, body: {id: \"${note_id}\", text: Buy bread}}",
        "the body is not recorded: it is larger than 1 MiB",
        "data: one",
    ] {
        assert!(scenario.contains(part), "{part}: {scenario}");
    }
}

#[test]
fn without_tls_it_is_spoken_where_it_is_known_to_be() {
    let Some(there) = Node::start(&[]) else { return };
    let spec = super::SHOP.replace("vendor: shop", "vendor: it");
    let folder = Folder::new("record-h2c", &[("specs/it.yaml", &spec)]);
    let upstream = format!("it={}", there.1);
    let arguments = ["record", "--listen", "127.0.0.1:0", "--upstream", &upstream];
    // Without a word about it the client and the server do not understand each other.
    let plain = Serving::of(command(&folder, &arguments));
    let reply = ask(&mut Client::new(plain.address()), "GET", "/it/v1/seen", "");
    assert_eq!(reply.status, 502, "{}", reply.text());
    drop(plain);
    let Some(there) = Node::start(&[]) else { return };
    let upstream = format!("it={}", there.1);
    let arguments = ["record", "--listen", "127.0.0.1:0", "--upstream", &upstream];
    let knows = [&arguments[..], &["--upstream-http2"]].concat();
    passes(&Serving::of(command(&folder, &knows)), "/it/v1", "http");
    let Some(there) = Node::start(&[]) else { return };
    let fallback = format!("it={}", there.1);
    passes(
        &Serving::start(&folder, &["--fallback", &fallback, "--upstream-http2"]),
        "/it/v1",
        "http",
    );
}
