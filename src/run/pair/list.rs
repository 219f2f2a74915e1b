//! Lists: which items belong together, and whether their order is another.

use super::difference::Difference;
use super::tree::Walk;
use crate::value::Value;

/// Of lists whose lengths make more pairs than this, items are paired by their positions.
const MOST_PAIRS: usize = 40_000;

/// Positions of an item in both lists; in one of them it may not be.
type Places = (Option<usize>, Option<usize>);

/// How the items of two lists are paired.
struct Arrangement {
    /// What is not the same, in order.
    differing: Vec<Places>,
    /// The items that are the same, where their order is another: by their positions on both sides.
    moved: Vec<(usize, usize)>,
}

impl Arrangement {
    /// How many differences it makes at least.
    fn count(&self) -> usize {
        self.differing.len() + usize::from(!self.moved.is_empty())
    }
}

impl Walk<'_, '_> {
    /// What is the same is left alone, so that one more item, or one that is at another position,
    /// is one difference.
    pub(super) fn lists(&mut self, left: &[Value], right: &[Value], field: Option<&str>) {
        if self.brief {
            if left.len() != right.len() {
                self.unlike = true;
                return;
            }
            return left.iter().zip(right).enumerate().for_each(|(at, (ours, theirs))| {
                self.item(at, Some(ours), Some(theirs), field);
            });
        }
        let arrangement = self.arranged(left, right, field);
        for (ours, theirs) in &arrangement.differing {
            let at = ours.or(*theirs).unwrap_or_default();
            let ours = ours.and_then(|at| left.get(at));
            self.item(at, ours, theirs.and_then(|at| right.get(at)), field);
        }
        if !arrangement.moved.is_empty() {
            self.other_order(left, right, &arrangement.moved);
        }
    }

    fn item(
        &mut self,
        at: usize,
        ours: Option<&Value>,
        theirs: Option<&Value>,
        field: Option<&str>,
    ) {
        self.path.index(at);
        self.node(ours, theirs, field);
        self.path.pop();
    }

    fn arranged(&mut self, left: &[Value], right: &[Value], field: Option<&str>) -> Arrangement {
        let (mut from, mut to_left, mut to_right) = (0, left.len(), right.len());
        while from < to_left && from < to_right && self.same(from, (left, right), from, field) {
            from += 1;
        }
        while to_left > from
            && to_right > from
            && self.same(to_left - 1, (left, right), to_right - 1, field)
        {
            to_left -= 1;
            to_right -= 1;
        }
        let longest = to_left.max(to_right);
        let by_position = |at: usize| ((at < to_left).then_some(at), (at < to_right).then_some(at));
        let (many_left, many_right) = (to_left - from, to_right - from);
        if many_left.min(many_right) == 0
            || many_left.max(many_right) == 1
            || many_left.saturating_mul(many_right) > MOST_PAIRS
        {
            let differing = (from..longest).map(by_position).collect();
            return Arrangement { differing, moved: Vec::new() };
        }
        let mark = self.correspondence.mark();
        let partners = self.partners(left, right, from..to_left, from..to_right, field);
        let found = arrangement(&partners, from..to_left, from..to_right);
        if left.len() == right.len() {
            let mut differing: Vec<Places> = Vec::new();
            for at in from..to_left {
                // Where it is the same, it is so in its own place.
                if !partners.contains(&(at, at)) {
                    differing.push(by_position(at));
                }
            }
            if differing.len() <= found.count() {
                self.correspondence.forget(mark);
                return Arrangement { differing, moved: Vec::new() };
            }
        }
        found
    }

    /// The items of both sides that are the same, each once, in the order of the left side; those
    /// at the same position first.
    fn partners(
        &mut self,
        left: &[Value],
        right: &[Value],
        ours: std::ops::Range<usize>,
        theirs: std::ops::Range<usize>,
        field: Option<&str>,
    ) -> Vec<(usize, usize)> {
        let mut partners: Vec<(usize, usize)> = Vec::new();
        let mut free: Vec<usize> = theirs.collect();
        for at in ours.clone() {
            if free.contains(&at) && self.same(at, (left, right), at, field) {
                partners.push((at, at));
                free.retain(|other| *other != at);
            }
        }
        for at in ours {
            if partners.contains(&(at, at)) {
                continue;
            }
            let found = free.iter().position(|other| self.same(at, (left, right), *other, field));
            if let Some(found) = found {
                partners.push((at, free.remove(found)));
            }
        }
        partners.sort_unstable();
        partners
    }

