//! The examples of the reference of scenarios load together as one file, against the spec of the
//! other reference, so that what it says works.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use std::fmt::Write;
use std::slice;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use counterpart::Diagnostic;
use counterpart::Source;
use counterpart::unstable::check::check_sources;
use counterpart::unstable::check::scenario::{Options, check_source, load};
use counterpart::unstable::model::{Service, Tree};
use counterpart::unstable::scenario::{
    Action, Call, CaptureFrom, Expected, ExpectedKind, Given, Matcher, OnTarget, RawBody, Scenario,
    Selector, Status, Step, Suite,
};
use support::folder::Folder;

const SPEC_PAGE: &str = include_str!("../docs/spec-language.md");
const PAGE: &str = include_str!("../docs/scenario-language.md");

/// The YAML of a page, block by block, each with the line it begins at.
fn blocks(page: &str) -> Vec<(usize, String)> {
    let mut blocks = Vec::new();
    let mut block: Option<(usize, String)> = None;
    for (at, line) in page.lines().enumerate() {
        match &mut block {
            None if line == "```yaml" => block = Some((at + 1, String::new())),
            Some(_) if line == "```" => blocks.extend(block.take()),
            Some((_, text)) => writeln!(text, "{line}").unwrap(),
            None => {}
        }
    }
    blocks
}

fn library() -> Arc<Service> {
    let sources: Vec<_> = blocks(SPEC_PAGE)
        .into_iter()
        .map(|(_, text)| Source::new("docs/spec-language.md", text))
        .collect();
    match check_sources(&sources) {
        Ok(checked) => Arc::new(checked.service),
        Err(diagnostics) => panic!("{}", listed(&diagnostics)),
    }
}

/// One file out of all blocks, at the lines of the page: the first block ends with `scenarios:`,
/// and the others add to it.
fn joined() -> String {
    let mut lines: Vec<String> = PAGE.lines().map(|_| String::new()).collect();
    let mut first = true;
    for (start, text) in blocks(PAGE) {
        if !first && text.starts_with("counterpart:") {
            continue;
        }
        for (at, line) in text.lines().enumerate() {
            if line == "scenarios:" {
                continue;
            }
            let line =
                if first { line.replace("scenarios: []", "scenarios:") } else { line.into() };
            *lines.get_mut(start + at).unwrap() = line;
        }
        first = false;
    }
    lines.join("\n")
}

fn listed(diagnostics: &[Diagnostic]) -> String {
    let mut text = String::new();
    for diagnostic in diagnostics {
        let place = diagnostic.primary.as_ref().map(|label| label.span.to_string());
        let place = place.unwrap_or_default();
        let help = diagnostic.help.join("; ");
        writeln!(text, "{place}: {}: {} ({help})", diagnostic.code, diagnostic.message).unwrap();
    }
    text
}

/// A body with an expression in it.
const BOOK: &str = "{\"title\": \"${title}\", \"isbn\": \"82-31\"}";

/// Steps that are given what they renew.
const RENEW: &str = "- call: Renew\n  with: {parameters: {book_id: \"${book}\", days: \"${days}\"}}\n  expect: {status: 200}\n";

fn folder(name: &str) -> Folder {
    let after = "- call: read_book\n  with: {path: {id: 100}}\n  expect: {status: 200}\n";
    let titles = "title,isbn,status\nPan,82-1,201\n\"\",82-2,400\n";
    let files = [
        ("parts/after.yaml", after),
        ("parts/renew.yaml", RENEW),
        ("data/titles.csv", titles),
        ("data/book.json", BOOK),
    ];
    Folder::new(&format!("scenario-language-{name}"), &files)
}

