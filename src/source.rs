//! Where text comes from: files, and the places in them that a message can point at.

use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

/// A file that was read, with the text it held at that moment.
#[derive(Debug)]
pub struct Source {
    /// The path as the user gave it, so that messages repeat what was typed.
    pub(crate) path: PathBuf,
    /// The whole text.
    pub text: String,
    lines: OnceLock<Lines>,
}

/// Where the lines of a text begin, so that a place in a long text is not counted from its start.
#[derive(Debug)]
pub(crate) struct Lines(Vec<usize>);

impl Lines {
    pub(crate) fn of(text: &str) -> Self {
        let ends = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        Self(std::iter::once(0).chain(ends.map(|(at, _)| at + 1)).collect())
    }

    /// The line (from 0) that a byte is in, and the byte that the line begins at.
    pub(crate) fn at(&self, offset: usize) -> (usize, usize) {
        let line = self.0.partition_point(|start| *start <= offset).saturating_sub(1);
        (line, self.start(line).unwrap_or_default())
    }

    /// The byte that a line (from 0) begins at, if there is one.
    pub(crate) fn start(&self, line: usize) -> Option<usize> {
        self.0.get(line).copied()
    }
}

impl Source {
    /// Makes a source out of a path and its text.
    pub fn new(path: impl Into<PathBuf>, text: impl Into<String>) -> Arc<Self> {
        Arc::new(Self { path: path.into(), text: text.into(), lines: OnceLock::new() })
    }

    /// The path as the user gave it.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The line and column (both from 1, the column in characters) of a byte offset.
    pub fn line_column(&self, offset: usize) -> (usize, usize) {
        let mut end = offset.min(self.text.len());
        while !self.text.is_char_boundary(end) {
            end -= 1;
        }
        let (line, start) = self.lines().at(end);
        let column = self.text.get(start..end).unwrap_or_default().chars().count() + 1;
        (line + 1, column)
    }

    /// Where its lines begin.
    pub(crate) fn lines(&self) -> &Lines {
        self.lines.get_or_init(|| Lines::of(&self.text))
    }

    /// The byte offset of a line and a column (both from 1, the column in characters); none where
    /// the text has no such place.
    pub(crate) fn offset(&self, line: usize, column: usize) -> Option<usize> {
        let start = self.lines().start(line.checked_sub(1)?)?;
        let rest = self.text.get(start..)?.split('\n').next()?;
        let columns = rest.char_indices().map(|(at, _)| at).chain([rest.len()]);
        let at = start + columns.into_iter().nth(column.checked_sub(1)?)?;
        (self.line_column(at) == (line, column)).then_some(at)
    }
}

/// A range of bytes in a [`Source`].
#[derive(Clone)]
pub struct Span {
    /// The file.
    pub source: Arc<Source>,
    /// The first byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl Span {
    /// The range in bytes, never beyond the text.
    pub(crate) fn range(&self) -> Range<usize> {
        let end = self.end.min(self.source.text.len());
        self.start.min(end)..end
    }

    /// The text that the span covers.
    pub fn text(&self) -> &str {
        self.source.text.get(self.range()).unwrap_or_default()
    }

    /// The line and column (both from 1) where the span starts.
    pub fn line_column(&self) -> (usize, usize) {
        self.source.line_column(self.start)
    }

    /// The part of this span that holds `part` for the first time, or the whole span.
    #[must_use]
    pub(crate) fn narrow(&self, part: &str) -> Self {
        match self.text().find(part) {
            Some(at) if !part.is_empty() => {
                let start = self.start + at;
                Self { source: self.source.clone(), start, end: start + part.len() }
            }
            _ => self.clone(),
        }
    }
}

impl fmt::Debug for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// `path:line:column`.
impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (line, column) = self.line_column();
        write!(f, "{}:{line}:{column}", self.source.path.display())
    }
}

/// A value together with the place it was written at.
#[derive(Debug, Clone)]
pub struct Located<T> {
    /// What was written.
    pub value: T,
    /// Where.
    pub span: Span,
}

impl<T> Located<T> {
    /// Joins a value and its place.
    pub fn new(value: T, span: Span) -> Self {
        Self { value, span }
    }

    /// The same place with another value.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Located<U> {
        Located { value: f(self.value), span: self.span }
    }
}

impl<T> std::ops::Deref for Located<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}
