//! Which requests took long the last time, so that they are worked on where they keep nobody
//! waiting.

use std::hash::{BuildHasher as _, Hash as _, Hasher as _};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use foldhash::fast::FixedState;
use http::Method;

/// Whoever takes longer keeps others waiting.
const LONG: Duration = Duration::from_millis(25);
/// So many are told apart; which of two with the same mark it was makes little difference.
const MARKS: usize = 1024;

/// A mark for each method and path, which others may have too.
pub(super) struct Slow(Box<[AtomicBool]>);

impl Slow {
    pub(super) fn new() -> Self {
        Self((0..MARKS).map(|_| AtomicBool::new(false)).collect())
    }

    /// The mark of a request: whether one like it took long the last time.
    pub(super) fn mark(&self, method: &Method, path: &str) -> Mark<'_> {
        let mut hasher = FixedState::default().build_hasher();
        method.hash(&mut hasher);
        path.hash(&mut hasher);
        let at = usize::try_from(hasher.finish() % MARKS as u64).unwrap_or_default();
        Mark(self.0.get(at))
    }
}

/// What is known of requests of a kind.
pub(super) struct Mark<'s>(Option<&'s AtomicBool>);

impl Mark<'_> {
    /// Whether the last one took long.
    pub(super) fn is_long(&self) -> bool {
        self.0.is_some_and(|mark| mark.load(Ordering::Relaxed))
    }

    /// Notes how long one took.
    pub(super) fn took(&self, time: Duration) {
        let long = time > LONG;
        if self.is_long() != long
            && let Some(mark) = self.0
        {
            mark.store(long, Ordering::Relaxed);
        }
    }
}
