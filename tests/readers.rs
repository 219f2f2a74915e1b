//! Reports read by others, whatever stands in them: `JUnit` by the schema of Jenkins' xUnit plugin,
//! and by its rules, which are quick enough for any text; TAP by a parser from a registry, JSON by a
//! validator of schemas, annotations by the rules of the runner that takes them.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]
#![allow(clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]
#![allow(clippy::print_stdout, reason = "a skipped test says so")]
#![allow(dead_code, reason = "other tests use more of what is made by hand")]

#[path = "support/browser.rs"]
mod browser;
#[path = "reports/hand_made.rs"]
mod hand_made;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use counterpart::unstable::report::coverage::coverage;
use counterpart::unstable::report::github::github;
use counterpart::unstable::report::html::html;
use counterpart::unstable::report::json::json;
use counterpart::unstable::report::junit::junit;
use counterpart::unstable::report::markdown::markdown;
use counterpart::unstable::report::tap::tap;
use counterpart::unstable::report::{RunReport, terminal};
use counterpart::unstable::run::event::{TrialResult, Verdict};
use counterpart::unstable::wire::Limits;
use counterpart::unstable::wire::xml::{Element, Node, decode_element};
use proptest::prelude::*;

/// What somebody would send who wants to break out of a report.
const HOSTILE: &str = "ok 1 # SKIP \\ </script><script>alert(1)</script> --> ]]> &amp; \" ' %0A\r\n\
    ::error::x\nnot ok 2\n  ---\n  ...\nBail out!\u{1b}[2J\u{1b}]8;;http://x\u{7}\u{9b}31m\u{0}\u{85}\
    \u{2028}\u{2029}\u{202e}\u{2066}\u{200b}\u{feff}\u{fffe}\u{ffff}\u{1f600}\u{10ffff}";

fn hostile(text: &str) -> Vec<TrialResult> {
    let mut trials = hand_made::trials();
    for trial in &mut trials {
        trial.name = format!("{}{text}", trial.name).into();
        trial.scenario = format!("{}{text}", trial.scenario).into();
        trial.row = Some(text.into());
        trial.tags.push(text.into());
        trial.reason = trial.reason.as_ref().map(|reason| format!("{reason}{text}"));
        let earlier = trial.earlier.iter_mut().flatten();
        for step in trial.steps.iter_mut().chain(earlier) {
            step.name.push_str(text);
            for mismatch in &mut step.mismatches {
                for part in [
                    &mut mismatch.path,
                    &mut mismatch.expected,
                    &mut mismatch.actual,
                    &mut mismatch.message,
                ] {
                    part.push_str(text);
                }
            }
            if let Some(request) = &mut step.request {
                request.url.push_str(text);
                request.headers.push((format!("x-{text}"), text.to_owned()));
                request.body.extend_from_slice(text.as_bytes());
            }
            if let Some(response) = &mut step.response {
                response.body.extend_from_slice(text.as_bytes());
                response.headers.push(("x-hostile".to_owned(), text.to_owned()));
            }
            if let Some(difference) = &mut step.difference {
                difference.actual.push_str(text);
            }
        }
    }
    trials
}

/// Each report of a run.
struct Reports {
    junit: String,
    strict: String,
    tap: String,
    json: String,
    html: String,
    github: String,
    markdown: String,
    terminal: String,
}

fn reports(trials: &[TrialResult]) -> Reports {
    let coverage = coverage(&[Arc::new(hand_made::library())], trials);
    let run = RunReport {
        shard: None,
        version: "0.1.0",
        started: "2026-01-02T03:04:05Z".parse().unwrap(),
        duration: Duration::from_millis(2345),
        target: "mock",
        trials,
        coverage: &coverage,
    };
    let failed = trials.iter().filter(|trial| trial.verdict == Verdict::Failed);
    Reports {
        junit: junit(&run, false).unwrap(),
        strict: junit(&run, true).unwrap(),
        tap: tap(trials),
        json: json(&run),
        html: html(&run),
        github: github(trials),
        markdown: markdown(&run),
        terminal: failed.map(|trial| terminal::failure_text(trial, false)).collect::<String>()
            + &terminal::summary(trials, Duration::ZERO, false),
    }
}

