//! Bodies in a content coding.

use std::io::Write as _;

use counterpart::MockServer;
use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};

use crate::support::client::{Client, Reply};
use crate::{explanation, library};

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

fn bare_deflate(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn say(mock: &MockServer, coding: &str, body: &[u8]) -> Reply {
    let head = format!(
        "POST /library/say HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n\
         Content-Encoding: {coding}\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    let mut connection = crate::support::client::Connection::open(mock.address()).unwrap();
    connection.write([head.as_bytes(), body].concat()).unwrap();
    connection.reply("POST").unwrap()
}

#[test]
fn known_codings_are_read_and_others_are_named() {
    let mock = library();
    let text = br#"{"text": "said in a coding"}"#;
    let twice = gzip(&zlib(text));
    for (coding, body) in [
        ("gzip", gzip(text)),
        ("GZIP", gzip(text)),
        ("x-gzip", gzip(text)),
        ("deflate", zlib(text)),
        ("deflate", bare_deflate(text)),
        ("deflate, gzip", twice.clone()),
        ("deflate,, identity ,gzip", twice),
        ("identity", text.to_vec()),
        ("", text.to_vec()),
    ] {
        let reply = say(&mock, coding, &body);
        assert_eq!(reply.status, 200, "{coding}: {}", reply.text());
        assert!(reply.text().contains("said in a coding"), "{coding}: {}", reply.text());
    }
    for coding in ["zstd", "gzip, zstd", "compress", "gzip;q=1", "gzip, gzip, gzip, gzip, gzip"] {
        let reply = say(&mock, coding, &gzip(text));
        assert_eq!(reply.status, 415, "{coding}: {}", reply.text());
        assert_eq!(reply.header("accept-encoding"), Some("gzip, deflate, br"), "{coding}");
        assert!(reply.text().contains("Content-Encoding"), "{coding}: {}", reply.text());
        assert!(explanation(&mock).contains("Content-Encoding"), "{coding}");
    }
    let reply = say(&mock, &["gzip"; 41].join(", "), &gzip(text));
    assert!(reply.status == 415 && reply.text().contains("names 41 codings"), "{}", reply.text());
    for (coding, body) in [
        ("gzip", text.to_vec()),
        ("deflate", text.to_vec()),
        ("gzip", gzip(text)[..20].to_vec()),
        ("gzip", [gzip(text), b"trailing".to_vec()].concat()),
    ] {
        let reply = say(&mock, coding, &body);
        // In the vendor's words for a malformed body.
        assert_eq!(reply.status, 400, "{coding}");
        assert!(
            reply.text().starts_with(r#"{"error":"the body is not in the coding"#),
            "{}",
            reply.text()
        );
    }
}

#[test]
fn a_small_body_that_becomes_a_large_one_is_too_large() {
    let mock = library();
    let bomb = gzip(&vec![b' '; 64 * 1024 * 1024]);
    assert!(bomb.len() < 100_000);
    let reply = say(&mock, "gzip", &bomb);
    assert_eq!(reply.status, 413, "{}", reply.text());
    let twice = gzip(&bomb);
    assert_eq!(say(&mock, "gzip, gzip", &twice).status, 413);
    let mut client = Client::new(mock.address());
    assert_eq!(client.send("GET", "/library/books/1", &[], "").status, 200);
}
