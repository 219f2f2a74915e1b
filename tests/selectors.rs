//! What scenarios expect and keep of answers, by paths and as wholes.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod support;

use counterpart::unstable::run::Options;
use counterpart::unstable::run::event::Verdict;
use support::library::{Library, on, run_all, told};

#[test]
fn a_path_may_have_expressions_in_it() {
    let library = Library::new("selectors");
    let suite = library.suite(
        "  - name: found\n    variables: {at: 1, kind: shelf}\n    steps:\n      \
         - call: list_shelves\n        expect: {jsonPath: {'$.shelves.shelf[${at}].name': B}}\n        \
         capture: {name: '$.shelves.shelf[${at}].name'}\n      \
         - request: {method: GET, path: /shelves, headers: {Accept: application/vnd.library+xml}}\n        \
         expect: {xpath: {\"count(//${kind}[name='${name}'])\": 1}}\n        \
         capture: {again: {xpath: \"//${kind}[name='${name}']/name\"}}\n      \
         - call: list_shelves\n        expect: {jsonPath: {'$.shelves.shelf[1].name': '${again}'}}\n  \
         - name: put together wrongly\n    variables: {at: b}\n    steps:\n      \
         - call: list_shelves\n        expect: {jsonPath: {'$.shelves[${at}]': 1}}\n        \
         capture: {none: '$.shelves[${at}]'}\n",
    );
    let results = run_all(&on(&library.mock, Options::default()), &suite);
    assert_eq!(results[0].verdict, Verdict::Passed, "{}", told(&results[0]));
    let said: Vec<&str> = results[1].steps[0].mismatches.iter().map(|m| &*m.message).collect();
    let expected = [
        "expected a selector, found `b]`; names in brackets are quoted",
        "`none` captures nothing: expected a selector, found `b]`; names in brackets are quoted",
    ];
    assert_eq!(said, expected);
}

/// What is looked for with a capture that was not made is no failure on top of that.
#[test]
fn a_path_that_needs_a_capture_that_was_not_made_is_passed_over() {
    let library = Library::new("selectors-in-vain");
    let suite = library.suite(
        "  - name: x\n    steps:\n      \
         - {call: list_shelves, requires: mock, capture: {at: $.at}}\n      \
         - {call: list_shelves, expect: {status: 200, jsonPath: {'$.shelves[${at}]': 1}}}\n      \
         - {call: list_shelves, expect: {status: 200}, capture: {more: '$.shelves[${at}]'}}\n      \
         - {call: read_book, with: {path: {id: '${more}'}}}\n",
    );
    let results = run_all(&library.endpoint(Options::default()), &suite);
    // What was asked for is not told as passed over.
    let verdicts: Vec<Verdict> = results[0].steps.iter().map(|step| step.verdict).collect();
    let [passed, skipped] = [Verdict::Passed, Verdict::Skipped];
    assert_eq!(verdicts, [skipped, passed, passed, skipped], "{}", told(&results[0]));
    let in_vain = "needs `at`, which step 1 (list_shelves) did not capture";
    let reason = |at: usize| results[0].steps[at].reason.as_deref();
    assert_eq!(reason(1), Some(&*format!("an expectation was skipped: {in_vain}")));
    assert_eq!(reason(2), Some(&*format!("a capture was skipped: {in_vain}")));
    let whole = format!(
        "list_shelves: an expectation was skipped: {in_vain}, and something of 1 more step"
    );
    assert_eq!((results[0].verdict, results[0].left_out()), (passed, Some(&*whole)));
    assert_eq!(reason(3), Some("needs `more`, which step 3 (list_shelves) did not capture"));
}

#[test]
fn what_took_too_long_is_told_where_the_time_is_given() {
    let library = Library::new("selectors-time");
    let suite = library.suite(
        "  - name: x\n    steps:\n      - call: list_shelves\n        expect: {status: 200, time: PT0.000001S}\n",
    );
    let results = run_all(&on(&library.mock, Options::default()), &suite);
    let mismatch = &results[0].steps[0].mismatches[0];
    assert_eq!((&*mismatch.path, mismatch.span.text()), ("time", "PT0.000001S"));
}

#[test]
fn no_body_is_something_to_expect() {
    let library = Library::new("selectors-no-body");
    let suite = library.suite(
        "  - name: none\n    steps: [{request: {method: HEAD, path: /shelves}, expect: {body: {$absent: true}}, allowUndocumented: true}]\n  \
         - name: some\n    steps: [{call: list_shelves, expect: {body: {$absent: true}}}]\n",
    );
    let results = run_all(&on(&library.mock, Options::default()), &suite);
    assert_eq!(results[0].verdict, Verdict::Passed, "{}", told(&results[0]));
    assert_eq!(results[1].steps[0].mismatches[0].message, "`$` is not expected");
}
