//! Secrets of nasty forms, through every filter and every place into every report.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]
#![allow(clippy::format_collect, reason = "reads better, and nobody waits for it")]

#[path = "planted_secrets/mocks.rs"]
mod mocks;
#[path = "planted_secrets/random.rs"]
mod random;
#[path = "planted_secrets/spelled.rs"]
mod spelled;
mod support;

use std::fmt::Write as _;
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use aho_corasick::AhoCorasick;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE};
use counterpart::unstable::expression::parse;
use counterpart::unstable::value::Value;
use spelled::{SPELLINGS, assert_silent_within, base32, quoted_printable};
use support::canned::{Canned, whole};
use support::folder::Folder;

const SPEC: &str = r#"
counterpart: 1
vendor: vault
servers: [{url: "https://vault.example/v1"}]
mediaTypes:
  application/json: {wire: json}
  text/xml: {wire: xml}
  application/x-www-form-urlencoded: {wire: form}
produces: [application/json]
consumes: [application/json]
collections:
  keys: {key: key, schema: {type: object, properties: {key: {type: string}}}}
  notes: {key: id, schema: {type: object, properties: {id: {type: string}, note: {type: string}}}}
components:
  securitySchemes:
    basic: {type: http, scheme: basic, keys: {collection: keys, field: key}, errors: {missing: NoKey, unknown: NoKey}}
    cookie: {type: apiKey, in: cookie, name: sid, keys: {collection: keys, field: key}, errors: {missing: NoKey, unknown: NoKey}}
    parameter: {type: apiKey, in: parameter, name: api_key, keys: {collection: keys, field: key}, errors: {missing: NoKey, unknown: NoKey}}
    query: {type: apiKey, in: query, name: key, keys: {collection: keys, field: key}, errors: {missing: NoKey, unknown: WrongKey}}
soapServices:
  desk: {path: /desk.asmx, namespace: "urn:desk", versions: ["1.1"]}
errors:
  NoKey: {status: 401, body: {error: "no key"}}
  WrongKey: {status: 401, body: {error: "no key ${error.value}"}}
operations:
  - {operationId: by_query, method: GET, path: /query, security: [{query: []}], steps: [{respond: {status: 200, body: {}}}]}
  - {operationId: by_basic, method: GET, path: /basic, security: [{basic: []}], steps: [{respond: {status: 200, body: {}}}]}
  - {operationId: by_cookie, method: GET, path: /cookie, security: [{cookie: []}], steps: [{respond: {status: 200, body: {}}}]}
  - operationId: by_parameter
    parameters: [{name: api_key, schema: {type: string}}, {name: note, schema: {type: string}}]
    bindings: [{method: GET, path: /parameter, parametersIn: query}, {method: POST, path: /parameter, parametersIn: form}, {soap: desk}]
    security: [{parameter: []}]
    consumes: [application/x-www-form-urlencoded]
    steps: [{respond: {status: 200, body: {}}}]
  - operationId: find
    method: GET
    path: /notes/{id}
    security: []
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    steps: [{respond: {status: 200, body: {}}}]
"#;

/// What is made of a secret, as a scenario writes it.
const MADE: [&str; 20] = [
    "${s}",
    "${ s | base64 }",
    "${ ('ann:' ~ s) | base64 }",
    "${ ('annie:' ~ s ~ '!') | base64 }",
    "${ s | upper }",
    "${ s | lower }",
    "${ s | reverse }",
    "${ s | md5 }",
    "${ s | sha256 }",
    "${ s | replace('e', '3') }",
    "${ s ~ s }",
    "${ s[1:] ~ '-' ~ s[:2] }",
    "${ [s, 'x'] | join('+') }",
    "x${s}y",
    "${ ('a' ~ s) | sha256 | base64 }",
    "${ s | digits(12) }",
    "${ s | sha1 }",
    "${ s | hmac('key') }",
    "${ s | urlencode }",
    "${ s | json }",
];

