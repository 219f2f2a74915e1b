//! Scenarios run against mocks in this process, from the file to the result.

mod support;

use std::sync::Arc;

use counterpart::MockServer;
use counterpart::unstable::run::event::{Stage, Verdict};
use counterpart::unstable::run::{Options, Runner, Target};
use support::folder::Folder;
use support::library::{
    Library, blocks, folder, on, run_all, runner_requests, sent, services, suite, told,
};

/// One file out of all blocks of the page.
fn page() -> String {
    let mut text = String::new();
    for (at, block) in blocks(include_str!("../docs/scenario-language.md")).iter().enumerate() {
        match at {
            1.. if block.starts_with("counterpart:") => {}
            0 => text.push_str(&block.replace("scenarios: []", "scenarios:")),
            _ => text.push_str(block.trim_start_matches("scenarios:\n")),
        }
    }
    text
}

/// The snapshot of the page.
fn snapshot() -> String {
    let page = include_str!("../docs/scenario-language.md");
    let after = page.split_once("```yaml snapshot\n").map_or("", |(_, after)| after);
    after.split_once("```").map_or("", |(text, _)| text).to_owned()
}

/// A body with an expression in it.
const BOOK: &str = "{\"title\": \"${title}\", \"isbn\": \"82-31\"}";

/// Steps that are given what they renew.
const RENEW: &str = "- call: Renew\n  with: {parameters: {book_id: \"${book}\", days: \"${days}\"}}\n  expect: {status: 200}\n";

