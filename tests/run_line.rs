//! The runner's command line, with real processes.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

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
        let mut command = Command::new(env!("CARGO_BIN_EXE_counterpart-test"));
        command.arg("run").args(arguments).current_dir(&self.0).stdin(Stdio::null());
        command
    }

    fn done(&self, arguments: &[&str]) -> (Option<i32>, String, String) {
        let output = self.run(arguments).output().unwrap();
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
