//! Mistakes of one line, planted in the specs and scenarios of this repository: each is found at its
//! line, and told once.
//!
//! `SHOW=1 cargo test --test planted -- --nocapture` prints what is told of each.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking, and shows what is asked for"
)]

use std::fs;
use std::path::Path;
use std::sync::{Arc, LazyLock};

use counterpart::Diagnostic;
use counterpart::Source;
use counterpart::unstable::check::{self, check_sources, scenario};
use counterpart::unstable::model::Service;
use counterpart::unstable::syntax::{self, Node, Problems};

#[derive(Default)]
struct Mistake {
    /// What the line holds.
    at: String,
    /// What is replaced there; the whole line when it is not said.
    of: Option<String>,
    put: String,
    /// Which line of several that are put is the wrong one.
    line: usize,
    /// How many lines off the place may be.
    about: usize,
    /// Why more than one message is right.
    more: Option<String>,
    /// Why it is no mistake at all.
    fine: Option<String>,
}

impl Mistake {
    fn read(node: &Node) -> Self {
        let mut mistake = Self { line: 1, ..Self::default() };
        for (key, value) in node.as_map().unwrap() {
            let text = || value.as_text().unwrap().to_owned();
            let number = || value.span.text().parse().unwrap();
            match key.value.as_str() {
                "at" => mistake.at = text(),
                "of" => mistake.of = Some(text()),
                "put" => mistake.put = text(),
                "line" => mistake.line = number(),
                "about" => mistake.about = number(),
                "more" => mistake.more = Some(text()),
                "fine" => mistake.fine = Some(text()),
                other => panic!("{other}"),
            }
        }
        mistake
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

static SERVICES: LazyLock<Vec<Arc<Service>>> = LazyLock::new(|| {
    let folders = ["specs", "tests/planted/specs"].map(|folder| root().join(folder));
    let loaded = check::load(&folders).unwrap();
    loaded.services.into_iter().map(Arc::new).collect()
});

fn diagnose(file: &Path, text: String) -> Vec<Diagnostic> {
    let source = Source::new(file, text);
    if file.parent().unwrap().file_name().unwrap() == "specs" {
        return check_sources(&[source]).map_or_else(|found| found, |checked| checked.warnings);
    }
    let vendor = file.parent().unwrap().file_name().unwrap().to_str().unwrap();
    let service = SERVICES.iter().find(|service| *service.vendor == *vendor).unwrap();
    let found = scenario::check_source(&source, service, scenario::Options::CHECK);
    found.map_or_else(|found| found, |checked| checked.warnings)
}

/// What is wrong with what is told of a mistake.
fn judge(file: &str, mistake: &Mistake) -> Option<String> {
    let path = root().join(file);
    let text = fs::read_to_string(&path).unwrap();
    let line = text
        .lines()
        .position(|line| {
            line.contains(&mistake.at) && mistake.of.as_ref().is_none_or(|of| line.contains(of))
        })
        .unwrap_or_else(|| panic!("{file}: no line holds {}", mistake.at));
    let changed: Vec<String> = text
        .lines()
        .enumerate()
        .map(|(at, old)| match &mistake.of {
            _ if at != line => old.to_owned(),
            Some(of) => old.replacen(of, &mistake.put, 1),
            None => mistake.put.clone(),
        })
        .collect();
    let found = diagnose(&path, changed.join("\n") + "\n");
    let expected = line + mistake.line;
    let place = |d: &Diagnostic| d.primary.as_ref().map_or(0, |label| label.span.line_column().0);
    let told: String = found
        .iter()
        .map(|d| format!("    {}: [{}] {} {:?}\n", place(d), d.code, d.message, d.help))
        .take(12)
        .collect();
    let of = mistake.of.as_deref().unwrap_or_default();
    let what = format!("{file}:{expected}: `{of}` -> `{}`: {}\n{told}", mistake.put, found.len());
    if std::env::var_os("SHOW").is_some() {
        println!("{what}");
    }
    let right = match found.as_slice() {
        [] => mistake.fine.is_some(),
        [first, rest @ ..] => {
            // Of two names that each stand once, either may be the wrong one; both are shown.
            let related = || first.related.iter().any(|l| l.span.line_column().0 == expected);
            (place(first).abs_diff(expected) <= mistake.about || related())
                && mistake.fine.is_none()
                && (rest.is_empty() || mistake.more.is_some())
        }
    };
    (!right).then_some(what)
}

fn each_is_told_once(table: &str) {
    let path = root().join("tests/planted").join(table);
    let text = fs::read_to_string(&path).unwrap();
    let problems = Problems::default();
    let node = syntax::parse(&Source::new(path, text), &problems).unwrap();
    let mut mistakes = Vec::new();
    for (file, list) in node.as_map().unwrap() {
        let list = list.as_list().unwrap();
        mistakes.extend(list.iter().map(|node| (file.value.as_str(), Mistake::read(node))));
    }
    let wrong: Vec<String> =
        mistakes.iter().filter_map(|(file, mistake)| judge(file, mistake)).collect();
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), mistakes.len(), wrong.concat());
}

#[test]
fn mistakes_in_specs() {
    each_is_told_once("specs.yaml");
}

#[test]
fn mistakes_of_newcomers() {
    each_is_told_once("newcomers.yaml");
}

#[test]
fn mistakes_about_xml_messages_lists_and_selectors() {
    each_is_told_once("depot.yaml");
}

#[test]
fn mistakes_in_scenarios() {
    each_is_told_once("scenarios.yaml");
}
