//! Each statement is proven: without the rules that implement it, a scenario that covers it fails.

use std::path::{Path, PathBuf};

use counterpart::unstable::harness::mutations;

#[test]
fn every_statement_is_missed_when_it_is_taken_out() {
    let found = mutations(&[PathBuf::from("scenarios")], Path::new("specs")).unwrap();
    assert_eq!(found.len(), 96);
    let unnoticed: Vec<String> = found
        .iter()
        .filter(|mutation| mutation.noticed_by.is_none())
        .map(|m| format!("{}/{}: {} trials cover it", m.vendor, m.statement, m.covered_by))
        .collect();
    assert!(unnoticed.is_empty(), "nobody noticed:\n{}", unnoticed.join("\n"));
}
