//! Names that want out of their folder: in URLs, of sessions, vendors and hosts, of files that
//! scenarios name, and of what is imported.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::support::client::Client;
use super::support::folder::Folder;
use super::support::serving::{Serving, command};

const SECRET: &str = "nobody reads this 5ba1c0de";
const SPEC: &str = "counterpart: 1\nvendor: v\noperations:\n  - {operationId: a, method: GET, \
    path: \"/a/{x}\", parameters: [{name: x, in: path, schema: {type: string}}], \
    steps: [{respond: {status: 200, body: {x: \"${path.x}\"}}}]}\n";

/// A folder with a secret beside the one that is worked in.
fn folder(name: &str) -> Folder {
    let files = [
        ("secret.yaml", format!("- {{call: a, with: {{path: {{x: {SECRET}}}}}}}\n")),
        ("secret.csv", format!("x\n{SECRET}\n")),
        ("secret", SECRET.to_owned()),
        ("in/specs/v.yaml", SPEC.to_owned()),
        ("in/scenarios/parts/inner.yaml", "- {call: a, with: {path: {x: inner}}}\n".to_owned()),
        ("in/scenarios/rows.csv", "x\ninner\n".to_owned()),
    ];
    let folder = Folder::new(name, &[]);
    for (path, text) in files {
        folder.write(path, &text);
    }
    folder
}

/// Steps of a path, as they are and as URLs may hide them.
fn parts() -> impl Strategy<Value = Vec<&'static str>> {
    let part = prop::sample::select(vec![
        "..",
        ".",
        "",
        "%2e%2e",
        "%2E.",
        "..%2f..",
        "..%5c",
        "..\\",
        "secret",
        "secret.yaml",
        "secret.csv",
        "in",
        "specs",
        "v.yaml",
        "v",
        "_counterpart",
        "state",
        "@..",
        "@x",
        "etc",
        "passwd",
        "proc",
        "self",
        "environ",
        "%00",
        "..;",
        "file:",
        "~",
    ]);
    prop::collection::vec(part, 1..9)
}

fn ask(address: SocketAddr, target: &str, host: &str) -> String {
    let request = format!("GET {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    String::from_utf8_lossy(&Client::new(address).raw(request)).into_owned()
}

#[test]
fn no_url_session_or_host_reads_a_file() {
    let folder = folder("traversal-urls");
    let inner = Folder(folder.0.join("in"));
    let serving = Serving::start(&inner, &[]);
    let address = serving.address();
    let mut runner =
        TestRunner::new(Config { cases: 300, failure_persistence: None, ..Config::default() });
    let names = (parts(), parts(), 0..4_u8);
    let tried = runner.run(&names, |(path, host, place)| {
        let path = path.join("/");
        let target = match place {
            0 => format!("/{path}"),
            1 => format!("/@{path}/v/a/b"),
            2 => format!("/v/a/{path}"),
            _ => format!("/_counterpart/{path}"),
        };
        let host = if place == 0 { host.join(".").replace(['%', '\\'], "") } else { "h".into() };
        let answer = ask(address, &target, &host);
        prop_assert!(answer.starts_with("HTTP/1.1 "), "{target}: {answer}");
        prop_assert!(!answer.contains(SECRET) && !answer.contains("root:x:"), "{target}: {answer}");
        Ok(())
    });
    tried.unwrap();
    // What it holds back is there.
    assert!(fs::read_to_string(inner.0.join("../secret")).unwrap().contains(SECRET));
}

#[test]
fn no_scenario_names_a_file_elsewhere() {
    let folder = folder("traversal-files");
    let inner = Folder(folder.0.join("in"));
    let outside = folder.0.join("secret").display().to_string();
    #[cfg(unix)]
    std::os::unix::fs::symlink("../../secret.yaml", inner.0.join("scenarios/link")).unwrap();
    let names = [
        ("../../secret", false),
        ("parts/../../../secret", false),
        ("./.././../secret", false),
        ("none/../../../secret", false),
        (&*outside, false),
        ("/etc/passwd", false),
        ("link", false),
        ("parts/../parts/inner.yaml", true),
        ("../scenarios/./parts/inner.yaml", true),
        ("rows.csv", true),
        ("../specs/v.yaml", true),
    ];
    for (name, is_within) in names {
        for step in [
            "request: {method: POST, path: /a/b, file: NAME}",
            "request: {method: POST, path: /a/b, multipart: {a: {file: NAME}}}",
            "include: NAME",
        ] {
            let step = step.replace("NAME", &format!("\"{name}\""));
            inner.write(
                "scenarios/s.yaml",
                &format!(
                    "counterpart: 1\nvendor: v\nscenarios:\n  - {{name: s, steps: [{{{step}}}]}}\n"
                ),
            );
            let (_, _, said) = inner.run(&["check", "scenarios/s.yaml"]);
            let refused = said.contains("is outside of the folder of the scenarios");
            assert_eq!(refused, !is_within, "{step}: {said}");
            assert!(!said.contains(SECRET), "{step}: {said}");
        }
    }
    inner.write(
        "scenarios/s.yaml",
        "counterpart: 1\nvendor: v\nscenarios:\n  - {name: s, rows: {file: ../../secret.csv}, \
         steps: [{call: a, with: {path: {x: \"${x}\"}}}]}\n",
    );
    let (code, _, said) = inner.run(&["check"]);
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("is outside") && !said.contains(SECRET), "{said}");
    // A file of the working directory, which nothing of its name says.
    inner.write(
        "here.yaml",
        "counterpart: 1\nvendor: v\nscenarios:\n  - {name: s, steps: [{include: ../secret.yaml}]}\n",
    );
    let (code, _, said) = inner.run(&["check", "here.yaml"]);
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("is outside") && !said.contains(SECRET), "{said}");
}

