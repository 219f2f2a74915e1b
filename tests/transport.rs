//! Targets that misbehave: each is a failed step that says what happened and when, within the
//! timeout, and never a pass.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod support;

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use counterpart::Source;
use counterpart::unstable::check::check_sources;
use counterpart::unstable::check::scenario::{Options as Strictness, check_source};
use counterpart::unstable::run::event::{MismatchKind, Stage, StepResult, TrialResult, Verdict};
use counterpart::unstable::run::{Options, Runner, Target};
use support::canned::{Canned, whole};

const SPEC: &str = "
counterpart: 1
vendor: library
servers: [{url: https://library.example}]
mediaTypes: {application/json: {wire: json}}
produces: [application/json]
operations:
  - {operationId: read, method: GET, path: /, steps: [{respond: {status: 200}}]}
";

const SCENARIO: &str = "
counterpart: 1
vendor: library
scenarios:
  - name: one request
    steps:
      - call: read
        expect: {status: 200}
";

fn options() -> Options {
    Options {
        request_timeout: Duration::from_millis(300),
        largest_body: 1024 * 1024,
        ..Options::default()
    }
}

fn run(url: &str, options: Options, scenario: &str) -> TrialResult {
    let service = Arc::new(check_sources(&[Source::new("library", SPEC)]).unwrap().service);
    let source = Source::new("transport.yaml", scenario);
    let suite = match check_source(&source, &service, Strictness::RUN) {
        Ok(checked) => checked.suite,
        Err(found) => panic!("{found:#?}"),
    };
    let runner = Runner::new(vec![service], Some(Target::endpoint(url).unwrap()), options);
    let scenario = &suite.scenarios[0];
    runner.run(&suite, scenario, &scenario.rows[0])
}

/// The one failed step, in good time.
fn failed(url: &str) -> StepResult {
    let started = Instant::now();
    let mut result = run(url, options(), SCENARIO);
    assert!(started.elapsed() < Duration::from_mins(1), "{:?}", started.elapsed());
    assert_eq!(result.verdict, Verdict::Failed);
    assert_eq!(result.steps.len(), 1);
    result.steps.remove(0)
}

fn said(url: &str) -> String {
    let step = failed(url);
    assert_eq!(step.mismatches.len(), 1, "{:?}", step.mismatches);
    let kind = step.mismatches[0].kind;
    assert!(matches!(kind, MismatchKind::Transport | MismatchKind::Protocol), "{kind:?}");
    assert!(step.request.unwrap().curl.starts_with("curl "));
    step.mismatches[0].message.clone()
}

#[test]
fn nobody_listens() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    assert_eq!(said(&url), format!("{url} refused the connection"));
}

#[test]
fn the_name_has_no_address() {
    let message = said("http://no-such-host.invalid");
    let expected = [
        "the name `no-such-host.invalid` has no address",
        "timed out after 300 ms waiting for the connection",
    ];
    assert!(expected.iter().any(|expected| message.starts_with(expected)), "{message}");
}

#[test]
fn what_the_wire_does_is_said() {
    let cases: Vec<(&str, &[u8], &str)> = vec![
        ("closes at once", b"", "the connection was closed without an answer"),
        (
            "closes in the middle of the head",
            b"HTTP/1.1 200 OK\r\nContent-Le",
            "the connection was closed in the middle of the answer's head, after 27 bytes",
        ),
        (
            "half a body",
            b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhello",
            "the connection was closed after 5 of 100 bytes of the body",
        ),
        (
            "half a chunked body",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n5\r\nwo",
            "the connection was closed in the middle of a chunked body, after 7 bytes",
        ),
        (
            "a chunk without a size",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nhello\r\n",
            "the answer is not HTTP/1.1 (a chunk has no valid size); it begins with \"hello\"",
        ),
        (
            "garbage",
            b"SSH-2.0-OpenSSH_9.2p1\r\n",
            "the answer is not HTTP/1.1 (it has no version of HTTP that is known); it begins with \
             \"SSH-2.0-OpenSSH_9.2p1\\r\\n\"",
        ),
        (
            "two lengths",
            b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
            "the length of the body of the answer cannot be known: Content-Length is 1 and 2",
        ),
        (
            "a length below nothing",
            b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nab",
            "the length of the body of the answer cannot be known: Content-Length is -1",
        ),
    ];
    for (name, bytes, expected) in cases {
        let server = Canned::answering(bytes);
        assert_eq!(said(&server.url()), expected, "{name}");
    }
}

#[test]
fn what_had_come_is_kept() {
    let server = Canned::answering(&b"HTTP/1.1 500 Oh\r\nContent-Length: 9\r\n\r\nhalf"[..]);
    let step = failed(&server.url());
    let response = step.response.unwrap();
    assert_eq!((response.status, &*response.body), (500, &b"half"[..]));
}

#[test]
fn waits_end() {
    let cases: [(&[u8], &str); 3] = [
        (b"", "timed out after 300 ms waiting for the head of the answer"),
        (b"HTTP/1.1 200 OK\r\n", "timed out after 300 ms waiting for the head of the answer"),
        (
            b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf",
            "timed out after 300 ms waiting for the rest of the body, after 4 of 9 bytes",
        ),
    ];
    for (bytes, expected) in cases {
        let server = Canned::behaving(move |stream, _| {
            stream.write_all(bytes).ok();
            // Until the other end gives up.
            stream.read_exact(&mut [0]).ok();
        });
        assert_eq!(said(&server.url()), expected);
    }
}

#[test]
fn a_body_without_end_is_not_taken() {
    let announced = Canned::answering(&b"HTTP/1.1 200 OK\r\nContent-Length: 104857600\r\n\r\n"[..]);
    let chunked = Canned::behaving(|stream, _| {
        stream.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n").ok();
        let chunk = [b"10000\r\n".as_slice(), &vec![b'x'; 0x1_0000], b"\r\n"].concat();
        while stream.write_all(&chunk).is_ok() {}
    });
    let closing = Canned::behaving(|stream, _| {
        let chunk = vec![b'x'; 0x1_0000];
        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").ok();
        while stream.write_all(&chunk).is_ok() {}
    });
    for server in [announced, chunked, closing] {
        let expected = "the body of the answer is larger than 1 MiB";
        assert_eq!(said(&server.url()), expected);
    }
}

#[test]
fn a_redirect_is_an_answer_like_any_other() {
    let elsewhere = Canned::answering(whole("200 OK", &[], b""));
    let location = elsewhere.url();
    let server = Canned::answering(whole("302 Found", &[("Location", &location)], b""));
    let step = failed(&server.url());
    let messages: Vec<_> = step.mismatches.iter().map(|m| (m.kind, &*m.message)).collect();
    assert_eq!(messages[0], (MismatchKind::Expectation, "the status is 302, not 200"));
    assert_eq!(messages[1].0, MismatchKind::Undocumented);
    assert!(elsewhere.asked().is_empty());
}

#[cfg(feature = "tls")]
#[test]
fn what_speaks_no_tls_is_said() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://{}", listener.local_addr().unwrap());
    let thread = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").ok();
        stream.read_to_end(&mut Vec::new()).ok();
    });
    let message = said(&url);
    thread.join().unwrap();
    let why = "what came is not TLS; perhaps the URL begins with http://";
    assert_eq!(message, format!("no TLS with {url}: {why}"));
}

