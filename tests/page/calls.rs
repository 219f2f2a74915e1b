//! What the page asks the mock for, without a browser.

use serde_json::{Value as Json, json};

use crate::SPEC;
use crate::support::client::{Client, Reply};
use crate::support::folder::Folder;
use crate::support::serving::Serving;

const BROWSER: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

fn serve(name: &str, arguments: &[&str]) -> (Folder, Serving, Client) {
    let folder = Folder::new(&format!("page-calls-{name}"), &[("specs/shop.yaml", SPEC)]);
    let serving = Serving::start(&folder, arguments);
    let client = Client::new(serving.address());
    (folder, serving, client)
}

fn order(client: &mut Client, prefix: &str, body: &Json) -> Reply {
    let headers = [("Content-Type", "application/json"), ("X-Key", "k3y-of-the-shop")];
    client.send("POST", &format!("{prefix}/shop/orders"), &headers, body.to_string())
}

fn control(client: &mut Client, method: &str, path: &str) -> (u16, Json) {
    let reply = client.send(method, path, &[], "");
    (reply.status, serde_json::from_slice(&reply.body).unwrap_or_default())
}

#[test]
fn a_browser_gets_the_page_and_others_get_json() {
    let (_folder, _serving, mut client) = serve("accept", &[]);
    let mut get = |path: &str, headers: &[(&str, &str)]| client.send("GET", path, headers, "");
    for path in
        ["/_counterpart/", "/_counterpart", "/@mine/_counterpart/", "/%40mine/_counterpart/"]
    {
        let page = get(path, &[("Accept", BROWSER)]);
        assert_eq!(page.status, 200, "{path}");
        assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
        assert_eq!(page.header("vary"), Some("Accept"));
    }
    let none: [&[(&str, &str)]; 4] = [
        &[],
        &[("Accept", "*/*")],
        &[("Accept", "application/json")],
        &[("Accept", "text/html;q=0.5, application/json")],
    ];
    for headers in none {
        let answer = get("/_counterpart/", headers);
        assert_eq!(answer.status, 200, "{headers:?}");
        assert_eq!(answer.header("vary"), Some("Accept"));
        let index: Json = serde_json::from_slice(&answer.body).unwrap();
        assert!(index["calls"].as_array().unwrap().contains(&json!("GET health")), "{index}");
    }
    // Whoever only looks at the page makes no session.
    assert_eq!(control(&mut client, "GET", "/_counterpart/sessions").1, json!([]));
}

#[test]
fn the_page_is_cached_and_may_do_nothing_but_ask_the_mock() {
    let (_folder, _serving, mut client) = serve("cache", &["--token", "t0ken"]);
    // It holds nothing, so that it can ask for the token.
    let page = client.send("GET", "/_counterpart/", &[("Accept", BROWSER)], "");
    assert_eq!(page.status, 200);
    let tag = page.header("etag").unwrap().to_owned();
    let policy = page.header("content-security-policy").unwrap();
    for part in ["default-src 'none'", "script-src 'sha256-", "connect-src 'self'"] {
        assert!(policy.contains(part), "{policy}");
    }
    assert!(!policy.contains("unsafe-eval") && !policy.contains("script-src 'unsafe"), "{policy}");
    let text = page.text();
    for outside in ["<script src", "<link rel=\"stylesheet", "@import", "url(http"] {
        assert!(!text.contains(outside), "the page asks for something: {outside}");
    }
    let again = [("Accept", BROWSER), ("If-None-Match", &*tag)];
    let again = client.send("GET", "/_counterpart/", &again, "");
    assert_eq!((again.status, again.body.len(), again.header("etag")), (304, 0, Some(&*tag)));
    assert_eq!(client.send("GET", "/_counterpart/", &[], "").status, 401);
    assert_eq!(
        client.send("GET", "/_counterpart/requests", &[("Accept", BROWSER)], "").status,
        401
    );
    let elsewhere = [("Accept", BROWSER), ("Host", "evil.example")];
    assert_eq!(client.send("GET", "/_counterpart/", &elsewhere, "").status, 403);
}