/// What a document refers to comes into what is written, so that it must not be anything.
#[test]
fn no_import_reads_elsewhere() {
    let folder = folder("traversal-references");
    let inner = Folder(folder.0.join("in"));
    let schema = format!("{{\"Secret\": {{\"type\": \"string\", \"description\": \"{SECRET}\"}}}}");
    folder.write("schemas.json", &schema);
    #[cfg(unix)]
    std::os::unix::fs::symlink("../schemas.json", inner.0.join("link.json")).unwrap();
    let outside = folder.0.join("schemas.json").display().to_string();
    for file in ["../schemas.json", "specs/../../schemas.json", "link.json", &outside] {
        inner.write(
            "d.json",
            &format!(
                "{{\"openapi\": \"3.0.0\", \"info\": {{\"title\": \"t\", \"version\": \"1\"}}, \
                 \"paths\": {{\"/x\": {{\"get\": {{\"parameters\": [{{\"name\": \"s\", \"in\": \
                 \"query\", \"schema\": {{\"$ref\": \"{file}#/Secret\"}}}}], \"responses\": \
                 {{}}}}}}}}}}"
            ),
        );
        let read = |at: &Folder, document: &str| {
            let arguments = ["import", "openapi", document, "--out", "out", "--force"];
            let output = command(at, &arguments).output().unwrap();
            let spec = fs::read_to_string(at.0.join("out/t.yaml")).unwrap_or_default();
            (spec, String::from_utf8_lossy(&output.stderr).into_owned())
        };
        let (spec, said) = read(&inner, "d.json");
        assert!(!spec.contains(SECRET), "{file}: {spec}");
        assert!(said.contains("is outside of the folder of the document"), "{file}: {said}");
        // Whoever works in a folder that holds both means it.
        let (spec, said) = read(&folder, "in/d.json");
        assert!(spec.contains(SECRET), "{file}: {said}");
    }
}

/// What is imported stands in its folder, whatever the document is called.
#[test]
fn no_import_writes_elsewhere() {
    let folder = folder("traversal-import");
    let inner = Folder(folder.0.join("in"));
    let listing = |folder: &Path| {
        let mut names: Vec<_> =
            fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        names
    };
    let before = listing(&folder.0);
    for title in ["../../secret", "/etc/secret", "..\\\\..\\\\secret", "\\0", "", "..", "a/b"] {
        let document = format!(
            "{{\"openapi\": \"3.0.0\", \"info\": {{\"title\": \"{title}\", \"version\": \"1\"}}, \
             \"paths\": {{\"/../../x\": {{\"get\": {{\"operationId\": \"../x\", \"responses\": {{}}}}}}}}}}"
        );
        inner.write("d.json", &document.replace('\0', "\\u0000"));
        command(&inner, &["import", "openapi", "d.json", "--force"]).output().unwrap();
        for vendor in [title, "../v"] {
            let arguments = ["import", "openapi", "d.json", "--force", "--vendor", vendor];
            command(&inner, &arguments).output().ok();
        }
    }
    assert_eq!(listing(&folder.0), before);
    assert!(folder.read("secret.yaml").contains(SECRET));
    assert!(listing(&inner.0.join("specs")).len() > 1);
}
