//! Killed at any moment, under load from several connections.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use super::support::client::{Client, Connection};
use super::{create, folder, get, kill, serve};

/// How often it is killed; `COUNTERPART_KILLS` says otherwise.
const KILLS: usize = 12;
const CLIENTS: usize = 6;

/// What clients know.
#[derive(Default)]
struct Known {
    /// What was answered with 201: the items with their rows.
    made: BTreeMap<String, serde_json::Value>,
    /// What was answered with 204: orders that are paid.
    paid: BTreeSet<String>,
    /// What was sent, and nobody knows what became of it.
    open: BTreeSet<String>,
    /// What was refused.
    refused: BTreeSet<String>,
}

#[test]
fn what_was_answered_is_there_after_each_kill() {
    let kills = std::env::var("COUNTERPART_KILLS").ok().and_then(|kills| kills.parse().ok());
    let folder = folder("state-kills");
    let known = Mutex::new(Known::default());
    for round in 0..kills.unwrap_or(KILLS) {
        let mut serving = serve(&folder, &[]);
        let address = serving.address();
        check(&mut Client::new(address), &known.lock().unwrap());
        // Another moment each time, from the first answer on.
        let enough = 1 + (round * 37) % 120;
        let answered = AtomicUsize::new(0);
        thread::scope(|scope| {
            for client in 0..CLIENTS {
                let (known, answered) = (&known, &answered);
                scope.spawn(move || {
                    let mut connection = Connection::open(address).ok()?;
                    for number in 0.. {
                        let item = format!("{round}-{client}-{number}");
                        work(&mut connection, &item, known)?;
                        answered.fetch_add(1, Ordering::Relaxed);
                    }
                    Some(())
                });
            }
            while answered.load(Ordering::Relaxed) < enough {
                thread::yield_now();
            }
            serving.process.kill().unwrap();
        });
        serving.process.wait().unwrap();
    }
    let serving = serve(&folder, &[]);
    let known = known.lock().unwrap();
    check(&mut Client::new(serving.address()), &known);
    assert!(known.made.len() > CLIENTS && !known.refused.is_empty());
    eprintln!(
        "{} made, {} paid, {} open, {} refused",
        known.made.len(),
        known.paid.len(),
        known.open.len(),
        known.refused.len()
    );
}

/// Makes an order and pays some of them; some are refused. None when the mock is gone.
fn work(connection: &mut Connection, item: &str, known: &Mutex<Known>) -> Option<()> {
    let odd = item.ends_with(['3', '7']);
    let quantity = if odd { 11 } else { 2 };
    let body = format!("{{\"item\":\"{item}\",\"quantity\":{quantity}}}");
    known.lock().unwrap().open.insert(item.to_owned());
    let reply = send(connection, "/shop/orders", &body)?;
    let mut all = known.lock().unwrap();
    all.open.remove(item);
    match reply.status {
        201 => drop(all.made.insert(item.to_owned(), serde_json::from_slice(&reply.body).unwrap())),
        422 => drop(all.refused.insert(item.to_owned())),
        status => panic!("{status} {}", reply.text()),
    }
    let id = all.made.get(item).map(|row| row["id"].to_string());
    drop(all);
    if let Some(id) = id.filter(|_| item.ends_with('5')) {
        let reply = send(connection, &format!("/shop/orders/{id}/pay"), "")?;
        assert_eq!(reply.status, 204, "{}", reply.text());
        known.lock().unwrap().paid.insert(item.to_owned());
    }
    Some(())
}

fn send(
    connection: &mut Connection,
    path: &str,
    body: &str,
) -> Option<super::support::client::Reply> {
    let length = body.len();
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: shop\r\nContent-Type: application/json\r\n\
         Content-Length: {length}\r\n\r\n{body}"
    );
    connection.exchange(head.as_bytes(), "POST").ok()
}

/// All that was answered is there as it was answered, and nothing that was refused, or never sent.
fn check(client: &mut Client, known: &Known) {
    let rows = get(client, "/_counterpart/state/shop/orders");
    let rows: BTreeMap<&str, &serde_json::Value> =
        rows.as_array().unwrap().iter().map(|row| (row["item"].as_str().unwrap(), row)).collect();
    for (item, made) in &known.made {
        let row = rows.get(&**item).unwrap_or_else(|| panic!("{item} is lost"));
        for field in ["id", "quantity", "secret", "made"] {
            assert_eq!(row[field], made[field], "{item}: {field}");
        }
        assert!(!known.paid.contains(item) || row["paid"] == true, "{item} is not paid any more");
    }
    for item in rows.keys().filter(|item| **item != "fixture") {
        assert!(!known.refused.contains(*item), "{item} was refused, and is there");
        let sent = known.made.contains_key(*item) || known.open.contains(*item);
        assert!(sent, "{item} was never sent");
    }
    let ids: BTreeSet<String> = rows.values().map(|row| row["id"].to_string()).collect();
    assert_eq!(ids.len(), rows.len(), "no number is given twice");
    // Each order has its mail, with a link that works.
    let outbox = get(client, "/_counterpart/outbox/shop");
    assert_eq!(outbox.as_array().unwrap().len(), rows.len() - 1);
}

#[test]
fn a_kill_right_after_the_answer_loses_nothing() {
    let folder = folder("state-one");
    for number in 0..3 {
        let serving = serve(&folder, &[]);
        let mut client = Client::new(serving.address());
        assert_eq!(create(&mut client, "", &format!("tea {number}")).status, 201);
        assert_eq!(create(&mut client, "/@mine", &format!("cake {number}")).status, 201);
        kill(serving);
    }
    let serving = serve(&folder, &[]);
    let mut client = Client::new(serving.address());
    for (session, wanted) in [("", "tea 2"), ("/@mine", "cake 2")] {
        let rows = get(&mut client, &format!("{session}/_counterpart/state/shop/orders"));
        assert_eq!(rows.as_array().unwrap().len(), 4, "{rows}");
        assert_eq!(rows[3]["item"], wanted);
        assert_eq!(rows[3]["id"], 4);
    }
}
