//! No report has a secret in it: keys from the environment and masked captures, in every form in
//! which they go over the wire, in steps that pass and in steps that fail.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod support;

use std::fs;
use std::io::Write as _;
use std::process::Output;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use support::canned::{Canned, whole};
use support::folder::Folder;

const SPEC: &str = r#"
counterpart: 1
vendor: vault
servers: [{url: "https://vault.example/v1"}]
mediaTypes: {application/json: {wire: json}}
produces: [application/json]
consumes: [application/json]
collections:
  keys:
    key: key
    schema: {type: object, properties: {key: {type: string}}}
    fixtures: [{key: nobody-has-it}]
  notes:
    key: id
    schema:
      type: object
      properties:
        id: {type: integer, generate: sequence}
        note: {type: string}
        token: {type: string, generate: {random: 192}}
components:
  securitySchemes:
    basic: {type: http, scheme: basic, keys: {collection: keys, field: key}, errors: {missing: NoKey, unknown: NoKey}}
    bearer: {type: http, scheme: bearer, keys: {collection: keys, field: key}, errors: {missing: NoKey, unknown: NoKey}}
    query: {type: apiKey, in: query, name: api_key, keys: {collection: keys, field: key}, errors: {missing: NoKey, unknown: NoKey}}
errors:
  NoKey: {status: 401, body: {error: "no key"}}
operations:
  - operationId: write
    method: POST
    path: /notes
    security: []
    requestBody:
      content:
        application/json:
          schema: {type: object, additionalProperties: true, properties: {note: {type: string}}}
    steps:
      - insert: {in: notes, values: {note: "${ body.note }"}, as: entry}
      - respond: {status: 200, headers: {X-Note-Token: "${ entry.token }"}, body: {id: "${ entry.id }", note: "you said: ${ body.note }", token: "${ entry.token }"}}
  - operationId: find
    method: GET
    path: /notes/{id}
    security: []
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    steps:
      - respond: {status: 200, body: {found: "${ path.id }"}}
  - {operationId: by_basic, method: GET, path: /basic, security: [{basic: []}], steps: [{respond: {status: 200, body: {}}}]}
  - {operationId: by_bearer, method: GET, path: /bearer, security: [{bearer: []}], steps: [{respond: {status: 200, body: {}}}]}
  - {operationId: by_query, method: GET, path: /query, security: [{query: []}], steps: [{respond: {status: 200, body: {}}}]}
"#;

const SCENARIOS: &str = r##"
counterpart: 1
vendor: vault
variables:
  key: "${ env.VAULT_KEY }"
  password: "${ env.VAULT_PASSWORD }"
  broken: "a\nb"
scenarios:
  - name: a key by basic
    steps:
      - {call: by_basic, authenticate: {basic: "${key}"}, expect: {status: 200}}
  - name: a key and a password by basic
    steps:
      - {call: by_basic, authenticate: {basic: {key: "${key}", password: "${password}"}}, expect: {status: 200}}
  - name: a key by bearer
    steps:
      - {call: by_bearer, authenticate: {bearer: "${key}"}, expect: {status: 200}}
  - name: a key by query
    steps:
      - {call: by_query, authenticate: {query: "${key}"}, expect: {status: 200}}
  - name: a password that comes back
    steps:
      - name: "write it"
        call: write
        with: {body: {note: "${password}"}}
        expect: {status: 200, body: {id: 1, note: "another ${password}", token: "${key}"}}
  - name: a password in the path
    steps:
      - call: find
        with: {path: {id: "${password}"}}
        expect: {includes: {found: {$not: "${password}"}}, jsonPath: {$.found: {$contains: "${key}"}}}
  - name: a password in a form, in XML and in a text
    steps:
      - request: {method: POST, path: /notes, form: {note: "${password}", key: "${key}"}}
        expect: {status: 200}
  - name: a password in XML
    steps:
      - request: {method: POST, path: /notes, xml: {note: {"@at": "${password}", "#text": "${password}"}}}
        expect: {status: 200, text: "${password}"}
  - name: a password in a text
    steps:
      - request: {method: POST, path: "/notes?p=${key}", headers: {X-Key: "${key}"}, text: "say ${password}!"}
        expect: {status: 200, headers: {X-None: "${key}"}}
  - name: what is captured and masked
    steps:
      - call: write
        with: {body: {note: "before"}}
        expect: {status: 200}
        capture: {token: {jsonPath: $.token, mask: true}, id: $.id}
      - call: write
        with: {body: {note: "it is ${token}"}}
        expect: {includes: {note: "${token}!", token: "${token}"}}
  - name: "a request that cannot be sent"
    steps:
      - request: {method: GET, path: /notes, headers: {X-Key: "${broken} ${key}"}}
        expect: {status: 200}
  - name: a passing one
    steps:
      - call: write
        with: {body: {note: "${password} ${key}"}}
        expect: {status: 200}
  - name: a wait in vain
    steps:
      - poll: {call: write, with: {body: {note: "${password}"}}}
        until: {includes: {note: "${key}"}}
        every: PT0.01S
        atMost: PT0.05S
