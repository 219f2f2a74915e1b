//! The scenarios of vendors, `run --target` and `compare`, against servers that were written from
//! the vendors' documents alone, by others and in another language: nothing is said of those, and
//! each of many ways in which such a server can deviate from the documents is noticed.
//!
//! `tests/independent/server.py` says how a server is asked to deviate, and
//! `tests/independent/VENDOR.yaml` which trial notices what, alone; `UPDATE=1` with
//! `COUNTERPART_CLIENTS=all` writes what is new there or no longer so. Without the latter only a few
//! deviations are tried.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(clippy::print_stderr, reason = "what is skipped is told to the person at the terminal")]

mod support;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::thread;

use serde_json::Value;
use support::conformance::Count;
use support::folder::Folder;
use support::independent::{Server, python};

/// Of the deviations that are tried where not all are, each so manieth.
const FEW: usize = 30;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

/// Which trials.
#[derive(Clone, Copy)]
enum Trials<'a> {
    All,
    /// Those of what the documents say, of the operations that the servers have (without the tag
    /// `further`).
    Documented,
    /// A few of those.
    Smoke,
    One(&'a str),
}

/// The exit code, and the trials that failed or differ.
struct Outcome {
    code: Option<i32>,
    noticed: Vec<Value>,
    said: String,
}

impl Server {
    fn test(&self, command: &str, trials: Trials<'_>, arguments: &[&str]) -> Outcome {
        let mut test = Command::new(env!("CARGO_BIN_EXE_counterpart-test"));
        test.current_dir(root()).stdin(Stdio::null());
        test.args([command, &format!("scenarios/{}", self.vendor), "--specs", "specs"]);
        test.args(["--allow-destructive"]).args(arguments);
        match trials {
            // Calls that only clients make are not in the documents that these servers were written
            // from.
            Trials::All => test.args(["--tag", "not further and not sdk"]),
            Trials::Documented => test.args(["--tag", "not assumed and not further and not sdk"]),
            Trials::Smoke => {
                test.args(["--tag", "smoke and not assumed and not further and not sdk"])
            }
            Trials::One(name) => test.args(["--exact", name]),
        };
        let output = test.output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned()
            + &String::from_utf8_lossy(&output.stderr);
        Outcome { code: output.status.code(), noticed: Vec::new(), said }
    }

    /// `counterpart-test run --target`; with one trial as soon as one fails.
    fn run(&self, deviation: &str, trials: Trials<'_>) -> Outcome {
        let folder = Folder::new(&format!("independent-{}-{deviation}", self.vendor), &[]);
        let report = folder.0.join("report.json");
        let written = format!("json={}", report.display());
        let target = self.account(deviation, "run");
        let mut outcome =
            self.test("run", trials, &["--target", &target, "--fail-fast", "--report", &written]);
        let report = fs::read_to_string(report).unwrap_or_default();
        outcome.noticed = noticed(&report, "failed");
        outcome
    }

    /// `counterpart-test compare` of our mock and an account that keeps to the documents, in what
    /// is not assumed.
    fn compare_with_mock(&self, trials: Trials<'_>) -> Outcome {
        let right = self.account("none", "beside-our-mock");
        let mut arguments =
            vec!["--left".to_owned(), "mock".to_owned(), "--right".to_owned(), right];
        arguments.extend(self.left_out("--ignore-path", "paths"));
        arguments.extend(self.left_out("--skip", "trials"));
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        self.test("compare", trials, &arguments)
    }

    /// What `assumed.yaml` has of the vendor there, each behind an option.
    fn left_out(&self, option: &str, member: &str) -> Vec<String> {
        let text = fs::read_to_string(root().join("tests/independent/assumed.yaml")).unwrap();
        let assumed: BTreeMap<String, Value> = serde_saphyr::from_str(&text).unwrap();
        let left_out = assumed.get(self.vendor).and_then(|known| known.get(member)?.as_array());
        let left_out = left_out.into_iter().flatten().filter_map(Value::as_str);
        left_out.flat_map(|text| [option.to_owned(), text.to_owned()]).collect()
    }

    /// `counterpart-test compare` of an account that keeps to the documents and one that deviates.
    fn compare(&self, deviation: &str, trials: Trials<'_>) -> Outcome {
        let left = self.account("none", &format!("beside-{deviation}"));
        let right = self.account(deviation, "compared");
        let mut arguments = vec!["--left", &left, "--right", &right, "--format", "json"];
        let refused = self.left_out("--skip", "refused");
        if matches!(trials, Trials::All) {
            arguments.extend(refused.iter().map(String::as_str));
        }
        let mut outcome = self.test("compare", trials, &arguments);
        outcome.noticed = noticed(&outcome.said, "differs");
        outcome
    }
}

