//! Certificates of clients: what a spec makes of them.

use crate::SCENARIO;
use crate::made::{Authority, Made};
use crate::support::client::Client;
use crate::support::folder::Folder;
use crate::support::serving::Serving;
use crate::tool::curl;

/// A vendor that asks for a certificate.
const SPEC: &str = "
counterpart: 1
vendor: library
servers: [{url: https://library.example/v1}]
mediaTypes:
  application/json: {wire: json}
errors:
  NoCertificate: {status: 401, body: {code: missing}}
  Unknown: {status: 403, body: {code: unknown}}
  Ended: {status: 403, body: {code: ended}}
components:
  securitySchemes:
    certificate:
      type: mutualTLS
      keys: {collection: clients, field: name, permissions: permissions}
      errors: {missing: NoCertificate, unknown: Unknown, expired: Ended}
    host:
      type: mutualTLS
      by: dnsName
      keys: {collection: clients, field: host}
      errors: {missing: NoCertificate, unknown: Unknown}
security:
  - certificate: []
collections:
  clients:
    key: id
    schema:
      type: object
      properties:
        id: {type: integer}
        name: {type: string}
        host: {type: string}
        permissions: {type: array, items: {type: string}}
    fixtures: [{id: 1, name: alice, host: alice.example, permissions: [read]}]
operations:
  - operationId: read
    method: GET
    path: /books
    steps:
      - respond: {status: 200, body: {who: '${credential.name}'}}
  - operationId: by_host
    method: GET
    path: /host
    security: [{host: []}]
    steps:
      - respond: {status: 200, body: {who: '${credential.host}'}}
  - operationId: forbidden
    method: GET
    path: /forbidden
    security: [{certificate: [write]}]
    steps:
      - respond: {status: 200}
";

fn write(folder: &Folder, name: &str, made: &Made) {
    folder.write(&format!("{name}.pem"), &made.certificate);
    folder.write(&format!("{name}.key"), &made.key);
}

fn start(name: &str) -> (Folder, Serving) {
    let folder = Folder::new(name, &[("specs/library.yaml", SPEC), ("one.yaml", SCENARIO)]);
    let (known, foreign) = (Authority::new("known"), Authority::new("foreign"));
    folder.write("clients.pem", &known.certificate);
    write(&folder, "alice", &known.sign("alice", "alice.example", 4000));
    write(&folder, "bob", &known.sign("bob", "bob.example", 4000));
    write(&folder, "ended", &known.sign("alice", "alice.example", 2001));
    write(&folder, "foreign", &foreign.sign("alice", "alice.example", 4000));
    let arguments = ["--tls", "--tls-ca-out", "ca.pem", "--tls-client-ca", "clients.pem"];
    let mock = Serving::start(&folder, &arguments);
    (folder, mock)
}

#[test]
fn a_spec_says_what_becomes_of_a_certificate() {
    let (folder, mock) = start("tls-clients");
    let path = |name: &str| folder.0.join(name).to_str().unwrap().to_owned();
    let origin = format!("https://localhost:{}", mock.address().port());
    let ask = |who: &str, at: &str, more: &[&str]| {
        let (authority, url) = (path("ca.pem"), format!("{origin}{at}"));
        let (certificate, key) = (path(&format!("{who}.pem")), path(&format!("{who}.key")));
        let shown = ["--cert", &certificate, "--key", &key];
        let shown = if who.is_empty() { &[][..] } else { &shown };
        let all = [&["--cacert", &authority, &url], shown, more].concat();
        curl(&all).map(|(_, said, told)| said + &told)
    };
    for (who, at, status, body, why) in [
        ("alice", "/books", 200, r#"{"who":"alice"}"#, None),
        ("", "/books", 401, r#"{"code":"missing"}"#, Some("no certificate was presented")),
        ("bob", "/books", 403, r#"{"code":"unknown"}"#, Some("the key is unknown")),
        ("ended", "/books", 403, r#"{"code":"ended"}"#, Some("the certificate has expired")),
        (
            "foreign",
            "/books",
            403,
            r#"{"code":"unknown"}"#,
            Some("the certificate is not accepted: no authority that is trusted signed it"),
        ),
        ("alice", "/host", 200, r#"{"who":"alice.example"}"#, None),
        ("alice", "/forbidden", 403, "", Some("the key lacks a permission")),
    ] {
        for more in [&["--http1.1"][..], &["--http2"], &["--tls-max", "1.2"]] {
            let Some(answer) = ask(who, &format!("/library/v1{at}"), more) else { return };
            let first = answer.lines().next().unwrap_or_default();
            assert!(first.contains(&format!(" {status}")), "{who}: {answer}");
            assert!(answer.ends_with(body), "{who}: {answer}");
        }
        let Some(why) = why else { continue };
        let journal = ask("", "/_counterpart/requests?limit=1", &[]).unwrap();
        assert!(journal.contains(why), "{who}: {journal}");
        assert!(journal.contains(r#""url":"https://localhost"#), "{journal}");
    }
}

#[test]
fn the_runner_shows_a_certificate() {
    let (folder, mock) = start("tls-runner-clients");
    let url = format!("https://localhost:{}", mock.address().port());
    let target = format!("library={url}/library/v1");
    for (place, address) in [("--base-url", &url), ("--target", &target)] {
        for (arguments, passes) in [
            (&["--cert", "alice.pem", "--key", "alice.key"][..], true),
            (&["--cert", "bob.pem", "--key", "bob.key"], false),
            (&["--cert", "library=alice.pem", "--key", "library=alice.key"], place == "--target"),
            (&["--cert", "other=alice.pem", "--key", "other=alice.key"], false),
            (&[], false),
        ] {
            let run = ["run", "one.yaml", "--cacert", "ca.pem", place, address];
            let (code, said, told) = folder.run(&[&run[..], arguments].concat());
            assert_eq!(code == Some(0), passes, "{place} {arguments:?}: {said}{told}");
            assert!(passes || said.contains("40"), "{place} {arguments:?}: {said}{told}");
        }
    }
}

#[test]
fn without_tls_it_is_said_why_there_is_no_certificate() {
    let folder = Folder::new("tls-clients-plain", &[("specs/library.yaml", SPEC)]);
    let mock = Serving::start(&folder, &[]);
    let mut client = Client::new(mock.address());
    assert_eq!(client.send("GET", "/library/v1/books", &[], "").status, 401);
    let journal = client.send("GET", "/_counterpart/requests?limit=1", &[], "");
    let why = "no certificate was presented, since the request came without TLS";
    assert!(journal.text().contains(why), "{}", journal.text());
}
