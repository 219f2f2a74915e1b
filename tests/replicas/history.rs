//! What clients of several replicas have seen, while replicas and the database are killed, fits
//! one order in which each request happened between its beginning and its end.

#[path = "../../src/replicas/simulation/history.rs"]
mod order;

use std::net::SocketAddr;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::postgres::Postgres;
use super::support::client::{Client, Connection, Reply};
use super::{folder, get, kill, replicas, serve, wanted};
use order::{Operation, Seen};

const REPLICAS: usize = 3;
const CLIENTS: usize = 6;
const REQUESTS: usize = 12;
/// The setting in the beginning, which is 0 for the check.
const SETTING: u64 = 100_000_000;

#[test]
fn what_clients_see_fits_one_order() {
    let rounds = wanted("COUNTERPART_KILLS", 4);
    let Some(mut postgres) = Postgres::start("replicas-history") else { return };
    let folder = folder("replicas-history");
    let mut serving = replicas(&folder, &postgres, REPLICAS);
    for round in 0..rounds {
        // One session for each, so that what has to be ordered stays short.
        let session = format!("/@round-{round}");
        let addresses: Vec<_> = serving.iter().map(super::Serving::address).collect();
        let (seen, asked) = (Mutex::new(Seen::default()), AtomicUsize::new(0));
        thread::scope(|scope| {
            for client in 0..CLIENTS {
                let (session, addresses, seen, asked) = (&session, &addresses, &seen, &asked);
                scope.spawn(move || {
                    for at in 0..REQUESTS {
                        let operation = operation(client, at);
                        let address = addresses[(client + at) % REPLICAS];
                        does(address, session, operation, seen);
                        asked.fetch_add(1, Ordering::Relaxed);
                    }
                });
            }
            while asked.load(Ordering::Relaxed) < CLIENTS * REQUESTS / 4 {
                thread::yield_now();
            }
            match round % 4 {
                0 => kill(&mut serving[round / 4 % REPLICAS]),
                1 => {
                    postgres.stop();
                    postgres.run();
                }
                2 => {}
                _ => {
                    kill(&mut serving[0]);
                    postgres.stop();
                    postgres.run();
                    kill(&mut serving[1]);
                }
            }
        });
        let dead = serving.iter_mut().filter_map(|one| {
            one.process.try_wait().unwrap().map(|_| serve(&folder, &postgres.url()))
        });
        let new: Vec<_> = dead.collect();
        serving.retain_mut(|one| one.process.try_wait().unwrap().is_none());
        serving.extend(new);
        for one in &serving {
            let until = Instant::now() + Duration::from_mins(2);
            let mut client = Client::new(one.address());
            while client.send("GET", "/shop/names", &[], "").status != 200 {
                assert!(Instant::now() < until, "it does not go on");
            }
            for operation in
                [Operation::Setting(None), Operation::Names(None), Operation::Counted(None)]
            {
                does(one.address(), &session, operation, &seen);
            }
        }
        let seen = seen.into_inner().unwrap();
        assert!(seen.fits(), "round {round}: {seen:#?}");
        let (answered, ..) = seen.counts();
        assert!(answered > CLIENTS * REQUESTS / 4, "round {round}: {seen:#?}");
        get(&mut Client::new(serving[0].address()), "/shop/names");
    }
}

fn operation(client: usize, at: usize) -> Operation {
    match (client * 5 + at) % 9 {
        0 => Operation::Set((client * REQUESTS + at) as u64 + 1),
        1 => Operation::Setting(None),
        // Three clients want each of them.
        2 => Operation::Claim((at / 2 + client % 2 * REQUESTS) as u64, None),
        3 => Operation::Names(None),
        4 => Operation::Count(None),
        5 => Operation::Counted(None),
        6 => Operation::Later,
        7 => Operation::Advance,
        _ => Operation::Reset,
    }
}

/// Asks once; whoever gets no answer does not know what came of it.
fn does(address: SocketAddr, session: &str, operation: Operation, seen: &Mutex<Seen>) {
    let (method, path, body) = match &operation {
        Operation::Set(value) => {
            let body = json!({"limit": SETTING + value});
            ("PUT", "_counterpart/state/shop/settings", body.to_string())
        }
        Operation::Setting(_) => ("GET", "_counterpart/state/shop/settings", String::new()),
        Operation::Claim(name, _) => {
            ("POST", "shop/names", json!({"name": name.to_string()}).to_string())
        }
        Operation::Names(_) => ("GET", "shop/names", String::new()),
        Operation::Count(_) => ("POST", "shop/counter", String::new()),
        Operation::Counted(_) => ("GET", "shop/counter", String::new()),
        Operation::Later => ("POST", "shop/counter/later", String::new()),
        Operation::Advance => {
            let body = json!({"by": "PT1H"});
            ("POST", "_counterpart/clock/advance", body.to_string())
        }
        Operation::Reset => ("POST", "_counterpart/reset", String::new()),
    };
    let request = seen.lock().unwrap().began(&operation);
    let Some(reply) = ask(address, method, &format!("{session}/{path}"), &body) else {
        // Whoever refuses connections is given a moment to be killed or started.
        thread::yield_now();
        return;
    };
    let body: Value = serde_json::from_slice(&reply.body).unwrap_or_default();
    if reply.status == 503 {
        match body["outcome"].as_str() {
            Some("not done") => seen.lock().unwrap().refused(request),
            Some("unknown") => {}
            _ => panic!("{operation:?}: {}", reply.text()),
        }
        return;
    }
    assert!(matches!(reply.status, 200..300 | 409), "{operation:?}: {}", reply.text());
    let value = body["value"].as_u64();
    let ended = match operation {
        Operation::Setting(_) => Operation::Setting(body["limit"].as_u64().map(|n| n - SETTING)),
        Operation::Claim(name, _) => Operation::Claim(name, Some(reply.status == 201)),
        Operation::Names(_) => {
            let names = body.as_array().into_iter().flatten();
            let names = names.filter_map(|row| row["name"].as_str()?.parse().ok());
            Operation::Names(Some(names.collect()))
        }
        Operation::Count(_) => Operation::Count(value),
        Operation::Counted(_) => Operation::Counted(value),
        other => other,
    };
    seen.lock().unwrap().ended(request, ended);
}

fn ask(address: SocketAddr, method: &str, path: &str, body: &str) -> Option<Reply> {
    let length = body.len();
    let typed = if body.is_empty() { "" } else { "Content-Type: application/json\r\n" };
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: {address}\r\n{typed}Content-Length: {length}\r\n\r\n\
         {body}"
    );
    Connection::open(address).ok()?.exchange(request.as_bytes(), method).ok()
}
