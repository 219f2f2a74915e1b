//! Each report of a run made by hand, as a file; `UPDATE=1` rewrites them.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test fails by panicking")]
#![allow(clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]
#![allow(clippy::print_stdout, reason = "a skipped test says so")]

#[path = "support/browser.rs"]
mod browser;
#[path = "reports/hand_made.rs"]
mod hand_made;

use std::fs;
use std::path::Path;
use std::time::Duration;

use counterpart::unstable::report::coverage::{self, Coverage, ItemKind, coverage};
use counterpart::unstable::report::github::github;
use counterpart::unstable::report::html::html;
use counterpart::unstable::report::json::json;
use counterpart::unstable::report::junit::junit;
use counterpart::unstable::report::markdown::markdown;
use counterpart::unstable::report::tap::tap;
use counterpart::unstable::report::{RunReport, terminal};
use counterpart::unstable::run::event::{Difference, SHOWN_BODY, TrialResult};
use counterpart::unstable::value::Value;
use counterpart::unstable::wire::json::Json;
use counterpart::unstable::wire::xml::{Element, Node, decode_element};
use counterpart::unstable::wire::{Limits, Wire};

/// Compares with the file of that name; `UPDATE=1` writes it instead.
fn assert_report(name: &str, drawn: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reports").join(name);
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&file, drawn).unwrap();
    }
    let expected = fs::read_to_string(&file).unwrap_or_default();
    assert!(drawn == expected, "{} differs; UPDATE=1 rewrites it:\n{drawn}", file.display());
}

/// A run as it stands in the reports.
fn run<'a>(trials: &'a [TrialResult], coverage: &'a Coverage) -> RunReport<'a> {
    RunReport {
        shard: None,
        version: "0.1.0",
        started: "2026-01-02T03:04:05Z".parse().unwrap(),
        duration: Duration::from_millis(2345),
        target: "mock",
        trials,
        coverage,
    }
}

fn of_library(trials: &[TrialResult]) -> Coverage {
    coverage(&[std::sync::Arc::new(hand_made::library())], trials)
}

#[test]
fn a_failed_trial_reads_like_a_compiler_error() {
    let trials = hand_made::trials();
    let mut text = String::new();
    for trial in trials.iter().filter(|trial| trial.verdict.name() == "failed") {
        text.push_str(&terminal::failure_text(trial, false));
        text.push_str("\n==========\n\n");
    }
    assert_report("failures.txt", &text);
    let styled: String = trials.iter().map(|trial| terminal::failure_text(trial, true)).collect();
    assert!(styled.contains('\u{1b}'));
    assert!(!text.contains('\u{1b}'));
}

#[test]
fn the_summary_counts_and_gives_reasons() {
    let trials = hand_made::trials();
    let text = terminal::summary(&trials, Duration::from_millis(2345), false);
    assert_report("summary.txt", &text);
    assert_eq!(terminal::summary(&[], Duration::ZERO, false), "0 passed in 0.0 ms\n");
}

#[test]
fn coverage_says_what_is_missing() {
    let trials = hand_made::trials();
    assert_report("coverage.txt", &coverage::terminal::text(&of_library(&trials), false));
    let nothing = coverage::terminal::text(&of_library(&[]), false);
    assert!(nothing.contains("0 of 4 statements covered"), "{nothing}");
}

/// What one exchange exercises, by kind.
fn exercised(trial: &TrialResult, kind: ItemKind) -> Vec<String> {
    let coverage = of_library(std::slice::from_ref(trial));
    let group = coverage.vendors[0].groups.iter().find(|group| group.kind == kind).unwrap();
    let seen = group.items.iter().filter(|item| !item.seen.is_empty());
    seen.map(|item| item.name.to_string()).collect()
}

