//! Answers that are held against files, written by `bless`, by the programs as a user calls them.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use counterpart::MockServer;
use support::folder::Folder;

const SPEC: &str = r#"counterpart: 1
vendor: shelf
servers: [{url: "https://shelf.example/v1"}]
mediaTypes:
  application/json: {wire: json}
  application/xml: {wire: xml}
  text/plain: {wire: text}
  image/png: {wire: bytes}
operations:
- operationId: list_books
  method: GET
  path: /books
  produces: [application/json]
  steps:
  - respond:
      status: 200
      headers: {X-Total: '2'}
      body:
        at: "${now}"
        key: "${query.key | default('none')}"
        $$ref: "$${x}"
        books: [{title: Pan, by: Hamsun, pages: [1, 2]}, {title: Jenny, by: Undset, pages: []}]
        by: {name: Hamsun, born: 1859}
  parameters: [{name: key, in: query, schema: {type: string}}]
- operationId: text
  method: GET
  path: /text
  produces: [text/plain]
  steps: [{respond: {status: 200, text: "one\ntwo: # 3\n"}}]
- operationId: xml
  method: GET
  path: /xml
  produces: [application/xml]
  responses:
    200: {schema: {type: object, additionalProperties: true, xml: {name: books, namespace: "urn:b"}}}
  steps: [{respond: {status: 200, body: {book: [{title: Pan, n: 1}, {title: Jenny, n: 2}]}}}]
- operationId: none
  method: GET
  path: /none
  steps: [{respond: {status: 204}}]
- operationId: png
  method: GET
  path: /png
  steps: [{respond: {status: 200, bytes: "${ '/wD/iVBORw0K' }", mediaType: image/png}}]
"#;

const SCENARIOS: &str = "counterpart: 1
vendor: shelf
scenarios:
- {name: list, steps: [{call: list_books, expect: {snapshot: list}}]}
- {name: text, steps: [{call: text, expect: {snapshot: text}}]}
- {name: xml, steps: [{call: xml, expect: {snapshot: xml}}]}
- {name: none, steps: [{call: none, expect: {snapshot: none}}]}
- {name: png, steps: [{call: png, expect: {snapshot: png}}]}
";

const RUN: [&str; 3] = ["run", "--report", "json=report.json"];
const BLESS: [&str; 4] = ["bless", "report.json", "--as", "snapshot"];

fn shelf(name: &str) -> Folder {
    let name = format!("snapshots-{name}");
    Folder::new(&name, &[("specs/shelf.yaml", SPEC), ("scenarios/shelf.yaml", SCENARIOS)])
}

fn snapshot(name: &str) -> String {
    format!("scenarios/shelf.yaml.snapshots/{name}.yaml")
}

#[track_caller]
fn told(told: (Option<i32>, String, String), code: i32, words: &[&str]) -> String {
    let (found, out, err) = told;
    let all = format!("{out}{err}");
    assert_eq!(found, Some(code), "{all}");
    for word in words {
        assert!(all.contains(word), "{word} is not in {all}");
    }
    all
}

#[test]
fn what_bless_writes_is_read_and_holds() {
    let folder = shelf("written");
    let missing = "there is no snapshot `png` yet; `counterpart-test bless REPORT --as snapshot`";
    told(folder.run(&RUN), 1, &[missing, "5 failed"]);
    // One by its name, and the others.
    let png = ["bless", "report.json", "png", "--as", "snapshot"];
    told(
        folder.run(&png),
        0,
        &["scenarios/shelf.yaml.snapshots/png.yaml: written by shelf/shelf/png"],
    );
    told(folder.run(&BLESS), 0, &["xml.yaml: written by", "none.yaml: written by"]);
    for (name, text) in [
        ("none", "status: 204\nbody: {$absent: true}\n"),
        (
            "png",
            "status: 200\nheaders: {Content-Type: image/png}\nbytes: {sha256: \
             e573c0b633e7ff9349189d15e5da97cf6bdd3a2ec06959031323f554a7388d9f, length: 9}\n",
        ),
        (
            "text",
            "status: 200\nheaders: {Content-Type: text/plain; charset=utf-8}\ntext: |\n  one\n  \
             two: # 3\n",
        ),
        (
            "xml",
            "status: 200\nheaders: {Content-Type: application/xml}\nnamespaces: {ns1: urn:b}\n\
             body:\n  ns1:books:\n    ns1:book: [{ns1:title: Pan, ns1:n: \"1\"}, \
             {ns1:title: Jenny, ns1:n: \"2\"}]\n",
        ),
    ] {
        assert_eq!(folder.read(&snapshot(name)), text, "{name}");
    }
    // The time is another one; all else fits.
    told(folder.run(&RUN), 1, &["4 passed, 1 failed", "`$.at` is", "list.yaml:4:7"]);
    told(folder.run(&["check"]), 0, &[]);
}

