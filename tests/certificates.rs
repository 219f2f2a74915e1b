//! Which certificates of endpoints are trusted: the runner as it is started, against a server with
//! TLS.
#![cfg(feature = "tls")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rcgen::{BasicConstraints, CertificateParams, IsCa, KeyPair};
use rustls::pki_types::PrivateKeyDer;

const SPEC: &str = "
counterpart: 1
vendor: library
servers: [{url: https://library.example}]
operations:
  - {operationId: read, method: GET, path: /, steps: [{respond: {status: 200}}]}
";

const SCENARIO: &str = "
counterpart: 1
vendor: library
scenarios:
  - {name: one request, steps: [{call: read, expect: {status: 200}}]}
";

/// A certificate that is signed by itself: with its name, PEM, and a server that has it. The
/// server answers for as long as the process is there.
struct Site {
    url: String,
    pem: String,
}

fn site(name: &str, is_ca: IsCa, ends: i32) -> Site {
    let mut parameters = CertificateParams::new(vec![name.to_owned()]).unwrap();
    parameters.is_ca = is_ca;
    parameters.not_after = rcgen::date_time_ymd(ends, 1, 1);
    let key = KeyPair::generate().unwrap();
    let certificate = parameters.self_signed(&key).unwrap();
    let text = STANDARD.encode(certificate.der());
    let pem = format!("-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----\n");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let secret = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], secret)
        .unwrap();
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://localhost:{}", listener.local_addr().unwrap().port());
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let session = rustls::ServerConnection::new(config.clone()).unwrap();
            let mut stream = rustls::StreamOwned::new(session, stream);
            // Who does not trust the certificate sends nothing.
            if matches!(stream.read(&mut [0; 4096]), Ok(1..)) {
                let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
                stream.write_all(answer).ok();
                stream.conn.send_close_notify();
                stream.flush().ok();
            }
        }
    });
    Site { url, pem }
}

struct Outcome {
    passed: bool,
    said: String,
    warned: String,
    report: String,
}

fn run(test: &str, url: &str, trusted: &str, more: &[&str]) -> Outcome {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("certificates-{test}"));
    fs::create_dir_all(folder.join("specs")).unwrap();
    fs::write(folder.join("specs/library.yaml"), SPEC).unwrap();
    fs::write(folder.join("one.yaml"), SCENARIO).unwrap();
    fs::write(folder.join("trusted.pem"), trusted).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_counterpart-test"))
        .args(["run", "one.yaml", "--report", "json=report.json", "--target"])
        .arg(format!("library={url}"))
        .args(more)
        .env("SSL_CERT_FILE", folder.join("trusted.pem"))
        .current_dir(&folder)
        .output()
        .unwrap();
    let outcome = Outcome {
        passed: output.status.success(),
        said: String::from_utf8(output.stdout).unwrap(),
        warned: String::from_utf8(output.stderr).unwrap(),
        report: fs::read_to_string(folder.join("report.json")).unwrap(),
    };
    fs::remove_dir_all(&folder).unwrap();
    outcome
}

fn authority() -> IsCa {
    IsCa::Ca(BasicConstraints::Unconstrained)
}

#[test]
fn a_certificate_in_the_file_is_trusted_as_it_is() {
    for (test, is_ca) in [("authority", authority()), ("server", IsCa::ExplicitNoCa)] {
        let site = site("localhost", is_ca, 4000);
        let outcome = run(test, &site.url, &site.pem, &[]);
        assert!(outcome.passed, "{test}: {}", outcome.said);
        assert!(!outcome.report.contains("insecure"), "{}", outcome.report);
    }
}

#[test]
fn what_is_not_in_the_file_is_not_trusted() {
    let other = site("localhost", authority(), 4000);
    for (test, name, ends, own, why) in [
        ("other", "localhost", 4000, false, "SSL_CERT_FILE"),
        ("name", "elsewhere.example", 4000, true, "not valid for name"),
        ("expired", "localhost", 2001, true, "expired"),
    ] {
        let site = site(name, authority(), ends);
        let trusted = if own { &site.pem } else { &other.pem };
        let outcome = run(test, &site.url, trusted, &[]);
        assert!(!outcome.passed, "{test}");
        assert!(outcome.said.contains(why), "{test}: {}", outcome.said);
    }
}

#[test]
fn insecure_takes_any_and_says_so() {
    let other = site("localhost", authority(), 4000);
    let site = site("elsewhere.example", authority(), 2001);
    let outcome = run("insecure", &site.url, &other.pem, &["--insecure"]);
    assert!(outcome.passed, "{}", outcome.said);
    assert!(outcome.warned.contains("warning: --insecure: no certificate is verified"));
    assert!(outcome.report.contains("(insecure: its certificate is not verified)"));
}
