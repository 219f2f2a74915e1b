//! Texts of the one side and what they are on the other: one of each kind, and where they were seen.

use std::collections::HashMap;
use std::sync::Arc;

use super::kinds::Kind;

/// Texts that stand for each other, found by both.
#[derive(Debug, Default)]
pub(super) struct Pairs {
    all: Vec<Pair>,
    by_left: HashMap<Arc<str>, Vec<usize>>,
    by_right: HashMap<Arc<str>, Vec<usize>>,
    /// The pairs that were seen in a new place, in order.
    seen: Vec<usize>,
}

#[derive(Debug)]
struct Pair {
    left: Arc<str>,
    right: Arc<str>,
    /// What it was when it was found.
    kind: Kind,
    /// Where it was seen, without the positions in lists, and as what.
    places: Vec<(String, Kind)>,
}

impl Pair {
    fn may_be(&self, kind: &Kind) -> bool {
        self.kind.may_be(kind) || self.places.iter().any(|(_, known)| known.may_be(kind))
    }

    fn is_seen(&self, path: &str, kind: &Kind) -> bool {
        self.places.iter().any(|(known, as_what)| known == path && as_what.may_be(kind))
    }
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

    /// Whether there are pairs that came after the mark.
    pub(super) fn has_more_than(&self, mark: Mark) -> bool {
        self.all.len() > mark.pairs
    }

    /// Forgets what came after the mark.
    pub(super) fn forget(&mut self, mark: Mark) {
        for at in self.seen.drain(mark.seen.min(self.seen.len())..) {
            if let Some(pair) = self.all.get_mut(at) {
                pair.places.pop();
            }
        }
        for pair in self.all.drain(mark.pairs.min(self.all.len())..) {
            for (by, text) in [(&mut self.by_left, &pair.left), (&mut self.by_right, &pair.right)] {
                if let Some(pairs) = by.get_mut(text) {
                    pairs.retain(|at| *at < mark.pairs);
                }
                if by.get(text).is_some_and(Vec::is_empty) {
                    by.remove(text);
                }
            }
        }
    }

    /// Whether two texts stand for each other, as things of a kind; `None` where neither stands
    /// for anything there.
    pub(super) fn are(
        &mut self,
        left: &str,
        right: &str,
        path: Option<&str>,
        kind: &Kind,
    ) -> Option<bool> {
        let known = |by: &HashMap<_, Vec<usize>>, text: &str| by.get(text).cloned();
        let ours = known(&self.by_left, left).unwrap_or_default();
        let theirs = known(&self.by_right, right).unwrap_or_default();
        let both = ours.iter().copied().find(|at| theirs.contains(at));
        let others = ours.iter().chain(&theirs).filter(|at| Some(**at) != both);
        let others = others.filter_map(|at| self.all.get(*at));
        let mut others = others.filter(|pair| pair.may_be(kind)).peekable();
        let Some(at) = both else { return others.peek().map(|_| false) };
        let pair = self.all.get(at)?;
        // What stands in one thing may name another, of its own kind.
        if !pair.may_be(kind)
            && others.any(|other| path.is_none_or(|path| other.is_seen(path, kind)))
        {
            return Some(false);
        }
        if let Some(path) = path
            && let Some(pair) = self.all.get_mut(at)
            && !pair.places.iter().any(|(known, as_what)| known == path && as_what == kind)
        {
            pair.places.push((path.to_owned(), kind.clone()));
            self.seen.push(at);
        }
        Some(true)
    }

    /// Takes note that two texts, of which neither stands for anything of that kind yet, stand for
    /// each other.
    pub(super) fn add(&mut self, left: &str, right: &str, path: Option<&str>, kind: &Kind) {
        let (left, right): (Arc<str>, Arc<str>) = (left.into(), right.into());
        let at = self.all.len();
        self.by_left.entry(left.clone()).or_default().push(at);
        self.by_right.entry(right.clone()).or_default().push(at);
        let (kind, places) = (kind.clone(), Vec::new());
        self.all.push(Pair { left: left.clone(), right: right.clone(), kind, places });
        let kind = self.all.last().map(|pair| pair.kind.clone()).unwrap_or_default();
        self.are(&left, &right, path, &kind);
    }

    pub(super) fn has_left(&self, text: &str) -> bool {
        self.by_left.contains_key(text)
    }

    pub(super) fn has_right(&self, text: &str) -> bool {
        self.by_right.contains_key(text)
    }

    /// Whether a text stands for another one on the other side, and was seen at that path as a
    /// thing of that kind, or anywhere where no path is given.
    pub(super) fn stands_for_another(&self, text: &str, path: Option<&str>, kind: &Kind) -> bool {
        let known = [self.by_left.get(text), self.by_right.get(text)];
        let pairs = known.into_iter().flatten().flatten().filter_map(|at| self.all.get(*at));
        pairs.filter(|pair| pair.left != pair.right).any(|pair| match path {
            Some(path) => pair.is_seen(path, kind),
            None => true,
        })
    }
}
