//! What a proxy records of a server runs again there, and notices what has changed.
#![cfg(test)]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking"
)]

#[path = "../support/mod.rs"]
mod support;

#[cfg(feature = "tls")]
#[path = "../tls/made.rs"]
mod made;

mod contents;
mod drafted;
mod fallback;
mod headers;
#[cfg(feature = "tls")]
mod http2;
mod lists;
mod others;
mod renewed;
mod soap;
mod upstreams;

use std::fs;
use std::net::SocketAddr;

use serde_json::{Value, json};

use support::client::{Client, Reply};
use support::folder::Folder;
use support::serving::{Serving, command};

const SHOP: &str = include_str!("specs/shop.yaml");

/// A shop that others have, in a process of its own.
fn shop(folder: &Folder) -> Serving {
    folder.write("there/shop.yaml", SHOP);
    Serving::start(folder, &["there"])
}

fn url(serving: &Serving) -> String {
    serving.lines.first().unwrap().split_once('\t').unwrap().1.to_owned()
}

/// A proxy to it.
fn record(folder: &Folder, upstream: &str, more: &[&str]) -> Serving {
    let upstream = format!("shop={upstream}");
    let arguments = ["record", "--listen", "127.0.0.1:0", "--upstream", &upstream];
    Serving::of(command(folder, &[&arguments, more].concat()))
}

/// A client of the shop, which knows only its base URL.
struct Shopper {
    client: Client,
    address: SocketAddr,
    base: String,
    token: String,
}

impl Shopper {
    fn new(serving: &Serving) -> Self {
        let url = url(serving);
        let base = url.splitn(4, '/').nth(3).unwrap();
        let address = serving.address();
        Self {
            client: Client::new(address),
            address,
            base: format!("/{base}"),
            token: String::new(),
        }
    }

    fn send(&mut self, method: &str, path: &str, body: &Value) -> Reply {
        let authorization = format!("Bearer {}", self.token);
        let mut headers = vec![("Content-Type", "application/json")];
        if !self.token.is_empty() {
            headers.push(("Authorization", &authorization));
        }
        let body = if body.is_null() { String::new() } else { body.to_string() };
        self.client.send(method, &format!("{}{path}", self.base), &headers, body)
    }

    fn json(&mut self, method: &str, path: &str, body: &Value, status: u16) -> Value {
        let reply = self.send(method, path, body);
        assert_eq!(reply.status, status, "{method} {path}: {}", reply.text());
        serde_json::from_slice(&reply.body).unwrap_or_default()
    }

    /// What somebody does in a shop.
    fn shop(&mut self) {
        let refused = json!({"user": "ann", "password": "letmein"});
        self.json("POST", "/login", &refused, 401);
        let said = json!({"user": "ann", "password": "hunter2"});
        let token = self.json("POST", "/login", &said, 200)["token"].as_str().unwrap().to_owned();
        self.token = token;
        let reply = self.send("POST", "/orders", &json!({"item": "book", "count": 2}));
        let order: Value = serde_json::from_slice(&reply.body).unwrap();
        // The address is one of the proxy, so that the client stays there.
        let location = reply.header("location").unwrap();
        let own = format!("http://{}{}/orders/", self.address, self.base);
        assert!(location.starts_with(&own), "{location}");
        let id = order["id"].to_string();
        assert_eq!(self.json("GET", &format!("/orders/{id}"), &Value::Null, 200), order);
        self.json("GET", "/orders/1", &Value::Null, 200);
        self.json("GET", "/orders?item=book", &Value::Null, 200);
        self.json("DELETE", &format!("/orders/{id}"), &Value::Null, 204);
        self.json("GET", &format!("/orders/{id}"), &Value::Null, 404);
    }
}

/// Runs what is in the folder, with the secrets that the shop knows.
fn run(folder: &Folder, more: &[&str]) -> (Option<i32>, String) {
    let mut runner = folder.runner(&[&["run"], more].concat());
    runner.env("SHOP_PASSWORD", "hunter2");
    let output = runner.output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8_lossy(&said).into_owned())
}