#[test]
fn the_scenarios_of_the_page_pass() {
    let folder = folder("runner-page");
    folder.write("parts/after.yaml", "- call: read_book\n  with: {path: {id: 100}}\n");
    folder.write("parts/renew.yaml", RENEW);
    folder.write("data/book.json", BOOK);
    folder.write("data/titles.csv", "title,isbn,status\nPan,82-1,201\n\"\",82-2,400\n");
    folder.write("library.yaml.snapshots/created.yaml", &snapshot());
    let mock = MockServer::builder().specs([folder.0.join("specs")]).start().unwrap();
    let services = services(&mock);
    let suite = suite(&folder, &page(), &services[0]);
    let results = run_all(&on(&mock, Options::default()), &suite);
    assert!(results.len() > 10);
    let failed: Vec<String> =
        results.iter().filter(|r| r.verdict != Verdict::Passed).map(told).collect();
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

#[test]
fn the_files_of_the_page_pass() {
    let folder = folder("runner-page-files");
    let mock = MockServer::builder().specs([folder.0.join("specs")]).start().unwrap();
    let services = services(&mock);
    folder.write("parts/after.yaml", "- call: read_book\n  with: {path: {id: 100}}\n");
    folder.write("parts/renew.yaml", RENEW);
    folder.write("data/book.json", BOOK);
    folder.write("data/titles.csv", "title,isbn,status\nPan,82-1,201\n\"\",82-2,400\n");
    let files = blocks(include_str!("../docs/scenario-language.md")).into_iter().skip(1);
    let others = blocks(include_str!("../docs/coming-from.md"));
    let files = files.chain(others).filter(|block| block.starts_with("counterpart:"));
    let files: Vec<_> = files.collect();
    assert_eq!(files.len(), 3);
    for text in files {
        for result in run_all(&on(&mock, Options::default()), &suite(&folder, &text, &services[0]))
        {
            assert_eq!(result.verdict, Verdict::Passed, "{}", told(&result));
        }
    }
}

/// Each of the forty things is said somewhere below the table.
#[test]
fn everything_in_the_table_of_other_tools_is_shown() {
    let page = include_str!("../docs/coming-from.md");
    let blocks = blocks(page);
    let lines = blocks.iter().flat_map(|block| block.lines());
    let numbers = lines.filter_map(|line| line.rsplit_once("# "));
    let shown: Vec<&str> = numbers.flat_map(|(_, numbers)| numbers.split(", ")).collect();
    for number in (1..=40).filter(|number| *number != 22) {
        assert!(page.contains(&format!("\n| {number} | ")), "{number} is not in the table");
        assert!(shown.contains(&&*number.to_string()), "{number} is not shown");
    }
}

/// Trials have the same outcome each time, whatever a spec says of faults, unless they ask for it.
#[test]
fn what_a_spec_says_of_faults_befalls_only_trials_that_ask_for_it() {
    let folder = Folder::new("runner-faults", &[]);
    folder.write(
        "specs/shop.yaml",
        "\
counterpart: 1
vendor: shop
mediaTypes: {application/json: {wire: json}}
errors: {Busy: {status: 429, body: {message: busy}}}
faults: [{fault: {error: Busy}}]
operations: [{operationId: read, method: GET, path: /read, steps: [respond: {status: 204}]}]
",
    );
    let mock = MockServer::builder().specs([folder.0.join("specs")]).start().unwrap();
    let steps = "\
counterpart: 1
vendor: shop
scenarios:
  - {name: off, steps: [{call: read, expect: {status: 204}}]}
  - {name: off with a seed, seed: 3, steps: [{call: read, expect: {status: 204}}]}
  - {name: on, steps: [{faults: spec}, {call: read, expect: {status: 429}}]}
  - {name: off again, steps: [{faults: spec}, {faults: []}, {call: read, expect: {status: 204}}]}
";
    let services = services(&mock);
    let results = run_all(&on(&mock, Options::default()), &suite(&folder, steps, &services[0]));
    assert_eq!(results.len(), 4);
    for result in results {
        assert_eq!(result.verdict, Verdict::Passed, "{}", told(&result));
    }
}

#[test]
fn what_destroys_is_refused_on_an_endpoint_without_both_consents() {
    let library = Library::new("runner-destructive");
    let scenario = |destructive: &str, method: &str| {
        format!(
            "  - name: x\n{destructive}    variables: {{way: delete}}\n    steps:\n      \
             - request: {{method: GET, path: /books/1}}\n        expect: {{status: 404}}\n      \
             - request: {{method: {method}\n        allowUndocumented: true\n"
        )
    };
    let consent = "    destructive: allowed\n";
    for method in [
        "DELETE, path: /books/1}",
        "\"${way | upper}\", path: /books/1}",
        "POST, path: /books/1}\n        destructive: true",
    ] {
        for (text, allowed, runs) in
            [("", false, false), ("", true, false), (consent, false, false), (consent, true, true)]
        {
            let options = Options { allow_destructive: allowed, ..Options::default() };
            let runner = library.endpoint(options);
            let results = run_all(&runner, &library.suite(&scenario(text, method)));
            let verdict = if runs { Verdict::Passed } else { Verdict::Failed };
            assert_eq!(results[0].verdict, verdict, "{method}: {}", told(&results[0]));
            assert_eq!(runner_requests(&results), if runs { 2 } else { 0 }, "{method}");
        }
        // The mock's own data is there to be destroyed.
        let suite = library.suite(&scenario("", method));
        let results = run_all(&on(&library.mock, Options::default()), &suite);
        assert_eq!(results[0].verdict, Verdict::Passed, "{}", told(&results[0]));
    }
}

#[test]
fn a_call_by_delete_destroys_wherever_it_stands() {
    let spec = "counterpart: 1\nvendor: shop\nservers: [{url: https://shop.example}]\noperations: \
        [{operationId: gone, method: DELETE, path: /a, steps: [{respond: {status: 204}}]}]\n";
    let mock = MockServer::builder().spec_text("shop", spec).start().unwrap();
    let services = services(&mock);
    let folder = Folder::new("runner-deletes", &[("part.yaml", "- call: gone\n")]);
    for step in [
        "{call: gone}",
        "{call: \"${ 'gone' }\"}",
        "{poll: {call: gone}, until: {status: 204}}",
        "{include: part.yaml}",
    ] {
        let text =
            format!("counterpart: 1\nvendor: shop\nscenarios: [{{name: a, steps: [{step}]}}]\n");
        let suite = suite(&folder, &text, &services[0]);
        let target = Target::endpoint(&mock.url("shop")).unwrap();
        let runner = Runner::new(services.clone(), None, Options::default());
        let results = run_all(&runner.with_target("shop", target), &suite);
        assert_eq!(results[0].verdict, Verdict::Failed, "{step}: {}", told(&results[0]));
        assert_eq!(runner_requests(&results), 0, "{step}");
        let results = run_all(&on(&mock, Options::default()), &suite);
        assert_eq!(results[0].verdict, Verdict::Passed, "{step}: {}", told(&results[0]));
    }
}

#[test]
fn control_steps_are_passed_over_on_an_endpoint_with_what_needs_them() {
    let library = Library::new("runner-endpoint");
    let suite = library.suite(
        "  - name: x\n    steps:\n      \
         - settings: {max_loans: 2}\n      \
         - outbox:\n        capture: {link: '$[-1].links.confirm'}\n      \
         - follow: '${link}'\n        expect: {status: 200}\n      \
         - advance: PT1H\n        onTarget: {wait: PT0.01S}\n      \
         - advance: PT1H\n        onTarget:\n          steps:\n            \
         - {request: {method: GET, path: /nowhere}, expect: {status: 404}}\n      \
         - advance: PT1H\n        onTarget: fail\n",
    );
    let results = run_all(&library.endpoint(Options::default()), &suite);
    let steps: Vec<_> = results[0].steps.iter().map(|s| (&*s.name, s.verdict)).collect();
    let expected = [
        ("settings", Verdict::Skipped),
        ("outbox", Verdict::Skipped),
        ("follow the link", Verdict::Skipped),
        ("advance by 3600 s", Verdict::Passed),
        ("GET /nowhere", Verdict::Passed),
        ("advance by 3600 s", Verdict::Failed),
    ];
    assert_eq!(steps, expected, "{}", told(&results[0]));
    let reasons = results[0].steps.iter().filter(|s| s.verdict == Verdict::Skipped);
    assert!(reasons.clone().all(|step| step.reason.is_some()));
    assert_eq!(&*results[0].target, library.mock.url("library"));
}

/// What begins with something that only a mock can be given, or says so, is no proof elsewhere.
#[test]
fn what_needs_a_mock_is_skipped_on_an_endpoint_with_the_reason() {
    let library = Library::new("runner-mock-only");
    let steps = "    steps: [{call: list_shelves, expect: {status: 200}}]\n";
    let cases = [
        ("    requires: mock\n", "requires: mock"),
        ("    settings: {max_loans: 2}\n", "settings"),
        ("    given: {books: []}\n", "given"),
        ("    clock: 2026-01-01T00:00:00Z\n", "clock"),
        ("    seed: 0\n", "seed"),
        ("", ""),
    ];
    for (keys, key) in cases {
        let suite = library.suite(&format!("  - name: x\n{keys}{steps}"));
        let there = &run_all(&library.endpoint(Options::default()), &suite)[0];
        let reason = format!("a real endpoint is not a mock, which `{key}` asks for");
        let expected = match key {
            "" => (Verdict::Passed, None, 1),
            _ => (Verdict::Skipped, Some(&*reason), 0),
        };
        let requests = runner_requests(std::slice::from_ref(there));
        assert_eq!((there.verdict, there.reason.as_deref(), requests), expected, "{keys}");
        let here = &run_all(&on(&library.mock, Options::default()), &suite)[0];
        assert_eq!(here.verdict, Verdict::Passed, "{}", told(here));
    }
}

#[test]
fn steps_that_require_a_mock_are_passed_over_on_an_endpoint() {
    let library = Library::new("runner-mock-steps");
    library.folder.write(
        "parts/two.yaml",
        "- {call: list_shelves}\n- {call: create_book, with: {body: {title: Pan, isbn: 1-4}}, \
         capture: {included: $.id}}\n",
    );
    let suite = library.suite(
        "  - name: some\n    steps:\n      \
         - {call: list_shelves, expect: {status: 200}}\n      \
         - {call: list_shelves, requires: mock, expect: {status: 200}, capture: {all: $}}\n      \
         - {request: {method: GET, path: '/${all | length}'}, allowUndocumented: true}\n      \
         - {include: parts/two.yaml, requires: mock}\n      \
         - {call: read_book, with: {path: {id: '${included}'}}}\n      \
         - {request: {method: DELETE, path: /books/1}, requires: mock, destructive: true, allowUndocumented: true}\n  \
         - name: all\n    steps: [{clock: 2026-01-01T00:00:00Z}, {call: list_shelves, requires: mock}]\n    \
         finally: [{call: list_shelves}]\n",
    );
    let results = run_all(&library.endpoint(Options::default()), &suite);
    let done: Vec<_> = results[0].steps.iter().map(|step| step.verdict).collect();
    let (passed, skipped) = (Verdict::Passed, Verdict::Skipped);
    let expected = [passed, skipped, skipped, skipped, skipped, skipped, skipped];
    assert_eq!((results[0].verdict, &*done), (passed, &expected[..]), "{}", told(&results[0]));
    assert!(results[0].steps[3].reason.as_ref().unwrap().contains("requires: mock"));
    // Where nothing was done nothing is proven.
    assert_eq!(results[1].verdict, skipped, "{}", told(&results[1]));
    let reason = results[1].reason.as_deref().unwrap();
    let expected =
        "each step was passed over, the first since a real endpoint has no control plane";
    assert_eq!(reason, expected);
    for result in run_all(&on(&library.mock, Options::default()), &suite) {
        let all = result.steps.iter().all(|step| step.verdict == passed);
        assert!(result.verdict == passed && all, "{}", told(&result));
    }
}

/// A mock knows the vendor by the host alone; a real endpoint is never asked by another one.
#[test]
fn a_vendor_can_be_asked_by_its_host() {
    let library = Library::new("runner-host");
    let suite = library.suite(
        "  - name: x\n    variables: {branch: oslo}\n    steps:\n      \
         - call: list_shelves\n        host: '${branch}.library.example'\n        expect: {status: 200}\n      \
         - request: {method: GET, path: /shelves}\n        host: bergen.library.example:8443\n        expect: {status: 200}\n      \
         - poll: {call: list_shelves, host: oslo.library.example}\n        until: {status: 200}\n        capture: {all: $}\n      \
         - request: {method: GET, path: /shelves}\n        host: library.example\n        expect: {status: 404, headers: {x-counterpart-operation: {$absent: true}}}\n        allowUndocumented: true\n",
    );
    let here = &run_all(&on(&library.mock, Options::default()), &suite)[0];
    assert_eq!(here.verdict, Verdict::Passed, "{}", told(here));
    let hosts: Vec<_> = here.steps.iter().map(|step| sent(step, "Host")).collect();
    let expected = [
        "oslo.library.example",
        "bergen.library.example:8443",
        "oslo.library.example",
        "library.example",
    ];
    assert_eq!(hosts, expected);
    let first = here.steps[0].request.as_ref().unwrap();
    assert!(first.url.starts_with(&format!("http://{}/@", library.mock.address())));
    assert!(first.url.ends_with("/api/v2/shelves") && !first.url.contains("library"));
    assert!(first.curl.contains("-H 'Host: oslo.library.example'"), "{}", first.curl);
    assert_eq!(here.steps[0].operation.as_deref(), Some("list_shelves"));

    let there = &run_all(&library.endpoint(Options::default()), &suite)[0];
    assert_eq!(
        (there.verdict, runner_requests(std::slice::from_ref(there))),
        (Verdict::Skipped, 0)
    );
    let own = library.mock.address();
    let reason = format!("a real endpoint is asked by no other host than {own}");
    assert_eq!(there.steps[0].reason.as_deref(), Some(&*reason));

    let own = library.suite(
        "  - name: x\n    steps:\n      - call: list_shelves\n        host: 127.0.0.1\n        expect: {status: 200}\n",
    );
    let there = &run_all(&library.endpoint(Options::default()), &own)[0];
    assert_eq!(there.verdict, Verdict::Passed, "{}", told(there));
    assert_eq!(sent(&there.steps[0], "Host"), library.mock.address().to_string());
}

#[test]
fn secrets_leave_the_runner_in_no_form() {
    let library = Library::new("runner-secrets");
    let suite = library.suite(
        "  - name: x\n    steps:\n      \
         - request:\n          method: POST\n          path: /books\n          \
         query: {q: '${env.PATH}'}\n          headers: {Accept: application/json}\n          \
         json: {title: '${env.PATH}', isbn: 1-2}\n        allowUndocumented: true\n        \
         expect: {status: 418, text: '${env.PATH}', headers: {x-a: '${env.PATH}'}}\n      \
         - request: {method: GET, path: /}\n    finally:\n      \
         - call: create_book\n        with: {body: {title: Pan, isbn: 1-3}}\n        \
         capture: {all: {text: true, mask: true}}\n",
    );
    let results = run_all(&on(&library.mock, Options::default()), &suite);
    let [first, last] = results[0].steps.as_slice() else { panic!("{}", told(&results[0])) };
    let shown = format!("{first:?}");
    let path = std::env::var("PATH").unwrap();
    for form in [path.clone(), path.replace('/', "%2F").replace(':', "%3A")] {
        assert!(!shown.contains(&form), "{shown}");
    }
    assert!(first.request.as_ref().unwrap().curl.contains("${PATH}"));
    assert!(String::from_utf8_lossy(&first.request.as_ref().unwrap().body).contains("***"));
    assert_eq!(last.response.as_ref().unwrap().body, b"***");
}

#[test]
fn a_pass_after_a_failure_is_flaky_and_a_budget_ends() {
    let library = Library::new("runner-flaky");
    // The time within which an answer has to come is none at first.
    let suite = library.suite(
        "  - name: never\n    steps:\n      - {call: list_shelves, expect: {status: 201}}\n",
    );
    let options = Options { retries: 2, ..Options::default() };
    let budget = Arc::new(counterpart::unstable::run::Budget::new(Some(2), None));
    let runner = on(&library.mock, options).with_budget(budget.clone());
    let results = run_all(&runner, &suite);
    assert_eq!((results[0].verdict, results[0].tries), (Verdict::Failed, 3));
    let message = &results[0].steps[0].mismatches[0].message;
    assert_eq!(message, "the 2 requests that the run may make are used up");
    assert_eq!(budget.made(), 2);
}

#[test]
fn an_interrupted_run_still_cleans_up() {
    let library = Library::new("runner-interrupted");
    let suite = library.suite(
        "  - name: x\n    steps:\n      \
         - {poll: {call: list_shelves}, until: {status: 201}, every: PT0.01S, atMost: PT1M}\n    \
         finally:\n      - {call: list_shelves, expect: {status: 200}}\n",
    );
    let options = Options::default();
    let interrupted = options.interrupted.clone();
    let budget = Arc::new(counterpart::unstable::run::Budget::new(Some(1_000_000), None));
    let runner = on(&library.mock, options).with_budget(budget.clone());
    let interrupting = std::thread::spawn(move || {
        while budget.made() == 0 {
            std::thread::yield_now();
        }
        interrupted.store(true, std::sync::atomic::Ordering::Relaxed);
    });
    let results = run_all(&runner, &suite);
    interrupting.join().unwrap();
    let steps: Vec<_> =
        results[0].steps.iter().map(|s| (s.stage == Stage::Finally, s.verdict)).collect();
    assert_eq!(steps, [(false, Verdict::Failed), (true, Verdict::Passed)], "{}", told(&results[0]));
    // Nothing is there to be cleaned up after what did not begin.
    let results = run_all(&runner, &suite);
    assert_eq!((results[0].verdict, results[0].steps.len()), (Verdict::Skipped, 0));
    let reason = results[0].reason.as_deref();
    assert_eq!(reason, Some("the run was interrupted before it began"));
}