#[test]
fn matchers_comments_and_layout_stay() {
    let folder = shelf("kept");
    folder.write(
        &snapshot("list"),
        "\
# The shelf.
status: 200     # as ever
headers:
  X-Total: {$regex: '^[0-9]+$'}
body:
  # Another one each time.
  at:
    $format: date-time
  key: none
  $$ref: old        # of another page
  books:
    # The first one.
    - title: Pan
      by: {$type: string}
      pages: [1, 3]
    # The second one, which is wrong.
    - {title: Kristin, by: {$any: true}, pages: []}
    - title: gone
  gone: true
  by:
    born: 1860
",
    );
    told(folder.run(&RUN), 1, &["`$.by.born` is 1859, not 1860"]);
    told(folder.run(&BLESS), 0, &["list.yaml: changed by shelf/shelf/list"]);
    assert_eq!(
        folder.read(&snapshot("list")),
        "\
# The shelf.
status: 200     # as ever
headers:
  X-Total: {$regex: '^[0-9]+$'}
body:
  # Another one each time.
  at:
    $format: date-time
  key: none
  $$ref: \"$${x}\"        # of another page
  books:
    # The first one.
    - title: Pan
      by: {$type: string}
      pages: [1, 2]
    # The second one, which is wrong.
    - {title: Jenny, by: {$any: true}, pages: []}
  by:
    born: 1859
    name: Hamsun
"
    );
    told(folder.run(&RUN), 0, &["5 passed"]);
}

#[test]
fn secrets_are_matchers_in_what_is_written() {
    let folder = shelf("secret");
    let scenarios = "counterpart: 1
vendor: shelf
scenarios:
- name: list
  variables: {key: \"${env.SHELF_KEY}\"}
  steps:
  - call: list_books
    with: {query: {key: \"a-${key}-b\"}}
    expect: {snapshot: list}
";
    folder.write("scenarios/shelf.yaml", scenarios);
    let run = |arguments: &[&str]| {
        let output = folder.runner(arguments).env("SHELF_KEY", "very-secret-key").output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (output.status.code(), text(output.stdout), text(output.stderr))
    };
    told(run(&RUN), 1, &["no snapshot `list` yet"]);
    told(run(&BLESS), 0, &["list.yaml: written"]);
    let written = folder.read(&snapshot("list"));
    assert!(!written.contains("very-secret"), "{written}");
    assert!(written.contains("key: {$regex: ^a\\-(.|\\n)+\\-b$}"), "{written}");
    let all = told(run(&RUN), 1, &["`$.at` is"]);
    assert!(!all.contains("`$.key`"), "{all}");
}

#[test]
fn what_cannot_be_written_is_refused() {
    let folder = shelf("refused");
    told(folder.run(&RUN), 1, &[]);
    let bless = |name| ["bless", "report.json", name, "--as", "snapshot"];
    let known = "has no snapshot `pgn` that does not fit, but";
    told(folder.run(&bless("pgn")), 2, &[known]);
    folder.write("empty.json", "{}");
    told(folder.run(&["bless", "empty.json", "--as", "snapshot"]), 2, &["is not a report"]);
    // A report that names another file.
    let report = folder.read("report.json");
    for path in ["../out.yaml.snapshots/png.yaml", "specs/png.yaml"] {
        folder.write("report.json", &report.replace(&snapshot("png"), path));
        told(folder.run(&bless(path)), 2, &["is not the file of a snapshot"]);
    }
    folder.write("report.json", &report);
    told(folder.run(&BLESS), 0, &[]);
    // The file is another one by now.
    told(folder.run(&RUN), 1, &["`$.at` is"]);
    let before = format!("# new\n{}", folder.read(&snapshot("list")));
    folder.write(&snapshot("list"), &before);
    told(folder.run(&BLESS), 2, &["has changed since the report"]);
    assert_eq!(folder.read(&snapshot("list")), before);
}

#[test]
fn a_real_target_is_held_against_snapshots_too() {
    let folder = shelf("target");
    folder.write("scenarios/shelf.yaml", &SCENARIOS.replace("snapshot: list", "status: 200"));
    told(folder.run(&RUN), 1, &[]);
    told(folder.run(&BLESS), 0, &[]);
    let other = SPEC.replace("Jenny, n: 2", "Jenny, n: 3").replace("one\\n", "eins\\n");
    let vendor = MockServer::builder().spec_text("shelf", &other).start().unwrap();
    let target = format!("shelf={}", vendor.url("shelf"));
    let run = ["run", "--target", &target, "--report", "json=report.json"];
    let words = ["`/ns1:books/ns1:book[2]/ns1:n` is \"3\"", "3 passed, 2 failed"];
    told(folder.run(&run), 1, &words);
    told(folder.run(&BLESS), 0, &[]);
    told(folder.run(&run), 0, &[]);
    let xml = folder.read(&snapshot("xml"));
    assert!(xml.contains("{ns1:title: Jenny, ns1:n: \"3\"}"), "{xml}");
}
