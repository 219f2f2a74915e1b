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
use http::uri::PathAndQuery;
use support::client::{Client, Connection, Reply};
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

/// That item, again and again.
fn many(item: &str, separator: &str) -> String {
    vec![item; MIB / (item.len() + separator.len())].join(separator)
}

/// What the shortest texts of a media type are, and who reads them.
struct Shape {
    media_type: &'static str,
    path: &'static str,
    items: &'static [&'static str],
    body: fn(&str) -> String,
}

/// Each wire format with what makes the largest tree of the shortest text.
const SHAPES: &[Shape] = &[
    Shape {
        media_type: "application/json",
        path: "anything",
        items: &[
            "0",
            "\"\"",
            "\"a\"",
            "[]",
            "[0]",
            "[[0]]",
            "[[[0]]]",
            "[0,0]",
            "[[],[]]",
            "{}",
            "{\"\":0}",
            "{\"a\":0,\"b\":0}",
            "{\"\":{\"\":{\"\":0}}}",
            "1.5",
        ],
        body: |item| format!("[{}]", many(item, ",")),
    },
    Shape {
        media_type: "application/json",
        path: "members",
        items: &["0", "\"\"", "[]"],
        body: |item| format!("{{\"a\":[{}]}}", many(item, ",")),
    },
    Shape {
        media_type: "application/json",
        path: "anything",
        items: &["0", "[]"],
        // It is read twice, to say where it is cut off.
        body: |item| format!("[{}", many(item, ",")),
    },
    Shape {
        media_type: "application/x-ndjson",
        path: "anything",
        items: &["0", "[]", "{}"],
        body: |item| many(item, "\n"),
    },
    Shape {
        media_type: "application/x-www-form-urlencoded",
        path: "anything",
        items: &["a", "a=", "a=b", "=", "a=1&b"],
        body: |item| many(item, "&"),
    },
    Shape {
        media_type: "application/x-www-form-urlencoded",
        path: "members",
        items: &["a", "a=b", "b"],
        body: |item| many(item, "&"),
    },
    Shape {
        media_type: "application/x-www-form-urlencoded",
        path: "parameters",
        items: &["a", "a=b", "b"],
        body: |item| many(item, "&"),
    },
    Shape {
        media_type: "application/x-www-form-urlencoded",
        path: "objects",
        items: &["a", "a[b]", "a[][b]"],
        body: |item| many(item, "&"),
    },
    Shape {
        media_type: "application/vnd.deep+form",
        path: "anything",
        items: &["a", "a[]", "a[]=b", "a[b]", "a[][]", "a[][b]", "a[][b][]"],
        body: |item| many(item, "&"),
    },
    Shape {
        media_type: "application/xml",
        path: "anything",
        items: &["<a/>", "<a></a>", "<a>b</a>", "<a b='c'/>", "<a b=''/>", "<a><b/></a>", "<a/>b"],
        body: |item| format!("<r>{}</r>", many(item, "")),
    },
    Shape {
        media_type: "application/xml",
        path: "members",
        items: &["<a/>", "<a b='c'/>"],
        body: |item| format!("<r>{}</r>", many(item, "")),
    },
    Shape {
        media_type: "text/xml",
        path: "service.asmx",
        items: &["<a/>", "<a>b</a>", "<b/>", "<a b=''/>"],
        body: |item| {
            format!(
                "<e:Envelope xmlns:e='http://schemas.xmlsoap.org/soap/envelope/'><e:Body>\
                 <Sent xmlns='urn:bodies'>{}</Sent></e:Body></e:Envelope>",
                many(item, "")
            )
        },
    },
    Shape {
        media_type: "multipart/form-data; boundary=b",
        path: "anything",
        items: &["[]", "0"],
        body: |item| {
            let part = "--b\r\nContent-Disposition: form-data; name=a\r\n";
            let empty = format!("{part}\r\n\r\n").repeat(900);
            let list = format!("[{}]", many(item, ","));
            format!("{empty}{part}Content-Type: application/json\r\n\r\n{list}\r\n--b--")
        },
    },
    Shape {
        media_type: "text/plain",
        path: "anything",
        items: &["a"],
        body: |item| many(item, ""),
    },
];

