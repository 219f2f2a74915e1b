//! Faults on demand.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use counterpart::MockServer;

use crate::SPEC;
use crate::support::client::{Client, Reply};
use crate::support::served::json;

fn mock() -> (MockServer, Client) {
    let mock = MockServer::builder().spec_text("alpha", SPEC).seed(7).start().unwrap();
    let client = Client::new(mock.address());
    (mock, client)
}

fn set(client: &mut Client, fault: &str) -> Reply {
    client.send("POST", "/_counterpart/faults", &[], fault)
}

fn add(client: &mut Client) -> Reply {
    let headers = [("Content-Type", "application/json")];
    client.send("POST", "/alpha/v1/shelves?key=s3cr3t", &headers, r#"{"name": "north"}"#)
}

fn shelves(client: &mut Client) -> usize {
    let rows = json(&client.send("GET", "/_counterpart/state/alpha/shelves", &[], ""));
    rows.as_array().unwrap().len()
}

/// All that comes back for a request, until the end of the connection or its reset.
fn raw(address: SocketAddr) -> (Vec<u8>, Option<ErrorKind>) {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_mins(1))).unwrap();
    stream.write_all(b"GET /alpha/v1/shelves HTTP/1.1\r\nhost: h\r\n\r\n").unwrap();
    let mut came = Vec::new();
    let ended = stream.read_to_end(&mut came);
    (came, ended.err().map(|error| error.kind()))
}

