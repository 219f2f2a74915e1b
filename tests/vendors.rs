//! Each spec in `tests/vendors` loads without a word, and its examples hold. They are of vendors that
//! are unlike those in `specs/`, so that the language stays a general one: invented ones, and as much
//! of real ones as their own clients in `tests/clients` ask for.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::path::Path;
use std::process::{Command, Stdio};

use counterpart::MockServer;
use counterpart::unstable::load::load_plans;
use counterpart::unstable::mock::example;
use support::client::{Client, Reply};

#[test]
fn the_examples_of_each_spec_hold() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vendors");
    let files = std::fs::read_dir(&folder).unwrap().count();
    let specs = load_plans(&[folder]).unwrap_or_else(|diagnostics| panic!("{diagnostics:#?}"));
    assert!(specs.warnings.is_empty(), "{:#?}", specs.warnings);
    for plan in &specs.plans {
        assert!(!plan.service.examples.is_empty(), "{} has no examples", plan.service.vendor);
        let differences = example::run(plan);
        assert!(differences.is_empty(), "{differences:#?}");
    }
    assert_eq!(specs.plans.len(), files);
}

/// Each folder of `examples` that has specs, as somebody who is in it runs its scenarios.
#[test]
fn the_scenarios_of_each_example_pass() {
    let mut ran = 0;
    for entry in std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("examples")).unwrap()
    {
        let folder = entry.unwrap().path();
        if !folder.join("specs").is_dir() {
            continue;
        }
        let checked = run(&folder, &["check", "--strict"]);
        assert!(checked.0, "{}: {}", folder.display(), checked.1);
        let (passed, said) = run(&folder, &["run"]);
        assert!(passed, "{}: {said}", folder.display());
        let (covered, said) = run(&folder, &["mutations"]);
        assert!(covered, "{}: {said}", folder.display());
        ran += 1;
    }
    assert!(ran > 0, "there are no examples");
}

#[test]
fn calls_send_what_their_operation_asks_for() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (passed, said) = run(root, &["run", "tests/vendor_scenarios", "--specs", "tests/vendors"]);
    assert!(passed, "{said}");
}

/// The journal says why each operation at a path was not meant, and the control plane what each
/// asks for.
#[test]
fn a_request_that_fits_no_match_is_explained() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vendors/actions.yaml");
    let mock = MockServer::start(folder).unwrap();
    let mut client = Client::new(mock.address());
    let answer = client.send("GET", "/actions/?Action=DropUsers", &[], "");
    assert_eq!(answer.status, 400, "{}", answer.text());
    let journal = client.send("GET", "/_counterpart/requests", &[], "");
    let journal: serde_json::Value = serde_json::from_slice(&journal.body).unwrap();
    let explanation = journal[0]["explanation"].as_array().unwrap();
    let skipped: Vec<_> = explanation.iter().filter(|e| e["outcome"] == "skipped").collect();
    let details: Vec<_> = skipped.iter().map(|e| e["detail"].as_str().unwrap()).collect();
    let wanted = [
        "`Action` in the query has to be `ListUsers`",
        "`Action` in the query has to be `CreateUser` or `AddUser`",
    ];
    assert_eq!(details, wanted);
    assert_eq!(skipped[0]["name"], "list_users.bindings[0]");
    let spec = client.send("GET", "/_counterpart/specs/actions", &[], "");
    let spec: serde_json::Value = serde_json::from_slice(&spec.body).unwrap();
    let of = |at: usize| spec["operations"][at]["bindings"][0]["match"].clone();
    assert_eq!(of(1), serde_json::json!({"query": {"Action": ["CreateUser", "AddUser"]}}));
    assert_eq!(of(2), serde_json::json!({"query": {"tagging": {"present": true}}}));
    assert_eq!(of(3), serde_json::Value::Null);
    let root = serde_json::json!({"root": {"name": "SubmitOrder", "namespace": "urn:orders"}});
    assert_eq!(of(7), root);
}

/// The lines of a header, in order.
fn lines<'r>(reply: &'r Reply, name: &str) -> Vec<&'r str> {
    let lines = reply.headers.iter().filter(|(known, _)| known == name);
    lines.map(|(_, value)| value.as_str()).collect()
}

/// What examples cannot say: which lines there are of a header.
#[test]
fn headers_of_answers_come_from_maps_and_lists() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vendors/names.yaml");
    let mock = MockServer::start(folder).unwrap();
    let mut client = Client::new(mock.address());
    let meta = [("X-Meta-Color", "red"), ("x-meta-size", "7"), ("X-Other", "no")];
    let answer = client.send("PUT", "/names/things/a", &meta, "");
    assert_eq!(answer.status, 204, "{}", answer.text());
    let answer = client.send("GET", "/names/things/a", &[], "");
    assert_eq!(lines(&answer, "x-meta-color"), ["red"]);
    assert_eq!(lines(&answer, "x-meta-size"), ["7"]);
    assert_eq!(lines(&answer, "x-other"), [""; 0]);
    assert_eq!(lines(&answer, "link"), ["</a>; rel=next", "</b>; rel=last"]);
    assert_eq!(lines(&answer, "vary"), ["Accept", "Origin"]);
    let cookies = [
        "theme=dark",
        "session=a; Path=/names; Max-Age=60; Secure; HttpOnly; SameSite=Lax",
        "gone=; Max-Age=0",
    ];
    assert_eq!(lines(&answer, "set-cookie"), cookies);
    // A header that a client's data names cannot be one of the connection's.
    let answer = client.send("GET", "/names/echo?content-length=3", &[], "");
    assert_eq!(answer.status, 500, "{}", answer.text());
    let answer = client.send("GET", "/names/echo?x-a=1&x-a=2&x-b=3", &[], "");
    assert_eq!((lines(&answer, "x-a"), lines(&answer, "x-b")), (vec!["1", "2"], vec!["3"]));
}

/// Whether it ended well, and what it said.
fn run(folder: &Path, arguments: &[&str]) -> (bool, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_counterpart-test"))
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&said).into_owned())
}
