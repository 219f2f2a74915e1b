//! Headers are the same wherever they are read: random names and values through a mock or another
//! server, the runner, a comparison and the reports.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod support;

use std::fmt::Write as _;
use std::io::Write as _;

use counterpart::MockServer;
use proptest::prelude::*;
use serde_json::{Value, json};
use support::canned::Canned;
use support::client::Client;
use support::folder::Folder;

/// A line of a head: the name, and the value with the white space around it.
#[derive(Debug, Clone)]
struct Line {
    name: String,
    value: Vec<u8>,
    before: &'static str,
    behind: &'static str,
}

impl Line {
    fn bytes(&self) -> Vec<u8> {
        [self.name.as_bytes(), b":", self.before.as_bytes(), &self.value, self.behind.as_bytes()]
            .concat()
    }

    /// What the value is as text: UTF-8, or else ISO-8859-1, as older servers write it.
    fn text(&self) -> String {
        match std::str::from_utf8(&self.value) {
            Ok(text) => text.to_owned(),
            Err(_) => self.value.iter().copied().map(char::from).collect(),
        }
    }
}

fn name() -> impl Strategy<Value = String> {
    // With an asterisk at its end a spec means all names that begin so.
    "[xX]-[a-zA-Z0-9!#%&'*+.^_`|~-]{0,12}[a-zA-Z0-9]"
}

fn value() -> impl Strategy<Value = Vec<u8>> {
    let utf_8 = prop_oneof![
        4 => "[ -#%-~]{0,20}",
        1 => "[a-zà-ÿ€漢\u{1f600}]{1,8}",
        1 => Just("a, b; c=\"d, e\"".to_owned()),
        1 => Just("two  spaces\tand a tab".to_owned()),
        1 => Just("0x1F 1e5 true null ~".to_owned()),
        1 => "[a-z0-9 ,]{1000}",
    ];
    prop_oneof![
        8 => utf_8.prop_map(|text| text.trim_matches([' ', '\t']).as_bytes().to_vec()),
        1 => Just(b"caf\xe9 \xfc".to_vec()),
    ]
}

fn line() -> impl Strategy<Value = Line> {
    let blank = || prop::sample::select(vec!["", " ", "  \t "]);
    (name(), value(), blank(), blank()).prop_map(|(name, value, before, behind)| Line {
        name,
        value,
        before,
        behind,
    })
}

/// The lines of a head, of which some have one name.
fn lines() -> impl Strategy<Value = Vec<Line>> {
    let repeated = prop::collection::vec((any::<prop::sample::Index>(), value()), 0..3);
    (prop::collection::vec(line(), 1..4), repeated).prop_map(|(mut lines, repeated)| {
        for (index, value) in repeated {
            let name = index.get(&lines).name.clone();
            // Another spelling is the same name.
            let name = if value.len() % 2 == 0 { name.to_uppercase() } else { name };
            lines.push(Line { name, value, before: " ", behind: "" });
        }
        lines
    })
}

/// The values of each name, by the name in lower case.
fn grouped(lines: &[Line]) -> Vec<(String, Vec<String>)> {
    let mut all: Vec<(String, Vec<String>)> = Vec::new();
    for line in lines {
        let name = line.name.to_lowercase();
        match all.iter_mut().find(|(known, _)| *known == name) {
            Some((_, values)) => values.push(line.text()),
            None => all.push((name, vec![line.text()])),
        }
    }
    all
}

/// A server that answers with the lines of the case that the path ends with.
fn answering(cases: Vec<Vec<Line>>) -> Canned {
    Canned::behaving(move |stream, request| {
        let target = String::from_utf8_lossy(request);
        let number =
            target.split(' ').nth(1).and_then(|path| path.rsplit('/').next()?.parse().ok());
        let lines = number.and_then(|number: usize| cases.get(number));
        let mut answer = b"HTTP/1.1 200 OK\r\nConnection: close\r\n".to_vec();
        for line in lines.into_iter().flatten() {
            answer.extend(line.bytes());
            answer.extend(b"\r\n");
        }
        answer.extend(b"Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}");
        stream.write_all(&answer).ok();
    })
}

const SPEC: &str = "
counterpart: 1
vendor: fields
servers: [{url: 'https://fields.example/v1'}]
mediaTypes: {application/json: {wire: json}}
produces: [application/json]
operations:
  - {operationId: case, method: GET, path: '/case/{n}', parameters: [{name: n, in: path, schema: {type: integer}}], steps: [{respond: {status: 200, body: {}}}]}
";

