//! The names of a document, each read once and kept once.

use std::collections::HashMap;
use std::sync::Arc;

use super::names;

/// Up to so many names are looked up by comparing, which is cheaper than hashing.
const COMPARED: usize = 32;

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
            parts: Vec::with_capacity(COMPARED),
            locals: Table::new(),
            shared: Vec::with_capacity(COMPARED),
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
    places: HashMap<&'d str, usize>,
}

impl<'d> Table<'d> {
    /// There is room for as many as most documents have.
    fn new() -> Self {
        Self { texts: Vec::with_capacity(COMPARED), places: HashMap::new() }
    }

    fn place(&self, text: &str) -> Option<usize> {
        match self.texts.len() <= COMPARED {
            true => self.texts.iter().position(|known| *known == text),
            false => self.places.get(text).copied(),
        }
    }

    fn add(&mut self, text: &'d str) -> usize {
        self.texts.push(text);
        if self.texts.len() > COMPARED {
            let indexed = self.places.len();
            let new = self.texts.iter().enumerate().skip(indexed);
            self.places.extend(new.map(|(at, text)| (*text, at)));
        }
        self.texts.len() - 1
    }
}