/// Where a text can stand; `V` is its place.
const PLACES: [&str; 13] = [
    "request: {method: GET, path: /notes, query: {p: V}}",
    "request: {method: GET, path: /notes, headers: {X-Key: V}}",
    "request: {method: POST, path: /notes, json: {p: V, deep: [{q: V}]}}",
    "request: {method: POST, path: /notes, form: {p: V}}",
    "request: {method: POST, path: /notes, xml: {note: {\"@at\": V, p: V}}}",
    "request: {method: POST, path: /notes, text: V}",
    "call: find\n        with: {path: {id: V}}",
    "call: by_basic\n        authenticate: {basic: V}",
    "call: by_basic\n        authenticate: {basic: {key: ann, password: V}}",
    "call: by_cookie\n        authenticate: {cookie: V}",
    "include: part.yaml",
    "poll: {request: {method: POST, path: /notes, json: {p: V}}}\n        until: {text: V}\n        every: PT0.01S\n        atMost: PT0.02S",
    "outbox:\n        onTarget: {steps: [{request: {method: POST, path: /notes, json: {p: V}}, allowUndocumented: true}]}",
];

fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap()
}

/// A scenario for each thing that is made, each in another place; those of another number meet
/// elsewhere.
fn scenarios(number: usize) -> String {
    let mut text =
        "counterpart: 1\nvendor: vault\nvariables: {s: \"${ env.PLANTED }\"}\nscenarios:\n"
            .to_owned();
    for (at, made) in MADE.iter().enumerate() {
        {
            let place = (at + 2 * number) % PLACES.len();
            let step = PLACES[place];
            let value = quoted(made);
            let step = step.replace('V', "${v}").replace("${v}", "\"${v}\"");
            let is_plain = !step.starts_with("include") && !step.starts_with("outbox");
            let allow = if is_plain { "        allowUndocumented: true\n" } else { "" };
            let expect = if step.starts_with("poll")
                || step.starts_with("include")
                || step.starts_with("outbox")
            {
                ""
            } else {
                "        expect: {status: 418, includes: {raw: \"not ${v}\"}, headers: {X-Echo: \"not ${v}\"}}\n        capture: {text: {text: true}, part: {jsonPath: $.raw, regex: \"(.{0,9})$\"}}\n"
            };
            write!(
                text,
                "  - name: made {at} in {place}\n    variables: {{v: {value}}}\n    steps:\n      - {step}\n{expect}{allow}"
            )
            .unwrap();
        }
    }
    // By a row, a state to start from, and a capture of an echo that is sent on.
    text.push_str(
        "  - name: by a row\n    rows: [{v: \"${s}\", row: one}]\n    steps:\n      - {request: {method: POST, path: /notes, json: {p: \"${v}\"}}, expect: {includes: {raw: \"${v}\"}}, allowUndocumented: true}\n\
         \x20 - name: captured\n    steps:\n      - {request: {method: POST, path: /notes, text: \"${s}\"}, capture: {echo: $.body, tail: {jsonPath: $.body, regex: \"^.{2}([^$]*)\"}}, allowUndocumented: true}\n\
         \x20     - {request: {method: POST, path: /notes, json: {p: \"${ echo | base64 }\", q: \"${tail}\", r: \"${ tail | upper }\"}}, expect: {status: 418}, allowUndocumented: true}\n",
    );
    text
}

