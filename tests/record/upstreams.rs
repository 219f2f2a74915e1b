//! Upstreams that refuse, hang, send what is no HTTP, break off, or send more than anybody keeps.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::thread;

use super::support::canned::{Canned, whole};
use super::support::client::{Client, Reply};
use super::support::folder::Folder;
use super::support::serving::{Serving, command};

/// A recorder of one upstream.
fn record(folder: &Folder, url: &str, more: &[&str]) -> Serving {
    let upstream = format!("it={url}");
    let arguments = ["record", "--listen", "127.0.0.1:0", "--upstream", &upstream];
    Serving::of(command(folder, &[&arguments, more].concat()))
}

fn ask(recorder: &Serving, path: &str) -> Reply {
    Client::new(recorder.address()).send("GET", path, &[], "")
}

#[test]
fn an_upstream_that_gives_no_answer_is_told_and_the_recorder_goes_on() {
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let closed = format!("http://{closed}");
    let garbage = Canned::answering("\u{16}garbage\r\n\r\n");
    let silent = Canned::behaving(|_, _| {});
    let hanging = Canned::behaving(|stream, _| {
        // Until the recorder has had enough.
        stream.read_exact(&mut [0]).ok();
    });
    for (name, url, status, told) in [
        ("refuses", closed, 502, "no connection could be made"),
        ("garbage", garbage.url(), 502, "no answer came"),
        ("silent", silent.url(), 502, "no answer came"),
        ("hangs", hanging.url(), 504, "timed out after 1 s"),
    ] {
        let folder = Folder::new(&format!("record-{name}"), &[]);
        let mut recorder = record(&folder, &url, &["--timeout", "1"]);
        for _ in 0..2 {
            let reply = ask(&recorder, "/it/a?token=hunter2");
            assert_eq!(reply.status, status, "{name}: {}", reply.text());
            assert!(reply.text().contains(told), "{name}: {}", reply.text());
        }
        let (code, said) = recorder.stop("-INT");
        assert_eq!(code, Some(0), "{name}: {said}");
        assert!(said.contains(told) && !said.contains("hunter2"), "{name}: {said}");
        assert!(!folder.0.join("scenarios/it").exists(), "{name}");
    }
}

#[test]
fn what_failed_is_no_request_outside() {
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let url = format!("http://{closed}/shop");
    let folder = Folder::new("record-failed", &[]);
    let mut recorder = record(&folder, &url, &[]);
    // The base path is left out, as is easily done.
    for path in ["/it/shop/orders", "/it/orders"] {
        assert_eq!(ask(&recorder, path).status, 502);
    }
    let (_, said) = recorder.stop("-INT");
    assert!(said.contains("GET /shop/orders, which came to nothing: no connection"), "{said}");
    assert!(said.contains("GET /orders, which came to nothing: no connection"), "{said}");
    assert!(!said.contains("requests outside"), "{said}");
    assert!(said.contains(&format!("it is outside of {url}, too")), "{said}");
}

#[test]
fn what_breaks_off_breaks_off_for_the_client_too() {
    let upstream = Canned::behaving(|stream, _| {
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nten bytes.").ok();
    });
    let folder = Folder::new("record-broken", &[]);
    let mut recorder = record(&folder, &upstream.url(), &[]);
    let bytes = Client::new(recorder.address()).raw("GET /it/a HTTP/1.1\r\nHost: x\r\n\r\n");
    let text = String::from_utf8_lossy(&bytes).into_owned();
    assert!(text.contains("Content-Length: 100") && text.ends_with("ten bytes."), "{text}");
    let (code, said) = recorder.stop("-INT");
    assert_eq!(code, Some(0), "{said}");
    let scenario = folder.read("scenarios/it/recorded.yaml");
    assert!(scenario.contains("the body is not recorded: it broke off"), "{scenario}");
}

#[test]
fn a_body_larger_than_memory_passes_and_is_left_out() {
    const SIZE: u64 = 300 * 1024 * 1024;
    let upstream = Canned::behaving(|stream, _| {
        let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {SIZE}\r\n\r\n");
        stream.write_all(head.as_bytes()).ok();
        let chunk = vec![b'x'; 1024 * 1024];
        for _ in 0..SIZE / 1024 / 1024 {
            if stream.write_all(&chunk).is_err() {
                return;
            }
        }
    });
    let folder = Folder::new("record-large", &[]);
    let mut recorder = record(&folder, &upstream.url(), &[]);
    let mut stream = TcpStream::connect(recorder.address()).unwrap();
    stream.write_all(b"GET /it/large HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").unwrap();
    let mut got = 0_u64;
    let mut chunk = vec![0; 1024 * 1024];
    while let Ok(count @ 1..) = stream.read(&mut chunk) {
        got += count as u64;
    }
    assert!(got > SIZE, "{got}");
    if let Ok(status) = std::fs::read_to_string(format!("/proc/{}/status", recorder.process.id())) {
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        let peak: u64 = peak.trim().trim_end_matches(" kB").parse().unwrap();
        assert!(peak < SIZE / 1024 / 2, "{peak} kB");
    }
    let (code, said) = recorder.stop("-INT");
    assert_eq!(code, Some(0), "{said}");
    let scenario = folder.read("scenarios/it/recorded.yaml");
    assert!(scenario.contains("the body is not recorded: it is larger than 1 MiB"), "{scenario}");
}

