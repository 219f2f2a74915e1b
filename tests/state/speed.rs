//! How much keeping costs. Nothing is asserted of it: what a disk takes is its own business.

use std::collections::BTreeSet;
use std::fs;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::support::client::Client;
use super::support::serving::Serving;
use super::{create, folder, kill};

const CONNECTIONS: usize = 32;
const TIME: Duration = Duration::from_secs(5);

/// Creates a second over so many connections.
fn rate(serving: &Serving) -> f64 {
    let (address, made) = (serving.address(), AtomicUsize::new(0));
    let until = Instant::now() + TIME;
    thread::scope(|scope| {
        for number in 0..CONNECTIONS {
            let made = &made;
            scope.spawn(move || {
                let mut client = Client::new(address);
                while Instant::now() < until {
                    assert_eq!(create(&mut client, "", &format!("tea {number}")).status, 201);
                    made.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
    });
    f64::from(u32::try_from(made.into_inner()).unwrap()) / TIME.as_secs_f64()
}

#[test]
#[ignore = "it measures: cargo test --test state speed -- --ignored --nocapture"]
fn creates_in_memory_and_kept() {
    let folder = folder("state-speed");
    for _ in 0..3 {
        fs::remove_file(folder.0.join("state.log")).ok();
        let memory = Serving::start(&folder, &["--no-watch"]);
        let in_memory = rate(&memory);
        kill(memory);
        let serving = super::serve(&folder, &[]);
        let kept = rate(&serving);
        kill(serving);
        let text = fs::read(folder.0.join("state.log")).unwrap();
        let lines = text.split(|byte| *byte == b'\n').skip(1).filter(|line| !line.is_empty());
        let batches: BTreeSet<Vec<u8>> = lines
            .clone()
            .filter_map(|line| line.split(|byte| *byte == b' ').nth(2).map(<[u8]>::to_vec))
            .collect();
        eprintln!(
            "{in_memory:.0} creates a second in memory, {kept:.0} kept: {:.2}; {} lines in {} syncs",
            kept / in_memory,
            lines.count(),
            batches.len()
        );
    }
}
