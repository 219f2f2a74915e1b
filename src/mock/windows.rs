//! Requests counted for the rate limit.

use std::collections::HashMap;
use std::sync::Arc;

use foldhash::fast::RandomState;
use parking_lot::Mutex;

use crate::ledger::Window as Image;
use crate::model::Pace;

/// Requests counted by whom they are counted for. The counters have a lock of their own, so that
/// a request that only reads can count beside others.
#[derive(Debug, Default)]
pub struct Windows {
    windows: Mutex<HashMap<Arc<str>, Window, RandomState>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Window {
    level: Level,
    /// When it says nothing any more, in milliseconds since the epoch: it is over, or full again.
    until: i64,
}

/// How much is taken of a window or a bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Level {
    /// When the window began, or when something last came back into the bucket, in milliseconds
    /// since the epoch.
    pub began: i64,
    /// How much requests have taken.
    pub used: i64,
}

impl Level {
    /// One of which nothing is taken at that time.
    pub fn empty(pace: Pace, now: i64) -> Self {
        let began = match pace {
            Pace::Window(length) => now - now.rem_euclid(length),
            Pace::Refill { .. } => now,
        };
        Self { began, used: 0 }
    }

    /// What has become of it at that time. Where a clock was put back a window is another one, and
    /// into a bucket nothing came meanwhile.
    fn at(self, pace: Pace, now: i64) -> Self {
        let empty = Self::empty(pace, now);
        match pace {
            Pace::Window(_) if self.began == empty.began => self,
            Pace::Window(_) => empty,
            Pace::Refill { every, by } => {
                let times = now.saturating_sub(self.began).max(0).div_euclid(every);
                let used = self.used.saturating_sub(times.saturating_mul(by));
                match used > 0 {
                    true => Self { began: self.began.min(now) + times * every, used },
                    false => empty,
                }
            }
        }
    }

    /// When so much has come back; at once, where that is nothing.
    pub fn until(self, pace: Pace, back: i64) -> i64 {
        match pace {
            _ if back <= 0 => self.began,
            Pace::Window(length) => self.began.saturating_add(length),
            Pace::Refill { every, by } => {
                let times = back.div_euclid(by) + i64::from(back.rem_euclid(by) > 0);
                self.began.saturating_add(times.saturating_mul(every))
            }
        }
    }
}

/// A request that was counted, for each limit that it counts for, by its position.
#[derive(Debug, Default)]
pub struct Counted(pub Vec<(usize, Count)>);

/// A request that was counted for one limit.
#[derive(Debug)]
pub struct Count {
    /// How things are with it.
    pub standing: Standing,
    /// How much it took.
    pub taken: i64,
    by: Arc<str>,
    until: i64,
    /// How it was before, where that was another window, or the bucket at another time.
    before: Option<Window>,
    /// Those of the past that made room for a new one.
    past: Vec<(Arc<str>, Window)>,
}

/// How things are with a limit when a request was counted for it.
#[derive(Debug, Clone, Copy)]
pub struct Standing {
    /// How much is taken, by this request too.
    pub level: Level,
    /// How much there is.
    pub most: i64,
    /// How much the request asked for.
    pub cost: i64,
    /// Whether it is one too many.
    pub refused: bool,
}

impl Standing {
    /// How much is left.
    pub fn left(self) -> i64 {
        self.most.saturating_sub(self.level.used).max(0)
    }

    /// How much has to come back before another such request is taken.
    pub fn lacking(self) -> i64 {
        self.cost.saturating_sub(self.left()).max(0)
    }
}

impl Count {
    /// The count as it is written down.
    pub(super) fn image(&self) -> Image {
        let Self { standing: Standing { level: Level { began, used }, .. }, until, .. } = *self;
        Image { by: self.by.clone(), began, until, used }
    }
}

impl From<Image> for Window {
    fn from(Image { began, until, used, .. }: Image) -> Self {
        Self { level: Level { began, used }, until }
    }
}

impl Windows {
    /// All counts.
    pub(super) fn image(&self) -> Vec<Image> {
        let windows = self.windows.lock();
        let image = |(by, window): (&Arc<str>, &Window)| {
            let Window { level: Level { began, used }, until } = *window;
            Image { by: by.clone(), began, until, used }
        };
        windows.iter().map(image).collect()
    }

    /// With those counts.
    pub(super) fn of(counts: impl IntoIterator<Item = Image>) -> Self {
        let counts = counts.into_iter().map(|image| (image.by.clone(), image.into()));
        Self { windows: Mutex::new(counts.collect()) }
    }

    /// Puts a count in that came elsewhere.
    pub(super) fn put(&self, image: Image) {
        let mut windows = self.windows.lock();
        if !windows.contains_key(&image.by) {
            windows.retain(|_, other| other.until > image.began);
        }
        windows.insert(image.by.clone(), image.into());
    }

