//! Documents of other formats become specs that pass `check` and serve. Each folder of
//! `tests/import` is a format; beside a document stands what is made of it and said about it.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};

use counterpart::MockServer;
use support::client::{Client, Reply};
use support::folder::Folder;

/// Runs the mock's program; gives its code and what it said.
fn mock(folder: &Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_counterpart-mock"));
    command.args(arguments).current_dir(folder).stdin(Stdio::null());
    let Output { status, stdout, stderr } = command.output().unwrap();
    (status.code(), String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap())
}

/// The documents of a format: files that are not what was made of another one.
fn documents(format: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/import").join(format);
    let mut files: Vec<PathBuf> =
        fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    let made = |path: &PathBuf| {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        path.is_dir()
            || name.contains(".spec.")
            || name.ends_with(".notes.txt")
            || name.starts_with("part-")
    };
    files.retain(|path| !made(path));
    files.sort();
    assert!(!files.is_empty());
    files
}

fn snapshot(path: &Path, found: &str) {
    if std::env::var_os("UPDATE").is_some() {
        fs::write(path, found).unwrap();
        return;
    }
    let expected = fs::read_to_string(path).unwrap_or_default();
    assert_eq!(found, expected, "{} differs; UPDATE=1 writes it anew", path.display());
}

#[test]
fn each_document_is_what_it_is_expected_to_be_and_passes_check() {
    each_is_as_expected("openapi");
}

#[test]
fn each_wsdl_is_what_it_is_expected_to_be_and_passes_check() {
    each_is_as_expected("wsdl");
}

fn each_is_as_expected(format: &str) {
    for document in documents(format) {
        let work = Folder::new(&format!("import-{format}"), &[]);
        let (name, here) = (document.file_name().unwrap(), document.parent().unwrap());
        let out = work.0.to_string_lossy().into_owned();
        let line = ["import", format, name.to_str().unwrap(), "--vendor", "it", "--out", &out];
        let (code, said, noted) = mock(here, &line);
        assert_eq!(code, Some(0), "{}: {said}{noted}", document.display());
        let spec = work.read("it.yaml");
        snapshot(&document.with_extension("spec.yaml"), &spec);
        snapshot(
            &document.with_extension("notes.txt"),
            &format!("{noted}{}", said.replace(&out, "OUT")),
        );
        let (code, said, noted) = mock(&work.0, &["check", "it.yaml"]);
        assert_eq!((code, said.as_str()), (Some(0), "1 spec, no problems\n"), "{noted}");
        MockServer::start(&work.0).unwrap_or_else(|error| panic!("{error}"));
    }
}

/// What the mock says of a SOAP service is taken back, and says the same again.
#[test]
fn a_wsdl_that_the_mock_serves_is_taken_and_served_again() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = Folder::new("import-round", &[]);
    let first = MockServer::builder().specs([root.join("specs")]).start().unwrap();
    let served = |mock: &MockServer, path: &str| {
        let reply = Client::new(mock.address()).send("GET", path, &[], b"");
        assert_eq!(reply.status, 200, "{path}");
        reply.text().replace(&mock.address().to_string(), "HOST")
    };
    for path in ["/cake/api/1/addedit.asmx", "/cake/api/1/get.asmx"] {
        let text = served(&first, &format!("{path}?WSDL"));
        folder.write("it.wsdl", &text.replace("http://HOST/cake", "http://HOST"));
        let (code, _, said) =
            mock(&folder.0, &["import", "wsdl", "it.wsdl", "--vendor", "it", "--force"]);
        assert_eq!((code, &*said), (Some(0), ""), "{path}");
        let (code, said, noted) = mock(&folder.0, &["check", "specs"]);
        assert_eq!((code, said.as_str()), (Some(0), "1 spec, no problems\n"), "{noted}");
        let again = MockServer::start(folder.0.join("specs")).unwrap();
        let path = path.replace("/cake", "/it");
        let description = served(&again, &format!("{path}?WSDL"));
        let named = |text: &str| {
            let lines = text.lines().filter(|line| {
                ["<wsdl:operation", "<wsdl:port ", "soapAction=", "<s:element "]
                    .iter()
                    .any(|word| line.contains(word))
            });
            // What a type is called is its spec's matter.
            let lines = lines.map(|line| line.split(" type=\"tns:").next().unwrap().to_owned());
            lines.collect::<Vec<String>>()
        };
        assert_eq!(named(&description), named(&text), "{path}");
        let operation = description.split("<wsdl:operation name=\"").nth(1).unwrap();
        let operation = operation.split('"').next().unwrap();
        let namespace = text.split("targetNamespace=\"").nth(1).unwrap();
        let namespace = namespace.split('"').next().unwrap();
        let elements = if operation == "Contact" {
            "<entity_id>1</entity_id><contact_id>0</contact_id>\
             <include_in_mass_email>true</include_in_mass_email>\
             <contact_department_id>1</contact_department_id>\
             <contact_language_id>1</contact_language_id>"
        } else {
            ""
        };
        for (envelope, media_type) in [
            ("http://schemas.xmlsoap.org/soap/envelope/", "text/xml"),
            ("http://www.w3.org/2003/05/soap-envelope", "application/soap+xml"),
        ] {
            let body = format!(
                "<e:Envelope xmlns:e=\"{envelope}\"><e:Body><{operation} xmlns=\"{namespace}\">\
                 {elements}</{operation}></e:Body></e:Envelope>"
            );
            let headers = [("Content-Type", media_type)];
            let reply = Client::new(again.address()).send("POST", &path, &headers, body.as_bytes());
            let told = reply.text();
            assert_eq!(reply.status, 200, "{told}");
            assert!(told.contains(&format!("<{operation}Result")), "{told}");
        }
    }
}

