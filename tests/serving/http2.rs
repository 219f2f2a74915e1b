//! HTTP/2 without TLS, with a client that others wrote.

use std::process::{Command, Output};

use counterpart::MockServer;

use crate::SPEC;

/// Calls curl; none where it is not there, or has no HTTP/2.
fn curl(arguments: &[&str]) -> Option<(String, String)> {
    let version = Command::new("curl").arg("--version").output().ok()?;
    if !String::from_utf8_lossy(&version.stdout).contains("HTTP2") {
        return None;
    }
    let mut line = Command::new("curl");
    line.args(["-sS", "--noproxy", "*", "--max-time", "60", "-i"]).args(arguments);
    let Output { stdout, stderr, .. } = line.output().ok()?;
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    Some((text(&stdout), text(&stderr)))
}

#[test]
fn a_client_with_prior_knowledge_is_answered_in_http2() {
    let mock = MockServer::builder().spec_text("alpha", SPEC).seed(7).start().unwrap();
    let shelves = format!("{}/shelves", mock.url("alpha"));
    let add = format!("{shelves}?key=s3cr3t");
    let h2 = "--http2-prior-knowledge";
    let json = "content-type: application/json";
    let added = curl(&[h2, "-H", json, "-d", r#"{"name": "north"}"#, &add]);
    let Some((added, told)) = added else {
        eprintln!("SKIPPED: there is no curl with HTTP/2");
        assert!(std::env::var_os("CI").is_none(), "there is no curl with HTTP/2");
        return;
    };
    assert!(added.starts_with("HTTP/2 201"), "{added}{told}");
    assert!(added.contains("x-counterpart-operation: add_shelf"), "{added}");
    // One request for each connection: curl 7.88 cannot use one again that began with the preface.
    let (listed, told) = curl(&[h2, &shelves]).unwrap();
    assert!(listed.starts_with("HTTP/2 200"), "{listed}{told}");
    assert!(listed.ends_with(r#"{"shelves":[{"id":1,"name":"north"}]}"#), "{listed}");
    // The control plane knows by which name it was called.
    let health = mock.control_url("health");
    let (healthy, _) = curl(&[h2, &health]).unwrap();
    assert!(healthy.starts_with("HTTP/2 200") && healthy.contains(&shelves[..28]), "{healthy}");
    let (foreign, _) = curl(&[h2, "-H", "Host: evil.example", &health]).unwrap();
    assert!(foreign.starts_with("HTTP/2 403"), "{foreign}");
    // A text over its limit is refused, however long it is.
    let large = "x".repeat(100_000);
    let (refused, told) = curl(&[h2, "-H", json, "-d", &large, &add]).unwrap();
    assert!(refused.contains("HTTP/2 422"), "{refused}{told}");
    // What breaks a connection otherwise resets the stream.
    let faults = mock.control_url("faults");
    let (set, _) = curl(&[h2, "-d", r#"{"times": 1, "fault": "reset"}"#, &faults]).unwrap();
    assert!(set.starts_with("HTTP/2 201"), "{set}");
    let (lost, told) = curl(&[h2, &shelves]).unwrap();
    assert!(lost.is_empty() && told.contains("stream"), "{lost}{told}");
    let (whole, _) = curl(&["--http1.1", &shelves]).unwrap();
    assert!(whole.starts_with("HTTP/1.1 200"), "{whole}");
}
