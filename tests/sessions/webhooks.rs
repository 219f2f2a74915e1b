//! Messages that go out: to listeners that take them, refuse them, hang and redirect.

use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};
use std::thread;

use counterpart::MockServer;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;

use super::later::{advance, json, mock, send, transfer};
use crate::support::client::Client;

const TAKEN: &str = "HTTP/1.1 204 No Content\r\n\r\n";

/// A listener that gives those answers, one to a connection, and tells what it got.
struct Hook {
    url: String,
    got: Receiver<(String, Vec<u8>)>,
}

impl Hook {
    fn new(answers: Vec<String>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/hook?from=test", listener.local_addr().unwrap());
        let (tell, got) = channel();
        thread::spawn(move || {
            for answer in answers {
                let (stream, _) = listener.accept().unwrap();
                tell.send(read(&stream)).unwrap();
                (&stream).write_all(answer.as_bytes()).unwrap();
            }
        });
        Self { url, got }
    }
}

/// The head and the body of a request.
fn read(stream: &TcpStream) -> (String, Vec<u8>) {
    let mut reader = BufReader::new(stream);
    let mut head = String::new();
    while reader.read_line(&mut head).unwrap() > 2 {}
    let length = head.lines().find_map(|line| line.strip_prefix("Content-Length: "));
    let mut body = vec![0; length.unwrap().parse().unwrap()];
    reader.read_exact(&mut body).unwrap();
    (head, body)
}

fn signature(key: &[u8], signed: &[u8]) -> String {
    let mut signature = Hmac::<Sha256>::new_from_slice(key).unwrap();
    signature.update(signed);
    let bytes = signature.finalize().into_bytes();
    bytes.iter().fold(String::new(), |mut hex, byte| {
        write!(hex, "{byte:02x}").unwrap();
        hex
    })
}

fn register(client: &mut Client, url: &str) {
    let hook = json!({"url": url, "secret": "whsec_1"});
    assert_eq!(send(client, "POST", "/transfers/hooks", &hook).status, 201);
}

/// The delivery of the last message.
fn delivery(client: &mut Client) -> Value {
    let outbox = json(client, "/_counterpart/outbox/transfers");
    outbox.as_array().unwrap().last().unwrap()["delivery"].clone()
}

fn started(url: &str) -> (MockServer, Client) {
    let mock = mock();
    let mut client = Client::new(mock.address());
    register(&mut client, url);
    transfer(&mut client, "PT1H");
    (mock, client)
}

#[test]
fn a_message_goes_out_to_the_byte_and_signed() {
    let hook = Hook::new(vec![TAKEN.to_owned()]);
    let (_mock, mut client) = started(&hook.url);
    assert_eq!(advance(&mut client, "PT2H").status, 200);
    // It has ended, so that nothing has to be waited for.
    let (head, body) = hook.got.try_recv().unwrap();
    let event: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(event["type"], "transfer.settled");
    assert_eq!(event["transfer"], 1);
    let signature = signature(b"whsec_1", &body);
    let lines: Vec<&str> = head.lines().collect();
    assert_eq!(lines[0], "POST /hook?from=test HTTP/1.1");
    assert!(lines.contains(&&*format!("X-Signature: sha256={signature}")), "{head}");
    assert!(lines.contains(&"Content-Type: application/json"), "{head}");
    assert!(lines.contains(&&*format!("X-Event-Id: {}", event["id"].as_str().unwrap())), "{head}");
    let delivery = delivery(&mut client);
    assert_eq!(delivery["state"], "delivered");
    assert_eq!(delivery["next"], Value::Null);
    assert_eq!(
        delivery["attempts"],
        json!([{"at": "2026-01-01T13:00:00Z", "status": 204, "outcome": "delivered"}])
    );
}

#[test]
fn what_was_not_taken_is_tried_again_by_the_clock() {
    let elsewhere = TcpListener::bind("127.0.0.1:0").unwrap();
    elsewhere.set_nonblocking(true).unwrap();
    let redirect = format!(
        "HTTP/1.1 307 Temporary Redirect\r\nLocation: http://{}/\r\nContent-Length: 0\r\n\r\n",
        elsewhere.local_addr().unwrap()
    );
    let failed = "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n".to_owned();
    let hook = Hook::new(vec![failed, redirect, TAKEN.to_owned(), TAKEN.to_owned()]);
    let (_mock, mut client) = started(&hook.url);
    let mut came = Vec::new();
    for (by, count, state) in [
        ("PT1H", 1, "pending"),
        ("PT59S", 1, "pending"),
        ("PT1S", 2, "pending"),
        ("PT59M59S", 2, "pending"),
        ("PT1S", 3, "delivered"),
        ("P9D", 3, "delivered"),
    ] {
        assert_eq!(advance(&mut client, by).status, 200);
        came.extend(hook.got.try_iter());
        assert_eq!(came.len(), count, "after {by}");
        assert_eq!(delivery(&mut client)["state"], state, "after {by}");
    }
    assert!(came.iter().all(|one| *one == came[0]), "each attempt is the same: {came:?}");
    let delivered = delivery(&mut client);
    let attempt = |at: &str, status: u16, outcome: &str| json!({"at": format!("2026-01-01T{at}Z"), "status": status, "outcome": outcome});
    assert_eq!(
        delivered["attempts"],
        json!([
            attempt("13:00:00", 500, "answered with 500"),
            attempt("13:01:00", 307, "answered with 307; redirects are not followed"),
            attempt("14:01:00", 204, "delivered"),
        ])
    );
    assert!(elsewhere.accept().is_err(), "a redirect was followed");
    // Back to before the transfer was made, and on: the same message once more.
    let rewind = json!({"before": 2});
    assert_eq!(send(&mut client, "POST", "/_counterpart/rewind", &rewind).status, 204);
    assert_eq!(json(&mut client, "/_counterpart/outbox/transfers"), json!([]));
    let noon = json!({"now": "2026-01-01T12:00:00Z"});
    assert_eq!(send(&mut client, "PUT", "/_counterpart/clock", &noon).status, 200);
    transfer(&mut client, "PT1H");
    assert_eq!(advance(&mut client, "PT1H").status, 200);
    assert_eq!(hook.got.try_recv().unwrap(), came[0]);
}

