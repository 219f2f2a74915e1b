//! The runner's command line, with real processes.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod support;

use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

use counterpart::MockServer;
use support::client::Client;

const SPEC: &str = "
counterpart: 1
vendor: library
servers: [{url: https://library.example/v1}]
mediaTypes: {application/json: {wire: json}}
produces: [application/json]
operations:
  - {operationId: greet, method: GET, path: /greeting, steps: [{respond: {status: 200, body: {text: hello}}}]}
";

/// A folder with the spec and some scenarios that is gone when the test is over.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str, files: &[(&str, &str)]) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("run-line-{name}"));
        fs::remove_dir_all(&folder).ok();
        for (name, text) in [("specs/library.yaml", SPEC)].iter().chain(files) {
            let path = folder.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        Self(folder)
    }

    fn run(&self, arguments: &[&str]) -> Command {
        self.command("run", arguments)
    }

    fn command(&self, name: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_counterpart-test"));
        command.arg(name).args(arguments).current_dir(&self.0).stdin(Stdio::null());
        command
    }

    fn done(&self, arguments: &[&str]) -> (Option<i32>, String, String) {
        self.done_by("run", arguments)
    }

    fn done_by(&self, name: &str, arguments: &[&str]) -> (Option<i32>, String, String) {
        let output = self.command(name, arguments).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (output.status.code(), text(output.stdout), text(output.stderr))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).ok();
    }
}

/// A file of many scenarios that pass.
fn greetings(count: usize) -> String {
    let mut text = "counterpart: 1\nvendor: library\nscenarios:\n".to_owned();
    for number in 0..count {
        writeln!(text, "  - name: greeting {number}\n    steps: [{{call: greet}}]").unwrap();
    }
    text
}

