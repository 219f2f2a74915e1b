//! What suites of others find, as `docs/conformance.md` tells it: each test that runs one holds its
//! row against what it counted. `UPDATE=1` writes it anew.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// What came of a suite.
#[derive(Debug, Default)]
pub struct Count {
    /// Tests that behave as the suite says.
    pub right: usize,
    /// Tests that do not, by the reason.
    pub otherwise: BTreeMap<String, usize>,
}

impl Count {
    /// One that behaves otherwise, for that reason.
    pub fn otherwise(&mut self, reason: &str) {
        *self.otherwise.entry(reason.to_owned()).or_default() += 1;
    }

    /// Holds the row of that suite against this.
    pub fn hold(&self, suite: &str) {
        let row = self.row(suite);
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/conformance.md");
        let page = fs::read_to_string(&path).unwrap();
        let known = page.lines().find(|line| line.starts_with(&format!("| {suite} |")));
        let Some(known) = known else { panic!("docs/conformance.md has no row `| {suite} |`") };
        if known == row {
            return;
        }
        if std::env::var_os("UPDATE").is_some() {
            return fs::write(&path, page.replacen(known, &row, 1)).unwrap();
        }
        panic!("docs/conformance.md says\n{known}\nand it is\n{row}\nUPDATE=1 writes it");
    }

    fn row(&self, suite: &str) -> String {
        let left: usize = self.otherwise.values().sum();
        let mut reasons: Vec<_> = self.otherwise.iter().collect();
        reasons.sort_by_key(|(reason, count)| (usize::MAX - **count, (*reason).clone()));
        let reasons: Vec<String> =
            reasons.iter().map(|(reason, count)| format!("{count}: {reason}")).collect();
        let reasons = if reasons.is_empty() { "–".to_owned() } else { reasons.join("; ") };
        format!("| {suite} | {} | {} | {reasons} |", self.right + left, self.right)
    }
}