static PAGE_SUITE: LazyLock<Suite> = LazyLock::new(|| {
    let folder = folder("page");
    let (_, snapshot) = PAGE.split_once("```yaml snapshot\n").unwrap();
    let (snapshot, _) = snapshot.split_once("```").unwrap();
    folder.write("library.yaml.snapshots/created.yaml", snapshot);
    let source = Source::new(folder.0.join("library.yaml"), joined());
    match check_source(&source, &library(), Options::RUN) {
        Ok(checked) => {
            assert!(checked.warnings.is_empty(), "{}", listed(&checked.warnings));
            checked.suite
        }
        Err(diagnostics) => panic!("{}", listed(&diagnostics)),
    }
});

fn scenario(suite: &'static Suite, name: &str) -> &'static Scenario {
    suite.scenarios.iter().find(|scenario| &*scenario.name == name).unwrap()
}

fn call(step: &Step) -> &Call {
    match &step.action {
        Action::Call(call) => call,
        other => panic!("no call: {other:?}"),
    }
}

fn names<T>(pairs: &[(Arc<str>, T)]) -> Vec<&str> {
    pairs.iter().map(|(name, _)| &**name).collect()
}

fn paths(pairs: &[(Selector, Expected)]) -> Vec<&str> {
    pairs.iter().filter_map(|(path, _)| path.fixed()).collect()
}

/// The names of the members of a tree.
fn members(tree: Option<&Tree>) -> Vec<&str> {
    match tree {
        Some(Tree::Map(members)) => names(members),
        other => panic!("no members: {other:?}"),
    }
}

#[test]
fn the_reference_is_a_file_without_mistakes() {
    let suite = &*PAGE_SUITE;
    assert_eq!((&*suite.vendor, &*suite.name), ("library", "library"));
    let names: Vec<_> = suite.scenarios.iter().map(|scenario| &*scenario.name).collect();
    assert_eq!(names.len(), 20, "{names:?}");
}

/// The blocks that are files of their own, at the lines of the page.
fn own_files() -> Vec<String> {
    let files = blocks(PAGE).into_iter().skip(1);
    let files = files.filter(|(_, text)| text.starts_with("counterpart:"));
    files.map(|(start, text)| format!("{}{text}", "\n".repeat(start))).collect()
}

#[test]
fn files_of_the_reference_have_no_mistakes() {
    let folder = folder("own-files");
    let files = own_files();
    assert!(!files.is_empty());
    for text in files {
        let source = Source::new(folder.0.join("library.yaml"), text);
        match check_source(&source, &library(), Options::RUN) {
            Ok(checked) => assert!(checked.warnings.is_empty(), "{}", listed(&checked.warnings)),
            Err(diagnostics) => panic!("{}", listed(&diagnostics)),
        }
    }
}

#[test]
fn a_scenario_means_what_it_says() {
    let (suite, service) = (&*PAGE_SUITE, library());
    let first = scenario(suite, "a book is found by its number");
    assert_eq!(first.covers, [0]);
    assert_eq!(first.tags.iter().map(|tag| &**tag).collect::<Vec<_>>(), ["books", "smoke"]);
    assert_eq!(names(&first.variables), ["key"]);
    assert_eq!((first.rows.len(), &*first.rows[0].name), (1, ""));
    let [create, read] = first.steps.as_slice() else { panic!() };
    let operation = |step| match &call(step).operation {
        Given::Written(id) => &*service.operations[id.0].id,
        Given::Expression(_) => "",
    };
    assert_eq!(operation(create), "create_book");
    assert!(call(create).media_type.is_none() && call(create).body.is_some());
    assert_eq!(call(create).authenticate.keys.len(), 1);
    assert!(matches!(&create.expect.status, Some(Status::OneOf(list, _)) if list.len() == 1));
    assert!(
        matches!(&create.captures[0].from, CaptureFrom::JsonPath(path) if path.fixed() == Some("$.id"))
    );
    assert_eq!(members(call(read).path.as_ref()), ["id"]);
    assert!(read.expect.includes.is_some() && read.expect.body.is_none());
    let [undo] = first.finally.as_slice() else { panic!() };
    assert!(undo.when.is_some() && undo.allow_undocumented && !undo.destructive);
    assert!(matches!(&undo.expect.status, Some(Status::OneOf(list, _)) if list.len() == 3));
}

#[test]
fn calls_and_requests_mean_what_they_say() {
    let suite = &*PAGE_SUITE;
    let [by_form, refused, by_isbn, by_host, in_parts, _] =
        scenario(suite, "a call can say how it goes over the wire").steps.as_slice()
    else {
        panic!()
    };
    assert_eq!(by_form.name.as_deref(), Some("by form"));
    let binding = &call(by_form).binding;
    assert!(matches!(binding, Some(Given::Written(name)) if &**name == "POST /renew"));
    assert_eq!(members(call(by_form).parameters.as_ref()), ["book_id", "days"]);
    assert!(call(refused).authenticate.keys.is_empty());
    let headers = &call(by_isbn).headers;
    assert!(matches!(headers, Some(Given::Written(all)) if all[0].0 == "x-trace"));
    assert!(call(by_host).host.is_some() && call(by_isbn).host.is_none());
    let parts = call(in_parts).parts.iter().flatten();
    let parts: Vec<_> = parts.filter_map(|part| part.name.as_deref()).collect();
    assert_eq!(parts, ["page", "tags", "tags", "scan", "about"]);
    let [raw, ..] = scenario(suite, "what is not JSON is refused").steps.as_slice() else {
        panic!()
    };
    let Action::Request(request) = &raw.action else { panic!() };
    assert_eq!(members(request.query.as_ref()), ["draft"]);
    assert!(matches!(request.body, RawBody::Text(_)));
    assert_eq!(request.authenticate.keys.len(), 1);
}

#[test]
fn expectations_mean_what_they_say() {
    let suite = &*PAGE_SUITE;
    let [create, again, shelves] =
        scenario(suite, "everything that can be expected").steps.as_slice()
    else {
        panic!()
    };
    let expect = &create.expect;
    assert_eq!(expect.headers.len(), 3);
    assert!(is_matcher(&expect.headers[2].1, |m| matches!(m, Matcher::Absent)));
    assert_eq!(paths(&expect.json_path), ["$.id", "$..id"]);
    assert_eq!(expect.time.as_ref().map(|(most, _)| *most), Some(Duration::from_secs(2)));
    assert!(
        matches!(&again.expect.rule, Some((Given::Written(rule), _)) if **rule == *"L03"),
        "{:?}",
        again.expect.rule
    );
    let Some(Expected { kind: ExpectedKind::Map(members), .. }) = &expect.includes else {
        panic!()
    };
    assert!(is_matcher(&members[0].1, |m| matches!(m, Matcher::Range(Some(_), Some(_)))));
    assert_eq!(members[0].1.span.text(), "{$range: [100, 999]}");
    assert_eq!(paths(&shelves.expect.xpath), ["count(/shelves/shelf)", "/shelves/shelf[1]/name"]);
    let kept = &scenario(suite, "captures are for later steps").steps;
    assert_eq!(kept[0].captures.len(), 4);
    assert!(kept[0].captures[2].regex.is_some());
    assert!(matches!(&kept[1].captures[0].from, CaptureFrom::XPath(_)));
    assert!(kept[1].captures[2].mask == Some(true));
}

fn is_matcher(expected: &Expected, is: impl Fn(&Matcher) -> bool) -> bool {
    matches!(&expected.kind, ExpectedKind::Matcher(matcher) if is(matcher))
}

#[test]
fn rows_have_names() {
    let suite = &*PAGE_SUITE;
    let rows = &scenario(suite, "titles have 1 to 100 characters").rows;
    let found: Vec<&str> = rows.iter().map(|row| &*row.name).collect();
    assert_eq!(found, ["title=\"\", status=400", "title=A, status=201", "the longest", "too long"]);
    assert_eq!(names(&rows[2].columns), ["title", "status"]);
}

#[test]
fn control_steps_mean_what_they_say() {
    let suite = &*PAGE_SUITE;
    let loan = scenario(suite, "a loan is confirmed through the mail");
    assert!(matches!(&loan.given[0].1, Tree::List(rows) if rows.len() == 1));
    assert_eq!(names(&loan.settings), ["max_loans"]);
    assert_eq!(loan.clock.unwrap().to_string(), "2026-01-01T12:00:00Z");
    let kinds: Vec<bool> = loan.steps.iter().map(|step| step.action.is_control()).collect();
    let expected: Vec<bool> = (0..20).map(|at| ![0, 4, 11, 17, 18, 19].contains(&at)).collect();
    assert_eq!(kinds, expected);
    let Action::Requests(wanted) = &loan.steps[2].action else { panic!() };
    assert!(matches!(wanted.operation, Some(Given::Written(_))) && wanted.after.is_none());
    let Action::Clock(Given::Written(now)) = &loan.steps[5].action else { panic!() };
    assert_eq!(now.to_string(), "2026-01-02T12:00:00Z");
    let Action::Poll { every, at_most, step, .. } = &loan.steps[17].action else { panic!() };
    assert_eq!((*every, *at_most), (Duration::from_millis(100), Duration::from_secs(2)));
    assert!(matches!(step.action, Action::Call(_)));
    let Action::Include(include) = &loan.steps[18].action else { panic!() };
    assert_eq!(include.steps.len(), 1);
    let gone = scenario(suite, "a book is gone after a while");
    assert!(gone.destructive_allowed && gone.steps[2].destructive);
    assert!(matches!(gone.steps[0].on_target, OnTarget::Wait(_)));
    let required: Vec<bool> = gone.steps.iter().map(|step| step.requires_mock).collect();
    assert_eq!(required, [false, true, false]);
    let needs = |name| scenario(suite, name).needs_mock();
    assert_eq!(needs("a new account has no books"), Some("requires: mock"));
    assert_eq!(needs("a loan is confirmed through the mail"), Some("given"));
    assert_eq!(needs("a book is gone after a while"), None);
}

#[test]
fn files_below_a_folder_are_suites() {
    let folder = folder("suites");
    let text =
        "counterpart: 1\nvendor: library\nscenarios: [{name: a, steps: [{include: PART}]}]\n";
    folder.write("library/loans/mail.yaml", &text.replace("PART", "../../parts/after.yaml"));
    folder.write("books.yaml", &text.replace("PART", "parts/after.yaml"));
    folder.write("parts/unused.yaml", "- {call: list_shelves}\n");
    let service = library();
    let loaded = load(slice::from_ref(&folder.0), slice::from_ref(&service), Options::RUN);
    let loaded = loaded.unwrap_or_else(|diagnostics| panic!("{}", listed(&diagnostics)));
    let names: Vec<&str> = loaded.suites.iter().map(|suite| &*suite.name).collect();
    assert_eq!(names, ["books", "loans/mail"]);
    let codes: Vec<&str> = loaded.warnings.iter().map(|warning| warning.code).collect();
    assert_eq!(codes, ["no-scenarios"; 2], "the parts that nothing includes");
}

/// Whatever is left out of a file, what is wrong is said, and nothing falls over.
#[test]
fn files_with_lines_missing_are_only_mistakes() {
    let (folder, service, text) = (folder("missing"), library(), joined());
    let count = text.lines().count();
    for left_out in (0..count).filter(|at| at % 3 == 0) {
        let rest: Vec<&str> =
            text.lines().enumerate().filter(|(at, _)| *at != left_out).map(|(_, l)| l).collect();
        let source = Source::new(folder.0.join("library.yaml"), rest.join("\n"));
        if let Err(diagnostics) = check_source(&source, &service, Options::CHECK) {
            assert!(!diagnostics.is_empty(), "line {left_out}");
        }
    }
}