"##;

const KEY: &str = "k3y.Of-the~Vault/90";
const PASSWORD: &str = "p&s \"w'<d>/ö\\4+%=?";

/// All that would give a secret away.
fn forms(secret: &str) -> Vec<String> {
    let percent = |keep: &str| -> String {
        let encoded = secret.bytes().map(|byte| match byte {
            byte if byte.is_ascii_alphanumeric() || keep.contains(char::from(byte)) => {
                char::from(byte).to_string()
            }
            byte => format!("%{byte:02X}"),
        });
        encoded.collect()
    };
    let json = serde_json::to_string(secret).unwrap();
    let xml = secret.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let escaped: String = secret
        .chars()
        .map(|c| if c.is_ascii() { c.to_string() } else { format!("\\u{:04x}", u32::from(c)) })
        .collect();
    let mut forms = vec![
        secret.to_owned(),
        json.trim_matches('"').to_owned(),
        xml.clone(),
        xml.replace('"', "&quot;"),
        xml.replace('"', "&quot;").replace('\'', "&apos;"),
        xml.replace('"', "&quot;").replace('\'', "&#39;"),
        escaped,
        percent("-._~"),
        percent(""),
        percent("-._~ ").replace(' ', "+"),
        percent("-._* ").replace(' ', "+"),
    ];
    let texts = [
        secret.to_owned(),
        format!("{secret}:"),
        format!("{KEY}:{PASSWORD}"),
        format!(":{secret}"),
    ];
    for text in texts {
        forms.push(STANDARD.encode(&text));
        forms.push(URL_SAFE.encode(&text));
    }
    forms
}

fn folder(name: &str) -> Folder {
    let files = [("specs/vault.yaml", SPEC), ("scenarios/vault.yaml", SCENARIOS)];
    Folder::new(name, &files)
}

/// The code, and all that the runner says.
fn run(folder: &Folder, arguments: &[&str]) -> (Option<i32>, String) {
    let mut command = folder.runner(arguments);
    let command = command.env("VAULT_KEY", KEY).env("VAULT_PASSWORD", PASSWORD);
    let Output { status, stdout, stderr } = command.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    (status.code(), format!("{}{}", text(stdout), text(stderr)))
}

fn assert_silent(name: &str, text: &str) {
    for secret in [KEY, PASSWORD] {
        for form in forms(secret) {
            if let Some(at) = text.find(&form) {
                let before: Vec<char> = text[..at].chars().rev().take(300).collect();
                let before: String = before.into_iter().rev().collect();
                let around: String = before.chars().chain(text[at..].chars().take(300)).collect();
                assert!(!text.contains(&form), "{name} has {form:?}:\n{around}");
            }
        }
    }
}

/// The tokens that the mock makes in a session; they are the same in each, since the seed is.
fn tokens(folder: &Folder) -> Vec<String> {
    let open = SCENARIOS.replace(", mask: true", "");
    let file = folder.0.join("open.yaml");
    fs::write(&file, open).unwrap();
    let report = format!("json={}", folder.0.join("open.json").display());
    let (code, said) = run(folder, &["run", "open.yaml", "what is captured", "--report", &report]);
    assert_eq!(code, Some(1), "{said}");
    let report: serde_json::Value =
        serde_json::from_slice(&fs::read(folder.0.join("open.json")).unwrap()).unwrap();
    let mut tokens = Vec::new();
    for step in report["trials"][0]["steps"].as_array().unwrap() {
        let body: serde_json::Value =
            serde_json::from_str(step["response"]["body"].as_str().unwrap()).unwrap();
        tokens.push(body["token"].as_str().unwrap().to_owned());
    }
    tokens
}

