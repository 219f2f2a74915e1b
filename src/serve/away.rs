//! Large and slow requests, worked on where they keep nobody waiting.

use std::thread;
use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::timeout;

use crate::room::with_room;
use crate::worker::may_wait;

/// Larger bodies are worked on away from those who serve connections.
pub(super) const LARGE: usize = 256 * 1024;
/// So many of them are worked on at once at most: a large one takes many times its size.
const MOST: usize = 4;

/// Where large and slow requests are worked on, a few at once; the others wait for their turn.
pub(super) struct Away {
    places: Semaphore,
}

impl Away {
    /// Half of the processors; the others are for small requests.
    pub(super) fn new() -> Self {
        let processors = thread::available_parallelism().map_or(1, usize::from);
        Self { places: Semaphore::new((processors / 2).clamp(1, MOST)) }
    }

    /// Waits for a turn, which ends when what it gives is dropped, but not for longer than that.
    pub(super) async fn turn(&self, patience: Duration) -> Option<SemaphorePermit<'_>> {
        // The semaphore itself fails only when it is closed, which nobody does.
        timeout(patience, self.places.acquire()).await.ok()?.ok()
    }
}

/// Does some work on a thread of its own: what a thread has allocated goes back to the system
/// after its end, and one that stays would hold on to it.
///
/// Gives `None` when the system has no thread.
pub(super) fn work_away<T: Send>(work: impl FnOnce() -> T + Send) -> Option<T> {
    may_wait(|| with_room(work))
}
