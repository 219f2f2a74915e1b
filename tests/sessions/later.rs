//! What is scheduled, as those who steer see it.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::time::Duration;

use counterpart::MockServer;
use serde_json::{Value, json};

use crate::support::client::{Client, Reply};

const NOON: &str = "2026-01-01T12:00:00Z";

pub fn mock() -> MockServer {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vendors");
    let spec = folder.join("transfers.yaml");
    MockServer::builder().specs([spec]).clock(NOON).frozen().start().unwrap()
}

pub fn send(client: &mut Client, method: &str, path: &str, body: &Value) -> Reply {
    let body = if body.is_null() { String::new() } else { body.to_string() };
    client.send(method, path, &[("Content-Type", "application/json")], body)
}

pub fn json(client: &mut Client, path: &str) -> Value {
    let reply = send(client, "GET", path, &Value::Null);
    assert_eq!(reply.status, 200, "{path}: {}", reply.text());
    serde_json::from_slice(&reply.body).unwrap()
}

pub fn transfer(client: &mut Client, after: &str) {
    let body = json!({"amount": 1, "mail": "ann@example.org", "after": after});
    assert_eq!(send(client, "POST", "/transfers/transfers", &body).status, 201);
}

pub fn advance(client: &mut Client, by: &str) -> Reply {
    send(client, "POST", "/_counterpart/clock/advance", &json!({"by": by}))
}

/// Operation and time of all that ran, in its order.
fn ran(client: &mut Client) -> Vec<(String, String, u64)> {
    let requests = json(client, "/_counterpart/requests");
    let ran = requests.as_array().unwrap().iter().filter(|one| one["request"]["method"] == "RUN");
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    ran.map(|one| {
        (text(&one["operation"]), text(&one["time"]), one["response"]["status"].as_u64().unwrap())
    })
    .collect()
}

#[test]
fn what_waits_is_listed_in_the_order_in_which_it_runs() {
    let mock = mock();
    let mut client = Client::new(mock.address());
    for after in ["PT3H", "PT1H", "PT2H", "PT1H"] {
        transfer(&mut client, after);
    }
    let waiting = json(&mut client, "/_counterpart/schedule/transfers");
    let one = |id: u64, hour: u64| {
        json!({
            "id": id,
            "at": format!("2026-01-01T{hour}:00:00Z"),
            "operation": "settle_transfer",
            "parameters": {"id": id},
        })
    };
    assert_eq!(waiting, json!([one(2, 13), one(4, 13), one(3, 14), one(1, 15)]));
    assert_eq!(advance(&mut client, "PT2H").status, 200);
    let waiting = json(&mut client, "/_counterpart/schedule/transfers");
    assert_eq!(waiting, json!([one(1, 15)]));
    assert_eq!(
        ran(&mut client),
        ["13", "13", "14"].map(|hour| (
            "settle_transfer".to_owned(),
            format!("2026-01-01T{hour}:00:00Z"),
            200
        ))
    );
    let outbox = json(&mut client, "/_counterpart/outbox/transfers");
    assert_eq!(outbox.as_array().unwrap().len(), 3);
    // A vendor that is reset has nothing to run, and neither has a session.
    transfer(&mut client, "PT1H");
    let reset = send(&mut client, "POST", "/_counterpart/reset?vendor=transfers", &Value::Null);
    assert_eq!(reset.status, 204);
    assert_eq!(json(&mut client, "/_counterpart/schedule/transfers"), json!([]));
    transfer(&mut client, "PT1H");
    assert_eq!(send(&mut client, "POST", "/_counterpart/reset", &Value::Null).status, 204);
    assert_eq!(json(&mut client, "/_counterpart/schedule/transfers"), json!([]));
    assert_eq!(advance(&mut client, "PT9H").status, 200);
    assert!(ran(&mut client).is_empty());
}

