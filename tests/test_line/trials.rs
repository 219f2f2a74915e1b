//! How trials are chosen, run and shown.

use std::fmt::Write as _;
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::process::{Command, Stdio};

use crate::support::client::Client;
use crate::support::folder::Folder;
use counterpart::MockServer;

pub const SPEC: &str = "
counterpart: 1
vendor: library
servers: [{url: https://library.example/v1}]
mediaTypes: {application/json: {wire: json}}
produces: [application/json]
operations:
  - {operationId: greet, method: GET, path: /greeting, steps: [{respond: {status: 200, body: {text: hello}}}]}
";

/// A folder with the spec and some scenarios.
pub fn folder(name: &str, files: &[(&str, &str)]) -> Folder {
    let folder = Folder::new(&format!("test-line-{name}"), files);
    folder.write("specs/library.yaml", SPEC);
    folder
}

fn done(folder: &Folder, arguments: &[&str]) -> (Option<i32>, String, String) {
    folder.run(&[&["run"], arguments].concat())
}

/// A file of many scenarios that pass.
pub fn greetings(count: usize) -> String {
    let mut text = "counterpart: 1\nvendor: library\nscenarios:\n".to_owned();
    for number in 0..count {
        writeln!(text, "  - name: greeting {number}\n    steps: [{{call: greet}}]").unwrap();
    }
    text
}

#[test]
fn a_reader_who_goes_ends_it_without_a_noise() {
    let folder = folder("pipe", &[("scenarios/many.yaml", &greetings(5000))]);
    for arguments in [&["--list"][..], &[], &["--test-threads", "1"]] {
        let mut command = folder.runner(&[&["run"], arguments].concat());
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{arguments:?}");
        // The trials passed, whoever read of it.
        assert_eq!(output.status.code(), Some(0), "{arguments:?}");
    }
}

#[test]
fn one_trial_alone_reads_only_what_it_needs() {
    let files = [
        ("scenarios/good.yaml", &*greetings(2)),
        ("scenarios/library/deep/good.yaml", &*greetings(1)),
        ("scenarios/bad.yaml", "counterpart: 1\nvendor: library\nscenarios: [{nam: x}]\n"),
        ("scenarios/part.yaml", "# steps\n- call: greet\n"),
    ];
    let folder = folder("exact", &files);
    for name in ["library/good/greeting 1", "library/deep/good/greeting 0"] {
        let (code, out, err) = done(&folder, &["--exact", name]);
        assert_eq!((code, &*err), (Some(0), ""), "{out}");
        assert!(out.contains("1 passed in "), "{out}");
    }
    let (code, _, err) = done(&folder, &["library/good/greeting 1"]);
    assert_eq!(code, Some(2));
    assert!(err.contains("scenarios/bad.yaml:3:"), "{err}");
    fs::remove_file(folder.0.join("scenarios/bad.yaml")).unwrap();
    let (code, _, err) = done(&folder, &["--exact", "library/good/greeting 7"]);
    assert_eq!(code, Some(2));
    assert!(err.contains("the nearest is `library/good/greeting "), "{err}");
}

const MIXED: &str = "
counterpart: 1
vendor: library
scenarios:
  - name: fails
    steps: [{call: greet, expect: {status: 200, body: {text: hullo, more: 1}}}]
  - {name: passes, steps: [{call: greet}]}
  - {name: waits for the sun, skip: it rains, steps: [{call: greet, expect: {status: 404}}]}
";

/// Without what differs from run to run.
pub fn steady(text: &str) -> String {
    let mut steady = String::new();
    for line in text.lines() {
        let line = match line.find(" in ").filter(|_| line.contains(" passed")) {
            Some(at) => format!("{} in TIME", &line[..at]),
            None => line.to_owned(),
        };
        let line = match line.find("(200, ").or_else(|| line.find("(400, ")) {
            Some(at) => format!("{} TIME)", &line[..at + 5]),
            None => line,
        };
        let line = if line.starts_with("curl ") { "curl ..." } else { &line };
        steady.push_str(line);
        steady.push('\n');
    }
    steady
}

#[test]
fn what_fails_is_drawn_and_the_rest_is_counted() {
    let folder = folder("mixed", &[("scenarios/mixed.yaml", MIXED)]);
    let (code, out, err) = done(&folder, &[]);
    assert_eq!((code, &*err), (Some(1), ""));
    let expected = r#"FAIL library/mixed/fails > greet (200, TIME)

error[expectation]: 2 expectations do not hold
 --> scenarios/mixed.yaml:6:62
  |
6 |     steps: [{call: greet, expect: {status: 200, body: {text: hullo, more: 1}}}]
  |                                                              ^^^^^        - `$.more` is missing
  |                                                              |
  |                                                              `$.text` is "hello", not "hullo"

the answer:  - expected  + actual
  {
-   "text": "hullo",
-   "more": 1
+   "text": "hello"
  }

the mock of this run is gone, unless --keep-mock keeps it:
curl ...

1 passed, 1 failed, 1 skipped in TIME
    failed  library/mixed/fails
   skipped  it rains (1)
            library/mixed/waits for the sun
"#;
    assert_eq!(steady(&out), expected, "{out}");
    let (code, out, err) = done(&folder, &["--skip", "fails"]);
    assert_eq!((code, &*err), (Some(0), ""));
    assert!(steady(&out).starts_with("1 passed, 1 skipped in TIME\n   skipped"), "{out}");
}

#[test]
fn a_running_mock_keeps_the_sessions_of_what_failed() {
    let folder = folder("sessions", &[("scenarios/mixed.yaml", MIXED)]);
    let mock = MockServer::start(folder.0.join("specs")).unwrap();
    let url = format!("http://{}", mock.address());
    let (code, out, _) = done(&folder, &["--base-url", &url]);
    assert_eq!(code, Some(1));
    let left = Client::new(mock.address()).send("GET", "/_counterpart/sessions", &[], "").text();
    let session = out.split_once("/@").and_then(|(_, rest)| rest.split_once('/')).unwrap().0;
    assert_eq!(left, format!(r#"[{{"name":"{session}","unusedSeconds":0}}]"#));
}

#[test]
fn what_is_skipped_can_be_run_all_the_same() {
    let folder = folder("ignored", &[("scenarios/mixed.yaml", MIXED)]);
    for (arguments, counts) in [
        (&["--ignored"][..], "0 passed, 1 failed in TIME"),
        (&["--include-ignored"], "1 passed, 2 failed in TIME"),
    ] {
        let (code, out, _) = done(&folder, arguments);
        assert_eq!(code, Some(1));
        assert!(steady(&out).contains(counts), "{out}");
    }
}

#[test]
fn the_formats_of_tests_are_those_of_tests() {
    let folder = folder("formats", &[("scenarios/mixed.yaml", MIXED)]);
    for (format, sign) in [
        ("pretty", "test library/mixed/passes            ... ok\n"),
        ("terse", "running 3 tests\n"),
        ("json", r#"{"type": "test", "name": "library/mixed/passes", "event": "ok""#),
    ] {
        let (code, out, _) = done(&folder, &["--format", format, "--test-threads", "1"]);
        assert_eq!(code, Some(1));
        let spaces = |text: &str| text.replace([' '], "");
        assert!(spaces(&out).contains(&spaces(sign)), "{out}");
    }
}

#[test]
fn what_is_not_begun_is_skipped_with_the_reason() {
    let failing = greetings(4).replace("{call: greet}", "{call: greet, expect: {status: 201}}");
    let folder = folder("not-begun", &[("scenarios/many.yaml", &failing)]);
    let (code, out, err) = done(&folder, &["--test-threads", "1", "--fail-fast"]);
    assert_eq!((code, &*err), (Some(1), ""));
    assert!(steady(&out).contains("0 passed, 1 failed, 3 skipped in TIME"), "{out}");
    assert!(out.contains("skipped  a trial failed before (3)"), "{out}");
    let (code, out, _) = done(&folder, &["--test-threads", "1", "--max-requests", "2"]);
    assert_eq!(code, Some(1));
    assert!(steady(&out).contains("0 passed, 3 failed, 1 skipped in TIME"), "{out}");
    let reason = "the 2 requests that the run may make are used up";
    assert!(out.contains(&format!("error[scenario]: {reason}")), "{out}");
    assert!(out.contains(&format!("skipped  {reason} (1)")), "{out}");
}

/// A vendor who takes connections and says nothing.
#[test]
fn what_is_interrupted_begins_no_more_trials() {
    let vendor = TcpListener::bind("127.0.0.1:0").unwrap();
    let target = format!("library=http://{}", vendor.local_addr().unwrap());
    let finally = "\n    finally: [{call: greet, when: \"${ false }\"}]";
    let many = greetings(3).replace("{call: greet}]", &format!("{{call: greet}}]{finally}"));
    let folder = folder("interrupted", &[("scenarios/many.yaml", &many)]);
    let mut command = folder.runner(&["run", "--test-threads", "1", "--target", &target]);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let held = vendor.accept().unwrap();
    let kill = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(kill.unwrap().success());
    let output = child.wait_with_output().unwrap();
    drop(held);
    let out = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1), "{out}");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "the run was interrupted\n");
    assert!(steady(&out).contains("0 passed, 1 failed, 2 skipped in TIME"), "{out}");
    assert!(out.contains("skipped  the run was interrupted before it began (2)"), "{out}");
    vendor.set_nonblocking(true).unwrap();
    assert!(vendor.accept().is_err(), "another request was made");
}

#[test]
fn what_cannot_be_run_is_one_clear_message() {
    let tagged = greetings(2).replace("scenarios:", "tags: [smoke]\nscenarios:");
    let folder = folder("refused", &[("scenarios/two.yaml", &tagged)]);
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let nobody = format!("http://{nobody}");
    let cases: [(&[&str], &str); 7] = [
        (&["--tag", "not smoke"], "no scenario has the tags that are asked for"),
        (&["greting"], "there is no file or folder `greting`, and no trial with that in its name"),
        (&["--exact", "greeting"], "no trial is called `greeting`"),
        (&["one", "two", "--watch"], "neither `one` nor `two` is a file or a folder"),
        (&["--timeout", "5s"], "did you mean `PT5S`?"),
        (&["--target", "https://library.example/"], "vendor=https://host/base/path"),
        (&["--base-url", &nobody], "refused the connection"),
    ];
    for (arguments, said) in cases {
        let (code, out, err) = done(&folder, arguments);
        assert_eq!((code, &*out), (Some(2), ""), "{arguments:?}: {err}");
        assert!(err.starts_with("error: "), "{arguments:?}: {err}");
        assert!(err.contains(said), "{arguments:?}: {err}");
    }
}

/// What a URL is that is given for that of a mock is asked before any trial begins.
#[test]
fn what_is_no_mock_is_told_once() {
    let folder = folder("no-mock", &[("scenarios/two.yaml", &greetings(2))]);
    for (health, said) in [
        (
            "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n",
            "is not a counterpart-mock (GET /_counterpart/health gives 404)",
        ),
        (
            "HTTP/1.1 200 OK\r\ncontent-length: 31\r\n\r\n{\"vendors\":[{\"name\":\"museum\"}]}",
            "serves no `library`, only museum",
        ),
    ] {
        let vendor = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", vendor.local_addr().unwrap());
        let answering = std::thread::spawn(move || {
            let (mut connection, _) = vendor.accept().unwrap();
            let mut head = [0; 4096];
            let read = connection.read(&mut head).unwrap();
            connection.write_all(health.as_bytes()).unwrap();
            String::from_utf8_lossy(&head[..read]).into_owned()
        });
        let (code, out, err) = done(&folder, &["--base-url", &url]);
        assert_eq!((code, &*out), (Some(2), ""));
        assert!(err.contains(said), "{err}");
        assert!(answering.join().unwrap().starts_with("GET /_counterpart/health "));
    }
}

#[test]
fn coverage_as_json_is_one_document() {
    let folder = folder("coverage", &[("scenarios/mixed.yaml", MIXED)]);
    let (code, out, err) = folder.run(&["coverage", "--format", "json"]);
    assert_eq!(code, Some(1));
    let coverage: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(coverage["vendors"][0]["operations"]["exercised"], 1);
    assert!(err.starts_with("FAIL library/mixed/fails"), "{err}");
    assert!(steady(&err).contains("1 passed, 1 failed, 1 skipped in TIME"), "{err}");
    let (code, out, err) = folder.run(&["coverage", "--skip", "fails"]);
    assert_eq!((code, &*err), (Some(0), ""));
    assert!(out.contains("operations"), "{out}");
}
