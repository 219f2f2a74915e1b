//! Threads on which nobody may wait for long: the workers of a server.

use std::cell::Cell;

thread_local! {
    static IS_WORKER: Cell<bool> = const { Cell::new(false) };
}

/// Says of this thread that it belongs to a runtime whose workers serve connections.
pub(crate) fn mark() {
    IS_WORKER.set(true);
}

/// Does what may take long. Where this is a worker, another thread takes over the connections
/// that it serves.
pub(crate) fn may_wait<T>(work: impl FnOnce() -> T) -> T {
    if IS_WORKER.get() { tokio::task::block_in_place(work) } else { work() }
}
