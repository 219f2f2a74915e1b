//! Each scenario file in `tests/scenario_diagnostics` has exactly the mistakes that the text beside
//! it lists.
//!
//! `UPDATE=1 cargo test --test scenario_diagnostics` writes the texts anew.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

use counterpart::unstable::check;
use counterpart::unstable::check::scenario::{Options, load};
use counterpart::unstable::model::Service;

#[path = "support/listing.rs"]
mod listing;

fn folder() -> PathBuf {
    listing::folder("tests/scenario_diagnostics")
}

static SERVICES: LazyLock<Vec<Arc<Service>>> = LazyLock::new(|| {
    let loaded = check::load(&[folder().join("specs")]).unwrap();
    loaded.services.into_iter().map(Arc::new).collect()
});

fn diagnose_as(path: &Path, options: Options) -> String {
    match load(&[path.to_owned()], &SERVICES, options) {
        Ok(loaded) => listing::render(&loaded.warnings, &folder()),
        Err(diagnostics) => listing::render(&diagnostics, &folder()),
    }
}

fn diagnose(path: &Path) -> String {
    diagnose_as(path, Options::RUN)
}

fn cases() -> Vec<PathBuf> {
    let mut cases: Vec<PathBuf> = fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end == "yaml"))
        .collect();
    cases.sort();
    cases
}

#[test]
fn each_file_has_the_mistakes_that_are_listed() {
    listing::compare(&cases(), diagnose);
}

#[test]
fn every_code_has_a_case() {
    // These are told by what reads expressions in specs, too.
    let mut codes: BTreeSet<String> = ["missing-variable", "too-early"].map(str::to_owned).into();
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/check/scenario");
    listing::codes_in(&sources, &mut codes);
    let all: String = cases().iter().map(|case| diagnose(case)).collect();
    let missing: Vec<_> = codes.iter().filter(|code| !all.contains(&format!("[{code}]"))).collect();
    assert!(missing.is_empty(), "no case for {missing:?}");
}

#[test]
fn variables_of_the_environment_are_only_asked_for_before_a_run() {
    let case = folder().join("file.yaml");
    let only_checked = diagnose_as(&case, Options::CHECK);
    assert!(!only_checked.contains("error[missing-variable]"), "{only_checked}");
    assert!(only_checked.contains("warning[missing-variable]"), "{only_checked}");
}
