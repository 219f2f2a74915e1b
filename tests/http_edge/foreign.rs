//! The control plane is not for pages of other sites.

use counterpart::MockServer;

use crate::SPEC;
use crate::support::client::Client;

#[test]
fn pages_of_other_sites_and_foreign_names_are_refused() {
    let mock = MockServer::builder()
        .spec_text("library", SPEC)
        .allow_host("Mock.test")
        .allow_host("page.test:3000")
        .start()
        .unwrap();
    let mut client = Client::new(mock.address());
    let own = mock.address().to_string();
    let calls = [
        ("GET", "requests"),
        ("POST", "reset"),
        ("OPTIONS", "reset"),
        ("HEAD", "health"),
        ("GET", "nowhere"),
    ];
    let foreign: &[&[(&str, &str)]] = &[
        &[("Host", "evil.example")],
        &[("Host", "evil.example:4010")],
        &[("Host", "localhost.evil.example")],
        &[("Host", "127.0.0.1.evil.example")],
        &[("Origin", "https://evil.example")],
        &[("Origin", "null")],
        &[("Origin", "")],
        &[("Origin", "http://localhost.evil.example")],
        &[("Origin", "http://page.test")],
        &[("Host", "localhost"), ("Origin", "http://evil.example:4010")],
        &[("Host", "mock.test"), ("Origin", "http://evil.example")],
        &[("Host", "evil.example"), ("Origin", "http://localhost")],
        &[("Origin", "https://evil.example"), ("Content-Type", "text/plain")],
        &[("Origin", "http://localhost"), ("Origin", "http://evil.example")],
    ];
    for headers in foreign {
        for (method, call) in calls {
            for session in ["", "/@s", "/%40s"] {
                let path = format!("{session}/_counterpart/{call}");
                let reply = client.send(method, &path, headers, "");
                assert_eq!(reply.status, 403, "{method} {path} {headers:?}: {}", reply.text());
                assert_eq!(reply.header("access-control-allow-origin"), None);
            }
        }
    }
    let known: &[&[(&str, &str)]] = &[
        &[],
        &[("Host", &own)],
        &[("Host", "localhost:9")],
        &[("Host", "a.localhost")],
        &[("Host", "LOCALHOST.:4010")],
        &[("Host", "[::1]:4010")],
        &[("Host", "mock.test:4010")],
        &[("Origin", "http://localhost:3000")],
        &[("Origin", "http://127.0.0.1")],
        &[("Origin", "https://mock.test")],
        &[("Origin", "http://page.test:3000")],
    ];
    for headers in known {
        let reply = client.send("POST", "/_counterpart/reset", headers, "");
        assert_eq!(reply.status, 204, "{headers:?}: {}", reply.text());
    }
    // A browser that does not say from where, but that it is from somewhere else.
    let cross = [("Sec-Fetch-Site", "cross-site")];
    assert_eq!(client.send("POST", "/_counterpart/reset", &cross, "").status, 403);
    assert_eq!(client.send("GET", "/_counterpart/health", &cross, "").status, 200);
    // The vendor is for all.
    let headers = [("Origin", "https://evil.example"), ("Host", "evil.example")];
    assert_eq!(client.send("GET", "/library/books/1", &headers, "").status, 200);
}
