//! Each statement is proven: without the rules that implement it, a scenario that covers it fails.

mod support;

use std::fs;
use std::path::{Path, PathBuf};

use counterpart::unstable::harness::mutations;
use support::folder::Folder;

#[test]
fn every_statement_is_missed_when_it_is_taken_out() {
    let found = mutations(&[PathBuf::from("scenarios")], Path::new("specs")).unwrap();
    // What the four documents state; what SDKs and other pages show comes on top.
    assert!(found.len() >= 96, "{}", found.len());
    let unnoticed: Vec<String> = found
        .iter()
        .filter(|mutation| mutation.noticed_by().is_none())
        .map(|mutation| {
            format!("{}/{}: {:?}", mutation.vendor, mutation.statement, mutation.trials)
        })
        .collect();
    assert!(unnoticed.is_empty(), "nobody noticed:\n{}", unnoticed.join("\n"));
}

/// `NAME.spec.yaml` and `NAME.scenarios.yaml`, and what the commands say of them.
#[test]
fn what_is_said_of_proofs_is_what_they_are() {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/mutations");
    for name in ["keywords", "nothing"] {
        let read = |what: &str| fs::read_to_string(cases.join(format!("{name}.{what}"))).unwrap();
        let folder = Folder::new(
            &format!("mutations-{name}"),
            &[
                (&*format!("specs/{name}.yaml"), &*read("spec.yaml")),
                (&*format!("scenarios/{name}/cases.yaml"), &*read("scenarios.yaml")),
            ],
        );
        for command in ["mutations", "coverage"] {
            let (_, said, _) = folder.run(&[command]);
            let snapshot = cases.join(format!("{name}.{command}.txt"));
            if std::env::var_os("UPDATE").is_some() {
                fs::write(&snapshot, &said).unwrap();
            }
            let known = fs::read_to_string(&snapshot).unwrap_or_default();
            assert_eq!(said, known, "{}", snapshot.display());
        }
    }
}