/// A server that says what it was asked, in all forms.
fn echo() -> Canned {
    Canned::behaving(|stream, request| {
        let raw = String::from_utf8_lossy(request).into_owned();
        let body = raw.split_once("\r\n\r\n").map_or("", |(_, body)| body);
        let hex: String = raw.bytes().map(|byte| format!("{byte:02x}")).collect();
        let html: String = raw.chars().fold(String::new(), |mut html, c| {
            write!(html, "&#{};", u32::from(c)).unwrap();
            html
        });
        let percent: String = raw.bytes().fold(String::new(), |mut percent, byte| {
            write!(percent, "%{byte:02x}").unwrap();
            percent
        });
        let units: String = raw.encode_utf16().fold(String::new(), |mut units, unit| {
            write!(units, "\\u{unit:04X}").unwrap();
            units
        });
        let bytes = |mark: &str, each: fn(u8) -> String| -> String {
            raw.bytes().map(each).collect::<Vec<_>>().join(mark)
        };
        let within = |text: &str| STANDARD.encode(serde_json::json!({"in it": text}).to_string());
        let mut answer = serde_json::json!({
            "colons": bytes(":", |byte| format!("{byte:02x}")),
            "dashes": bytes("-", |byte| format!("{byte:02X}")),
            "spaces": bytes(" ", |byte| format!("{byte:02x}")),
            "literal": bytes(", ", |byte| format!("0x{byte:02X}")),
            "numbers": raw.bytes().collect::<Vec<_>>(),
            "signed": bytes(", ", |byte| byte.cast_signed().to_string()),
            "printable": quoted_printable(&raw),
            "python": bytes("", |byte| format!("\\x{byte:02x}")),
            "octal": bytes("", |byte| format!("\\{byte:03o}")),
            "base32": base32(raw.as_bytes()),
            "wide": raw.encode_utf16().map(|unit| format!("{unit:04x}")).collect::<String>(),
            "nested": within(&within(&raw)),
            "unpadded": STANDARD_NO_PAD.encode(within(&raw)),
            "raw": raw, "body": body, "inner": serde_json::to_string(&raw).unwrap(),
            "base64": STANDARD.encode(request), "off": STANDARD.encode(format!("x{raw}")),
            "url": URL_SAFE.encode(format!("xy{raw}")), "hex": hex, "html": html,
            "percent": percent, "units": units, "shell": raw.replace('\'', "'\\''"),
            "xml": raw.replace('&', "&amp;").replace('<', "&lt;"),
        });
        // Some of them, each time others.
        let turn = request.iter().map(|byte| usize::from(*byte)).sum::<usize>();
        let forms = answer.as_object_mut().unwrap();
        let others: Vec<String> =
            forms.keys().filter(|k| *k != "raw" && *k != "body").cloned().collect();
        for (at, name) in others.iter().enumerate() {
            if !(turn + at).is_multiple_of(4) {
                forms.remove(name);
            }
        }
        let echo: String = body.chars().filter(char::is_ascii_graphic).collect();
        let fields = [("Content-Type", "application/json"), ("X-Echo", &*echo)];
        stream.write_all(&whole("200 OK", &fields, answer.to_string().as_bytes())).ok();
    })
}

/// All that would give a secret away; those of a few characters show elsewhere too.
fn forms(secret: &str) -> Vec<String> {
    let json = |text: &str| quoted(text).trim_matches('"').to_owned();
    let percent: String = secret.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let reversed: String = secret.chars().rev().collect();
    let mut forms = vec![
        secret.to_owned(),
        json(secret),
        json(&json(secret)),
        secret
            .replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('>', "&gt;")
            .replace('"', "&quot;"),
        secret.replace('\'', "'\\''"),
        percent.to_lowercase(),
        percent,
        secret.to_uppercase(),
        secret.to_lowercase(),
        secret.replace('e', "3"),
        reversed,
        secret.bytes().map(|byte| format!("{byte:02x}")).collect(),
        secret.encode_utf16().map(|unit| format!("{unit:04x}")).collect(),
        quoted_printable(secret),
        form_urlencoded(secret),
        format!("{secret}{secret}"),
    ];
    for (mark, each) in SPELLINGS {
        let spelled = secret.bytes().map(each).collect::<Vec<_>>().join(mark);
        forms.extend([json(&spelled), spelled]);
    }
    for before in ["", "x", "xy", "ann:", "annie:"] {
        let code = STANDARD.encode(format!("{before}{secret}"));
        let sure = code.get(before.len() * 4 / 3 + 2..code.len() - 4).unwrap_or_default();
        forms.push(sure.to_owned());
    }
    for made in MADE.iter().filter_map(|made| made.strip_prefix("${")?.strip_suffix('}')) {
        let value = parse(made).unwrap().evaluate(&vec![Some(Value::text(secret))]).unwrap();
        let text = value.unwrap().scalar_text().unwrap().to_string();
        forms.extend([json(&text), form_urlencoded(&text), STANDARD.encode(&text), text]);
    }
    // One that is as short as this would be found by chance.
    forms.retain(|form| form.chars().count() > 3 && !form.trim().is_empty());
    forms
}

fn form_urlencoded(text: &str) -> String {
    let encode = |byte: u8| match byte {
        b' ' => "+".to_owned(),
        byte if byte.is_ascii_alphanumeric() || b"-._*".contains(&byte) => {
            char::from(byte).to_string()
        }
        byte => format!("%{byte:02X}"),
    };
    text.bytes().map(encode).collect()
}

