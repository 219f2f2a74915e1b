//! What passed: requests in the order in which they came, with what was answered.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use parking_lot::Mutex;

/// So many bytes of a body are kept; of a larger one nothing is.
pub const LARGEST_BODY: usize = 1024 * 1024;
/// So many bytes of all bodies and heads are kept.
const MOST_BYTES: usize = 256 * 1024 * 1024;
/// So many exchanges are kept.
const MOST_EXCHANGES: usize = 100_000;

/// A request that went to an upstream, and what came of it.
#[derive(Debug, Clone)]
pub struct Exchange {
    /// Whose it is.
    pub vendor: Arc<str>,
    /// The method.
    pub method: String,
    /// The path and the query, as the upstream got them.
    pub target: String,
    /// The fields, as the client sent them.
    pub headers: Vec<(String, String)>,
    /// The body, without content codings.
    pub body: Bytes,
    /// What came back, or why nothing did, in words.
    pub outcome: Result<Answered, String>,
    /// How long it took.
    pub duration: Duration,
}

/// What an upstream answered.
#[derive(Debug, Clone)]
pub struct Answered {
    /// The status.
    pub status: u16,
    /// The fields, as the upstream sent them.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Kept,
}

/// A body, if it was kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kept {
    /// All of it, without content codings.
    Whole(Vec<u8>),
    /// Why it was not.
    Left(String),
}

impl Exchange {
    /// How much of the memory is its.
    fn size(&self) -> usize {
        let fields = |fields: &[(String, String)]| -> usize {
            fields.iter().map(|(name, value)| name.len() + value.len()).sum()
        };
        let answered = self.outcome.as_ref().map_or(0, |answered| {
            let body = match &answered.body {
                Kept::Whole(bytes) => bytes.len(),
                Kept::Left(why) => why.len(),
            };
            fields(&answered.headers) + body
        });
        self.target.len() + self.body.len() + fields(&self.headers) + answered
    }
}

type Listener = Box<dyn Fn(&Exchange) + Send + Sync>;

/// Keeps exchanges, a bounded number of them.
#[derive(Default)]
pub struct Tape {
    kept: Mutex<Held>,
    listener: Option<Listener>,
}

#[derive(Default)]
struct Held {
    /// By the number of the request; absent until its answer begins.
    exchanges: Vec<Option<Exchange>>,
    bytes: usize,
    /// How many were not kept, since there was no room.
    lost: usize,
}

/// All that was kept.
#[derive(Debug, Default)]
pub struct Taped {
    /// In the order in which the requests came.
    pub exchanges: Vec<Exchange>,
    /// How many were not kept, since there was no room.
    pub lost: usize,
}

impl std::fmt::Debug for Tape {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tape")
    }
}

impl Tape {
    /// One that tells of each exchange that has ended.
    pub fn new(listener: impl Fn(&Exchange) + Send + Sync + 'static) -> Self {
        Self { kept: Mutex::default(), listener: Some(Box::new(listener)) }
    }

    /// The number of a request that has come; none when no more are kept.
    pub(super) fn begin(&self) -> Option<usize> {
        let mut held = self.kept.lock();
        if held.exchanges.len() >= MOST_EXCHANGES || held.bytes >= MOST_BYTES {
            held.lost += 1;
            return None;
        }
        held.exchanges.push(None);
        Some(held.exchanges.len() - 1)
    }

    /// Keeps what is known of an exchange so far.
    pub(super) fn keep(&self, number: Option<usize>, exchange: Exchange) {
        let Some(number) = number else { return };
        let mut held = self.kept.lock();
        let added = exchange.size();
        let Some(place) = held.exchanges.get_mut(number) else { return };
        let before = place.replace(exchange).map_or(0, |before| before.size());
        held.bytes = held.bytes.saturating_sub(before) + added;
    }

    /// Keeps an exchange that has ended, and tells of it.
    pub(super) fn end(&self, number: Option<usize>, exchange: Exchange) {
        if let Some(listener) = &self.listener {
            listener(&exchange);
        }
        self.keep(number, exchange);
    }

    /// Takes all that was kept.
    pub fn take(&self) -> Taped {
        let held = std::mem::take(&mut *self.kept.lock());
        Taped { exchanges: held.exchanges.into_iter().flatten().collect(), lost: held.lost }
    }
}
