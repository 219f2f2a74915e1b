//! What steps can be given by rows, and what becomes of those that cannot be done.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use counterpart::MockServer;
use counterpart::Source;
use counterpart::unstable::check::scenario::{Options as Strictness, check_source};
use counterpart::unstable::run::event::{Lack, StepResult, TrialResult, Verdict};
use counterpart::unstable::run::{Options, Runner, Target};
use support::library::{Library, on, run_all, runner_requests, sent, services, told};

fn target(step: &StepResult) -> (&str, String) {
    let request = step.request.as_ref().unwrap();
    let path = request.url.split("/library/api/v2").nth(1).unwrap();
    (&request.method, path.to_owned())
}

fn body(step: &StepResult) -> String {
    String::from_utf8(step.request.as_ref().unwrap().body.clone()).unwrap()
}

/// One step, and the rows say all of it; what a row does not say is as if the step did not.
#[test]
fn rows_give_everything_of_a_call() {
    let library = Library::new("steps-rows");
    let suite = library.suite(
        "  - name: x\n    rows:\n      \
         - {row: form, what: Renew, how: POST /renew, parameters: {book_id: 7, days: ''}}\n      \
         - {row: query, what: Renew, how: GET /renew, parameters: {book_id: 7, days: ''}}\n      \
         - {row: soap, what: Renew, how: soap 1.2, parameters: {book_id: 7, days: 1}}\n      \
         - {row: first, what: Renew, parameters: {book_id: 7, days: ''}, auth: none}\n      \
         - {row: xml, what: create_book, type: application/vnd.library+xml, body: {title: Pan}, auth: {token: other}}\n      \
         - {row: json, what: create_book, body: {title: Pan}, headers: {X-Trace: ['1', '2']}}\n      \
         - {row: path, what: find_book_by_isbn, path: {isbn: 82-05}, query: {}}\n    \
         steps:\n      \
         - call: '${what}'\n        binding: '${how}'\n        mediaType: '${type}'\n        \
         authenticate: '${auth}'\n        allowUndocumented: true\n        \
         with: {path: '${path}', query: '${query}', headers: '${headers}', parameters: '${parameters}', body: '${body}'}\n",
    );
    let results = run_all(&on(&library.mock, Options::default()), &suite);
    let steps: Vec<_> = results.iter().map(|result| &result.steps[0]).collect();
    let all = results.iter().map(told).collect::<String>();
    assert!(results.iter().all(|result| result.verdict == Verdict::Passed), "{all}");
    let targets: Vec<_> = steps.iter().map(|step| target(step)).collect();
    let expected = [
        ("POST", "/renew"),
        ("GET", "/renew?book_id=7&days="),
        ("POST", "/desk.asmx"),
        ("GET", "/renew?book_id=7&days="),
        ("POST", "/books"),
        ("POST", "/books"),
        ("GET", "/books/82-05"),
    ];
    assert_eq!(targets, expected.map(|(method, path)| (method, path.to_owned())));
    assert_eq!(body(steps[0]), "book_id=7&days=");
    assert!(sent(steps[2], "Content-Type").starts_with("application/soap+xml"));
    assert_eq!(sent(steps[4], "Content-Type"), "application/vnd.library+xml");
    assert_eq!(sent(steps[4], "Authorization"), "Bearer other");
    assert_eq!(sent(steps[5], "Authorization"), "Bearer library-key");
    assert_eq!(body(steps[5]), r#"{"title":"Pan"}"#);
    let fields = &steps[5].request.as_ref().unwrap().headers;
    let traces: Vec<_> = fields.iter().filter(|(name, _)| name == "X-Trace").collect();
    assert_eq!(traces.len(), 2);
    let fields = &steps[3].request.as_ref().unwrap().headers;
    assert!(!fields.iter().any(|(name, _)| name == "Authorization"));
    let names: Vec<_> = steps.iter().map(|step| &*step.name).collect();
    assert_eq!((names[0], names[6]), ("Renew", "find_book_by_isbn"));
}

/// What cannot be looked at before is told when it comes up, at the expression.
#[test]
fn what_an_expression_names_has_to_be_there() {
    let library = Library::new("steps-names");
    let cases = [
        (
            "call: \"${ 'list_' ~ 'shelfs' }\"",
            "no operation is called `list_shelfs`; did you mean `list_shelves`?",
        ),
        ("call: '${ 5 }'", "the operation is named by a string, not a value of kind integer"),
        ("call: '${ {}.nothing }'", "nothing says which operation is called"),
        (
            "{call: Renew, binding: \"${ 'soap' ~ ' 1.3' }\"}",
            "no binding of `Renew` is called `soap 1.3`; did you mean `soap 1.1`?",
        ),
        (
            "{call: create_book, mediaType: \"${ 'a/' ~ 'b' }\", with: {body: {}}}",
            "no media type is called `a/b`",
        ),
        (
            "{call: list_shelves, authenticate: \"${ {'tokn': 1} }\"}",
            "no security scheme is called `tokn`; did you mean `token`?",
        ),
        (
            "{call: list_shelves, authenticate: '${ [1] }'}",
            "expected keys by security scheme, not a value of kind array",
        ),
        (
            "{call: Renew, with: {parameters: '${ [1] }'}}",
            "expected a mapping, not a value of kind array",
        ),
        ("{call: Renew, with: {headers: \"${ {'a b': 1} }\"}}", "`a b` is not a valid header name"),
        (
            "request: {method: GET, path: /, query: '${ 1 }'}",
            "expected a mapping, not a value of kind integer",
        ),
        (
            "request: {method: GET, path: /, headers: '${ 1 }'}",
            "expected headers by name, not a value of kind integer",
        ),
    ];
    for (step, message) in cases {
        let suite = library.suite(&format!("  - name: x\n    steps:\n      - {step}\n"));
        let result = &run_all(&on(&library.mock, Options::default()), &suite)[0];
        let said: Vec<_> = result.steps[0].mismatches.iter().map(|m| &*m.message).collect();
        assert!(result.steps[0].request.is_none(), "{}", told(result));
        assert!(said.len() == 1 && said[0].starts_with(message), "{said:?} is not {message}");
    }
}

#[test]
fn a_request_can_be_given_by_rows_too() {
    let library = Library::new("steps-requests");
    let suite = library.suite(
        "  - name: x\n    rows:\n      - {query: {a: [1, 2]}, headers: {accept: text/x}, auth: none}\n      - {row: none}\n    \
         steps:\n      - request: {method: GET, path: /shelves, query: '${query}', headers: '${headers}'}\n        \
         authenticate: '${auth}'\n        allowUndocumented: true\n",
    );
    let results = run_all(&on(&library.mock, Options::default()), &suite);
    let all = results.iter().map(told).collect::<String>();
    assert_eq!(target(&results[0].steps[0]).1, "/shelves?a=1&a=2", "{all}");
    assert_eq!(sent(&results[0].steps[0], "accept"), "text/x");
    assert_eq!(target(&results[1].steps[0]).1, "/shelves");
    assert_eq!(sent(&results[1].steps[0], "Authorization"), "Bearer library-key");
}

const SHOP: &str = "
counterpart: 1
vendor: shop
servers: [{url: https://shop.example}]
operations:
  - {operationId: look, method: GET, path: /a, steps: [{respond: {status: 204}}]}
  - {operationId: clear, method: DELETE, path: /a, steps: [{respond: {status: 204}}]}
";

/// A row's operation is known before anything is asked, so what destroys is refused in time.
#[test]
fn a_row_that_deletes_is_refused_on_an_endpoint() {
    let mock = MockServer::builder().spec_text("shop", SHOP).start().unwrap();
    let service = &services(&mock)[0];
    let text = "counterpart: 1\nvendor: shop\nscenarios:\n  - name: x\n    \
                rows: [{what: look}, {what: clear}]\n    \
                steps: [{call: look}, {call: '${what}'}]\n";
    let suite = check_source(&Source::new("x.yaml", text), service, Strictness::RUN).unwrap().suite;
    let endpoint = Target::endpoint(&mock.url("shop")).unwrap();
    let runner = Runner::new(services(&mock), Some(endpoint), Options::default());
    let results = run_all(&runner, &suite);
    let done: Vec<_> = results.iter().map(|r| (r.verdict, requests(r))).collect();
    assert_eq!(done, [(Verdict::Passed, 2), (Verdict::Failed, 0)], "{}", told(&results[1]));
}

fn requests(result: &TrialResult) -> usize {
    runner_requests(std::slice::from_ref(result))
}

/// Each step with how it ended and why, where there is a reason.
fn ends(result: &TrialResult) -> Vec<(String, Verdict, String)> {
    let end = |step: &StepResult| {
        let said = step.mismatches.iter().map(|mismatch| mismatch.message.clone());
        let reason = step.reason.clone().into_iter().chain(said).collect::<Vec<_>>().join("; ");
        (step.name.clone(), step.verdict, reason)
    };
    result.steps.iter().map(end).collect()
}

fn skipped(name: &str, reason: &str) -> (String, Verdict, String) {
    (name.to_owned(), Verdict::Skipped, reason.to_owned())
}

fn in_part(name: &str, reason: &str) -> (String, Verdict, String) {
    (name.to_owned(), Verdict::Passed, format!("an expectation was skipped: {reason}"))
}

/// What follows from a failure is not another one.
#[test]
fn what_needs_a_capture_that_failed_is_skipped_with_the_reason() {
    let library = Library::new("steps-captures");
    library.folder.write("parts/part.yaml", "- {call: list_shelves, capture: {part: $}}\n");
    let suite = library.suite(
        "  - name: x\n    steps:\n      \
         - {call: create_book, with: {body: {title: Pan, isbn: 1-1}}, capture: {id: $.id, gone: $.gone}}\n      \
         - {include: parts/part.yaml}\n    \
         finally:\n      \
         - call: read_book\n        with: {path: {id: '${id}'}}\n        expect: {status: 200}\n      \
         - {call: read_book, with: {path: {id: '${gone}'}}, expect: {status: 200}}\n      \
         - {call: read_book, with: {path: {id: '${id}'}}, expect: {status: 200, includes: {title: '${gone}'}}}\n      \
         - {call: read_book, with: {path: {id: '${id}'}}, expect: {status: 404, includes: {title: '${gone}'}}}\n      \
         - {call: list_shelves, when: '${ part == 1 }', capture: {again: $}}\n      \
         - {call: list_shelves, when: '${ part is defined }'}\n      \
         - {request: {method: GET, path: '/${again}'}}\n      \
         - {poll: {call: list_shelves}, until: {status: 200, includes: '${gone}'}}\n",
    );
    let result = &run_all(&on(&library.mock, Options::default()), &suite)[0];
    let gone = "needs `gone`, which step 1 (create_book) did not capture";
    let expected = [
        (
            "create_book".to_owned(),
            Verdict::Failed,
            "`gone` captures nothing: $.gone selects nothing".to_owned(),
        ),
        ("read_book".to_owned(), Verdict::Passed, String::new()),
        skipped("read_book", gone),
        in_part("read_book", gone),
        (
            "read_book".to_owned(),
            Verdict::Failed,
            format!("an expectation was skipped: {gone}; the status is 200, not 404"),
        ),
        skipped("list_shelves", "needs `part`, which step 2.1 (list_shelves) did not capture"),
        skipped("list_shelves", "`part is defined` is not true"),
        skipped(
            "GET /${again}",
            "needs `again`, which step 5 of `finally` (list_shelves) did not capture",
        ),
        in_part("poll list_shelves", gone),
    ];
    assert_eq!((result.verdict, ends(result)), (Verdict::Failed, expected.to_vec()));
}

/// A trial that goes on after a failure, as in a comparison, says the same of the steps after it.
#[test]
fn a_trial_that_goes_on_skips_what_needs_the_failed_step() {
    let library = Library::new("steps-go-on");
    let suite = library.suite(
        "  - name: x\n    steps:\n      \
         - {call: read_book, with: {path: {id: 1}}, expect: {status: 200}, capture: {title: $.title}}\n      \
         - {call: list_shelves, expect: {status: 200, text: '${title}'}}\n      \
         - {call: list_shelves, expect: {status: 200}}\n",
    );
    let options = Options { go_on: true, ..Options::default() };
    let result = &run_all(&on(&library.mock, options), &suite)[0];
    let verdicts: Vec<_> = result.steps.iter().map(|step| step.verdict).collect();
    assert_eq!(verdicts, [Verdict::Failed, Verdict::Passed, Verdict::Passed], "{}", told(result));
    let left_out =
        "an expectation was skipped: needs `title`, which step 1 (read_book) did not capture";
    assert_eq!(result.steps[1].reason.as_deref(), Some(left_out));
}

#[test]
fn the_journal_can_be_read() {
    let library = Library::new("steps-journal");
    let suite = library.suite(
        "  - name: x\n    rows: [{of: read_book, many: 2}, {of: list_shelves, many: 1}, {many: 3, row: all}]\n    steps:\n      \
         - {call: read_book, with: {path: {id: 1}}, expect: {status: 404}}\n      \
         - {call: list_shelves, expect: {status: 200}}\n      \
         - {call: read_book, with: {path: {id: 2}}, expect: {status: 404}}\n      \
         - requests: {operation: '${of}'}\n        expect: {body: {$length: '${many}'}}\n      \
         - requests:\n        expect: {body: [{$includes: {rule: library/L01}}, {$includes: {operation: list_shelves}}, {$includes: {id: 3}}]}\n        \
         capture: {first: '$[0].id', way: '$[2].request.path'}\n      \
         - requests: {after: '${first}', limit: 1, status: \"${ 200 + 204 }\"}\n        \
         expect: {body: [{$includes: {request: {$includes: {path: '${way}'}}}}]}\n      \
         - requests: {status: 200}\n        expect: {body: [{$includes: {operation: list_shelves}}]}\n      \
         - poll: {requests: {operation: list_shelves}}\n        until: {body: {$length: 1}}\n",
    );
    for result in run_all(&on(&library.mock, Options::default()), &suite) {
        assert_eq!(result.verdict, Verdict::Passed, "{}", told(&result));
    }
    let there = &run_all(&library.endpoint(Options::default()), &suite)[0];
    let verdicts: Vec<_> = there.steps.iter().map(|step| step.verdict).collect();
    let (passed, skipped) = (Verdict::Passed, Verdict::Skipped);
    let expected = [passed, passed, passed, skipped, skipped, skipped, skipped, skipped];
    assert_eq!(verdicts, expected, "{}", told(there));
    assert!(there.steps[3..].iter().all(|step| step.lacks == Some(Lack::Mock)));
}

/// Whatever a mock was started with, a scenario's seed gives what it gives anywhere.
#[test]
fn a_seed_gives_the_same_values_on_any_mock() {
    let library = Library::new("steps-seed");
    let scenario = |seed: &str| {
        library.suite(&format!(
            "  - name: x\n{seed}    steps:\n      \
             - {{call: create_book, with: {{body: {{title: Pan, isbn: 1-1}}}}}}\n      \
             - {{state: books, capture: {{secret: '$[0].secret'}}}}\n"
        ))
    };
    let secret = |mock: &MockServer, seed: &str| {
        let result = &run_all(&on(mock, Options::default()), &scenario(seed))[0];
        assert_eq!(result.verdict, Verdict::Passed, "{}", told(result));
        let body = &result.steps[1].response.as_ref().unwrap().body;
        let rows: serde_json::Value = serde_json::from_slice(body).unwrap();
        rows[0]["secret"].as_str().unwrap().to_owned()
    };
    let specs = || [library.folder.0.join("specs")];
    let mocks = [1, 2].map(|seed| MockServer::builder().specs(specs()).seed(seed).start().unwrap());
    let [one, other] = mocks.each_ref().map(|mock| secret(mock, "    seed: 7\n"));
    assert_eq!(one, other);
    assert_ne!(one, secret(&mocks[0], "    seed: 8\n"));
    let [one, other] = mocks.each_ref().map(|mock| secret(mock, ""));
    assert_ne!(one, other);
}

/// Pages until there is no next one; what a later step captures is absent in the first round.
#[test]
fn loops_come_to_an_end_and_gather() {
    let library = Library::new("steps-loops");
    let suite = library.suite(
        "  - name: x\n    variables: {left: 3}\n    steps:\n      \
         - repeat:\n          \
           - request: {method: GET, path: /shelves, query: {after: '${before}'}}\n            \
             capture: {before: {value: '${left}'}, left: {value: '${left - 1}'}, all: {status: true, gather: true}}\n            \
             allowUndocumented: true\n        \
           until: '${ left == 0 }'\n      \
         - repeat: [{call: read_book, with: {path: {id: '${id}'}}, expect: {status: 404}}]\n        \
           over: '${ [1, 2] }'\n        as: id\n      \
         - {call: list_shelves, expect: {status: '${all[2]}', jsonPath: {$.shelves.shelf: {$length: \"${ all | length - 1 }\"}}}}\n      \
         - repeat: [{call: list_shelves, capture: {gone: {jsonPath: $.gone, default: none}}}]\n        \
           until: \"${ gone == 'more' }\"\n        rounds: 2\n",
    );
    let result = &run_all(&on(&library.mock, Options::default()), &suite)[0];
    let targets: Vec<_> = result.steps.iter().take(3).map(|step| target(step).1).collect();
    let expected = ["/shelves", "/shelves?after=3", "/shelves?after=2"];
    assert_eq!(targets, expected, "{}", told(result));
    let names: Vec<_> = result.steps.iter().map(|step| &*step.name).collect();
    let read = ["read_book (round 1)", "read_book (round 2)"];
    assert_eq!(names.get(3..5), Some(&read[..]), "{}", told(result));
    let end = ends(result);
    let passed = end.iter().filter(|(_, verdict, _)| *verdict == Verdict::Passed).count();
    assert_eq!((passed, end.len()), (8, 9), "{}", told(result));
    let said = "`until` did not come true in 2 rounds".to_owned();
    assert_eq!(end[8], ("repeat".to_owned(), Verdict::Failed, said));
}

/// Nothing is not a list without items.
#[test]
fn loops_need_a_list() {
    let library = Library::new("steps-loops-over-nothing");
    let suite = library.suite(
        "  - name: x\n    steps:\n      \
         - {call: list_shelves, capture: {all: $}}\n      \
         - repeat: [{call: list_shelves}]\n        over: '${ all.nowhere }'\n        as: one\n",
    );
    let end = ends(&run_all(&on(&library.mock, Options::default()), &suite)[0]);
    let said = "`all.nowhere` gives nothing".to_owned();
    assert_eq!(end.last(), Some(&("repeat".to_owned(), Verdict::Failed, said)), "{end:?}");
}

/// What does not hold is told with the values that make it so.
#[test]
fn assertions_show_the_values_of_their_parts() {
    let library = Library::new("steps-assertions");
    let suite = library.suite(
        "  - name: x\n    variables: {low: 3}\n    steps:\n      \
         - call: list_shelves\n        expect:\n          status: {$not: [4xx, 200]}\n          \
           assert: [\"${ response.status > low }\", \"${ low == response.status }\"]\n          \
           jsonPath:\n            \
             $.shelves.shelf: {$all: [{$sorted: {by: name, order: descending}}, {$unique: name}, {$unique: empty}, {$each: {$assert: \"${ it.name < 'B' }\"}}]}\n            \
             '$.shelves.shelf[*].name': {$all: [{$sorted: true}, {$sorted: descending}, {$unique: true}]}\n",
    );
    let result = &run_all(&on(&library.mock, Options::default()), &suite)[0];
    let said: Vec<_> = result.steps[0].mismatches.iter().map(|m| &*m.message).collect();
    assert_eq!(said.first(), Some(&"the status is 200, which it should not be"));
    assert!(
        said.contains(
            &"`low == response.status` is not true: `low` is 3, `response.status` is 200"
        )
    );
    assert!(said.iter().any(|text| text.contains("is not sorted (descending): item 0 is")));
    assert_eq!(said.len(), 5, "{said:#?}");
}

/// What was done is not any more.
#[test]
fn a_session_is_rewound() {
    let library = Library::new("steps-rewind");
    let suite = library.suite(
        "  - name: x\n    steps:\n      \
         - {call: create_book, with: {body: {title: Pan, isbn: 1-1}}, expect: {status: 201}, capture: {id: $.id}}\n      \
         - {requests: , capture: {seen: '$[0].id'}}\n      \
         - {rewind: '${seen}'}\n      \
         - {call: read_book, with: {path: {id: '${id}'}}, expect: {status: 404}}\n",
    );
    let result = &run_all(&on(&library.mock, Options::default()), &suite)[0];
    assert_eq!(result.verdict, Verdict::Passed, "{}", told(result));
    let there = &run_all(&library.endpoint(Options::default()), &suite)[0];
    assert_eq!(there.steps[2].verdict, Verdict::Skipped, "{}", told(there));
}

/// A column or a variable that holds matchers stands for them, in each row for its own; what comes
/// in an answer is a value, whatever it looks like.
#[test]
fn rows_hold_what_is_expected() {
    let library = Library::new("steps-expected");
    let suite = library.suite(
        "  - name: x\n    \
         variables: {number: {$range: [100, null]}, whole: {book: {id: '${number}'}, $$type: 1}}\n    \
         rows:\n      \
         - {row: fits, title: A, status: {$not: 5xx}, id: '${number}', gone: {$absent: true}, media: {$contains: json}}\n      \
         - {row: member, title: A, status: [200, 201], id: '${whole.book.id}', gone: {$absent: true}, media: {$any: true}}\n      \
         - {row: value, title: A, status: 2xx, id: 100, gone: {$absent: true}, media: {$regex: '^application/'}}\n      \
         - {row: another, title: A, status: {$not: 201}, id: {$type: string}, gone: {$nil: true}, media: {$not: {$contains: '${title}'}}}\n      \
         - {row: nothing, title: A, status: 201, gone: 1, media: {$oneOf: [xml, '${title}']}}\n    \
         steps:\n      \
         - call: create_book\n        with: {body: {title: '${title}', isbn: 82-1}}\n        \
         expect:\n          status: '${status}'\n          headers: {Content-Type: '${media}'}\n          \
         body: {$includes: {id: '${id}', gone: '${gone}'}}\n",
    );
    let results = run_all(&on(&library.mock, Options::default()), &suite);
    let wrong: Vec<Vec<String>> = results
        .iter()
        .map(|result| result.steps[0].mismatches.iter().map(|m| m.message.clone()).collect())
        .collect();
    let none: Vec<String> = Vec::new();
    assert_eq!(wrong[..3], [none.clone(), none.clone(), none], "{wrong:?}");
    assert_eq!(
        wrong[3],
        [
            "the status is 201, which it should not be",
            "`$.id` is 100, not a string",
            "`$.gone` is missing",
        ]
    );
    assert_eq!(
        wrong[4],
        [
            "`header Content-Type` is \"application/json; charset=utf-8\", not one of \"xml\", \"A\"",
            "`$.gone` is missing",
            "`${id}` gives nothing",
        ]
    );
}

/// A member may be called as a matcher or a directive is.
#[test]
fn members_begin_with_a_dollar_sign() {
    let library = Library::new("steps-dollar");
    let suite = library.suite(
        "  - name: x\n    rows: [{body: {title: A, isbn: 1-1, $$type: a, $$if: {$$ref: b}}}]\n    \
         steps:\n      - {call: create_book, with: {body: '${body}'}, allowUndocumented: true}\n      \
         - request: {method: POST, path: /books, json: {$$type: a}}\n        \
         allowUndocumented: true\n",
    );
    let results = run_all(&on(&library.mock, Options::default()), &suite);
    let sent = r#"{"title":"A","isbn":"1-1","$type":"a","$if":{"$ref":"b"}}"#;
    assert_eq!(body(&results[0].steps[0]), sent);
    assert_eq!(body(&results[0].steps[1]), r#"{"$type":"a"}"#);
}
