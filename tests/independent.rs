//! The scenarios of vendors against servers that were written from the vendors' documents alone,
//! by others and in another language: they pass there, and each of many ways in which such a
//! server can deviate from the documents is noticed.
//!
//! `tests/independent/server.py` says how a server is asked to deviate, and
//! `tests/independent/VENDOR.yaml` which statements notice what; `UPDATE=1` with
//! `COUNTERPART_CLIENTS=all` writes it anew. Without the latter only a few deviations are tried.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(clippy::print_stderr, reason = "what is skipped is told to the person at the terminal")]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::thread;

use serde_json::Value;
use support::folder::Folder;

/// Of the deviations that are tried where not all are, each so manieth.
const FEW: usize = 20;
/// What stands in place of statements where nothing notices a deviation.
const NOT_NOTICED: &str = "NOT NOTICED";
/// So many statements are named of those that notice something.
const NAMED: usize = 4;

/// A server, until the test is over.
struct Server {
    process: Child,
    address: String,
}

fn python() -> Command {
    let mut python = Command::new("python3");
    python.arg(root().join("tests/independent/server.py")).stdout(Stdio::piped());
    python.env("PYTHONDONTWRITEBYTECODE", "1");
    python
}

impl Server {
    fn start() -> Self {
        let mut process = python().stdin(Stdio::piped()).spawn().unwrap();
        let mut address = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut address).unwrap();
        Self { process, address: address.trim().to_owned() }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

/// The exit code, and the trials that did not pass.
struct Outcome {
    code: Option<i32>,
    failed: Vec<Value>,
    said: String,
}

impl Outcome {
    /// The statements that the trials are about which noticed something.
    fn statements(&self) -> String {
        let all: BTreeSet<&str> = self
            .failed
            .iter()
            .filter_map(|trial| trial.get("covers")?.as_array())
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        let mut text = all.iter().take(NAMED).copied().collect::<Vec<_>>().join(", ");
        if all.len() > NAMED {
            _ = write!(text, " and {} more", all.len() - NAMED);
        }
        text
    }
}

fn run(server: &Server, vendor: &str, base: &str, deviation: &str) -> Outcome {
    let folder = Folder::new(&format!("independent-{vendor}-{deviation}"), &[]);
    let report = folder.0.join("report.json");
    let target = format!("{vendor}=http://{}/{vendor}/{deviation}/test{base}", server.address);
    let mut runner = Command::new(env!("CARGO_BIN_EXE_counterpart-test"));
    runner.current_dir(root()).stdin(Stdio::null());
    runner.args(["run", &format!("scenarios/{vendor}"), "--specs", "specs", "--target", &target]);
    runner.args(["--tag", "not assumed", "--allow-destructive", "--report"]);
    let output = runner.arg(format!("json={}", report.display())).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned()
        + &String::from_utf8_lossy(&output.stderr);
    let report: Value = serde_json::from_str(&fs::read_to_string(report).unwrap()).unwrap();
    let trials = report.get("trials").and_then(Value::as_array).unwrap();
    let has_failed =
        |trial: &&Value| trial.get("verdict").and_then(Value::as_str) == Some("failed");
    let failed = trials.iter().filter(has_failed).cloned().collect();
    Outcome { code: output.status.code(), failed, said }
}

/// The lines of `VENDOR.yaml`: a deviation and what notices it.
fn kept(vendor: &str) -> BTreeMap<String, String> {
    let path = root().join(format!("tests/independent/{vendor}.yaml"));
    let text = fs::read_to_string(path).unwrap_or_default();
    text.lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once(": "))
        .map(|(name, what)| (name.to_owned(), what.trim().to_owned()))
        .collect()
}

#[test]
fn deviations_of_quentn_are_noticed() {
    noticed("quentn", "/public/api/V1");
}

fn noticed(vendor: &str, base: &str) {
    let listed = match python().arg("--list").output() {
        Ok(output) => String::from_utf8(output.stdout).unwrap(),
        Err(error) => {
            assert!(std::env::var_os("CI").is_none(), "python3: {error}");
            eprintln!("SKIPPED {vendor}: python3 cannot be called");
            return;
        }
    };
    let server = Server::start();
    for name in ["none", "other"] {
        let outcome = run(&server, vendor, base, name);
        assert_eq!(outcome.code, Some(0), "{name}: {}", outcome.said);
    }
    let all: Vec<&str> = listed
        .lines()
        .filter_map(|line| line.split_once(' '))
        .filter(|(of, _)| *of == vendor)
        .map(|(_, name)| name)
        .collect();
    let whole = std::env::var("COUNTERPART_CLIENTS").is_ok_and(|clients| clients == "all");
    let tried = all.iter().step_by(if whole { 1 } else { FEW });
    let (waiting, found) = (Mutex::new(tried.collect::<Vec<_>>()), Mutex::new(BTreeMap::new()));
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(name) = { waiting.lock().unwrap().pop() } {
                    let outcome = run(&server, vendor, base, name);
                    let what = match outcome.code {
                        Some(0) => NOT_NOTICED.to_owned(),
                        Some(1) => outcome.statements(),
                        code => format!("exit code {code:?}: {}", outcome.said),
                    };
                    found.lock().unwrap().insert((*name).to_owned(), what);
                }
            });
        }
    });
    let found = found.into_inner().unwrap();
    let kept = kept(vendor);
    if whole && std::env::var_os("UPDATE").is_some() {
        write(vendor, &found, &kept);
        return;
    }
    assert_eq!(kept.keys().collect::<Vec<_>>(), all.iter().collect::<Vec<_>>());
    // Which trials notice it may differ, since trials of one account run side by side.
    for (name, what) in found {
        let expected = kept.get(&name).is_some_and(|what| !what.starts_with(NOT_NOTICED));
        assert!(!what.starts_with("exit code"), "{name}: {what}");
        assert_eq!(what != NOT_NOTICED, expected, "{name}: {what}");
    }
}

/// What stands behind a `#` is kept: why something is not noticed.
fn write(vendor: &str, found: &BTreeMap<String, String>, kept: &BTreeMap<String, String>) {
    let mut text = format!(
        "# What notices each deviation of the server in {vendor}.py: the statements of the trials\n\
         # that fail. Written by `tests/independent.rs`.\n"
    );
    for (name, what) in found {
        let why = kept.get(name).and_then(|what| what.split_once(" # "));
        let why = why.map(|(_, why)| format!(" # {why}")).unwrap_or_default();
        _ = writeln!(text, "{name}: {what}{why}");
    }
    fs::write(root().join(format!("tests/independent/{vendor}.yaml")), text).unwrap();
}