/// The trials of a report with that verdict.
fn noticed(report: &str, verdict: &str) -> Vec<Value> {
    let Ok(report) = serde_json::from_str::<Value>(report) else { return Vec::new() };
    let trials = report.get("trials").and_then(Value::as_array).cloned().unwrap_or_default();
    let is_so = |trial: &Value| trial.get("verdict").and_then(Value::as_str) == Some(verdict);
    trials.into_iter().filter(is_so).collect()
}

/// What notices a deviation.
#[derive(Debug, Default, Clone)]
struct Kept {
    /// A trial that notices it alone; without one all together do, or none. What is assumed is only
    /// told by `compare`.
    trial: Option<String>,
    /// The statements that the trial is about.
    covers: Vec<String>,
    /// Why `run` says nothing of it.
    passes: Option<String>,
    /// Why `compare` says nothing of it.
    same: Option<String>,
}

impl Kept {
    fn read(value: &Value) -> Self {
        let member = |name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
        let (trial, passes, same) = (member("trial"), member("passes"), member("same"));
        Self { trial, covers: covers_of(value), passes, same }
    }

    fn written(&self) -> String {
        let text = |text: &str| Value::from(text).to_string();
        let mut members = Vec::new();
        members.extend(self.trial.as_deref().map(|trial| format!("trial: {}", text(trial))));
        if !self.covers.is_empty() {
            members.push(format!("covers: [{}]", self.covers.join(", ")));
        }
        members.extend(self.passes.as_deref().map(|why| format!("passes: {}", text(why))));
        members.extend(self.same.as_deref().map(|why| format!("same: {}", text(why))));
        format!("{{{}}}", members.join(", "))
    }

    fn trials(&self) -> Trials<'_> {
        self.trial.as_deref().map_or(Trials::All, Trials::One)
    }

    /// What is otherwise than it says. What takes all trials is only looked at where that is asked.
    fn check(&self, server: &Server, deviation: &str, whole: bool) -> Option<String> {
        // The trial that `compare` needs may be of what is assumed.
        let trials = match self.trials() {
            Trials::One(name) if self.passes.is_none() => Trials::One(name),
            _ => Trials::Documented,
        };
        let expected = i32::from(self.passes.is_none());
        if whole || matches!(trials, Trials::One(_)) {
            let run = server.run(deviation, trials);
            if run.code != Some(expected) {
                return Some(format!("{deviation}: run: {:?}, expected {expected}", run.code));
            }
        }
        let expected = i32::from(self.same.is_none());
        if whole || self.trial.is_some() {
            let compared = server.compare(deviation, self.trials()).code;
            if compared != Some(expected) {
                return Some(format!("{deviation}: compare: {compared:?}, expected {expected}"));
            }
        }
        None
    }

    /// What is so now; the reasons are kept.
    fn search(&self, server: &Server, deviation: &str) -> Self {
        let mut found = Self { passes: None, same: None, ..self.clone() };
        let failed = server.run(deviation, Trials::Documented).noticed;
        let differing = || server.compare(deviation, Trials::All).noticed;
        let candidates = if failed.is_empty() { differing() } else { failed.clone() };
        let alone = |trial: &&Value| {
            let kept = Self { trial: name_of(trial), ..Self::default() };
            let run = failed.is_empty() || server.run(deviation, kept.trials()).code == Some(1);
            run && server.compare(deviation, kept.trials()).code == Some(1)
        };
        let trial = candidates.iter().take(4).find(alone).or(candidates.first());
        found.trial = trial.and_then(name_of);
        found.covers = trial.map(covers_of).unwrap_or_default();
        let why = |known: &Option<String>| Some(known.clone().unwrap_or_else(|| "?".to_owned()));
        if failed.is_empty() {
            found.passes = why(&self.passes);
        }
        if server.compare(deviation, found.trials()).code == Some(0) {
            found.same = why(&self.same);
        }
        found
    }
}

fn name_of(trial: &Value) -> Option<String> {
    trial.get("name").and_then(Value::as_str).map(str::to_owned)
}

fn covers_of(trial: &Value) -> Vec<String> {
    let covers = trial.get("covers").and_then(Value::as_array);
    covers.into_iter().flatten().filter_map(|id| id.as_str().map(str::to_owned)).collect()
}

