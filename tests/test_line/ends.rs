//! How a run ends: interrupted while it watches, without trials, without a target, and with a mock
//! that is kept.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::net::TcpListener;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::support::canned::{Canned, whole};
use crate::support::client::Client;
use crate::trials::{folder, greetings};

/// Sends a signal by the shell, which has a command for it everywhere.
fn signal(process: u32, name: &str) {
    let told = Command::new("sh").args(["-c", &format!("kill -{name} {process}")]).status();
    assert!(told.unwrap().success());
}

fn until(wanted: impl Fn() -> bool) {
    let started = Instant::now();
    while !wanted() {
        assert!(started.elapsed() < Duration::from_mins(1), "it did not come to pass");
        thread::sleep(Duration::from_millis(10));
    }
}

/// A vendor that is only ever greeted.
fn greeter() -> Canned {
    let head = [("Content-Type", "application/json")];
    Canned::answering(whole("200 OK", &head, b"{\"text\":\"hello\"}"))
}

const SLOW: &str = "
counterpart: 1
vendor: library
scenarios:
  - name: waits and cleans up
    steps:
      - {call: greet, expect: {status: 200}}
      - poll: {call: greet}
        until: {status: 201}
        every: PT0.05S
        atMost: PT60S
    finally:
      - request: {method: GET, path: /cleaned}
        allowUndocumented: true
";

/// Whether what is started here is told that its terminal was closed: not below `nohup`, nor where
/// nobody tells whether it is there.
fn hears_hangups() -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    ignored.is_some_and(|bits| u64::from_str_radix(bits.trim(), 16).unwrap() & 1 == 0)
}

