//! Specs become documents of other formats, which tools that others wrote take for valid.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]
#![allow(clippy::print_stdout, reason = "a skipped test says so")]

mod support;

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use support::folder::Folder;

fn mock(folder: &Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_counterpart-mock"));
    command.args(arguments).current_dir(folder).stdin(Stdio::null());
    let Output { status, stdout, stderr } = command.output().unwrap();
    (status.code(), String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap())
}

/// The vendors of the project, by their names.
fn vendors() -> Vec<String> {
    let specs = Path::new(env!("CARGO_MANIFEST_DIR")).join("specs");
    let mut names: Vec<String> = std::fs::read_dir(specs)
        .unwrap()
        .map(|entry| entry.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned())
        .collect();
    names.sort();
    assert!(!names.is_empty());
    names
}

#[test]
fn a_spec_is_told_in_openapi() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let path = root.join("tests/export/library.openapi.yaml");
    let (code, found, left) =
        mock(root, &["export", "openapi", "library", "--specs", "tests/export/library.yaml"]);
    let found =
        format!("{found}# not in the document:\n{}", left.replace("not in the document:\n", ""));
    assert_eq!(code, Some(0), "{left}");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &found).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(found, expected, "UPDATE=1 writes it anew");
}

/// What is exported can be imported, and is a spec.
#[test]
fn what_is_exported_can_be_imported() {
    let folder = Folder::new("export-import", &[]);
    let root = env!("CARGO_MANIFEST_DIR");
    for vendor in vendors() {
        for file in [format!("{vendor}.json"), format!("{vendor}.openapi.yaml")] {
            let specs = format!("{root}/specs");
            let line = ["export", "openapi", &vendor, "--specs", &specs, "--out", &file];
            let (code, out, err) = mock(&folder.0, &line);
            assert_eq!((code, &*out), (Some(0), ""), "{err}");
            // Nothing of anybody's is lost.
            let (code, _, err) = mock(&folder.0, &line);
            assert_eq!(code, Some(2));
            assert!(err.contains("--force"), "{err}");
            let line = ["import", "openapi", &file, "--vendor", "it", "--force"];
            let (code, out, err) = mock(&folder.0, &line);
            assert_eq!(code, Some(0), "{vendor}: {out}{err}");
            let (code, out, err) = mock(&folder.0, &["check"]);
            assert_eq!(code, Some(0), "{vendor}: {out}{err}");
        }
    }
}

#[test]
fn an_unknown_vendor_is_told_with_those_there_are() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (code, out, err) = mock(root, &["export", "openapi", "nobody"]);
    assert_eq!((code, &*out), (Some(2), ""));
    assert!(vendors().iter().all(|vendor| err.contains(&**vendor)), "{err}");
}

fn python() -> PathBuf {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/tools/python/bin/python");
    if own.exists() { own } else { "python3".into() }
}

#[test]
fn a_validator_takes_the_documents_for_valid() {
    let folder = Folder::new("export-valid", &[]);
    let there = Command::new(python()).args(["-c", "import openapi_spec_validator"]).output();
    if !there.is_ok_and(|output| output.status.success()) {
        assert!(std::env::var("CI").is_err(), "openapi-spec-validator is missing");
        println!("SKIPPED openapi-spec-validator: it is not installed");
        return;
    }
    let root = env!("CARGO_MANIFEST_DIR");
    for vendor in vendors() {
        let (specs, file) = (format!("{root}/specs"), format!("{vendor}.yaml"));
        mock(&folder.0, &["export", "openapi", &vendor, "--specs", &specs, "--out", &file]);
        let validated = Command::new(python())
            .args(["-m", "openapi_spec_validator", &file])
            .current_dir(&folder.0)
            .output()
            .unwrap();
        assert!(
            validated.status.success(),
            "{vendor}: {}{}",
            String::from_utf8_lossy(&validated.stdout),
            String::from_utf8_lossy(&validated.stderr)
        );
    }
}