#[test]
fn what_never_ends_ends_with_its_client() {
    let upstream = Canned::behaving(|stream, _| {
        stream.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n").ok();
        while stream.write_all(b"5\r\ntick\n\r\n").is_ok() {
            thread::yield_now();
        }
    });
    let folder = Folder::new("record-endless", &[]);
    let mut recorder = record(&folder, &upstream.url(), &["--max-requests", "1"]);
    let mut stream = TcpStream::connect(recorder.address()).unwrap();
    stream.write_all(b"GET /it/ticks HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    let mut some = [0; 4096];
    stream.read_exact(&mut some).unwrap();
    drop(stream);
    // It sees that the client is gone, which is the end of the one request.
    assert_eq!(recorder.process.wait().unwrap().code(), Some(0));
    let scenario = folder.read("scenarios/it/recorded.yaml");
    assert!(scenario.contains("the body is not recorded: "), "{scenario}");
}

#[test]
fn methods_and_fields_go_on_as_they_are_but_for_hosts() {
    let upstream = Canned::answering(whole(
        "302 Found",
        &[
            ("Location", "/v1/b?c=1"),
            ("Set-Cookie", "a=b; Domain=it.example; Path=/v1; Secure; HttpOnly"),
            ("Strict-Transport-Security", "max-age=1"),
            ("X-Own", "kept"),
        ],
        b"",
    ));
    let folder = Folder::new("record-fields", &[]);
    let recorder = record(&folder, &format!("{}/v1", upstream.url()), &[]);
    let headers = [("X-Asked", "yes"), ("Connection", "X-Hop"), ("X-Hop", "no"), ("Cookie", "d=e")];
    let mut client = Client::new(recorder.address());
    let reply = client.send("PUT", "/it/v1/a%20b?q=%C3%A4", &headers, "{}");
    assert_eq!(reply.status, 302);
    assert_eq!(reply.header("location"), Some("/it/v1/b?c=1"));
    assert_eq!(reply.header("set-cookie"), Some("a=b; Path=/it/v1; HttpOnly"));
    assert_eq!(reply.header("strict-transport-security"), None);
    assert_eq!(reply.header("x-own"), Some("kept"));
    let asked = upstream.asked().pop().unwrap();
    let host = upstream.url().replace("http://", "Host: ");
    for part in
        ["PUT /v1/a%20b?q=%C3%A4 HTTP/1.1\r\n", &host, "X-Asked: yes\r\n", "Cookie: d=e\r\n"]
    {
        assert!(asked.contains(part), "{part}: {asked}");
    }
    assert!(!asked.to_lowercase().contains("x-hop"), "{asked}");
    assert!(asked.ends_with("\r\n\r\n{}"), "{asked}");
}

#[cfg(feature = "tls")]
#[test]
fn a_certificate_that_nobody_vouches_for_is_refused_and_http2_is_spoken_otherwise() {
    let folder = Folder::new("record-tls", &[("there/shop.yaml", super::SHOP)]);
    let there = Serving::start(&folder, &["there", "--tls", "--tls-ca-out", "ca.pem"]);
    let url = super::url(&there).replace("127.0.0.1", "localhost");
    for (more, status, told) in [
        (&[][..], 502, "not signed by a trusted authority"),
        (&["--cacert", "ca.pem"], 401, "a token is needed"),
        (&["--insecure"], 401, "a token is needed"),
    ] {
        let upstream = format!("shop={url}");
        let arguments = ["record", "--listen", "127.0.0.1:0", "--upstream", &upstream];
        let recorder = Serving::of(command(&folder, &[&arguments, more].concat()));
        let path = format!("/{}/orders", super::url(&recorder).splitn(4, '/').nth(3).unwrap());
        // More than one, on the same connection.
        for _ in 0..3 {
            let reply = ask(&recorder, &path);
            assert_eq!(reply.status, status, "{}", reply.text());
            assert!(reply.text().contains(told), "{}", reply.text());
        }
    }
}
