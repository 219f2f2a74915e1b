//! How far the clocks of both sides are apart, as far as their answers tell, and by how much steps
//! moved one of them.

use std::collections::BTreeMap;
use std::time::Duration;

use super::observed::Observed;
use super::reading::Reading;
use super::time::{DAY, Time};

/// How much two times may be closer or further apart on one side, besides what the trial took, in
/// milliseconds; and at most, whatever it took.
const LEAST: i64 = 2_000;
const MOST: i64 = 30_000;

/// Times that are further from now were not made by a clock, in milliseconds.
const PAST: i64 = 366 * DAY;
const FUTURE: i64 = 3_660 * DAY;

/// How many of the distances at which both clocks were are told apart: as many as there are bits.
const MOST_DISTANCES: usize = 64;

/// What is known of both clocks.
#[derive(Debug, Clone)]
pub(super) struct Clocks {
    /// What time it is on both sides.
    now: [i64; 2],
    /// By how much two times may be wrong.
    tolerance: i64,
    sides: [Side; 2],
    /// By how much more the right clock was moved than the left one, in the beginning and after
    /// each step that moved one of them.
    moved: Vec<i64>,
    /// The same by now.
    moved_by_now: i64,
    ahead: Ahead,
    /// Where the last answer came from.
    from: String,
    /// The times at each place of the answers before, and those of the last one.
    told: BTreeMap<(String, String), Told>,
    telling: Vec<((String, String), Told)>,
}

/// The clock of one side.
#[derive(Debug, Clone, Copy)]
struct Side {
    now: i64,
    frozen: bool,
}

/// Two times at one place.
#[derive(Debug, Clone, Copy)]
struct Told {
    instants: [i64; 2],
    /// When they were told, by the clock of each side.
    at: [i64; 2],
    moved: i64,
}

/// By how much the right side is ahead.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Ahead {
    /// How far the first times were apart that both sides told, in milliseconds.
    first: Option<i64>,
    /// After which moves these may have been made: a bit for each.
    made_after: u64,
    /// In days, once both have told a day and no time.
    days: Option<i64>,
}

impl Clocks {
    /// Of two trials.
    pub(super) fn of(now: i64, sides: [&Observed; 2]) -> Self {
        let took = sides.map(|side| side.result.duration);
        Self::new(now, sides.map(|side| side.known.clock), took[0].max(took[1]))
    }

    /// Of two trials that took so long, where the clocks of mocks began so.
    pub(super) fn new(now: i64, began: [Option<i64>; 2], took: Duration) -> Self {
        let tolerance = LEAST.saturating_add(milliseconds(took)).min(MOST);
        Self {
            now: [now; 2],
            tolerance,
            sides: began.map(|began| Side { now: began.unwrap_or(now), frozen: false }),
            moved: vec![0],
            moved_by_now: 0,
            ahead: Ahead::default(),
            from: String::new(),
            told: BTreeMap::new(),
            telling: Vec::new(),
        }
    }

    /// From here on it is so late on both sides, and times come from there.
    pub(super) fn set(&mut self, now: [i64; 2], from: String) {
        self.now = now;
        self.from = from;
        self.told.extend(self.telling.drain(..));
    }

    /// A step took so long on each side, and a mock said what its clock is.
    pub(super) fn pass(&mut self, took: [Duration; 2], readings: [Option<Reading>; 2]) {
        let mut moved = [0, 0];
        for (((side, took), reading), moved) in
            self.sides.iter_mut().zip(took).zip(readings).zip(&mut moved)
        {
            if !side.frozen {
                side.now = side.now.saturating_add(milliseconds(took));
            }
            if let Some(Reading { now, frozen }) = reading {
                *moved = now.saturating_sub(side.now);
                *side = Side { now, frozen };
            }
        }
        let more = moved[1].saturating_sub(moved[0]);
        self.moved_by_now = self.moved_by_now.saturating_add(more);
        let is_known = self.moved.iter().any(|known| self.is_near(*known, self.moved_by_now));
        if !is_known && self.moved.len() < MOST_DISTANCES {
            self.moved.push(self.moved_by_now);
        }
    }

    pub(super) fn ahead(&self) -> Ahead {
        self.ahead
    }

