//! Room for recursion: what people write nests, and readers of it call themselves.

use std::panic::resume_unwind;
use std::thread::{Builder, scope};

/// Enough for 128 levels in each other at every step from text to model, without optimisation.
/// It is address space; only what is used is memory.
const STACK: usize = 64 * 1024 * 1024;

/// Does some work on a stack with room for deep recursion.
///
/// Gives `None` when the system has no thread for it.
pub fn with_room<T: Send>(work: impl FnOnce() -> T + Send) -> Option<T> {
    scope(|scope| {
        let thread = Builder::new().stack_size(STACK).spawn_scoped(scope, work).ok()?;
        match thread.join() {
            Ok(result) => Some(result),
            Err(panic) => resume_unwind(panic),
        }
    })
}
