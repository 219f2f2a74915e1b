//! What large requests cost, seen from outside: the memory of the program, and the patience of
//! others.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use std::fs;
use std::net::SocketAddr;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use counterpart::unstable::exchange::{Answer, Handler, Request, TransportFailure};
use counterpart::unstable::serve::{ServeOptions, Server};
use http::StatusCode;
use support::client::{Client, Connection};
use support::served::Served;

const MIB: usize = 1024 * 1024;
/// What a program does with memory that has nothing to do with a request.
const SLACK: usize = 4 * MIB;
/// Memory is given back in seconds, on a busy machine in many more.
const PATIENCE: Duration = Duration::from_mins(5);

/// A line of what the system says of the program, in bytes.
fn memory(served: &Served, line: &str) -> usize {
    let status = fs::read_to_string(format!("/proc/{}/status", served.id())).unwrap();
    let value = status.lines().find_map(|l| l.strip_prefix(line)?.strip_prefix(':'));
    let kilobytes = value.and_then(|value| value.trim().strip_suffix(" kB")).unwrap();
    kilobytes.parse::<usize>().unwrap() * 1024
}

/// Waits until the program holds no more than that.
fn wait_until_given_back(served: &Served, most: usize) {
    let began = Instant::now();
    loop {
        let held = memory(served, "VmRSS");
        if held <= most {
            return;
        }
        assert!(began.elapsed() < PATIENCE, "it holds {held} bytes, {most} at most are expected");
        thread::sleep(Duration::from_millis(50));
    }
}

/// Contacts that are nothing but that item, again and again.
fn contacts(item: &str, bytes: usize) -> String {
    let items = vec![item; bytes / (item.len() + 1)];
    format!("{{\"contacts\":[{}]}}", items.join(","))
}

#[test]
fn a_request_takes_at_most_twenty_times_its_body_and_gives_it_back() {
    for item in ["{}", "0", "\"a\"", "{\"mail\":\"\"}"] {
        let served = Served::start(env!("CARGO_BIN_EXE_counterpart-mock"));
        let send = |body: &str| {
            let headers =
                [("Authorization", "Bearer quentn-key"), ("Content-Type", "application/json")];
            let path = "/quentn/public/api/v1/contacts";
            served.client().send("POST", path, &headers, body)
        };
        assert_eq!(send("{}").status, 400);
        let before = memory(&served, "VmRSS");
        let body = contacts(item, MIB);
        assert_eq!(send(&body).status, 400, "{item}");
        let peak = memory(&served, "VmHWM") - before;
        assert!(peak <= 20 * body.len() + SLACK, "{item}: {peak} bytes for {}", body.len());
        // The journal keeps the body.
        wait_until_given_back(&served, before + body.len() + SLACK);
    }
}

#[test]
fn sessions_give_back_what_they_held() {
    let served = Served::start(env!("CARGO_BIN_EXE_counterpart-mock"));
    let mut client = served.client();
    let headers = [("Content-Type", "application/json")];
    let rows: Vec<String> = (0..1_000).map(|n| format!("{{\"name\":\"term {n}\"}}")).collect();
    let rows = format!("[{}]", rows.join(","));
    let mut fill = |session: usize| {
        let path = format!("/@s{session}/_counterpart/state/quentn/terms");
        assert_eq!(client.send("PUT", &path, &headers, &rows).status, 200);
    };
    fill(0);
    let before = memory(&served, "VmRSS");
    (1..200).for_each(&mut fill);
    let held = memory(&served, "VmRSS") - before;
    assert!(held > 12 * SLACK, "{held} bytes for 199,000 rows");
    // One half is reset, the other dropped.
    for session in 0..100 {
        let path = format!("/@s{session}/_counterpart/reset");
        assert_eq!(client.send("POST", &path, &headers, "").status, 204);
    }
    let names: Vec<String> = (100..200).map(|session| format!("\"s{session}\"")).collect();
    let names = format!("{{\"names\":[{}]}}", names.join(","));
    assert_eq!(client.send("POST", "/_counterpart/sessions/drop", &headers, &names).status, 200);
    wait_until_given_back(&served, before + SLACK + held / 5);
}

/// Keeps large requests waiting until it is told otherwise.
struct Holding {
    began: Mutex<Sender<()>>,
    go: Mutex<Receiver<()>>,
}

impl Handler for Holding {
    fn handle(&self, request: Request, _: SocketAddr) -> Answer {
        if request.path() == "/large" {
            self.began.lock().unwrap().send(()).unwrap();
            self.go.lock().unwrap().recv().unwrap();
        }
        Answer::empty(StatusCode::NO_CONTENT)
    }

    fn refuse(&self, _: Request, failure: TransportFailure, _: SocketAddr) -> Answer {
        Answer::empty(failure.status())
    }
}

#[test]
fn others_are_answered_while_large_requests_are_at_work() {
    const MANY: usize = 16;
    let ((began, first), (go, told)) = (channel(), channel());
    let handler = Holding { began: Mutex::new(began), go: Mutex::new(told) };
    let server = Server::start(Arc::new(handler), ServeOptions::default()).unwrap();
    let body = vec![b' '; 300 * 1024];
    let large: Vec<_> = (0..MANY)
        .map(|_| {
            let (address, body) = (server.address(), body.clone());
            thread::spawn(move || Client::new(address).send("POST", "/large", &[], body).status)
        })
        .collect();
    first.recv().unwrap();
    // Not one of the large ones can end before these have been answered.
    for _ in 0..100 {
        let mut connection = Connection::open(server.address()).unwrap();
        let reply = connection.exchange(b"GET /small HTTP/1.1\r\nhost: h\r\n\r\n", "GET");
        assert_eq!(reply.unwrap().status, 204);
    }
    for _ in 0..MANY {
        go.send(()).unwrap();
    }
    for one in large {
        assert_eq!(one.join().unwrap(), 204);
    }
}
