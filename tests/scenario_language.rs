//! The examples of the reference of scenarios load together as one file, against the spec of the
//! other reference, so that what it says works.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use counterpart::check::check_sources;
use counterpart::check::scenario::{Options, check_source, load};
use counterpart::diagnostic::Diagnostic;
use counterpart::model::Service;
use counterpart::scenario::{Action, Scenario, Suite};
use counterpart::source::Source;

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
        for (at, line) in text.lines().enumerate() {
            if line == "scenarios:" {
                continue;
            }
            let line =
                if first { line.replace("scenarios: []", "scenarios:") } else { line.into() };
            lines[start + at] = line;
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

/// A folder of its own, taken away in the end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("counterpart-{name}-{}", std::process::id()));
        fs::create_dir_all(path.join("parts")).unwrap();
        let after = "- call: read_book\n  with: {path: {id: 100}}\n  expect: {status: 200}\n";
        fs::write(path.join("parts/after.yaml"), after).unwrap();
        Self(path)
    }

    fn write(&self, file: &str, text: &str) -> PathBuf {
        let path = self.0.join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn page() -> Suite {
    let folder = Folder::new("page");
    let source = Source::new(folder.0.join("library.yaml"), joined());
    match check_source(&source, &library(), &Options::RUN) {
        Ok(checked) => {
            assert!(checked.warnings.is_empty(), "{}", listed(&checked.warnings));
            checked.suite
        }
        Err(diagnostics) => panic!("{}", listed(&diagnostics)),
    }
}

#[test]
fn the_reference_is_a_file_without_mistakes() {
    let suite = page();
    assert_eq!((&*suite.vendor, &*suite.name), ("library", "library"));
    assert!(suite.scenarios.len() >= 8);
}
