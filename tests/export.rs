//! Specs become documents of other formats, which tools that others wrote take for valid.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]
#![allow(clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]
#![allow(clippy::print_stdout, reason = "a skipped test says so")]

#[path = "support/browser.rs"]
mod browser;
#[path = "export/docs.rs"]
mod docs;
mod support;

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

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

/// What a schema says in keywords with schemas in them stays what it is on the way to a spec, to a
/// document and back.
#[test]
fn keywords_of_schemas_survive_the_way_there_and_back() {
    let folder = Folder::new("export-keywords", &[]);
    let documents = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/import/openapi");
    for (name, keywords) in [("composed.yaml", COMPOSED), ("odd-composed.yaml", ODD)] {
        let mut document = documents.join(name).to_string_lossy().into_owned();
        let mut written = Vec::new();
        for round in 0..3 {
            let line = ["import", "openapi", &document, "--vendor", "it", "--force"];
            let (code, out, err) = mock(&folder.0, &line);
            assert_eq!(code, Some(0), "{name}: {out}{err}");
            document = format!("{round}.json");
            let line = ["export", "openapi", "it", "--out", &document, "--force"];
            let (code, out, err) = mock(&folder.0, &line);
            assert_eq!(code, Some(0), "{name}: {out}{err}");
            written.push(serde_json::from_str::<Value>(&folder.read(&document)).unwrap());
        }
        for text in written.iter().map(Value::to_string) {
            for keyword in keywords {
                let key = format!("\"{keyword}\":");
                assert!(text.contains(&key), "{name} lacks {keyword}: {text}");
            }
        }
        let [.., first, second] = written.as_slice() else { unreachable!() };
        assert_eq!(first["components"]["schemas"], second["components"]["schemas"], "{name}");
        for (path, item) in first["paths"].as_object().unwrap() {
            for (method, operation) in item.as_object().unwrap() {
                let again = &second["paths"][path][method];
                for part in ["parameters", "requestBody", "responses"] {
                    assert_eq!(operation[part], again[part], "{name}: {method} {path} {part}");
                }
            }
        }
    }
}

const COMPOSED: &[&str] = &[
    "oneOf",
    "anyOf",
    "allOf",
    "not",
    "if",
    "then",
    "else",
    "discriminator",
    "mapping",
    "patternProperties",
    "propertyNames",
    "dependentRequired",
    "dependentSchemas",
    "prefixItems",
    "contains",
    "minContains",
    "maxContains",
    "unevaluatedProperties",
    "const",
    "$ref",
    "content",
];
const ODD: &[&str] =
    &["oneOf", "anyOf", "discriminator", "prefixItems", "dependentSchemas", "$ref"];

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
    let mut written = Vec::new();
    for vendor in vendors() {
        let (specs, file) = (format!("{root}/specs"), format!("{vendor}.yaml"));
        mock(&folder.0, &["export", "openapi", &vendor, "--specs", &specs, "--out", &file]);
        written.push((vendor, file));
    }
    for name in ["composed", "odd-composed"] {
        let document = format!("{root}/tests/import/openapi/{name}.yaml");
        mock(&folder.0, &["import", "openapi", &document, "--vendor", name]);
        let file = format!("{name}.yaml");
        mock(&folder.0, &["export", "openapi", name, "--out", &file]);
        written.push((name.to_owned(), file));
    }
    for (vendor, file) in written {
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

#[test]
fn the_wsdl_that_is_served_is_written() {
    let cake = include_str!("../specs/cake.yaml");
    let folder = Folder::new("export-wsdl", &[("specs/cake.yaml", cake)]);
    let line = ["export", "wsdl", "cake", "--service", "addedit"];
    let (code, own, err) = mock(&folder.0, &line);
    assert_eq!((code, &*err), (Some(0), ""));
    let there = "location=\"http://demo.cakemarketing.com/api/1/addedit.asmx\"";
    assert!(own.contains(there), "{own}");
    let serving = support::serving::Serving::start(&folder, &[]);
    let base = format!("http://{}/cake/api", serving.address());
    let (code, here, err) = mock(&folder.0, &[&line[..], &["--server", &base]].concat());
    assert_eq!((code, &*err), (Some(0), ""));
    let mut client = support::client::Client::new(serving.address());
    let served = client.send("GET", "/cake/api/1/addedit.asmx?wsdl", &[], "");
    assert_eq!(served.text(), here);
}

#[test]
fn what_has_no_wsdl_is_told() {
    const TWO: &str = r"
counterpart: 1
vendor: two
servers: [{url: /v1}]
mediaTypes: {text/xml: {wire: xml}}
soapServices:
  One: {path: /one.asmx, namespace: 'urn:one'}
  Two: {path: /two.asmx, namespace: 'urn:two'}
operations:
  - {operationId: Go, bindings: [{soap: One}], produces: [text/xml], steps: [{respond: {status: 200, body: {}}}]}
  - {operationId: Come, bindings: [{soap: Two}], produces: [text/xml], steps: [{respond: {status: 200, body: {}}}]}
";
    let library = include_str!("export/library.yaml");
    let files = [("specs/two.yaml", TWO), ("specs/library.yaml", library)];
    let folder = Folder::new("export-no-wsdl", &files);
    let here = ["--server", "http://localhost:1/v1"];
    for (more, expected) in [
        (&["library"][..], "`library` has no SOAP service, so that there is no WSDL of it"),
        (&["two"], "`two` has no server with a host, which a WSDL needs; `--server URL` names one"),
        (
            &["two", here[0], here[1]],
            "`two` has several SOAP services: `--service` names one of One, Two",
        ),
        (
            &["two", here[0], here[1], "--service", "Three"],
            "`two` has no SOAP service `Three`, but One, Two",
        ),
        (&["two", "--server", "somewhere"], "`somewhere` is not an absolute URL"),
    ] {
        let (code, out, err) = mock(&folder.0, &[&["export", "wsdl"], more].concat());
        assert_eq!((code, &*out), (Some(2), ""), "{err}");
        assert!(err.contains(expected), "{err}");
    }
    let line = ["export", "wsdl", "two", here[0], here[1], "--service", "Two"];
    let (code, out, err) = mock(&folder.0, &line);
    assert_eq!(code, Some(0), "{err}");
    assert!(out.contains("location=\"http://localhost:1/v1/two.asmx\""), "{out}");
}
