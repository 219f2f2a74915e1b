//! What a mock writes on stderr, and what is put into one.

use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::support::folder::Folder;
use super::support::serving::Serving;
use super::{SPEC, assert_silent, form_urlencoded, forms, quoted};

/// The requests of a client with a credential, in all ways in which it can be shown and written.
fn shown_everywhere(secret: &str) -> Vec<(String, String)> {
    let percent: String = secret.bytes().map(|byte| format!("%{byte:02x}")).collect();
    let references: String = secret.chars().fold(String::new(), |mut text, c| {
        write!(text, "&#{};", u32::from(c)).unwrap();
        text
    });
    let escaped = secret.replace('&', "&amp;").replace('<', "&lt;");
    let base = "/vault/v1";
    let mut requests = Vec::new();
    for code in [&percent, &form_urlencoded(secret)] {
        for path in ["/parameter", "/nothing", "/../../vault/nothing", "/query"] {
            requests.push((format!("GET {base}{path}?api_key={code}&key={code}"), String::new()));
        }
        requests.push((format!("GET /nobody?Api%5FKey={code}"), String::new()));
        let form = "Content-Type: application/x-www-form-urlencoded";
        let body = format!("note=1&api%5fkey={code}");
        requests.push((format!("POST {base}/parameter\n{form}"), body.clone()));
        requests.push((format!("POST /nobody\n{form}"), body));
    }
    for key in [&escaped, &references, &format!("<![CDATA[{secret}]]>")] {
        let body = format!(
            "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Body>\
             <by_parameter xmlns=\"urn:desk\"><api_key a='1'>{key}</api_key></by_parameter>\
             </s:Body></s:Envelope>"
        );
        let head = "Content-Type: text/xml\nSOAPAction: \"urn:desk/by_parameter\"";
        requests.push((format!("POST {base}/desk.asmx\n{head}"), body));
    }
    for body in [
        format!("{{\"api_key\": {}}}", quoted(secret)),
        format!("{{\"a\": [{{\"api\\u005fkey\": {}}}]}}", serde_json::json!(secret)),
        format!("{{\"api_key\": {}, ", quoted(secret)),
    ] {
        requests.push((format!("POST {base}/nothing\nContent-Type: application/json"), body));
    }
    let basic = STANDARD.encode(format!("ann:{secret}"));
    for head in [format!("Authorization: Basic {basic}"), format!("Cookie: sid={percent}")] {
        requests.push((format!("GET {base}/cookie\n{head}"), String::new()));
    }
    requests
}

/// What a mock writes on stderr has no credentials, whether they were right, in the right place, or
/// shown to nobody.
#[test]
fn the_log_of_a_mock_has_no_credentials() {
    let secrets = [
        "qu\"ote's \\ba%ck",
        "100%25+plus&amp;<b>",
        "\u{1f600}\u{1f511}smile",
        "9876543210123",
        "c2VjcmV0c2VjcmV0",
    ];
    std::thread::scope(|scope| {
        for (at, arguments) in
            [["--log", "text"], ["--log", "json"], ["--log", "text"], ["--log", "json"]]
                .into_iter()
                .enumerate()
        {
            scope.spawn(move || {
                let folder = Folder::new(&format!("planted-log-{at}"), &[("specs/v.yaml", SPEC)]);
                let with_bodies = at >= 2;
                let mut all = arguments.to_vec();
                all.extend(with_bodies.then_some("-v"));
                let mut serving = Serving::start(&folder, &all);
                let mut stderr = serving.process.stderr.take().unwrap();
                let reading = std::thread::spawn(move || {
                    let mut log = String::new();
                    stderr.read_to_string(&mut log).unwrap();
                    log
                });
                let mut asked = 0;
                for secret in secrets {
                    for (head, body) in shown_everywhere(secret) {
                        let (line, fields) = head.split_once('\n').unwrap_or((&head, ""));
                        let fields: String =
                            fields.lines().map(|field| format!("{field}\r\n")).collect();
                        let request = format!(
                            "{line} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
                             Content-Length: {}\r\n{fields}\r\n{body}",
                            body.len()
                        );
                        let mut stream = TcpStream::connect(serving.address()).unwrap();
                        stream.write_all(request.as_bytes()).unwrap();
                        stream.read_to_end(&mut Vec::new()).unwrap();
                        asked += 1;
                    }
                }
                serving.signal("-INT");
                serving.process.wait().unwrap();
                let log = reading.join().unwrap();
                assert!(log.matches("/vault/v1").count() > asked / 2, "{log:.2000}");
                for secret in secrets {
                    let percent: String =
                        secret.bytes().map(|byte| format!("%{byte:02x}")).collect();
                    let in_json = quoted(secret);
                    let in_json = in_json.trim_matches('"').to_owned();
                    let twice = quoted(&in_json);
                    let references: String =
                        secret.chars().map(|c| format!("&#{};", u32::from(c))).collect();
                    let escaped = secret.replace('&', "&amp;").replace('<', "&lt;");
                    for form in [
                        secret,
                        &percent,
                        &in_json,
                        twice.trim_matches('"'),
                        &references,
                        &escaped,
                        &form_urlencoded(secret),
                        &STANDARD.encode(format!("ann:{secret}")),
                    ] {
                        assert_silent(&format!("the log {all:?}"), &log, form);
                    }
                }
            });
        }
    });
}

/// What the state of a mock is made of is masked like all else.
#[test]
fn what_is_given_is_masked() {
    let secret = "qu\"ote's \\ba%ck";
    let scenarios = "counterpart: 1
vendor: vault
scenarios:
  - name: refused
    given: {notes: [{id: \"${env.PLANTED}\"}, {id: \"${env.PLANTED}\"}]}
    steps: [{call: find, with: {path: {id: x}}, expect: {status: 200}}]
  - name: shown
    given:
      keys: [{key: \"${env.PLANTED}\"}]
      notes: [{id: a, note: \"${ env.PLANTED | base64 }\"}, {id: b, note: \"Bearer ${env.PLANTED}\"}]
    steps:
      - {call: by_query, authenticate: {query: \"${env.PLANTED}\"}, expect: {status: 418}}
      - {state: keys, expect: {body: []}}
      - {state: notes, expect: {body: []}}
      - {requests: {}, expect: {body: []}}
";
    let files = [("specs/vault.yaml", SPEC), ("scenarios/vault.yaml", scenarios)];
    let folder = Folder::new("planted-given", &files);
    let kinds = ["junit", "json", "html", "tap"];
    let reports: Vec<String> = kinds.iter().map(|kind| format!("{kind}=report.{kind}")).collect();
    let mut arguments = vec!["run", "--report", "github"];
    for report in &reports {
        arguments.extend(["--report", report]);
    }
    let output = folder.runner(&arguments).env("PLANTED", secret).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let mut all = vec![("terminal", text(&output.stdout) + &text(&output.stderr))];
    all.extend(kinds.map(|kind| (kind, folder.read(&format!("report.{kind}")))));
    assert!(all[0].1.contains("2 failed"), "{}", all[0].1);
    for (name, text) in &all {
        for form in forms(secret) {
            assert_silent(name, text, &form);
        }
    }
}
