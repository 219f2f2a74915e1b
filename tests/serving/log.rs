//! What is written while the mock serves.

use std::io::Write as _;
use std::net::TcpStream;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::SPEC;
use crate::support::client::Client;
use crate::support::folder::Folder;
use crate::support::serving::{Serving, command};

fn ask(client: &mut Client) {
    let json = [("Content-Type", "application/json")];
    let add = "/alpha/v1/shelves?key=s3cr3t";
    assert_eq!(client.send("POST", add, &json, r#"{"name": "north"}"#).status, 201);
    let named = format!("/@mine{add}");
    assert_eq!(client.send("POST", &named, &json, r#"{"name": "s3cr3t or so"}"#).status, 422);
    assert_eq!(client.send("GET", "/nowhere", &[], "").status, 404);
}

#[test]
fn each_request_is_a_line_of_json_where_that_is_asked_for() {
    let folder = Folder::new("serving-json", &[("a.yaml", SPEC)]);
    let mut serving = Serving::start(&folder, &[".", "--log", "json", "-v"]);
    ask(&mut Client::new(serving.address()));
    let (code, stderr) = serving.stop("-INT");
    assert_eq!(code, Some(0), "{stderr}");
    assert!(!stderr.contains("s3cr3t"), "{stderr}");
    let lines: Vec<Value> = stderr.lines().map(|l| serde_json::from_str(l).expect(l)).collect();
    let kinds: Vec<_> = lines.iter().map(|line| line["event"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["serving", "request", "request", "request", "summary"]);
    let url = lines[0]["vendors"]["alpha"].as_str().unwrap();
    assert!(url.ends_with("/alpha/v1"), "{url}");
    let refused = &lines[2];
    for (name, expected) in [
        ("session", "mine"),
        ("vendor", "alpha"),
        ("operation", "add_shelf"),
        ("method", "POST"),
        ("path", "/@mine/alpha/v1/shelves?key=***"),
        ("rule", "alpha/A1"),
        ("reason", "name must have at most 5 characters"),
    ] {
        assert_eq!(refused[name], expected, "{refused}");
    }
    assert_eq!(refused["status"], 422);
    assert_eq!(refused["request"]["body"], r#"{"name": "*** or so"}"#);
    assert!(refused["durationMicroseconds"].is_u64(), "{refused}");
    assert_eq!(lines[3]["vendor"], Value::Null);
    assert_eq!(lines[4]["requests"], 3);
    assert_eq!(lines[4]["refused"], 2);
    assert_eq!(lines[4]["rules"]["alpha/A1"], 1);
    assert_eq!(lines[4]["vendors"]["alpha"], 2);
}

#[test]
fn a_vendor_that_refuses_with_200_refuses_all_the_same() {
    let spec = "counterpart: 1\nvendor: rpc\nerrors:\n  Closed: {status: 200, body: {ok: false}}\n\
        statements: [{id: R1, says: it is closed at night, source: x}]\noperations:\n  \
        - operationId: enter\n    method: POST\n    path: /enter\n    steps:\n      \
        - reject: Closed\n        implements: R1\n        when: \"${ query.at == 'night' }\"\n      \
        - respond: {status: 200, body: {ok: true}}\n    \
        parameters: [{name: at, in: query, schema: {type: string}}]\n";
    let folder = Folder::new("serving-200", &[("a.yaml", spec)]);
    let mut serving = Serving::start(&folder, &[".", "--log", "json"]);
    let mut client = Client::new(serving.address());
    for at in ["day", "night"] {
        assert_eq!(client.send("POST", &format!("/rpc/enter?at={at}"), &[], "").status, 200);
    }
    let (_, stderr) = serving.stop("-INT");
    let lines: Vec<Value> = stderr.lines().map(|l| serde_json::from_str(l).expect(l)).collect();
    assert_eq!(lines[1]["reason"], Value::Null, "{stderr}");
    assert_eq!(lines[2]["rule"], "rpc/R1", "{stderr}");
    assert_eq!(lines[2]["reason"], "the operation answers with the error Closed", "{stderr}");
    assert_eq!(lines[3]["refused"], 1, "{stderr}");
    assert_eq!(lines[3]["rules"]["rpc/R1"], 1, "{stderr}");
}

#[test]
fn a_webhook_that_nobody_takes_is_told_of() {
    let spec = "counterpart: 1\nvendor: hooks\noperations:\n  - operationId: call_back\n    \
        method: POST\n    path: /hooks\n    \
        parameters: [{name: to, in: query, schema: {type: string}}]\n    steps:\n      \
        - send: {channel: webhook, name: ping, to: \"${query.to}\", request: {text: hello}}\n      \
        - respond: {status: 202}\n";
    let folder = Folder::new("serving-hooks", &[("a.yaml", spec)]);
    let mut serving = Serving::start(&folder, &[".", "--log", "json"]);
    let mut client = Client::new(serving.address());
    let send = "/hooks/hooks?to=http://elsewhere.example/s3cr3t";
    assert_eq!(client.send("POST", send, &[], "").status, 202);
    // It is sent when that ends.
    let json = [("Content-Type", "application/json")];
    let advance = client.send("POST", "/_counterpart/clock/advance", &json, r#"{"by": "PT1S"}"#);
    assert_eq!(advance.status, 200);
    let (_, stderr) = serving.stop("-INT");
    let lines: Vec<Value> = stderr.lines().map(|l| serde_json::from_str(l).expect(l)).collect();
    let told = lines.iter().find(|line| line["event"] == "message").unwrap();
    assert_eq!(
        told["text"],
        "message 1, `ping` to elsewhere.example, was not delivered: elsewhere.example is not a \
         loopback address, and `--allow-callbacks elsewhere.example` was not given; it is not sent \
         again",
        "{stderr}"
    );
}

#[test]
fn without_a_terminal_only_what_goes_wrong_is_written() {
    let folder = Folder::new("serving-plain", &[("a.yaml", SPEC)]);
    for (arguments, lines) in [(&["."][..], 1), (&[".", "-q"], 0), (&[".", "--log", "text"], 11)] {
        let mut serving = Serving::start(&folder, arguments);
        ask(&mut Client::new(serving.address()));
        let (code, stderr) = serving.stop("-INT");
        assert_eq!(code, Some(0), "{stderr}");
        assert_eq!(stderr.lines().count(), lines, "{arguments:?}: {stderr}");
        assert!(!stderr.contains('\u{1b}'), "{stderr}");
    }
}

#[test]
fn a_terminal_gets_colours_and_nothing_that_steers_it() {
    if Command::new("script").arg("--version").output().is_err() {
        eprintln!("SKIPPED: script is not there; Debian has it in bsdutils");
        assert!(std::env::var_os("CI").is_none(), "script is not there");
        return;
    }
    let folder = Folder::new("serving-terminal", &[("a.yaml", SPEC)]);
    // The program's own arguments do not matter; `script` runs it on a terminal of its own.
    let program = command(&folder, &[]).get_program().to_string_lossy().into_owned();
    // `exec`: a shell that is still there hears Ctrl-C as well, and some then end with its status.
    let line = format!("exec {program} serve . --listen 127.0.0.1:0");
    // Nothing here waits for ever.
    let mut terminal = Command::new("timeout");
    terminal.args(["60", "script", "-qefc", &line, "/dev/null"]).current_dir(&folder.0);
    terminal.env("TERM", "xterm").env_remove("NO_COLOR");
    terminal.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut process = terminal.spawn().unwrap();
    let mut input = process.stdin.take().unwrap();
    let mut output = std::io::BufReader::new(process.stdout.take().unwrap());
    let mut seen = String::new();
    let mut until = |end: &str| {
        let from = seen.len();
        while !seen[from..].contains(end) {
            let read = std::io::BufRead::read_line(&mut output, &mut seen).unwrap();
            assert!(read > 0, "it ends before {end:?}: {seen}");
        }
        seen[from..].to_owned()
    };
    let started = until("ready");
    let address = started.split("http://").nth(1).and_then(|rest| rest.split(';').next());
    let address = address.unwrap().parse().unwrap();
    ask(&mut Client::new(address));
    // U+009B begins a command to a terminal, as ESC [ does.
    let mut steering = TcpStream::connect(address).unwrap();
    steering.write_all(b"GET /alpha/v1/x\xc2\x9b31m HTTP/1.1\r\nhost: h\r\n\r\n").unwrap();
    steering.write_all(b"GET /alpha/v1/end HTTP/1.1\r\nhost: h\r\n\r\n").unwrap();
    let lines = until("/end");
    assert!(!lines.contains('\u{9b}'), "{lines:?}");
    assert!(lines.contains("\u{1b}[32m201\u{1b}[0m"), "{lines:?}");
    assert!(lines.contains("\u{1b}[33m422\u{1b}[0m"), "{lines:?}");
    assert!(lines.contains("alpha/A1: name must have at most 5 characters"), "{lines:?}");
    assert!(lines.contains("@mine"), "{lines:?}");
    // Ctrl-C.
    input.write_all(b"\x03").unwrap();
    let summary = until("alpha/A1");
    assert!(summary.contains("refused by"), "{summary:?}");
    drop(input);
    let status = process.wait().unwrap();
    assert!(status.success(), "{status}");
}
