//! How many requests all trials together may make, and how fast.

use std::fmt;
use std::time::{Duration, Instant};

use parking_lot::Mutex;

/// Shared by all trials.
#[derive(Debug)]
pub struct Budget {
    most: Option<u64>,
    every: Option<Duration>,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    made: u64,
    refused: bool,
    next: Instant,
}

/// The requests are used up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UsedUp {
    /// How many there were.
    pub most: u64,
}

impl fmt::Display for UsedUp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.most {
            1 => f.write_str("the one request that the run may make is used up"),
            most => write!(f, "the {most} requests that the run may make are used up"),
        }
    }
}

impl Budget {
    /// At most so many requests, at most so many a second; `None` sets no limit.
    pub fn new(most: Option<u64>, per_second: Option<f64>) -> Self {
        let every = per_second
            .filter(|rate| *rate > 0.0)
            .and_then(|rate| Duration::try_from_secs_f64(1.0 / rate).ok());
        Self {
            most,
            every,
            state: Mutex::new(State { made: 0, refused: false, next: Instant::now() }),
        }
    }

    /// How many requests were made.
    pub fn made(&self) -> u64 {
        self.state.lock().made
    }

    /// Whether somebody was refused a request.
    pub fn refused(&self) -> Option<UsedUp> {
        let most = self.most?;
        self.state.lock().refused.then_some(UsedUp { most })
    }

    /// Takes a request out of the budget; says how long to wait before it is made.
    pub fn take(&self) -> Result<Duration, UsedUp> {
        let mut state = self.state.lock();
        if let Some(most) = self.most
            && state.made >= most
        {
            state.refused = true;
            return Err(UsedUp { most });
        }
        state.made += 1;
        let Some(every) = self.every else { return Ok(Duration::ZERO) };
        let now = Instant::now();
        let at = state.next.max(now);
        // A rate of one in ages has no next time.
        state.next = at.checked_add(every).unwrap_or(at);
        Ok(at - now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_counted_and_spread() {
        let budget = Budget::new(Some(3), Some(10.0));
        let waits: Vec<_> = (0..3).map(|_| budget.take().unwrap().as_millis()).collect();
        assert_eq!(waits[0], 0);
        assert!((50..=100).contains(&waits[1]) && (150..=200).contains(&waits[2]), "{waits:?}");
        assert_eq!(budget.refused(), None);
        assert_eq!(budget.take(), Err(UsedUp { most: 3 }));
        assert_eq!(budget.refused(), Some(UsedUp { most: 3 }));
        assert_eq!(Budget::new(None, None).take(), Ok(Duration::ZERO));
    }
}