/// All outputs of all commands, with their names.
fn outputs(folder: &Folder, server: &Canned, secret: &str) -> Vec<(String, String)> {
    let target = format!("vault={}/v1", server.url());
    let said = |arguments: &[&str]| {
        let output = folder.runner(arguments).env("PLANTED", secret).output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (output.status.code(), format!("{}{}", text(&output.stdout), text(&output.stderr)))
    };
    let kinds = ["junit", "json", "html", "tap", "junit-strict", "markdown"];
    let reports: Vec<String> = kinds.iter().map(|kind| format!("{kind}=report.{kind}")).collect();
    let mut arguments = vec!["run", "--target", &target, "--report", "github", "--color", "always"];
    for report in &reports {
        arguments.extend(["--report", report]);
    }
    let (code, text) = said(&arguments);
    assert_eq!(code, Some(1), "{text:.3000}");
    let mut all = vec![("terminal".to_owned(), text)];
    all.extend(kinds.map(|kind| (kind.to_owned(), folder.read(&format!("report.{kind}")))));
    let other = echo();
    let right = format!("vault={}/v1", other.url());
    let compare = ["compare", "--left", &target, "--right", &right, "made 2 "];
    all.push(("compare".to_owned(), said(&compare).1));
    all.push((
        "coverage".to_owned(),
        said(&["coverage", "--target", &target, "--format", "json", "made 1 "]).1,
    ));
    all
}

fn folder(name: &str, number: usize) -> Folder {
    let part = "- request: {method: POST, path: /notes, json: {p: \"${v}\"}}\n  expect: {status: 418}\n  allowUndocumented: true\n";
    let files = [
        ("specs/vault.yaml", SPEC),
        ("scenarios/vault.yaml", &scenarios(number)),
        ("scenarios/part.yaml", part),
    ];
    Folder::new(name, &files)
}

fn assert_silent(name: &str, text: &str, form: &str) {
    if let Some(at) = text.find(form) {
        let around = text.get(
            text.floor_char_boundary(at.saturating_sub(300))
                ..text.ceil_char_boundary((at + 200).min(text.len())),
        );
        assert!(!text.contains(form), "{name} has {form:?}:\n{}", around.unwrap_or_default());
    }
}

#[test]
fn no_output_has_a_secret_that_was_planted() {
    let long = "Lq7+".repeat(150);
    let secrets = [
        "qu\"ote's \\ba%ck",
        "two\nlines of\r\nit",
        "100%25+plus&amp;<b>",
        "\u{1f600}\u{1f511}smile",
        "c2VjcmV0c2VjcmV0",
        "^(a|b)*[c-d]{2}$.\\d+?",
        "9876543210123",
        &long,
    ];
    std::thread::scope(|scope| {
        for (at, secret) in secrets.into_iter().enumerate() {
            scope.spawn(move || assert_hidden(&format!("planted-{at}"), at, secret));
        }
    });
}

/// No output has the secret, nor what is made of it; the number says what is made of it where.
fn assert_hidden(name: &str, number: usize, secret: &str) {
    let folder = folder(name, number);
    let server = echo();
    let all = outputs(&folder, &server, secret);
    let forms = forms(secret);
    let search = AhoCorasick::new(&forms).unwrap();
    for (name, text) in &all {
        assert_silent_within(name, text, secret);
        if let Some(found) = search.find(text) {
            assert_silent(name, text, &forms[found.pattern().as_usize()]);
        }
    }
}

#[test]
fn a_secret_of_one_trial_is_one_in_all() {
    let scenarios = "counterpart: 1\nvendor: vault\nallowUndocumented: true\nscenarios:\n\
        \x20 - name: has it\n    steps:\n      - {request: {method: POST, path: /notes, json: {p: \"${ env.PLANTED }\"}}}\n\
        \x20 - name: is told it\n    steps:\n      - {request: {method: GET, path: /notes}, expect: {status: 418, body: {}}}\n";
    let files = [("specs/vault.yaml", SPEC), ("scenarios/vault.yaml", scenarios)];
    let folder = Folder::new("planted-elsewhere", &files);
    let server = Canned::behaving(|stream, _| {
        let body = b"{\"keys\":[\"pl4nted\\u002dKEY\"],\"ok\":true}";
        stream.write_all(&whole("200 OK", &[("Content-Type", "application/json")], body)).ok();
    });
    let target = format!("vault={}/v1", server.url());
    let said = |secret: &str| {
        let arguments = ["run", "--target", &target, "--report", "json=report.json"];
        let output = folder.runner(&arguments).env("PLANTED", secret).output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        String::from_utf8_lossy(&output.stdout).into_owned() + &folder.read("report.json")
    };
    let text = said("pl4nted-key");
    assert!(text.contains("***"), "{text}");
    assert!(!text.to_lowercase().contains("pl4nted"), "{text}");
    // What is a word everywhere is none.
    assert!(said("true").contains("true"));
}

