//! Lists: in order, in any order, and what is nearest where they do not fit.

use super::Comparison;
use crate::scenario::Expected;
use crate::source::Span;
use crate::value::Value;

/// Lists whose lengths make more pairs than this are compared one by one.
const MOST_PAIRS: usize = 40_000;

impl Comparison<'_> {
    /// The items of a list, of an element that stands for one, or of none at all.
    pub(super) fn items<'v>(&self, actual: Option<&'v Value>) -> Option<Vec<&'v Value>> {
        match actual {
            Some(Value::List(items)) => Some(items.iter().collect()),
            None if self.ways.markup => Some(Vec::new()),
            Some(single) if self.ways.markup => Some(vec![single]),
            Some(single @ Value::Text(_)) if self.ways.textual => Some(vec![single]),
            _ => None,
        }
    }

    pub(super) fn list(
        &mut self,
        expected: &[Expected],
        span: &Span,
        actual: Option<&Value>,
        whole: bool,
    ) {
        let Some(items) = self.items(actual) else {
            return self.differs("an array", actual, span);
        };
        if expected.is_empty() && !items.is_empty() && self.ways.markup && is_blank(&items) {
            // An element without items where there is a place for one.
            return;
        }
        let pairs = expected.len().saturating_mul(items.len());
        if expected.len() != items.len() && pairs <= MOST_PAIRS {
            return self.aligned(expected, span, &items, whole);
        }
        let mark = self.found.len();
        self.one_by_one(expected, span, &items, whole);
        if self.found.len() - mark > 1 && pairs <= MOST_PAIRS {
            let partners = self.partners(expected, &items, whole);
            if partners.iter().all(Option::is_some) && expected.len() == items.len() {
                self.found.truncate(mark);
                self.other_order(span, &partners);
            }
        }
    }

    fn one_by_one(&mut self, expected: &[Expected], span: &Span, items: &[&Value], whole: bool) {
        let longest = expected.len().max(items.len());
        let mark = self.found.len();
        for at in 0..longest {
            if self.is_enough(mark, longest - at, "items", span) {
                break;
            }
            self.path.index(at);
            match (expected.get(at), items.get(at)) {
                (Some(expected), item) => self.node(expected, item.copied(), whole),
                (None, Some(item)) => self.unexpected(item, span),
                (None, None) => {}
            }
            self.path.pop();
        }
    }

    fn other_order(&mut self, span: &Span, partners: &[Option<usize>]) {
        let path = self.path.text(self.ways.namespaces);
        let order: Vec<String> = partners.iter().flatten().map(|at| (at + 1).to_string()).collect();
        let message = format!("the items of `{path}` are the expected ones in another order");
        let actual = format!("the expected items at places {}", order.join(", "));
        self.note(path, "items in this order".to_owned(), actual, message, span);
    }

    /// Lists of different lengths: the longest run of items that fit in order is left alone.
    fn aligned(&mut self, expected: &[Expected], span: &Span, items: &[&Value], whole: bool) {
        let (rows, columns) = (expected.len(), items.len());
        let mut fits = vec![false; rows * columns];
        for (row, expected) in expected.iter().enumerate() {
            for (column, item) in items.iter().enumerate() {
                if let Some(cell) = fits.get_mut(row * columns + column) {
                    *cell = self.fits(expected, Some(item), whole);
                }
            }
        }
        let fits = |row: usize, column: usize| fits.get(row * columns + column) == Some(&true);
        // Lengths of the longest common run from each pair on.
        let mut lengths = vec![0_usize; (rows + 1) * (columns + 1)];
        let at = |row: usize, column: usize| row * (columns + 1) + column;
        for row in (0..rows).rev() {
            for column in (0..columns).rev() {
                let get = |place: usize| lengths.get(place).copied().unwrap_or_default();
                let longest = match fits(row, column) {
                    true => get(at(row + 1, column + 1)) + 1,
                    false => get(at(row + 1, column)).max(get(at(row, column + 1))),
                };
                if let Some(cell) = lengths.get_mut(at(row, column)) {
                    *cell = longest;
                }
            }
        }
        let get =
            |row: usize, column: usize| lengths.get(at(row, column)).copied().unwrap_or_default();
        let (mut row, mut column) = (0, 0);
        let mark = self.found.len();
        while row < rows || column < columns {
            let left = (rows - row).max(columns - column);
            if self.is_enough(mark, left, "items", span) {
                break;
            }
            if row < rows && column < columns && fits(row, column) {
                (row, column) = (row + 1, column + 1);
            } else if column >= columns
                || row < rows && get(row + 1, column) >= get(row, column + 1) && rows > columns
                || row < rows && get(row + 1, column) > get(row, column + 1)
            {
                self.path.index(row);
                if let Some(expected) = expected.get(row) {
                    self.node(expected, None, whole);
                }
                self.path.pop();
                row += 1;
            } else {
                self.path.index(column);
                if let Some(item) = items.get(column) {
                    self.unexpected(item, span);
                }
                self.path.pop();
                column += 1;
            }
        }
    }

    /// `$unordered`.
    pub(super) fn unordered(
        &mut self,
        expected: &[Expected],
        span: &Span,
        actual: Option<&Value>,
        whole: bool,
    ) {
        let Some(items) = self.items(actual) else {
            return self.differs("an array", actual, span);
        };
        if expected.is_empty() && self.ways.markup && is_blank(&items) {
            return;
        }
        if expected.len().saturating_mul(items.len()) > MOST_PAIRS {
            return self.one_by_one(expected, span, &items, whole);
        }
        let partners = self.partners(expected, &items, whole);
        let mut free: Vec<usize> =
            (0..items.len()).filter(|at| !partners.contains(&Some(*at))).collect();
        let mut left: Vec<(usize, &Expected)> = expected
            .iter()
            .enumerate()
            .filter(|(at, _)| partners.get(*at) == Some(&None))
            .collect();
        let nearest = self.nearest(&left, &free, &items, whole);
        free.retain(|item| !nearest.iter().any(|(_, taken)| taken == item));
        for (at, expected) in left.drain(..) {
            match nearest.iter().find(|(wanted, _)| *wanted == at) {
                Some((_, item)) => {
                    self.path.index(*item);
                    self.node(expected, items.get(*item).copied(), whole);
                    self.path.pop();
                }
                None => {
                    let path = self.path.text(self.ways.namespaces);
                    let wanted = super::words::expected(expected, self.scope);
                    let message = format!("`{path}` has no item that is {wanted}");
                    self.note(path, wanted, "nothing".to_owned(), message, &expected.span);
                }
            }
        }
        let mark = self.found.len();
        for (at, item) in free.iter().copied().enumerate() {
            if self.is_enough(mark, free.len() - at, "items", span) {
                break;
            }
            self.path.index(item);
            if let Some(value) = items.get(item) {
                self.unexpected(value, span);
            }
            self.path.pop();
        }
    }

    /// The items that were meant by expectations that none fits: the pairs that differ least
    /// first.
    pub(super) fn nearest(
        &mut self,
        left: &[(usize, &Expected)],
        free: &[usize],
        items: &[&Value],
        whole: bool,
    ) -> Vec<(usize, usize)> {
        let mut pairs = Vec::new();
        for (at, expected) in left {
            for item in free {
                let mark = self.found.len();
                self.node(expected, items.get(*item).copied(), whole);
                pairs.push((self.found.len() - mark, *at, *item));
                self.found.truncate(mark);
            }
        }
        pairs.sort_unstable();
        let mut nearest: Vec<(usize, usize)> = Vec::new();
        for (_, at, item) in pairs {
            if !nearest.iter().any(|(known, taken)| *known == at || *taken == item) {
                nearest.push((at, item));
            }
        }
        nearest
    }

    /// The item that each expectation gets, so that as many as can be have one: augmenting paths
    /// in a bipartite graph.
    pub(super) fn partners(
        &mut self,
        expected: &[Expected],
        items: &[&Value],
        whole: bool,
    ) -> Vec<Option<usize>> {
        let fits: Vec<Vec<bool>> = expected
            .iter()
            .map(|expected| {
                items.iter().map(|item| self.fits(expected, Some(item), whole)).collect()
            })
            .collect();
        let mut owner: Vec<Option<usize>> = vec![None; items.len()];
        for row in 0..fits.len() {
            augment(row, &fits, &mut owner, &mut vec![false; items.len()]);
        }
        let mut partners = vec![None; expected.len()];
        for (item, owner) in owner.iter().enumerate() {
            if let Some(place) = owner.and_then(|row| partners.get_mut(row)) {
                *place = Some(item);
            }
        }
        partners
    }
}

fn augment(row: usize, fits: &[Vec<bool>], owner: &mut [Option<usize>], seen: &mut [bool]) -> bool {
    let Some(mine) = fits.get(row) else { return false };
    for (item, fit) in mine.iter().enumerate() {
        let Some(seen_item) = seen.get_mut(item).filter(|seen| *fit && !**seen) else { continue };
        *seen_item = true;
        let free = match owner.get(item).copied().flatten() {
            None => true,
            Some(other) => augment(other, fits, owner, seen),
        };
        if free {
            if let Some(place) = owner.get_mut(item) {
                *place = Some(row);
            }
            return true;
        }
    }
    false
}

fn is_blank(items: &[&Value]) -> bool {
    matches!(items, [Value::Text(text)] if crate::run::markup::is_blank(text))
}
