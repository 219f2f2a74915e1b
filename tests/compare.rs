//! Expectations against answers: each file of `tests/compare/` says what a step expects, what
//! comes, and what has to be said about it. `UPDATE=1` writes what is said now into the files.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod support;

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use counterpart::Source;
use counterpart::unstable::check::check_sources;
use counterpart::unstable::check::scenario::{Options as Strictness, check_source};
use counterpart::unstable::model::Service;
use counterpart::unstable::run::{Options, Runner, Target};
use libtest_mimic::{Arguments, Failed, Trial};
use support::canned::{Canned, whole};

const SPEC: &str = r##"
counterpart: 1
vendor: library
servers: [{url: https://library.example}]
mediaTypes: {application/json: {wire: json}}
produces: [application/json]
components:
  schemas:
    Book:
      type: object
      required: [id]
      additionalProperties: false
      properties:
        id: {type: integer, minimum: 1}
        parts: {type: array, items: {$ref: "#/components/schemas/Book"}}
operations:
  - {operationId: read, method: GET, path: /, steps: [{respond: {status: 200}}]}
"##;

fn main() {
    let arguments = Arguments::from_args();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/compare");
    let mut files: Vec<PathBuf> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let service = Arc::new(check_sources(&[Source::new("library", SPEC)]).unwrap().service);
    let trials = files.into_iter().map(|path| {
        let service = service.clone();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        Trial::test(name, move || run(&path, service))
    });
    libtest_mimic::run(&arguments, trials.collect()).exit();
}

/// The sections of a case: `--- NAME REST` and what stands below it.
fn sections(text: &str) -> Vec<(String, String)> {
    let mut sections: Vec<(String, String)> = Vec::new();
    for line in text.lines() {
        match line.strip_prefix("--- ") {
            Some(name) => sections.push((name.to_owned(), String::new())),
            None => writeln!(sections.last_mut().unwrap().1, "{line}").unwrap(),
        }
    }
    sections
}

fn run(path: &Path, service: Arc<Service>) -> Result<(), Failed> {
    let text = fs::read_to_string(path)?;
    let sections = sections(&text);
    let [(_, expected), (kind, actual), rest @ ..] = sections.as_slice() else {
        return Err("a case has at least two sections".into());
    };
    let media_type = kind.strip_prefix("actual ").unwrap_or("application/json");
    let headers = [("Content-Type", media_type), ("X-Id", "7")];
    let server = Canned::answering(whole("200 OK", &headers, actual.trim_end().as_bytes()));
    let indented: String = expected.lines().flat_map(|line| ["          ", line, "\n"]).collect();
    let scenario = format!(
        "counterpart: 1\nvendor: library\nscenarios:\n  - name: x\n    steps:\n      \
         - request: {{method: GET, path: /}}\n        allowUndocumented: true\n        \
         expect:\n{indented}"
    );
    let source = Source::new(path, scenario);
    let suite = match check_source(&source, &service, Strictness::RUN) {
        Ok(checked) => checked.suite,
        Err(found) => return Err(format!("{found:#?}").into()),
    };
    let target = Target::endpoint(&server.url())?;
    let runner = Runner::new(vec![service], Some(target), Options::default());
    let scenario = &suite.scenarios[0];
    let result = runner.run(&suite, scenario, &scenario.rows[0]);
    let step = &result.steps[0];
    let mut said = String::new();
    if !step.mismatches.is_empty() {
        said.push_str("--- mismatches\n");
    }
    for mismatch in &step.mismatches {
        let (line, column) = mismatch.span.line_column();
        if mismatch.span.source.path() == Path::new("library") {
            writeln!(said, "spec {line}:{column} {}: {}", mismatch.path, mismatch.message)?;
            continue;
        }
        // As it stands in the file: two section lines less are above it, and ten spaces.
        let (line, column) = (line - 7, column.saturating_sub(10));
        writeln!(said, "{line}:{column} {}: {}", mismatch.path, mismatch.message)?;
    }
    if let Some(difference) = &step.difference {
        let (left, right) = (difference.expected.trim_end(), difference.actual.trim_end());
        writeln!(said, "--- difference expected\n{left}\n--- difference actual\n{right}")?;
    }
    let wanted: String = rest.iter().flat_map(|(name, text)| ["--- ", name, "\n", text]).collect();
    if said == wanted {
        return Ok(());
    }
    if std::env::var_os("UPDATE").is_some() {
        fs::write(path, format!("--- expected\n{expected}--- {kind}\n{actual}{said}"))?;
        return Ok(());
    }
    Err(format!("{}:\n{said}", path.display()).into())
}