    pub(super) fn put_back(&mut self, ahead: Ahead) {
        self.ahead = ahead;
    }

    /// Whether both are what the clock of each side told, as far apart as the other times of the
    /// trial. Times that are far from now are data, and so have to be equal.
    pub(super) fn agree(&mut self, left: &Time, right: &Time, place: Option<&str>) -> bool {
        let near = |time: &Time, now: i64| {
            (now.saturating_sub(PAST)..=now.saturating_add(FUTURE)).contains(&time.instant)
        };
        if !near(left, self.now[0]) || !near(right, self.now[1]) {
            return left == right;
        }
        let apart = right.instant.saturating_sub(left.instant);
        let fits = if left.is_day {
            self.days_agree(apart / DAY)
        } else {
            // Another zone at the same time on the wall is another time.
            (left.wall != right.wall || apart == 0) && self.instants_agree(apart)
        };
        fits && place.is_none_or(|place| self.changed_alike(place, [left, right]))
    }

    fn is_near(&self, one: i64, other: i64) -> bool {
        one.saturating_sub(other).abs() <= self.tolerance
    }

    /// A time may have been made before or after each of the moves. Those after which the first one
    /// cannot have been made are left out as others come.
    fn instants_agree(&mut self, apart: i64) -> bool {
        let Some(first) = self.ahead.first else {
            self.ahead.first = Some(apart);
            self.ahead.made_after = u64::MAX >> (MOST_DISTANCES - self.moved.len());
            return true;
        };
        let is_so = |after: i64| {
            let other = |moved: &i64| self.is_near(first - after + moved, apart);
            self.moved.iter().any(other)
        };
        let possible = self.possible().filter(|(_, moved)| is_so(*moved));
        let made_after = possible.fold(0, |all, (at, _)| all | 1 << at);
        if made_after == 0 {
            return false;
        }
        self.ahead.made_after = made_after;
        true
    }

    /// The moves after which the first times may have been made.
    fn possible(&self) -> impl Iterator<Item = (usize, i64)> {
        let moved = self.moved.iter().copied().enumerate();
        moved.filter(|(at, _)| self.ahead.made_after & 1 << at != 0)
    }

    fn days_agree(&mut self, apart: i64) -> bool {
        if let Some(first) = self.ahead.first {
            let mut ahead = self
                .possible()
                .flat_map(|(_, after)| self.moved.iter().map(move |moved| first - after + moved));
            return ahead.any(|ahead| self.are_days(ahead, apart));
        }
        let first = *self.ahead.days.get_or_insert(apart);
        let mut between =
            self.moved.iter().flat_map(|one| self.moved.iter().map(move |other| one - other));
        between.any(|between| self.are_days(between, apart - first))
    }

    /// Whether two days are so far apart where the right clock is so much ahead.
    fn are_days(&self, ahead: i64, apart: i64) -> bool {
        // No clock is ahead: both sides tell the same day.
        if ahead.abs() <= self.tolerance {
            return apart == 0;
        }
        let least = ahead.saturating_sub(self.tolerance).div_euclid(DAY);
        let most = -(-ahead.saturating_add(self.tolerance)).div_euclid(DAY);
        (least..=most).contains(&apart)
    }

    /// Whether a time that was at that place before has changed on both sides or on neither, once
    /// a step moved one of the clocks alone. Where so little time went by on one side that a change
    /// may not be seen, nothing is said.
    fn changed_alike(&mut self, place: &str, times: [&Time; 2]) -> bool {
        let key = (self.from.clone(), place.to_owned());
        let at = self.sides.map(|side| side.now);
        let told = Told { instants: times.map(|time| time.instant), at, moved: self.moved_by_now };
        let before = self.told.get(&key).copied();
        self.telling.push((key, told));
        let Some(before) = before.filter(|before| !self.is_near(before.moved, told.moved)) else {
            return true;
        };
        let passed = at
            .iter()
            .zip(before.at)
            .all(|(now, before)| now.saturating_sub(before).abs() >= times[0].step);
        let ([left, right], [was_left, was_right]) = (told.instants, before.instants);
        !passed || (left != was_left) == (right != was_right)
    }
}

fn milliseconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(MOST)
}
