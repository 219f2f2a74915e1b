//! The names of a document, each read once and kept once. Documents that are read on a thread one
//! after the other mostly have the same names, so those of one are there for the next.

use std::cell::Cell;
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
/// So many bytes of names are kept for the next document.
const KEPT: usize = 4 * 1024;

thread_local! {
    static KNOWN: Cell<Option<Box<Vocabulary>>> = const { Cell::new(None) };
}

/// A name as it is written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Written<'d> {
    /// The prefix, where it has one.
    pub(super) prefix: Option<&'d str>,
    /// The local name.
    pub(super) local: LocalName,
}

/// The place of a local name among all that are known.
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
pub(super) struct Vocabulary {
    names: Vec<Name>,
    /// How many bytes they have.
    bytes: usize,
    /// The how manieth document is read.
    document: u64,
    /// How many names it has.
    written: usize,
    most: usize,
    /// For each mark, one more than the place of the last of the first names that has it.
    last: [u8; MARKS],
    /// For each of the first names, one more than the place of the one before with its mark.
    before: [u8; COMPARED],
    /// All of them, once there are many.
    places: HashMap<Arc<str>, usize>,
}

#[derive(Debug)]
struct Name {
    text: Arc<str>,
    /// How long its prefix is, where it has one.
    prefix: Option<usize>,
    local: LocalName,
    /// The last document that has it as it is written here.
    document: u64,
}

/// A few bits of a text, for which nothing has to be multiplied.
fn mark(text: &str) -> usize {
    let bytes = text.as_bytes();
    let middle = bytes.get(bytes.len() / 2).copied().unwrap_or_default();
    let last = bytes.last().copied().unwrap_or_default();
    (bytes.len() ^ usize::from(middle) << 1 ^ usize::from(last) << 3) % MARKS
}

impl Vocabulary {
    /// For a document of at most so many names; [`Self::keep`] ends it.
    pub(super) fn new(most: usize) -> Box<Self> {
        let mut known = KNOWN.take().unwrap_or_else(|| {
            Box::new(Self {
                names: Vec::with_capacity(USUAL),
                bytes: 0,
                document: 0,
                written: 0,
                most: 0,
                last: [0; MARKS],
                before: [0; COMPARED],
                places: HashMap::new(),
            })
        });
        known.document += 1;
        known.written = 0;
        known.most = most;
        known
    }

    /// Keeps the names for the next document, unless they are many.
    pub(super) fn keep(self: Box<Self>) {
        if self.names.len() <= COMPARED && self.bytes <= KEPT {
            KNOWN.set(Some(self));
        }
    }

    /// Reads a name. Fails on what is none, and when there are too many.
    pub(super) fn read<'d>(&mut self, text: &'d str) -> Result<Written<'d>, String> {
        let place = self.place(text);
        if let Some(known) = place.and_then(|at| self.names.get_mut(at)) {
            if known.document != self.document {
                known.document = self.document;
                self.written += 1;
            }
            let written = Written {
                prefix: known.prefix.and_then(|length| text.get(..length)),
                local: known.local,
            };
            return if self.written > self.most { Err(self.too_many()) } else { Ok(written) };
        }
        let (prefix, local) =
            names::split(text).ok_or_else(|| format!("`{text}` is not a name"))?;
        if self.written >= self.most {
            return Err(self.too_many());
        }
        self.written += 1;
        let Some(prefix) = prefix else {
            let local = LocalName(self.names.len());
            self.add(text, None, local, self.document);
            return Ok(Written { prefix: None, local });
        };
        let place = self.place(local).unwrap_or(self.names.len());
        if place == self.names.len() {
            // It is not written so itself.
            self.add(local, None, LocalName(place), 0);
        }
        self.add(text, Some(prefix.len()), LocalName(place), self.document);
        Ok(Written { prefix: Some(prefix), local: LocalName(place) })
    }

    fn too_many(&self) -> String {
        format!("more than {} different names", self.most)
    }

    /// The shared copy of a local name.
    pub(super) fn shared(&self, local: LocalName) -> Option<&Arc<str>> {
        self.names.get(local.0).map(|name| &name.text)
    }

    fn place(&self, text: &str) -> Option<usize> {
        if self.names.len() > COMPARED {
            return self.places.get(text).copied();
        }
        let mut next = self.last.get(mark(text)).copied().unwrap_or_default();
        while let Some(at) = usize::from(next).checked_sub(1) {
            if self.names.get(at).is_some_and(|known| *known.text == *text) {
                return Some(at);
            }
            next = self.before.get(at).copied().unwrap_or_default();
        }
        None
    }

    fn add(&mut self, text: &str, prefix: Option<usize>, local: LocalName, document: u64) {
        let at = self.names.len();
        self.names.push(Name { text: text.into(), prefix, local, document });
        self.bytes += text.len();
        if let (Some(before), Some(last)) = (self.before.get_mut(at), self.last.get_mut(mark(text)))
        {
            *before = *last;
            *last = u8::try_from(at + 1).unwrap_or_default();
        }
        if self.names.len() > COMPARED {
            let indexed = self.places.len();
            let new = self.names.iter().enumerate().skip(indexed);
            self.places.extend(new.map(|(at, name)| (name.text.clone(), at)));
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

    #[test]
    fn names_of_the_document_before_count_only_where_they_are_written_again() {
        let mut first = Vocabulary::new(3);
        for name in ["a", "b", "p:c"] {
            first.read(name).unwrap();
        }
        first.keep();
        let mut second = Vocabulary::new(2);
        let (c, a) = (second.read("c").unwrap(), second.read("a").unwrap());
        assert_eq!(&**second.shared(c.local).unwrap(), "c");
        assert_eq!(second.read("a").unwrap().local, a.local);
        for name in ["b", "p:c", "d"] {
            assert!(second.read(name).is_err(), "{name}");
        }
        second.keep();
        let long = "n".repeat(KEPT);
        let mut third = Vocabulary::new(3);
        assert_eq!(third.read("p:c").unwrap().prefix, Some("p"));
        third.read(&long).unwrap();
        third.keep();
        assert!(Vocabulary::new(1).names.is_empty());
    }
}
