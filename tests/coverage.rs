//! What of the shipped specs the shipped scenarios exercise: all of it.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value as Json;

/// Countries: they are one list in the spec, and all of them are sent in one request.
const LISTED_ELSEWHERE: &str = ".ba_country=";

#[test]
fn the_scenarios_exercise_all_that_the_specs_have() {
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("coverage.json");
    let output = Command::new(env!("CARGO_BIN_EXE_counterpart-test"))
        .args(["run", "--report", &format!("json={}", file.display())])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    let report: Json = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
    fs::remove_file(&file).unwrap();
    let vendors = report["coverage"]["vendors"].as_array().unwrap();
    assert_eq!(vendors.len(), 4);
    let mut missing = Vec::new();
    let groups = ["statements", "operations", "parameters", "enumValues", "errors", "transitions"];
    for vendor in vendors {
        for group in groups {
            assert!(vendor[group].get("notSeen").is_none(), "{}", vendor[group]["notSeen"]);
            for item in vendor[group]["items"].as_array().unwrap() {
                let name = item["name"].as_str().unwrap();
                if item["exercised"] == Json::Bool(false) && !name.contains(LISTED_ELSEWHERE) {
                    missing.push(format!("{} {group}: {name}", vendor["vendor"]));
                }
            }
        }
    }
    assert!(missing.is_empty(), "not exercised:\n{}", missing.join("\n"));
}
