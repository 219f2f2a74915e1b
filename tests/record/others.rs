//! A server that knows nothing of this project, and a client that others wrote.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;

use super::support::canned::{Canned, whole};
use super::support::client::Client;
use super::support::folder::Folder;
use super::support::serving::{Serving, command};
use super::url;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The Python that has `requests`, where it is installed.
fn python() -> Option<PathBuf> {
    let own = root().join("target/tools/python/bin/python");
    if own.exists() {
        return Some(own);
    }
    let demanded = std::env::var_os("CI").is_some_and(|ci| ci == "true");
    assert!(!demanded, "Python is not there; tests/tools.sh installs it");
    println!("SKIPPED: Python is not there; tests/tools.sh installs it");
    None
}

/// A server, until the test is over.
struct Notes(Child, String);

impl Notes {
    fn start(python: &Path, more: &[&str]) -> Self {
        let mut command = Command::new(python);
        command.arg(root().join("tests/record/notes.py")).args(more);
        command.env("PYTHONDONTWRITEBYTECODE", "1");
        let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut address = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut address).unwrap();
        Self(process, format!("notes=http://{}/v1", address.trim()))
    }
}

impl Drop for Notes {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

#[test]
fn a_spec_is_drafted_and_the_scenario_passes_on_the_server_again() {
    let Some(python) = python() else { return };
    let folder = Folder::new("record-others", &[]);
    let notes = Notes::start(&python, &[]);
    let arguments = ["record", "--listen", "127.0.0.1:0", "--upstream", &notes.1];
    let mut recorder = Serving::of(command(&folder, &arguments));
    let mut client = Command::new(&python);
    client.arg(root().join("tests/record/client.py")).arg(url(&recorder));
    let output = client.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let (code, said) = recorder.stop("-INT");
    assert_eq!(code, Some(0), "{said}");
    let scenario = folder.read("scenarios/notes/recorded.yaml");
    let spec = folder.read("specs/notes.yaml");
    for secret in ["hunter2", "letmein", "sid="] {
        assert!(!format!("{scenario}{spec}").contains(secret), "{secret}: {scenario}{spec}");
    }
    for part in [
        "path: /notes/{note_id}",
        "method: PATCH",
        "404:",
        "title: {type: string}",
        "created: {type: string, format: date-time}",
    ] {
        assert!(spec.contains(part), "{part}: {spec}");
    }
    assert!(!spec.contains("/notes/none"), "{spec}");
    let output = command(&folder, &["check", "--strict"]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}{spec}");
    // The same server, a fresh one, and one that has changed.
    let fresh = Notes::start(&python, &[]);
    let other = Notes::start(&python, &["--deviate"]);
    for (target, expected) in [(&notes, Some(0)), (&fresh, Some(0)), (&other, Some(1))] {
        let arguments = ["run", "--allow-destructive", "--target", &target.1];
        let mut runner = folder.runner(&arguments);
        runner.env("NOTES_PASSWORD", "hunter2");
        let output = runner.output().unwrap();
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8_lossy(&said);
        assert_eq!(output.status.code(), expected, "{}: {said}\n{scenario}", target.1);
        let noticed = said.contains("`$.title` is \"something else\"");
        assert_eq!(noticed, expected == Some(1), "{said}");
    }
    // The mock of the draft.
    let output = folder.runner(&["run"]).env("NOTES_PASSWORD", "hunter2").output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    assert!(output.status.success(), "{said}\n{scenario}\n{spec}");
}

/// Contacts of a store whose number is that of the first contact, each with a version that clients
/// send back; `first` is the number of the first one.
fn contacts(first: u32) -> Canned {
    let version = Mutex::new(first * 7);
    Canned::behaving(move |stream, request| {
        let request = String::from_utf8_lossy(request).into_owned();
        let mut version = version.lock().unwrap();
        let shown = |version: u32| format!("AAAAAAAA{version:04X}Z9E=");
        let (status, changes) = match request.split(' ').next() {
            Some("POST") => ("201 Created", true),
            Some("PUT") if request.contains(&shown(*version)) => ("200 OK", true),
            Some("PUT") => ("409 Conflict", false),
            _ => ("200 OK", false),
        };
        *version += u32::from(changes);
        let version = shown(*version);
        let contact = format!(r#"{{"Id": {first}, "StoreId": 1, "Version": "{version}"}}"#);
        let json = [("Content-Type", "application/json")];
        stream.write_all(&whole(status, &json, contact.as_bytes())).ok();
    })
}

#[test]
fn an_id_is_not_taken_for_an_equal_number_and_what_goes_back_is_captured() {
    let folder = Folder::new("record-equal", &[]);
    let there = contacts(1);
    let upstream = format!("shop={}/v1", there.url());
    let arguments = ["record", "--listen", "127.0.0.1:0", "--upstream", &upstream];
    let mut recorder = Serving::of(command(&folder, &arguments));
    let mut client = Client::new(recorder.address());
    let json = [("Content-Type", "application/json")];
    let made = client.send("POST", "/shop/v1/contacts", &json, r#"{"StoreId": 1}"#).text();
    let made: serde_json::Value = serde_json::from_str(&made).unwrap();
    client.send("GET", "/shop/v1/contacts/1", &[], "");
    let body = format!(r#"{{"StoreId": 1, "Version": {}}}"#, made["Version"]);
    assert_eq!(client.send("PUT", "/shop/v1/contacts/1", &json, &body).status, 200);
    let (code, said) = recorder.stop("-INT");
    assert_eq!(code, Some(0), "{said}");
    let scenario = folder.read("scenarios/shop/recorded.yaml");
    for part in [
        "capture: {contact_id: $.Id, version: $.Version}",
        r#"path: "/contacts/${contact_id}""#,
        r#"json: {StoreId: 1, Version: "${version}"}"#,
        r#"body: {Id: "${contact_id}", StoreId: 1, Version: {$type: string}}"#,
    ] {
        assert!(scenario.contains(part), "{part}: {scenario}");
    }
    // The same one again, and one that counts otherwise.
    for target in [&there, &contacts(2)] {
        let target = format!("shop={}/v1", target.url());
        let output = folder.runner(&["run", "--target", &target]).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{said}\n{scenario}");
    }
}

/// Accounts, of which there is one for an address; a second one is refused.
fn accounts() -> Canned {
    let known: Mutex<Vec<String>> = Mutex::default();
    Canned::behaving(move |stream, request| {
        let request = String::from_utf8_lossy(request).into_owned();
        let (head, body) = request.split_once("\r\n\r\n").unwrap();
        let path = head.split(' ').nth(1).unwrap();
        let sent = body.split("\"mail\":").nth(1).map(|rest| rest.split('"').nth(1).unwrap());
        let asked = sent.unwrap_or_else(|| path.rsplit('/').next().unwrap());
        let address = asked.replace("%40", "@");
        let mut known = known.lock().unwrap();
        let is_known = known.contains(&address);
        let status = match (head.split(' ').next(), is_known) {
            (Some("POST"), true) => "409 Conflict",
            (Some("POST"), false) => "201 Created",
            (_, true) => "200 OK",
            (_, false) => "404 Not Found",
        };
        if !is_known && status.starts_with("201") {
            known.push(address.clone());
        }
        let answer = format!(r#"{{"mail": "{address}", "note": "we wrote to {address}."}}"#);
        let json = [("Content-Type", "application/json")];
        stream.write_all(&whole(status, &json, answer.as_bytes())).ok();
    })
}

#[test]
fn an_address_that_is_taken_once_is_another_one_each_time() {
    let folder = Folder::new("record-addresses", &[]);
    let there = accounts();
    let upstream = format!("shop={}", there.url());
    let arguments = ["record", "--listen", "127.0.0.1:0", "--upstream", &upstream];
    let mut recorder = Serving::of(command(&folder, &arguments));
    let mut client = Client::new(recorder.address());
    let json = [("Content-Type", "application/json")];
    let made = r#"{"mail": "ann@shop.example", "cc": "info@shop.example"}"#;
    assert_eq!(client.send("GET", "/shop/accounts/info%40shop.example", &[], "").status, 404);
    assert_eq!(client.send("POST", "/shop/accounts", &json, made).status, 201);
    assert_eq!(client.send("POST", "/shop/accounts", &json, made).status, 409);
    assert_eq!(client.send("GET", "/shop/accounts/ann%40shop.example", &[], "").status, 200);
    let (code, said) = recorder.stop("-INT");
    assert_eq!(code, Some(0), "{said}");
    let scenario = folder.read("scenarios/shop/recorded.yaml");
    for part in [
        "mail: \"ann-${unique}@shop.example\"  # ann@shop.example was recorded",
        "json: {mail: \"${mail}\", cc: info@shop.example}",
        "path: \"/accounts/${mail}\"",
        "body: {mail: \"${mail}\", note: {$regex: '^we wrote to ${mail}\\.$'}}",
    ] {
        assert!(scenario.contains(part), "{part}: {scenario}");
    }
    for _ in 0..2 {
        let target = format!("shop={}", there.url());
        let output = folder.runner(&["run", "--target", &target]).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{said}\n{scenario}");
    }
}