/// For each case: all lines are expected and captured, and the first one is sent on.
fn scenarios(cases: &[Vec<Line>]) -> String {
    let mut text =
        "counterpart: 1\nvendor: fields\nallowUndocumented: true\nscenarios:\n".to_owned();
    for (number, lines) in cases.iter().enumerate() {
        let all = grouped(lines);
        let expected: serde_json::Map<_, _> = all
            .iter()
            .map(|(name, values)| match &values[..] {
                [one] => (name.clone(), json!(one)),
                several => (name.clone(), json!(several)),
            })
            .collect();
        let (first, values) = &all[0];
        let joined = values.join(", ");
        let steps = json!([
            {
                "request": {"method": "GET", "path": format!("/case/{number}")},
                "expect": {"status": 200, "headers": expected},
                "capture": {"list": {"headers": first}, "joined": {"header": first}},
            },
            {"request": {"method": "GET", "path": "/sent/0", "headers": {lines[0].name.clone(): "${joined}"}},
             "expect": {"assert": [format!("${{ list | length == {} }}", values.len()), "${ joined == expected }"]}},
        ]);
        let one = json!({"name": format!("case {number}"), "variables": {"expected": joined}, "steps": steps});
        writeln!(text, "  - {one}").unwrap();
    }
    text
}

/// The fields of an answer in a report, but for those that each answer has.
fn reported(step: &Value) -> Vec<(String, String)> {
    let fields = step["response"]["headers"].as_array().unwrap().iter();
    let fields = fields.map(|field| {
        let member = |name: &str| field[name].as_str().unwrap().to_owned();
        (member("name"), member("value"))
    });
    let of_each = ["Connection", "Content-Type", "Content-Length"];
    fields.filter(|(name, _)| !of_each.contains(&&**name)).collect()
}

/// An answer to HEAD has the headers that the one to GET has (RFC 9110, section 9.3.2).
#[test]
fn headers_that_a_spec_states_are_expected_of_answers_to_head() {
    let spec = SPEC.replace("status: 200", "status: 200, headers: {X-Total: '7'}")
        + "evidence: documented\n";
    let scenario = "counterpart: 1\nvendor: fields\nscenarios:\n  - name: head\n    steps:\n\
        \x20     - request: {method: HEAD, path: /case/1}\n        expect: {status: 200}\n";
    let files = [("specs/fields.yaml", &*spec), ("scenarios/fields.yaml", scenario)];
    let folder = Folder::new("headers-head", &files);
    for (line, expected) in
        [("X-Total: 7", Some(0)), ("X-Total: 8", Some(1)), ("X-Other: 7", Some(1))]
    {
        let answer = format!("HTTP/1.1 200 OK\r\nConnection: close\r\n{line}\r\n\r\n");
        let server = Canned::answering(answer);
        let target = format!("fields={}/v1", server.url());
        let (code, out, err) = folder.run(&["run", "--target", &target]);
        assert_eq!(code, expected, "{line}: {out}{err}");
        assert!(expected == Some(0) || out.contains("X-Total"), "{out}");
    }
}

/// A program that reads a report from standard output finds nothing else there.
#[test]
fn a_report_can_be_written_to_standard_output() {
    let scenario = "counterpart: 1\nvendor: fields\nscenarios:\n  - name: one\n    steps:\n\
        \x20     - {call: case, with: {path: {n: 1}}, expect: {status: 201}}\n";
    let files = [("specs/fields.yaml", SPEC), ("scenarios/fields.yaml", scenario)];
    let folder = Folder::new("headers-printed", &files);
    let (code, out, err) =
        folder.run(&["run", "--report", "tap=-", "--report", "json=report.json"]);
    assert_eq!(code, Some(1), "{out}{err}");
    assert!(out.starts_with("TAP version 14\n") && out.contains("not ok 1"), "{out}");
    assert!(err.contains("the status is 200"), "{err}");
    assert!(!folder.0.join("-").exists());
    let (code, out, _) = folder.run(&["merge", "report.json", "--report", "json=-"]);
    assert_eq!(code, Some(1), "{out}");
    assert!(serde_json::from_str::<Value>(&out).is_ok(), "{out}");
    for twice in
        [["--report", "tap=-", "--report", "json=-"], ["--report", "tap=-", "--format", "json"]]
    {
        let (code, out, err) = folder.run(&[&["run"], &twice[..]].concat());
        assert_eq!((code, &*out), (Some(2), ""), "{err}");
        assert!(err.contains("standard output"), "{err}");
    }
}

/// A value that is empty says nothing that could be sent on.
fn is_sent_on(lines: &[Line]) -> bool {
    !grouped(lines)[0].1.join(", ").is_empty()
}

