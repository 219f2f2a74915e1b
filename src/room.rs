//! Room for recursion: what people write nests, and readers of it call themselves.

use std::cell::Cell;
use std::panic::resume_unwind;
use std::thread::{Builder, scope};

/// Enough for 128 levels in each other at every step from text to model, without optimisation.
/// It is address space; only what is used is memory.
const STACK: usize = 64 * 1024 * 1024;

thread_local! {
    static HAS_ROOM: Cell<bool> = const { Cell::new(false) };
}

/// A thread with room for deep recursion, to be given work by [`mark`].
pub(crate) fn builder() -> Builder {
    Builder::new().stack_size(STACK)
}

/// Does the work of a thread of [`builder`], which need not ask for another one.
pub(crate) fn mark<T>(work: impl FnOnce() -> T) -> T {
    HAS_ROOM.set(true);
    work()
}

/// Does some work on a stack with room for deep recursion: this one if it has, or one of another
/// thread.
///
/// Gives `None` when the system has no thread for it.
pub(crate) fn with_room<T: Send>(work: impl FnOnce() -> T + Send) -> Option<T> {
    if HAS_ROOM.get() {
        return Some(work());
    }
    scope(|scope| {
        let thread = builder().spawn_scoped(scope, || mark(work)).ok()?;
        match thread.join() {
            Ok(result) => Some(result),
            Err(panic) => resume_unwind(panic),
        }
    })
}
