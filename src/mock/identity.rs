//! What tells a request from all others of its session, and what follows from that: its id, and
//! UUIDs.
//!
//! Both follow from the seed and from how many requests asked for an identity before, and change
//! nothing: so who asks may still be one that only reads.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::random::{Random, encode_hex, uuid};

/// How many requests of a session have asked for an identity.
#[derive(Debug, Default)]
pub(super) struct Asked(AtomicU64);

impl Asked {
    /// The number of one more, from 1.
    pub(super) fn next(&self) -> u64 {
        self.0.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// How many there were.
    pub(super) fn count(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    /// Goes back to when there were so many. To be called while nobody else asks.
    pub(super) fn restore(&self, count: u64) {
        self.0.store(count, Ordering::Relaxed);
    }
}

/// What a request is known by.
#[derive(Debug, Clone)]
pub(super) struct Identity {
    seed: u64,
    /// The stream of its session, in this process where it is served by several.
    stream: String,
    number: u64,
}

impl Identity {
    /// That of a request with that number. `process` is another one in each process that serves
    /// the session, where there may be several, at once or one after the other: they do not know
    /// how many requests the others have answered that changed nothing.
    pub(super) fn new(seed: u64, process: Option<u64>, number: u64) -> Self {
        let stream = process
            .map_or_else(|| "requests".to_owned(), |process| format!("requests of {process}"));
        Self { seed, stream, number }
    }

    /// The id of the request: 32 hexadecimal digits.
    pub(super) fn id(&self) -> String {
        let mut random = Random::new(self.seed, &self.stream);
        random.restore(self.number);
        encode_hex(&random.bytes(16))
    }

    /// The UUID that the request gets where it asked for so many before.
    pub(super) fn uuid(&self, before: u64) -> String {
        let mut random = Random::new(self.seed, &format!("{}/{}", self.stream, self.number));
        random.restore(before);
        uuid(&random.bytes(16))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn nothing_comes_twice() {
        let mut seen = HashSet::new();
        for (seed, process) in [(1, None), (2, None), (1, Some(0)), (1, Some(1))] {
            for number in 1..50 {
                let identity = Identity::new(seed, process, number);
                assert_eq!(identity.id(), Identity::new(seed, process, number).id());
                assert!(seen.insert(identity.id()));
                for before in 0..10 {
                    assert_eq!(identity.uuid(before), identity.clone().uuid(before));
                    assert!(seen.insert(identity.uuid(before)));
                }
            }
        }
    }
}