#[test]
fn an_answer_has_its_headers_in_expectations_captures_reports_and_comparisons() {
    let number = std::sync::atomic::AtomicUsize::new(0);
    let config = ProptestConfig { cases: 3, max_shrink_iters: 0, ..ProptestConfig::default() };
    proptest!(config, |(cases in prop::collection::vec(lines().prop_filter("nothing to send", |lines| is_sent_on(lines)), 12), other in "[a-z]{9}")| {
        let number = number.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let names = cases.iter().flatten().flat_map(|line| ["--compare-header", &*line.name]);
        let compared: Vec<_> = names.collect();
        let files = [("specs/fields.yaml", SPEC), ("scenarios/fields.yaml", &scenarios(&cases))];
        let folder = Folder::new(&format!("headers-{number}"), &files);
        let server = answering(cases.clone());
        let target = format!("fields={}/v1", server.url());
        let (code, out, err) = folder.run(&["run", "--target", &target, "--report", "json=report.json"]);
        prop_assert_eq!(code, Some(0), "{}{}", out, err);
        let report: Value = serde_json::from_str(&folder.read("report.json")).unwrap();
        for (trial, lines) in report["trials"].as_array().unwrap().iter().zip(&cases) {
            let sent: Vec<_> = lines.iter().map(|line| (line.name.clone(), line.text())).collect();
            prop_assert_eq!(reported(&trial["steps"][0]), sent);
        }
        let asked = server.asked();
        for lines in &cases {
            let sent = format!("\r\n{}: {}\r\n", lines[0].name, grouped(lines)[0].1.join(", "));
            prop_assert!(asked.iter().any(|request| request.contains(&sent)), "{:?} in {:?}", sent, asked);
        }
        // Two servers that say the same are the same, and one that says something else is not.
        let same = answering(cases.clone());
        let right = format!("fields={}/v1", same.url());
        let (code, out, err) = folder.run(&[&["compare", "--left", &target, "--right", &right], &*compared].concat());
        prop_assert_eq!(code, Some(0), "{}{}", out, err);
        let mut changed = cases.clone();
        changed[0].last_mut().unwrap().value = other.into_bytes();
        let right = answering(changed);
        let right = format!("fields={}/v1", right.url());
        let (code, out, err) = folder.run(&[&["compare", "--left", &target, "--right", &right], &*compared].concat());
        prop_assert_eq!(code, Some(1), "{}{}", out, err);
    });
}

#[test]
fn a_mock_writes_headers_as_its_spec_does_and_has_those_of_requests_in_its_journal() {
    let config = ProptestConfig { cases: 12, max_shrink_iters: 0, ..ProptestConfig::default() };
    let unique = |lines: &Vec<Line>| grouped(lines).len() == lines.len();
    // An answer whose value is not UTF-8 is nothing that a spec could say.
    let said = lines()
        .prop_filter("several lines", unique)
        .prop_filter("not text", |lines| lines.iter().all(|line| line.value.is_ascii()));
    proptest!(config, |(stated in said, sent in lines())| {
        let headers: serde_json::Map<_, _> =
            stated.iter().map(|line| (line.name.clone(), json!(line.text()))).collect();
        let names: Vec<_> = grouped(&sent).into_iter().map(|(name, _)| name).collect();
        let echo: serde_json::Map<_, _> = names
            .iter()
            .map(|name| (name.clone(), json!(format!("${{ header[{}] }}", json!(name)))))
            .collect();
        let read = names.iter().map(|name| json!({"name": name, "in": "header", "schema": {"type": "string"}}));
        let read = read.map(|one| one.to_string()).collect::<Vec<_>>().join(", ");
        let spec = SPEC
            .replace("status: 200, body: {}", &format!("status: 200, headers: {}, body: {}", Value::from(headers), Value::from(echo)))
            .replace("schema: {type: integer}}", &format!("schema: {{type: integer}}}}, {read}"));
        let mock = MockServer::builder().spec_text("fields", &spec).start().unwrap();
        let mut client = Client::new(mock.address());
        let mut request = b"GET /fields/v1/case/1 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n".to_vec();
        for line in &sent {
            request.extend(line.bytes());
            request.extend(b"\r\n");
        }
        request.extend(b"\r\n");
        let answer = String::from_utf8(client.raw(&request)).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        for line in &stated {
            // A header without a value is not sent.
            let written = format!("\r\n{}: {}", line.name, line.text());
            let is_there = format!("{head}\r\n").contains(&format!("{written}\r\n"));
            prop_assert!(is_there || line.value.is_empty(), "{:?} is not in {}", written, head);
        }
        let body: Value = serde_json::from_str(body).unwrap();
        let journal = client.send("GET", "/_counterpart/requests/1", &[], "");
        let journal: Value = serde_json::from_slice(&journal.body).unwrap();
        for (name, values) in grouped(&sent) {
            let joined = values.join(", ");
            prop_assert_eq!(body[&name].as_str().unwrap_or_default(), &joined, "{}", name);
            let expected = if values.len() == 1 { json!(values[0]) } else { json!(values) };
            prop_assert_eq!(&journal["request"]["headers"][&name], &expected, "{}", name);
        }
        for line in stated.iter().filter(|line| !line.value.is_empty()) {
            prop_assert_eq!(&journal["response"]["headers"][line.name.to_lowercase()], &json!(line.text()));
        }
    });
}
