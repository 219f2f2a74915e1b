//! Requests counted for the rate limit.

use std::collections::HashMap;
use std::sync::Arc;

use foldhash::fast::RandomState;
use parking_lot::Mutex;

use crate::ledger::Window as Image;

/// Requests counted by whom they are counted for. The counters have a lock of their own, so that
/// a request that only reads can count beside others.
#[derive(Debug, Default)]
pub struct Windows {
    windows: Mutex<HashMap<Arc<str>, Window, RandomState>>,
}

#[derive(Debug, Clone, Copy)]
struct Window {
    /// When it began, in seconds since the epoch.
    began: i64,
    /// How many requests came in it.
    used: i64,
}

/// A request that was counted.
#[derive(Debug)]
pub struct Counted {
    /// How many came in the window, this one included.
    pub used: i64,
    by: Arc<str>,
    began: i64,
    /// The windows of the past that made room for a new one.
    past: Vec<(Arc<str>, Window)>,
}

impl Counted {
    /// The count as it is written down.
    pub(super) fn image(&self) -> Image {
        Image { by: self.by.clone(), began: self.began, used: self.used }
    }
}

impl Windows {
    /// All counts.
    pub(super) fn image(&self) -> Vec<Image> {
        let windows = self.windows.lock();
        let image = |(by, Window { began, used }): (&Arc<str>, &Window)| Image {
            by: by.clone(),
            began: *began,
            used: *used,
        };
        windows.iter().map(image).collect()
    }

    /// With those counts.
    pub(super) fn of(counts: impl IntoIterator<Item = Image>) -> Self {
        let counts = counts.into_iter();
        let windows =
            counts.map(|Image { by, began, used }| (by, Window { began, used })).collect();
        Self { windows: Mutex::new(windows) }
    }

    /// Puts a count in that came elsewhere.
    pub(super) fn put(&self, Image { by, began, used }: Image) {
        let mut windows = self.windows.lock();
        if !windows.contains_key(&by) {
            windows.retain(|_, other| other.began == began);
        }
        windows.insert(by, Window { began, used });
    }

    /// Counts a request in the window that began then. The first one of a window takes the place
    /// of those of the past.
    pub fn count(&self, by: Arc<str>, began: i64) -> Counted {
        let mut windows = self.windows.lock();
        let mut past = Vec::new();
        let used = match windows.get_mut(&by) {
            Some(window) if window.began == began => {
                window.used += 1;
                window.used
            }
            Some(window) => {
                past.push((by.clone(), *window));
                *window = Window { began, used: 1 };
                1
            }
            None => {
                past.extend(windows.extract_if(|_, other| other.began != began));
                windows.insert(by.clone(), Window { began, used: 1 });
                1
            }
        };
        drop(windows);
        Counted { used, by, began, past }
    }

    /// Takes the count of a request back.
    pub fn take_back(&self, counted: Counted) {
        let Counted { by, began, past, .. } = counted;
        let mut windows = self.windows.lock();
        if let Some(window) = windows.get_mut(&by)
            && window.began == began
        {
            window.used -= 1;
            if window.used < 1 {
                windows.remove(&by);
            }
        }
        for (by, window) in past {
            windows.entry(by).or_insert(window);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_taken_back_were_never_made() {
        let windows = Windows::default();
        let used = |by: &str, began| windows.count(by.into(), began).used;
        assert_eq!((used("a", 0), used("a", 0), used("b", 0)), (1, 2, 1));
        let third = windows.count("a".into(), 0);
        let next = windows.count("c".into(), 60);
        assert_eq!((third.used, next.used), (3, 1));
        windows.take_back(next);
        windows.take_back(third);
        assert_eq!((used("a", 0), used("b", 0), used("c", 60)), (3, 2, 1));
    }
}