#[test]
fn an_error_of_the_vendor_answers_so_many_times_and_nothing_is_done() {
    let (_mock, mut client) = mock();
    let fault =
        r#"{"vendor": "alpha", "operation": "add_shelf", "times": 2, "fault": {"status": 429}}"#;
    let set = set(&mut client, fault);
    assert_eq!(set.status, 201, "{}", set.text());
    assert_eq!(json(&set)["id"], 1);
    for left in [1, 0] {
        let reply = add(&mut client);
        assert_eq!(reply.status, 429);
        assert_eq!(reply.text(), r#"{"message":"slow down"}"#);
        // The vendor's own header, which says when it will do better.
        let seconds: u32 = reply.header("retry-after").unwrap().parse().unwrap();
        assert!((1..=60).contains(&seconds), "{seconds}");
        assert_eq!(reply.header("x-counterpart-fault"), Some("429"));
        let faults = json(&client.send("GET", "/_counterpart/faults", &[], ""));
        assert_eq!((&faults[0]["times"], &faults[0]["befell"]), (&left.into(), &(2 - left).into()));
        // It stays in the list, as one that befalls nothing any more.
        assert_eq!(faults[0]["usedUp"], left == 0);
    }
    assert_eq!(shelves(&mut client), 0);
    assert_eq!(add(&mut client).status, 201);
    let journal = json(&client.send("GET", "/_counterpart/requests?status=429", &[], ""));
    assert_eq!(journal[0]["fault"], "429");
    let explained = journal[0]["explanation"].to_string();
    assert!(
        explained.contains("fault 1, set through the control plane, answers with 429"),
        "{explained}"
    );
}

#[test]
fn a_named_error_and_a_status_that_the_vendor_does_not_have() {
    let (_mock, mut client) = mock();
    set(&mut client, r#"{"vendor": "alpha", "times": 1, "fault": {"error": "Invalid"}}"#);
    let reply = add(&mut client);
    assert_eq!(reply.status, 422);
    assert!(reply.text().contains("fault 1"), "{}", reply.text());
    set(&mut client, r#"{"times": 1, "fault": {"status": 503}}"#);
    let reply = add(&mut client);
    assert_eq!(reply.status, 503);
    assert_eq!(reply.header("content-type"), Some("application/problem+json"));
    assert_eq!(shelves(&mut client), 0);
}

#[test]
fn answers_break_in_each_way_after_the_work_is_done() {
    let (mock, mut client) = mock();
    let address = mock.address();
    add(&mut client);
    let whole = client.send("GET", "/alpha/v1/shelves", &[], "").body;
    let mut broken = |what: &str| {
        let fault = format!(r#"{{"operation": "list_shelves", "times": 1, "fault": "{what}"}}"#);
        assert_eq!(set(&mut client, &fault).status, 201);
        raw(address)
    };
    assert_eq!(broken("reset"), (Vec::new(), Some(ErrorKind::ConnectionReset)));
    assert_eq!(broken("empty"), (Vec::new(), None));
    let (garbage, ended) = broken("garbage");
    assert!(!garbage.starts_with(b"HTTP") && garbage.contains(&0xff), "{garbage:?} {ended:?}");
    let (truncated, _) = broken("truncated");
    let text = String::from_utf8_lossy(&truncated);
    assert!(text.contains(&format!("Content-Length: {}\r\n", whole.len())), "{text}");
    assert!(text.contains("X-Counterpart-Fault: truncated"), "{text}");
    assert!(text.ends_with(std::str::from_utf8(&whole[..whole.len() / 2]).unwrap()), "{text}");
    // A slow answer is whole in the end.
    let fault = r#"{"times": 1, "delay": "PT0.1S", "fault": "slow"}"#;
    assert_eq!(set(&mut client, fault).status, 201);
    assert_eq!(client.send("GET", "/alpha/v1/shelves", &[], "").body, whole);
    // What is lost on its way back was done.
    set(&mut client, r#"{"operation": "add_shelf", "times": 1, "fault": "empty"}"#);
    let mut lost = TcpStream::connect(address).unwrap();
    let body = r#"{"name": "south"}"#;
    let head = "POST /alpha/v1/shelves?key=s3cr3t HTTP/1.1\r\nhost: h\r\ncontent-type: application/json\r\n";
    write!(lost, "{head}content-length: {}\r\n\r\n{body}", body.len()).unwrap();
    let mut came = Vec::new();
    lost.read_to_end(&mut came).unwrap();
    assert_eq!((came.len(), shelves(&mut client)), (0, 2));
}

/// Whoever comes later is answered before.
#[test]
fn a_delayed_answer_waits_while_others_are_given() {
    let (mock, mut client) = mock();
    let fault = r#"{"operation": "list_shelves", "times": 1, "delay": "PT10M"}"#;
    assert_eq!(set(&mut client, fault).status, 201);
    let mut waiting = TcpStream::connect(mock.address()).unwrap();
    waiting.write_all(b"GET /alpha/v1/shelves HTTP/1.1\r\nhost: h\r\n\r\n").unwrap();
    // It has been taken when the fault is used up.
    while json(&client.send("GET", "/_counterpart/faults", &[], ""))[0]["usedUp"] != true {
        std::thread::yield_now();
    }
    for _ in 0..20 {
        assert_eq!(client.send("GET", "/alpha/v1/shelves", &[], "").status, 200);
    }
    waiting.set_nonblocking(true).unwrap();
    let read = waiting.read(&mut [0; 1]);
    assert_eq!(read.map_err(|error| error.kind()), Err(ErrorKind::WouldBlock));
}

#[test]
fn a_share_of_requests_follows_from_the_seed_and_sessions_have_their_own() {
    let befell = || {
        let (_mock, mut client) = mock();
        let fault = r#"{"share": 0.5, "fault": {"status": 500}}"#;
        set(&mut client, fault);
        let get = |client: &mut Client, path: &str| client.send("GET", path, &[], "").status;
        assert_eq!(get(&mut client, "/@other/alpha/v1/shelves"), 200);
        (0..30).map(|_| get(&mut client, "/alpha/v1/shelves")).collect::<Vec<_>>()
    };
    let first = befell();
    assert!(first.contains(&200) && first.contains(&500), "{first:?}");
    assert_eq!(first, befell());
}

#[test]
fn all_that_is_wrong_with_faults_is_told_at_once() {
    let (_mock, mut client) = mock();
    let wrong = r#"[
        {"vendor": "alpah", "times": 0, "fault": "rest"},
        {"operation": "list_shelfs", "share": 2, "delay": "2 s", "faults": 1},
        {"vendor": "alpha", "fault": {"error": "Bussy"}, "delay": {"from": "PT2S", "to": "PT1S"}},
        {"fault": {"status": 99}}, 7
    ]"#;
    let reply = client.send("PUT", "/_counterpart/faults", &[], wrong);
    assert_eq!(reply.status, 422);
    let text = reply.text();
    for said in [
        "did you mean `alpha`?",
        "[0].times",
        "did you mean `reset`?",
        "did you mean `list_shelves`?",
        "from 0 to 1",
        "PT0.5S",
        "did you mean `fault`?",
        "did you mean `Busy`?",
        "delay.to",
        "from 200 to 599",
        "a fault is an object",
    ] {
        assert!(text.contains(said), "{said}: {text}");
    }
    assert_eq!(client.send("GET", "/_counterpart/faults", &[], "").text(), "[]");
    assert_eq!(set(&mut client, "{}").status, 422);
    assert_eq!(client.send("DELETE", "/_counterpart/faults/9", &[], "").status, 404);
    set(&mut client, r#"{"fault": "reset"}"#);
    assert_eq!(client.send("DELETE", "/_counterpart/faults/1", &[], "").status, 204);
    set(&mut client, r#"{"fault": "reset"}"#);
    assert_eq!(client.send("POST", "/_counterpart/reset", &[], "").status, 204);
    assert_eq!(client.send("GET", "/alpha/v1/shelves", &[], "").status, 200);
}

/// One operation that is always slow, half of whose requests fail, and one that never does.
const DISTURBED: &str = r"
counterpart: 1
vendor: shop
mediaTypes: {application/json: {wire: json}}
errors: {Busy: {status: 429, body: {message: busy}}}
faults: [{share: 0.5, fault: {error: Busy}}, {fault: {status: 503}}]
operations:
  - {operationId: read, method: GET, path: /read, steps: [respond: {status: 204}]}
  - operationId: slow
    method: GET
    path: /slow
    delay: {from: PT0.01S, to: PT0.02S}
    faults: []
    steps: [respond: {status: 204}]
";

#[test]
fn what_a_spec_says_befalls_requests_until_somebody_takes_it_away() {
    let mock = MockServer::builder().spec_text("shop", DISTURBED).seed(7).start().unwrap();
    let mut client = Client::new(mock.address());
    let mut befell = || {
        let read = |_| client.send("GET", "/shop/read", &[], "").status;
        (0..30).map(read).collect::<Vec<_>>()
    };
    let first = befell();
    assert!(first.contains(&429) && first.contains(&503) && !first.contains(&204), "{first:?}");
    assert_eq!(client.send("POST", "/_counterpart/reset", &[], "").status, 204);
    let mut again = || {
        let read = |_| client.send("GET", "/shop/read", &[], "").status;
        (0..30).map(read).collect::<Vec<_>>()
    };
    assert_eq!(again(), first, "they follow from the seed");

    let began = std::time::Instant::now();
    let slow = client.send("GET", "/shop/slow", &[], "");
    assert!(began.elapsed() >= Duration::from_millis(10));
    assert_eq!((slow.status, slow.header("x-counterpart-fault")), (204, Some("delay")));
    let journal = json(&client.send("GET", "/_counterpart/requests?limit=1", &[], ""));
    assert_eq!(journal[0]["fault"], "delay");
    assert!(journal[0].to_string().contains("the spec delays the answer by"), "{journal}");

    let faults = json(&client.send("GET", "/_counterpart/faults", &[], ""));
    let operations: Vec<_> = faults.as_array().unwrap().iter().map(|f| &f["operation"]).collect();
    assert_eq!(
        operations,
        ["slow".into(), serde_json::Value::Null, serde_json::Value::Null]
            .iter()
            .collect::<Vec<_>>()
    );
    assert_eq!(faults[1]["fault"]["error"], "Busy");
    assert_eq!(faults[1]["id"], serde_json::Value::Null);
    // Those since the reset.
    let befell = |at: usize| faults[at]["befell"].as_u64().unwrap();
    assert_eq!((befell(0), befell(1) + befell(2)), (1, 30), "{faults}");
    let busy = first.iter().filter(|status| **status == 429).count();
    assert_eq!(befell(1), u64::try_from(busy).unwrap());

    assert_eq!(client.send("DELETE", "/_counterpart/faults", &[], "").status, 204);
    assert_eq!(client.send("GET", "/_counterpart/faults", &[], "").text(), "[]");
    assert_eq!(client.send("GET", "/shop/read", &[], "").status, 204);
    assert_eq!(client.send("GET", "/shop/slow", &[], "").header("x-counterpart-fault"), None);
    assert_eq!(client.send("PUT", "/_counterpart/faults", &[], "\"specs\"").status, 422);
    assert_eq!(client.send("PUT", "/_counterpart/faults", &[], "\"spec\"").status, 200);
    assert_ne!(client.send("GET", "/shop/read", &[], "").status, 204);
    set(&mut client, r#"{"operation": "read", "fault": {"status": 500}}"#);
    assert_eq!(
        client.send("GET", "/shop/read", &[], "").status,
        500,
        "what was asked for is first"
    );
}
