//! Answers as they come: bytes, content codings, header lines, and what HTTP forbids.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod support;

use std::io::Write as _;
use std::sync::Arc;
use std::time::Duration;

use counterpart::Source;
use counterpart::unstable::check::check_sources;
use counterpart::unstable::check::scenario::{Options as Strictness, check_source};
use counterpart::unstable::run::event::{MismatchKind, TrialResult, Verdict};
use counterpart::unstable::run::{Options, Runner, Target};
use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};
use support::canned::{Canned, whole};

const SPEC: &str = "
counterpart: 1
vendor: library
servers: [{url: https://library.example}]
mediaTypes: {application/json: {wire: json}}
produces: [application/json]
operations:
  - {operationId: read, method: GET, path: /, steps: [{respond: {status: 200}}]}
";

/// One request by a method; `rest` stands beside it.
fn run_by(method: &str, url: &str, rest: &str) -> TrialResult {
    let service = Arc::new(check_sources(&[Source::new("library", SPEC)]).unwrap().service);
    let scenario = format!(
        "counterpart: 1\nvendor: library\nscenarios:\n  - name: x\n    steps:\n      - request: \
         {{method: {method}, path: /}}\n        allowUndocumented: true\n{rest}"
    );
    let path = format!("{}/tests/compare/answers.yaml", env!("CARGO_MANIFEST_DIR"));
    let source = Source::new(path, scenario);
    let suite = match check_source(&source, &service, Strictness::RUN) {
        Ok(checked) => checked.suite,
        Err(found) => panic!("{found:#?}"),
    };
    let options = Options {
        request_timeout: Duration::from_secs(2),
        largest_body: 1024 * 1024,
        ..Options::default()
    };
    let runner = Runner::new(vec![service], Some(Target::endpoint(url).unwrap()), options);
    let scenario = &suite.scenarios[0];
    runner.run(&suite, scenario, &scenario.rows[0])
}

fn messages(result: &TrialResult) -> Vec<String> {
    let all = result.steps.iter().flat_map(|step| &step.mismatches);
    all.map(|mismatch| mismatch.message.clone()).collect()
}

fn expecting(server: &Canned, expect: &str) -> Vec<String> {
    messages(&run_by("GET", &server.url(), &format!("        expect: {expect}\n")))
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn a_body_that_is_not_text_is_expected_as_bytes() {
    let server =
        Canned::answering(whole("200 OK", &[("Content-Type", "image/png")], b"\xff\0\xff"));
    let digest = "b9f6be28a9b0d8ae1e41ae6b2ba2a8b0";
    for (expect, expected) in [
        ("{bytes: {base64: /wD/}}", vec![]),
        ("{bytes: {length: 3}}", vec![]),
        ("{bytes: {length: {$range: [2, 4]}, base64: '/wD/'}}", vec![]),
        (
            "{bytes: {base64: /wD9, length: 4}}",
            vec![
                "the body differs from byte 2 on: ff 00 ff (3 bytes), expected was ff 00 fd (3 \
                 bytes)",
                "`bytes length` is 3, not 4",
            ],
        ),
        (
            "{text: a, body: {a: 1}}",
            vec![
                "the body is not a tree but bytes (image/png), of which `bytes` can be expected: \
                 ff 00 ff (3 bytes)",
                "the body is not a string but bytes (image/png), of which `bytes` can be expected: \
                 ff 00 ff (3 bytes)",
            ],
        ),
        ("{jsonPath: {$.a: 1}}", vec!["the answer is bytes, not JSON"]),
        (
            "{body: {$absent: true}}",
            vec![
                "the body is not a tree but bytes (image/png), of which `bytes` can be expected: \
                 ff 00 ff (3 bytes)",
            ],
        ),
    ] {
        assert_eq!(expecting(&server, expect), expected, "{expect}");
    }
    let said = expecting(&server, &format!("{{bytes: {{sha256: {digest}{digest}}}}}"));
    assert_eq!(said.len(), 1);
    assert!(said[0].starts_with("the SHA-256 of the body is "), "{said:?}");
    let right = said[0].split(' ').nth(6).unwrap().trim_end_matches(',');
    assert_eq!(expecting(&server, &format!("{{bytes: {{sha256: {right}}}}}")), [""; 0]);
    let not_text = whole("200 OK", &[("Content-Type", "text/plain")], b"a\xffb");
    assert_eq!(expecting(&Canned::answering(not_text), "{text: \"a\u{fffd}b\"}").len(), 1);
    let result = run_by("GET", &server.url(), "        capture: {a: {text: true}}\n");
    assert_eq!(messages(&result), ["`a` captures nothing: the body is not text"]);
}

/// RFC 7303 section 3: without a charset a document says its encoding itself.
#[test]
fn the_text_of_a_document_is_in_the_encoding_that_it_declares() {
    let document = b"<?xml version=\"1.0\" encoding=\"windows-1252\"?><a><b>\x80</b></a>";
    let server = Canned::answering(whole("200 OK", &[("Content-Type", "text/xml")], document));
    let expected = "{text: {$contains: <b>\u{20ac}</b>}, body: {a: {b: \u{20ac}}}}";
    assert!(expecting(&server, expected).is_empty(), "{:?}", expecting(&server, expected));
}

#[test]
fn content_codings_are_undone_and_can_be_expected() {
    let json = br#"{"a": "b"}"#;
    for (coding, body) in [
        ("gzip", gzip(json)),
        ("x-gzip", gzip(json)),
        ("deflate", zlib(json)),
        ("deflate, gzip", gzip(&zlib(json))),
        ("identity", json.to_vec()),
    ] {
        let headers = [("Content-Type", "application/json"), ("Content-Encoding", coding)];
        let server = Canned::answering(whole("200 OK", &headers, &body));
        let expect = format!("{{body: {{a: b}}, headers: {{Content-Encoding: '{coding}'}}}}");
        assert_eq!(expecting(&server, &expect), [""; 0], "{coding}");
    }
    let bomb = gzip(&vec![b' '; 2 << 20]);
    for (coding, body, expected) in [
        ("gzip", bomb, "the body is larger than 1048576 bytes when it is decoded"),
        ("gzip", json.to_vec(), "the body is not valid gzip: invalid gzip header"),
        ("zstd", json.to_vec(), "the content coding `zstd` is not one of gzip, deflate and br"),
    ] {
        let headers = [("Content-Type", "application/json"), ("Content-Encoding", coding)];
        let server = Canned::answering(whole("200 OK", &headers, &body));
        let result = run_by("GET", &server.url(), "");
        let expected = format!("the body of the answer cannot be decoded: {expected}");
        assert_eq!(messages(&result), [expected]);
        assert_eq!(result.steps[0].mismatches[0].kind, MismatchKind::Protocol);
    }
}

#[test]
fn headers_have_all_their_lines_everywhere() {
    let headers = [
        ("Set-Cookie", "a=1; Path=/"),
        ("X-Id", "7"),
        ("set-cookie", "b=2; Expires=Wed, 21 Oct 2026 07:28:00 GMT"),
        ("x-id", "8"),
    ];
    let server = Canned::answering(whole("200 OK", &headers, b""));
    for expect in [
        "{headers: {X-Id: '7, 8', x-ID: ['7', '8']}}",
        "{headers: {Set-Cookie: {$contains: {$regex: '^b=2;'}}}}",
        "{headers: {Set-Cookie: {$not: {$contains: {$regex: '^c='}}}}}",
        "{headers: {Set-Cookie: {$length: {$range: [20, 90]}}}}",
        "{headers: {Set-Cookie: {$each: {$regex: '^[ab]='}}}}",
        "{headers: {X-Id: \"${response.headers['x-ID']}\"}}",
        "{headers: {Set-Cookie: \"${response.headers['SET-COOKIE'] | join(', ')}\"}}",
    ] {
        assert_eq!(expecting(&server, expect), [""; 0], "{expect}");
    }
    assert_eq!(
        expecting(&server, "{headers: {Set-Cookie: {$contains: {$regex: '^c='}}, x-id: '7'}}"),
        [
            "`header Set-Cookie` is [\"a=1; Path=/\",\"b=2; Expires=Wed, 21 Oct 2026 07:28:00 \
             GMT\"], not something that contains a string that matches /^c=/; it comes in 2 lines, \
             and `$contains` asks for one of them",
            "`header X-Id` is \"7, 8\", not \"7\"; it comes in 2 lines, and `$contains` asks for \
             one of them",
        ]
    );
    let captures = "        capture:
          b: {header: Set-Cookie, regex: '^b=([^;]*)'}
          ids: {headers: x-id}
          names: {headers: Set-Cookie, regex: '^[^=]+'}
          nothing: {headers: X-None}
          id: {header: X-Id}
      - request: {method: GET, path: '/?${b}-${ids[1]}-${names | join}-${nothing | length}-${id | length}'}
        allowUndocumented: true\n";
    let result = run_by("GET", &server.url(), captures);
    assert_eq!(result.verdict, Verdict::Passed, "{:?}", messages(&result));
    assert!(server.asked()[server.asked().len() - 1].starts_with("GET /?2-8-ab-0-4 "));
}

/// RFC 9112 section 6, RFC 9110 sections 8.6, 9.3.2 and 15.3.
#[test]
fn what_http_forbids_is_a_failure_of_its_own() {
    for (method, answer, expected) in [
        (
            "GET",
            "204 No Content\r\n\r\nhello",
            "it has the status 204, and a body (5 bytes have come)",
        ),
        (
            "GET",
            "204 No Content\r\nContent-Length: 5\r\n\r\nhello",
            "it has the status 204, which has no body, and Content-Length: 5",
        ),
        (
            "GET",
            "204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "it has the status 204, which has no body, and Transfer-Encoding: chunked",
        ),
        (
            "GET",
            "304 Not Modified\r\nContent-Length: 5\r\n\r\nhello",
            "it has the status 304, and a body (5 bytes have come)",
        ),
        (
            "GET",
            "205 Reset Content\r\nContent-Length: 2\r\n\r\nhi",
            "it has the status 205, which has no body, and 2 bytes",
        ),
        (
            "HEAD",
            "200 OK\r\nContent-Length: 5\r\n\r\nhello",
            "it answers HEAD, and has a body (5 bytes have come)",
        ),
        (
            "GET",
            "200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
            "it has Content-Length, and Transfer-Encoding: chunked",
        ),
        (
            "GET",
            "200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
            "it has Transfer-Encoding: gzip, chunked, which the request did not ask for",
        ),
        (
            "GET",
            "200 OK\r\nContent-Length: 2\r\n\r\nhello",
            "Content-Length is 2, and at least 3 bytes more have come",
        ),
        (
            "GET",
            "200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nhello",
            "at least 5 bytes have come behind its end",
        ),
    ] {
        let server = Canned::answering(format!("HTTP/1.1 {answer}").into_bytes());
        let result = run_by(method, &server.url(), "");
        let expected = format!("the answer breaks the rules of HTTP/1.1: {expected}");
        assert_eq!(messages(&result), [expected], "{answer}");
        assert_eq!(result.steps[0].mismatches[0].kind, MismatchKind::Protocol);
        assert!(result.steps[0].response.is_some());
    }
    let old =
        Canned::answering(&b"HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"[..]);
    let said = messages(&run_by("GET", &old.url(), ""));
    assert!(said[0].ends_with("it is HTTP/1.0, and has Transfer-Encoding: chunked"), "{said:?}");
    // The head in one packet, the body in another.
    for connection in ["close", "keep-alive"] {
        let server = Canned::behaving(move |stream, _| {
            let head = format!("HTTP/1.1 204 No Content\r\nConnection: {connection}\r\n\r\n");
            stream.write_all(head.as_bytes()).ok();
            stream.flush().ok();
            std::thread::yield_now();
            stream.write_all(b"late").ok();
        });
        let said = messages(&run_by("GET", &server.url(), ""));
        assert!(said.len() == 1 && said[0].contains("and a body"), "{said:?}");
    }
    for fine in [
        "204 No Content\r\nContent-Length: 0\r\n\r\n",
        "304 Not Modified\r\nContent-Length: 5\r\n\r\n",
        "200 OK\r\nContent-Length: 2, 2\r\n\r\nhi",
        "200 OK\r\nConnection: close\r\n\r\nhello",
    ] {
        let server = Canned::answering(format!("HTTP/1.1 {fine}").into_bytes());
        assert_eq!(messages(&run_by("GET", &server.url(), "")), [""; 0], "{fine}");
    }
    let head = Canned::answering(&b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"[..]);
    assert_eq!(messages(&run_by("HEAD", &head.url(), "")), [""; 0]);
}

#[test]
fn in_an_expectation_the_response_is_that_of_the_step() {
    let headers = [("Content-Type", "application/json")];
    let server = Canned::answering(whole("200 OK", &headers, br#"{"url": "/a", "copy": "/a"}"#));
    let expect = "{jsonPath: {$.url: '${response.body.copy}'}, status: '${response.status}'}";
    assert_eq!(expecting(&server, expect), [""; 0]);
    let wrong = expecting(&server, "{jsonPath: {$.url: '${response.body.url}x'}}");
    assert_eq!(wrong, ["`$.url` is \"/a\", not \"/ax\""]);
}

#[test]
fn of_a_long_list_as_much_is_told_as_can_be_read() {
    let many = vec!["1"; 100_000].join(",");
    for (body, expected, last) in [
        (format!("[{many}]"), "[]", "`$` has 99900 more items, which were not compared"),
        (
            format!("[{many}]"),
            "{$each: {$type: string}}",
            "`$` has 99900 more items, which were not compared",
        ),
        (format!("[{many}]"), "[2, 2, 2]", "`$` has 99900 more items, which were not compared"),
        (
            format!(
                "{{{}}}",
                (0..5_000).map(|n| format!("\"m{n}\":1")).collect::<Vec<_>>().join(",")
            ),
            "{}",
            "`$` has 4900 more members, which were not compared",
        ),
    ] {
        let headers = [("Content-Type", "application/json")];
        let server = Canned::answering(whole("200 OK", &headers, body.as_bytes()));
        let told = expecting(&server, &format!("{{body: {expected}}}"));
        assert_eq!(told.len(), 101, "{expected}");
        assert_eq!(told[100], last);
    }
}
