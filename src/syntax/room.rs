//! Room for recursion: what people write nests, and readers of it call themselves.

use std::panic::resume_unwind;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{Builder, available_parallelism, scope};

use parking_lot::Mutex;

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

/// Does the same work on each item, on as many threads as there are processors; the results are
/// in the order of the items.
pub fn each<I: Send, T: Send>(items: Vec<I>, work: impl Fn(I) -> T + Sync) -> Vec<T> {
    let threads = available_parallelism().map_or(1, usize::from).min(items.len());
    if threads <= 1 {
        return items.into_iter().map(work).collect();
    }
    let items: Vec<Mutex<Option<I>>> = items.into_iter().map(|i| Mutex::new(Some(i))).collect();
    let results: Vec<Mutex<Option<T>>> = items.iter().map(|_| Mutex::default()).collect();
    let next = AtomicUsize::new(0);
    let take = || {
        while let Some((item, result)) = {
            let at = next.fetch_add(1, Ordering::Relaxed);
            items.get(at).zip(results.get(at))
        } {
            let item = item.lock().take();
            *result.lock() = item.map(&work);
        }
    };
    scope(|scope| {
        for _ in 1..threads {
            // Where the system has no thread for it, this one does all.
            Builder::new().spawn_scoped(scope, take).ok();
        }
        take();
    });
    results.into_iter().filter_map(Mutex::into_inner).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_in_order() {
        let doubled = each((0..1000).collect(), |number: i32| number * 2);
        assert_eq!(doubled, (0..1000).map(|number| number * 2).collect::<Vec<_>>());
    }
}
