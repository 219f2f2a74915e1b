//! Who waits for something to change in a session.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use tokio::sync::Notify;
use tokio::sync::futures::Notified;

/// Those whose requests are held in a session.
#[derive(Debug, Default)]
pub struct Waiting {
    news: Notify,
    count: AtomicUsize,
    gone: AtomicBool,
}

/// Somebody whose request is held; its session stays meanwhile.
#[derive(Debug)]
pub struct Waiter<'s>(&'s Waiting);

impl Waiting {
    /// One more, until it is dropped.
    pub fn one(&self) -> Waiter<'_> {
        self.count.fetch_add(1, Ordering::SeqCst);
        Waiter(self)
    }

    /// Whether there is anybody.
    pub(super) fn is_any(&self) -> bool {
        self.count.load(Ordering::SeqCst) > 0
    }

    /// Says that something has changed. To be called while the session's state is held, so that
    /// who looked at it before and found nothing is among those who wait.
    pub(super) fn tell(&self) {
        if self.is_any() {
            self.news.notify_waiters();
        }
    }

    /// Says that the session is no more.
    pub(super) fn end(&self) {
        self.gone.store(true, Ordering::SeqCst);
        self.news.notify_waiters();
    }
}

impl Waiter<'_> {
    /// Told of whatever changes from now on.
    pub fn news(&self) -> Notified<'_> {
        self.0.news.notified()
    }

    /// Whether the session is no more.
    pub fn is_over(&self) -> bool {
        self.0.gone.load(Ordering::SeqCst)
    }
}

impl Drop for Waiter<'_> {
    fn drop(&mut self) {
        self.0.count.fetch_sub(1, Ordering::SeqCst);
    }
}
