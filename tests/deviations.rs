//! Servers that deviate from the spec, and requests as they go over the wire.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod support;

use std::io::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use counterpart::Source;
use counterpart::unstable::check::check_sources;
use counterpart::unstable::check::scenario::{Options as Strictness, check_source};
use counterpart::unstable::run::event::{MismatchKind, TrialResult, Verdict};
use counterpart::unstable::run::{Options, Runner, Target};
use support::canned::{Canned, whole};

const SPEC: &str = r#"
counterpart: 1
vendor: library
servers: [{url: "https://library.example/v1"}]
mediaTypes:
  application/json: {wire: json, contentType: application/json; charset=utf-8, evidence: documented}
  application/xml: {wire: xml}
  application/x-www-form-urlencoded: {wire: form}
consumes: [application/json, application/xml, application/x-www-form-urlencoded]
produces: [application/json]
collections:
  keys:
    key: id
    schema: {type: object, properties: {id: {type: string}, password: {type: string}}}
    fixtures: [{id: ann, password: "p w"}]
components:
  securitySchemes:
    basic: {type: http, scheme: basic, colon: required, keys: {collection: keys, field: id, password: password}}
    parameter: {type: apiKey, in: parameter, name: api_key, keys: {collection: keys, field: id}}
errors:
  Gone: {status: 410}
soapServices:
  desk: {path: /desk.asmx, namespace: "urn:desk", versions: ["1.1", "1.2"]}
operations:
  - operationId: read
    method: GET
    path: /books/{id}
    parameters:
      - {name: id, in: path, schema: {type: string, error: Gone}}
      - {name: tags, in: query, explode: false, schema: {type: array, items: {type: string}}}
    security: [{basic: []}]
    steps: [{respond: {status: 200, body: {id: 1, kind: a}}}]
    responses:
      200:
        schema:
          type: object
          required: [id]
          properties: {id: {type: integer}, kind: {type: [string, "null"], enum: [a, b]}}
          additionalProperties: false
  - operationId: list
    method: GET
    path: /list
    produces: [application/xml]
    steps: [{respond: {status: 200, body: {item: [1]}}}]
    responses:
      200:
        schema:
          xml: {name: list, namespace: "urn:list"}
          type: object
          required: [item]
          properties: {item: {type: array, items: {type: integer}}}
          additionalProperties: false
  - operationId: Renew
    bindings:
      - {method: GET, path: /renew, parametersIn: query}
      - {method: POST, path: /renew, parametersIn: form}
      - {soap: desk}
    parameters:
      - {name: book_id, schema: {type: integer}}
      - {name: api_key, schema: {type: string}}
    security: [{parameter: []}]
    steps: [{respond: {status: 200, body: {success: true}}}]
    produces: [application/xml]
    responses:
      200: {schema: {type: object, required: [success], properties: {success: {type: boolean}}, xml: {name: renewed}}}
  - operationId: create
    method: POST
    path: /books
    requestBody: {schema: {type: object, properties: {title: {type: string}}, xml: {name: book, namespace: "urn:book"}}}
    steps: [{respond: {status: 201}}]
"#;

fn run_with(url: &str, step: &str, options: Options) -> TrialResult {
    let head = "authenticate: {basic: ann, parameter: ann}\n";
    run_against(SPEC, url, &format!("{head}scenarios:\n  - name: x\n    steps:\n"), step, options)
}

fn run_against(spec: &str, url: &str, head: &str, step: &str, options: Options) -> TrialResult {
    let service = match check_sources(&[Source::new("library", spec)]) {
        Ok(checked) => Arc::new(checked.service),
        Err(found) => panic!("{found:#?}"),
    };
    let text = format!("counterpart: 1\nvendor: library\n{head}      - {step}\n");
    let source = Source::new("deviations.yaml", text);
    let suite = match check_source(&source, &service, Strictness::RUN) {
        Ok(checked) => checked.suite,
        Err(found) => panic!("{found:#?}"),
    };
    let target = Target::endpoint(&format!("{url}/base/")).unwrap();
    let runner = Runner::new(vec![service], Some(target), options);
    let scenario = &suite.scenarios[0];
    runner.run(&suite, scenario, &scenario.rows[0])
}

fn run(url: &str, step: &str) -> TrialResult {
    run_with(url, step, Options::default())
}

fn messages(result: &TrialResult) -> Vec<String> {
    let all = result.steps.iter().flat_map(|step| &step.mismatches);
    all.map(|m| {
        assert_eq!(m.kind, MismatchKind::Undocumented, "{m:?}");
        m.message.clone()
    })
    .collect()
}

const READ: &str = "call: read\n        with: {path: {id: 1}}";
const SOAP: &str =
    "call: Renew\n        binding: soap 1.2\n        with: {parameters: {book_id: 7}}";

