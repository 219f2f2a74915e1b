//! Certificates that the mock makes itself.

use crate::folder;
use crate::support::serving::Serving;
use crate::tool::{curl, tool};

#[test]
fn curl_gets_a_certificate_for_each_name_and_the_version_that_it_asks_for() {
    let folder = folder("tls-curl");
    let mock = Serving::start(&folder, &["--tls", "--tls-ca-out", "ca.pem"]);
    let authority = folder.0.join("ca.pem");
    let authority = authority.to_str().unwrap();
    let url = mock.lines[0].split_once('\t').unwrap().1;
    assert!(url.starts_with("https://127.0.0.1:"), "{url}");
    let port = mock.address().port();
    let listed = format!("{url}/books");
    let Some((_, http2, told)) = curl(&["--cacert", authority, &listed]) else { return };
    // curl asks for both, and the mock prefers the newer one.
    assert!(http2.starts_with("HTTP/2 200"), "{http2}{told}");
    assert!(http2.ends_with(&format!(r#"{{"at":"{url}"}}"#)), "{http2}");
    let (_, http1, told) = curl(&["--http1.1", "--cacert", authority, &listed]).unwrap();
    assert!(http1.starts_with("HTTP/1.1 200"), "{http1}{told}");
    for name in ["localhost", "api.library.example", "XN--BCHER-KVA.example"] {
        let listed = format!("https://{name}:{port}/library/v1/books");
        let resolve = format!("{name}:{port}:127.0.0.1");
        let arguments = ["--cacert", authority, "--resolve", &resolve, &listed];
        let (_, answer, told) = curl(&arguments).unwrap();
        assert!(answer.starts_with("HTTP/2 200"), "{name}: {answer}{told}");
    }
    let (code, _, told) = curl(&[&listed]).unwrap();
    assert_eq!(code, Some(60), "{told}");
}

#[test]
fn openssl_verifies_the_chain_and_agrees_on_a_version() {
    let folder = folder("tls-openssl");
    let mock = Serving::start(&folder, &["--tls", "--tls-ca-out", "ca.pem"]);
    let authority = folder.0.join("ca.pem");
    let address = mock.address().to_string();
    let connect = |alpn: &str, more: &[&str]| {
        let arguments = ["s_client", "-connect", &address, "-CAfile", authority.to_str().unwrap()];
        let name = ["-servername", "a.example", "-verify_hostname", "a.example"];
        let strict = ["-verify_return_error", "-x509_strict", "-alpn", alpn];
        tool("openssl", &[&arguments[..], &name, &strict, more].concat())
    };
    let Some((code, said, told)) = connect("h2,http/1.1", &[]) else { return };
    assert_eq!(code, Some(0), "{told}");
    assert!(said.contains("Verify return code: 0 (ok)"), "{said}{told}");
    assert!(said.contains("ALPN protocol: h2"), "{said}");
    let (_, said, _) = connect("http/1.1", &["-tls1_2"]).unwrap();
    assert!(said.contains("ALPN protocol: http/1.1") && said.contains("TLSv1.2"), "{said}");
    // RFC 7301 section 3.2: with no version in common there is no connection.
    let (code, _, told) = connect("spdy/3", &[]).unwrap();
    assert_ne!(code, Some(0));
    assert!(told.contains("no application protocol"), "{told}");
}

#[test]
fn the_runner_trusts_the_authority_of_a_file() {
    let folder = folder("tls-runner");
    let mock = Serving::start(&folder, &["--tls", "--tls-ca-out", "ca.pem"]);
    let url = mock.lines[0].split_once('\t').unwrap().1;
    let target = format!("library={url}");
    let base = format!("https://localhost:{}", mock.address().port());
    let endpoint = ["run", "one.yaml", "--target", &target];
    let (code, said, told) = folder.run(&[&endpoint[..], &["--cacert", "ca.pem"]].concat());
    assert_eq!(code, Some(0), "{said}{told}");
    // As a mock whose control plane is used.
    let running = ["run", "one.yaml", "--base-url", &base, "--cacert", "ca.pem"];
    let (code, said, told) = folder.run(&running);
    assert_eq!(code, Some(0), "{said}{told}");
    let (code, said, _) = folder.run(&endpoint);
    assert_ne!(code, Some(0));
    assert!(said.contains("not signed by a trusted authority; --cacert FILE"), "{said}");
}

#[test]
fn without_a_file_the_authority_is_on_stderr() {
    let folder = folder("tls-stderr");
    let mut mock = Serving::start(&folder, &["--tls"]);
    let (code, told) = mock.stop("-TERM");
    assert_eq!(code, Some(0), "{told}");
    let begun = told.find("-----BEGIN CERTIFICATE-----\n").unwrap();
    let ends = told.find("-----END CERTIFICATE-----\n").unwrap();
    assert!(begun < ends && told[begun..ends].lines().all(|line| line.len() <= 64), "{told}");
}
