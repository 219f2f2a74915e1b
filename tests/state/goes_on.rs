//! A mock that was ended and started again goes on as it would have without that.

use std::collections::HashSet;
use std::fmt::Write as _;

use super::support::client::Client;
use super::support::folder::Folder;
use super::support::serving::Serving;
use super::{control, create, folder, get, kill, serve};

const START: &[&str] = &["--seed", "7", "--clock", "2026-01-01T00:00:00Z", "--freeze"];

/// Does some things of all kinds; `again` comes between each two of them.
fn history(mut serving: Serving, mut again: impl FnMut(Serving) -> Serving) -> Serving {
    let mut step = |serving: Serving, act: &dyn Fn(&mut Client)| {
        act(&mut Client::new(serving.address()));
        again(serving)
    };
    serving = step(serving, &|client| assert_eq!(create(client, "", "tea").status, 201));
    serving = step(serving, &|client| {
        control(client, "POST", "/_counterpart/clock/advance", r#"{"by":"PT36H"}"#);
    });
    serving = step(serving, &|client| assert_eq!(create(client, "", "milk").status, 201));
    serving = step(serving, &|client| {
        control(client, "PUT", "/_counterpart/state/shop/settings", r#"{"limit":7}"#);
    });
    serving = step(serving, &|client| {
        control(client, "DELETE", "/_counterpart/state/shop/orders/2", "");
    });
    serving = step(serving, &|client| assert_eq!(create(client, "", "cake").status, 201));
    serving = step(serving, &|client| {
        let outbox = get(client, "/_counterpart/outbox/shop");
        let link = outbox[1]["links"]["pay"].as_str().unwrap();
        let path = link.split_once("/_counterpart").unwrap().1;
        let paid = client.send("GET", &format!("/_counterpart{path}"), &[], "");
        assert_eq!(paid.status, 204, "{}", paid.text());
    });
    serving = step(serving, &|client| assert_eq!(create(client, "/@other", "sand").status, 201));
    serving = step(serving, &|client| {
        control(client, "POST", "/@other/_counterpart/reset?seed=9", "");
    });
    serving = step(serving, &|client| assert_eq!(create(client, "/@other", "stone").status, 201));
    serving = step(serving, &|client| {
        control(client, "POST", "/@third/_counterpart/reset?vendor=shop&seed=3", "");
    });
    serving = step(serving, &|client| assert_eq!(create(client, "/@third", "wood").status, 201));
    serving = step(serving, &|client| {
        control(client, "POST", "/shop/orders/1/later", "");
        control(client, "POST", "/@other/shop/orders/1/later", "");
    });
    serving = step(serving, &|client| {
        control(client, "POST", "/_counterpart/clock/advance", r#"{"by":"PT1H"}"#);
        let paid = get(client, "/_counterpart/state/shop/orders/1");
        assert_eq!(paid["paid"], true, "{paid}");
    });
    serving = step(serving, &|client| {
        control(client, "POST", "/@other/_counterpart/clock/advance", r#"{"by":"P4D"}"#);
    });
    serving = step(serving, &|client| {
        let faults = r#"[{"operation":"list_orders","fault":"reset"},
            {"vendor":"shop","times":3,"delay":{"from":"PT0.001S","to":"PT0.002S"},"fault":{"status":418}}]"#;
        control(client, "PUT", "/@other/_counterpart/faults", faults);
    });
    for _ in 0..2 {
        serving = step(serving, &|client| assert_eq!(create(client, "/@other", "x").status, 418));
    }
    serving = step(serving, &|client| {
        control(client, "DELETE", "/@other/_counterpart/faults/1", "");
    });
    serving = step(serving, &|client| {
        control(client, "DELETE", "/@third/_counterpart/faults", "");
    });
    serving = step(serving, &|client| {
        control(client, "POST", "/shop/tell", "");
        // Whoever moves the clock waits until what is sent has come to its end.
        control(client, "POST", "/_counterpart/clock/advance", r#"{"by":"PT0S"}"#);
    });
    serving = step(serving, &|client| {
        control(client, "POST", "/_counterpart/clock/advance", r#"{"by":"PT1H"}"#);
        let outbox = get(client, "/_counterpart/outbox/shop");
        let told = outbox.as_array().unwrap().last().unwrap();
        assert_eq!(told["delivery"]["attempts"].as_array().unwrap().len(), 2, "{told}");
    });
    serving = step(serving, &|client| {
        assert_eq!(create(client, "/@gone", "wood").status, 201);
        control(client, "POST", "/_counterpart/sessions/drop", r#"{"names":["gone"]}"#);
    });
    serving
}

/// All that can be seen of the sessions.
fn seen(serving: &Serving) -> String {
    let mut client = Client::new(serving.address());
    let mut all = String::new();
    for session in ["", "/@other", "/@third", "/@gone"] {
        for path in
            ["state/shop", "state/shop/settings", "clock", "outbox/shop", "schedule/shop", "faults"]
        {
            let shown = get(&mut client, &format!("{session}/_counterpart/{path}")).to_string();
            let port = serving.address().to_string();
            writeln!(all, "{session} {path} {}", shown.replace(&port, "HOST")).unwrap();
        }
        let next = create(&mut client, session, "next");
        writeln!(all, "{session} {} {}", next.status, next.text()).unwrap();
    }
    let mut until_busy = 0;
    while create(&mut client, "", "more").status == 201 {
        until_busy += 1;
    }
    all + &format!("{until_busy} more until the rate limit\n")
}

#[test]
fn it_goes_on_as_it_would_have_without_an_end() {
    let folder_a = folder("state-straight");
    let straight = history(Serving::start(&folder_a, START), |serving| serving);
    let straight = seen(&straight);
    let folder_b = folder("state-again");
    // Later options do not change sessions that there are.
    let mut ends = 0;
    let again = history(serve(&folder_b, START), |mut serving| {
        ends += 1;
        if ends % 2 == 0 {
            assert_eq!(serving.stop("-TERM").0, Some(0));
        } else {
            kill(serving);
        }
        serve(&folder_b, START)
    });
    assert_eq!(seen(&again), straight);
}

/// The journal of what only read is not kept, so it cannot be told how many ids were given.
#[test]
fn no_id_of_a_request_comes_again_after_a_kill() {
    let spec = "counterpart: 1\nvendor: desk\noperations:\n  - operationId: look\n    method: GET\n    \
                path: /look\n    steps: [{respond: {status: 200, body: [\"${request.id}\", \"${uuid}\"]}}]\n";
    let folder = Folder::new("state-request-ids", &[("specs/desk.yaml", spec)]);
    let mut seen = HashSet::new();
    for _ in 0..2 {
        let serving = serve(&folder, &["--seed", "7"]);
        let mut client = Client::new(serving.address());
        for _ in 0..5 {
            let ids = get(&mut client, "/desk/look");
            for id in ids.as_array().unwrap() {
                assert!(seen.insert(id.as_str().unwrap().to_owned()), "{ids}");
            }
        }
        drop(client);
        kill(serving);
    }
}
