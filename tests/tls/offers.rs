//! What the mock agrees on: versions, ciphers, groups and names, by the client of OpenSSL.

use crate::folder;
use crate::support::serving::Serving;
use crate::tool::tool;

/// A client that is able to offer what nobody should take any more.
fn connect(address: &str, offer: &[&str]) -> Option<(Option<i32>, String)> {
    let usual = ["s_client", "-connect", address, "-cipher", "ALL:COMPLEMENTOFALL:@SECLEVEL=0"];
    let (code, said, told) = tool("openssl", &[&usual[..], offer].concat())?;
    Some((code, format!("{said}\n{told}")))
}

#[test]
fn only_versions_and_ciphers_are_taken_that_nobody_has_broken() {
    let folder = folder("tls-offers");
    let mut mock = Serving::start(&folder, &["--tls"]);
    let log = mock.log();
    let address = mock.address().to_string();
    for (offer, agreed) in [
        (&["-tls1_3"][..], "Cipher is TLS_AES_256_GCM_SHA384"),
        (&["-tls1_2"], "Cipher is ECDHE-ECDSA-AES256-GCM-SHA384"),
        (&["-tls1_2", "-cipher", "CHACHA20"], "Cipher is ECDHE-ECDSA-CHACHA20-POLY1305"),
        (&["-tls1_2", "-cipher", "AES128"], "Cipher is ECDHE-ECDSA-AES128-GCM-SHA256"),
        (&["-tls1_3", "-ciphersuites", "TLS_CHACHA20_POLY1305_SHA256"], "CHACHA20_POLY1305"),
        (&["-tls1_3", "-groups", "X25519"], "New, TLSv1.3"),
        (&["-tls1_3", "-groups", "P-256"], "New, TLSv1.3"),
        (&["-tls1_3", "-groups", "P-384"], "New, TLSv1.3"),
        // What it offers beside does not matter.
        (&["-servername", "nobody.knows.example"], "subject=CN = nobody.knows.example"),
    ] {
        let Some((_, said)) = connect(&address, offer) else { return };
        assert!(said.contains(agreed), "{offer:?}: {said}");
        assert!(said.contains("Compression: NONE"), "{said}");
    }
    for offer in [
        &["-tls1"][..],
        &["-tls1_1"],
        &["-tls1_2", "-cipher", "NULL:@SECLEVEL=0"],
        &["-tls1_2", "-cipher", "aNULL:@SECLEVEL=0"],
        &["-tls1_2", "-cipher", "kRSA:@SECLEVEL=0"],
        &["-tls1_2", "-cipher", "DHE:@SECLEVEL=0"],
        // Those with CBC are what is left.
        &["-tls1_2", "-cipher", "ALL:!AESGCM:!CHACHA20:@SECLEVEL=0"],
        &["-tls1_3", "-groups", "ffdhe2048"],
    ] {
        let (code, said) = connect(&address, offer).unwrap();
        assert!(code != Some(0) && said.contains("Cipher is (NONE)"), "{offer:?}: {said}");
        assert!(said.contains("alert"), "{offer:?}: it is told: {said}");
        log.until("one that this server takes: TLS 1.2 and 1.3");
    }
}

#[test]
fn a_session_is_neither_negotiated_anew_nor_taken_up_again() {
    let folder = folder("tls-anew");
    let mock = Serving::start(&folder, &["--tls", "--tls-ca-out", "ca.pem"]);
    let address = mock.address().to_string();
    for version in ["-tls1_2", "-tls1_3"] {
        let Some((_, said)) = connect(&address, &[version, "-reconnect"]) else { return };
        assert!(said.contains("New, TLSv1."), "{said}");
        assert!(!said.contains("Reused, "), "{version}: {said}");
    }
    let (_, said) = connect(&address, &["-tls1_2"]).unwrap();
    // RFC 5746: a client sees that nobody can put something before what it says.
    assert!(said.contains("Secure Renegotiation IS supported"), "{said}");
    // RFC 7627.
    assert!(said.contains("Extended master secret: yes"), "{said}");
}
