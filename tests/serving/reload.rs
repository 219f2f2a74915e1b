//! Specs that change while they are served.

use std::fs;

use crate::SPEC;
use crate::support::client::Client;
use crate::support::folder::Folder;
use crate::support::served::json;
use crate::support::serving::Serving;

fn add(client: &mut Client, session: &str, name: &str) -> u16 {
    let path = format!("{session}/alpha/v1/shelves?key=s3cr3t");
    let headers = [("Content-Type", "application/json")];
    client.send("POST", &path, &headers, format!(r#"{{"name": "{name}"}}"#)).status
}

fn shelves(client: &mut Client, session: &str) -> String {
    client.send("GET", &format!("{session}/alpha/v1/shelves"), &[], "").text()
}

#[test]
fn a_changed_spec_is_served_with_what_sessions_remember() {
    let folder = Folder::new("serving-reload", &[("specs/a.yaml", SPEC)]);
    let mut serving = Serving::start(&folder, &["--watch", "--log", "json"]);
    let log = serving.log();
    let mut client = Client::new(serving.address());
    assert_eq!(add(&mut client, "", "north"), 201);
    assert_eq!(add(&mut client, "/@mine", "south"), 201);
    assert_eq!(add(&mut client, "", "far too long"), 422);
    let frozen = r#"{"now": "2026-01-01T00:00:00Z", "frozen": true}"#;
    assert_eq!(client.send("PUT", "/_counterpart/clock", &[], frozen).status, 200);

    // Another operation before all others, and longer names.
    let changed = SPEC
        .replace("maxLength: 5", "maxLength: 12")
        .replace("operations:\n", "operations:\n  - {operationId: ping, method: GET, path: /ping, steps: [{respond: {status: 204}}]}\n");
    folder.write("specs/a.yaml", &changed);
    let line = log.until(r#""event":"reload""#);
    assert!(line.contains(r#""loaded":true"#), "{line}");
    assert_eq!(client.send("GET", "/alpha/v1/ping", &[], "").status, 204);
    assert_eq!(add(&mut client, "", "far too long"), 201);
    let both = r#"{"shelves":[{"id":1,"name":"north"},{"id":2,"name":"far too long"}]}"#;
    assert_eq!(shelves(&mut client, ""), both);
    assert_eq!(shelves(&mut client, "/@mine"), r#"{"shelves":[{"id":1,"name":"south"}]}"#);
    let clock = client.send("GET", "/_counterpart/clock", &[], "").text();
    assert!(clock.contains("2026-01-01T00:00:00Z"), "{clock}");

    // What was asked before is told as it was.
    let journal = json(&client.send("GET", "/_counterpart/requests?vendor=alpha", &[], ""));
    let told: Vec<_> = journal.as_array().unwrap().iter().collect();
    assert_eq!(told[1]["operation"], "add_shelf");
    assert_eq!(told[1]["rule"], "alpha/A1");
    assert!(told[1]["explanation"].to_string().contains("a name has at most five characters"));
    assert_eq!(told[2]["operation"], "ping");
    // There is no way back to a spec that is gone.
    let back = client.send("POST", "/_counterpart/rewind", &[], r#"{"before": 1}"#);
    assert_eq!(back.status, 410, "{}", back.text());
    assert_eq!(client.send("POST", "/_counterpart/rewind", &[], r#"{"before": 4}"#).status, 204);
    assert_eq!(shelves(&mut client, ""), r#"{"shelves":[{"id":1,"name":"north"}]}"#);

    // A spec with mistakes, or half of one, is told and not served.
    for broken in [&changed[..changed.len() / 2], &changed.replace("insert:", "insret:"), ""] {
        folder.write("specs/a.yaml", broken);
        let line = log.until(r#""event":"reload""#);
        assert!(line.contains(r#""loaded":false"#) && line.contains("a.yaml"), "{line}");
        assert_eq!(client.send("GET", "/alpha/v1/ping", &[], "").status, 204);
    }
    // Rows that do not fit are given up, and that is said; another vendor comes.
    folder.write(
        "specs/a.yaml",
        &changed.replace("name: {type: string}\n", "name: {type: integer}\n"),
    );
    folder.write("specs/b.yaml", &SPEC.replace("vendor: alpha", "vendor: beta"));
    let line = log.until(r#""loaded":true"#);
    assert!(
        line.contains(r#""collection":"shelves""#) && line.contains("@mine")
            || line.contains("mine"),
        "{line}"
    );
    assert!(line.contains(r#""reason":"[0].name must be"#), "{line}");
    assert_eq!(shelves(&mut client, ""), r#"{"shelves":[]}"#);
    // Both files may have been seen at once, or one after the other.
    while client.send("GET", "/beta/v1/shelves", &[], "").status != 200 {
        log.until(r#""loaded":true"#);
    }
    fs::remove_file(folder.0.join("specs/a.yaml")).unwrap();
    log.until(r#""loaded":true"#);
    assert_eq!(client.send("GET", "/alpha/v1/ping", &[], "").status, 404);
    let journal = json(&client.send("GET", "/_counterpart/requests?limit=99", &[], ""));
    assert_eq!(journal[0]["vendor"], "alpha");
}

/// What a spec names is a part of it: a tree, and what is sent as it is.
#[test]
fn a_changed_file_that_a_spec_names_is_served() {
    let spec = "counterpart: 1\nvendor: named\nmediaTypes: {application/json: {wire: json}}\n\
                operations:\n  \
                - {operationId: tree, method: GET, path: /tree, steps: [{respond: {status: 200, body: {$file: files/tree.json}}}]}\n  \
                - {operationId: sent, method: GET, path: /sent, steps: [{respond: {status: 200, file: files/sent.txt, mediaType: text/plain}}]}\n";
    let files = [
        ("specs/named.yaml", spec),
        ("specs/files/tree.json", r#"{"inner": {"$file": "inner.json"}}"#),
        ("specs/files/inner.json", "1"),
        ("specs/files/sent.txt", "one"),
    ];
    let folder = Folder::new("serving-named", &files);
    let mut serving = Serving::start(&folder, &["--watch", "--log", "json"]);
    let log = serving.log();
    let mut client = Client::new(serving.address());
    let mut both =
        || ["tree", "sent"].map(|at| client.send("GET", &format!("/named/{at}"), &[], "").text());
    assert_eq!(both(), [r#"{"inner":1}"#, "one"]);
    for (file, text, expected) in [
        ("specs/files/sent.txt", "another", [r#"{"inner":1}"#, "another"]),
        ("specs/files/inner.json", "22", [r#"{"inner":22}"#, "another"]),
    ] {
        folder.write(file, text);
        let line = log.until(r#""event":"reload""#);
        assert!(line.contains(r#""loaded":true"#), "{line}");
        assert_eq!(both(), expected);
    }
    // What has gone is told, and what was served goes on.
    fs::remove_file(folder.0.join("specs/files/sent.txt")).unwrap();
    let line = log.until(r#""event":"reload""#);
    assert!(line.contains(r#""loaded":false"#), "{line}");
    assert_eq!(both(), [r#"{"inner":22}"#, "another"]);
}

#[test]
fn nothing_is_lost_of_requests_that_come_while_a_spec_is_loaded() {
    let folder = Folder::new("serving-reload-busy", &[("specs/a.yaml", SPEC)]);
    let mut serving = Serving::start(&folder, &["--watch", "--log", "json"]);
    let log = serving.log();
    let address = serving.address();
    let asking = std::thread::spawn(move || {
        let mut client = Client::new(address);
        (0..400).filter(|_| add(&mut client, "", "x") == 201).count()
    });
    folder.write("specs/a.yaml", &SPEC.replace("maxLength: 5", "maxLength: 6"));
    log.until(r#""loaded":true"#);
    let added = asking.join().unwrap();
    assert_eq!(added, 400);
    let rows =
        json(&Client::new(address).send("GET", "/_counterpart/state/alpha/shelves", &[], ""));
    let ids: Vec<_> =
        rows.as_array().unwrap().iter().map(|row| row["id"].as_u64().unwrap()).collect();
    assert_eq!(ids, (1..=400).collect::<Vec<u64>>());
}

#[test]
fn no_version_of_a_row_comes_again_after_a_spec_was_loaded() {
    let spec = r#"
counterpart: 1
vendor: notes
info: {title: Notes, description: first}
mediaTypes: {application/json: {wire: json}}
collections:
  notes:
    key: id
    schema:
      type: object
      properties:
        id: {type: integer, generate: sequence}
        text: {type: string}
        version: {type: string, generate: rowVersion}
operations:
  - operationId: add
    method: POST
    path: /notes
    steps:
      - insert: {in: notes, values: {text: a}, as: note}
      - respond: {status: 201, body: "${note}"}
  - operationId: change
    method: PUT
    path: /notes
    steps:
      - find: {in: notes, where: {id: 1}, as: note}
      - update: {record: note, values: {text: b}}
      - respond: {status: 200, body: "${note}"}
"#;
    let folder = Folder::new("serving-reload-versions", &[("specs/notes.yaml", spec)]);
    let mut serving = Serving::start(&folder, &["--watch", "--log", "json"]);
    let log = serving.log();
    let mut client = Client::new(serving.address());
    let mut version = |method: &str| {
        let reply = client.send(method, "/notes/notes", &[], "");
        json(&reply)["version"].as_str().unwrap().to_owned()
    };
    let mut versions = vec![version("POST"), version("PUT")];
    folder.write("specs/notes.yaml", &spec.replace("first", "second"));
    log.until(r#""loaded":true"#);
    versions.extend([version("PUT"), version("POST")]);
    let mut different = versions.clone();
    different.sort();
    different.dedup();
    assert_eq!(different.len(), versions.len(), "{versions:?}");
}