#[test]
fn what_was_recorded_runs_again_and_notices_what_has_changed() {
    let folder = Folder::new("record-again", &[("specs/shop.yaml", SHOP)]);
    let there = shop(&folder);
    let mut recorder = record(&folder, &url(&there), &[]);
    Shopper::new(&recorder).shop();
    let (code, said) = recorder.stop("-INT");
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("shop GET /shop/v1/orders?item=book 200"), "{said}");
    let scenario = folder.read("scenarios/shop/recorded.yaml");
    for secret in ["hunter2", "letmein"] {
        assert!(!scenario.contains(secret) && !said.contains(secret), "{scenario}\n{said}");
    }
    let expected = include_str!("recorded.yaml");
    // The first line has the address and the day.
    let (_, made) = scenario.split_once('\n').unwrap();
    if std::env::var_os("UPDATE").is_some() {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/record/recorded.yaml");
        fs::write(file, made).unwrap();
    } else {
        assert_eq!(made, expected, "UPDATE=1 writes tests/record/recorded.yaml anew");
    }
    // A fresh mock, the same server as before, and another one.
    let (code, said) = run(&folder, &[]);
    assert_eq!(code, Some(0), "{said}");
    let again = ["--allow-destructive", "--target", &format!("shop={}", url(&there))];
    let (code, said) = run(&folder, &again);
    assert_eq!(code, Some(0), "{said}");
    for (before, after, told) in [
        ("item: pen", "item: pan", "pan"),
        ("status: 204", "status: 200", "200"),
        ("total: \"${orders | length}\"", "total: none", "total"),
        ("there is no order", "no order", "no order"),
    ] {
        let changed = SHOP.replace(before, after);
        assert_ne!(changed, SHOP, "{before}");
        folder.write("other/shop.yaml", &changed);
        let other = Serving::start(&folder, &["other"]);
        let target = format!("shop={}", url(&other));
        let (code, said) = run(&folder, &["--allow-destructive", "--target", &target]);
        assert_eq!(code, Some(1), "{after}: {said}");
        assert!(said.contains(told), "{after}: {said}");
    }
}

#[test]
fn each_difference_to_the_spec_is_told_at_its_line() {
    let mut spec = SHOP
        .replace("parameters: [{name: item, in: query, schema: {type: string}}]", "tags: [orders]");
    let delete = spec.find("  - operationId: delete_order").unwrap();
    spec.truncate(delete);
    spec.push_str("    responses:\n      200:\n        schema: {type: object, properties: {count: {type: string}}}\n");
    let folder = Folder::new("record-differences", &[("specs/shop.yaml", &spec)]);
    let there = shop(&folder);
    let mut recorder = record(&folder, &url(&there), &["--quiet"]);
    Shopper::new(&recorder).shop();
    let (code, said) = recorder.stop("-TERM");
    assert_eq!(code, Some(0), "{said}");
    let line = |text: &str| 1 + spec.lines().position(|line| line.contains(text)).unwrap();
    for (message, place) in [
        ("list_orders was asked with `item` in the query", line("operationId: list_orders")),
        ("the spec of shop has no operation for DELETE /shop/v1/orders/2", 0),
        ("read_order: `$.count` is of type integer", line("properties: {count: {type: string}}")),
    ] {
        assert!(said.contains(message), "{message}: {said}");
        assert!(place == 0 || said.contains(&format!("shop.yaml:{place}:")), "{place}: {said}");
    }
    let scenario = folder.read("scenarios/shop/recorded.yaml");
    assert!(
        scenario.contains("allowUndocumented: true  # the spec has no operation"),
        "{scenario}"
    );
    // It passes where it was recorded, whatever the spec says.
    let again = ["--allow-destructive", "--target", &format!("shop={}", url(&there))];
    let (code, said) = run(&folder, &again);
    assert_eq!(code, Some(0), "{said}");
}

#[test]
fn what_cannot_be_recorded_is_told_before_anything_is_asked() {
    let folder = Folder::new("record-refused", &[("file", ""), ("specs/shop.yaml", SHOP)]);
    for (more, told) in [
        (&["--upstream", "shop=http://127.0.0.1:1", "--out", "file"][..], "cannot be written to"),
        (&["--upstream", "shop"], "VENDOR=URL"),
        (&["--upstream", "shop=ftp://x"], "neither an http nor an https URL"),
        (&["--upstream", "Shop=http://x"], "a name consists of a-z, 0-9 and `-`"),
        (&["--upstream", "shop=http://x", "--cacert", "none.pem"], "none.pem"),
        (&["--upstream", "shop=http://x", "--specs", "none"], "none"),
        (&[], "--upstream"),
    ] {
        let output = command(&folder, &[&["record"], more].concat()).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{more:?}: {said}");
        assert!(said.contains(told), "{told}: {said}");
    }
}

#[test]
fn it_ends_by_itself_after_so_many_requests_and_overwrites_nothing() {
    let folder = Folder::new("record-count", &[("specs/shop.yaml", SHOP)]);
    let there = shop(&folder);
    for name in ["recorded.yaml", "recorded-2.yaml"] {
        let mut recorder = record(&folder, &url(&there), &["--max-requests", "2"]);
        let mut shopper = Shopper::new(&recorder);
        for _ in 0..2 {
            shopper.json("GET", "/orders/1", &Value::Null, 401);
        }
        assert_eq!(recorder.process.wait().unwrap().code(), Some(0));
        let scenario = folder.read(&format!("scenarios/shop/{name}"));
        assert_eq!(scenario.matches("call: read_order").count(), 2, "{scenario}");
    }
}