    /// Whether two items are the same; only then what corresponds in them is kept.
    fn same(
        &mut self,
        at: usize,
        (left, right): (&[Value], &[Value]),
        other: usize,
        field: Option<&str>,
    ) -> bool {
        let (Some(ours), Some(theirs)) = (left.get(at), right.get(other)) else { return false };
        self.path.index(at);
        let same = self.is_same(ours, theirs, field);
        self.path.pop();
        same
    }

    fn other_order(&mut self, left: &[Value], right: &[Value], moved: &[(usize, usize)]) {
        let ours = moved.iter().filter_map(|(at, _)| left.get(*at));
        let mut there: Vec<usize> = moved.iter().map(|(_, at)| *at).collect();
        there.sort_unstable();
        let theirs = there.iter().filter_map(|at| right.get(*at));
        let sides = [ours.collect::<Vec<_>>(), theirs.collect()];
        let sides = sides.map(|items| {
            Some(Value::list(items.into_iter().map(|item| self.shown(item)).collect()))
        });
        let path = format!("{} order", self.path.text(&[]));
        let place = format!("{} order", self.path.in_lists());
        self.found.push(Difference::new(path, &place, sides, self.correspondence));
    }
}

/// What is left once some items are the same: those of the longest run in one order stay where they
/// are, and what stands between two of them is paired in order.
fn arrangement(
    partners: &[(usize, usize)],
    ours: std::ops::Range<usize>,
    theirs: std::ops::Range<usize>,
) -> Arrangement {
    let stay = longest_run(partners);
    let mut differing = Vec::new();
    let (mut left, mut right) = (ours.start, theirs.start);
    for (to_left, to_right) in stay.iter().copied().chain([(ours.end, theirs.end)]) {
        let free_left = (left..to_left).filter(|at| !partners.iter().any(|(known, _)| known == at));
        let free_right =
            (right..to_right).filter(|at| !partners.iter().any(|(_, known)| known == at));
        let (free_left, free_right): (Vec<_>, Vec<_>) = (free_left.collect(), free_right.collect());
        for at in 0..free_left.len().max(free_right.len()) {
            differing.push((free_left.get(at).copied(), free_right.get(at).copied()));
        }
        (left, right) = (to_left + 1, to_right + 1);
    }
    // Of what is in another order, from the first to the last that is not where it would be.
    let mut sorted: Vec<usize> = partners.iter().map(|(_, at)| *at).collect();
    sorted.sort_unstable();
    let misplaced = |at: &usize| partners.get(*at).map(|(_, at)| at) != sorted.get(*at);
    let first = (0..partners.len()).find(misplaced);
    let last = (0..partners.len()).rfind(misplaced);
    let moved = first.zip(last).and_then(|(first, last)| partners.get(first..=last));
    Arrangement { differing, moved: moved.unwrap_or_default().to_vec() }
}

/// The longest run of pairs that are in order on both sides; one at the same position weighs more.
fn longest_run(pairs: &[(usize, usize)]) -> Vec<(usize, usize)> {
    let mut best: Vec<(usize, Option<usize>)> = Vec::with_capacity(pairs.len());
    let weight = |best: &[(usize, Option<usize>)], at: usize| best.get(at).map_or(0, |run| run.0);
    for (at, (left, right)) in pairs.iter().enumerate() {
        let before = (0..at).filter(|other| pairs.get(*other).is_some_and(|(_, r)| r < right));
        let before = before.max_by_key(|other| weight(&best, *other));
        let so_far = before.map_or(0, |other| weight(&best, other));
        best.push((so_far + 2 + usize::from(left == right), before));
    }
    let mut at = (0..best.len()).max_by_key(|at| weight(&best, *at));
    let mut run = Vec::new();
    while let Some(here) = at {
        run.extend(pairs.get(here));
        at = best.get(here).and_then(|(_, before)| *before);
    }
    run.reverse();
    run
}