#[test]
fn no_report_has_a_secret() {
    let folder = folder("secrets");
    // The second is one that nobody captures, and shows that these are what would be seen.
    let tokens = tokens(&folder);
    assert_eq!(tokens.len(), 2);
    let kinds = ["junit", "json", "html", "tap", "markdown"];
    let mut arguments = vec!["run".to_owned(), "--format".to_owned(), "pretty".to_owned()];
    for kind in kinds {
        arguments.extend(["--report".to_owned(), format!("{kind}=report.{kind}")]);
    }
    arguments.extend(["--report", "github", "--retries", "1"].map(str::to_owned));
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let (code, terminal) = run(&folder, &arguments);
    assert_eq!(code, Some(1), "{terminal}");
    assert!(terminal.contains("::error"), "{terminal}");
    let mut all: Vec<(&str, String)> = vec![("terminal", terminal)];
    for kind in kinds {
        let text = fs::read_to_string(folder.0.join(format!("report.{kind}"))).unwrap();
        all.push((kind, text));
    }
    let with = |more: &[&str]| run(&folder, more).1;
    all.push(("colours", with(&["run", "--color", "always"])));
    all.push(("libtest json", with(&["run", "--format", "json"])));
    all.push(("coverage", with(&["coverage"])));
    all.push(("coverage json", with(&["coverage", "--format", "json"])));
    all.push(("compare", with(&["compare", "--left", "mock", "--right", "mock"])));
    let json = ["compare", "--left", "mock", "--right", "mock", "--format", "json"];
    all.push(("compare json", with(&json)));
    all.push(("check", with(&["check"])));
    all.push(("list", with(&["run", "--list"])));
    for (name, text) in &all {
        assert!(!text.is_empty(), "{name}");
        assert_silent(name, text);
    }
    let report: serde_json::Value = serde_json::from_str(&all[2].1).unwrap();
    let mut curls = Vec::new();
    for trial in report["trials"].as_array().unwrap() {
        let failed = trial["verdict"] == "failed";
        let is_masked = trial["name"].as_str().unwrap().contains("captured and masked");
        assert!(failed || trial["name"].as_str().unwrap().contains("passing"), "{trial:#}");
        assert!(!is_masked || !trial.to_string().contains(&tokens[0]), "{trial:#}");
        for step in trial["steps"].as_array().unwrap() {
            curls.push(step["request"]["curl"].as_str().unwrap_or_default().to_owned());
        }
    }
    let curls = curls.join("\n");
    for part in [
        "Authorization: Basic '\"$(printf %s \"${VAULT_KEY}:\" | base64 -w0)\"",
        "Authorization: Basic '\"$(printf %s \"${VAULT_KEY}:${VAULT_PASSWORD}\" | base64 -w0)\"",
        "Authorization: Bearer '\"${VAULT_KEY}\"",
        "\"$(printf %s \"${VAULT_KEY}\" | jq -sRr @uri)\"",
        "\"$(printf %s \"${VAULT_PASSWORD}\" | jq -sR . | sed 's/^.//;s/.$//')\"",
        "it is '\"${TOKEN}\"'",
    ] {
        assert!(curls.contains(part), "no command has {part}:\n{curls}");
    }
}

const BODIES: &str = r#"
counterpart: 1
vendor: vault
variables:
  key: "${ env.VAULT_KEY }"
  password: "${ env.VAULT_PASSWORD }"
scenarios:
  - name: what comes
    rows: [{path: latin}, {path: utf16}, {path: binary}, {path: huge}, {path: half}, {path: garbage}, {path: chunk}]
    steps:
      - request: {method: GET, path: "/${path}", headers: {X-Key: "${key}", X-Password: "${password}"}}
        expect: {status: 200, text: "nothing of ${key}"}
        allowUndocumented: true
  - name: what is sent
    steps:
      - request: {method: POST, path: /, text: "\0${password} ${key}\0"}
        allowUndocumented: true
      - request: {method: POST, path: /, text: "${ 'x' * 98305 }${key}"}
        allowUndocumented: true
      - request: {method: POST, path: /, text: "${ 'x' * 262140 }${key}${key}"}
        expect: {text: {$contains: "${password}"}}
        allowUndocumented: true
"#;