#[test]
fn what_is_no_wsdl_is_refused() {
    let folder = Folder::new("import-no-wsdl", &[]);
    let empty = "<definitions xmlns=\"http://schemas.xmlsoap.org/wsdl/\"/>";
    let new = "<description xmlns=\"http://www.w3.org/ns/wsdl\"/>";
    for (text, told) in [
        ("", "is not XML"),
        ("counterpart: 1\n", "is not XML"),
        ("<a><b></a>", "is not XML"),
        ("<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>", "is not XML"),
        ("<a/>", "is not WSDL 1.1"),
        (new, "is WSDL 2.0"),
        (empty, "it has no `service`"),
    ] {
        folder.write("it.wsdl", text);
        let (code, said, noted) = mock(&folder.0, &["import", "wsdl", "it.wsdl"]);
        assert_eq!(code, Some(2), "{text}: {said}{noted}");
        assert!(noted.contains(told), "{told} is not in {noted}");
    }
}

/// A client of what was imported.
struct Imported {
    mock: MockServer,
    _folder: Folder,
}

impl Imported {
    fn openapi(name: &str) -> Self {
        let folder = Folder::new("imported", &[]);
        let document =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/import/openapi").join(name);
        let out = folder.0.to_string_lossy().into_owned();
        let line =
            ["import", "openapi", document.to_str().unwrap(), "--vendor", "it", "--out", &out];
        let (code, _, said) = mock(&folder.0, &line);
        assert_eq!(code, Some(0), "{said}");
        let mock = MockServer::start(&folder.0).unwrap_or_else(|error| panic!("{error}"));
        Self { mock, _folder: folder }
    }

    fn send(&self, method: &str, path: &str, body: Option<&Value>) -> (u16, Reply, Value) {
        let url = self.mock.session("client").url("it");
        let base = url.split_once("://").unwrap().1.split_once('/').map_or("", |(_, path)| path);
        let body = body.map(ToString::to_string).unwrap_or_default();
        let headers = [("X-Key", "it-key"), ("Content-Type", "application/json")];
        let mut client = Client::new(self.mock.address());
        let reply = client.send(method, &format!("/{base}{path}"), &headers, body.as_bytes());
        let value = serde_json::from_str(&reply.text()).unwrap_or(Value::Null);
        (reply.status, reply, value)
    }
}

