//! A text in which something was undone, and where each part of it stood.

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

/// A text in which one way to escape is undone, of another one.
#[derive(Debug, Default)]
pub(super) struct Decoded {
    pub(super) text: String,
    undone: Vec<Undone>,
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
            None => at,
            Some(last) if at < last.at + last.length => last.from,
            Some(last) => last.from + last.taken + (at - last.at - last.length),
        }
    }

    /// Where what now ends at a place ended.
    pub(super) fn end(&self, at: usize) -> usize {
        let before = self.undone.partition_point(|undone| undone.at < at);
        match before.checked_sub(1).and_then(|last| self.undone.get(last)) {
            None => at,
            Some(last) => last.from + last.taken + at.saturating_sub(last.at + last.length),
        }
    }
}

/// Whether it may be a text that somebody wrote; that of ASCII in UTF-16, which is undone in turn,
/// has zeros.
pub(super) fn is_text(text: &str) -> bool {
    text.chars().all(|c| !c.is_control() || c.is_whitespace() || c == '\0')
}
