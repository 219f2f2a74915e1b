//! `counterpart-test merge`: reports of several runs as one, by the program.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod support;

use std::fs;
use std::process::Output;

use serde_json::Value;
use support::folder::Folder;

const SPEC: &str = "\
counterpart: 1
vendor: shelf
servers: [{url: \"https://shelf.example/v1\"}]
statements:
- {id: B1, says: books have a number, source: page 1}
errors:
  NoNumber: {status: 422, body: {message: no number}, implements: B1}
operations:
- operationId: get_book
  method: GET
  path: /books/{id}
  parameters: [{name: id, in: path, schema: {type: integer}, error: NoNumber}]
  steps:
  - respond: {status: 200, body: {id: \"${path.id}\", title: Pan}}
";

const SCENARIOS: &str = "\
counterpart: 1
vendor: shelf
scenarios:
- name: a book
  rows: [{id: 1}, {id: 2}, {id: 3}, {id: 4}, {id: 5}]
  steps:
  - call: get_book
    with: {path: {id: \"${id}\"}}
    expect: {status: 200, body: {id: \"${id}\", title: Pan}}
- name: no book
  covers: [B1]
  steps:
  - call: get_book
    with: {path: {id: one}}
    expect: {status: 422, body: {message: no number}}
- name: another title
  steps:
  - call: get_book
    with: {path: {id: 7}}
    expect: {status: 200, body: {id: 7, title: \"Pàn < & >\"}}
- name: not now
  skip: it is closed
  steps:
  - call: get_book
    with: {path: {id: 8}}
    expect: {status: 200}
";

fn folder(name: &str) -> Folder {
    let folder = Folder::new(name, &[]);
    folder.write("specs/shelf.yaml", SPEC);
    folder.write("scenarios/shelf.yaml", SCENARIOS);
    folder
}

fn program(folder: &Folder, arguments: &[&str]) -> Output {
    folder.runner(arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn report(folder: &Folder, file: &str) -> Value {
    serde_json::from_str(&folder.read(file)).unwrap()
}

fn names(report: &Value) -> Vec<String> {
    let trials = report["trials"].as_array().unwrap();
    trials.iter().map(|trial| trial["name"].as_str().unwrap().to_owned()).collect()
}

fn shards(folder: &Folder) {
    for shard in 1..=3 {
        let report = format!("json=shard-{shard}.json");
        let shard = format!("{shard}/3");
        let ran = program(folder, &["run", "--shard", &shard, "--report", &report]);
        assert!(ran.status.code() < Some(2), "{}", text(&ran.stderr));
    }
}

#[test]
fn one_report_stays_as_it_is() {
    let folder = folder("merge-one");
    let ran = program(&folder, &["run", "--report", "json=one.json"]);
    let merged = program(&folder, &["merge", "one.json", "--report", "json=same.json"]);
    assert_eq!(merged.status.code(), Some(1));
    assert_eq!(folder.read("one.json"), folder.read("same.json"));
    // A report says where something begins, and not where it ends.
    let unmarked = |output: &Output| text(&output.stdout).replace('^', "");
    assert_eq!(unmarked(&ran), unmarked(&merged));
    // Also where nobody has the scenarios: what has to be drawn has a line, and no excerpt.
    fs::remove_file(folder.0.join("scenarios/shelf.yaml")).unwrap();
    let merged = program(&folder, &["merge", "one.json", "--report", "json=same.json"]);
    assert_eq!(folder.read("one.json"), folder.read("same.json"));
    assert!(text(&merged.stdout).contains("scenarios/shelf.yaml:20:"), "{}", text(&merged.stdout));
}

#[test]
fn shards_are_the_whole_run() {
    let folder = folder("merge-shards");
    program(&folder, &["run", "--report", "json=whole.json"]);
    shards(&folder);
    let merged = program(
        &folder,
        &[
            "merge",
            "shard-3.json",
            "shard-1.json",
            "shard-2.json",
            "--report",
            "json=all.json",
            "--report",
            "junit=all.xml",
            "--report",
            "html=all.html",
            "--report",
            "tap=all.tap",
            "--report",
            "markdown=all.md",
        ],
    );
    assert_eq!(merged.status.code(), Some(1), "{}", text(&merged.stderr));
    let (whole, all) = (report(&folder, "whole.json"), report(&folder, "all.json"));
    assert_eq!(names(&all), names(&whole));
    assert_eq!(all["summary"], whole["summary"]);
    assert_eq!(all["coverage"], whole["coverage"]);
    assert_eq!(all["run"]["shard"], Value::Null);
    assert!(
        text(&merged.stdout).contains("6 passed, 1 failed, 1 skipped"),
        "{}",
        text(&merged.stdout)
    );
    assert!(folder.read("all.xml").contains("tests=\"8\""), "{}", folder.read("all.xml"));
    assert!(folder.read("all.tap").starts_with("TAP version 14\n1..8\n"));
}

#[test]
fn what_does_not_belong_together_is_refused() {
    let folder = folder("merge-refused");
    shards(&folder);
    program(&folder, &["run", "--report", "json=whole.json"]);
    let older = folder.read("shard-2.json").replace("\"version\": \"", "\"version\": \"0.");
    folder.write("older.json", &older);
    folder.write("broken.json", "{\"run\": ");
    folder.write("other.json", "{\"run\": {}}");
    let verdict = folder.read("shard-2.json").replace("\"passed\",", "\"fine\",");
    folder.write("verdict.json", &verdict);
    let cases: [(&[&str], &str); 9] = [
        (&["shard-1.json", "shard-3.json"], "the report of shard 2/3 is missing"),
        (&["shard-1.json"], "the reports of shards 2/3, 3/3 are missing"),
        (
            &["shard-1.json", "shard-1.json", "shard-2.json"],
            "shard-1.json and shard-1.json are both shard 1/3",
        ),
        (&["whole.json", "whole.json"], "` against mock is in whole.json and in whole.json"),
        (&["shard-1.json", "older.json", "shard-3.json"], "is of version"),
        (&["none.json"], "none.json: the report cannot be read"),
        (&["broken.json"], "broken.json: the report is not JSON"),
        (&["other.json"], "other.json: `$.run.started` is missing"),
        (
            &["verdict.json"],
            "verdict.json: `$.trials[0].verdict` is `fine`, and not one of passed, failed, flaky, \
             skipped",
        ),
    ];
    for (reports, said) in cases {
        let arguments: Vec<&str> =
            ["merge", "--report", "tap=never.tap"].iter().chain(reports).copied().collect();
        let merged = program(&folder, &arguments);
        assert_eq!(merged.status.code(), Some(2), "{reports:?}");
        let stderr = text(&merged.stderr);
        assert!(stderr.contains(said) && stderr.lines().count() == 1, "{reports:?}: {stderr}");
        assert!(!folder.0.join("never.tap").exists());
    }
}
