//! A run whose output nobody reads, or for which there is no room, comes to its end all the same:
//! its reports are written, and its code says how the trials went.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::fs::OpenOptions;
use std::process::Stdio;

use support::folder::Folder;

const SPEC: &str = "counterpart: 1\nvendor: v\noperations:\n  - {operationId: a, method: GET, \
    path: /a, steps: [{respond: {status: 200, body: {x: 1}}}]}\n";

/// More than a pipe has room for, of which one fails.
fn scenarios(fails: bool) -> String {
    let mut text = "counterpart: 1\nvendor: v\nscenarios:\n".to_owned();
    for at in 0..400 {
        let expected = if fails && at == 7 { 2 } else { 1 };
        let name = "n".repeat(300);
        text.extend([
            format!("  - name: {name} {at}\n"),
            format!("    steps: [{{call: a, expect: {{status: 200, body: {{x: {expected}}}}}}}]\n"),
        ]);
    }
    text
}

fn folder(name: &str, fails: bool) -> Folder {
    Folder::new(name, &[("specs/v.yaml", SPEC), ("scenarios/s.yaml", &scenarios(fails))])
}

#[test]
fn reports_are_written_where_nobody_reads_the_output() {
    for fails in [false, true] {
        let folder = folder(&format!("unread-{fails}"), fails);
        for format in ["compact", "pretty", "terse", "json"] {
            for threads in ["1", "4"] {
                let arguments = [
                    "run",
                    "--format",
                    format,
                    "--test-threads",
                    threads,
                    "--verbose",
                    "--report",
                    "junit=run.xml",
                    "--report",
                    "json=run.json",
                ];
                let mut runner = folder.runner(&arguments);
                let mut running = runner.stdout(Stdio::piped()).spawn().unwrap();
                drop(running.stdout.take());
                let code = running.wait().unwrap().code();
                assert_eq!(code, Some(i32::from(fails)), "{format} {threads}");
                for report in ["run.xml", "run.json"] {
                    let text = folder.read(report);
                    assert!(text.contains("nnn 399"), "{format} {threads} {report}");
                    std::fs::remove_file(folder.0.join(report)).unwrap();
                }
            }
        }
    }
}

#[test]
fn a_merge_is_written_too() {
    let folder = folder("unread-merge", true);
    assert_eq!(folder.run(&["run", "--report", "json=run.json"]).0, Some(1));
    let mut runner = folder.runner(&["merge", "run.json", "--report", "junit=all.xml"]);
    let mut running = runner.stdout(Stdio::piped()).spawn().unwrap();
    drop(running.stdout.take());
    assert_eq!(running.wait().unwrap().code(), Some(1));
    assert!(folder.read("all.xml").contains("nnn 399"));
}

/// That there was no room is told; the reports are there.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_under_the_output_keeps_no_report_from_being_written() {
    let folder = folder("unread-full", false);
    for format in ["compact", "pretty"] {
        let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
        let arguments = ["run", "--format", format, "--report", "json=run.json"];
        let output = folder.runner(&arguments).stdout(full).output().unwrap();
        assert!(folder.read("run.json").contains("nnn 399"), "{format}");
        std::fs::remove_file(folder.0.join("run.json")).unwrap();
        if format == "compact" {
            assert_eq!(output.status.code(), Some(1));
            let said = String::from_utf8(output.stderr).unwrap();
            assert!(said.contains("the output cannot be written"), "{said}");
        }
    }
}
