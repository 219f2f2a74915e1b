//! `counterpart-test compare` with real processes: a mock beside itself, beside one that was
//! changed, beside one that is not there.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod support;

use std::fs;
use std::net::TcpListener;

use counterpart::MockServer;
use counterpart::Source;
use counterpart::unstable::check::check_sources;
use counterpart::unstable::run::pair::IGNORED_HEADERS;
use serde_json::Value as Json;
use support::folder::Folder;

const SPEC: &str = r#"
counterpart: 1
vendor: library
servers: [{url: "https://library.example/v1"}]
mediaTypes: {application/json: {wire: json}}
produces: [application/json]
consumes: [application/json]
collections:
  books:
    key: id
    schema:
      type: object
      properties:
        id: {type: integer, generate: sequence}
        title: {type: string}
        secret: {type: string, generate: {random: 128}}
        version: {type: string, generate: rowVersion, on: write}
        added: {type: string, generate: {now: "%Y-%m-%dT%H:%M:%SZ"}}
errors:
  NoBook: {status: 404, body: {error: {code: 7, text: "There is no book ${ path.id }."}}}
operations:
  - operationId: create_book
    method: POST
    path: /books
    requestBody:
      content:
        application/json:
          schema: {type: object, properties: {title: {type: string}}, required: [title]}
    steps:
      - insert: {in: books, values: {title: "${ body.title }"}, as: book}
      - respond: {status: 201, headers: {Location: "/v1/books/${ book.id }"}, body: "${ book }"}
  - operationId: read_book
    method: GET
    path: /books/{id}
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    steps:
      - find: {in: books, where: {id: "${ path.id }"}, as: book}
      - reject: NoBook
        when: "${ not book }"
      - respond: {status: 200, body: "${ book }"}
"#;

const SCENARIOS: &str = r#"
counterpart: 1
vendor: library
scenarios:
  - name: a book is created and read
    steps:
      - call: create_book
        with: {body: {title: "Pan ${unique}"}}
        expect: {status: 201}
        capture: {id: $.id}
      - call: read_book
        with: {path: {id: "${id}"}}
        expect: {status: 200, includes: {id: "${id}"}}
  - name: a book that is not there
    steps:
      - call: read_book
        with: {path: {id: 999}}
        expect: {status: 404}
"#;

fn folder(name: &str) -> Folder {
    let files = [("specs/library.yaml", SPEC), ("scenarios/books.yaml", SCENARIOS)];
    Folder::new(&format!("two-targets-{name}"), &files)
}

fn compared(folder: &Folder, arguments: &[&str]) -> (Option<i32>, String, String) {
    folder.run(&[&["compare"], arguments].concat())
}

fn mock(spec: &str) -> (MockServer, String) {
    let mock = MockServer::builder().spec_text("library", spec).seed(99);
    let mock = mock.clock("2031-05-06T07:08:09Z").start().unwrap();
    let url = format!("http://{}", mock.address());
    (mock, url)
}

/// Everything that differs: the trial, the step, the path and both sides.
fn differences(text: &str) -> Vec<String> {
    let report: Json = serde_json::from_str(text).unwrap();
    let mut found = Vec::new();
    for trial in report["trials"].as_array().unwrap() {
        for step in trial["steps"].as_array().unwrap() {
            for one in step["differences"].as_array().unwrap() {
                let name = step["name"].as_str().unwrap();
                let path = one["path"].as_str().unwrap();
                found.push(format!("{name} {path}: {} | {}", one["left"], one["right"]));
            }
        }
    }
    found
}

#[test]
fn another_seed_and_another_clock_make_no_difference() {
    let folder = folder("same");
    let (mock, url) = mock(SPEC);
    // Ids of the one side are ahead of those of the other.
    let ahead = SPEC.replace("generate: sequence", "generate: {sequence: 500}");
    let (_ahead, ahead) = self::mock(&ahead);
    let endpoint = mock.url("library");
    for right in [url, ahead, endpoint.clone(), format!("library={endpoint}")] {
        let (code, out, err) = compared(&folder, &["--left", "mock", "--right", &right]);
        assert_eq!(code, Some(0), "{right}\n{out}{err}");
        assert!(out.contains("2 same in"), "{out}");
    }
}