#[test]
fn whoever_ends_a_run_lets_it_come_to_its_finally() {
    for (name, watched) in [
        ("TERM", true),
        ("INT", true),
        ("HUP", true),
        ("TERM", false),
        ("INT", false),
        ("HUP", false),
    ] {
        if name == "HUP" && !hears_hangups() {
            continue;
        }
        let folder = folder(&format!("ends-{name}-{watched}"), &[("scenarios/slow.yaml", SLOW)]);
        let server = greeter();
        let target = format!("library={}/v1", server.url());
        let mut command = folder.runner(&["run", "--target", &target]);
        if watched {
            command.arg("--watch");
        }
        let command = command.stdout(Stdio::piped()).stderr(Stdio::null());
        let mut process = command.spawn().unwrap();
        until(|| server.asked().len() > 1);
        signal(process.id(), name);
        let mut out = String::new();
        process.stdout.take().unwrap().read_to_string(&mut out).unwrap();
        let status = process.wait().unwrap();
        assert_eq!(status.code(), Some(1), "{name}");
        assert!(out.contains("the run was interrupted"), "{name}: {out}");
        // It did not have those 60 s.
        assert!(!out.contains("within 60 s"), "{name}: {out}");
        let cleaned = |asked: &[String]| asked.iter().filter(|a| a.contains("/cleaned")).count();
        assert_eq!(cleaned(&server.asked()), 1, "{name}");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn what_outlives_its_terminal_is_not_ended_with_it() {
    let folder = folder("ends-nohup", &[("scenarios/slow.yaml", SLOW)]);
    let server = greeter();
    let target = format!("library={}/v1", server.url());
    let runner = folder.runner(&["run", "--target", &target]);
    let mut command = Command::new("nohup");
    command.arg(runner.get_program()).args(runner.get_args());
    command.current_dir(&folder.0).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut process = command.spawn().unwrap();
    until(|| server.asked().len() > 1);
    signal(process.id(), "HUP");
    let before = server.asked().len();
    until(|| server.asked().len() > before + 1);
    assert!(!server.asked().iter().any(|asked| asked.contains("/cleaned")));
    signal(process.id(), "TERM");
    assert_eq!(process.wait().unwrap().code(), Some(1));
    assert_eq!(server.asked().iter().filter(|asked| asked.contains("/cleaned")).count(), 1);
}

#[test]
fn a_shard_without_trials_is_good_and_so_is_a_run_of_what_is_skipped() {
    let folder = folder("ends-shard", &[("scenarios/few.yaml", &greetings(3))]);
    let report = ["--report", "junit=report.xml"];
    let (code, out, err) = folder.run(&[&["run", "--shard", "4/4"], &report[..]].concat());
    assert_eq!(code, Some(0), "{out}{err}");
    assert!(out.contains("0 passed in ") && err.contains("this shard has no trials"), "{out}{err}");
    assert!(folder.read("report.xml").contains("tests=\"0\""));
    let sides = ["compare", "--left", "mock", "--right", "mock"];
    let (code, out, err) = folder.run(&[&sides[..], &["--shard", "4/4"]].concat());
    assert_eq!(code, Some(0), "{out}{err}");
    let (code, _, err) = folder.run(&["run", "--shard", "4/4", "nothing of that name"]);
    assert_eq!(code, Some(2), "{err}");
    let skipped = greetings(2).replace("\n    steps", "\n    skip: not today\n    steps");
    fs::write(folder.0.join("scenarios/few.yaml"), skipped).unwrap();
    for arguments in [&["run"][..], &sides] {
        let (code, out, err) = folder.run(arguments);
        assert_eq!(code, Some(0), "{out}{err}");
        assert!(out.contains("2 skipped"), "{out}");
    }
}

#[test]
fn a_target_that_is_not_there_is_told_of_once() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let target = format!("library=http://{}/v1", listener.local_addr().unwrap());
    drop(listener);
    let folder = folder("ends-dead", &[("scenarios/many.yaml", &greetings(50))]);
    let (code, out, err) = folder.run(&["run", "--target", &target, "--test-threads", "1"]);
    assert_eq!(code, Some(1), "{out}{err}");
    assert!(out.contains("0 passed, 1 failed, 49 skipped in "), "{out}");
    assert!(out.contains("library could not be reached before: "), "{out}");
    assert!(out.lines().count() < 40, "{out}");
}

#[test]
fn equal_causes_are_told_once() {
    let wrong = greetings(50).replace("{call: greet}", "{call: greet, expect: {status: 201}}");
    let folder = folder("ends-cause", &[("scenarios/many.yaml", &wrong)]);
    let (code, out, err) = folder.run(&["run"]);
    assert_eq!(code, Some(1), "{out}{err}");
    assert_eq!(out.matches("error[expectation]").count(), 1, "{out}");
    assert!(out.contains("(50)") && out.contains("and 45 more"), "{out}");
    assert!(
        out.contains("the mock of this run is gone, unless --keep-mock keeps it:\ncurl "),
        "{out}"
    );
    assert!(out.lines().count() < 40, "{out}");
}

#[test]
fn a_mock_is_kept_after_a_failure() {
    let wrong = greetings(1).replace("{call: greet}", "{call: greet, expect: {status: 201}}");
    let folder = folder("ends-kept", &[("scenarios/one.yaml", &wrong)]);
    let mut command = folder.runner(&["run", "--keep-mock"]);
    let mut process = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    let mut stderr = BufReader::new(process.stderr.take().unwrap());
    while !line.contains("the mock stays at ") {
        line.clear();
        assert_ne!(stderr.read_line(&mut line).unwrap(), 0, "it ended");
    }
    let url = line.split(' ').find_map(|word| word.strip_prefix("http://")).unwrap();
    let address = url.trim_end_matches(';').parse().unwrap();
    let mut client = Client::new(address);
    let answer = client.send("GET", "/_counterpart/health", &[], b"");
    assert_eq!(answer.status, 200);
    signal(process.id(), "INT");
    let mut out = String::new();
    process.stdout.take().unwrap().read_to_string(&mut out).unwrap();
    assert_eq!(process.wait().unwrap().code(), Some(1));
    assert!(out.contains("curl -sS -i") && !out.contains("is gone"), "{out}");
}