#[test]
fn a_target_that_refuses_is_given_up_after_the_last_attempt() {
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let (_mock, mut client) = started(&format!("http://{closed}"));
    assert_eq!(advance(&mut client, "P1D").status, 200);
    let delivery = delivery(&mut client);
    assert_eq!(delivery["state"], "failed");
    assert_eq!(delivery["next"], Value::Null);
    let attempts = delivery["attempts"].as_array().unwrap();
    let at: Vec<&str> = attempts.iter().map(|one| one["at"].as_str().unwrap()).collect();
    assert_eq!(at, ["2026-01-01T13:00:00Z", "2026-01-01T13:01:00Z", "2026-01-01T14:01:00Z"]);
    for attempt in attempts {
        assert_eq!(attempt["status"], Value::Null);
        let outcome = attempt["outcome"].as_str().unwrap();
        assert!(outcome.contains(&closed.to_string()), "{outcome}");
    }
}

#[test]
fn a_target_that_hangs_is_not_waited_for_without_end() {
    let hanging = TcpListener::bind("127.0.0.1:0").unwrap();
    let (_mock, mut client) = started(&format!("http://{}/", hanging.local_addr().unwrap()));
    assert_eq!(advance(&mut client, "PT1H").status, 200);
    let delivery = delivery(&mut client);
    assert_eq!(delivery["state"], "pending");
    assert_eq!(delivery["next"], "2026-01-01T13:01:00Z");
    assert_eq!(delivery["attempts"][0]["status"], Value::Null);
    let outcome = delivery["attempts"][0]["outcome"].as_str().unwrap();
    assert!(outcome.contains("timed out after"), "{outcome}");
}

#[test]
fn nothing_goes_to_another_machine_unless_it_may() {
    for (url, said) in [
        ("https://hooks.example/1", "`--allow-callbacks hooks.example`"),
        ("http://192.0.2.1:80/", "`--allow-callbacks 192.0.2.1`"),
        ("ftp://localhost/", "neither an http nor an https URL"),
        ("", "is not an absolute URL"),
    ] {
        let (_mock, mut client) = started(url);
        assert_eq!(advance(&mut client, "P1D").status, 200);
        let delivery = delivery(&mut client);
        assert_eq!(delivery["state"], "failed", "{url}");
        assert_eq!(delivery["attempts"].as_array().unwrap().len(), 1, "{url}: {delivery}");
        let outcome = delivery["attempts"][0]["outcome"].as_str().unwrap();
        assert!(outcome.contains(said), "{url}: {outcome}");
    }
}

/// What is sent has the time of its attempt where it looks at it, and is the same otherwise.
#[test]
fn each_attempt_is_signed_anew_where_its_time_is_signed() {
    let failed = "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n".to_owned();
    let hook = Hook::new(vec![failed.clone(), failed, TAKEN.to_owned()]);
    let mock = mock();
    let mut client = Client::new(mock.address());
    let timed = json!({"url": hook.url, "secret": "whsec_1", "timed": true});
    assert_eq!(send(&mut client, "POST", "/transfers/hooks", &timed).status, 201);
    transfer(&mut client, "PT1H");
    assert_eq!(advance(&mut client, "P1D").status, 200);
    let mut came = Vec::new();
    for (time, (head, body)) in ["13:00:00", "13:01:00", "14:01:00"].iter().zip(&hook.got) {
        let time = format!("2026-01-01T{time}Z");
        let signed = [format!("{time}.").as_bytes(), &body].concat();
        let lines: Vec<&str> = head.lines().collect();
        assert!(lines.contains(&&*format!("X-Sent: {time}")), "{head}");
        let signature = signature(b"whsec_1", &signed);
        assert!(lines.contains(&&*format!("X-Signature: v1={signature}")), "{head}");
        came.push(body);
    }
    assert_eq!(came.len(), 3);
    assert!(came.iter().all(|body| *body == came[0]), "what does not look at it is the same");
}

/// The mock's clock goes, and nobody asks anything.
#[test]
fn a_message_goes_out_by_itself() {
    let hook = Hook::new(vec![TAKEN.to_owned()]);
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vendors");
    let mock = MockServer::start(folder.join("transfers.yaml")).unwrap();
    let mut client = Client::new(mock.address());
    register(&mut client, &hook.url);
    transfer(&mut client, "PT0.2S");
    let (head, _) = hook.got.recv().unwrap();
    assert!(head.starts_with("POST /hook"), "{head}");
    // Whoever moves the clock waits until it is noted.
    assert_eq!(advance(&mut client, "PT0S").status, 200);
    assert_eq!(delivery(&mut client)["state"], "delivered");
}