#[cfg(feature = "tls")]
#[test]
fn a_certificate_that_nobody_vouches_for_is_said() {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = rustls::pki_types::PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://localhost:{}", listener.local_addr().unwrap().port());
    let thread = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut session = rustls::ServerConnection::new(Arc::new(config)).unwrap();
        session.complete_io(&mut stream).ok();
    });
    let message = said(&url);
    thread.join().unwrap();
    let why = "its certificate is not signed by a trusted authority; --cacert FILE, or SSL_CERT_FILE in \
               the environment, names a file of authorities to trust, and --insecure takes any";
    assert_eq!(message, format!("no TLS with {url}: {why}"));
}

#[test]
fn the_run_goes_on_and_cleans_up() {
    let server = Canned::behaving(|stream, request| {
        if request.starts_with(b"GET /finally") {
            stream.write_all(&whole("200 OK", &[], b"")).ok();
        } else {
            stream.read_exact(&mut [0]).ok();
        }
    });
    let scenario = "
counterpart: 1
vendor: library
scenarios:
  - name: hangs
    timeout: PT0.2S
    steps:
      - call: read
        name: hangs
      - call: read
        name: not reached
    finally:
      - request: {method: GET, path: /finally}
        allowUndocumented: true
        expect: {status: 200}
";
    let result = run(&server.url(), options(), scenario);
    assert_eq!(result.verdict, Verdict::Failed);
    let steps: Vec<_> =
        result.steps.iter().map(|s| (&*s.name, s.stage == Stage::Finally, s.verdict)).collect();
    let expected = [("hangs", false, Verdict::Failed), ("GET /finally", true, Verdict::Passed)];
    assert_eq!(steps, expected, "{:?}", result.steps);
    let message = &result.steps[0].mismatches[0].message;
    assert!(message.ends_with("when the 0.2 s of the scenario were over"), "{message}");
}

