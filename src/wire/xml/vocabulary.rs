//! The names of a document, each read once and kept once.

use std::collections::HashMap;
use std::sync::Arc;

use super::names;

/// Up to so many names are looked up by comparing those with the same mark, which is cheaper than
/// hashing; names that are made to have the same one cost no more than that many comparisons.
const COMPARED: usize = 64;
/// What most documents have.
const USUAL: usize = 32;
/// How many marks there are.
const MARKS: usize = 128;

/// A name as it is written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Written<'d> {
    /// The prefix, where it has one.
    pub(super) prefix: Option<&'d str>,
    /// The local name.
    pub(super) local: LocalName,
}

/// The place of a local name among all of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::wire) struct LocalName(usize);

impl LocalName {
    /// The place; names are numbered in the order in which they first come.
    pub(in crate::wire) fn number(self) -> usize {
        self.0
    }
}

/// The names of a document.
#[derive(Debug)]
pub(super) struct Vocabulary<'d> {
    written: Table<'d>,
    parts: Vec<Written<'d>>,
    locals: Table<'d>,
    shared: Vec<Arc<str>>,
    most: usize,
}

impl<'d> Vocabulary<'d> {
    /// At most so many names.
    pub(super) fn new(most: usize) -> Self {
        Self {
            written: Table::new(),
            parts: Vec::with_capacity(USUAL),
            locals: Table::new(),
            shared: Vec::with_capacity(USUAL),
            most,
        }
    }

    /// Reads a name. Fails on what is none, and when there are too many.
    pub(super) fn read(&mut self, name: &'d str) -> Result<Written<'d>, String> {
        let known = self.written.place(name);
        if let Some(known) = known.and_then(|at| self.parts.get(at)) {
            return Ok(*known);
        }
        let (prefix, local) =
            names::split(name).ok_or_else(|| format!("`{name}` is not a name"))?;
        if self.parts.len() >= self.most {
            return Err(format!("more than {} different names", self.most));
        }
        let at = match self.locals.place(local) {
            Some(at) => at,
            None => {
                self.shared.push(local.into());
                self.locals.add(local)
            }
        };
        let written = Written { prefix, local: LocalName(at) };
        self.written.add(name);
        self.parts.push(written);
        Ok(written)
    }

    /// The shared copy of a local name.
    pub(super) fn shared(&self, local: LocalName) -> Option<&Arc<str>> {
        self.shared.get(local.0)
    }
}

/// Texts by their places.
#[derive(Debug)]
struct Table<'d> {
    texts: Vec<&'d str>,
    /// For each mark, one more than the place of the last of the first texts that has it.
    last: [u8; MARKS],
    /// For each of the first texts, one more than the place of the one before with its mark.
    before: [u8; COMPARED],
    /// All of them, once there are many.
    places: HashMap<&'d str, usize>,
}

/// A few bits of a text, for which nothing has to be multiplied.
fn mark(text: &str) -> usize {
    let bytes = text.as_bytes();
    let middle = bytes.get(bytes.len() / 2).copied().unwrap_or_default();
    let last = bytes.last().copied().unwrap_or_default();
    (bytes.len() ^ usize::from(middle) << 1 ^ usize::from(last) << 3) % MARKS
}

impl<'d> Table<'d> {
    /// There is room for as many as most documents have.
    fn new() -> Self {
        Self {
            texts: Vec::with_capacity(USUAL),
            last: [0; MARKS],
            before: [0; COMPARED],
            places: HashMap::new(),
        }
    }

    fn place(&self, text: &str) -> Option<usize> {
        if self.texts.len() > COMPARED {
            return self.places.get(text).copied();
        }
        let mut next = self.last.get(mark(text)).copied().unwrap_or_default();
        while let Some(at) = usize::from(next).checked_sub(1) {
            if self.texts.get(at).is_some_and(|known| *known == text) {
                return Some(at);
            }
            next = self.before.get(at).copied().unwrap_or_default();
        }
        None
    }

    fn add(&mut self, text: &'d str) -> usize {
        let at = self.texts.len();
        self.texts.push(text);
        if let (Some(before), Some(last)) = (self.before.get_mut(at), self.last.get_mut(mark(text)))
        {
            *before = *last;
            *last = u8::try_from(at + 1).unwrap_or_default();
        }
        if self.texts.len() > COMPARED {
            let indexed = self.places.len();
            let new = self.texts.iter().enumerate().skip(indexed);
            self.places.extend(new.map(|(at, text)| (*text, at)));
        }
        at
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_name_has_one_number_however_many_there_are() {
        for count in [1, COMPARED - 1, COMPARED, COMPARED + 1, 3 * COMPARED] {
            // Some have the same mark.
            let names: Vec<String> = (0..count).map(|at| format!("n{at}x{}y", at % 3)).collect();
            let mut vocabulary = Vocabulary::new(count);
            for _ in 0..2 {
                for (at, name) in names.iter().enumerate() {
                    let written = vocabulary.read(name).unwrap();
                    assert_eq!(written.local.number(), at, "{name}");
                    assert_eq!(vocabulary.shared(written.local).unwrap().as_ref(), name);
                }
            }
            assert!(vocabulary.read("another").is_err());
        }
    }
}
