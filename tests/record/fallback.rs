//! What a spec does not have is asked of the real vendor.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use serde_json::{Value, json};

use super::support::canned::Canned;
use super::support::client::Client;
use super::support::folder::Folder;
use super::support::serving::{Serving, command};
use super::{SHOP, shop, url};

/// The spec without listing and deleting, and with another pen.
fn part() -> String {
    let list = SHOP.find("  - operationId: list_orders").unwrap();
    let read = SHOP.find("  - operationId: read_order").unwrap();
    let delete = SHOP.find("  - operationId: delete_order").unwrap();
    let kept = [&SHOP[..list], &SHOP[read..delete]].concat();
    kept.replace("item: pen", "item: pencil")
}

#[test]
fn what_the_spec_does_not_have_is_asked_of_the_real_vendor_and_marked() {
    let with_cors = format!("{}cors: {{origins: [https://app.example]}}\n", part());
    let folder = Folder::new("fallback", &[("specs/shop.yaml", &with_cors)]);
    let there = shop(&folder);
    let real = url(&there);
    let mock = Serving::start(&folder, &["--fallback", &format!("shop={real}")]);
    let mut client = Client::new(mock.address());
    let key = [
        ("Authorization", "Bearer old"),
        ("Content-Type", "application/json"),
        ("Origin", "https://app.example"),
    ];
    for session in ["", "/@mine"] {
        let mut send = |method: &str, path: &str, body: &str| {
            let reply = client.send(method, &format!("{session}/shop/v1{path}"), &key, body);
            let text = reply.text();
            (reply.status, serde_json::from_str::<Value>(&text).unwrap_or_default(), reply)
        };
        let (status, order, _) = send("GET", "/orders/1", "");
        assert_eq!((status, &order["item"]), (200, &json!("pencil")), "the mock has it");
        let (status, orders, reply) = send("GET", "/orders?item=x", "");
        assert_eq!((status, &orders["orders"][0]["item"]), (200, &json!("pen")), "{orders}");
        assert_eq!(reply.header("x-counterpart-operation"), Some("list_orders"));
        let (status, ..) = send("GET", "/orders/99", "");
        assert_eq!(status, 404, "what is not found is no gap of the spec");
        // The path is there, the method is not.
        assert_eq!(send("DELETE", "/orders/99", "").0, 404);
        let journal = format!("{session}/_counterpart/requests");
        let reply = client.send("GET", &journal, &[], "");
        let journal: Value = serde_json::from_slice(&reply.body).unwrap();
        let marks: Vec<_> =
            journal.as_array().unwrap().iter().map(|one| &one["forwarded"]).collect();
        let real = json!(real);
        assert_eq!(marks, [&Value::Null, &real, &Value::Null, &real], "{journal}");
        let told = journal[1].to_string();
        assert!(told.contains("the spec has nothing there"), "{told}");
        assert!(journal[1]["response"].to_string().contains("pen"), "{told}");
        assert!(!told.contains("Bearer old"), "{told}");
        // What the spec says of pages in browsers is so of its own answers alone.
        let page = "access-control-allow-origin";
        assert_eq!(journal[0]["response"]["headers"][page], "https://app.example", "{journal}");
        assert_eq!(journal[1]["response"]["headers"].get(page), None, "{told}");
    }
    drop(there);
    let reply = client.send("GET", "/shop/v1/orders", &key, "");
    assert_eq!(reply.status, 502, "{}", reply.text());
}

#[test]
fn a_fallback_needs_a_spec_and_a_url() {
    let folder = Folder::new("fallback-wrong", &[("specs/shop.yaml", SHOP)]);
    for (fallback, told) in [
        ("shopp=http://127.0.0.1:1", "there is no spec of it; did you mean `shop`?"),
        ("shop=ftp://x", "neither an http nor an https URL"),
        ("shop", "VENDOR=URL"),
        ("", "--upstream-http2 configures requests to a real vendor: --fallback names none"),
    ] {
        let arguments = match fallback {
            "" => vec!["serve", "--upstream-http2"],
            fallback => vec!["serve", "--fallback", fallback],
        };
        let output = command(&folder, &arguments).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains(told), "{said}");
    }
}

