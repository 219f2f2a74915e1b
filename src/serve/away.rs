//! Large requests, worked on where they keep nobody waiting.

use std::thread;

use tokio::sync::Semaphore;

use crate::room::with_room;
use crate::worker::may_wait;

/// Larger bodies are worked on away from those who serve connections.
pub(super) const LARGE: usize = 256 * 1024;
/// So many large requests are worked on at once at most: each takes many times its size.
const MOST: usize = 4;

/// Where large requests are worked on, a few at once; the others wait for their turn.
pub(super) struct Away {
    places: Semaphore,
}

impl Away {
    /// Half of the processors; the others are for small requests.
    pub(super) fn new() -> Self {
        let processors = thread::available_parallelism().map_or(1, usize::from);
        Self { places: Semaphore::new((processors / 2).clamp(1, MOST)) }
    }

    /// Does some work when its turn comes, on a thread of its own: what a thread has allocated
    /// goes back to the system after its end, and one that stays would hold on to it.
    ///
    /// Gives `None` when the system has no thread.
    pub(super) async fn run<T: Send>(&self, work: impl FnOnce() -> T + Send) -> Option<T> {
        // It fails only when the semaphore is closed, which nobody does.
        let _place = self.places.acquire().await.ok();
        may_wait(|| with_room(work))
    }
}
