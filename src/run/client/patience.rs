//! How long is waited.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::failure::{Failure, FailureKind, Phase};

/// How often a wait looks up to see whether it was interrupted.
pub(super) const SLICE: Duration = Duration::from_millis(100);

/// How long is waited for a whole answer, and whose wish to stop is heard.
#[derive(Debug, Clone, Copy)]
pub struct Patience<'i> {
    /// How long in all.
    pub limit: Duration,
    until: Instant,
    interrupted: Option<&'i AtomicBool>,
}

impl<'i> Patience<'i> {
    /// From now on so long, unless the flag is raised.
    pub fn new(limit: Duration, interrupted: Option<&'i AtomicBool>) -> Self {
        let now = Instant::now();
        // So far away that it makes no difference.
        let far = || now + Duration::from_hours(24);
        Self { limit, until: now.checked_add(limit).unwrap_or_else(far), interrupted }
    }

    /// The same, and so long from now on at most.
    pub(super) fn of_at_most(&self, limit: Duration) -> Self {
        let limit = limit.min(self.left());
        Self { interrupted: self.interrupted, ..Self::new(limit, None) }
    }

    /// How long is left.
    pub fn left(&self) -> Duration {
        self.until.saturating_duration_since(Instant::now())
    }

    /// How long to wait before looking up again.
    pub(super) fn slice(&self, phase: impl FnOnce() -> Phase) -> Result<Duration, Failure> {
        if self.interrupted.is_some_and(|flag| flag.load(Ordering::Relaxed)) {
            return Err(Failure::new(FailureKind::Interrupted));
        }
        match self.until.checked_duration_since(Instant::now()) {
            // A socket takes a wait of nothing for one without end.
            Some(left) if left >= Duration::from_micros(1) => Ok(left.min(SLICE)),
            _ => Err(Failure::new(FailureKind::TimedOut(phase(), self.limit))),
        }
    }
}

/// Whether a wait has only come to its end, so that it can be taken up again.
pub(super) fn is_pause(error: &io::Error) -> bool {
    use io::ErrorKind::{Interrupted, TimedOut, WouldBlock};
    matches!(error.kind(), WouldBlock | TimedOut | Interrupted)
}