#[cfg(feature = "tls")]
#[test]
fn a_certificate_that_nobody_vouches_for_is_told_in_words() {
    let folder =
        Folder::new("fallback-tls", &[("specs/shop.yaml", &part()), ("it/shop.yaml", SHOP)]);
    let there = Serving::start(&folder, &["it", "--tls", "--tls-ca-out", "ca.pem"]);
    let real = url(&there).replace("127.0.0.1", "localhost");
    let fallback = format!("shop={real}");
    for (more, status, told) in [
        (&[][..], 502, "not signed by a trusted authority"),
        (&["--cacert", "ca.pem"], 200, "pen"),
        (&["--insecure"], 200, "pen"),
    ] {
        let mut mock =
            Serving::start(&folder, &[&["--fallback", &fallback, "--log", "text"], more].concat());
        let mut client = Client::new(mock.address());
        let key = [("Authorization", "Bearer old")];
        let reply = client.send("GET", "/shop/v1/orders", &key, "");
        assert_eq!(reply.status, status, "{}", reply.text());
        assert!(reply.text().contains(told), "{more:?}: {}", reply.text());
        let journal = client.send("GET", "/_counterpart/requests", &[], "").text();
        assert!(journal.contains(&format!("\"forwarded\":\"{real}\"")), "{journal}");
        assert_eq!(
            journal.contains("not signed by a trusted authority"),
            status == 502,
            "{journal}"
        );
        let (_, said) = mock.stop("-TERM");
        assert!(said.contains(&format!("answered by {real}")), "{said}");
    }
    for (arguments, told) in [
        (&["--insecure"][..], "--insecure configures requests to a real vendor"),
        (&["--fallback", &fallback, "--cacert", "none.pem"], "none.pem"),
        (&["--fallback", &fallback, "--cert", "ca.pem"], "has no key: --key names it"),
    ] {
        let output = command(&folder, &[&["serve"], arguments].concat()).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains(told), "{said}");
    }
}

#[test]
fn an_upstream_that_is_wrong_is_told_and_the_mock_goes_on() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let garbage = Canned::answering("\u{16}garbage\r\n\r\n");
    let head = Canned::behaving(|stream, _| {
        stream.write_all(b"HTTP/1.1 200 OK\r\n").ok();
        while stream.write_all(b"X-More: and more\r\n").is_ok() {}
    });
    let length = Canned::answering("HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\nok");
    for (name, real, told) in [
        ("refuses", format!("http://{closed}"), "no connection could be made"),
        ("garbage", garbage.url(), "no answer came"),
        ("head", head.url(), "too large"),
        ("length", length.url(), "content-length"),
    ] {
        let folder = Folder::new(&format!("fallback-{name}"), &[("specs/shop.yaml", &part())]);
        let mock = Serving::start(&folder, &["--fallback", &format!("shop={real}")]);
        let mut client = Client::new(mock.address());
        let key = [("Authorization", "Bearer old")];
        let reply = client.send("GET", "/shop/v1/orders", &key, "");
        assert_eq!(reply.status, 502, "{name}: {}", reply.text());
        assert!(reply.text().contains(told), "{name}: {}", reply.text());
        assert_eq!(client.send("GET", "/shop/v1/orders/1", &key, "").status, 200, "{name}");
    }
}

#[test]
fn what_never_ends_and_is_never_read_is_bounded() {
    let upstream = Canned::behaving(|stream, _| {
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n").ok();
        let event = format!("data: {}\n\n", "x".repeat(64 * 1024));
        while stream.write_all(event.as_bytes()).is_ok() {}
    });
    let folder = Folder::new("fallback-endless", &[("specs/shop.yaml", &part())]);
    let mock = Serving::start(&folder, &["--fallback", &format!("shop={}", upstream.url())]);
    let mut client = Client::new(mock.address());
    let streams: Vec<TcpStream> = (0..20)
        .map(|_| {
            let mut stream = TcpStream::connect(mock.address()).unwrap();
            let head = "GET /shop/v1/events HTTP/1.1\r\nHost: x\r\n\r\n";
            stream.write_all(head.as_bytes()).unwrap();
            // It has begun, and is read no more.
            stream.read_exact(&mut [0; 1024]).unwrap();
            stream
        })
        .collect();
    let key = [("Authorization", "Bearer old")];
    for _ in 0..100 {
        assert_eq!(client.send("GET", "/shop/v1/orders/1", &key, "").status, 200);
    }
    if let Ok(status) = std::fs::read_to_string(format!("/proc/{}/status", mock.process.id())) {
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        let peak: u64 = peak.trim().trim_end_matches(" kB").parse().unwrap();
        assert!(peak < 200 * 1024, "{peak} kB");
    }
    drop(streams);
}