    /// Counts a request. The first one takes the place of those of the past. A window counts those
    /// that are refused too; of a bucket they take nothing.
    pub fn count(&self, by: Arc<str>, pace: Pace, now: i64, cost: i64, most: i64) -> Count {
        let mut windows = self.windows.lock();
        let known = windows.get(&by).copied();
        let mut level =
            known.map_or_else(|| Level::empty(pace, now), |known| known.level.at(pace, now));
        let refused = level.used.saturating_add(cost) > most;
        let taken = if refused && matches!(pace, Pace::Refill { .. }) { 0 } else { cost };
        level.used = level.used.saturating_add(taken);
        let past = match known {
            Some(_) => Vec::new(),
            None => windows.extract_if(|_, other| other.until <= now).collect(),
        };
        let until = match pace {
            Pace::Window(length) => level.began.saturating_add(length),
            Pace::Refill { .. } => level.until(pace, level.used),
        };
        windows.insert(by.clone(), Window { level, until });
        drop(windows);
        let before = known.filter(|known| known.level.began != level.began);
        let standing = Standing { level, most, cost, refused };
        Count { standing, taken, by, until, before, past }
    }

    /// Gives back to a bucket what a request took that another limit refuses.
    pub fn give_back(&self, count: &mut Count) {
        let mut windows = self.windows.lock();
        let level = &mut count.standing.level;
        if let Some(window) = windows.get_mut(&count.by)
            && window.level.began == level.began
        {
            window.level.used -= count.taken;
        }
        level.used -= count.taken;
        count.taken = 0;
    }

    /// Takes the counts of a request back.
    pub fn take_back(&self, counted: Counted) {
        counted.0.into_iter().rev().for_each(|(_, count)| self.take_back_one(count));
    }

    /// Takes one of them back.
    pub fn take_back_one(&self, count: Count) {
        let Count { standing: Standing { level, .. }, taken, by, before, past, .. } = count;
        let mut windows = self.windows.lock();
        if let Some(window) = windows.get_mut(&by)
            && window.level.began == level.began
        {
            match before {
                // Nobody was counted since.
                Some(before) if window.level == level => *window = before,
                _ => window.level.used -= taken,
            }
            if window.level.used < 1 {
                windows.remove(&by);
            }
        }
        let before = before.map(|before| (by, before));
        for (by, window) in before.into_iter().chain(past) {
            windows.entry(by).or_insert(window);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Pace = Pace::Window(60_000);

    #[test]
    fn counts_taken_back_were_never_made() {
        let windows = Windows::default();
        let count = |by: &str, now| windows.count(by.into(), MINUTE, now, 1, 9);
        let used = |by: &str, now| count(by, now).standing.level.used;
        assert_eq!((used("a", 0), used("a", 7), used("b", 0)), (1, 2, 1));
        let third = count("a", 59_999);
        let next = count("c", 60_000);
        assert_eq!((third.standing.level.used, next.standing.level.used), (3, 1));
        windows.take_back_one(next);
        windows.take_back_one(third);
        assert_eq!((used("a", 0), used("b", 0), used("c", 60_000)), (3, 2, 1));
    }

    #[test]
    fn a_bucket_fills_by_and_by() {
        let windows = Windows::default();
        let pace = Pace::Refill { every: 500, by: 1 };
        let used = |now| {
            let counted = windows.count("a".into(), pace, now, 1, 3);
            (counted.standing.level.used, counted.standing.refused)
        };
        assert_eq!([used(0), used(100), used(200)], [(1, false), (2, false), (3, false)]);
        // What is refused takes nothing, and what came back is there once.
        assert_eq!([used(499), used(500), used(999)], [(3, true), (3, false), (3, true)]);
        assert_eq!([used(2_100), used(2_100)], [(1, false), (2, false)]);
        // A clock that was put back brings nothing.
        assert_eq!([used(1_000), used(1_000), used(1_500)], [(3, false), (3, true), (3, false)]);
    }

    #[test]
    fn what_is_taken_back_of_a_bucket_was_never_taken() {
        let windows = Windows::default();
        let pace = Pace::Refill { every: 1_000, by: 2 };
        let count = |by: &str, now, cost| windows.count(by.into(), pace, now, cost, 10);
        let first = count("a", 0, 7);
        let second = count("a", 2_500, 4);
        assert_eq!((first.standing.level.used, second.standing.level.used), (7, 7));
        assert_eq!(second.standing.level.until(pace, second.standing.level.used), 6_000);
        let other = count("b", 6_000, 1);
        windows.take_back_one(other);
        windows.take_back_one(second);
        assert_eq!(count("a", 900, 0).standing.level, Level { began: 0, used: 7 });
        windows.take_back_one(first);
        assert_eq!(windows.image().len(), 0);
    }

    #[test]
    fn what_another_limit_refuses_takes_nothing_of_a_bucket() {
        let windows = Windows::default();
        let pace = Pace::Refill { every: 1_000, by: 1 };
        let first = windows.count("a".into(), pace, 0, 2, 5);
        let mut second = windows.count("a".into(), pace, 0, 3, 5);
        windows.give_back(&mut second);
        assert_eq!((second.standing.level.used, second.image().used), (2, 2));
        windows.take_back(Counted(vec![(0, first), (1, second)]));
        assert_eq!(windows.image().len(), 0);
    }
}
