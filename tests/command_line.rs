//! The mock's command line, with real processes.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]
#![allow(clippy::print_stdout, reason = "a skipped test says so")]

mod support;

use std::fs;
use std::io::{BufRead, BufReader, Read as _};
use std::net::TcpListener;
use std::process::{Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use support::client::{Client, Connection};
use support::folder::Folder;
use support::serving::{Serving, command};

const SPEC: &str = "
counterpart: 1
vendor: VENDOR
servers: [{url: https://books.example/v1}]
mediaTypes:
  application/json: {wire: json}
produces: [application/json]
collections:
  shelves:
    key: id
    schema: {type: object, properties: {id: {type: integer, generate: sequence}, name: {type: string}}}
operations:
  - operationId: list_shelves
    method: GET
    path: /shelves
    steps:
      - list: {in: shelves, as: shelves}
      - respond: {status: 200, body: {shelves: \"${shelves}\", now: \"${now}\"}}
examples:
  - name: one shelf
    given: {shelves: [{id: 3, name: C}]}
    request: {method: GET, path: /shelves}
    response: {status: 200, headers: {content-type: application/json}, body: {shelves: [{name: C}]}}
";

fn spec(vendor: &str) -> String {
    SPEC.replace("VENDOR", vendor)
}

fn run(folder: &Folder, arguments: &[&str]) -> (Option<i32>, String, String) {
    let Output { status, stdout, stderr } = command(folder, arguments).output().unwrap();
    (status.code(), String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap())
}

#[test]
fn serve_says_where_vendors_are_and_ends_well_when_asked_to() {
    let folder =
        Folder::new("mock-ready", &[("a.yaml", &spec("alpha")), ("b.yaml", &spec("beta"))]);
    for signal in ["-TERM", "-INT"] {
        let mut serving = Serving::start(&folder, &["."]);
        let address = serving.address();
        assert_eq!(
            serving.lines,
            [
                format!("alpha\thttp://{address}/alpha/v1"),
                format!("beta\thttp://{address}/beta/v1")
            ]
        );
        let mut client = Client::new(address);
        let reply = client.send("GET", "/beta/v1/shelves", &[], "");
        assert_eq!(reply.status, 200);
        assert_eq!(reply.header("x-counterpart-operation"), Some("list_shelves"));
        let (code, stderr) = serving.stop(signal);
        assert_eq!(code, Some(0), "{stderr}");
        let started = format!(
            "counterpart: serving 2 vendors on http://{address}; \
             http://{address}/_counterpart/ shows what happens\n"
        );
        assert_eq!(stderr, started);
    }
}

#[test]
fn whoever_asks_twice_is_not_kept_waiting() {
    let folder = Folder::new("mock-hurry", &[("a.yaml", &spec("alpha"))]);
    let mut serving = Serving::start(&folder, &["."]);
    let mut in_flight = Connection::open(serving.address()).unwrap();
    let head = "POST /alpha/v1/shelves HTTP/1.1\r\nhost: h\r\nexpect: 100-continue\r\n\
        content-length: 2\r\n\r\n";
    in_flight.write(head).unwrap();
    // The interim answer shows that the request has been taken.
    assert_eq!(in_flight.reply("POST").unwrap().status, 100);
    serving.signal("-TERM");
    // Once it takes no more connections it waits for what is in flight.
    while Connection::open(serving.address()).is_ok() {
        thread::yield_now();
    }
    assert_eq!(serving.process.try_wait().unwrap(), None);
    let began = Instant::now();
    let (code, stderr) = serving.stop("-INT");
    assert_eq!(code, Some(0), "{stderr}");
    // What is in flight would have had five seconds.
    assert!(began.elapsed() < Duration::from_secs(4), "{:?}", began.elapsed());
}

#[test]
fn specs_is_the_folder_where_none_is_named() {
    let folder = Folder::new("mock-default", &[]);
    fs::create_dir(folder.0.join("specs")).unwrap();
    fs::write(folder.0.join("specs/a.yaml"), spec("alpha")).unwrap();
    let arguments = ["--clock", "2026-01-01T00:00:00Z", "--freeze", "--no-headers"];
    let serving = Serving::start(&folder, &arguments);
    let reply = Client::new(serving.address()).send("GET", "/alpha/v1/shelves", &[], "");
    assert_eq!(reply.text(), r#"{"shelves":[],"now":"2026-01-01T00:00:00Z"}"#);
    assert_eq!(reply.header("x-counterpart-operation"), None);
    let checked = run(&folder, &["check"]);
    assert_eq!(checked, (Some(0), "1 spec, no problems\n".to_owned(), String::new()));
}

#[test]
fn limits_can_be_set() {
    let folder = Folder::new("mock-limits", &[("a.yaml", &spec("alpha"))]);
    let serving = Serving::start(&folder, &[".", "--body-limit", "10", "--sessions", "1"]);
    let mut client = Client::new(serving.address());
    assert_eq!(client.send("POST", "/alpha/v1/shelves", &[], "x".repeat(11)).status, 413);
    assert_eq!(client.send("GET", "/@a/alpha/v1/shelves", &[], "").status, 200);
    assert_eq!(client.send("GET", "/@b/alpha/v1/shelves", &[], "").status, 503);
}

#[test]
fn what_goes_over_a_limit_leaves_a_line_in_the_log() {
    let folder = Folder::new("mock-log", &[("a.yaml", &spec("alpha"))]);
    let mut serving = Serving::start(&folder, &[".", "--body-limit", "10"]);
    let mut client = Client::new(serving.address());
    assert_eq!(client.send("POST", "/alpha/v1/shelves", &[], "x".repeat(11)).status, 413);
    let long = "x".repeat(70_000);
    assert_eq!(client.send("GET", "/alpha/v1/shelves", &[("X-Long", &long)], "").status, 431);
    let (code, stderr) = serving.stop("-TERM");
    assert_eq!(code, Some(0));
    let logged: Vec<&str> = stderr.lines().skip(1).collect();
    let expected = [
        "counterpart: refused POST /alpha/v1/shelves: the body is larger than the 10 bytes that \
         are taken",
        "counterpart: refused a request: its head is larger than 65536 bytes or 100 fields",
    ];
    assert_eq!(logged, expected);
}

/// Whoever reads slowly misses neither the last requests nor the summary.
#[test]
fn a_log_is_written_to_its_end_however_slowly_it_is_read() {
    let folder = Folder::new("mock-slow-log", &[("a.yaml", &spec("alpha"))]);
    let mut serving = Serving::start(&folder, &[".", "--log", "text"]);
    let mut stderr = serving.process.stderr.take().unwrap();
    let mut client = Client::new(serving.address());
    for _ in 0..4000 {
        client.send("GET", "/alpha/v1/shelves", &[], "");
    }
    serving.signal("-TERM");
    let (mut log, mut piece) = (Vec::new(), vec![0; 8 * 1024]);
    loop {
        // Less than a second for each piece, and more in all.
        thread::sleep(Duration::from_millis(100));
        match stderr.read(&mut piece).unwrap() {
            0 => break,
            length => log.extend_from_slice(&piece[..length]),
        }
    }
    assert_eq!(serving.process.wait().unwrap().code(), Some(0));
    let log = String::from_utf8(log).unwrap();
    assert_eq!(log.matches("GET /alpha/v1/shelves").count(), 4000, "{log:.2000}");
    assert!(log.contains("4000 requests"), "{}", log.lines().last().unwrap_or_default());
}

/// Nobody may be there to read the log.
#[cfg(target_os = "linux")]
#[test]
fn a_log_that_cannot_be_written_does_not_keep_it_from_serving() {
    let folder = Folder::new("mock-full", &[("a.yaml", &spec("alpha"))]);
    let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let mut command = command(&folder, &["serve", ".", "--listen", "localhost:0"]);
    let mut process = command.stdout(Stdio::piped()).stderr(full).spawn().unwrap();
    let mut stdout = BufReader::new(process.stdout.take().unwrap());
    let mut line = String::new();
    stdout.read_line(&mut line).unwrap();
    process.kill().unwrap();
    process.wait().unwrap();
    assert!(line.starts_with("alpha\thttp://127.0.0.1:"), "{line}");
}

#[test]
fn what_cannot_be_served_is_one_clear_message() {
    let held = TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = held.local_addr().unwrap().to_string();
    let port = held.local_addr().unwrap().port().to_string();
    let refused = format!("cannot listen on {taken}");
    let alpha = spec("alpha");
    let folder = Folder::new("mock-refused", &[("a.yaml", &alpha)]);
    let twice = Folder::new("mock-twice", &[("a.yaml", &alpha), ("b.yaml", &alpha)]);
    let empty = Folder::new("mock-empty", &[]);
    let cases: &[(&Folder, &[&str], &str)] = &[
        (&folder, &["serve", ".", "--listen", &taken], &refused),
        (&folder, &["serve", ".", "--listen", &port], &refused),
        (&folder, &["serve", ".", "--port", &port], &refused),
        (&folder, &["record", "--upstream", "a=http://localhost", "-p", &port], &refused),
        (&folder, &["serve", "nowhere"], "there is no file or folder nowhere"),
        (&folder, &["serve", ".", "--clock", "tomorrow"], "2026-01-31T12:00:00Z"),
        (&folder, &["serve", ".", "--listen", "here"], "127.0.0.1:4010"),
        (&folder, &["serve", ".", "--colour"], "--colour"),
        (&folder, &["sever"], "sever"),
        (&folder, &[], "Usage"),
        (&empty, &["serve", "."], "there is no spec in ."),
        (&empty, &["check", "."], "there is no spec in ."),
        (&twice, &["serve", "."], "alpha"),
        (&twice, &["check", "."], "alpha"),
    ];
    for (folder, arguments, said) in cases {
        let (code, stdout, stderr) = run(folder, arguments);
        assert_eq!(code, Some(2), "{arguments:?}: {stderr}");
        assert_eq!(stdout, "", "{arguments:?}");
        assert!(stderr.contains(said), "{arguments:?}: {stderr}");
        assert!(!stderr.contains('\u{1b}'), "{arguments:?}: colours without a terminal");
    }
    drop(held);
}

#[test]
fn help_and_version_go_to_stdout() {
    let folder = Folder::new("mock-help", &[]);
    for (arguments, said) in [
        (["--version", ""], env!("CARGO_PKG_VERSION")),
        (["--help", ""], "Usage"),
        (["serve", "--help"], "--freeze"),
    ] {
        let arguments: Vec<&str> = arguments.into_iter().filter(|a| !a.is_empty()).collect();
        let (code, stdout, stderr) = run(&folder, &arguments);
        assert_eq!((code, &*stderr), (Some(0), ""), "{arguments:?}");
        assert!(stdout.contains(said), "{stdout}");
    }
}

#[test]
fn all_mistakes_of_all_files_are_shown_at_once() {
    let mistakes = "
counterpart: 1
vendor: beta
servres: []
servers: [{url: https://books.example/v1, urll: x}]
mediaTypes:
  application/json: {wire: jsn}
produces: [application/jsan]
errors:
  Unused: {status: 4000}
collections:
  shelves:
    key: idd
    schema: {type: object, properties: {id: {type: integr}}}
operations:
  - operationId: a
    method: GET
    path: /a
    steps:
      - find: {in: shelfs, where: {id: 1}, as: shelf}
      - respond: {status: 200, body: \"${shlf}\"}
";
    let alpha = spec("alpha").replace("integer", "integre");
    let folder = Folder::new("mock-mistakes", &[("a.yaml", &alpha), ("b.yaml", mistakes)]);
    for arguments in [["check", "."], ["serve", "."]] {
        let (code, stdout, stderr) = run(&folder, &arguments);
        assert_eq!((code, &*stdout), (Some(2), ""));
        let shown = stderr.matches("error[").count();
        assert!(shown >= 10, "{stderr}");
        assert_eq!(stderr.lines().last(), Some(&*format!("{shown} errors")), "{stderr}");
        for said in ["a.yaml:", "b.yaml:", "did you mean `servers`?", "did you mean `json`?"] {
            assert!(stderr.contains(said), "{said}: {stderr}");
        }
    }
}

#[test]
fn examples_that_do_not_hold_are_shown_with_what_came() {
    let wrong = spec("alpha")
        .replace("body: {shelves: [{name: C}]}", "body: {shelves: [{name: D, more: 1}]}")
        .replace("content-type: application/json", "content-type: text/plain");
    let folder = Folder::new("mock-examples", &[("a.yaml", &wrong)]);
    let (code, stdout, stderr) = run(&folder, &["check", "."]);
    assert_eq!((code, &*stdout), (Some(2), ""));
    for said in [
        "example `one shelf` differs in 3 places: header content-type is `application/json`, not",
        r#"; body.shelves[0].name is "C", not "D""#,
        "; no body.shelves[0].more, which should be 1",
        "the answer was 200 OK",
        "a.yaml:23:",
    ] {
        assert!(stderr.contains(said), "{said}: {stderr}");
    }
    assert_eq!(stderr.lines().last(), Some("1 error"), "{stderr}");
}

#[test]
fn an_expression_that_costs_too_much_for_a_request_is_told_once() {
    let costly = spec("alpha").replace("now: \"${now}\"", "now: \"${ now * 9999999 }\"");
    let costly = costly.split("examples:").next().unwrap().to_owned();
    let folder = Folder::new("mock-costly", &[("a.yaml", &costly)]);
    let mut serving = Serving::start(&folder, &["."]);
    let mut client = Client::new(serving.address());
    for _ in 0..3 {
        let reply = client.send("GET", "/alpha/v1/shelves", &[], "");
        assert_eq!(reply.status, 500, "{}", reply.text());
        assert!(reply.text().contains("a.yaml:18:"), "{}", reply.text());
    }
    let journal = client.send("GET", "/_counterpart/requests?limit=1", &[], "").text();
    assert!(journal.contains("cannot be evaluated: ./a.yaml:18:"), "{journal}");
    let (code, stderr) = serving.stop("-TERM");
    assert_eq!(code, Some(0), "{stderr}");
    assert_eq!(stderr.matches("counterpart: cannot be evaluated: ./a.yaml:18:").count(), 1);
    assert_eq!(stderr.lines().count(), 2, "{stderr}");
}

/// In an empty folder `init` makes a vendor that passes all that is asked of one.
#[test]
fn a_first_vendor_works_as_it_is_written() {
    let folder = Folder::new("mock-init", &[]);
    let (code, out, err) = run(&folder, &["init"]);
    assert_eq!((code, err.as_str()), (Some(0), ""), "{out}");
    let written = folder.read("specs/notes.yaml");
    for (program, arguments) in [
        ("mock", vec!["check"]),
        ("test", vec!["check"]),
        ("test", vec!["run"]),
        ("test", vec!["mutations"]),
    ] {
        let (code, out, err) = match program {
            "mock" => run(&folder, &arguments),
            _ => folder.run(&arguments),
        };
        assert_eq!((code, err.as_str()), (Some(0), ""), "{arguments:?}: {out}");
    }
    // Nothing of anybody's is lost.
    folder.write("specs/notes.yaml", "mine");
    let (code, out, err) = run(&folder, &["init"]);
    assert_eq!((code, out.as_str()), (Some(2), ""));
    assert!(err.contains("specs/notes.yaml") && err.contains("--force"), "{err}");
    assert_eq!(folder.read("specs/notes.yaml"), "mine");
    assert_eq!(run(&folder, &["init", "--force"]).0, Some(0));
    assert_eq!(folder.read("specs/notes.yaml"), written);
    assert_eq!(run(&folder, &["init", "sub/folder"]).0, Some(0));
    assert_eq!(folder.read("sub/folder/specs/notes.yaml"), written);
}

#[test]
fn what_is_part_of_the_program_works_in_an_empty_folder() {
    let folder = Folder::new("mock-built-in", &[]);
    let mut serving = Serving::start(&folder, &[]);
    assert_eq!(serving.lines.len(), 4, "{:?}", serving.lines);
    let (code, err) = serving.stop("-TERM");
    assert_eq!(code, Some(0));
    assert!(err.contains("there is no folder `specs` here"), "{err}");
    let (code, out, err) = folder.run(&["run", "--builtin", "--tag", "smoke"]);
    assert_eq!((code, err.as_str()), (Some(0), ""), "{out}");
    assert!(out.contains(" passed"), "{out}");
}

/// A wrong folder in CI is never green.
#[test]
fn a_missing_folder_is_an_error_without_builtin() {
    let folder = Folder::new("mock-no-folder", &[]);
    for arguments in [&["run"][..], &["check"], &["coverage"], &["run", "scenarios"]] {
        let (code, out, err) = folder.run(arguments);
        assert_eq!((code, out.as_str()), (Some(2), ""), "{arguments:?}: {err}");
        assert!(err.contains("scenarios") || err.contains("specs"), "{err}");
    }
    let (code, _, err) = folder.run(&["run", "--builtin", "--target", "x=http://127.0.0.1:9"]);
    assert_eq!(code, Some(2));
    assert!(err.contains("`--target`"), "{err}");
}

#[test]
fn shells_get_completions_and_systems_manual_pages() {
    let folder = Folder::new("command-line-shell", &[]);
    for (name, program, command, option) in [
        ("counterpart-mock", env!("CARGO_BIN_EXE_counterpart-mock"), "serve", "listen"),
        ("counterpart-test", env!("CARGO_BIN_EXE_counterpart-test"), "compare", "left"),
    ] {
        let said = |arguments: &[&str]| {
            let output = Command::new(program).args(arguments).current_dir(&folder.0).output();
            let Output { status, stdout, stderr } = output.unwrap();
            assert!(status.success(), "{}", String::from_utf8_lossy(&stderr));
            String::from_utf8(stdout).unwrap()
        };
        for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
            let script = said(&["completions", shell]);
            assert!(script.contains(command) && script.contains(option), "{shell}");
        }
        // The shell that they are for reads them, and completes by them.
        fs::write(folder.0.join("completions"), said(&["completions", "bash"])).unwrap();
        let half = &command[..5];
        let asked = format!(
            ". ./completions; COMP_WORDS=({name} {half}); COMP_CWORD=1; \
             complete=$(complete -p {name}); complete=${{complete#*-F }}; \
             ${{complete%% *}} {name} {half} {name}; echo \"${{COMPREPLY[*]}}\""
        );
        let shell = Command::new("bash").args(["-c", &asked]).current_dir(&folder.0).output();
        match shell {
            Ok(done) => {
                assert_eq!(String::from_utf8_lossy(&done.stdout).trim(), command, "{done:?}");
            }
            Err(error) => println!("SKIPPED bash: {error}"),
        }

        assert!(said(&["man"]).contains(".SH SUBCOMMANDS"));
        said(&["man", "--out", "pages"]);
        let page = folder.read(&format!("pages/{name}-{command}.1"));
        assert!(page.contains(option), "{page}");
    }
}

/// What options of a program say of themselves, by their names.
fn options(program: &str, call: &str) -> Vec<(String, Option<String>)> {
    let output = Command::new(program).args([call, "--help"]).output().unwrap();
    let help = String::from_utf8(output.stdout).unwrap();
    let mut options: Vec<(String, Option<String>)> = Vec::new();
    for line in help.lines() {
        let option = line.trim_start();
        // `-p, --port` has its letter first.
        let long = option.find("--").filter(|at| [0, 4].contains(at)).map(|at| &option[at..]);
        if let Some(start) = long.and_then(|long| long.strip_prefix("--")) {
            let name = start.split([' ', '=']).next().unwrap();
            options.push((format!("--{name}"), None));
        }
        if let Some((_, default)) = line.split_once("[default: ")
            && let Some((_, known)) = options.last_mut()
        {
            *known = default.split(']').next().map(str::to_owned);
        }
    }
    options
}

#[test]
fn the_table_of_limits_has_the_options_that_change_them() {
    let limits = fs::read_to_string("docs/limits.md").unwrap();
    let tables = [
        ("## The mock, for its clients", env!("CARGO_BIN_EXE_counterpart-mock"), "serve"),
        ("## A recording", env!("CARGO_BIN_EXE_counterpart-mock"), "record"),
        ("## The runner, for those it asks", env!("CARGO_BIN_EXE_counterpart-test"), "run"),
    ];
    let bounds = ["limit", "connections", "sessions", "timeout", "max-requests", "rate"];
    for (heading, program, call) in tables {
        let (_, table) = limits.split_once(heading).unwrap();
        let rows: Vec<&str> =
            table.lines().skip(1).take_while(|line| !line.starts_with('#')).collect();
        let options = options(program, call);
        // Whatever bounds something has a row, which says what is usual.
        for (name, default) in &options {
            if !bounds.iter().any(|bound| name.ends_with(bound)) {
                continue;
            }
            let row = rows.iter().find(|row| row.contains(&format!("`{name}`")));
            let row = row.unwrap_or_else(|| panic!("`{name}` of `{call}` is not in {heading}"));
            let usual = match default.as_deref() {
                Some("PT30S") => "30 s".to_owned(),
                Some("PT5M") => "5 min".to_owned(),
                Some("no limit") => "none".to_owned(),
                Some(number) if number.parse::<u64>().is_ok() => {
                    let digits: Vec<char> = number.chars().rev().collect();
                    let groups = digits.chunks(3).map(|group| group.iter().collect::<String>());
                    groups.collect::<Vec<_>>().join(",").chars().rev().collect()
                }
                _ => continue,
            };
            assert!(row.contains(&usual), "`{name}` of `{call}`: {usual} is not in {row}");
        }
        // And what is said to change one is an option.
        for row in rows {
            let Some(cell) = row.split('|').nth(3) else { continue };
            for word in cell.split('`').skip(1).step_by(2).filter(|word| word.starts_with("--")) {
                assert!(
                    options.iter().any(|(name, _)| name == word),
                    "`{call}` has no {word}: {row}"
                );
            }
        }
    }
}
