//! The HTTP layer against clients that behave, that do not, and that are slow.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use std::io::Write as _;
use std::net::{Shutdown, SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use counterpart::unstable::exchange::{Answer, Handler, Request, TransportFailure};
use counterpart::unstable::serve::{ServeOptions, Server};
use http::{HeaderValue, StatusCode};
use support::client::{Client, Connection};

/// Answers with what it got, and counts.
#[derive(Default)]
struct Echo {
    handled: AtomicUsize,
    refused: AtomicUsize,
}

impl Handler for Echo {
    fn handle(&self, request: Request, local: SocketAddr) -> Answer {
        self.handled.fetch_add(1, Ordering::SeqCst);
        match request.path() {
            "/panic" => panic!("asked to"),
            "/interim" => return Answer::empty(StatusCode::CONTINUE),
            "/empty" => return Answer::empty(StatusCode::OK),
            "/none" => {
                return Answer { body: "ignored".into(), ..Answer::empty(StatusCode::NO_CONTENT) };
            }
            _ => {}
        }
        let host = request.headers.get("host").and_then(|host| host.to_str().ok()).unwrap_or("-");
        let mut body =
            format!("{} {} {host} {local}\n", request.method, request.target).into_bytes();
        body.extend_from_slice(&request.body);
        let mut answer = Answer { body: body.into(), ..Answer::empty(StatusCode::OK) };
        // A handler that lies about the length is not believed.
        answer.headers.insert("content-length", HeaderValue::from_static("3"));
        answer
    }

    fn refuse(&self, request: Request, failure: TransportFailure, _: SocketAddr) -> Answer {
        assert!(request.body.is_empty());
        self.refused.fetch_add(1, Ordering::SeqCst);
        let body = format!("refused {}: {failure:?}", request.target);
        Answer { body: body.into(), ..Answer::empty(failure.status()) }
    }
}

fn start(options: ServeOptions) -> (Server, Arc<Echo>) {
    let echo = Arc::new(Echo::default());
    (Server::start(echo.clone(), options).unwrap(), echo)
}

fn open(server: &Server) -> Connection {
    Connection::open(server.address()).unwrap()
}

fn small() -> ServeOptions {
    ServeOptions { body_limit: 1000, ..ServeOptions::default() }
}

#[test]
fn a_request_arrives_whole_and_its_answer_has_length_and_date() {
    let (server, _) = start(ServeOptions::default());
    let mut client = Client::new(server.address());
    let reply = client.send("POST", "/a%20b?c=%2F&d", &[("Host", "vendor.test")], "the body");
    assert_eq!(reply.status, 200);
    let first = format!("POST /a%20b?c=%2F&d vendor.test {}\n", server.address());
    assert_eq!(reply.text(), first + "the body");
    assert_eq!(reply.header("content-length"), Some(reply.body.len().to_string().as_str()));
    assert!(reply.header("date").is_some());
    assert_eq!(reply.header("content-type"), None);
}

#[test]
fn a_chunked_body_arrives_whole_and_trailers_are_dropped() {
    let (server, _) = start(ServeOptions::default());
    let mut connection = open(&server);
    let request = b"POST /x HTTP/1.1\r\nhost: h\r\ntransfer-encoding: chunked\r\n\r\n\
        3\r\nabc\r\n4;note=1\r\ndefg\r\n3\r\nhij\r\n0\r\nt: 1\r\n\r\n";
    let reply = connection.exchange(request, "POST").unwrap();
    assert!(reply.text().ends_with("\nabcdefghij"), "{}", reply.text());
}

#[test]
fn an_absolute_target_stands_above_the_host_field() {
    let (server, _) = start(ServeOptions::default());
    let request = b"GET http://real.test/x?y HTTP/1.1\r\nhost: other.test\r\n\r\n";
    let reply = open(&server).exchange(request, "GET").unwrap();
    assert!(reply.text().starts_with("GET /x?y real.test "), "{}", reply.text());
}

#[test]
fn one_connection_serves_many_requests_and_ends_when_asked() {
    let (server, echo) = start(ServeOptions::default());
    let mut connection = open(&server);
    for index in 0..5 {
        let request = format!("POST /{index} HTTP/1.1\r\nhost: h\r\ncontent-length: 1\r\n\r\n!");
        let reply = connection.exchange(request.as_bytes(), "POST").unwrap();
        assert!(reply.text().starts_with(&format!("POST /{index} ")));
    }
    let last = b"GET /last HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n";
    assert_eq!(connection.exchange(last, "GET").unwrap().header("connection"), Some("close"));
    assert!(connection.is_closed());
    assert_eq!(echo.handled.load(Ordering::SeqCst), 6);
}

#[test]
fn pipelined_requests_are_answered_in_order() {
    let (server, _) = start(ServeOptions::default());
    let mut connection = open(&server);
    let many: Vec<String> = (0..100)
        .map(|i| format!("POST /{i} HTTP/1.1\r\nhost: h\r\ncontent-length: 2\r\n\r\nab"))
        .collect();
    connection.write(many.concat()).unwrap();
    for index in 0..100 {
        let reply = connection.reply("POST").unwrap();
        assert!(reply.text().starts_with(&format!("POST /{index} ")), "{}", reply.text());
    }
}

#[test]
fn a_client_that_closed_its_half_is_answered() {
    let (server, _) = start(ServeOptions::default());
    let raw = Client::new(server.address()).raw("GET /half HTTP/1.1\r\nhost: h\r\n\r\n");
    assert!(String::from_utf8_lossy(&raw).contains("GET /half h"));
}

#[test]
fn answers_without_a_body_say_so() {
    let (server, _) = start(ServeOptions::default());
    let mut client = Client::new(server.address());
    let whole = client.send("GET", "/abc", &[], "");
    let head = client.send("HEAD", "/abc", &[], "");
    assert_eq!(head.header("content-length"), Some((whole.body.len() + 1).to_string().as_str()));
    // The connection is still in step, so no body followed.
    assert_eq!(client.send("GET", "/empty", &[], "").header("content-length"), Some("0"));
    let none = client.send("GET", "/none", &[], "");
    assert_eq!((none.status, none.header("content-length")), (204, None));
    assert_eq!(client.send("GET", "/abc", &[], ""), whole);
}

#[test]
fn a_body_that_waits_for_leave_gets_it() {
    let (server, _) = start(ServeOptions::default());
    let mut connection = open(&server);
    connection
        .write("POST /e HTTP/1.1\r\nhost: h\r\nexpect: 100-continue\r\ncontent-length: 2\r\n\r\n")
        .unwrap();
    assert_eq!(connection.reply("POST").unwrap().status, 100);
    connection.write("ok").unwrap();
    assert!(connection.reply("POST").unwrap().text().ends_with("\nok"));
}

#[test]
fn a_body_that_is_announced_too_large_is_refused_before_it_is_sent() {
    let (server, echo) = start(small());
    let mut connection = open(&server);
    let request = b"POST /e HTTP/1.1\r\nhost: h\r\nexpect: 100-continue\r\n\
        content-length: 1001\r\n\r\n";
    let reply = connection.exchange(request, "POST").unwrap();
    assert_eq!((reply.status, reply.header("connection")), (413, Some("close")));
    assert_eq!(reply.text(), "refused /e: BodyTooLarge { limit: 1000 }");
    assert!(connection.is_closed());
    assert_eq!(echo.handled.load(Ordering::SeqCst), 0);
}

#[test]
fn a_client_that_sends_a_huge_body_before_it_reads_sees_the_refusal() {
    let (server, echo) = start(small());
    let huge = vec![b'x'; 8 * 1024 * 1024];
    let sized = format!("POST /s HTTP/1.1\r\nhost: h\r\ncontent-length: {}\r\n\r\n", huge.len());
    let chunk = format!("{:x}\r\n", huge.len());
    let chunked =
        format!("POST /c HTTP/1.1\r\nhost: h\r\ntransfer-encoding: chunked\r\n\r\n{chunk}");
    for (head, end) in [(sized, ""), (chunked, "\r\n0\r\n\r\n")] {
        let mut connection = open(&server);
        connection.write(head).unwrap();
        connection.write(&huge).unwrap();
        connection.write(end).unwrap();
        let reply = connection.reply("POST").unwrap();
        assert_eq!(reply.status, 413);
        assert!(reply.text().ends_with("BodyTooLarge { limit: 1000 }"), "{}", reply.text());
        assert!(connection.is_closed());
    }
    assert_eq!(echo.refused.load(Ordering::SeqCst), 2);
    assert_eq!(echo.handled.load(Ordering::SeqCst), 0);
}

#[test]
fn a_body_of_exactly_the_limit_is_taken() {
    let (server, _) = start(small());
    let mut client = Client::new(server.address());
    assert_eq!(client.send("POST", "/", &[], vec![b'x'; 1000]).status, 200);
    assert_eq!(client.send("POST", "/", &[], vec![b'x'; 1001]).status, 413);
    assert_eq!(client.send("POST", "/", &[], "x").status, 200);
}

#[test]
fn a_body_that_is_cut_off_or_broken_is_never_taken_as_whole() {
    let (server, echo) = start(ServeOptions::default());
    let client = Client::new(server.address());
    let chunked = "POST /t HTTP/1.1\r\nhost: h\r\ntransfer-encoding: chunked\r\n\r\n";
    let sized = "POST /t HTTP/1.1\r\nhost: h\r\ncontent-length: 5\r\n\r\n";
    let cases = [
        (chunked, "3\r\nabc\r\n", "BodyIncomplete"),
        (chunked, "3\r\nab", "BodyIncomplete"),
        (chunked, "3\r\nabc\r\n0\r\n", "BodyIncomplete"),
        (chunked, "", "BodyIncomplete"),
        (chunked, "nonsense\r\nabc\r\n0\r\n\r\n", "BodyMalformed"),
        (chunked, "3\r\nabcd\r\n0\r\n\r\n", "BodyMalformed"),
        (sized, "abcd", "BodyIncomplete"),
    ];
    for (head, body, failure) in cases {
        let raw = client.raw(format!("{head}{body}"));
        let raw = String::from_utf8_lossy(&raw);
        assert!(raw.starts_with("HTTP/1.1 400 "), "{body:?}: {raw}");
        assert!(raw.ends_with(&format!("refused /t: {failure}")), "{body:?}: {raw}");
    }
    assert_eq!(echo.handled.load(Ordering::SeqCst), 0);
    assert_eq!(echo.refused.load(Ordering::SeqCst), cases.len());
}

#[test]
fn a_request_that_could_be_read_in_two_ways_is_not_read_at_all() {
    let (server, echo) = start(ServeOptions::default());
    let client = Client::new(server.address());
    let cases = [
        "POST / HTTP/1.1\r\nhost: h\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab",
        "POST / HTTP/1.1\r\nhost: h\r\ncontent-length: +1\r\n\r\na",
        "POST / HTTP/1.1\r\nhost: h\r\ntransfer-encoding: gzip\r\n\r\na",
        "POST / HTTP/1.1\r\nhost : h\r\n\r\n",
        "GET /a b HTTP/1.1\r\nhost: h\r\n\r\n",
        "nonsense\r\n\r\n",
    ];
    for request in cases {
        let raw = client.raw(request);
        assert!(raw.starts_with(b"HTTP/1.1 400 "), "{request:?}: {raw:?}");
    }
    assert_eq!(echo.handled.load(Ordering::SeqCst), 0);
}

#[test]
fn a_head_that_is_too_large_gets_431() {
    let (server, echo) = start(ServeOptions::default());
    let line = |size: usize| format!("long: {}\r\n", "x".repeat(size));
    let many: Vec<String> = (0..101).map(|index| format!("f{index}: 1\r\n")).collect();
    let cases = [
        (line(60 * 1024), "200"),
        (line(70 * 1024), "431"),
        (line(3 * 1024 * 1024), "431"),
        (line(1024).repeat(70), "431"),
        (many.concat(), "431"),
    ];
    for (fields, status) in cases {
        let mut connection = open(&server);
        connection
            .write(format!("GET / HTTP/1.1\r\nhost: h\r\nconnection: close\r\n{fields}\r\n"))
            .unwrap();
        let raw = connection.rest();
        let expected = format!("HTTP/1.1 {status} ");
        assert!(raw.starts_with(expected.as_bytes()), "{}: {raw:?}", fields.len());
    }
    assert_eq!(echo.handled.load(Ordering::SeqCst), 1);
}

#[test]
fn a_slow_head_is_not_waited_for() {
    let head_timeout = Duration::from_millis(60);
    let (server, echo) = start(ServeOptions { head_timeout, ..ServeOptions::default() });
    for sent in ["", "G", "GET / HTTP/1.1\r\nhost: h\r\n"] {
        let mut connection = open(&server);
        connection.write(sent).unwrap();
        assert!(connection.is_closed(), "{sent:?}");
    }
    assert_eq!(echo.handled.load(Ordering::SeqCst), 0);
}

#[test]
fn a_head_that_trickles_has_one_deadline_and_not_one_for_each_byte() {
    let head_timeout = Duration::from_millis(100);
    let (server, _) = start(ServeOptions { head_timeout, ..ServeOptions::default() });
    let mut connection = open(&server);
    connection.write("GET / HTTP/1.1\r\n").unwrap();
    let mut trickle = connection.stream.try_clone().unwrap();
    let writer = thread::spawn(move || {
        // Each byte comes well within the time; writing fails once the server has closed.
        (0..10_000).any(|_| {
            thread::park_timeout(Duration::from_millis(10));
            trickle.write_all(b"a").is_err()
        })
    });
    assert!(connection.is_closed());
    assert!(writer.join().unwrap(), "it is still open");
}

#[test]
fn an_idle_connection_is_closed_later_than_a_slow_head() {
    let (head_timeout, idle_timeout) = (Duration::from_millis(250), Duration::from_secs(1));
    let (server, _) = start(ServeOptions { head_timeout, idle_timeout, ..ServeOptions::default() });
    let mut connection = open(&server);
    let request = b"GET / HTTP/1.1\r\nhost: h\r\n\r\n";
    assert_eq!(connection.exchange(request, "GET").unwrap().status, 200);
    let answered = Instant::now();
    assert!(connection.is_closed());
    assert!(answered.elapsed() >= Duration::from_millis(700), "{:?}", answered.elapsed());
}

#[test]
fn a_body_that_stands_still_is_refused_with_408() {
    let body_timeout = Duration::from_millis(60);
    let (server, echo) = start(ServeOptions { body_timeout, ..ServeOptions::default() });
    let mut connection = open(&server);
    let request = b"POST /slow HTTP/1.1\r\nhost: h\r\ncontent-length: 5\r\n\r\nab";
    let reply = connection.exchange(request, "POST").unwrap();
    assert_eq!((reply.status, reply.header("connection")), (408, Some("close")));
    assert_eq!(reply.text(), "refused /slow: BodyTimedOut { after: 60ms }");
    assert!(connection.is_closed());
    assert_eq!(echo.handled.load(Ordering::SeqCst), 0);
}

#[test]
fn a_handler_that_panics_or_answers_nonsense_gives_500_and_the_next_request_is_served() {
    let (server, _) = start(ServeOptions::default());
    let mut client = Client::new(server.address());
    assert_eq!(client.send("GET", "/panic", &[], "").status, 500);
    assert_eq!(client.send("GET", "/interim", &[], "").status, 500);
    assert_eq!(client.send("GET", "/after", &[], "").status, 200);
}

#[test]
fn sixty_four_connections_are_served_in_parallel() {
    let (server, echo) = start(ServeOptions::default());
    let address = server.address();
    // All are open before the first request is sent.
    let connections: Vec<_> = (0..64).map(|_| open(&server)).collect();
    let threads: Vec<_> = connections
        .into_iter()
        .enumerate()
        .map(|(index, mut connection)| {
            thread::spawn(move || {
                for round in 0..20 {
                    let target = format!("/{index}/{round}");
                    let request = format!(
                        "POST {target} HTTP/1.1\r\nhost: h\r\ncontent-length: 3\r\n\r\nabc"
                    );
                    let reply = connection.exchange(request.as_bytes(), "POST").unwrap();
                    assert_eq!(reply.text(), format!("POST {target} h {address}\nabc"));
                }
            })
        })
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
    assert_eq!(echo.handled.load(Ordering::SeqCst), 64 * 20);
}

#[test]
fn a_connection_that_does_nothing_makes_room_for_another() {
    let (server, _) = start(ServeOptions { connections: 8, ..ServeOptions::default() });
    let request = b"GET / HTTP/1.1\r\nhost: h\r\n\r\n";
    // Some have never asked for anything, and some only wait for their next request.
    let mut idle: Vec<Connection> = (0..8).map(|_| open(&server)).collect();
    for used in &mut idle[4..] {
        assert_eq!(used.exchange(request, "GET").unwrap().status, 200);
    }
    let mut newer: Vec<Connection> = (0..6).map(|_| open(&server)).collect();
    for newcomer in &mut newer {
        assert_eq!(newcomer.exchange(request, "GET").unwrap().status, 200);
    }
    // Those that did nothing for longest went first.
    for first in &mut idle[..4] {
        assert!(first.is_closed());
    }
    assert_eq!(idle[7].exchange(request, "GET").unwrap().status, 200);
}

#[test]
fn connections_in_use_do_not_make_room() {
    let (server, _) = start(ServeOptions { connections: 2, ..ServeOptions::default() });
    let request = b"GET / HTTP/1.1\r\nhost: h\r\n\r\n";
    let half = b"POST / HTTP/1.1\r\nhost: h\r\ncontent-length: 2\r\n\r\na";
    let (mut first, mut second) = (open(&server), open(&server));
    first.write(half).unwrap();
    second.write(b"GET / HTTP/1.1\r\n").unwrap();
    let mut third = open(&server);
    third.write(request).unwrap();
    third.stream.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
    assert!(third.reply("GET").is_err());
    first.write(b"b").unwrap();
    assert_eq!(first.reply("POST").unwrap().status, 200);
    second.write(b"host: h\r\n\r\n").unwrap();
    assert_eq!(second.reply("GET").unwrap().status, 200);
    third.stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    assert_eq!(third.reply("GET").unwrap().status, 200);
}

#[test]
fn slow_heads_and_bodies_make_room_where_there_is_none() {
    let request = b"GET / HTTP/1.1\r\nhost: h\r\n\r\n";
    let head: &[u8] = b"GET / HTTP/1.1\r\n";
    let body: &[u8] = b"POST /half HTTP/1.1\r\nhost: h\r\ncontent-length: 9\r\n\r\na";
    for begun in [head, body] {
        // Whatever else there is an end to is far away.
        let (long, linger) = (Duration::from_hours(1), Duration::from_millis(100));
        let timeouts =
            ServeOptions { head_timeout: long, body_timeout: long, ..ServeOptions::default() };
        let (server, _) = start(ServeOptions { connections: 4, linger, ..timeouts });
        let mut slow: Vec<Connection> = (0..4).map(|_| open(&server)).collect();
        for one in &mut slow {
            one.write(begun).unwrap();
        }
        let mut newcomer = open(&server);
        assert_eq!(newcomer.exchange(request, "GET").unwrap().status, 200);
        // One of them has to go, and the others go on.
        let is_closed = |one: &mut Connection| {
            one.stream.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
            one.stream.peek(&mut [0]).is_ok()
        };
        let gone = slow.iter_mut().position(is_closed).expect("one made room");
        let mut gone = slow.remove(gone);
        gone.stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        if begun == body {
            let reply = gone.reply("POST").unwrap();
            assert_eq!((reply.status, reply.header("connection")), (408, Some("close")));
            assert!(reply.text().starts_with("refused /half: BodyTooSlow"), "{}", reply.text());
        }
        assert!(gone.is_closed());
        for mut one in slow {
            one.stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
            one.write(if begun == body { b"23456789" as &[u8] } else { b"host: h\r\n\r\n" })
                .unwrap();
            assert_eq!(one.reply("GET").unwrap().status, 200);
        }
    }
}

#[test]
fn dropping_the_server_frees_the_port_and_ends_idle_connections() {
    // Nothing is in flight, so nothing has the time that it would have.
    let grace = Duration::from_hours(1);
    let (server, _) = start(ServeOptions { grace, ..ServeOptions::default() });
    let address = server.address();
    let (mut fresh, mut used) = (open(&server), open(&server));
    let request = b"GET / HTTP/1.1\r\nhost: h\r\n\r\n";
    assert_eq!(used.exchange(request, "GET").unwrap().status, 200);
    drop(server);
    assert!(fresh.is_closed() && used.is_closed());
    assert!(Connection::open(address).is_err());
    TcpListener::bind(address).unwrap();
}

#[test]
fn a_request_in_flight_is_finished_before_the_server_stops() {
    let (server, _) = start(ServeOptions::default());
    let mut connection = open(&server);
    let head =
        "POST /last HTTP/1.1\r\nhost: h\r\nexpect: 100-continue\r\ncontent-length: 2\r\n\r\n";
    connection.write(head).unwrap();
    // The interim answer shows that the request has been taken.
    assert_eq!(connection.reply("POST").unwrap().status, 100);
    let stopper = thread::spawn(move || drop(server));
    connection.write("ok").unwrap();
    let reply = connection.reply("POST").unwrap();
    assert!(reply.text().ends_with("\nok"));
    assert!(connection.is_closed());
    stopper.join().unwrap();
}

#[test]
fn a_request_that_never_ends_does_not_keep_the_server_from_stopping() {
    let grace = Duration::from_millis(100);
    let (server, _) = start(ServeOptions { grace, ..ServeOptions::default() });
    let mut connection = open(&server);
    connection
        .write("POST /x HTTP/1.1\r\nhost: h\r\nexpect: 100-continue\r\ncontent-length: 2\r\n\r\n")
        .unwrap();
    assert_eq!(connection.reply("POST").unwrap().status, 100);
    drop(server);
    connection.stream.shutdown(Shutdown::Both).ok();
}

#[test]
fn a_taken_port_is_an_error() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    let error = Server::bind(address, ServeOptions::default()).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::AddrInUse);
}
