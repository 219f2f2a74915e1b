//! What clients of several replicas have seen of a counter fits one order in which each request
//! happened between its beginning and its end (linearizability).
//!
//! Each count answers another number, so the order is known: whether it fits can be told at once,
//! where a general checker has to search.

use std::thread;
use std::time::Instant;

use super::postgres::Postgres;
use super::support::client::Client;
use super::{folder, json, replicas, wanted};

/// What a client has seen.
struct Seen {
    counts: bool,
    value: u64,
    began: Instant,
    ended: Instant,
}

#[test]
fn a_counter_is_one_counter() {
    let each = wanted("COUNTERPART_RACES", 60);
    let Some(postgres) = Postgres::start("replicas-history") else { return };
    let folder = folder("replicas-history");
    let serving = replicas(&folder, &postgres, 3);
    let seen: Vec<Seen> = thread::scope(|scope| {
        let clients: Vec<_> = (0..6)
            .map(|number| {
                let address = serving[number % 3].address();
                scope.spawn(move || {
                    let mut client = Client::new(address);
                    let ask = |at: usize| {
                        let counts = !(at + number).is_multiple_of(3);
                        let began = Instant::now();
                        let method = if counts { "POST" } else { "GET" };
                        let reply = client.send(method, "/shop/counter", &[], "");
                        assert_eq!(reply.status, 200, "{}", reply.text());
                        let value = json(&reply)["value"].as_u64().unwrap();
                        Seen { counts, value, began, ended: Instant::now() }
                    };
                    (0..each).map(ask).collect::<Vec<_>>()
                })
            })
            .collect();
        clients.into_iter().flat_map(|client| client.join().unwrap()).collect()
    });
    check(&seen);
}

fn check(seen: &[Seen]) {
    let mut counts: Vec<_> = seen.iter().filter(|one| one.counts).collect();
    counts.sort_by_key(|one| one.value);
    let values: Vec<_> = counts.iter().map(|one| one.value).collect();
    assert_eq!(
        values,
        (1..=counts.len() as u64).collect::<Vec<_>>(),
        "no number twice, none left out"
    );
    // In the order of values, and what was read behind the count that made it, each has to come
    // after all that ended before it began.
    let mut order: Vec<_> = seen.iter().collect();
    order.sort_by_key(|one| (one.value, !one.counts, one.began));
    let mut latest: Option<&Seen> = None;
    for one in order {
        if let Some(before) = latest {
            assert!(
                one.ended >= before.began,
                "{} was seen before {} was begun to be asked for",
                one.value,
                before.value
            );
        }
        if latest.is_none_or(|before| before.began < one.began) {
            latest = Some(one);
        }
    }
}

#[test]
fn the_check_finds_what_does_not_fit() {
    let start = Instant::now();
    let at = |counts, value, began, ended| {
        let time = |millis| start + std::time::Duration::from_millis(millis);
        Seen { counts, value, began: time(began), ended: time(ended) }
    };
    let fits = [at(true, 1, 0, 10), at(true, 2, 5, 8), at(false, 1, 6, 7), at(false, 0, 0, 3)];
    check(&fits);
    // It reads what was there before a count that had ended.
    let stale = [at(true, 1, 0, 10), at(false, 0, 11, 12)];
    assert!(std::panic::catch_unwind(|| check(&stale)).is_err());
    let twice = [at(true, 1, 0, 10), at(true, 1, 0, 10)];
    assert!(std::panic::catch_unwind(|| check(&twice)).is_err());
}
