//! The database goes away and comes back, and connections to it end at the worst moment.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::postgres::Postgres;
use super::support::client::{Client, Reply};
use super::{claim, folder, get, json, replicas, serve};

fn check_refusal(reply: &Reply, outcome: &str) {
    assert_eq!(reply.status, 503, "{}", reply.text());
    assert_eq!(reply.header("retry-after"), Some("1"));
    assert_eq!(json(reply)["outcome"], outcome, "{}", reply.text());
}

#[test]
fn without_the_database_it_says_so_and_goes_on_by_itself() {
    let Some(mut postgres) = Postgres::start("replicas-outage") else { return };
    let folder = folder("replicas-outage");
    let serving = replicas(&folder, &postgres, 2);
    let mut clients: Vec<_> = serving.iter().map(|one| Client::new(one.address())).collect();
    assert_eq!(claim(&mut clients[0], "", "before").status, 201);
    get(&mut clients[1], "/shop/names");
    for round in 0..2 {
        postgres.stop();
        for client in &mut clients {
            check_refusal(&claim(client, "", "meanwhile"), "not done");
            check_refusal(&client.send("GET", "/shop/names", &[], ""), "not done");
            check_refusal(&claim(client, "/@new", "meanwhile"), "not done");
            let health = client.send("GET", "/_counterpart/health", &[], "");
            assert_eq!(json(&health)["status"], "failing");
        }
        postgres.run();
        let name = format!("after {round}");
        for client in &mut clients {
            // A database that has just been started may say once that it is not ready.
            let until = Instant::now() + Duration::from_mins(2);
            while client.send("GET", "/shop/names", &[], "").status != 200 {
                assert!(Instant::now() < until, "it does not go on");
            }
        }
        assert_eq!(claim(&mut clients[round], "", &name).status, 201);
    }
    for client in &mut clients {
        let rows = get(client, "/shop/names");
        let names: Vec<_> =
            rows.as_array().unwrap().iter().map(|row| row["name"].clone()).collect();
        assert_eq!(names, ["before", "after 0", "after 1"]);
        assert_eq!(get(client, "/_counterpart/health")["status"], "ok");
    }
}

/// What happens to connections.
const PASS: u8 = 0;
/// They end before the end of a transaction is asked for.
const BEFORE: u8 = 1;
/// They end when the end of a transaction was asked for, before the answer.
const BEHIND: u8 = 2;

/// Passes on to the database, until it is told otherwise. Gives the URL.
fn proxy(socket: PathBuf, mode: Arc<AtomicU8>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for client in listener.incoming() {
            let (client, socket, mode) = (client.unwrap(), socket.clone(), mode.clone());
            thread::spawn(move || pass(&client, &socket, &mode));
        }
    });
    format!("postgres://counterpart@{address}/postgres")
}

fn pass(client: &TcpStream, socket: &PathBuf, mode: &Arc<AtomicU8>) -> Option<()> {
    let server = UnixStream::connect(socket).ok()?;
    let (mut back, mut from) = (client.try_clone().ok()?, server.try_clone().ok()?);
    let muted = mode.clone();
    thread::spawn(move || {
        let mut bytes = vec![0; 65536];
        loop {
            let length = from.read(&mut bytes).unwrap_or(0);
            // The answer to what is waited for is lost.
            let lost = muted.load(Ordering::SeqCst) == BEHIND && ends(&bytes[..length]);
            if length == 0 || lost || back.write_all(&bytes[..length]).is_err() {
                back.shutdown(Shutdown::Both).ok();
                break;
            }
        }
    });
    let (mut client, mut to) = (client.try_clone().ok()?, server);
    let mut bytes = vec![0; 65536];
    loop {
        let length = client.read(&mut bytes).unwrap_or(0);
        let commits = ends(&bytes[..length]);
        if length == 0 || (commits && mode.load(Ordering::SeqCst) == BEFORE) {
            to.shutdown(Shutdown::Both).ok();
            client.shutdown(Shutdown::Both).ok();
            return None;
        }
        to.write_all(&bytes[..length]).ok()?;
    }
}

/// Whether the end of a transaction is asked for there, or told.
fn ends(bytes: &[u8]) -> bool {
    bytes.windows(7).any(|part| part == b"COMMIT\0")
}

#[test]
fn what_nobody_knows_is_said_to_be_unknown() {
    let Some(postgres) = Postgres::start("replicas-unknown") else { return };
    let folder = folder("replicas-unknown");
    let mode = Arc::new(AtomicU8::new(PASS));
    let through = serve(&folder, &proxy(postgres.socket(), mode.clone()));
    let beside = serve(&folder, &postgres.url());
    let (mut client, mut other) = (Client::new(through.address()), Client::new(beside.address()));
    assert_eq!(claim(&mut client, "", "kept").status, 201);
    for (how, name, is_there) in [(BEFORE, "lost", false), (BEHIND, "kept too", true)] {
        mode.store(how, Ordering::SeqCst);
        check_refusal(&claim(&mut client, "", name), "unknown");
        mode.store(PASS, Ordering::SeqCst);
        // It knows what became of it as soon as it can ask, as others do.
        for client in [&mut client, &mut other] {
            let rows = get(client, "/shop/names");
            let found = rows.as_array().unwrap().iter().any(|row| row["name"] == name);
            assert_eq!(found, is_there, "{name}: {rows}");
        }
        let again = claim(&mut client, "", name);
        assert_eq!(again.status, if is_there { 409 } else { 201 });
    }
}
