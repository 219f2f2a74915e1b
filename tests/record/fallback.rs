//! What a spec does not have is asked of the real vendor.

use serde_json::{Value, json};

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
    ] {
        let output = command(&folder, &["serve", "--fallback", fallback]).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains(told), "{said}");
    }
}
