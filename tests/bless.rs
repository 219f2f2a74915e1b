//! Differences of a real target, ruled upon in the spec: by the programs, against a vendor that
//! differs from its spec.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod support;

use std::process::Command;

use counterpart::MockServer;
use serde_json::Value;
use support::folder::Folder;

const SPEC: &str = "\
# The shelf.
counterpart: 1
vendor: shelf     # as in URLs
servers: [{url: \"https://shelf.example/v1\"}]

operations:
- operationId: list_books
  method: GET
  path: /books
  # The newest first.
  steps:
  - respond:
      status: 200
      headers: {X-Total: '1'}
      body: {titles: [Pan], by: Hamsun}
- operationId: no_books
  method: GET
  path: /none
  steps: [{respond: {status: 204}}]
";

const SCENARIOS: &str = "\
counterpart: 1
vendor: shelf
scenarios:
- name: lists
  steps:
  - call: list_books
    expect: {status: 200, headers: {X-Total: '1'}, body: {titles: [Pan], by: Hamsun}}
  - call: no_books
    expect: {status: 204}
- name: raw
  steps:
  - call: list_books
    expect: {status: 200}
";

/// The spec, scenarios, and a vendor that answers otherwise.
fn shelf(name: &str) -> (Folder, MockServer, String) {
    let folder = Folder::new(name, &[]);
    folder.write("specs/shelf.yaml", SPEC);
    folder.write("scenarios/shelf.yaml", SCENARIOS);
    let other = SPEC.replace("by: Hamsun", "by: Undset").replace("'1'", "'2'");
    let vendor = MockServer::builder().spec_text("shelf", &other).start().unwrap();
    let target = format!("shelf={}", vendor.url("shelf"));
    (folder, vendor, target)
}

fn report(folder: &Folder) -> Value {
    serde_json::from_str(&folder.read("report.json")).unwrap()
}

/// The ids of the mismatches, or of what is `known`, with their paths, each once.
fn ids(report: &Value, list: &str) -> Vec<(String, String)> {
    let trials = report["trials"].as_array().unwrap().iter();
    let steps = trials.flat_map(|trial| trial["steps"].as_array().unwrap());
    let text = |of: &Value, key: &str| of[key].as_str().unwrap().to_owned();
    let all = steps.filter_map(|step| step[list].as_array()).flatten();
    let mut found: Vec<(String, String)> = Vec::new();
    for one in all.map(|it| (text(it, "path"), text(it, "id"))) {
        if !found.contains(&one) {
            found.push(one);
        }
    }
    found
}

#[test]
fn what_is_ruled_upon_is_known_and_fails_nothing() {
    let (folder, _vendor, target) = shelf("bless-known");
    let run = ["run", "--target", &target, "--report", "json=report.json"];
    let (code, out, err) = folder.run(&run);
    assert_eq!(code, Some(1), "{out}{err}");
    let found = ids(&report(&folder), "mismatches");
    let paths: Vec<&str> = found.iter().map(|(path, _)| path.as_str()).collect();
    assert_eq!(paths.len(), 2, "{found:?}");
    for (_, id) in &found {
        assert!(out.contains(id.as_str()), "{id} is not in {out}");
    }
    // One of them, by its id.
    let (code, out, err) = folder.run(&["bless", "report.json", &found[0].1, "--as", "vendor"]);
    assert_eq!((code, &*err), (Some(0), ""), "{out}");
    assert!(out.starts_with("specs/shelf.yaml: "), "{out}");
    let written = folder.read("specs/shelf.yaml");
    assert!(written.starts_with(SPEC), "{written}");
    let (code, out, _) = folder.run(&run);
    assert_eq!(code, Some(1), "{out}");
    assert_eq!(ids(&report(&folder), "mismatches"), found[1..]);
    assert_eq!(ids(&report(&folder), "known"), found[..1]);
    // The rest.
    let (code, out, err) = folder.run(&["bless", "report.json", "--as", "both"]);
    assert_eq!(code, Some(0), "{out}{err}");
    let reports = ["json=report.json", "html=a.html", "junit=a.xml", "tap=a.tap", "markdown=a.md"];
    let mut all = vec!["run", "--target", &target, "--report", "github"];
    all.extend(reports.iter().flat_map(|one| ["--report", one]));
    let (code, out, err) = folder.run(&all);
    assert_eq!(code, Some(0), "{out}{err}");
    assert!(out.contains("2 passed, 2 known deviations"), "{out}");
    assert!(out.contains("::notice file=scenarios/shelf.yaml"), "{out}");
    let known = report(&folder);
    assert_eq!(ids(&known, "known"), found);
    let deviation = &known["trials"][0]["steps"][0]["known"][0]["deviation"];
    assert_eq!(deviation["verdict"], "vendor");
    assert_eq!(deviation["id"], *found[0].1);
    for (file, words) in [
        ("a.html", "\"deviation\""),
        ("a.xml", "<system-out>known deviation: list_books"),
        ("a.tap", "# known deviation: list_books"),
        ("a.md", "### Known deviations"),
    ] {
        assert!(folder.read(file).contains(words), "{words} is not in {file}");
    }
    // Another verdict of what is known stands in place of the first.
    let before = folder.read("specs/shelf.yaml");
    let (code, out, err) = folder.run(&["bless", "report.json", &found[0].1, "--as", "spec"]);
    assert_eq!(code, Some(0), "{out}{err}");
    let after = folder.read("specs/shelf.yaml");
    assert_eq!(before.lines().count(), after.lines().count());
    let mut check = Command::new(env!("CARGO_BIN_EXE_counterpart-mock"));
    let check = check.args(["check", "specs"]).current_dir(&folder.0).output().unwrap();
    assert!(check.status.success());
    let err = String::from_utf8(check.stderr).unwrap();
    assert!(err.contains("the spec is known to be wrong about"), "{err}");
    // The mock does what the spec says, whatever the vendor does.
    let (code, out, _) = folder.run(&["run"]);
    assert_eq!(code, Some(0), "{out}");
    assert!(!out.contains("known"), "{out}");
}

#[test]
fn what_differs_otherwise_than_it_is_known_fails() {
    let (folder, vendor, target) = shelf("bless-other");
    let run = ["run", "--target", &target, "--report", "json=report.json"];
    assert_eq!(folder.run(&run).0, Some(1));
    assert_eq!(folder.run(&["bless", "report.json", "--as", "vendor"]).0, Some(0));
    assert_eq!(folder.run(&run).0, Some(0));
    drop(vendor);
    let other = SPEC.replace("by: Hamsun", "by: Ibsen").replace("'1'", "'2'");
    let vendor = MockServer::builder().spec_text("shelf", &other).start().unwrap();
    let target = format!("shelf={}", vendor.url("shelf"));
    let run = ["run", "--target", &target, "--report", "json=report.json"];
    assert_eq!(folder.run(&run).0, Some(1));
    assert_eq!(ids(&report(&folder), "mismatches").len(), 1);
    // Without the value, any is known.
    let spec = folder.read("specs/shelf.yaml");
    let line = spec.lines().find(|line| line.contains("Undset")).unwrap();
    folder.write("specs/shelf.yaml", &spec.replace(&format!("{line}\n"), ""));
    let (code, out, err) = folder.run(&run);
    assert_eq!(code, Some(0), "{out}{err}");
}

#[test]
fn deviations_of_one_target_stand_in_a_file_of_their_own() {
    let (folder, _vendor, target) = shelf("deviations-file");
    let run = ["run", "--target", &target, "--report", "json=report.json"];
    let known = "\
counterpart: 1
vendor: shelf
deviations:
- {id: total, verdict: vendor, path: header X-*, actual: '2', since: 2026-01-31}
- {id: by, verdict: vendor, path: $..by, since: 2026-01-31, says: another author}
";
    folder.write("sandbox.yaml", known);
    let with_file = [&run[..], &["--deviations", "sandbox.yaml"]].concat();
    let (code, out, err) = folder.run(&with_file);
    assert_eq!(code, Some(0), "{out}{err}");
    assert!(out.contains("2 passed, 2 known deviations"), "{out}");
    assert_eq!(folder.run(&run).0, Some(1), "the spec itself does not know of it");

    let compare = ["compare", "--left", "mock", "--right", &target];
    let with_file = [&compare[..], &["--deviations", "sandbox.yaml"]].concat();
    let (code, out, err) = folder.run(&with_file);
    assert_eq!(code, Some(0), "{out}{err}");
    assert!(out.contains("2 same, 2 known deviations"), "{out}");
    assert!(
        out.contains("known  all operations: $..by (another author, since 2026-01-31, by) (2)"),
        "{out}"
    );
    let turned = ["compare", "--left", &target, "--right", "mock", "--deviations", "sandbox.yaml"];
    let (code, out, _) = folder.run(&[&turned[..], &["--format", "json"]].concat());
    assert_eq!(code, Some(0), "{out}");
    let report: Value = serde_json::from_str(&out).unwrap();
    let told = &report["trials"][0]["steps"][0]["known"];
    assert_eq!(told[0]["deviation"]["id"], "total", "{told}");
    assert_eq!(told[1]["left"], "Undset", "{told}");
    assert_eq!(folder.run(&compare).0, Some(1));
    // Another value than the one that is known, and a mock, which does what the spec says.
    folder.write("sandbox.yaml", &known.replace("actual: '2'", "actual: '3'"));
    let (code, out, _) = folder.run(&with_file);
    assert_eq!(code, Some(1), "{out}");
    assert!(out.contains("header X-Total") && !out.contains("      $.by"), "{out}");
    folder.write("sandbox.yaml", known);
    let mock = target.replace("shelf=", "").replace("/shelf/v1", "");
    let on_mock = ["compare", "--left", "mock", "--right", &mock, "--deviations", "sandbox.yaml"];
    assert_eq!(folder.run(&on_mock).0, Some(1), "{mock}");

    for (text, told) in [
        ("counterpart: 1\ndeviations: []\n", "whose deviations"),
        ("counterpart: 1\nvendor: shelv\ndeviations: []\n", "did you mean `shelf`"),
        (
            "counterpart: 1\nvendor: shelf\ndeviations: [{id: a, verdict: vendor, path: '$..', since: 2026-01-31}]\n",
            "is not a valid path",
        ),
    ] {
        folder.write("sandbox.yaml", text);
        let (code, _, err) = folder.run(&with_file);
        assert_eq!(code, Some(2), "{err}");
        assert!(err.contains(told), "{told} is not in {err}");
        assert_eq!(err.matches("error[").count(), 1, "{err}");
    }
    let (code, _, err) = folder.run(&[&run[..], &["--deviations", "none.yaml"]].concat());
    assert_eq!(code, Some(2));
    assert!(err.contains("there is no file or folder none.yaml"), "{err}");
}

#[test]
fn what_cannot_be_ruled_upon_is_refused_and_nothing_written() {
    let (folder, _vendor, target) = shelf("bless-refused");
    let run = ["run", "--target", &target, "--report", "json=report.json"];
    assert_eq!(folder.run(&run).0, Some(1));
    folder.write("broken.json", "{");
    folder.write("other.json", "{}");
    folder.write("others/other.yaml", "counterpart: 1\nvendor: other\n");
    for (line, told) in [
        (vec!["bless", "none.json", "--as", "both"], "cannot be read"),
        (vec!["bless", "broken.json", "--as", "both"], "is not JSON"),
        (vec!["bless", "other.json", "--as", "both"], "is not a report"),
        (vec!["bless", "report.json", "0000", "--as", "both"], "has no difference `0000`, but"),
        (vec!["bless", "report.json", "--as", "both", "--specs", "others"], "no spec of"),
        (vec!["bless", "report.json"], "--as"),
    ] {
        let (code, out, err) = folder.run(&line);
        assert_eq!(code, Some(2), "{line:?}: {out}{err}");
        assert!(err.contains(told), "{told} is not in {err}");
    }
    assert_eq!(folder.read("specs/shelf.yaml"), SPEC);
    let broken = SPEC.replace("operations:", "operatoins:");
    folder.write("specs/shelf.yaml", &broken);
    let (code, _, err) = folder.run(&["bless", "report.json", "--as", "both"]);
    assert_eq!(code, Some(2));
    assert!(err.contains("did you mean"), "{err}");
    assert_eq!(folder.read("specs/shelf.yaml"), broken);
    // What fails on the mock is no deviation of a vendor.
    folder.write("specs/shelf.yaml", SPEC);
    folder.write("scenarios/shelf.yaml", &SCENARIOS.replace("status: 204", "status: 205"));
    let run = ["run", "--report", "json=report.json"];
    assert_eq!(folder.run(&run).0, Some(1));
    let (code, _, err) = folder.run(&["bless", "report.json", "--as", "both"]);
    assert_eq!(code, Some(2));
    assert!(err.contains("those of the mock"), "{err}");
    let mock = ids(&report(&folder), "mismatches");
    let (code, _, err) = folder.run(&["bless", "report.json", &mock[0].1, "--as", "both"]);
    assert_eq!((code, err.contains("a difference of the mock")), (Some(2), true), "{err}");
}