#[test]
fn a_connection_is_kept_and_taken_up_again() {
    let connections = Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let counted = connections.clone();
    let server = Canned::behaving(move |stream, _| {
        counted.fetch_add(1, Ordering::Relaxed);
        // Two answers for each connection, then it is closed without a word.
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").ok();
        support::canned::read_request(stream);
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").ok();
    });
    let scenario =
        format!("{SCENARIO}{}", "      - {call: read, expect: {status: 200}}\n".repeat(3));
    let result = run(&server.url(), options(), &scenario);
    assert_eq!(result.verdict, Verdict::Passed, "{:?}", result.steps);
    assert_eq!(connections.load(Ordering::Relaxed), 2);
}

/// Whether this machine waits for somebody at that port to answer its wish for a connection.
#[cfg(target_os = "linux")]
fn is_connecting(port: u16) -> bool {
    const SYN_SENT: &str = "02";
    let table = std::fs::read_to_string("/proc/net/tcp").unwrap();
    table.lines().skip(1).any(|line| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        fields[2].ends_with(&format!(":{port:04X}")) && fields[3] == SYN_SENT
    })
}

#[test]
#[cfg(target_os = "linux")]
fn a_wish_to_stop_is_heard_while_nobody_answers_the_wish_for_a_connection() {
    // Nobody takes a connection from the queue of those that were made, until it is full.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let mut waiting = Vec::new();
    while let Ok(stream) =
        std::net::TcpStream::connect_timeout(&address, Duration::from_millis(300))
    {
        waiting.push(stream);
        assert!(waiting.len() < 10_000, "the queue has no end");
    }
    let patient = Options { request_timeout: Duration::from_hours(1), ..options() };
    let interrupted = patient.interrupted.clone();
    let url = format!("http://{address}");
    let runs = std::thread::spawn(move || run(&url, patient, SCENARIO));
    while !is_connecting(address.port()) {
        assert!(!runs.is_finished(), "{:?}", runs.join().map(|result| result.steps));
        std::thread::yield_now();
    }
    // It would wait for an hour.
    interrupted.store(true, Ordering::Relaxed);
    let result = runs.join().unwrap();
    let messages: Vec<&str> =
        result.steps.iter().flat_map(|s| &s.mismatches).map(|m| &*m.message).collect();
    assert_eq!(messages, ["the run was interrupted"]);

    let started = Instant::now();
    let message = said(&format!("http://{address}"));
    assert_eq!(message, "timed out after 300 ms waiting for the connection");
    assert!(started.elapsed() >= Duration::from_millis(300), "{:?}", started.elapsed());
}

#[test]
fn what_cannot_be_sent_twice_meets_no_connection_that_is_just_closed() {
    let server = Canned::answering(&b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"[..]);
    let step = "      - {request: {method: POST, path: /, text: x}, allowUndocumented: true, \
                expect: {status: 200}}\n";
    let result = run(&server.url(), options(), &format!("{SCENARIO}{}", step.repeat(50)));
    assert_eq!(result.verdict, Verdict::Passed, "{:?}", result.steps.last());
    assert_eq!(server.asked().len(), 51);
}

#[test]
fn a_server_that_keeps_connections_gets_posts_on_them_too() {
    let connections = Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let counted = connections.clone();
    let server = Canned::behaving(move |stream, _| {
        counted.fetch_add(1, Ordering::Relaxed);
        while stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").is_ok()
            && !support::canned::read_request(stream).is_empty()
        {}
    });
    let get = "      - {call: read, expect: {status: 200}}\n";
    let post = "      - {request: {method: POST, path: /, text: x}, allowUndocumented: true, \
                expect: {status: 200}}\n";
    let result = run(&server.url(), options(), &format!("{SCENARIO}{get}{}", post.repeat(9)));
    assert_eq!(result.verdict, Verdict::Passed, "{:?}", result.steps.last());
    assert_eq!(connections.load(Ordering::Relaxed), 1);
}