/// Answers with the secrets in forms that are not text in UTF-8, or cut in the middle.
fn odd_bodies() -> Canned {
    Canned::behaving(|stream, request| {
        let head = String::from_utf8_lossy(request).into_owned();
        let path = head.split([' ', '?']).nth(1).unwrap_or_default().rsplit('/').next();
        let text = format!("{KEY} and {PASSWORD}");
        let latin = |text: &str| -> Vec<u8> { text.chars().map(|c| c as u8).collect() };
        let plain = [("Content-Type", "text/plain")];
        let halved = &KEY[..KEY.len() - 2];
        let answer = match path.unwrap_or_default() {
            "latin" => whole("200 OK", &plain, &latin(&format!("\u{e4} {text}"))),
            "utf16" => {
                let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
                whole("200 OK", &plain, &[b"\xff\xfe", &*utf16].concat())
            }
            "binary" => whole("200 OK", &plain, &[b"\xff", text.as_bytes(), b"\xff"].concat()),
            // The limit of a report lies in the middle of the second one.
            "huge" => {
                let huge = format!("{KEY}{}{KEY}{}{KEY}", "x".repeat(262_115), "y".repeat(300_000));
                whole("200 OK", &plain, huge.as_bytes())
            }
            "half" => format!("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{halved}").into_bytes(),
            "garbage" => format!("no HTTP but a key, which is {KEY}\r\n\r\n").into_bytes(),
            "chunk" => format!(
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nno size but a key, which {KEY}\r\n"
            )
            .into_bytes(),
            _ => whole("200 OK", &plain, b"thank you"),
        };
        stream.write_all(&answer).ok();
    })
}

/// All texts of a JSON document, and what is in base64 in them, read byte by byte.
fn texts(value: &serde_json::Value, found: &mut Vec<String>) {
    match value {
        serde_json::Value::String(text) => {
            found.push(text.clone());
            let words = text.split([' ', '\'']).filter(|word| word.len() > 3);
            let decoded = words.filter_map(|word| STANDARD.decode(word).ok());
            for bytes in decoded {
                found.push(String::from_utf8_lossy(&bytes).into_owned());
                found.push(bytes.into_iter().map(char::from).collect());
            }
        }
        serde_json::Value::Array(items) => items.iter().for_each(|item| texts(item, found)),
        serde_json::Value::Object(map) => map.values().for_each(|value| texts(value, found)),
        _ => {}
    }
}

#[test]
fn no_body_has_a_secret_whatever_it_is() {
    let folder = folder("secret-bodies");
    fs::write(folder.0.join("bodies.yaml"), BODIES).unwrap();
    let server = odd_bodies();
    let target = format!("vault={}/v1", server.url());
    let kinds = ["junit", "json", "html", "tap", "markdown"];
    let mut arguments: Vec<String> =
        ["run", "bodies.yaml", "--target", &target, "--report", "github"]
            .map(str::to_owned)
            .to_vec();
    for kind in kinds {
        arguments.extend(["--report".to_owned(), format!("{kind}=report.{kind}")]);
    }
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let (code, terminal) = run(&folder, &arguments);
    assert_eq!(code, Some(1), "{terminal}");
    let asked = server.asked();
    assert_eq!(asked.len(), 10, "{asked:?}");
    let read = |kind: &str| fs::read_to_string(folder.0.join(format!("report.{kind}"))).unwrap();
    let json = read("json");
    let report: serde_json::Value = serde_json::from_str(&json).unwrap();
    let mut all = vec![terminal];
    all.extend(kinds.map(read));
    texts(&report, &mut all);
    for text in &all {
        assert_silent("a report", text);
        for (secret, part) in [(KEY, 6), (PASSWORD, 6)] {
            let part: String = secret.chars().take(part).collect();
            assert!(!text.contains(&part), "a report has {part:?} of {secret:?}:\n{text:.2000}");
            let wide: String = part.chars().flat_map(|c| [c, '\0']).collect();
            assert!(!text.contains(&wide), "a report has {part:?} of {secret:?} in UTF-16");
        }
    }
    let curls: Vec<&str> = report["trials"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|trial| trial["scenario"] == "what is sent")
        .flat_map(|trial| trial["steps"].as_array().unwrap())
        .map(|step| step["request"]["curl"].as_str().unwrap())
        .collect();
    assert!(
        curls[0].starts_with("{ printf %s 'AA==' | base64 -d; printf %s \"${VAULT_PASSWORD}\"; ")
    );
    assert!(
        curls[1].contains(" | base64 -d; printf %s \"${VAULT_KEY}\"; } | curl "),
        "{:.99}",
        curls[1]
    );
    assert!(
        curls[2].contains(" --data-binary @body  # body: a file with the 262178 bytes"),
        "{}",
        curls[2]
    );
    // Of what is large there is a part, and it is said how much.
    let note = "shortened: 262144 of ";
    assert!(json.contains(&format!("\"bodyNote\": \"{note}")), "no body is shortened");
    assert!(json.len() < 6 * 1024 * 1024, "{}", json.len());
}
