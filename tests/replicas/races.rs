//! Several replicas are asked for the same at once.

use std::sync::Barrier;
use std::thread;

use super::postgres::Postgres;
use super::support::client::Client;
use super::{claim, folder, get, json, replicas, wanted};

const REPLICAS: usize = 3;

#[test]
fn a_name_is_taken_once() {
    let rounds = wanted("COUNTERPART_RACES", 60);
    let Some(postgres) = Postgres::start("replicas-races") else { return };
    let folder = folder("replicas-races");
    let serving = replicas(&folder, &postgres, REPLICAS);
    let barrier = Barrier::new(REPLICAS);
    let outcomes: Vec<Vec<_>> = thread::scope(|scope| {
        let racers: Vec<_> = serving
            .iter()
            .map(|one| {
                let (address, barrier) = (one.address(), &barrier);
                scope.spawn(move || {
                    let mut client = Client::new(address);
                    let race = |round| {
                        barrier.wait();
                        claim(&mut client, "", &format!("name {round}"))
                    };
                    (0..rounds).map(race).collect()
                })
            })
            .collect();
        racers.into_iter().map(|racer| racer.join().unwrap()).collect()
    });
    let rows = get(&mut Client::new(serving[0].address()), "/shop/names");
    assert_eq!(rows.as_array().unwrap().len(), rounds);
    for round in 0..rounds {
        let statuses: Vec<_> = outcomes.iter().map(|all| all[round].status).collect();
        let won = outcomes.iter().map(|all| &all[round]).filter(|one| one.status == 201);
        let won: Vec<_> = won.collect();
        assert_eq!(won.len(), 1, "round {round}: {statuses:?}");
        assert!(statuses.iter().all(|status| [201, 409].contains(status)), "{statuses:?}");
        assert_eq!(rows[round], json(won[0]), "round {round}");
    }
}
