//! Work on many things at once.

use std::num::NonZero;
use std::thread::{available_parallelism, scope};

use parking_lot::Mutex;

use crate::room::{builder, mark};

/// Does some work on each item, on as many threads as the machine has processors, each with room
/// for deep recursion. The results stand in the order of the items.
pub(crate) fn each<T: Send, R: Send>(items: Vec<T>, work: impl Fn(T) -> R + Sync) -> Vec<R> {
    let most = available_parallelism().map_or(1, NonZero::get).min(items.len());
    let done = Mutex::new(Vec::with_capacity(items.len()));
    let waiting = Mutex::new(items.into_iter().enumerate());
    let next = || waiting.lock().next();
    let worker = || {
        while let Some((at, item)) = next() {
            let result = work(item);
            done.lock().push((at, result));
        }
    };
    scope(|scope| {
        for _ in 0..most {
            if builder().spawn_scoped(scope, || mark(worker)).is_err() {
                // All is done also where the system has no more threads.
                worker();
                break;
            }
        }
    });
    let mut done = done.into_inner();
    done.sort_unstable_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_stand_in_the_order_of_the_items() {
        for count in [0, 1, 2, 100] {
            let items: Vec<usize> = (0..count).collect();
            let doubled: Vec<usize> = items.iter().map(|item| item * 2).collect();
            assert_eq!(each(items, |item| item * 2), doubled);
        }
    }
}
