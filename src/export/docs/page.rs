//! A page of documentation, whatever it is written as: nothing in it is markup, so that each
//! writer escapes all of it at one place.

use std::borrow::Cow;
use std::fmt::Write as _;

use crate::visible::{Notation, visible};

/// A page.
#[derive(Debug)]
pub(super) struct Page {
    /// Its title.
    pub title: String,
    /// What is on it, in order.
    pub blocks: Vec<Block>,
}

/// A part of a page.
#[derive(Debug)]
pub(super) enum Block {
    /// A heading.
    Heading {
        /// 2 for a section, 3 for a part of it, 4 for a part of that.
        level: u8,
        /// By what it is linked to.
        id: String,
        /// What it says.
        text: String,
    },
    /// A paragraph.
    Paragraph(Line),
    /// A list.
    List(Vec<Line>),
    /// A table.
    Table(Table),
    /// Text as it stands, such as a request.
    Code {
        /// What it is.
        label: String,
        /// The text.
        text: String,
    },
}

/// A table.
#[derive(Debug)]
pub(super) struct Table {
    /// What it is about.
    pub label: String,
    /// The names of its columns.
    pub head: Vec<&'static str>,
    /// Its rows, each with what it is linked to by, where it is.
    pub rows: Vec<(Option<String>, Vec<Line>)>,
}

/// Text with links and code in it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Line(pub Vec<Inline>);

/// A piece of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Inline {
    /// Text.
    Text(String),
    /// A name, or something else that is written so.
    Code(String),
    /// Text that stands out.
    Strong(String),
    /// A link to a place on the page.
    Place(String, String),
    /// A link to elsewhere, `http` or `https`.
    Url(String),
    /// What follows begins a line.
    Break,
}

impl Line {
    pub(super) fn new() -> Self {
        Self::default()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn and(mut self, piece: Inline) -> Self {
        self.0.push(piece);
        self
    }

    pub(super) fn text(self, text: impl Into<String>) -> Self {
        self.and(Inline::Text(text.into()))
    }

    pub(super) fn code(self, text: impl Into<String>) -> Self {
        self.and(Inline::Code(text.into()))
    }

    pub(super) fn strong(self, text: impl Into<String>) -> Self {
        self.and(Inline::Strong(text.into()))
    }

    /// A link to a place on the page.
    pub(super) fn to(self, place: impl Into<String>, text: impl Into<String>) -> Self {
        self.and(Inline::Place(place.into(), text.into()))
    }

    pub(super) fn line(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    /// Names, with commas between them.
    pub(super) fn codes<'n>(self, names: impl IntoIterator<Item = &'n str>) -> Self {
        let names = names.into_iter().map(|name| Self::new().code(name));
        self.line(Self::joined(names, &Inline::Text(", ".into())))
    }

    /// Lines, with something between them.
    pub(super) fn joined(lines: impl IntoIterator<Item = Self>, between: &Inline) -> Self {
        let mut all = Self::new();
        for line in lines.into_iter().filter(|line| !line.is_empty()) {
            if !all.is_empty() {
                all.0.push(between.clone());
            }
            all = all.line(line);
        }
        all
    }

    /// One below the other.
    pub(super) fn stacked(lines: impl IntoIterator<Item = Self>) -> Self {
        Self::joined(lines, &Inline::Break)
    }
}

impl From<&str> for Line {
    fn from(text: &str) -> Self {
        if text.is_empty() { Self::new() } else { Self::new().text(text) }
    }
}

impl Page {
    pub(super) fn heading(&mut self, level: u8, id: impl Into<String>, text: impl Into<String>) {
        self.blocks.push(Block::Heading { level, id: id.into(), text: text.into() });
    }

    /// A paragraph, unless there is nothing to say.
    pub(super) fn paragraph(&mut self, line: Line) {
        if !line.is_empty() {
            self.blocks.push(Block::Paragraph(line));
        }
    }

    pub(super) fn list(&mut self, lines: Vec<Line>) {
        if !lines.is_empty() {
            self.blocks.push(Block::List(lines));
        }
    }

    /// A table, unless it has no rows. Columns that are empty in each row are left out.
    pub(super) fn table(
        &mut self,
        label: impl Into<String>,
        head: &[&'static str],
        mut rows: Vec<(Option<String>, Vec<Line>)>,
    ) {
        if rows.is_empty() {
            return;
        }
        let is_used: Vec<bool> = (0..head.len())
            .map(|at| rows.iter().any(|(_, row)| row.get(at).is_some_and(|cell| !cell.is_empty())))
            .collect();
        for (_, row) in &mut rows {
            let mut used = is_used.iter();
            row.retain(|_| used.next().copied().unwrap_or(false));
        }
        let head = head.iter().zip(&is_used).filter(|(_, used)| **used).map(|(name, _)| *name);
        let head = head.collect();
        self.blocks.push(Block::Table(Table { label: label.into(), head, rows }));
    }

    pub(super) fn code(&mut self, label: impl Into<String>, text: impl Into<String>) {
        self.blocks.push(Block::Code { label: label.into(), text: text.into() });
    }
}

/// A text on one line, of which all can be seen. Spaces at its end are not marked, since more of
/// the line may follow.
pub(super) fn on_one_line(text: &str) -> String {
    let content = text.trim_end_matches([' ', '\t', '\n', '\r']);
    let line: Cow<'_, str> = match content.contains(['\n', '\r']) {
        true => content.lines().map(str::trim).collect::<Vec<_>>().join(" ").into(),
        false => content.into(),
    };
    let mut line = visible(&line, Notation::Plain).into_owned();
    if content.len() < text.len() {
        line.push(' ');
    }
    line
}

/// What a thing of that kind and name is linked to by; no two names have the same.
pub(super) fn id(kind: &str, name: &str) -> String {
    let mut id = format!("{kind}-");
    for character in name.chars() {
        match character {
            'a'..='z' | 'A'..='Z' | '0'..='9' | '_' | '-' => id.push(character),
            other => {
                let _ = write!(id, ".{:x}.", u32::from(other));
            }
        }
    }
    id
}

#[cfg(test)]
mod tests {
    use super::id;

    #[test]
    fn ids_are_plain_and_differ() {
        assert_eq!(id("operation", "create_book-2"), "operation-create_book-2");
        assert_eq!(id("tag", "a b\"<"), "tag-a.20.b.22..3c.");
        assert_ne!(id("tag", "a.20.b"), id("tag", "a b"));
    }
}
