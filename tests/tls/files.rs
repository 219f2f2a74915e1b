//! Certificates and keys of files, and what can be wrong with them.

use crate::folder;
use crate::made::Authority;
use crate::support::folder::Folder;
use crate::support::serving::{Serving, command};
use crate::tool::curl;

fn files(name: &str) -> Folder {
    let folder = folder(name);
    let authority = Authority::new("an authority");
    let own = authority.sign("a", "localhost", 4000);
    let other = authority.sign("b", "b.example", 4000);
    folder.write("authority.pem", &authority.certificate);
    folder.write("own.pem", &(own.certificate.clone() + &authority.certificate));
    folder.write("own.key", &own.key);
    folder.write("other.key", &other.key);
    folder.write("both.pem", &(own.key.clone() + &own.certificate));
    folder.write("text.pem", "no certificate\n");
    folder.write("damaged.pem", "-----BEGIN CERTIFICATE-----\n!!\n-----END CERTIFICATE-----\n");
    folder.write("not-one.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
    let label = "ENCRYPTED PRIVATE KEY-----";
    folder.write("encrypted.key", &format!("-----BEGIN {label}\nAAAA\n-----END {label}\n"));
    folder
}

#[test]
fn a_certificate_of_a_file_is_shown_whatever_the_name() {
    let folder = files("tls-files");
    let mut mock = Serving::start(&folder, &["--tls-cert", "own.pem", "--tls-key", "own.key"]);
    let port = mock.address().port();
    let base = format!("https://localhost:{port}");
    let run = ["run", "one.yaml", "--base-url", &base, "--cacert", "authority.pem"];
    let (code, said, told) = folder.run(&run);
    assert_eq!(code, Some(0), "{said}{told}");
    let authority = folder.0.join("authority.pem");
    let authority = authority.to_str().unwrap();
    let listed = format!("{base}/library/v1/books");
    let Some((_, answer, told)) = curl(&["--cacert", authority, &listed]) else { return };
    assert!(answer.starts_with("HTTP/2 200"), "{answer}{told}");
    // Who asks for another name gets the same one, and is told of in the log.
    let log = mock.log();
    let listed = format!("https://other.example:{port}/library/v1/books");
    let resolve = format!("other.example:{port}:127.0.0.1");
    let (code, _, told) = curl(&["--cacert", authority, "--resolve", &resolve, &listed]).unwrap();
    assert_eq!(code, Some(60), "{told}");
    log.until("\"other.example\", which is not in the one that is served");
}

#[test]
fn a_certificate_and_its_key_may_be_in_one_file() {
    let folder = files("tls-one-file");
    let mock = Serving::start(&folder, &["--tls-cert", "both.pem", "--tls-key", "both.pem"]);
    let base = format!("https://localhost:{}", mock.address().port());
    let run = ["run", "one.yaml", "--base-url", &base, "--cacert", "authority.pem"];
    let (code, said, told) = folder.run(&run);
    assert_eq!(code, Some(0), "{said}{told}");
}

#[test]
fn what_is_wrong_with_the_files_of_a_mock_is_said() {
    let folder = files("tls-wrong-files");
    for (arguments, expected) in [
        (&["--tls-cert", "own.pem"][..], "--tls-key <FILE>"),
        (&["--tls-key", "own.key"], "--tls-cert <FILE>"),
        (
            &["--tls-cert", "own.pem", "--tls-key", "other.key"],
            "the key in other.key is not the key of the certificate in own.pem",
        ),
        (&["--tls-cert", "none.pem", "--tls-key", "own.key"], "none.pem cannot be read: "),
        (&["--tls-cert", "own.pem", "--tls-key", "none.key"], "none.key cannot be read: "),
        (&["--tls-cert", "text.pem", "--tls-key", "own.key"], "text.pem has no certificate in PEM"),
        (&["--tls-cert", "own.pem", "--tls-key", "text.pem"], "text.pem has no private key in PEM"),
        (&["--tls-cert", "damaged.pem", "--tls-key", "own.key"], "damaged.pem is not PEM: "),
        (
            &["--tls-cert", "not-one.pem", "--tls-key", "own.key"],
            "the certificate in not-one.pem cannot be used: ",
        ),
        (
            &["--tls-cert", "own.pem", "--tls-key", "encrypted.key"],
            "encrypted.key has an encrypted key, which is not read",
        ),
        (&["--tls-client-ca", "authority.pem"], "--tls-client-ca needs --tls, or --tls-cert"),
        (&["--tls", "--tls-client-ca", "none.pem"], "none.pem cannot be read: "),
        (&["--tls-ca-out", "ca.pem"], "--tls"),
        (&["--tls", "--tls-ca-out", "no/folder/ca.pem"], "no/folder/ca.pem cannot be written: "),
    ] {
        let all = [&["serve", "--listen", "127.0.0.1:0"], arguments].concat();
        let output = command(&folder, &all).output().unwrap();
        let told = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {told}");
        assert!(told.contains(expected), "{arguments:?}: {told}");
        assert!(output.stdout.is_empty(), "{arguments:?}");
    }
}

#[test]
fn what_is_wrong_with_the_files_of_a_run_is_said() {
    let folder = files("tls-wrong-run");
    for (arguments, expected) in [
        (&["--cacert", "none.pem"][..], "none.pem cannot be read: "),
        (&["--cacert", "text.pem"], "text.pem has no certificate in PEM"),
        (&["--cert", "own.pem"], "the client certificate has no key: --key names it"),
        (&["--key", "own.key"], "the client key has no certificate: --cert names it"),
        (
            &["--cert", "library=own.pem", "--key", "own.key"],
            "the client certificate of library has no key: --key names it",
        ),
        (
            &["--cert", "own.pem", "--key", "other.key"],
            "the key in other.key is not the key of the certificate in own.pem",
        ),
    ] {
        let target = ["run", "one.yaml", "--target", "library=https://localhost:1"];
        let (code, _, told) = folder.run(&[&target[..], arguments].concat());
        assert_eq!(code, Some(2), "{arguments:?}: {told}");
        assert!(told.contains(expected), "{arguments:?}: {told}");
    }
}