fn path_of(vendor: &str) -> PathBuf {
    root().join(format!("tests/independent/{vendor}.yaml"))
}

fn kept(vendor: &str) -> BTreeMap<String, Kept> {
    let text = fs::read_to_string(path_of(vendor)).unwrap_or_default();
    let known: Option<BTreeMap<String, Value>> = serde_saphyr::from_str(&text).unwrap();
    known.into_iter().flatten().map(|(name, value)| (name, Kept::read(&value))).collect()
}

fn write(vendor: &str, kept: &BTreeMap<String, Kept>) {
    let mut text = format!(
        "# What notices each deviation of the server in {vendor}.py: a trial that does alone, and the\n\
         # statements that it is about; or why nothing does. Written by `tests/independent.rs`.\n"
    );
    for (name, what) in kept {
        _ = writeln!(text, "{name}: {}", what.written());
    }
    fs::write(path_of(vendor), text).unwrap();
}

#[test]
fn deviations_of_cake_are_noticed() {
    holds("cake", "CAKE", "/api");
}

#[test]
fn deviations_of_loyaltii_are_noticed() {
    holds("loyaltii", "Loyaltii", "/api/v1");
}

#[test]
fn deviations_of_maileon_are_noticed() {
    holds("maileon", "Maileon", "/1.0");
}

#[test]
fn deviations_of_quentn_are_noticed() {
    holds("quentn", "Quentn", "/public/api/V1");
}

fn holds(vendor: &'static str, called: &str, base: &'static str) {
    let listed = match python().arg("--list").output() {
        Ok(output) => String::from_utf8(output.stdout).unwrap(),
        Err(error) => {
            assert!(std::env::var_os("CI").is_none(), "python3: {error}");
            eprintln!("SKIPPED {vendor}: python3 cannot be called");
            return;
        }
    };
    let whole = std::env::var("COUNTERPART_CLIENTS").is_ok_and(|clients| clients == "all");
    let update = whole && std::env::var_os("UPDATE").is_some();
    let server = Server::start(vendor, base);
    for name in if whole { &["none", "other"][..] } else { &["none"] } {
        let outcome = server.run(name, Trials::Documented);
        assert_eq!(outcome.code, Some(0), "{name}: {}", outcome.said);
    }
    let outcome = server.compare("none", if whole { Trials::All } else { Trials::Smoke });
    assert_eq!(outcome.code, Some(0), "{}", outcome.said);
    let outcome = server.compare_with_mock(if whole { Trials::Documented } else { Trials::Smoke });
    assert_eq!(outcome.code, Some(0), "{}", outcome.said);
    let all: Vec<&str> = listed
        .lines()
        .filter_map(|line| line.split_once(' '))
        .filter(|(of, _)| *of == vendor)
        .map(|(_, name)| name)
        .collect();
    let kept = kept(vendor);
    let tried = all.iter().step_by(if whole { 1 } else { FEW });
    let waiting = Mutex::new(tried.collect::<Vec<_>>());
    let (wrong, found) = (Mutex::new(Vec::new()), Mutex::new(BTreeMap::new()));
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(name) = { waiting.lock().unwrap().pop() } {
                    let known = kept.get(*name).cloned();
                    let fault = match &known {
                        Some(known) => known.check(&server, name, whole),
                        None => Some(format!("{name} is not in {vendor}.yaml")),
                    };
                    let mut known = known.unwrap_or_default();
                    if fault.is_some() && update {
                        known = known.search(&server, name);
                    }
                    found.lock().unwrap().insert((*name).to_owned(), known);
                    wrong.lock().unwrap().extend(fault);
                }
            });
        }
    });
    if update {
        return write(vendor, &found.into_inner().unwrap());
    }
    let wrong = wrong.into_inner().unwrap();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(kept.keys().collect::<Vec<_>>(), all.iter().collect::<Vec<_>>());
    count(&kept, |kept| kept.passes.as_deref()).hold(&format!("{called}, `run --target`"));
    count(&kept, |kept| kept.same.as_deref()).hold(&format!("{called}, `compare`"));
}

fn count(kept: &BTreeMap<String, Kept>, why: fn(&Kept) -> Option<&str>) -> Count {
    let mut count = Count::default();
    for kept in kept.values() {
        match why(kept) {
            Some(why) => count.otherwise(why),
            None => count.right += 1,
        }
    }
    count
}