#[test]
fn what_was_changed_is_what_differs() {
    let folder = folder("changed");
    let changed = SPEC
        .replace("There is no book", "No book")
        .replace("code: 7", "code: '7'")
        .replace("status: 201, headers", "status: 200, headers");
    let (_mock, url) = mock(&changed);
    let compare = ["--left", "mock", "--right", &url, "--format", "json"];
    let (code, out, err) = compared(&folder, &compare);
    assert_eq!(code, Some(1), "{out}{err}");
    let expected = [
        r#"read_book $.error.code: 7 | "7""#,
        r#"read_book $.error.text: "There is no book 999." | "No book 999.""#,
        "create_book status: 201 | 200",
    ];
    let mut found = differences(&out);
    found.sort();
    let mut expected = expected.map(str::to_owned).to_vec();
    expected.sort();
    assert_eq!(found, expected, "{out}");

    // Each step says its file, since it may be that of an included one.
    assert_eq!(out.matches("\"file\": ").count(), out.matches("\"line\": ").count());

    let (code, out, _) = compared(&folder, &compare[..4]);
    assert_eq!(code, Some(1));
    for line in ["DIFFERS library/books/a book is created and read", "- 201", "+ 200", "2 differ"] {
        assert!(out.contains(line), "lacks {line}:\n{out}");
    }
    assert!(!out.contains('\u{1b}'));
    let (_, out, _) = compared(&folder, &[&compare[..4], &["--color", "always"]].concat());
    assert!(!out.contains("\u{1b}[31m- 201") || out.contains("\u{1b}["));

    let ignoring = ["--ignore-path", "$.error", "--ignore-path", "status"];
    let (code, out, err) = compared(&folder, &[&compare[..4], &ignoring].concat());
    assert_eq!(code, Some(1), "the expectation of a status is not met on one side\n{out}{err}");
    let ignoring = [&compare[..4], &ignoring, &["--ignore-path", "expectations"]].concat();
    let (code, out, err) = compared(&folder, &ignoring);
    assert_eq!(code, Some(0), "{out}{err}");

    // The same said in the spec, in part.
    let said = format!("{SPEC}compare: {{ignorePaths: [$.error, status]}}\n");
    fs::write(folder.0.join("specs/library.yaml"), said).unwrap();
    let (code, out, err) = compared(&folder, &compare[..4]);
    assert_eq!(code, Some(1), "{out}{err}");
    assert!(out.contains("      expectations\n") && !out.contains("$.error"), "{out}");
    let rest = [&compare[..4], &["--ignore-path", "expectations"]].concat();
    let (code, out, err) = compared(&folder, &rest);
    assert_eq!(code, Some(0), "{out}{err}");
}

/// What neither side meets differs in words, since each side asks for what only it has.
#[test]
fn an_expectation_that_neither_side_meets_makes_no_difference() {
    let folder = folder("unmet");
    let wanted =
        SCENARIOS.replace("includes: {id: \"${id}\"}", "includes: {title: \"Pan ${uuid}\"}");
    assert_ne!(wanted, SCENARIOS);
    folder.write("scenarios/books.yaml", &wanted);
    let (_mock, url) = mock(SPEC);
    let (code, out, err) = compared(&folder, &["--left", "mock", "--right", &url]);
    assert_eq!(code, Some(0), "{out}{err}");
}

