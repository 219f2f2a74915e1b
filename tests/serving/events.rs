//! The stream of events.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use counterpart::MockServer;

use crate::SPEC;
use crate::support::client::Client;

struct Events(BufReader<TcpStream>);

impl Events {
    fn open(address: SocketAddr, path: &str) -> Self {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(Duration::from_mins(1))).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nhost: localhost\r\n\r\n").unwrap();
        let mut events = Self(BufReader::new(stream));
        // Whatever happens from here on is told.
        events.until(": what happens from now on");
        events
    }

    fn until(&mut self, wanted: &str) -> String {
        loop {
            let mut line = String::new();
            let read = self.0.read_line(&mut line).unwrap();
            assert!(read > 0, "it ends before {wanted:?}");
            if line.contains(wanted) {
                return line;
            }
        }
    }
}

#[test]
fn requests_and_changes_are_told_as_they_happen() {
    let mock = MockServer::builder().spec_text("alpha", SPEC).start().unwrap();
    let mut all = Events::open(mock.address(), "/_counterpart/events");
    let mut mine = Events::open(mock.address(), "/@mine/_counterpart/events");
    let mut client = Client::new(mock.address());
    client.send("GET", "/alpha/v1/shelves", &[], "");
    client.send("POST", "/@mine/alpha/v1/shelves?key=nokey", &[], "");
    client.send("POST", "/@mine/_counterpart/reset", &[], "");
    let first = all.until("data: ");
    assert!(first.contains(r#""event":"request""#), "{first}");
    assert!(first.contains(r#""operation":"list_shelves""#), "{first}");
    assert!(all.until("data: ").contains(r#""session":"mine""#));
    assert!(all.until("event: ").contains("changed"));
    let first = mine.until("data: ");
    assert!(first.contains(r#""operation":"add_shelf""#) && first.contains("key=***"), "{first}");
    assert!(mine.until("data: ").contains("POST reset"));
}

#[test]
fn many_who_never_read_hold_up_nobody() {
    let mock = MockServer::builder().spec_text("alpha", SPEC).start().unwrap();
    let mut idle: Vec<_> =
        (0..20).map(|_| Events::open(mock.address(), "/_counterpart/events")).collect();
    let mut client = Client::new(mock.address());
    for _ in 0..500 {
        assert_eq!(client.send("GET", "/alpha/v1/shelves", &[], "").status, 200);
    }
    client.send("GET", "/the-last-one", &[], "");
    // Whoever reads at last comes to what is new, whatever was left out before.
    let mut last = idle.pop().unwrap();
    drop(idle);
    last.until("/the-last-one");
}

#[test]
fn who_wants_few_requests_is_told_of_the_newest_and_of_all_else() {
    let mock = MockServer::builder().spec_text("alpha", SPEC).start().unwrap();
    let mut few = Events::open(mock.address(), "/_counterpart/events?most=10");
    let mut client = Client::new(mock.address());
    for at in 0..200 {
        client.send("GET", &format!("/alpha/v1/shelves?at={at}"), &[], "");
        if at == 100 {
            client.send("POST", "/_counterpart/reset", &[], "");
        }
    }
    client.send("GET", "/the-last-one", &[], "");
    let (mut requests, mut missed, mut changed) = (0, 0, 0);
    loop {
        let line = few.until("data: ");
        let data: serde_json::Value = serde_json::from_str(&line["data: ".len()..]).unwrap();
        match data["event"].as_str() {
            Some("request") => requests += 1,
            Some("missed") => missed += data["count"].as_u64().unwrap(),
            Some("changed") => changed += 1,
            _ => {}
        }
        if line.contains("/the-last-one") {
            break;
        }
    }
    assert_eq!((requests + missed, changed), (201, 1));
    let refused = client.send("GET", "/_counterpart/events?most=few", &[], "");
    assert_eq!(refused.status, 400);
}
