//! Each spec in `tests/diagnostics` has exactly the mistakes that the text beside it lists.
//!
//! `UPDATE=1 cargo test --test diagnostics` writes the texts anew.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use counterpart::Diagnostic;
use counterpart::unstable::check::load;
use counterpart::unstable::load::load_plans;

#[path = "support/listing.rs"]
mod listing;

fn folder() -> PathBuf {
    listing::folder("tests/diagnostics")
}

fn render(diagnostics: &[Diagnostic]) -> String {
    listing::render(diagnostics, &folder())
}

fn diagnose(path: &Path) -> String {
    match load_plans(&[path.to_owned()]) {
        Ok(loaded) => render(&loaded.warnings),
        Err(diagnostics) => render(&diagnostics),
    }
}

fn cases() -> Vec<PathBuf> {
    let mut cases: Vec<PathBuf> = fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir() || path.extension().is_some_and(|end| end == "yaml"))
        .collect();
    cases.sort();
    cases
}

#[test]
fn each_spec_has_the_mistakes_that_are_listed() {
    listing::compare(&cases(), diagnose);
}

#[test]
fn every_code_has_a_case() {
    let mut codes: BTreeSet<String> =
        ["yaml", "expression", "contradiction", "misfit"].map(str::to_owned).into();
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    listing::codes_in(&sources.join("check"), &mut codes);
    listing::codes_in(&sources.join("syntax"), &mut codes);
    // Found in scenarios, and only told from others here.
    for code in ["unknown-matcher", "no-value", "missing-variable", "too-early"] {
        assert!(codes.remove(code), "{code}");
    }
    // These are about files rather than what is in them; see below.
    for code in ["no-such-file", "no-specs", "unknown-vendor"] {
        assert!(codes.remove(code), "{code}");
    }
    let all: String = cases().iter().map(|case| diagnose(case)).collect();
    let missing: Vec<_> = codes.iter().filter(|code| !all.contains(&format!("[{code}]"))).collect();
    assert!(missing.is_empty(), "no case for {missing:?}");
}

#[test]
fn files_that_cannot_be_read_are_told_in_one_line_each() {
    let base = std::env::temp_dir().join(format!("counterpart-{}", std::process::id()));
    fs::create_dir_all(base.join("empty")).unwrap();
    fs::create_dir_all(base.join("bytes")).unwrap();
    fs::write(base.join("bytes/a.yaml"), b"vendor: \xff\n").unwrap();
    let shown = base.display().to_string();
    let cases = [
        ("absent", "error[no-such-file]: there is no file or folder BASE/absent\n"),
        (
            "empty",
            "error[no-specs]: there is no spec in BASE/empty; help: specs are files that end in .yaml or .yml; `counterpart-mock import` makes them of OpenAPI documents, Postman collections and HAR files\n",
        ),
        (
            "bytes",
            "BASE/bytes/a.yaml:1:9: error[unreadable]: the file is not UTF-8 (`\u{fffd}` belongs to no \
             character); help: save the file as UTF-8\n",
        ),
    ];
    for (name, expected) in cases {
        assert_eq!(diagnose(&base.join(name)).replace(&shown, "BASE"), expected);
    }
    fs::remove_dir_all(base).unwrap();
}

#[test]
fn the_files_of_a_vendor_can_be_given_by_their_folder() {
    let base = std::env::temp_dir().join(format!("counterpart-parts-{}", std::process::id()));
    fs::create_dir_all(&base).unwrap();
    let head = "counterpart: 1\nvendor: shop\n";
    let servers = "servers: [{url: https://shop.example}]\n";
    let operation = |name: &str| {
        let steps = "steps: [{respond: {status: 204}}]";
        format!("operations: [{{operationId: {name}, method: GET, path: /{name}, {steps}}}]\n")
    };
    let write = |name: &str, parts: &[&str]| fs::write(base.join(name), parts.concat()).unwrap();
    let load_all = || load(std::slice::from_ref(&base));
    write("a.yaml", &[head, servers, &operation("a")]);
    write("b.yaml", &[head, &operation("b")]);
    write("c.yaml", &["counterpart: 1\n", &operation("c")]);
    let services = load_all().unwrap().services;
    let operations: Vec<usize> = services.iter().map(|service| service.operations.len()).collect();
    assert_eq!(operations, [3]);
    // Two whole specs of one vendor are a mistake, told as one.
    fs::remove_file(base.join("c.yaml")).unwrap();
    write("b.yaml", &[head, servers, &operation("b")]);
    let told = render(&load_all().unwrap_err());
    assert_eq!(told.lines().count(), 1, "{told}");
    assert!(told.contains("there are two specs for the vendor `shop`"), "{told}");
    fs::remove_dir_all(base).unwrap();
}

#[test]
fn the_specs_of_this_repository_have_no_mistakes() {
    let specs = Path::new(env!("CARGO_MANIFEST_DIR")).join("specs");
    assert_eq!(diagnose(&specs), "");
}