#[test]
fn a_reader_who_goes_ends_it_without_a_noise() {
    let folder = Folder::new("pipe", &[("scenarios/many.yaml", &greetings(5000))]);
    for (arguments, code) in [(&["--list"][..], 1), (&[], 1), (&["--test-threads", "1"], 1)] {
        let mut command = folder.run(arguments);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{arguments:?}");
        assert_eq!(output.status.code(), Some(code), "{arguments:?}");
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
    let folder = Folder::new("exact", &files);
    for name in ["library/good/greeting 1", "library/deep/good/greeting 0"] {
        let (code, out, err) = folder.done(&["--exact", name]);
        assert_eq!((code, &*err), (Some(0), ""), "{out}");
        assert!(out.contains("1 passed in "), "{out}");
    }
    let (code, _, err) = folder.done(&["library/good/greeting 1"]);
    assert_eq!(code, Some(2));
    assert!(err.contains("scenarios/bad.yaml:3:"), "{err}");
    fs::remove_file(folder.0.join("scenarios/bad.yaml")).unwrap();
    let (code, _, err) = folder.done(&["--exact", "library/good/greeting 7"]);
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
fn steady(text: &str) -> String {
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
    let folder = Folder::new("mixed", &[("scenarios/mixed.yaml", MIXED)]);
    let (code, out, err) = folder.done(&[]);
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

curl ...

1 passed, 1 failed, 1 skipped in TIME
    failed  library/mixed/fails
   skipped  it rains (1)
            library/mixed/waits for the sun
"#;
    assert_eq!(steady(&out), expected, "{out}");
    let (code, out, err) = folder.done(&["--skip", "fails"]);
    assert_eq!((code, &*err), (Some(0), ""));
    assert!(steady(&out).starts_with("1 passed, 1 skipped in TIME\n   skipped"), "{out}");
}

#[test]
fn a_running_mock_keeps_the_sessions_of_what_failed() {
    let folder = Folder::new("sessions", &[("scenarios/mixed.yaml", MIXED)]);
    let mock = MockServer::start(folder.0.join("specs")).unwrap();
    let url = format!("http://{}", mock.address());
    let (code, out, _) = folder.done(&["--base-url", &url]);
    assert_eq!(code, Some(1));
    let left = Client::new(mock.address()).send("GET", "/_counterpart/sessions", &[], "").text();
    let session = out.split_once("/@").and_then(|(_, rest)| rest.split_once('/')).unwrap().0;
    assert_eq!(left, format!(r#"[{{"name":"{session}","unusedSeconds":0}}]"#));
}

#[test]
fn the_failure_that_the_readme_shows_is_what_is_drawn() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = fs::read_to_string(root.join("README.md")).unwrap();
    let block = |begins: &str| {
        let rest = readme.split_once(begins).unwrap().1;
        rest.split_once("```").unwrap().0.to_owned()
    };
    let folder = Folder::new("readme", &[("mail.yaml", &block("```yaml\n"))]);
    let specs = root.join("specs");
    let (code, out, err) = folder.done(&["mail.yaml", "--specs", specs.to_str().unwrap()]);
    assert_eq!((code, &*err), (Some(1), ""));
    assert_eq!(steady(&out), steady(&block("$ counterpart-test run mail.yaml\n")));
}

#[test]
fn what_is_skipped_can_be_run_all_the_same() {
    let folder = Folder::new("ignored", &[("scenarios/mixed.yaml", MIXED)]);
    for (arguments, counts) in [
        (&["--ignored"][..], "0 passed, 1 failed in TIME"),
        (&["--include-ignored"], "1 passed, 2 failed in TIME"),
    ] {
        let (code, out, _) = folder.done(arguments);
        assert_eq!(code, Some(1));
        assert!(steady(&out).contains(counts), "{out}");
    }
}

#[test]
fn the_formats_of_tests_are_those_of_tests() {
    let folder = Folder::new("formats", &[("scenarios/mixed.yaml", MIXED)]);
    for (format, sign) in [
        ("pretty", "test library/mixed/passes            ... ok\n"),
        ("terse", "running 3 tests\n"),
        ("json", r#"{"type": "test", "name": "library/mixed/passes", "event": "ok""#),
    ] {
        let (code, out, _) = folder.done(&["--format", format, "--test-threads", "1"]);
        assert_eq!(code, Some(1));
        let spaces = |text: &str| text.replace([' '], "");
        assert!(spaces(&out).contains(&spaces(sign)), "{out}");
    }
}

#[test]
fn what_is_not_begun_is_skipped_with_the_reason() {
    let failing = greetings(4).replace("{call: greet}", "{call: greet, expect: {status: 201}}");
    let folder = Folder::new("not-begun", &[("scenarios/many.yaml", &failing)]);
    let (code, out, err) = folder.done(&["--test-threads", "1", "--fail-fast"]);
    assert_eq!((code, &*err), (Some(1), ""));
    assert!(steady(&out).contains("0 passed, 1 failed, 3 skipped in TIME"), "{out}");
    assert!(out.contains("skipped  a trial failed before (3)"), "{out}");
    let (code, out, _) = folder.done(&["--test-threads", "1", "--max-requests", "2"]);
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
    let folder = Folder::new("interrupted", &[("scenarios/many.yaml", &many)]);
    let mut command = folder.run(&["--test-threads", "1", "--target", &target]);
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
    let folder = Folder::new("refused", &[("scenarios/two.yaml", &tagged)]);
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
        let (code, out, err) = folder.done(arguments);
        assert_eq!((code, &*out), (Some(2), ""), "{arguments:?}: {err}");
        assert!(err.starts_with("error: "), "{arguments:?}: {err}");
        assert!(err.contains(said), "{arguments:?}: {err}");
    }
}

/// What a URL is that is given for that of a mock is asked before any trial begins.
#[test]
fn what_is_no_mock_is_told_once() {
    let folder = Folder::new("no-mock", &[("scenarios/two.yaml", &greetings(2))]);
    for (health, said) in [
        (
            "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n",
            "is no counterpart-mock (GET /_counterpart/health gives 404)",
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
        let (code, out, err) = folder.done(&["--base-url", &url]);
        assert_eq!((code, &*out), (Some(2), ""));
        assert!(err.contains(said), "{err}");
        assert!(answering.join().unwrap().starts_with("GET /_counterpart/health "));
    }
}

#[test]
fn coverage_as_json_is_one_document() {
    let folder = Folder::new("coverage", &[("scenarios/mixed.yaml", MIXED)]);
    let (code, out, err) = folder.done_by("coverage", &["--format", "json"]);
    assert_eq!(code, Some(1));
    let coverage: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(coverage["vendors"][0]["operations"]["exercised"], 1);
    assert!(err.starts_with("FAIL library/mixed/fails"), "{err}");
    assert!(steady(&err).contains("1 passed, 1 failed, 1 skipped in TIME"), "{err}");
    let (code, out, err) = folder.done_by("coverage", &["--skip", "fails"]);
    assert_eq!((code, &*err), (Some(0), ""));
    assert!(out.contains("operations"), "{out}");
}

/// A process that watches, stopped when the test is over.
struct Watching {
    process: Child,
    stdout: BufReader<ChildStdout>,
}

impl Watching {
    fn new(folder: &Folder, arguments: &[&str]) -> Self {
        let mut command = folder.run(arguments);
        command.arg("--watch").stdout(Stdio::piped()).stderr(Stdio::null());
        let mut process = command.spawn().unwrap();
        let stdout = BufReader::new(process.stdout.take().unwrap());
        Self { process, stdout }
    }

    /// The next line that says how a run ended.
    fn counts(&mut self) -> String {
        loop {
            let mut line = String::new();
            assert_ne!(self.stdout.read_line(&mut line).unwrap(), 0, "it ended");
            if line.contains(" passed") {
                return steady(&line).trim_end().to_owned();
            }
        }
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

#[test]
fn what_a_changed_file_touches_is_run_again() {
    let other = SPEC.replace("vendor: library", "vendor: museum");
    let including = "counterpart: 1\nvendor: library\nscenarios:\n  - name: included\n    steps: [{include: parts/outer.yaml}]\n";
    let files = [
        ("scenarios/two.yaml", &*greetings(2)),
        ("scenarios/including.yaml", including),
        ("scenarios/parts/outer.yaml", "- include: inner.yaml\n"),
        ("scenarios/parts/inner.yaml", "- call: greet\n"),
        ("scenarios/museum.yaml", &greetings(4).replace("library", "museum")),
        ("specs/museum.yaml", &other),
    ];
    let folder = Folder::new("watch", &files);
    let mut watching = Watching::new(&folder, &["scenarios", "--specs", "specs"]);
    assert_eq!(watching.counts(), "7 passed in TIME");
    let write = |name: &str, text: &str| fs::write(folder.0.join(name), text).unwrap();
    write("scenarios/two.yaml", &greetings(3));
    assert_eq!(watching.counts(), "3 passed in TIME");
    write("scenarios/parts/inner.yaml", "- {call: greet, expect: {status: 201}}\n");
    assert_eq!(watching.counts(), "0 passed, 1 failed in TIME");
    write("specs/museum.yaml", &other.replace("hello", "hullo"));
    assert_eq!(watching.counts(), "4 passed in TIME");
    fs::remove_file(folder.0.join("scenarios/museum.yaml")).unwrap();
    assert_eq!(watching.counts(), "3 passed, 1 failed in TIME");
}