/// The same difference in many trials is told once, with the trials in which it occurs.
#[test]
fn equal_differences_are_told_once() {
    let folder = folder("once");
    let rows: Vec<String> = (900..930).map(|id| format!("{{id: {id}}}")).collect();
    let rows = format!(
        "  - name: many\n    rows: [{}]\n    steps:\n      - call: read_book\n        \
         with: {{path: {{id: '${{id}}'}}}}\n        expect: {{status: 404}}\n",
        rows.join(", ")
    );
    fs::write(folder.0.join("scenarios/books.yaml"), format!("{SCENARIOS}{rows}")).unwrap();
    // A text that repeats what was sent, a number that became a text, and a header that is not there.
    let changed = SPEC
        .replace("There is no book", "No book")
        .replace("code: 7", "code: '7'")
        .replace(r#"headers: {Location: "/v1/books/${ book.id }"}, "#, "");
    let (_mock, url) = mock(&changed);
    let sides = ["--left", "mock", "--right", &url];
    let (code, out, err) = compared(&folder, &sides);
    assert_eq!(code, Some(1), "{out}{err}");
    assert!(out.lines().count() < 60, "{out}");
    for (path, many) in [("$.error.code", 1), ("$.error.text", 1), ("header Location", 1)] {
        assert_eq!(out.matches(path).count(), many, "{path}: {out}");
    }
    assert!(out.contains("$.error.text  elsewhere with other values\n"), "{out}");
    let once = "31 times in 31 trials, also in\n        library/books/many [id=900]\n";
    assert_eq!(out.matches(once).count(), 1, "{out}");
    assert!(out.contains("and 10 more\n") && out.contains("0 same, 32 differ"), "{out}");

    let (_, out, _) = compared(&folder, &[&sides[..], &["--format", "json"]].concat());
    let report: Json = serde_json::from_str(&out).unwrap();
    let once: Vec<(&str, u64, usize, bool)> = report["differences"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            let trials = one["trials"].as_array().unwrap().len();
            let varies = one["varies"].as_bool().unwrap();
            (one["path"].as_str().unwrap(), one["count"].as_u64().unwrap(), trials, varies)
        })
        .collect();
    let expected = [
        ("header Location", 1, 1, false),
        ("$.error.code", 31, 31, false),
        ("$.error.text", 31, 31, true),
    ];
    assert_eq!(once, expected, "{out}");
}

/// What only a mock can do makes no difference between a mock and what is none.
#[test]
fn what_requires_a_mock_is_no_difference() {
    let folder = folder("mock-only");
    let more = "  - name: only here\n    requires: mock\n    steps:\n      \
                - call: read_book\n        with: {path: {id: 999}}\n        expect: {status: 404}\n  \
                - name: half of it\n    steps:\n      \
                - call: read_book\n        with: {path: {id: 999}}\n        requires: mock\n      \
                - call: read_book\n        with: {path: {id: 998}}\n        expect: {status: 404}\n";
    fs::write(folder.0.join("scenarios/books.yaml"), format!("{SCENARIOS}{more}")).unwrap();
    let (mock, _) = mock(SPEC);
    for sides in [["mock", &mock.url("library")], [&mock.url("library"), "mock"]] {
        let (code, out, err) = compared(&folder, &["--left", sides[0], "--right", sides[1]]);
        assert_eq!(code, Some(0), "{out}{err}");
        assert!(out.contains("3 same, 1 skipped, 1 step only possible on one side"), "{out}");
    }
}

/// What neither side does, since it may not or lacks what an earlier step should have given, says
/// nothing about them.
#[test]
fn what_is_done_on_neither_side_is_not_the_same() {
    let folder = folder("neither");
    let more = "  - name: only what may be removed\n    steps:\n      \
                - request: {method: DELETE, path: /books/1}\n  \
                - name: what is not there is not found again\n    steps:\n      \
                - call: read_book\n        with: {path: {id: 999}}\n        \
                capture: {title: $.title}\n      \
                - request: {method: GET, path: \"/books?title=${title}\"}\n    finally:\n      \
                - request: {method: GET, path: \"/books?again=${title}\"}\n";
    fs::write(folder.0.join("scenarios/books.yaml"), format!("{SCENARIOS}{more}")).unwrap();
    let (mock, _) = mock(SPEC);
    let endpoint = format!("library={}", mock.url("library"));
    let (code, out, err) = compared(&folder, &["--left", &endpoint, "--right", &endpoint]);
    assert_eq!(code, Some(1), "{out}{err}");
    assert!(out.contains("2 same, 2 differ in"), "{out}");
    for expected in [
        "✗ DELETE /books/1  on neither side: refused, since it destroys data",
        "✗ GET /books  on neither side: needs `title`, which step 1 (read_book) did not capture",
        "· finally: GET /books  on neither side",
    ] {
        assert!(out.contains(expected), "{expected}:\n{out}");
    }
}

