//! Running again what a changed file touches.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdout, Stdio};

use crate::support::folder::Folder;
use crate::trials::{SPEC, folder, greetings, steady};

/// A process that watches, stopped when the test is over.
struct Watching {
    process: Child,
    stdout: BufReader<ChildStdout>,
}

impl Watching {
    fn new(folder: &Folder, arguments: &[&str]) -> Self {
        let mut command = folder.runner(&[&["run"], arguments].concat());
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
        ("scenarios/parts/inner.yaml", "- call: greet\n- {include: ../../shared/last.yaml}\n"),
        ("shared/last.yaml", "- call: greet\n"),
        ("scenarios/museum.yaml", &greetings(4).replace("library", "museum")),
        ("specs/museum.yaml", &other),
    ];
    let folder = folder("watch", &files);
    let mut watching = Watching::new(&folder, &["scenarios", "--specs", "specs"]);
    assert_eq!(watching.counts(), "7 passed in TIME");
    folder.write("scenarios/two.yaml", &greetings(3));
    assert_eq!(watching.counts(), "3 passed in TIME");
    folder.write("scenarios/parts/inner.yaml", "- {call: greet, expect: {status: 201}}\n");
    assert_eq!(watching.counts(), "0 passed, 1 failed in TIME");
    folder.write("scenarios/parts/inner.yaml", "- {include: ../../shared/last.yaml}\n");
    assert_eq!(watching.counts(), "1 passed in TIME");
    folder.write("shared/last.yaml", "- {call: greet, expect: {status: 201}}\n");
    assert_eq!(watching.counts(), "0 passed, 1 failed in TIME");
    folder.write("specs/museum.yaml", &other.replace("hello", "hullo"));
    assert_eq!(watching.counts(), "4 passed in TIME");
    fs::remove_file(folder.0.join("scenarios/museum.yaml")).unwrap();
    assert_eq!(watching.counts(), "3 passed, 1 failed in TIME");
}
