//! What is refused, what reports hold, and what ends early.

use std::io::Write as _;
use std::process::{Command, Stdio};

use crate::support::canned::{Canned, whole};
use crate::support::folder::Folder;
use counterpart::unstable::value::Value;
use counterpart::unstable::wire::json::Json;
use counterpart::unstable::wire::xml::decode_element;
use counterpart::unstable::wire::{Limits, Wire};

const SPEC: &str = "
counterpart: 1
vendor: library
servers: [{url: https://library.example/v1}]
mediaTypes: {application/json: {wire: json}}
produces: [application/json]
collections: {books: {key: id, schema: {type: object, properties: {id: {type: integer}}}}}
operations:
  - {operationId: ping, method: GET, path: /ping, steps: [{respond: {status: 200, body: {ok: true}}}]}
";

const BOOKS: &str = "
counterpart: 1
vendor: library
tags: [smoke, double-opt-in]
scenarios:
  - {name: zebra, steps: [{call: ping, expect: {status: 200}}]}
  - {name: left out, skip: not yet, steps: [{call: ping, expect: {status: 200}}]}
  - {name: a failure, tags: [v1.2], steps: [{call: ping, expect: {status: 404}}]}
  - {name: only control, steps: [{state: books}]}
";

fn folder(name: &str) -> Folder {
    let files = [("specs/library.yaml", SPEC), ("scenarios/books.yaml", BOOKS)];
    Folder::new(&format!("test-line-usage-{name}"), &files)
}

/// The verdict and the reason of each trial of a JSON report.
fn trials(report: &str) -> Vec<(String, String, String)> {
    let report = Json.decode(report.as_bytes(), &Limits::default()).unwrap().value;
    let text = |trial: &Value, name: &str| {
        trial.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    let all = report.get("trials").and_then(Value::as_list).unwrap();
    all.iter().map(|t| (text(t, "scenario"), text(t, "verdict"), text(t, "reason"))).collect()
}

#[test]
fn wrong_usage_is_one_clear_message() {
    let folder = folder("usage");
    let cases: &[(&[&str], &str)] = &[
        (&["run", "--test-threads", "0"], "it is a whole number from 1"),
        (&["compare", "--left", "mock", "--right", "mock", "--test-threads", "0"], "from 1"),
        (&["run", "--rate", "0"], "a rate is a number above 0"),
        (&["run", "--rate", "nan"], "a rate is a number above 0"),
        (&["run", "--timeout", "PT0S"], "more than nothing"),
        (&["run", "--scenario-timeout", "5"], "PT36H"),
        (&["run", "--retries", "x"], "--retries"),
        (&["run", "--shard", "0/3"], "2/5: the second of five"),
        (&["run", "--tag", "smoke and"], "tags are joined with"),
        (&["run", "--tag", "smok"], "no scenario has the tag `smok`; did you mean `smoke`?"),
        (&["run", "--tag", "double-opt_in"], "did you mean `double-opt-in`?"),
        (
            &["run", "--report", "github=x"],
            "`github` is written to standard output and takes no file",
        ),
        (&["run", "--report", "junit"], "reports are junit=FILE"),
        (&["run", "--report", "json=nowhere/r.json"], "there is no folder nowhere"),
        (&["run", "--report", "json=specs"], "specs is a folder"),
        (&["run", "--target", "libary=http://127.0.0.1:1"], "did you mean `library`?"),
        (&["run", "zebre"], "the nearest is `zebra`"),
        (&["run", "a faliure"], "the nearest is `a failure`"),
        (&["run", "--exact", "zebra"], "the nearest is `library/books/zebra`"),
        (&["run", "--exact", "zebre"], "the nearest is `library/books/zebra`"),
        (
            &["run", "--report", "json=r", "--report", "junit=./r"],
            "two reports would be written to ./r",
        ),
        (
            &["run", "--target", "library=http://a", "--target", "library=http://b"],
            "`--target` is given twice for `library`",
        ),
        (&["run", "--skip", "library"], "no scenario is left to run"),
        (&["compare", "--left", "mock", "--right", "mock", "zebre"], "the nearest is `zebra`"),
        (&["run", "nowhere.yaml"], "there is no file or folder nowhere.yaml"),
        (&["run", "--nosuch"], "--nosuch"),
        (&[], "Usage"),
    ];
    for (arguments, said) in cases {
        let (code, stdout, stderr) = folder.run(arguments);
        assert_eq!((code, &*stdout), (Some(2), ""), "{arguments:?}: {stderr}");
        assert!(stderr.contains(said), "{arguments:?}: {stderr}");
    }
}

#[test]
fn a_tag_may_be_any_word_and_a_misspelt_one_is_noticed() {
    let folder = folder("tags");
    let (code, stdout, stderr) = folder.run(&["run", "--list", "--tag", "(v1.2) and not slow"]);
    assert_eq!((code, &*stdout), (Some(0), "library/books/a failure: test\n"));
    assert!(stderr.starts_with("no scenario has the tag `slow`"), "{stderr}");
}

#[test]
fn every_trial_is_in_every_report_in_the_order_of_the_file() {
    let folder = folder("reports");
    let reports = ["--report", "json=r.json", "--report", "junit=r.xml", "--report", "tap=r.tap"];
    let (code, stdout, stderr) = folder.run(&[&["run"][..], &reports].concat());
    assert_eq!((code, &*stderr), (Some(1), ""));
    assert!(stdout.contains("2 passed, 1 failed, 1 skipped in"), "{stdout}");
    let expected = [
        ("zebra", "passed", ""),
        ("left out", "skipped", "not yet"),
        ("a failure", "failed", ""),
        ("only control", "passed", ""),
    ];
    let found = trials(&folder.read("r.json"));
    let found: Vec<_> = found.iter().map(|(a, b, c)| (&**a, &**b, &**c)).collect();
    assert_eq!(found, expected);
    let xml = decode_element(folder.read("r.xml").as_bytes(), &Limits::default()).unwrap();
    let count = |name| xml.attribute(None, name).map(str::to_owned).unwrap();
    assert_eq!((&*count("tests"), &*count("failures"), &*count("skipped")), ("4", "1", "1"));
    let tap = folder.read("r.tap");
    assert!(tap.contains("1..4\nok 1"), "{tap}");
    assert!(tap.contains("ok 2 - library/books/left out # SKIP not yet\n"), "{tap}");
    // What a filter leaves out was not asked for.
    folder.run(&["run", "zebra", "--report", "json=r.json"]);
    assert_eq!(trials(&folder.read("r.json")).len(), 1);
}

#[test]
fn nothing_begins_after_the_first_failure() {
    let folder = folder("fail-fast");
    folder.write("scenarios/books.yaml", &BOOKS.replace("status: 200", "status: 404"));
    let line = ["run", "--fail-fast", "--test-threads", "1", "--report", "json=r.json"];
    assert_eq!(folder.run(&line).0, Some(1));
    let found = trials(&folder.read("r.json"));
    let verdicts: Vec<_> = found.iter().map(|(_, verdict, _)| &**verdict).collect();
    assert_eq!(verdicts, ["failed", "skipped", "skipped", "skipped"]);
    assert_eq!(found[3].2, "a trial failed before");
}

#[test]
fn coverage_as_json_is_one_document_and_a_list_is_only_a_list() {
    let folder = folder("coverage");
    let (code, stdout, stderr) = folder.run(&["coverage", "--format", "json"]);
    assert_eq!(code, Some(1));
    let document = Json.decode(stdout.as_bytes(), &Limits::default()).unwrap().value;
    assert!(document.get("vendors").is_some());
    assert!(stderr.contains("failed  library/books/a failure"), "{stderr}");
    let (code, stdout, _) = folder.run(&["coverage", "--list", "zebra"]);
    assert_eq!((code, &*stdout), (Some(0), "library/books/zebra: test\n"));
}

#[test]
fn what_fails_anyway_notices_no_missing_rule() {
    let folder = folder("mutations");
    let statements = "statements: [{id: L01, says: it answers, source: x}]\noperations:";
    let spec = SPEC.replace("operations:", statements);
    folder.write(
        "specs/library.yaml",
        &spec.replace("path: /ping,", "path: /ping, implements: L01,"),
    );
    folder.write(
        "scenarios/books.yaml",
        &BOOKS.replace("name: a failure,", "name: a failure, covers: [L01],"),
    );
    let (code, stdout, stderr) = folder.run(&["mutations"]);
    assert_eq!((code, &*stderr), (Some(1), ""));
    assert!(
        stdout.contains(
            "library/L01    NOT NOTICED: of 1 trial that covers it, 1 failed with it too"
        ),
        "{stdout}"
    );
    folder.write(
        "scenarios/books.yaml",
        &BOOKS.replace("name: zebra,", "name: zebra, covers: [L01],"),
    );
    let (code, stdout, _) = folder.run(&["mutations"]);
    assert_eq!(code, Some(0), "{stdout}");
    assert!(stdout.contains("library/L01    noticed by library/books/zebra"), "{stdout}");
}

#[cfg(unix)]
#[test]
fn a_run_that_is_told_to_end_still_cleans_up() {
    let folder = folder("signal");
    let scenario = "counterpart: 1\nvendor: library\nscenarios:\n  - name: slow\n    \
                    steps: [{call: ping, name: hangs}]\n    finally: [{call: ping}]\n";
    folder.write("scenarios/books.yaml", scenario);
    for signal in ["-TERM", "-INT"] {
        let (sender, asked) = std::sync::mpsc::channel();
        let first = std::sync::atomic::AtomicBool::new(true);
        let vendor = Canned::behaving(move |stream, _| {
            sender.send(()).ok();
            if first.swap(false, std::sync::atomic::Ordering::Relaxed) {
                std::io::Read::read_exact(stream, &mut [0]).ok();
            } else {
                let json = [("Content-Type", "application/json")];
                stream.write_all(&whole("200 OK", &json, b"{}")).ok();
            }
        });
        let target = format!("library={}", vendor.url());
        let mut command = folder.runner(&["run", "--target", &target]);
        let process = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        asked.recv().unwrap();
        let id = process.id().to_string();
        assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
        let output = process.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{signal}");
        assert_eq!(vendor.asked().len(), 2, "{signal}");
    }
}

/// Output for which there is no room is no output that nobody reads.
#[cfg(target_os = "linux")]
#[test]
fn output_that_cannot_be_written_is_said() {
    let folder = folder("full");
    for arguments in [&["check"][..], &["run", "zebra", "--format", "compact"], &["man"]] {
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let output = folder.runner(arguments).stdout(full).output().unwrap();
        let err = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {err}");
        assert!(err.contains("error: the output cannot be written: "), "{arguments:?}: {err}");
    }
}