#[test]
fn a_request_takes_at_most_twenty_times_its_body_and_gives_it_back() {
    const SPECS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/large");
    for Shape { media_type, path, items, body } in SHAPES {
        for (at, item) in items.iter().enumerate() {
            let served = Served::start_with(env!("CARGO_BIN_EXE_counterpart-mock"), &[SPECS]);
            let send = |body: &str| {
                let headers = [("Content-Type", *media_type), ("SOAPAction", "urn:bodiesSent")];
                served.client().send("POST", &format!("/bodies/{path}"), &headers, body).status
            };
            send("");
            let before = memory(&served, "VmRSS");
            let body = body(item);
            let status = send(&body);
            assert!([200, 204, 400, 500].contains(&status), "{media_type}, {item}: {status}");
            let peak = memory(&served, "VmHWM") - before;
            let (times, most) = (peak / body.len(), 20 * body.len() + SLACK);
            assert!(peak <= most, "{media_type} at {path}, {item}: {times} times its body");
            if at == 0 {
                // The journal keeps the body.
                wait_until_given_back(&served, before + body.len() + SLACK);
            }
        }
    }
}

/// What an operation does with a list that it takes is bounded too.
#[test]
fn a_list_of_which_rows_are_to_be_made_takes_no_more() {
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
        let body = format!("{{\"contacts\":[{}]}}", many(item, ","));
        assert_eq!(send(&body).status, 400, "{item}");
        let peak = memory(&served, "VmHWM") - before;
        assert!(peak <= 20 * body.len() + SLACK, "{item}: {peak} bytes for {}", body.len());
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

#[test]
fn vendors_are_refused_while_there_is_no_memory_for_their_requests() {
    let program = env!("CARGO_BIN_EXE_counterpart-mock");
    let limit = memory(&Served::start(program), "VmRSS") + 6 * SLACK;
    let served = Served::start_with(program, &["--memory-limit", &limit.to_string()]);
    let mut client = served.client();
    let headers = [("Content-Type", "application/json")];
    let asked = [("Authorization", "Bearer quentn-key")];
    let vendor = |client: &mut Client| {
        let path = "/quentn/public/api/v1/contact/1";
        client.send("GET", path, &asked, "")
    };
    assert_ne!(vendor(&mut client).status, 503);
    let rows: Vec<String> = (0..1_000).map(|n| format!("{{\"name\":\"term {n}\"}}")).collect();
    let rows = format!("[{}]", rows.join(","));
    let mut filled = 0;
    let refused = loop {
        let reply = vendor(&mut client);
        if reply.status == 503 {
            break reply;
        }
        filled += 1;
        assert!(filled < 2_000, "{} bytes are held", memory(&served, "VmRSS"));
        let path = format!("/@s{filled}/_counterpart/state/quentn/terms");
        assert_eq!(client.send("PUT", &path, &headers, &rows).status, 200);
    };
    assert_eq!(refused.header("retry-after"), Some("1"));
    assert!(refused.text().contains("--memory-limit"), "{}", refused.text());
    assert!(memory(&served, "VmRSS") > limit - limit / 16);
    // Whoever steers the mock can see how it is, and make room; a balancer sends others elsewhere.
    let probed = |client: &mut Client, what: &str| {
        let reply = client.send("GET", &format!("/_counterpart/{what}"), &[], "");
        (reply.status, reply.text())
    };
    let (status, health) = probed(&mut client, "health");
    assert_eq!(status, 200);
    assert!(health.contains(r#""status":"failing""#), "{health}");
    assert!(health.contains(r#""memory":{"full":true,"reason":"the mock uses as"#), "{health}");
    assert_eq!(probed(&mut client, "live").0, 200);
    let (status, ready) = probed(&mut client, "ready");
    assert_eq!(status, 503);
    assert!(ready.contains("--memory-limit"), "{ready}");
    let names: Vec<String> = (1..=filled).map(|session| format!("\"s{session}\"")).collect();
    let names = format!("{{\"names\":[{}]}}", names.join(","));
    assert_eq!(client.send("POST", "/_counterpart/sessions/drop", &headers, &names).status, 200);
    let began = Instant::now();
    while vendor(&mut client).status == 503 {
        assert!(began.elapsed() < PATIENCE, "{} bytes are held", memory(&served, "VmRSS"));
        thread::sleep(Duration::from_millis(50));
    }
    let (_, health) = probed(&mut client, "health");
    assert!(health.contains(r#""memory":{"full":false,"reason":null}"#), "{health}");
    assert_eq!(probed(&mut client, "ready").0, 200);
}

/// Keeps large requests, and slow ones, waiting until it is told otherwise.
struct Holding {
    began: Mutex<Sender<()>>,
    go: Mutex<Receiver<()>>,
}

impl Handler for Holding {
    fn handle(&self, request: Request, _: SocketAddr) -> Answer {
        let is_slow = request.path() == "/slow" && request.query() == Some("first");
        if is_slow || request.path() == "/first" {
            // Long enough that the next ones are expected to take long too.
            thread::sleep(Duration::from_millis(100));
        } else if request.path() != "/small" {
            self.began.lock().unwrap().send(()).unwrap();
            self.go.lock().unwrap().recv().unwrap();
        }
        Answer::empty(StatusCode::NO_CONTENT)
    }

    fn goes_first(&self, target: &PathAndQuery) -> bool {
        target.path() == "/first"
    }

    fn refuse(&self, _: Request, failure: TransportFailure, _: SocketAddr) -> Answer {
        Answer::empty(failure.status())
    }
}

/// A server of it, what says that a request is held, and what lets one go.
fn holding(options: ServeOptions) -> (Server, Receiver<()>, Sender<()>) {
    let ((began, first), (go, told)) = (channel(), channel());
    let handler = Holding { began: Mutex::new(began), go: Mutex::new(told) };
    (Server::start(Arc::new(handler), options).unwrap(), first, go)
}

/// Sends so many of a request at once; gives their answers as they come.
fn at_once(server: &Server, count: usize, path: &'static str, body: &[u8]) -> Receiver<Reply> {
    let (answered, answers) = channel();
    for _ in 0..count {
        let (address, body, answered) = (server.address(), body.to_vec(), answered.clone());
        thread::spawn(move || {
            answered.send(Client::new(address).send("POST", path, &[], body)).unwrap();
        });
    }
    answers
}

/// A hundred clients that ask for little, each of whom is answered.
fn ask_for_little(server: &Server) {
    for _ in 0..100 {
        let mut connection = Connection::open(server.address()).unwrap();
        let reply = connection.exchange(b"GET /small HTTP/1.1\r\nhost: h\r\n\r\n", "GET");
        assert_eq!(reply.unwrap().status, 204);
    }
}

const MANY: usize = 16;

#[test]
fn others_are_answered_while_large_requests_are_at_work() {
    let (server, first, go) = holding(ServeOptions::default());
    let large = at_once(&server, MANY, "/large", &vec![b' '; 300 * 1024]);
    first.recv().unwrap();
    // Not one of the large ones can end before these have been answered.
    ask_for_little(&server);
    (0..MANY).for_each(|_| go.send(()).unwrap());
    assert!(large.iter().all(|reply| reply.status == 204));
}

#[test]
fn others_are_answered_while_slow_requests_are_at_work() {
    let (server, first, go) = holding(ServeOptions::default());
    assert_eq!(Client::new(server.address()).send("POST", "/slow?first", &[], "").status, 204);
    let slow = at_once(&server, MANY, "/slow", b"");
    first.recv().unwrap();
    ask_for_little(&server);
    (0..MANY).for_each(|_| go.send(()).unwrap());
    assert!(slow.iter().all(|reply| reply.status == 204));
}

#[test]
fn whoever_waits_too_long_for_a_turn_is_told_to_come_again() {
    let turn_timeout = Duration::from_millis(100);
    let (server, first, go) = holding(ServeOptions { turn_timeout, ..ServeOptions::default() });
    let large = at_once(&server, MANY, "/large", &vec![b' '; 300 * 1024]);
    first.recv().unwrap();
    // At most four have a turn, and hold it until all others have given up.
    for refused in large.iter().take(MANY - 4) {
        assert_eq!(refused.status, 503);
        assert_eq!(refused.header("retry-after"), Some("1"));
    }
    (0..MANY).for_each(|_| go.send(()).unwrap());
    let taken = large.iter().filter(|reply| reply.status == 204).count();
    assert!((1..=4).contains(&taken), "{taken}");
}

#[test]
fn who_goes_first_does_not_wait_for_a_turn() {
    let (server, first, go) = holding(ServeOptions::default());
    let large = at_once(&server, MANY, "/large", &vec![b' '; 300 * 1024]);
    first.recv().unwrap();
    // The first one takes long, and so would be kept from the second one on.
    for _ in 0..3 {
        assert_eq!(Client::new(server.address()).send("POST", "/first", &[], "").status, 204);
    }
    (0..MANY).for_each(|_| go.send(()).unwrap());
    assert!(large.iter().all(|reply| reply.status == 204));
}
