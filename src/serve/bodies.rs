//! Bodies that are on their way: where there is no room for another connection, whoever sends one
//! more slowly than anybody has to makes some.

use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::Notify;
use tokio::time::Instant;

/// So many bytes come in a second at least, on any line that a mock is used over.
const LEAST_RATE: u128 = 1024;

/// The bodies that are on their way on one connection, but for those that come at once.
#[derive(Debug, Default)]
pub(super) struct Bodies {
    coming: Mutex<Coming>,
    /// Told when they are not waited for any longer.
    end: Notify,
}

#[derive(Debug, Default)]
struct Coming {
    count: usize,
    since: Option<Instant>,
    bytes: u128,
}

/// One of them.
pub(super) struct OnItsWay<'b>(&'b Bodies);

impl Bodies {
    /// One is waited for.
    pub(super) fn wait(&self) -> OnItsWay<'_> {
        let mut coming = self.coming.lock();
        coming.count += 1;
        coming.since.get_or_insert_with(Instant::now);
        OnItsWay(self)
    }

    /// For how long they have been on their way, if that is longer than some time, and less comes
    /// than has to.
    pub(super) fn linger(&self, after: Duration) -> Option<Duration> {
        let coming = self.coming.lock();
        let took = coming.since?.elapsed();
        let wanted = took.as_millis() * LEAST_RATE / 1000;
        (took >= after && coming.bytes < wanted).then_some(took)
    }

    /// Waits no longer for any of them.
    pub(super) fn end(&self) {
        self.end.notify_waiters();
    }
}

impl OnItsWay<'_> {
    /// Some of it came.
    pub(super) fn came(&self, bytes: usize) {
        self.0.coming.lock().bytes += bytes as u128;
    }

    /// Ready when it is not waited for any longer; gives for how long it was.
    pub(super) async fn ended(&self) -> Duration {
        self.0.end.notified().await;
        self.0.coming.lock().since.map_or(Duration::ZERO, |since| since.elapsed())
    }
}

impl Drop for OnItsWay<'_> {
    fn drop(&mut self) {
        let mut coming = self.0.coming.lock();
        coming.count -= 1;
        if coming.count == 0 {
            *coming = Coming::default();
        }
    }
}
