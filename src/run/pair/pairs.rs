//! Texts of the one side and what they are on the other: one of each, and where they were seen.

use std::collections::HashMap;
use std::sync::Arc;

/// Texts that stand for each other, found by both.
#[derive(Debug, Default)]
pub(super) struct Pairs {
    all: Vec<Pair>,
    by_left: HashMap<Arc<str>, usize>,
    by_right: HashMap<Arc<str>, usize>,
    /// The pairs that were seen in a new place, in order.
    seen: Vec<usize>,
}

#[derive(Debug)]
struct Pair {
    left: Arc<str>,
    right: Arc<str>,
    /// Without the positions in lists.
    paths: Vec<String>,
}

/// How much was known at some moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Mark {
    pairs: usize,
    seen: usize,
}

impl Pairs {
    pub(super) fn mark(&self) -> Mark {
        Mark { pairs: self.all.len(), seen: self.seen.len() }
    }

    /// Forgets what came after the mark.
    pub(super) fn forget(&mut self, mark: Mark) {
        for at in self.seen.drain(mark.seen.min(self.seen.len())..) {
            if let Some(pair) = self.all.get_mut(at) {
                pair.paths.pop();
            }
        }
        for pair in self.all.drain(mark.pairs.min(self.all.len())..) {
            self.by_left.remove(&pair.left);
            self.by_right.remove(&pair.right);
        }
    }

    /// Whether two texts stand for each other; `None` where neither stands for anything.
    pub(super) fn are(&mut self, left: &str, right: &str, path: Option<&str>) -> Option<bool> {
        let (ours, theirs) = (self.by_left.get(left), self.by_right.get(right));
        let fits = ours == theirs;
        let at = *ours.or(theirs)?;
        if let (true, Some(path), Some(pair)) = (fits, path, self.all.get_mut(at))
            && !pair.paths.iter().any(|known| known == path)
        {
            pair.paths.push(path.to_owned());
            self.seen.push(at);
        }
        Some(fits)
    }

    /// Takes note that two texts, of which neither stands for anything yet, stand for each other.
    pub(super) fn add(&mut self, left: &str, right: &str, path: Option<&str>) {
        let (left, right): (Arc<str>, Arc<str>) = (left.into(), right.into());
        let at = self.all.len();
        self.by_left.insert(left.clone(), at);
        self.by_right.insert(right.clone(), at);
        self.all.push(Pair { left: left.clone(), right: right.clone(), paths: Vec::new() });
        self.are(&left, &right, path);
    }

    pub(super) fn has_left(&self, text: &str) -> bool {
        self.by_left.contains_key(text)
    }

    pub(super) fn has_right(&self, text: &str) -> bool {
        self.by_right.contains_key(text)
    }

    /// Whether a text stands for another one on the other side, and was seen at that path, or
    /// anywhere where none is given.
    pub(super) fn stands_for_another(&self, text: &str, path: Option<&str>) -> bool {
        let known = [self.by_left.get(text), self.by_right.get(text)];
        let pairs = known.into_iter().flatten().filter_map(|at| self.all.get(*at));
        pairs.filter(|pair| pair.left != pair.right).any(|pair| match path {
            Some(path) => pair.paths.iter().any(|known| known == path),
            None => true,
        })
    }
}