#[test]
fn a_secret_of_one_character_is_hidden_where_it_is_a_value_or_was_put() {
    let folder = folder("planted-short", 1);
    let server = echo();
    let all = outputs(&folder, &server, "Q");
    for (name, text) in &all {
        for form in [
            "\"Q\"",
            "\\\"Q\\\"",
            "xQy",
            "p=Q",
            ": Q\\r",
            ">Q<",
            "YW5uOlE",
            "/notes/Q",
            "sid=Q",
            "%51",
            "'Q'",
        ] {
            assert_silent(name, text, form);
        }
        // In base64 it stands by chance.
        let is_code = |c: char| c.is_ascii_alphanumeric() || "+/-_=".contains(c);
        assert!(text.split(|c| !is_code(c)).all(|word| word != "QQ"), "{name} has QQ");
    }
    // What is not it stays.
    let report: serde_json::Value = serde_json::from_str(&all[2].1).unwrap();
    assert!(report["trials"][0]["name"].as_str().unwrap().starts_with("vault/vault/made 0"));
    assert!(
        all[0].1.contains("--request") || all[0].1.contains("curl -sS -i"),
        "{:.2000}",
        all[0].1
    );
}

#[test]
fn a_secret_of_white_space_is_hidden_where_it_is_a_value() {
    let folder = folder("planted-blank", 3);
    let server = echo();
    for (name, text) in &outputs(&folder, &server, "  ") {
        for form in ["\"p\":\"  \"", "\\\"p\\\":\\\"  \\\"", "p=++", "p=%20%20", "<p>  </p>"] {
            assert_silent(name, text, form);
        }
    }
    fs::metadata(folder.0.join("report.json")).unwrap();
}

/// What clients send as credentials is in neither the journal nor the log of a mock, though its
/// answers may repeat it.
#[test]
fn the_journal_of_a_mock_has_no_credentials() {
    let mock = counterpart::MockServer::builder().spec_text("vault", SPEC).start().unwrap();
    let ask = |head: &str| {
        let mut stream = TcpStream::connect(mock.address()).unwrap();
        let request = format!("GET {head}\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    };
    let base = "/vault/v1";
    for secret in
        ["qu\"ote's \\ba%ck", "100%25+plus&amp;<b>", "\u{1f600}\u{1f511}smile", "9876543210123"]
    {
        let percent: String = secret.bytes().map(|byte| format!("%{byte:02X}")).collect();
        let basic = STANDARD.encode(format!("ann:{secret}"));
        let answer = ask(&format!("{base}/query?a=1&key={percent} HTTP/1.1"));
        assert!(answer.contains("no key "), "{answer}");
        ask(&format!("{base}/query?key={} HTTP/1.1", form_urlencoded(secret)));
        ask(&format!("{base}/basic HTTP/1.1\r\nAuthorization: Basic {basic}"));
        ask(&format!("{base}/basic HTTP/1.1\r\nProxy-Authorization: Basic {basic}"));
        ask(&format!("{base}/nothing HTTP/1.1\r\nAuthorization: Bearer {percent}"));
        ask(&format!("{base}/cookie HTTP/1.1\r\nCookie: a=1; sid={percent}"));
        let journal = ask("/_counterpart/requests HTTP/1.1");
        assert!(journal.contains("\"operation\":\"by_cookie\""), "{journal}");
        let in_json = quoted(secret);
        let in_json = in_json.trim_matches('"');
        for form in [secret, in_json, &percent, &basic, &form_urlencoded(secret)] {
            assert_silent("the journal", &journal, form);
        }
        let twice = quoted(in_json);
        assert_silent("the journal", &journal, twice.trim_matches('"'));
    }
}
