//! How far the clocks of both sides are apart, as far as their answers tell.

use super::time::{DAY, Time};

/// How much two times may be closer or further apart on one side, besides what the trial took, in
/// milliseconds; and at most, whatever it took.
const LEAST: i64 = 2_000;
const MOST: i64 = 30_000;

/// Times that are further from now were not made by a clock, in milliseconds.
const PAST: i64 = 366 * DAY;
const FUTURE: i64 = 3_660 * DAY;

/// What is known of both clocks.
#[derive(Debug, Clone)]
pub(super) struct Clocks {
    /// What time it is on both sides.
    now: [i64; 2],
    /// By how much two times may be wrong.
    tolerance: i64,
    ahead: Ahead,
}

/// By how much the right side is ahead.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Ahead {
    /// In milliseconds, once both sides have told a time.
    instant: Option<i64>,
    /// In days, once both have told a day and no time.
    days: Option<i64>,
}

impl Clocks {
    /// Of two trials that took so long.
    pub(super) fn new(now: i64, took: std::time::Duration) -> Self {
        let took = i64::try_from(took.as_millis()).unwrap_or(MOST);
        let tolerance = LEAST.saturating_add(took).min(MOST);
        Self { now: [now; 2], tolerance, ahead: Ahead::default() }
    }

    /// From here on it is so late on both sides.
    pub(super) fn set(&mut self, now: [i64; 2]) {
        self.now = now;
    }

    pub(super) fn ahead(&self) -> Ahead {
        self.ahead
    }

    pub(super) fn put_back(&mut self, ahead: Ahead) {
        self.ahead = ahead;
    }

    /// Whether both are what the clock of each side told, as far apart as the other times of the
    /// trial. Times that are far from now are data, and so have to be equal.
    pub(super) fn agree(&mut self, left: &Time, right: &Time) -> bool {
        let near = |time: &Time, now: i64| {
            (now.saturating_sub(PAST)..=now.saturating_add(FUTURE)).contains(&time.instant)
        };
        if !near(left, self.now[0]) || !near(right, self.now[1]) {
            return left == right;
        }
        let apart = right.instant.saturating_sub(left.instant);
        if left.is_day {
            return self.days_agree(apart / DAY);
        }
        // Another zone at the same time on the wall is another time.
        if left.wall == right.wall && apart != 0 {
            return false;
        }
        let known = *self.ahead.instant.get_or_insert(apart);
        known.saturating_sub(apart).abs() <= self.tolerance
    }

    fn days_agree(&mut self, apart: i64) -> bool {
        match self.ahead.instant {
            // No clock is ahead: both sides tell the same day.
            Some(instant) if instant.abs() <= self.tolerance => apart == 0,
            Some(instant) => {
                let least = instant.saturating_sub(self.tolerance).div_euclid(DAY);
                let most = -(-instant.saturating_add(self.tolerance)).div_euclid(DAY);
                (least..=most).contains(&apart)
            }
            None => *self.ahead.days.get_or_insert(apart) == apart,
        }
    }
}