#[test]
fn what_the_spec_does_not_document_is_told() {
    let json = "application/json; charset=UTF-8";
    let xml = "application/xml";
    let soap = |namespace: &str, content: &str| {
        format!(
            "<e:Envelope xmlns:e=\"http://www.w3.org/2003/05/soap-envelope\"><e:Body>\
             <RenewResponse xmlns=\"{namespace}\"><RenewResult>{content}</RenewResult>\
             </RenewResponse></e:Body></e:Envelope>"
        )
    };
    let list = "call: list";
    let right = soap("urn:desk", "<success>true</success>");
    let renamed = soap("urn:other", "<success>true</success>");
    let no_boolean = soap("urn:desk", "<success>yes</success>");
    let cases: Vec<(&str, &str, &str, &str, Vec<&str>)> = vec![
        (READ, "200 OK", json, r#"{"id": 1, "kind": null}"#, vec![]),
        (READ, "410 Gone", json, "", vec![]),
        (READ, "401 Unauthorized", json, "", vec![]),
        (READ, "418 Teapot", json, "", vec!["read documents no status 418, only 200, 401, 410"]),
        (
            READ,
            "200 OK",
            json,
            r#"{"id": "1", "kind": "c", "more": 1}"#,
            vec![
                "`$.id` is of type string, documented is integer",
                "`$.kind` is `c`, documented are a, b",
                "`$.more` is not documented",
            ],
        ),
        (READ, "200 OK", json, "{}", vec!["`$.id` is missing, which the spec requires"]),
        (READ, "200 OK", json, "", vec!["the spec documents a body, and there is none"]),
        (
            READ,
            "200 OK",
            "application/json",
            r#"{"id": 1}"#,
            vec![
                "read documents no answer of the type `application/json`, only application/json; charset=utf-8",
            ],
        ),
        (list, "200 OK", xml, "<p:list xmlns:p='urn:list'><p:item>1</p:item></p:list>", vec![]),
        (
            list,
            "200 OK",
            xml,
            "<list xmlns='urn:other'><item>1</item></list>",
            vec!["the spec documents the element `{urn:list}list`, not `{urn:other}list`"],
        ),
        (
            list,
            "200 OK",
            xml,
            "<list xmlns='urn:list'><item xmlns='urn:x'>1</item><item>x</item></list>",
            vec![
                "`/list/item` is \"x\", documented is integer",
                "`/list/item` is in the namespace `urn:x`, documented is `urn:list`",
            ],
        ),
        (SOAP, "200 OK", "application/soap+xml", &right, vec![]),
        (
            SOAP,
            "200 OK",
            "application/soap+xml",
            &renamed,
            vec![
                "the spec documents the element `{urn:desk}RenewResponse`, not `{urn:other}RenewResponse`",
            ],
        ),
        (
            SOAP,
            "200 OK",
            "application/soap+xml",
            &no_boolean,
            vec![
                "`/Envelope/Body/RenewResponse/RenewResult/success` is \"yes\", documented is boolean",
            ],
        ),
    ];
    for (step, status, media_type, body, expected) in cases {
        let answer = whole(status, &[("Content-Type", media_type)], body.as_bytes());
        let server = Canned::answering(answer);
        assert_eq!(messages(&run(&server.url(), step)), expected, "{status} {body}");
        let allowed = format!("{step}\n        allowUndocumented: true");
        assert!(messages(&run(&server.url(), &allowed)).is_empty());
    }
}

/// The cases of `tests/deviations/answers.yaml`.
#[test]
fn answers_are_held_against_all_that_the_spec_documents() {
    let spec = include_str!("deviations/library.yaml");
    let cases = include_str!("deviations/answers.yaml");
    let cases: Vec<serde_json::Value> = serde_saphyr::from_str(cases).unwrap();
    let head = "scenarios:\n  - name: x\n    steps:\n";
    let mut wrong = Vec::new();
    for case in &cases {
        let text = |name: &str, default: &str| case[name].as_str().unwrap_or(default).to_owned();
        let r#type = text("type", "application/json; charset=utf-8");
        let mut headers = vec![("Content-Type", &*r#type)];
        headers.retain(|(_, value)| !value.is_empty());
        for (name, value) in case["headers"].as_object().into_iter().flatten() {
            headers.push((name, value.as_str().unwrap()));
        }
        // What has escapes in it is bytes.
        let body: Vec<u8> = match case["latin1"].as_bool() {
            Some(true) => text("body", "").chars().map(|c| u8::try_from(c).unwrap()).collect(),
            _ => text("body", "").into_bytes(),
        };
        let answer = whole(&text("status", "200 OK"), &headers, &body);
        let server = Canned::answering(answer);
        let step = text("step", "");
        let result = run_against(spec, &server.url(), head, &step, Options::default());
        let expected: Vec<String> = case["says"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|said| said.as_str().unwrap().to_owned())
            .collect();
        let said = messages(&result);
        if said != expected {
            wrong.push(format!("{}:\n  {}", text("name", ""), said.join("\n  ")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The request without what each has.
fn sent(step: &str) -> String {
    let server = Canned::answering(whole("200 OK", &[], b""));
    run(&server.url(), &format!("{step}\n        allowUndocumented: true"));
    let asked = server.asked().remove(0);
    let own = |line: &&str| !line.starts_with("Host: ") && !line.starts_with("User-Agent: ");
    asked.split("\r\n").filter(own).collect::<Vec<_>>().join("\n")
}

#[test]
fn calls_and_requests_go_over_the_wire_as_the_spec_says() {
    let cases = [
        (
            "call: read\n        with: {path: {id: a/b ü}, query: {tags: [x, y]}}",
            "GET /base/books/a%2Fb%20%C3%BC?tags=x%2Cy HTTP/1.1\nAuthorization: Basic YW5uOnAgdw==\n\
             Accept: application/json\n\n",
        ),
        (
            "call: Renew\n        with: {parameters: {book_id: 7}}",
            "GET /base/renew?api_key=ann&book_id=7 HTTP/1.1\nAccept: application/xml\n\n",
        ),
        (
            "call: Renew\n        authenticate: none\n        binding: POST /renew\n        \
             with: {parameters: {book_id: 7}, headers: {Accept: text/html}}",
            "POST /base/renew HTTP/1.1\nAccept: text/html\n\
             Content-Type: application/x-www-form-urlencoded\nContent-Length: 9\n\nbook_id=7",
        ),
        (
            "call: create\n        authenticate: none\n        mediaType: application/xml\n        \
             with: {body: {title: Pan}}",
            "POST /base/books HTTP/1.1\nContent-Type: application/xml\nAccept: application/json\n\
             Content-Length: 84\n\n<?xml version=\"1.0\"?>",
        ),
    ];
    for (step, expected) in cases {
        let sent = sent(step);
        assert!(sent.starts_with(expected) || sent.contains("<book"), "{step}\n{sent}");
    }
    let xml = sent(
        "call: create\n        authenticate: none\n        mediaType: application/xml\n        \
         with: {body: {title: Pan}}",
    );
    assert!(xml.ends_with("<book xmlns=\"urn:book\"><title>Pan</title></book>"), "{xml}");
    let raw = sent(
        "request:\n          method: BREW\n          path: /a%20b/../c\n          query: {c: d e}\n          \
         headers: {x-OWN: 'ü'}\n          base64: eA==\n        authenticate: none",
    );
    assert_eq!(raw, "BREW /base/a%20b/../c?c=d%20e HTTP/1.1\nx-OWN: ü\nContent-Length: 1\n\nx");
    let soap =
        sent("call: Renew\n        binding: soap 1.1\n        with: {parameters: {book_id: 7}}");
    assert!(soap.contains("SOAPAction: \"urn:deskRenew\"\n"), "{soap}");
    assert!(
        soap.contains(
            "<Renew xmlns=\"urn:desk\"><api_key>ann</api_key><book_id>7</book_id></Renew>"
        ),
        "{soap}"
    );
    let soap = sent(SOAP);
    let content_type =
        "Content-Type: application/soap+xml; charset=utf-8; action=\"urn:deskRenew\"\n";
    assert!(soap.contains(content_type), "{soap}");
}

#[test]
fn the_curl_command_repeats_the_request() {
    if std::process::Command::new("curl").arg("--version").output().is_err() {
        return;
    }
    let server = Canned::answering(whole("200 OK", &[], b""));
    for step in [
        READ,
        SOAP,
        "request:\n          method: PUT\n          path: /a/../b?x\n          headers: {X-Empty: '', X-Quote: \"it's\"}\n          \
         text: '@not a file'\n        allowUndocumented: true",
        "request: {method: POST, path: /, base64: AP8=}\n        allowUndocumented: true",
    ] {
        let result = run(&server.url(), step);
        let command = &result.steps[0].request.as_ref().unwrap().curl;
        let done = std::process::Command::new("sh").args(["-c", command]).output().unwrap();
        assert!(done.status.success(), "{command}\n{done:?}");
    }
    let asked = server.asked();
    let normal = |request: &String| {
        let (head, body) = request.split_once("\r\n\r\n").unwrap();
        let mut lines: Vec<&str> = head.split("\r\n").collect();
        lines.sort_unstable();
        format!("{}\n\n{body}", lines.join("\n"))
    };
    assert_eq!(asked.len(), 8);
    for pair in asked.chunks(2) {
        assert_eq!(normal(&pair[0]), normal(&pair[1]));
    }
}

#[test]
fn what_passes_when_it_is_tried_again_is_flaky() {
    let tries = Arc::new(AtomicUsize::new(0));
    let server = Canned::behaving(move |stream, _| {
        let status = if tries.fetch_add(1, Ordering::Relaxed) == 0 { "410 Gone" } else { "200 OK" };
        stream.write_all(&whole(status, &[("Content-Type", "application/json")], b"{}")).ok();
    });
    let step = "request: {method: GET, path: /}\n        allowUndocumented: true\n        expect: {status: 200}";
    let result = run_with(&server.url(), step, Options { retries: 3, ..Options::default() });
    assert_eq!((result.verdict, result.tries), (Verdict::Flaky, 2));
}
