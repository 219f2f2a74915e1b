//! Who may steer, whose session a request is, and what containers ask.

use std::process::Stdio;

use crate::SPEC;
use crate::support::client::Client;
use crate::support::folder::Folder;
use crate::support::served::json;
use crate::support::serving::{Serving, command};

#[test]
fn the_control_plane_asks_for_the_token_and_vendors_do_not() {
    let folder = Folder::new("serving-token", &[("a.yaml", SPEC)]);
    let serving = Serving::start(&folder, &[".", "--token", "t0ken"]);
    let mut client = Client::new(serving.address());
    let mut status = |path: &str, given: &str| {
        let headers = [("Authorization", given)];
        let headers = if given.is_empty() { &headers[..0] } else { &headers };
        client.send("GET", path, headers, "").status
    };
    for path in ["/_counterpart/health", "/@a/_counterpart/state/alpha", "/_counterpart/nothing"] {
        for wrong in ["", "Bearer t0keN", "Bearer", "Bearer t0ken1", "Basic eDp5", "t0ken"] {
            assert_eq!(status(path, wrong), 401, "{path} {wrong}");
        }
    }
    assert_eq!(status("/_counterpart/health", "Bearer t0ken"), 200);
    // A browser asks for a name too.
    assert_eq!(status("/_counterpart/health", "Basic YW55Om0="), 401);
    assert_eq!(status("/_counterpart/health", "basic YW55OnQwa2Vu"), 200);
    for open in ["/alpha/v1/shelves", "/_counterpart/live", "/_counterpart/ready"] {
        assert_eq!(status(open, ""), 200, "{open}");
    }
    assert_eq!(status("/_counterpart/outbox/alpha/links/none", ""), 404);
    // A balancer asks by a name of its own.
    for (path, expected) in [("live", 200), ("ready", 200), ("health", 403)] {
        let path = format!("/_counterpart/{path}");
        let headers = [("Host", "balancer.example")];
        assert_eq!(client.send("GET", &path, &headers, "").status, expected, "{path}");
    }
    // A session that nobody may look at is not made either.
    let sessions =
        client.send("GET", "/_counterpart/sessions", &[("Authorization", "Bearer t0ken")], "");
    assert_eq!(sessions.text(), "[]");
}

#[test]
fn the_runner_shows_the_token_and_tells_nobody() {
    let scenario = "
counterpart: 1
vendor: alpha
scenarios:
  - name: shelves
    steps:
      - clock: 2026-01-01T00:00:00Z
      - call: list_shelves
        expect: {status: 201}
";
    let files = [("specs/a.yaml", SPEC), ("scenarios/a.yaml", scenario)];
    let folder = Folder::new("serving-token-run", &files);
    let serving = Serving::start(&folder, &["--token", "t0ken"]);
    let url = format!("http://{}", serving.address());
    let line = ["run", "--base-url", &url];
    let (code, _, err) = folder.run(&line);
    assert_eq!(code, Some(2), "{err}");
    assert!(err.contains("gives 401") && err.contains("--token"), "{err}");
    let with_token = [&line[..], &["--token", "t0ken", "--report", "json=r.json"]].concat();
    let (code, out, err) = folder.run(&with_token);
    assert_eq!(code, Some(1), "{out}{err}");
    assert!(out.contains("is 200, not 201"), "{out}");
    let told = format!("{out}{err}{}", folder.read("r.json"));
    assert!(!told.contains("t0ken"), "{told}");
    let mut by_environment = folder.runner(&line);
    let output = by_environment.env("COUNTERPART_TOKEN", "t0ken").output().unwrap();
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn beyond_this_machine_a_token_is_needed() {
    let folder = Folder::new("serving-beyond", &[("a.yaml", SPEC)]);
    let mut line = command(&folder, &["serve", ".", "--listen", "0.0.0.0:0"]);
    let output = line.env_remove("COUNTERPART_TOKEN").stderr(Stdio::piped()).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("--token") && said.contains("COUNTERPART_TOKEN"), "{said}");
}

#[test]
fn a_session_can_be_named_by_a_header_or_a_cookie() {
    let folder = Folder::new("serving-sessions", &[("a.yaml", SPEC)]);
    let arguments = [".", "--session-header", "X-Run", "--session-cookie", "run"];
    let serving = Serving::start(&folder, &arguments);
    let mut client = Client::new(serving.address());
    let mut add = |path: &str, header: (&str, &str)| {
        let headers = [("Content-Type", "application/json"), header];
        let path = format!("{path}/alpha/v1/shelves?key=s3cr3t");
        client.send("POST", &path, &headers, r#"{"name": "n"}"#).text()
    };
    assert_eq!(add("", ("X-Run", "a")), r#"{"id":1}"#);
    assert_eq!(add("", ("x-run", "a")), r#"{"id":2}"#);
    assert_eq!(add("", ("Cookie", "x=1; run=a")), r#"{"id":3}"#);
    assert_eq!(add("", ("Cookie", "run=b")), r#"{"id":1}"#);
    // The path stands above both.
    assert_eq!(add("/@c", ("X-Run", "a")), r#"{"id":1}"#);
    assert_eq!(add("/@a", ("X-Other", "1")), r#"{"id":4}"#);
    assert!(add("", ("X-Run", "no name")).contains("not a valid session name"));
    assert_eq!(add("", ("X-Other", "1")), r#"{"id":1}"#);
    let rows = client.send("GET", "/_counterpart/state/alpha/shelves", &[("X-Run", "a")], "");
    assert_eq!(json(&rows).as_array().unwrap().len(), 4);
}

#[test]
fn what_was_counted_can_be_read_by_prometheus() {
    let folder = Folder::new("serving-metrics", &[("a.yaml", SPEC)]);
    let serving = Serving::start(&folder, &[".", "--sessions", "9"]);
    let mut client = Client::new(serving.address());
    let headers = [("Content-Type", "application/json")];
    let add = "/alpha/v1/shelves?key=s3cr3t";
    for name in ["north", "far too long", "much too long"] {
        client.send("POST", add, &headers, format!(r#"{{"name": "{name}"}}"#));
    }
    client.send("GET", "/@one/alpha/v1/shelves", &[], "");
    client.send("GET", "/nowhere", &[], "");
    let reply = client.send("GET", "/_counterpart/metrics", &[], "");
    assert_eq!(reply.header("content-type"), Some("text/plain; version=0.0.4; charset=utf-8"));
    let text = reply.text();
    for line in [
        r#"counterpart_requests_total{vendor="alpha",operation="add_shelf",status="2xx"} 1"#,
        r#"counterpart_requests_total{vendor="alpha",operation="add_shelf",status="4xx"} 2"#,
        r#"counterpart_requests_total{vendor="",operation="",status="4xx"} 1"#,
        r#"counterpart_refusals_total{vendor="alpha",rule="alpha/A1"} 2"#,
        r#"counterpart_request_duration_seconds_bucket{le="+Inf"} 5"#,
        "counterpart_request_duration_seconds_count 5",
        "counterpart_sessions 2",
        "counterpart_sessions_limit 9",
    ] {
        assert!(text.lines().any(|known| known == line), "{line}: {text}");
    }
    let health = json(&client.send("GET", "/_counterpart/health", &[], ""));
    assert_eq!(health["limits"]["sessions"], serde_json::json!({"most": 9, "used": 1}));
    assert_eq!(health["limits"]["bodyBytes"]["most"], 10_485_760);
}
