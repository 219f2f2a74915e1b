//! `beforeAll` and `afterAll`: what all trials of a file, or of a run, share.

mod support;

use counterpart::MockServer;
use counterpart::unstable::run::Options;
use counterpart::unstable::run::event::{Stage, TrialResult, Verdict};
use support::library::{Library, folder, on, run_all, services, suite, told};

const HEAD: &str = "counterpart: 1\nvendor: library\nvariables: {key: library-key}\n\
                    authenticate: {token: \"${key}\"}\n";

const BEFORE: &str = "beforeAll:\n  - call: create_book\n    \
    with: {body: {title: Pan, isbn: \"82-${unique | digits(8)}\"}}\n    \
    expect: {status: 201}\n    capture: {id: $.id}\n";

const READS: &str = "scenarios:\n  - name: one\n    \
    steps: [{call: read_book, with: {path: {id: '${id}'}}, expect: {status: 200}}]\n  \
    - name: other\n    \
    steps: [{call: read_book, with: {path: {id: '${id}'}}, expect: {status: 200}}]\n";

fn stages(results: &[TrialResult]) -> Vec<Vec<(Stage, Verdict)>> {
    let of = |result: &TrialResult| result.steps.iter().map(|s| (s.stage, s.verdict)).collect();
    results.iter().map(of).collect()
}

#[test]
fn an_endpoint_is_asked_once_and_a_mock_in_each_session() {
    let library = Library::new("once-shared");
    let text = format!("{HEAD}{BEFORE}{READS}");
    let suite = suite(&library.folder, &text, &services(&library.mock)[0]);
    let there = run_all(&library.endpoint(Options::default()), &suite);
    let (before, step) = ((Stage::BeforeAll, Verdict::Passed), (Stage::Steps, Verdict::Passed));
    assert_eq!(stages(&there), [vec![before, step], vec![step]], "{}", told(&there[1]));
    let here = run_all(&on(&library.mock, Options::default()), &suite);
    assert_eq!(stages(&here), [[before, step], [before, step]], "{}", told(&here[1]));
}

#[test]
fn a_failure_is_told_once_and_the_others_say_why_they_are_skipped() {
    let library = Library::new("once-fails");
    let text = format!("{HEAD}{}{READS}", BEFORE.replace("status: 201", "status: 418"));
    let suite = suite(&library.folder, &text, &services(&library.mock)[0]);
    for runner in [library.endpoint(Options::default()), on(&library.mock, Options::default())] {
        let results = run_all(&runner, &suite);
        let before = (Stage::BeforeAll, Verdict::Failed);
        assert_eq!(stages(&results), [vec![before], vec![]], "{}", told(&results[1]));
        assert_eq!(results[0].verdict, Verdict::Failed);
        assert_eq!(results[1].verdict, Verdict::Skipped);
        let reason = results[1].reason.as_deref();
        assert_eq!(reason, Some("`beforeAll` failed, as `library/library/one` tells"));
    }
    let retries = Options { retries: 1, ..Options::default() };
    let results = run_all(&on(&library.mock, retries), &suite);
    assert_eq!((results[0].tries, results[1].verdict), (2, Verdict::Skipped));
}

/// The scenarios of two files against an endpoint, by the command line.
#[test]
fn the_last_trial_cleans_up_on_an_endpoint() {
    let folder = folder("once-command");
    let mock = MockServer::builder().specs([folder.0.join("specs")]).start().unwrap();
    let part = BEFORE.trim_start_matches("beforeAll:\n").replace("\n  ", "\n");
    let part = part.trim_start().replace("    ", "  ");
    let keyed = part.replace("  with:", "  authenticate: {token: library-key}\n  with:");
    folder.write("suites/parts/before.yaml", &keyed);
    let after = "- call: read_book\n  authenticate: {token: library-key}\n  \
                 with: {path: {id: '${id}'}}\n  expect: {status: 200}\n";
    folder.write("suites/parts/after.yaml", after);
    let around = "beforeAll: parts/before.yaml\nafterAll: parts/after.yaml\n";
    for name in ["a", "b"] {
        folder.write(&format!("suites/{name}.yaml"), &format!("{HEAD}{around}{READS}"));
    }
    let target = format!("library={}", mock.url("library"));
    let report = "json=report.json";
    let told = folder.run(&["run", "suites", "--target", &target, "--report", report]);
    assert_eq!(told.0, Some(0), "{}{}", told.1, told.2);
    let report: serde_json::Value = serde_json::from_str(&folder.read("report.json")).unwrap();
    let trials = report["trials"].as_array().unwrap();
    let steps = trials.iter().flat_map(|trial| trial["steps"].as_array().unwrap());
    let stages: Vec<&str> = steps.map(|step| step["stage"].as_str().unwrap()).collect();
    let count = |stage: &str| stages.iter().filter(|known| **known == stage).count();
    assert_eq!((count("beforeAll"), count("steps"), count("afterAll")), (1, 4, 1), "{stages:?}");
    // Left out are those of one file, so that the other one comes to its end all the same.
    folder.write("suites/parts/after.yaml", &after.replace("200", "418"));
    let told = folder.run(&["run", "suites", "--target", &target, "--skip", "library/a/"]);
    assert_eq!(told.0, Some(1), "{}{}", told.1, told.2);
    assert_eq!(told.1.matches("afterAll: read_book").count(), 1, "{}", told.1);
    assert!(told.1.contains("1 passed, 1 failed"), "{}", told.1);
}

#[test]
fn what_is_captured_before_is_masked_in_all_trials() {
    let library = Library::new("once-secrets");
    let capture = "capture: {id: $.id, token: {text: true, mask: true}}";
    let before = BEFORE.replace("capture: {id: $.id}", capture);
    let reads =
        READS.replace("read_book, with: {", "read_book, with: {headers: {X-T: '${token}'}, ");
    let text = format!("{HEAD}{before}{reads}");
    let suite = suite(&library.folder, &text, &services(&library.mock)[0]);
    let results = run_all(&library.endpoint(Options::default()), &suite);
    for result in &results {
        assert_eq!(result.verdict, Verdict::Passed, "{}", told(result));
        let sent = result.steps.last().unwrap().request.as_ref().unwrap();
        let header = sent.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("x-t"));
        assert_eq!(header.map(|(_, value)| &**value), Some("***"));
    }
}