#[test]
fn a_request_tells_what_it_changed() {
    let (_folder, _serving, mut client) = serve("changes", &["--seed", "7"]);
    order(&mut client, "/@a", &json!({"item": "tea", "quantity": 2, "mail": "ann@example.org"}));
    order(&mut client, "/@a", &json!({"item": "tea", "quantity": 12}));
    let sent = control(&mut client, "GET", "/@a/_counterpart/outbox/shop").1;
    let link = sent[0]["links"]["confirm"].as_str().unwrap();
    let link = link.split_once("127.0.0.1").unwrap().1.split_once('/').unwrap().1.to_owned();
    assert_eq!(client.send("GET", &format!("/{link}"), &[], "").status, 200);

    let (status, first) = control(&mut client, "GET", "/@a/_counterpart/requests/1");
    assert_eq!(status, 200);
    let row = json!({"id": 1, "item": "tea", "quantity": 2});
    let added = json!({"collection": "orders", "key": 1, "before": null, "after": row});
    assert_eq!(
        first["changes"],
        json!({"rows": [added], "moreRows": 0, "settings": null, "messages": [1]})
    );
    assert_eq!(first["request"]["headers"]["x-key"], "***");

    let second = control(&mut client, "GET", "/@a/_counterpart/requests/2").1;
    let nothing = json!({"rows": [], "moreRows": 0, "settings": null, "messages": []});
    assert_eq!((&second["changes"], &second["rule"]), (&nothing, &json!("shop/S1")));

    let third = control(&mut client, "GET", "/@a/_counterpart/requests/3").1;
    let after = json!({"id": 1, "item": "tea", "quantity": 2, "confirmed": true});
    let changed = json!({"collection": "orders", "key": 1, "before": row, "after": after});
    assert_eq!(third["changes"]["rows"], json!([changed]));

    for none in ["4", "0", "x", "-1"] {
        let (status, problem) =
            control(&mut client, "GET", &format!("/@a/_counterpart/requests/{none}"));
        assert_eq!(status, 404, "{problem}");
    }
}

#[test]
fn requests_in_short_are_as_the_events_tell_them() {
    let (_folder, _serving, mut client) = serve("short", &[]);
    order(&mut client, "", &json!({"item": "tea", "quantity": 12}));
    let short = control(&mut client, "GET", "/_counterpart/requests?short=true").1;
    let mut one = short[0].clone();
    for gone in ["time", "durationMicroseconds", "reason"] {
        assert!(!one.as_object_mut().unwrap().remove(gone).unwrap().is_null(), "{short}");
    }
    let expected = json!({
        "event": "request", "session": "", "id": 1, "vendor": "shop", "operation": "create_order",
        "method": "POST", "path": "/shop/orders", "status": 422, "rule": "shop/S1", "fault": null,
        "forwarded": null,
    });
    assert_eq!(one, expected);
    assert_eq!(control(&mut client, "GET", "/_counterpart/requests?short=yes").0, 400);
}

#[test]
fn a_request_is_sent_again_with_what_the_journal_hides() {
    let (_folder, _serving, mut client) = serve("again", &[]);
    order(&mut client, "/@a", &json!({"item": "tea"}));
    let (status, sent) = control(&mut client, "POST", "/@a/_counterpart/requests/1/again");
    assert_eq!((status, sent), (201, json!({"id": 2, "status": 201})));
    let rows = control(&mut client, "GET", "/@a/_counterpart/state/shop/orders").1;
    assert_eq!(rows.as_array().unwrap().len(), 2);
    assert_eq!(control(&mut client, "POST", "/@a/_counterpart/requests/9/again").0, 404);
    assert_eq!(control(&mut client, "GET", "/@a/_counterpart/requests/1/again").0, 405);
    assert_eq!(control(&mut client, "GET", "/_counterpart/state/shop/orders").1, json!([]));
}

#[test]
fn coverage_counts_how_rules_came_out() {
    let (_folder, _serving, mut client) = serve("coverage", &[]);
    order(&mut client, "", &json!({"item": "tea", "quantity": 2}));
    order(&mut client, "", &json!({"item": "tea", "quantity": 12}));
    order(&mut client, "/@other", &json!({"item": "tea", "quantity": 12}));
    let covered = control(&mut client, "GET", "/_counterpart/coverage/shop").1;
    assert_eq!(covered["requests"], 2);
    let rules = covered["rules"].as_array().unwrap();
    let of_s1 = rules.iter().filter(|rule| rule["statements"] == json!(["S1"]));
    let of_s1: Vec<_> = of_s1.collect();
    assert!(!of_s1.is_empty() && rules.iter().all(|rule| rule["statements"] != json!(["S2"])));
    let total = |outcome: &str| of_s1.iter().filter_map(|rule| rule[outcome].as_u64()).sum::<u64>();
    assert_eq!(total("broken"), 1, "{of_s1:?}");
    assert!(total("held") >= 1, "{of_s1:?}");
    assert_eq!(control(&mut client, "GET", "/_counterpart/coverage/shup").0, 404);
}
