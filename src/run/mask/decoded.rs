//! A text in which something was undone, and where each part of it stood.

use std::ops::Range;

/// A place where something was undone.
#[derive(Debug, Clone, Copy)]
struct Undone {
    /// Where it stands now, and how much it is.
    at: usize,
    length: usize,
    /// Where it stood, and how much it was.
    from: usize,
    taken: usize,
}

/// A text in which one way to escape is undone, of another one or of a part of it.
#[derive(Debug, Default)]
pub(super) struct Decoded {
    pub(super) text: String,
    undone: Vec<Undone>,
    /// Where the part begins.
    from: usize,
}

impl Decoded {
    /// Adds what stays as it is.
    pub(super) fn keep(&mut self, text: &str) {
        self.text.push_str(text);
    }

    /// Adds what becomes of `taken` bytes from `from` on.
    pub(super) fn undo(&mut self, text: &str, from: usize, taken: usize) {
        self.undone.push(Undone { at: self.text.len(), length: text.len(), from, taken });
        self.text.push_str(text);
    }

    /// Where what now begins at a place began.
    pub(super) fn start(&self, at: usize) -> usize {
        let before = self.undone.partition_point(|undone| undone.at <= at);
        match before.checked_sub(1).and_then(|last| self.undone.get(last)) {
            None => self.from + at,
            Some(last) if at < last.at + last.length => last.from,
            Some(last) => last.from + last.taken + (at - last.at - last.length),
        }
    }

    /// The parts in which something was undone, each with so many bytes around it: what stands
    /// farther away is as it was.
    pub(super) fn around(self, reach: usize) -> Vec<Self> {
        let is_far = |two: &[Undone]| match two {
            [first, second] => second.at - (first.at + first.length) > 2 * reach,
            _ => false,
        };
        let is_near = |first: &Undone, second: &Undone| !is_far(&[*first, *second]);
        let groups: Vec<&[Undone]> = self.undone.chunk_by(is_near).collect();
        let parts = groups.into_iter().filter_map(|undone| {
            let (first, last) = (undone.first()?, undone.last()?);
            let start = self.text.floor_char_boundary(first.at.saturating_sub(reach));
            let end = (last.at + last.length).saturating_add(reach).min(self.text.len());
            let end = self.text.ceil_char_boundary(end);
            let moved = |undone: &Undone| Undone { at: undone.at - start, ..*undone };
            Some(Self {
                text: self.text.get(start..end)?.to_owned(),
                undone: undone.iter().map(moved).collect(),
                from: self.start(start),
            })
        });
        parts.collect()
    }

    /// Where the first of what was undone stands now that ends at a place or behind it.
    pub(super) fn next_from(&self, at: usize) -> Option<usize> {
        let before = self.undone.partition_point(|undone| undone.at + undone.length < at);
        self.undone.get(before).map(|undone| undone.at)
    }

    /// Whether a byte of that kind came of what was undone; `text` is what it says now.
    pub(super) fn gave(&self, text: &str, kind: impl Fn(u8) -> bool) -> bool {
        let given = |undone: &Undone| text.as_bytes().get(undone.at..undone.at + undone.length);
        self.undone.iter().filter_map(given).flatten().any(|byte| kind(*byte))
    }

    /// Which part of the other text it is of.
    pub(super) fn of(&self) -> Range<usize> {
        // What was undone to nothing at its end counts as well.
        let last = self.undone.last().map_or(0, |last| last.from + last.taken);
        self.start(0)..self.end(self.text.len()).max(last)
    }

    /// Where what now ends at a place ended.
    pub(super) fn end(&self, at: usize) -> usize {
        let before = self.undone.partition_point(|undone| undone.at < at);
        match before.checked_sub(1).and_then(|last| self.undone.get(last)) {
            None => self.from + at,
            Some(last) => last.from + last.taken + at.saturating_sub(last.at + last.length),
        }
    }
}

/// Whether it may be a text that somebody wrote; that of ASCII in UTF-16, which is undone in turn,
/// has zeros.
pub(super) fn is_text(text: &str) -> bool {
    text.chars().all(|c| !c.is_control() || c.is_whitespace() || c == '\0')
}
