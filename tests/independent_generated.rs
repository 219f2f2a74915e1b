//! What `generate` writes from the specs of vendors alone, run as anybody would run it against
//! servers that were written from the vendors' documents by others: nothing is said of those, and
//! many of the ways in which such a server can deviate are noticed.
//!
//! `tests/independent/generated.yaml` says which operations those servers do not have, and what is
//! said of them that is not so. With `COUNTERPART_CLIENTS=all` every tenth deviation is tried and counted in
//! `docs/conformance.md` (`UPDATE=1` writes it), otherwise those of `always`.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(clippy::print_stderr, reason = "what is skipped is told to the person at the terminal")]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::thread;

use serde_json::Value;
use support::conformance::Count;
use support::folder::Folder;
use support::independent::{Server, python};

/// What only clients and recordings know is not in the documents that the servers were written from.
const DOCUMENTED: &str = "not assumed and not client and not recorded";

/// Each deviation takes a run of a whole suite, so one of so many is counted.
const SHARE: usize = 10;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// What is known of a vendor's suite.
struct Known {
    /// Parts of the names of trials that are left out, each with the reason.
    skip: Vec<String>,
    /// Whether only one account that keeps to the documents is asked.
    one: bool,
    /// Deviations that are always tried, each with the statement that is broken.
    always: BTreeMap<String, String>,
}

impl Known {
    fn read(vendor: &str) -> Self {
        let text = fs::read_to_string(root().join("tests/independent/generated.yaml")).unwrap();
        let all: BTreeMap<String, Value> = serde_saphyr::from_str(&text).unwrap();
        let of = |member: &str| {
            let members = all.get(vendor).and_then(|known| known.get(member)?.as_object());
            members.cloned().unwrap_or_default()
        };
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let skip = of("skip").keys().cloned().collect();
        let always = of("always").iter().map(|(name, id)| (name.clone(), text(id))).collect();
        let one = all.get(vendor).and_then(|known| known.get("one")?.as_bool()).unwrap_or_default();
        Self { skip, one, always }
    }
}

#[test]
fn what_is_made_of_cake_holds() {
    holds("cake", "CAKE", "/api");
}

#[test]
fn what_is_made_of_loyaltii_holds() {
    holds("loyaltii", "Loyaltii", "/api/v1");
}

#[test]
fn what_is_made_of_maileon_holds() {
    holds("maileon", "Maileon", "/1.0");
}

#[test]
fn what_is_made_of_quentn_holds() {
    holds("quentn", "Quentn", "/public/api/V1");
}

/// The trials that fail on an account, with the statements that they cover.
fn failed(
    server: &Server,
    folder: &Folder,
    known: &Known,
    deviation: &str,
    arguments: &[&str],
) -> Vec<(String, Vec<String>)> {
    let report: PathBuf = folder.0.join(format!("{deviation}.json"));
    let mut test = Command::new(env!("CARGO_BIN_EXE_counterpart-test"));
    test.current_dir(root()).stdin(Stdio::null()).arg("run").arg(folder.0.join("scenarios"));
    test.args(["--specs", "specs", "--allow-destructive", "--tag", DOCUMENTED]).args(arguments);
    test.args(["--target", &server.account(deviation, "generated")]);
    test.args(known.skip.iter().flat_map(|part| ["--skip", part]));
    test.arg("--report").arg(format!("json={}", report.display()));
    let output = test.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(matches!(output.status.code(), Some(0 | 1)), "{deviation}: {said}");
    let report: Value = serde_json::from_str(&fs::read_to_string(report).unwrap()).unwrap();
    let trials = report.get("trials").and_then(Value::as_array).cloned().unwrap_or_default();
    let word_of =
        |value: Option<&Value>| value.and_then(Value::as_str).unwrap_or_default().to_owned();
    let done =
        trials.iter().any(|one| matches!(&*word_of(one.get("verdict")), "passed" | "failed"));
    assert!(done, "{deviation}: {said}");
    let failed = trials.iter().filter(|one| word_of(one.get("verdict")) == "failed");
    let covers = |trial: &Value| {
        let ids = trial.get("covers").and_then(Value::as_array).cloned().unwrap_or_default();
        ids.iter().map(|id| word_of(Some(id))).collect()
    };
    failed.map(|trial| (word_of(trial.get("name")), covers(trial))).collect()
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
    let known = Known::read(vendor);
    let specs = root().join("specs").display().to_string();
    let folder = Folder::new(&format!("independent-generated-{vendor}"), &[]);
    let (code, _, err) = folder.run(&["generate", vendor, "--specs", &specs]);
    assert_eq!(code, Some(0), "{err}");
    let server = Server::start(vendor, base);
    for honest in if known.one { &["none"][..] } else { &["none", "other"] } {
        let said = failed(&server, &folder, &known, honest, &[]);
        assert!(said.is_empty(), "{honest}: {said:#?}");
    }
    let all: BTreeSet<&str> = listed
        .lines()
        .filter_map(|line| line.split_once(' '))
        .filter(|(of, _)| *of == vendor)
        .map(|(_, name)| name)
        .collect();
    let is_counted = |at: usize| whole && at.is_multiple_of(SHARE);
    let tried = all.iter().enumerate();
    let tried = tried.filter(|(at, name)| is_counted(*at) || known.always.contains_key(**name));
    let tried = tried.map(|(_, name)| name);
    let waiting = Mutex::new(tried.copied().collect::<Vec<_>>());
    let noticed = Mutex::new(BTreeMap::new());
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(name) = { waiting.lock().unwrap().pop() } {
                    let at_it: &[&str] = match known.always.contains_key(name) {
                        true => &[],
                        false => &["--fail-fast"],
                    };
                    let said = failed(&server, &folder, &known, name, at_it);
                    noticed.lock().unwrap().insert(name, said);
                }
            });
        }
    });
    let noticed = noticed.into_inner().unwrap();
    for (name, statement) in &known.always {
        let said = noticed.get(&**name).unwrap();
        let at_it = said.iter().any(|(_, covers)| covers.contains(statement));
        assert!(at_it, "{name} is not noticed at {statement}, but by {said:#?}");
    }
    if whole {
        let mut count = Count::default();
        let counted = all.iter().enumerate().filter(|(at, _)| is_counted(*at));
        for said in counted.filter_map(|(_, name)| noticed.get(*name)) {
            match said.is_empty() {
                true => count.otherwise("no generated scenario asks for it"),
                false => count.right += 1,
            }
        }
        count.hold(&format!("{called}, generated suite"));
    }
}
