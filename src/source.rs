//! Where text comes from: files, and the places in them that a message can point at.

use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A file that was read, with the text it held at that moment.
#[derive(Debug)]
pub struct Source {
    /// The path as the user gave it, so that messages repeat what was typed.
    pub(crate) path: PathBuf,
    /// The whole text.
    pub text: String,
}

impl Source {
    /// Makes a source out of a path and its text.
    pub fn new(path: impl Into<PathBuf>, text: impl Into<String>) -> Arc<Self> {
        Arc::new(Self { path: path.into(), text: text.into() })
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
        let before = self.text.get(..end).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
        (line, column)
    }

    /// The byte offset of a line and a column (both from 1, the column in characters); none where
    /// the text has no such place.
    pub(crate) fn offset(&self, line: usize, column: usize) -> Option<usize> {
        let before = self.text.split_inclusive('\n').take(line.checked_sub(1)?);
        let start: usize = before.map(str::len).sum();
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
