//! Forms with files of clients that are not ours, to the mock of `tests/vendors/uploads.yaml`. A
//! client that is not on the machine is skipped, and said so.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(clippy::print_stderr, reason = "what is skipped is told to the person at the terminal")]

mod support;

use std::path::{Path, PathBuf};
use std::process::Command;

use counterpart::MockServer;
use support::client::Client;
use support::folder::Folder;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn mock() -> MockServer {
    MockServer::start(root().join("tests/vendors/uploads.yaml")).unwrap()
}

/// What a program wrote; none where the machine does not have it, or not all that it needs.
fn output(program: &str, has: &[&str], arguments: &[&str]) -> Option<Vec<u8>> {
    let there = Command::new(program).args(has).output().is_ok_and(|it| it.status.success());
    if !there {
        eprintln!("SKIPPED: `{program} {}` does not answer here", has.join(" "));
        return None;
    }
    let output = Command::new(program).args(arguments).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program} {arguments:?}: {said}");
    Some(output.stdout)
}

#[test]
fn curl_sends_a_form_and_gets_its_file_back() {
    let mock = mock();
    let folder = Folder::new("uploads-curl", &[]);
    let content: Vec<u8> = (0..=255).cycle().take(100_000).collect();
    let file = folder.0.join("all \"bytes\".png");
    std::fs::write(&file, &content).unwrap();
    let base = format!("http://{}/uploads", mock.address());
    let quoted = file.display().to_string().replace('"', "\\\"");
    let [file, url] = [format!("file=@\"{quoted}\""), format!("{base}/files")];
    let about = "about={\"author\": \"Mia\"};type=application/json";
    let form = ["-sS", "-F", &file, "-F", "title=A cat", "-F", "pages=2", "-F", about, &url];
    let Some(answer) = output("curl", &["--version"], &form) else { return };
    let answer: serde_json::Value = serde_json::from_slice(&answer).unwrap();
    assert_eq!(answer["filename"], "all \"bytes\".png", "{answer}");
    assert_eq!(answer["size"], 100_000);
    assert_eq!((&answer["title"], &answer["pages"]), (&"A cat".into(), &2.into()));
    assert_eq!(answer["about"]["author"], "Mia");
    let url = format!("{base}/files/{}", answer["id"]);
    let back = output("curl", &["--version"], &["-sS", &url]).unwrap();
    assert!(back == content, "the file is another one");
}

#[test]
fn clients_of_python_send_forms() {
    let mock = mock();
    let base = format!("http://{}/uploads", mock.address());
    let script = root().join("tests/uploads/form.py");
    let installed = root().join("target/tools/python/bin/python");
    let python = if installed.exists() { installed } else { Path::new("python3").to_owned() };
    for library in ["requests", "httpx"] {
        let has = format!("import {library}");
        let arguments = [script.to_str().unwrap(), library, &base];
        output(python.to_str().unwrap(), &["-c", &has], &arguments);
    }
}

#[test]
fn the_fetch_of_node_sends_forms() {
    let mock = mock();
    let base = format!("http://{}/uploads", mock.address());
    let script = root().join("tests/uploads/form.mjs");
    output("node", &["-e", "new FormData()"], &[script.to_str().unwrap(), &base]);
}

/// The journal tells why a body could not be read, and in which part.
#[test]
fn what_is_wrong_with_a_form_is_explained() {
    let mock = mock();
    let mut client = Client::new(mock.address());
    let headers = [("Content-Type", "multipart/form-data; boundary=b")];
    let body = "--b\r\nContent-Disposition: form-data; name=about\r\n\r\n{\r\n--b--";
    let answer = client.send("POST", "/uploads/files", &headers, body);
    assert_eq!(answer.status, 400, "{}", answer.text());
    let journal = client.send("GET", "/_counterpart/requests", &[], "").text();
    assert!(journal.contains("the part `about` cannot be read as json"), "{journal}");
}

/// Wherever a body ends or goes wrong, the vendor says so, and the mock goes on.
#[test]
fn a_form_that_is_cut_off_or_damaged_is_refused() {
    let mock = mock();
    let mut client = Client::new(mock.address());
    let headers = [("Content-Type", "multipart/form-data; boundary=b")];
    let good = "--b\r\nContent-Disposition: form-data; name=\"pages\"\r\n\r\n2\r\n\
        --b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\
        Content-Type: image/png\r\n\r\n\0\u{1}\r\n--b--";
    let mut send = |body: &[u8]| client.send("POST", "/uploads/files", &headers, body).status;
    assert_eq!(send(good.as_bytes()), 201);
    for length in 0..good.len() {
        let cut = good.as_bytes().get(..length).unwrap();
        assert_eq!(send(cut), 400, "{length}");
    }
    for at in 0..good.len() {
        let mut damaged = good.as_bytes().to_vec();
        damaged[at] = 0xff;
        assert!(matches!(send(&damaged), 201 | 400 | 415 | 422), "{at}");
    }
}
