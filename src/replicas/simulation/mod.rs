//! Several replicas over a model of the database, in one process: which task goes on next, how
//! long a message takes, what fails and who crashes is decided by a seed. One seed repeats one
//! history.
//!
//! What clients have seen has to fit one order of requests (linearizability), what was refused
//! must not have happened, and in the end all replicas have the same state. So that the check is
//! worth something, databases that do what none may do are there too, and have to be found.

#![allow(
    clippy::cast_possible_truncation,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking, and draws small numbers"
)]

mod database;
mod history;
mod row;
mod scheduler;
mod weather;
mod world;

use std::collections::BTreeMap;

use weather::Flaw;
use world::{Outcome, World};

/// How many seeds are tried, for runs that take longer.
fn wanted(usual: u64) -> u64 {
    let said = std::env::var("COUNTERPART_SEEDS").ok().and_then(|count| count.parse().ok());
    said.unwrap_or(usual)
}

#[test]
fn what_clients_see_fits_whatever_fails() {
    let mut sums = BTreeMap::new();
    for seed in 0..wanted(100) {
        let Outcome { wrong, counts, .. } = World::run(seed, None);
        assert_eq!(wrong, None, "seed {seed}");
        for (what, count) in counts {
            *sums.entry(what).or_insert(0) += count;
        }
    }
    // What never happens proves nothing.
    assert!(sums.values().all(|count| *count > 0), "{sums:?}");
}

#[test]
fn a_seed_repeats_its_history() {
    for seed in 0..10 {
        let (one, other) = (World::run(seed, None), World::run(seed, None));
        assert_eq!(one.history, other.history, "seed {seed}");
    }
}

#[test]
fn a_database_that_does_what_none_may_do_is_found() {
    for flaw in
        [Flaw::ForgetsCommits, Flaw::KeepsWhatItRefused, Flaw::LocksNothing, Flaw::ReadsBehind]
    {
        let found = (0..60).any(|seed| World::run(seed, Some(flaw)).wrong.is_some());
        assert!(found, "{flaw:?}");
    }
}