/// What the schema says of an element: its attributes, with a mark on those that must be there, its
/// children, and whether it has text.
type Rule = (&'static str, &'static [&'static str], &'static [&'static str], bool);

const RERUN: [&str; 3] = ["stackTrace", "system-out", "system-err"];

const RULES: [Rule; 11] = [
    ("testsuites", &["name", "time", "tests", "failures", "errors"], &["testsuite"], false),
    (
        "testsuite",
        &[
            "name!",
            "tests!",
            "failures!",
            "errors!",
            "group",
            "time",
            "skipped",
            "timestamp",
            "hostname",
            "id",
            "package",
            "file",
            "log",
            "url",
        ],
        &["testsuite", "properties", "testcase", "system-out", "system-err"],
        false,
    ),
    (
        "testcase",
        &["name!", "time", "classname", "group"],
        &[
            "skipped",
            "error",
            "failure",
            "rerunFailure",
            "rerunError",
            "flakyFailure",
            "flakyError",
            "system-out",
            "system-err",
        ],
        false,
    ),
    ("failure", &["type", "message"], &[], true),
    ("error", &["type", "message"], &[], true),
    ("skipped", &["type", "message"], &[], true),
    ("rerunFailure", &["message", "type!"], &RERUN, true),
    ("flakyFailure", &["message", "type!"], &RERUN, true),
    ("properties", &[], &["property"], false),
    ("property", &["name!", "value!"], &[], false),
    ("system-out", &[], &[], true),
];

fn assert_valid(element: &Element) {
    let name = &*element.name.local;
    let (_, attributes, children, has_text) =
        RULES.iter().find(|(known, ..)| *known == name).unwrap_or_else(|| panic!("<{name}>"));
    for attribute in &element.attributes {
        let own = &*attribute.0.local;
        assert!(attributes.iter().any(|a| a.trim_end_matches('!') == own), "<{name} {own}>");
        if own == "time" {
            assert!(attribute.1.bytes().all(|b| b.is_ascii_digit() || b == b'.'));
        }
    }
    for required in attributes.iter().filter_map(|a| a.strip_suffix('!')) {
        assert!(element.attributes.iter().any(|a| &*a.0.local == required), "<{name}> {required}");
    }
    for child in &element.children {
        match child {
            Node::Text(text) => assert!(*has_text || text.trim().is_empty(), "<{name}>: {text}"),
            Node::Element(child) => {
                assert!(children.contains(&&*child.name.local), "<{name}><{}>", child.name.local);
                assert_valid(child);
            }
        }
    }
}

fn document(xml: &str) -> Element {
    decode_element(xml.as_bytes(), &Limits::default()).unwrap()
}

/// What no report may hand to a terminal or to whoever shows text.
fn is_dangerous(character: char) -> bool {
    matches!(character, '\u{0}'..='\u{8}' | '\u{b}'..='\u{1f}' | '\u{7f}'..='\u{9f}'
        | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}

fn assert_escaped(text: &str) {
    let trials = hostile(text);
    let reports = reports(&trials);
    assert_valid(&document(&reports.strict));
    document(&reports.junit);
    for (name, report) in [
        ("terminal", &reports.terminal),
        ("tap", &reports.tap),
        ("github", &reports.github),
        ("markdown", &reports.markdown),
    ] {
        let found = report.chars().find(|c| is_dangerous(*c));
        assert_eq!(found, None, "{name}");
    }
    // A line is a command of its own, or none.
    assert!(
        reports
            .github
            .lines()
            .all(|line| line.starts_with("::error file=") || line.starts_with("::warning file="))
    );
    let points =
        reports.tap.lines().filter(|line| line.starts_with("ok ") || line.starts_with("not ok "));
    assert_eq!(points.count(), trials.len());
    let all = reports.tap.lines();
    let strange = all.filter(|line| {
        !["ok ", "not ok ", "  ", "TAP version 14", "1.."]
            .iter()
            .any(|start| line.starts_with(start))
            && !line.is_empty()
    });
    assert_eq!(strange.collect::<Vec<_>>(), Vec::<&str>::new());
    assert_eq!(reports.html.matches("</script").count(), 2);
    let json: serde_json::Value = serde_json::from_str(&reports.json).unwrap();
    assert!(json["trials"][0]["name"].as_str().unwrap().ends_with(text));
}

#[test]
fn nothing_breaks_out_of_a_report() {
    assert_escaped(HOSTILE);
    for character in ('\u{0}'..='\u{ff}').chain(['\u{d7ff}', '\u{e000}', '\u{fffd}']) {
        assert_escaped(&format!("{character}a{character}"));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]
    #[test]
    fn no_text_breaks_out_of_a_report(text in "(\\PC|[\\x00-\\xff\u{2028}\u{202e}\u{fffe}]|\n(not )?ok 1|\n::error::|%0A|</script>|]]>|\n  \\.\\.\\.){0,12}") {
        assert_escaped(&text);
    }
}

/// Says that a tool is missing, or fails where it has to be there.
fn skipped(tool: &str) {
    let is_demanded = std::env::var_os("CI").is_some_and(|ci| ci == "true");
    assert!(!is_demanded, "{tool} is not there; tests/tools.sh installs it");
    println!("SKIPPED: {tool} is not there; tests/tools.sh installs it");
}

/// The Python that has the packages, or else the one of this machine.
fn python() -> PathBuf {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/tools/python/bin/python");
    if own.exists() { own } else { PathBuf::from("python3") }
}

/// What a program for Python says of a file; nothing where the module is not there.
fn read_by(module: &str, program: &str, file: &Path) -> Option<String> {
    let has = |output: std::process::Output| output.status.success();
    let known = Command::new(python()).args(["-c", &format!("import {module}")]).output();
    if !known.is_ok_and(has) {
        skipped(&format!("Python's module `{module}`"));
        return None;
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let output =
        Command::new(python()).args(["-c", program]).arg(file).current_dir(root).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(String::from_utf8(output.stdout).unwrap())
}

fn written(name: &str, text: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("readers");
    fs::create_dir_all(&folder).unwrap();
    let file = folder.join(name);
    fs::write(&file, text).unwrap();
    file
}

#[test]
fn json_is_valid_against_the_schema_of_the_docs() {
    const VALIDATE: &str = "
import json, sys, jsonschema
schema = json.load(open('docs/report.schema.json'))
def close(node):
    if isinstance(node, dict):
        if node.get('type') == 'object' and 'properties' in node:
            node['additionalProperties'] = False
        for child in node.values():
            close(child)
    elif isinstance(node, list):
        for child in node:
            close(child)
close(schema)
checker = jsonschema.Draft202012Validator(schema)
checker.check_schema(schema)
for error in checker.iter_errors(json.load(open(sys.argv[1]))):
    print(list(error.path), error.message[:300])
";
    for (name, trials) in [("plain.json", hand_made::trials()), ("hostile.json", hostile(HOSTILE))]
    {
        let file = written(name, &reports(&trials).json);
        let said = read_by("jsonschema", VALIDATE, &file);
        assert_eq!(said.unwrap_or_default(), "");
    }
}

#[test]
fn junit_is_valid_against_the_schema_of_jenkins() {
    const VALIDATE: &str = "
import sys, xmlschema
from lxml import etree
path = 'target/tools/junit-10.xsd'
for error in xmlschema.XMLSchema(path).iter_errors(sys.argv[1]):
    print(error.path, error.reason)
schema = etree.XMLSchema(etree.parse(path))
schema.validate(etree.parse(sys.argv[1]))
for error in schema.error_log:
    print(error.line, error.message)
";
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/tools/junit-10.xsd");
    if !schema.exists() {
        return skipped("junit-10.xsd");
    }
    let reports = [hand_made::trials(), hostile(HOSTILE), Vec::new()].map(|all| reports(&all));
    for (name, report) in ["plain.xml", "hostile.xml", "empty.xml"].into_iter().zip(&reports) {
        let Some(said) = read_by("xmlschema", VALIDATE, &written(name, &report.strict)) else {
            return;
        };
        assert_eq!(said, "", "{name}");
    }
    // It is the schema that says so: the other form has what is not in it.
    let said = read_by("xmlschema", VALIDATE, &written("other.xml", &reports[0].junit));
    assert!(said.is_none_or(|said| said.contains("file")));
}

#[test]
fn markdown_has_no_markup_of_others() {
    const TAGS: &str = "
import html.parser, sys
from markdown_it import MarkdownIt
page = MarkdownIt('commonmark', {'html': True}).enable(['table', 'strikethrough'])
tags = set()
class Reader(html.parser.HTMLParser):
    def handle_starttag(self, tag, attributes):
        tags.add(tag)
Reader().feed(page.render(open(sys.argv[1], encoding='utf-8').read()))
print(*sorted(tags))
";
    let known = "code details h2 h3 li p pre summary table tbody td th thead tr ul\n";
    for text in
        [HOSTILE, "a|b ~~c~~ **d** [e](f) ![g](h) <i>j</i> ``` \n\n# k\n- l", "x\n\n</details>"]
    {
        let file = written("hostile.md", &reports(&hostile(text)).markdown);
        let Some(said) = read_by("markdown_it", TAGS, &file) else { return };
        assert_eq!(said, known);
    }
}

#[test]
fn tap_is_read_by_a_parser() {
    const PARSE: &str = "
import sys
from tap.parser import Parser
for line in Parser().parse_file(sys.argv[1]):
    if line.category == 'test':
        print(line.number, line.ok, bool(line.skip), bool(line.todo))
    elif line.category not in ('version', 'plan', 'unknown', 'diagnostic'):
        print(line.category)
";
    let trials = hostile(HOSTILE);
    let file = written("hostile.tap", &reports(&trials).tap);
    let Some(said) = read_by("tap", PARSE, &file) else { return };
    let expected = trials.iter().enumerate().map(|(at, trial)| {
        let word = |is: bool| if is { "True" } else { "False" };
        let ok = word(trial.verdict != Verdict::Failed);
        let skipped = word(trial.verdict == Verdict::Skipped);
        format!("{} {ok} {skipped} False\n", at + 1)
    });
    // This parser takes any `#` for the start of a directive, which version 14 lets stand escaped.
    let known =
        |line: &str| line.starts_with(|c: char| c.is_ascii_digit()) && !line.starts_with("6 ");
    let lines = |text: &str| -> Vec<String> {
        text.lines().filter(|line| known(line)).map(str::to_owned).collect()
    };
    assert_eq!(lines(&said), lines(&expected.collect::<String>()));
}

/// What would run, were it ever taken for anything but text.
const RUNS: &str = "<img src=x onerror=\"window.pwned=1\"><svg/onload=window.pwned=2>\
    </script><script>window.pwned=3</script>\" onmouseover=\"window.pwned=4\" autofocus \
    onfocus='window.pwned=5' href=\"javascript:window.pwned=6\" --><!--<script>";

#[test]
fn a_browser_shows_what_came_and_runs_none_of_it() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("readers-browser");
    fs::create_dir_all(&folder).unwrap();
    let Some(browser) = browser::Browser::find(&folder) else { return skipped("chromium") };
    let file = folder.join("hostile.html");
    fs::write(&file, reports(&hostile(&format!("{RUNS}{HOSTILE}{RUNS}"))).html).unwrap();
    let quoted = |text: &str| serde_json::to_string(text).unwrap();
    for hash in
        ["", "#view=coverage", &format!("#state=failed&text={RUNS}"), &format!("#item={RUNS}")]
    {
        let address = format!("file://{}{}", file.display(), hash.replace(' ', "%20"));
        let mut page = browser.steer(&address);
        page.wait_for("document.readyState === 'complete' && document.body.innerText.length > 0");
        page.evaluate(
            "document.querySelectorAll('details').forEach((one) => { one.open = true; })",
        );
        if hash.is_empty() {
            // In names, URLs, headers, bodies and mismatches.
            let times = format!("document.body.textContent.split({}).length > 20", quoted(RUNS));
            page.wait_for(&times);
        }
        // Two turns of the page's own clock, in which an image fails to load.
        page.evaluate("new Promise((done) => setTimeout(() => setTimeout(done)))");
        let strange = "document.querySelectorAll('[onerror], [onload], [onmouseover], [onfocus], \
            [autofocus], [href^=\"javascript:\"], img, iframe').length";
        assert_eq!(page.evaluate(strange), 0, "{hash}");
        assert_eq!(page.evaluate("document.scripts.length"), 2, "{hash}");
        assert_eq!(page.evaluate("typeof window.pwned"), "undefined", "{hash}");
    }
    fs::remove_dir_all(folder).unwrap();
}