#[test]
fn nothing_compared_is_never_the_same() {
    let folder = folder("nothing");
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let refused = format!("library=http://{free}/v1");
    let (code, out, err) = compared(&folder, &["--left", &refused, "--right", &refused]);
    assert_eq!(code, Some(1), "{out}{err}");
    assert!(out.contains("answer"), "{out}");
    let cases: [(&[&str], &str); 7] = [
        (&["--left", "mock"], "--right"),
        (
            &["--left", "mock", "--right", "library=http://a/", "--right", "library=http://b/"],
            "`--right` is given twice for `library`",
        ),
        (&["--left", "mock", "--right", "nonsense"], "nonsense"),
        (&["--left", "mock", "--right", "librari=http://x/"], "library"),
        (&["--left", "mock", "--right", "mock", "no-such-trial"], "no trial with that in its name"),
        (&["--left", "mock", "--right", "mock", "--ignore-path", "a.b"], "a.b"),
        (&["--left", "mock", "--right", "mock", "scenarios/none.yaml"], "none.yaml"),
    ];
    for (arguments, expected) in cases {
        let (code, out, err) = compared(&folder, arguments);
        assert_eq!(code, Some(2), "{arguments:?}\n{out}{err}");
        assert!(err.contains(expected), "{arguments:?} lacks {expected}:\n{err}");
    }
}

#[test]
fn scenarios_are_chosen_as_for_a_run() {
    let folder = folder("chosen");
    let tagged = SCENARIOS.replace("not there\n", "not there\n    tags: [missing]\n");
    fs::write(folder.0.join("scenarios/books.yaml"), tagged).unwrap();
    let sides = ["--left", "mock", "--right", "mock"];
    let read = "library/books/a book is created and read";
    for (chosen, same) in [
        (&["--tag", "missing"][..], 1),
        (&["--tag", "not missing"], 1),
        (&["--skip", "created"], 1),
        (&["--exact", read], 1),
        (&["--exact", "--skip", read], 1),
        (&["--shard", "2/2"], 1),
        (&[], 2),
    ] {
        let (code, out, err) = compared(&folder, &[&sides[..], chosen].concat());
        assert_eq!(code, Some(0), "{chosen:?}: {out}{err}");
        assert!(out.contains(&format!("{same} same in")), "{chosen:?}: {out}");
    }
    let (code, _, err) = compared(&folder, &[&sides[..], &["--tag", "mising"]].concat());
    assert_eq!(code, Some(2));
    assert!(err.contains("no scenario has the tags that are asked for"), "{err}");
}

#[test]
fn the_page_says_what_is_not_compared() {
    let page = include_str!("../docs/compare.md");
    let listed = page.lines().find(|line| line.starts_with("> ")).unwrap();
    let listed: Vec<&str> = listed.split('`').skip(1).step_by(2).collect();
    let known = [IGNORED_HEADERS, &["x-counterpart-*"]].concat();
    assert_eq!(listed, known);
    let block = page.split("```yaml\n").nth(1).unwrap().split("```").next().unwrap();
    let checked = check_sources(&[Source::new("library", format!("{SPEC}{block}"))]).unwrap();
    assert_eq!(checked.service.comparison.ignore_paths.len(), 3);
}
