//! What a connection waits for, so that nothing waits for ever.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use super::bodies::Bodies;
use super::limits::ServeOptions;
use crate::exchange::Breakage;

/// What a connection waits for, and since when. The values are milliseconds since the connection
/// began, doubled; the lowest bit is set while a head is being read, and clear between requests.
#[derive(Debug)]
pub(super) struct Pace {
    began: Instant,
    waiting: AtomicU64,
    /// The client has sent its first byte.
    spoke: AtomicBool,
    /// The client has sent its last byte.
    ended: AtomicBool,
    endless_body: AtomicBool,
    /// How the connection is to break, if it is.
    breakage: OnceLock<Breakage>,
    /// The bodies that are on their way.
    pub(super) bodies: Arc<Bodies>,
    /// Told when the connection is to make room for another.
    pub(super) room: Notify,
}

/// The server is at work; nothing is waited for.
const BUSY: u64 = u64::MAX;

impl Pace {
    pub(super) fn new() -> Self {
        // A new connection has nothing better to do than to send a head.
        Self {
            began: Instant::now(),
            waiting: AtomicU64::new(1),
            spoke: AtomicBool::new(false),
            ended: AtomicBool::new(false),
            endless_body: AtomicBool::new(false),
            breakage: OnceLock::new(),
            bodies: Arc::default(),
            room: Notify::new(),
        }
    }

    /// What one of several requests waits for that are on their way at once.
    pub(super) fn of_one(&self) -> Self {
        Self { bodies: self.bodies.clone(), ..Self::new() }
    }

    fn now(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).map_or(BUSY >> 2, |now| now.min(BUSY >> 2))
    }

    pub(super) fn busy(&self) {
        self.waiting.store(BUSY, Ordering::Relaxed);
    }

    pub(super) fn idle(&self) {
        self.waiting.store(self.now() << 1, Ordering::Relaxed);
    }

    /// Takes note of bytes that came; says whether they begin a head.
    pub(super) fn bytes_came(&self) -> bool {
        self.spoke.store(true, Ordering::Relaxed);
        let begins = self.waiting.load(Ordering::Relaxed) & 1 == 0;
        if begins {
            self.waiting.store(self.now() << 1 | 1, Ordering::Relaxed);
        }
        begins
    }

    /// Says how the connection is to break.
    pub(super) fn break_by(&self, breakage: Breakage) {
        // Only the first answer that breaks is sent.
        _ = self.breakage.set(breakage);
    }

    /// How the connection is to break, if it is.
    pub(super) fn breakage(&self) -> Option<Breakage> {
        self.breakage.get().copied()
    }

    /// Whether a head is being read.
    pub(super) fn reads_head(&self) -> bool {
        let waiting = self.waiting.load(Ordering::Relaxed);
        waiting != BUSY && waiting & 1 == 1
    }

    /// Notes that the head said a length which no body can have.
    pub(super) fn set_endless_body(&self) {
        self.endless_body.store(true, Ordering::Relaxed);
    }

    /// Whether the head said a length which no body can have.
    pub(super) fn has_endless_body(&self) -> bool {
        self.endless_body.load(Ordering::Relaxed)
    }

    /// The time that is left for what is waited for now; none when it is up.
    pub(super) fn left(&self, options: &ServeOptions) -> Option<Duration> {
        let waiting = self.waiting.load(Ordering::Relaxed);
        if waiting == BUSY {
            return Some(Duration::MAX);
        }
        let limit = if waiting & 1 == 1 { options.head_timeout } else { options.idle_timeout };
        let until = Duration::from_millis(waiting >> 1).saturating_add(limit);
        until.checked_sub(self.began.elapsed()).filter(|left| !left.is_zero())
    }

    /// The client has sent its last byte.
    pub(super) fn end(&self) {
        self.ended.store(true, Ordering::Relaxed);
    }

    /// Whether the client has sent its last byte.
    pub(super) fn has_ended(&self) -> bool {
        self.ended.load(Ordering::Relaxed)
    }

    /// For how long a head is being read, if that is longer than some time.
    pub(super) fn lingers(&self, after: Duration) -> Option<Duration> {
        let waiting = self.waiting.load(Ordering::Relaxed);
        if waiting == BUSY || waiting & 1 == 0 || !self.spoke.load(Ordering::Relaxed) {
            return None;
        }
        let since = Duration::from_millis(waiting >> 1);
        Some(self.began.elapsed().saturating_sub(since)).filter(|took| *took >= after)
    }

    /// For how long nothing was asked; none while a request is read or answered.
    pub(super) fn unused(&self) -> Option<Duration> {
        let waiting = self.waiting.load(Ordering::Relaxed);
        let reads = waiting & 1 == 1 && self.spoke.load(Ordering::Relaxed);
        if waiting == BUSY || reads {
            return None;
        }
        let since = Duration::from_millis(waiting >> 1);
        Some(self.began.elapsed().saturating_sub(since))
    }
}