#[test]
fn a_schedule_without_end_is_told_by_the_name_of_its_operation() {
    let mock = mock();
    let mut client = Client::new(mock.address());
    assert_eq!(send(&mut client, "POST", "/transfers/endless", &Value::Null).status, 202);
    // The first runs a second later, and so on: the 10,000th at 14:46:40.
    assert_eq!(advance(&mut client, "PT9999S").status, 200);
    assert_eq!(
        send(&mut client, "POST", "/_counterpart/rewind", &json!({"before": 1})).status,
        204
    );
    let set = json!({"now": NOON});
    assert_eq!(send(&mut client, "PUT", "/_counterpart/clock", &set).status, 200);
    assert_eq!(send(&mut client, "POST", "/transfers/endless", &Value::Null).status, 202);
    let refused = advance(&mut client, "P1D");
    assert_eq!(refused.status, 422, "{}", refused.text());
    let problem: Value = serde_json::from_slice(&refused.body).unwrap();
    assert_eq!(problem["operation"], "again");
    assert_eq!(problem["vendor"], "transfers");
    assert_eq!(problem["at"], "2026-01-01T14:46:40Z");
    assert!(problem["detail"].as_str().unwrap().contains("`again` of transfers"), "{problem}");
    // The clock stands there, so that the vendor goes on.
    let clock = json(&mut client, "/_counterpart/clock");
    assert_eq!(clock, json!({"now": "2026-01-01T14:46:40Z", "frozen": true}));
    assert_eq!(send(&mut client, "GET", "/transfers/transfers/1", &Value::Null).status, 404);
    assert_eq!(advance(&mut client, "PT10S").status, 200);
}

#[test]
fn what_ran_is_explained_and_what_it_changed_is_shown() {
    let mock = mock();
    let mut client = Client::new(mock.address());
    transfer(&mut client, "PT1H");
    assert_eq!(advance(&mut client, "PT1H").status, 200);
    let entry = json(&mut client, "/_counterpart/requests/2");
    assert_eq!(entry["operation"], "settle_transfer");
    assert_eq!(entry["request"]["method"], "RUN");
    let explanation = entry["explanation"].as_array().unwrap();
    assert_eq!(explanation[0]["note"], "it was scheduled, to run at 2026-01-01T13:00:00Z");
    let statements = explanation.iter().filter_map(|one| one["statements"].as_array()).flatten();
    let statements: Vec<_> = statements.map(|one| one["id"].as_str().unwrap()).collect();
    assert_eq!(statements, ["T01", "T02"]);
    assert_eq!(entry["changes"]["rows"][0]["after"]["status"], "settled");
    assert_eq!(entry["changes"]["messages"], json!([1]));
    let metrics = send(&mut client, "GET", "/_counterpart/metrics", &Value::Null).text();
    assert!(!metrics.contains("settle_transfer"), "it was no request: {metrics}");
    // Nobody sent it, so it cannot be sent again.
    let again = send(&mut client, "POST", "/_counterpart/requests/2/again", &Value::Null);
    assert_eq!(again.status, 409, "{}", again.text());
}

/// Nobody asks anything meanwhile: a stream of events is no reason to run what is due.
#[test]
fn what_is_due_runs_while_nobody_asks() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vendors");
    let mock = MockServer::start(folder.join("transfers.yaml")).unwrap();
    let mut client = Client::new(mock.address());
    let mut events = TcpStream::connect(mock.address()).unwrap();
    events.set_read_timeout(Some(Duration::from_mins(5))).unwrap();
    write!(events, "GET /_counterpart/events HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    let mut lines = BufReader::new(events).lines();
    let mut wait_for = |wanted: &str| {
        let found = lines.find(|line| line.as_ref().unwrap().contains(wanted));
        found.unwrap_or_else(|| panic!("no event tells of {wanted}")).unwrap()
    };
    wait_for("200 OK");
    transfer(&mut client, "PT0.3S");
    let ran = wait_for("settle_transfer");
    assert!(ran.contains(r#""method":"RUN""#), "{ran}");
    // What another clock makes due is so too, and what comes of it.
    assert_eq!(send(&mut client, "POST", "/transfers/invoices", &Value::Null).status, 201);
    assert_eq!(advance(&mut client, "PT23H59M59.9S").status, 200);
    wait_for(r#""operation":"remind""#);
}