#[test]
fn an_error_is_known_by_what_is_constant_in_it() {
    let fault = r#"<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><s:Fault>
        <faultcode>s:Client</faultcode><faultstring>cannot read: x</faultstring>
        </s:Fault></s:Body></s:Envelope>"#;
    let cases = [
        (404, r#"{"error":{"code":"not_found","text":"no id 9"}}"#, Some("NotFound")),
        (
            404,
            r"<a><error><code>not_found</code><text>no id 9</text></error></a>",
            Some("NotFound"),
        ),
        (404, "<error><code>not_found</code><text>no id 9</text></error>", Some("NotFound")),
        (404, r#"{"error":{"code":"else","text":"no id 9"}}"#, None),
        (400, r#"{"error":{"code":"invalid","text":"?"},"fields":{"a":["b"]}}"#, Some("Invalid")),
        (400, "Cannot read mail.", Some("Unreadable")),
        (401, r#"{"error":{"code":"key"}}"#, Some("NoKey")),
        (500, fault, Some("SoapUnreadable")),
        (200, r#"{"error":{"code":"key"}}"#, None),
        (400, "", None),
    ];
    for (status, body, error) in cases {
        let trial = hand_made::answered("read_book", status, body);
        let expected: Vec<String> = error.map(str::to_owned).into_iter().collect();
        assert_eq!(exercised(&trial, ItemKind::Error), expected, "{status} {body}");
    }
}

#[test]
fn parameters_are_found_wherever_they_are_sent() {
    let soap = r#"<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body>
        <Renew xmlns="https://library.example/"><book_id>7</book_id></Renew></s:Body></s:Envelope>"#;
    let cases = [
        ("Renew", "POST /renew", "application/x-www-form-urlencoded", "book_id=7", "Renew.book_id"),
        ("Renew", "GET /renew?BOOK_ID=7", "", "", "Renew.book_id"),
        ("Renew", "POST /desk.asmx", "application/soap+xml", soap, "Renew.book_id"),
        ("read_book", "GET /books/7?fields=a,b", "", "", "read_book.id read_book.fields"),
        (
            "create_book",
            "POST /books",
            "application/vnd.library+xml",
            "<book><title>Pan</title><tags>a</tags><tags>b</tags><other/></book>",
            "create_book.title create_book.tags",
        ),
        ("create_book", "POST /books", "application/json", "{broken", ""),
        (
            "read_book",
            "GET /books/7?lent%5Bafter%5D=2026-01-01",
            "",
            "",
            "read_book.id read_book.lent read_book.lent.after",
        ),
        (
            "create_book",
            "POST /books",
            "application/x-www-form-urlencoded; charset=utf-8",
            "title=Pan&tags%5B%5D=a&tags[]=b",
            "create_book.title create_book.tags",
        ),
    ];
    for (operation, line, media_type, body, expected) in cases {
        let trial = hand_made::asked(operation, line, media_type, body);
        assert_eq!(exercised(&trial, ItemKind::Parameter).join(" "), expected, "{line}");
    }
}

#[test]
fn tap_and_annotations() {
    let trials = hand_made::trials();
    assert_report("run.tap", &tap(&trials));
    assert_report("github.txt", &github(&trials));
}

#[test]
fn markdown_is_a_summary() {
    let trials = hand_made::trials();
    let coverage = of_library(&trials);
    assert_report("run.md", &markdown(&run(&trials, &coverage)));
}

#[test]
fn json_is_one_document() {
    let trials = hand_made::trials();
    let coverage = of_library(&trials);
    let text = json(&run(&trials, &coverage));
    assert_report("run.json", &text);
    let document = Json.decode(text.as_bytes(), &Limits::default()).unwrap().value;
    let number = |path: [&str; 2]| document.get(path[0]).unwrap().get(path[1]).cloned();
    assert_eq!(number(["summary", "failed"]), Some(Value::Integer(3)));
    assert_eq!(number(["run", "duration"]), Some(2.345.into()));
}

/// What an element of XML says of itself.
fn attribute<'a>(element: &'a Element, name: &str) -> &'a str {
    element.attribute(None, name).unwrap_or_default()
}

fn children<'a>(element: &'a Element, name: &str) -> Vec<&'a Element> {
    element.elements().filter(|child| &*child.name.local == name).collect()
}

fn text(element: &Element) -> String {
    let texts = element.children.iter().filter_map(|node| match node {
        Node::Text(text) => Some(&**text),
        Node::Element(_) => None,
    });
    texts.collect()
}

#[test]
fn junit_is_read_by_another_reader() {
    let trials = hand_made::trials();
    let coverage = of_library(&trials);
    let xml = junit(&run(&trials, &coverage), false).unwrap();
    assert_report("run.xml", &xml);
    let root = decode_element(xml.as_bytes(), &Limits::default()).unwrap();
    assert_eq!(attribute(&root, "tests"), trials.len().to_string());
    assert_eq!(attribute(&root, "failures"), "3");
    assert_eq!(attribute(&root, "skipped"), "2");
    let suites = children(&root, "testsuite");
    let names: Vec<&str> = suites.iter().map(|suite| attribute(suite, "name")).collect();
    assert_eq!(names, ["library", "post"]);
    let cases = children(suites[0], "testcase");
    let classes: Vec<&str> = cases.iter().map(|case| attribute(case, "classname")).collect();
    assert!(classes.contains(&"library/books"), "{classes:?}");
    let failure = cases.iter().find_map(|case| children(case, "failure").pop()).unwrap();
    assert_eq!(attribute(failure, "type"), "expectation");
    assert!(text(failure).contains("scenarios/library/books.yaml:24:26"), "{}", text(failure));
    let flaky = cases.iter().find_map(|case| children(case, "flakyFailure").pop()).unwrap();
    assert!(attribute(flaky, "message").contains("the connection was closed"));
    let skipped = cases.iter().find_map(|case| children(case, "skipped").pop()).unwrap();
    assert_eq!(attribute(skipped, "message"), "no control plane on https://oslo.library.example");
}

#[test]
fn the_page_stands_alone_and_filters() {
    let trials = hand_made::trials();
    let coverage = of_library(&trials);
    let page = html(&run(&trials, &coverage));
    assert_eq!(page.matches("</script").count(), 2, "an answer broke out of its script");
    for outside in ["src=", "@import", "url(", "fetch("] {
        assert!(!page.contains(outside), "the page asks for something: {outside}");
    }
    let folder = tempfolder("page");
    let file = folder.join("report.html");
    fs::write(&file, page).unwrap();
    let Some(browser) = browser::Browser::find(&folder) else {
        println!("skipped: no chromium");
        return;
    };
    let address = |hash: &str| format!("file://{}{hash}", file.display());
    let shown = |hash: &str| {
        let document = browser.document(&address(hash));
        // Without the script and its data, which hold every name.
        let end = document.find("<script").expect("a page with scripts");
        document[..end].to_owned()
    };
    let cases: [(&str, usize, &str); 8] = [
        ("", trials.len(), "a book is found by its number"),
        ("#state=failed", 3, "titles have 1 to 100 characters [too long]"),
        ("#state=failed,flaky", 4, "a loan is confirmed"),
        ("#vendor=post", 1, "a letter"),
        ("#tag=smoke", 1, "a book is found by its number"),
        ("#text=number+hunger", 1, "Copy curl"),
        ("#item=library%2Fstatements%2FL01", 1, "a book is found by its number"),
        (
            "#item=library%2Ftransitions%2Fcreate_book%3A+insert+books",
            1,
            "a book is found by its number",
        ),
    ];
    for (hash, count, text) in cases {
        let document = shown(hash);
        assert_eq!(document.matches("<details class=\"trial").count(), count, "{hash}");
        assert!(document.contains(text), "{hash} lacks {text}:\n{document}");
    }
    let coverage = shown("#view=coverage");
    assert!(coverage.contains("a title has 1 to 100 characters"));
    assert!(coverage.contains("1 of 17</span>"), "{coverage}");
    assert!(shown("#text=nothing-like-it").contains("No trial fits the filter."));
    // What an answer said is text, not markup.
    assert!(shown("#state=failed&text=too+long").contains("&lt;/script&gt;"));
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn the_curl_command_is_copied() {
    let trials = hand_made::trials();
    let coverage = of_library(&trials);
    let folder = tempfolder("copy");
    let file = folder.join("report.html");
    fs::write(&file, html(&run(&trials, &coverage))).unwrap();
    let Some(browser) = browser::Browser::find(&folder) else {
        println!("skipped: no chromium");
        return;
    };
    // The step that failed is open, and so the first button is its own.
    let requests = trials.iter().flat_map(|trial| &trial.steps).filter_map(|s| s.request.as_ref());
    let curl = &requests.map(|r| &*r.curl).find(|curl| curl.contains("/books/7'")).unwrap();
    let mut page = browser.steer(&format!("file://{}#text=number+hunger", file.display()));
    page.allow_clipboard();
    page.wait_for("document.querySelector('details[open] h3 button') !== null");
    page.evaluate(
        "window.button = document.querySelector('details[open] h3 button'); window.said = []; \
         new MutationObserver(() => said.push(button.textContent)).observe(button, {childList: true})",
    );
    // First the browser's clipboard, then the older way, for pages that have none.
    for clipboard in [true, false] {
        page.evaluate("navigator.clipboard.writeText('something else')");
        if !clipboard {
            page.evaluate(
                "navigator.clipboard.writeText = () => Promise.reject(); said.length = 0",
            );
        }
        page.click("button");
        page.wait_for("said.includes('Copied')");
        assert_eq!(page.evaluate("navigator.clipboard.readText()"), **curl);
    }
    drop(page);
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn large_bodies_are_shortened() {
    let body = format!("{}\u{f6}{}", "x".repeat(SHOWN_BODY - 1), "y".repeat(40_000));
    let mut trials = vec![hand_made::answered("read_book", 200, &body)];
    let step = &mut trials[0].steps[0];
    step.difference = Some(Difference { expected: "z".to_owned(), actual: body.clone() });
    let mut binary = step.clone();
    binary.response.as_mut().unwrap().body = vec![0xff; SHOWN_BODY + 3];
    trials[0].steps.push(binary);
    let coverage = of_library(&trials);
    let report: serde_json::Value = serde_json::from_str(&json(&run(&trials, &coverage))).unwrap();
    let steps = &report["trials"][0]["steps"];
    let response = &steps[0]["response"];
    assert_eq!(response["bodyNote"], "shortened: 262143 of 302145 bytes");
    assert_eq!(response["body"].as_str(), body.get(..SHOWN_BODY - 1));
    let actual = steps[0]["difference"]["actual"].as_str().unwrap();
    assert!(actual.ends_with("xx\n… shortened: 262143 of 302145 bytes"));
    assert_eq!(steps[1]["response"]["bodyNote"], "shortened: 262144 of 262147 bytes");
    let base64 = steps[1]["response"]["bodyBase64"].as_str().unwrap();
    assert_eq!(base64.len(), SHOWN_BODY.div_ceil(3) * 4);
    let folder = tempfolder("large");
    let file = folder.join("report.html");
    fs::write(&file, html(&run(&trials, &coverage))).unwrap();
    let Some(browser) = browser::Browser::find(&folder) else {
        println!("skipped: no chromium");
        return;
    };
    let mut page = browser.steer(&format!("file://{}", file.display()));
    page.wait_for("document.querySelector('details.trial') !== null");
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })");
    for text in [
        "x\\n… shortened: 262143 of 302145 bytes",
        "262144 bytes that are not UTF-8\\n… shortened: ",
    ] {
        page.wait_for(&format!("document.body.innerText.includes('{text}')"));
    }
    drop(page);
    fs::remove_dir_all(folder).unwrap();
}

/// A new folder that nobody else has.
fn tempfolder(name: &str) -> std::path::PathBuf {
    let folder = std::env::temp_dir().join(format!("counterpart-{name}-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    folder
}
