//! Files that were read, with the names in them, for as long as their texts stay the same.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use serde_json::Value;

use super::language::Language;
use super::names::{Name, names};
use super::position;
use super::schema::Schema;
use super::shift::Shift;
use crate::files;
use crate::source::{Lines, Source, Span};
use crate::syntax::{Node, tree};

/// The files that were read.
#[derive(Debug, Default)]
pub(super) struct Index {
    files: BTreeMap<PathBuf, Rc<Read>>,
}

/// A file as it is now. While it is no YAML, what is known of it is from when it last was.
#[derive(Debug)]
pub(super) struct Read {
    /// The text as it is now.
    text: String,
    language: Language,
    good: Option<Rc<Good>>,
    /// Where the lines of the text begin, and how it differs from what was read: found out once,
    /// if a place is asked about.
    lines: OnceCell<Lines>,
    shift: OnceCell<Shift>,
}

/// What was read of a text.
#[derive(Debug)]
struct Good {
    root: Node,
    names: Vec<Name>,
}

/// Which text of a file is asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Which {
    /// As it is now.
    Now,
    /// As it was last read: that takes no time.
    Last,
}

impl Index {
    /// What a file holds or held; none if it cannot be read.
    pub(super) fn get(
        &mut self,
        path: &Path,
        language: Language,
        which: Which,
    ) -> Option<Rc<Read>> {
        if which == Which::Now {
            return self.read(path, language);
        }
        match self.files.get(path).filter(|read| read.language == language) {
            Some(read) => {
                let text = files::read_to_string(path).ok()?;
                Some(Rc::new(Read::new(text, language, read.good.clone())))
            }
            None => self.read(path, language),
        }
    }

    /// What a file holds; none if it cannot be read.
    pub(super) fn read(&mut self, path: &Path, language: Language) -> Option<Rc<Read>> {
        let text = files::read_to_string(path).ok()?;
        let before = self.files.get(path).filter(|read| read.language == language);
        if let Some(read) = before.filter(|read| read.text == text) {
            return Some(read.clone());
        }
        let source = Source::new(path, text.strip_prefix('\u{feff}').unwrap_or(&text));
        let good = match tree(&source) {
            Some(root) => {
                let names = names(Schema(language.schema()), &root);
                Some(Rc::new(Good { root, names }))
            }
            None => before.and_then(|read| read.good.clone()),
        };
        let read = Rc::new(Read::new(text, language, good));
        self.files.insert(path.to_owned(), read.clone());
        Some(read)
    }
}

impl Read {
    fn new(text: String, language: Language, good: Option<Rc<Good>>) -> Self {
        Self { text, language, good, lines: OnceCell::new(), shift: OnceCell::new() }
    }

    pub(super) fn language(&self) -> Language {
        self.language
    }

    /// Where it is.
    pub(super) fn path(&self) -> Option<&Path> {
        self.root().map(|root| root.span.source.path())
    }

    /// The tree.
    pub(super) fn root(&self) -> Option<&Node> {
        self.good.as_ref().map(|good| &good.root)
    }

    /// The names in it, in the order of their places.
    pub(super) fn names(&self) -> &[Name] {
        self.good.as_ref().map_or(&[], |good| &good.names)
    }

    /// Where a byte of the text as it is now was when it was read.
    pub(super) fn then(&self, at: usize) -> Option<usize> {
        let before = &self.root()?.span.source.text;
        self.shift(before).moved(&self.text, before, at)
    }

    /// The text as it is now, and where in it is what was read; none if that has changed.
    pub(super) fn now(&self, span: &Span) -> Option<(&str, std::ops::Range<usize>)> {
        let (range, before) = (span.range(), &span.source.text);
        let shift = self.shift(before);
        let start = shift.moved(before, &self.text, range.start)?;
        let end = shift.moved(before, &self.text, range.end)?;
        let is_same = self.text.get(start..end) == Some(span.text());
        is_same.then_some((self.text.as_str(), start..end))
    }

    /// The place of what was read in the text as it is now, as messages hold it; none if that has
    /// changed.
    pub(super) fn place(&self, span: &Span) -> Option<Value> {
        let (now, range) = self.now(span)?;
        let lines = self.lines.get_or_init(|| Lines::of(&self.text));
        Some(position::range(now, lines, range))
    }

    fn shift(&self, before: &str) -> Shift {
        *self.shift.get_or_init(|| Shift::between(&self.text, before))
    }
}