#[test]
fn a_client_creates_reads_lists_replaces_and_deletes() {
    let it = Imported::openapi("notes.yaml");
    let (status, reply, note) =
        it.send("POST", "/notes", Some(&json!({"title": "Pay rent", "slug": "rent"})));
    assert_eq!((status, &note["title"], &note["pinned"]), (201, &json!("Pay rent"), &json!(false)));
    let id = note["id"].as_i64().unwrap();
    assert!(note["createdAt"].is_string(), "{note}");
    assert!(reply.header("location").unwrap().ends_with(&format!("/notes/{id}")));
    let path = format!("/notes/{id}");
    assert_eq!(it.send("GET", &path, None).2, note);
    let all = it.send("GET", "/notes", None).2;
    assert_eq!((all["data"].as_array().unwrap().len(), &all["total"]), (2, &json!(2)), "{all}");
    assert_eq!(it.send("GET", "/notes?limit=1", None).2["data"].as_array().unwrap().len(), 1);
    let (status, _, error) =
        it.send("POST", "/notes", Some(&json!({"title": "Again", "slug": "rent"})));
    assert_eq!((status, &error["code"]), (409, &json!(409)), "{error}");
    let (status, _, error) = it.send("POST", "/notes", Some(&json!({"slug": "none"})));
    assert_eq!((status, error["message"].as_str()), (400, Some("title is required")), "{error}");
    let (status, _, changed) =
        it.send("PUT", &path, Some(&json!({"title": "Paid", "pinned": true})));
    assert_eq!((status, &changed["title"]), (200, &json!("Paid")));
    let pinned = it.send("GET", "/notes?pinned=true", None).2;
    assert!(pinned["data"].as_array().unwrap().contains(&changed), "{pinned}");
    let (status, _, comment) =
        it.send("POST", &format!("{path}/comments"), Some(&json!({"text": "done"})));
    assert_eq!((status, comment.as_object().unwrap().len()), (201, 2), "{comment}");
    let one = format!("{path}/comments/{}", comment["id"].as_str().unwrap());
    assert_eq!(it.send("GET", &one, None).2, comment);
    assert_eq!(it.send("GET", &format!("{path}/comments"), None).2, json!([comment]));
    assert_eq!(it.send("DELETE", &path, None).0, 204);
    for (method, path) in [("GET", &path), ("DELETE", &path), ("GET", &one)] {
        let (status, _, error) = it.send(method, path, None);
        assert_eq!(status, 404, "{method} {path}: {error}");
    }
}

/// What is made of requests runs, by the runner, on the mock of the spec that is drafted of them.
#[test]
fn requests_become_a_scenario_that_passes_on_the_drafted_spec() {
    for format in ["curl", "har", "postman"] {
        for document in documents(format) {
            let work = Folder::new("requests", &[]);
            let (name, here) = (document.file_name().unwrap(), document.parent().unwrap());
            let out = work.0.to_string_lossy().into_owned();
            let line = ["import", format, name.to_str().unwrap(), "--vendor", "it", "--out", &out];
            let (code, said, noted) = mock(here, &[&line[..], &["--spec"]].concat());
            assert_eq!(code, Some(0), "{}: {said}{noted}", document.display());
            let stem = document.file_stem().unwrap().to_string_lossy();
            let made = [
                work.read(&format!("scenarios/it/{stem}.yaml")),
                work.read("specs/it.yaml"),
                format!("{noted}{}", said.replace(&out, "OUT")),
            ]
            .join("\n----\n");
            assert!(!made.contains("hunter2"), "a secret is written:\n{made}");
            snapshot(&document.with_extension("notes.txt"), &made);
            let (code, said, noted) = mock(&work.0, &["check", "--strict"]);
            assert_eq!((code, said.as_str()), (Some(0), "1 spec, no problems\n"), "{noted}");
            let (code, said, noted) = work.run(&["run"]);
            assert_eq!(code, Some(0), "{}: {said}{noted}", document.display());
        }
    }
}

#[test]
fn what_cannot_be_read_is_told_and_nothing_is_written() {
    let files = [
        ("openapi", "broken.yaml", "openapi: [3", "not YAML"),
        ("openapi", "other.yaml", "a: 1", "this is not an OpenAPI document"),
        ("openapi", "cut.json", "{\"openapi\": ", "not JSON"),
        ("har", "other.har", "{\"a\": 1}", "this is not a HAR file"),
        ("postman", "other.json", "{\"a\": 1}", "this is not a Postman collection"),
        ("curl", "none.sh", "# nothing here", "there is no request"),
    ];
    for (format, name, text, expected) in files {
        let folder = Folder::new("unreadable", &[(name, text)]);
        let (code, out, err) = mock(&folder.0, &["import", format, name]);
        assert_eq!((code, out.as_str()), (Some(2), ""), "{name}: {err}");
        assert!(err.contains(expected), "{name}: {err}");
        assert_eq!(fs::read_dir(&folder.0).unwrap().count(), 1, "{name}");
    }
}

#[test]
fn nothing_is_overwritten_without_force() {
    let folder = Folder::new("overwrite", &[("specs/it.yaml", "mine")]);
    let document = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/import/openapi/notes.yaml");
    let line = ["import", "openapi", document.to_str().unwrap(), "--vendor", "it"];
    let (code, out, err) = mock(&folder.0, &line);
    assert_eq!((code, out.as_str()), (Some(2), ""));
    assert!(err.contains("already exists; nothing was written"), "{err}");
    assert_eq!(folder.read("specs/it.yaml"), "mine");
    let (code, ..) = mock(&folder.0, &[&line[..], &["--force"]].concat());
    assert_eq!(code, Some(0));
    assert!(folder.read("specs/it.yaml").contains("vendor: it"));
}
