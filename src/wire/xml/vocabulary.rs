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
    /// The place; no two local names have the same.
    pub(in crate::wire) fn number(self) -> usize {
        self.0
    }
}

/// The names of a document: those that are written, and the local ones of those with a prefix,
/// which stand beside them, for no local name has a colon.
#[derive(Debug)]
pub(super) struct Vocabulary<'d> {
    names: Vec<Name<'d>>,
    /// How many have been written.
    written: usize,
    most: usize,
    /// For each mark, one more than the place of the last of the first names that has it.
    last: [u8; MARKS],
    /// For each of the first names, one more than the place of the one before with its mark.
    before: [u8; COMPARED],
    /// All of them, once there are many.
    places: HashMap<&'d str, usize>,
}

#[derive(Debug)]
struct Name<'d> {
    text: &'d str,
    prefix: Option<&'d str>,
    local: LocalName,
    shared: Arc<str>,
}

/// A few bits of a text, for which nothing has to be multiplied.
fn mark(text: &str) -> usize {
    let bytes = text.as_bytes();
    let middle = bytes.get(bytes.len() / 2).copied().unwrap_or_default();
    let last = bytes.last().copied().unwrap_or_default();
    (bytes.len() ^ usize::from(middle) << 1 ^ usize::from(last) << 3) % MARKS
}

impl<'d> Vocabulary<'d> {
    /// At most so many names.
    pub(super) fn new(most: usize) -> Self {
        Self {
            names: Vec::with_capacity(USUAL),
            written: 0,
            most,
            last: [0; MARKS],
            before: [0; COMPARED],
            places: HashMap::new(),
        }
    }

    /// Reads a name. Fails on what is none, and when there are too many.
    pub(super) fn read(&mut self, text: &'d str) -> Result<Written<'d>, String> {
        if let Some(known) = self.place(text).and_then(|at| self.names.get(at)) {
            return Ok(Written { prefix: known.prefix, local: known.local });
        }
        let (prefix, local) =
            names::split(text).ok_or_else(|| format!("`{text}` is not a name"))?;
        if self.written >= self.most {
            return Err(format!("more than {} different names", self.most));
        }
        self.written += 1;
        let local = match prefix.and_then(|_| self.place(local)) {
            Some(at) => LocalName(at),
            None => self.add_local(local),
        };
        if prefix.is_some() {
            let shared = self.shared(local).cloned().unwrap_or_default();
            self.add(Name { text, prefix, local, shared });
        }
        Ok(Written { prefix, local })
    }

    /// The shared copy of a local name.
    pub(super) fn shared(&self, local: LocalName) -> Option<&Arc<str>> {
        self.names.get(local.0).map(|name| &name.shared)
    }

    fn place(&self, text: &str) -> Option<usize> {
        if self.names.len() > COMPARED {
            return self.places.get(text).copied();
        }
        let mut next = self.last.get(mark(text)).copied().unwrap_or_default();
        while let Some(at) = usize::from(next).checked_sub(1) {
            if self.names.get(at).is_some_and(|known| known.text == text) {
                return Some(at);
            }
            next = self.before.get(at).copied().unwrap_or_default();
        }
        None
    }

    fn add_local(&mut self, text: &'d str) -> LocalName {
        let local = LocalName(self.names.len());
        self.add(Name { text, prefix: None, local, shared: text.into() });
        local
    }

    fn add(&mut self, name: Name<'d>) {
        let (at, text) = (self.names.len(), name.text);
        self.names.push(name);
        if let (Some(before), Some(last)) = (self.before.get_mut(at), self.last.get_mut(mark(text)))
        {
            *before = *last;
            *last = u8::try_from(at + 1).unwrap_or_default();
        }
        if self.names.len() > COMPARED {
            let indexed = self.places.len();
            let new = self.names.iter().enumerate().skip(indexed);
            self.places.extend(new.map(|(at, name)| (name.text, at)));
        }
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
