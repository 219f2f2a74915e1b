//! Replicas are killed at any moment, under load.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use super::postgres::Postgres;
use super::support::client::{Client, Connection, Reply};
use super::{folder, get, json, kill, replicas, serve, wanted};

#[test]
fn what_was_answered_is_there_after_replicas_were_killed() {
    let kills = wanted("COUNTERPART_KILLS", 4);
    let Some(postgres) = Postgres::start("replicas-kills") else { return };
    let folder = folder("replicas-kills");
    let mut serving = replicas(&folder, &postgres, 2);
    let (made, open) = (Mutex::new(BTreeMap::new()), Mutex::new(Vec::new()));
    for round in 0..kills {
        let answered = AtomicUsize::new(0);
        let killed = round % 2;
        let addresses: Vec<_> = serving.iter().map(super::Serving::address).collect();
        thread::scope(|scope| {
            for client in 0..4 {
                let (address, made, open, answered) =
                    (addresses[client % 2], &made, &open, &answered);
                // Those of the one that stays go on a little after the other one has gone.
                let most = if client % 2 == killed { usize::MAX } else { 30 };
                scope.spawn(move || {
                    let mut connection = Connection::open(address).ok()?;
                    for number in 0..most {
                        let name = format!("{round}-{client}-{number}");
                        match send(&mut connection, &name) {
                            Some(reply) if reply.status == 201 => {
                                made.lock().unwrap().insert(name, json(&reply));
                            }
                            Some(reply) => panic!("{} {}", reply.status, reply.text()),
                            None => {
                                open.lock().unwrap().push(name);
                                return None;
                            }
                        }
                        answered.fetch_add(1, Ordering::Relaxed);
                    }
                    Some(())
                });
            }
            while answered.load(Ordering::Relaxed) < 1 + (round * 17) % 40 {
                thread::yield_now();
            }
            kill(&mut serving[killed]);
        });
        serving[killed] = serve(&folder, &postgres.url());
    }
    let (made, open) = (made.into_inner().unwrap(), open.into_inner().unwrap());
    for one in &serving {
        let rows = get(&mut Client::new(one.address()), "/shop/names");
        let rows: BTreeMap<_, _> = rows
            .as_array()
            .unwrap()
            .iter()
            .map(|row| (row["name"].as_str().unwrap().to_owned(), row.clone()))
            .collect();
        for (name, row) in &made {
            assert_eq!(rows.get(name), Some(row), "{name}");
        }
        for name in rows.keys().filter(|name| !made.contains_key(*name)) {
            assert!(open.contains(name), "{name} was never sent");
        }
    }
    assert!(made.len() > kills);
}

fn send(connection: &mut Connection, name: &str) -> Option<Reply> {
    let body = format!("{{\"name\":\"{name}\"}}");
    let length = body.len();
    let head = format!(
        "POST /shop/names HTTP/1.1\r\nHost: shop\r\nContent-Type: application/json\r\n\
         Content-Length: {length}\r\n\r\n{body}"
    );
    connection.exchange(head.as_bytes(), "POST").ok()
}
