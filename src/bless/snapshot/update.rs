//! A YAML file made to hold something else, with the lines of all that stays as they are.

use std::ops::Range;

use crate::source::Source;
use crate::syntax::{Node, NodeKind, tree};
use crate::write::{Kind, Piece, document};

/// The file is laid out so that it cannot be changed in parts.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unfit;

/// The text of a file that holds a tree, with another tree in it.
pub(super) fn updated(text: &str, root: &Node, piece: &Piece) -> Result<String, Unfit> {
    let mut update = Update { text, edits: Vec::new() };
    let has_comments =
        text.lines().any(|line| line.trim_start().starts_with('#')) || text.contains(" #");
    let new = match update.node(root, piece) {
        Ok(()) => update.applied(),
        Err(Unfit) if has_comments => return Err(Unfit),
        Err(Unfit) => document(piece, &[]),
    };
    let new =
        if text.contains("\r\n") { new.replace("\r\n", "\n").replace('\n', "\r\n") } else { new };
    let after = tree(&Source::new("", new.as_str())).ok_or(Unfit)?;
    is_same(&after, piece).then_some(new).ok_or(Unfit)
}

struct Update<'t> {
    text: &'t str,
    edits: Vec<(Range<usize>, String)>,
}

impl Update<'_> {
    fn applied(mut self) -> String {
        self.edits.sort_by_key(|(range, _)| (range.start, range.end));
        let mut new = self.text.to_owned();
        for (range, with) in self.edits.into_iter().rev() {
            if new.get(range.clone()).is_some() {
                new.replace_range(range, &with);
            }
        }
        new
    }

    /// Fails where what is around has to be written anew.
    fn node(&mut self, node: &Node, piece: &Piece) -> Result<(), Unfit> {
        if is_same(node, piece) {
            return Ok(());
        }
        let begins = self.text.get(node.span.start..).unwrap_or_default();
        match (&node.kind, &piece.kind) {
            (NodeKind::Map(_), Kind::Map(_)) if !begins.starts_with('{') => {
                self.members(node, piece)
            }
            (NodeKind::List(items), Kind::List(new)) if !begins.starts_with('[') => {
                self.items(items, new)
            }
            (NodeKind::Map(_) | NodeKind::List(_), _) | (_, Kind::Map(_) | Kind::List(_)) => {
                Err(Unfit)
            }
            _ => self.scalar(node, piece),
        }
    }

    fn scalar(&mut self, node: &Node, piece: &Piece) -> Result<(), Unfit> {
        let written = document(&Piece::map().with("k", piece.clone()), &[]);
        let one_line = written.strip_prefix("k: ").and_then(|it| it.strip_suffix('\n'));
        let one_line = one_line.filter(|it| !it.contains('\n') && !it.starts_with(['|', '>']));
        let is_there = !node.span.text().is_empty() && !node.span.text().contains('\n');
        let with = one_line.filter(|_| is_there).ok_or(Unfit)?;
        self.edits.push((node.span.range(), with.to_owned()));
        Ok(())
    }

    fn members(&mut self, node: &Node, piece: &Piece) -> Result<(), Unfit> {
        let entries = node.as_map().unwrap_or_default();
        let stays = |name: &str| piece.get(name).is_some();
        let kept: Vec<&str> =
            entries.iter().map(|(name, _)| name.value.as_str()).filter(|it| stays(it)).collect();
        let is_old = |name: &str| kept.contains(&name);
        let order = piece.members().iter().map(|it| it.key.as_str()).filter(|name| is_old(name));
        if kept.is_empty() || !order.eq(kept.iter().copied()) {
            return Err(Unfit);
        }
        let column = self.column(node.span.start);
        let mut added = Vec::new();
        // What is new stands behind the member before it, or before the first.
        let mut behind: Option<usize> = None;
        for member in piece.members() {
            match entries.iter().find(|(name, _)| name.value == member.key) {
                Some((name, node)) => {
                    let mark = self.edits.len();
                    if self.node(node, &member.value).is_err() {
                        self.edits.truncate(mark);
                        let lines = entry(&member.key, &member.value, column);
                        let lines = lines.trim_start().trim_end_matches('\n');
                        self.replace(name.span.start..end_of(node).max(name.span.end), lines);
                    }
                    behind = Some(self.line_end(end_of(node).max(name.span.end)));
                }
                None => added.push((behind, entry(&member.key, &member.value, column))),
            }
        }
        for (name, node) in entries.iter().filter(|(name, _)| !stays(&name.value)) {
            let start = self.own_line(name.span.start).ok_or(Unfit)?;
            self.edits.push((start..self.line_end(end_of(node).max(name.span.end)), String::new()));
        }
        for (behind, lines) in added {
            let at = match behind {
                Some(at) => at,
                None => self.own_line(node.span.start).ok_or(Unfit)?,
            };
            self.insert(at, &lines);
        }
        Ok(())
    }

    fn items(&mut self, items: &[Node], new: &[Piece]) -> Result<(), Unfit> {
        let same = |(node, piece): &(&Node, &Piece)| is_same(node, piece);
        let before = items.iter().zip(new).take_while(same).count();
        let (old, left) =
            (items.get(before..).unwrap_or_default(), new.get(before..).unwrap_or_default());
        let after = old.iter().rev().zip(left.iter().rev()).take_while(same).count();
        let old = old.get(..old.len() - after).unwrap_or_default();
        let left = left.get(..left.len() - after).unwrap_or_default();
        let first = items.first().ok_or(Unfit)?;
        if before + after == 0 && new.is_empty() {
            return Err(Unfit);
        }
        let column = self.dash(first.span.start).ok_or(Unfit)?;
        for (node, piece) in old.iter().zip(left) {
            let mark = self.edits.len();
            if self.node(node, piece).is_err() {
                self.edits.truncate(mark);
                let lines = item(piece, column);
                let lines = lines.trim_start().trim_start_matches("- ").trim_end_matches('\n');
                self.replace(node.span.start..end_of(node), lines);
            }
        }
        for node in old.iter().skip(left.len()) {
            let line = self.line_start(node.span.start);
            self.dash(node.span.start).ok_or(Unfit)?;
            self.edits.push((line..self.line_end(end_of(node)), String::new()));
        }
        let last = old.last().or_else(|| items.get(before.checked_sub(1)?));
        let at = match last {
            Some(node) => self.line_end(end_of(node)),
            None => self.line_start(first.span.start),
        };
        for piece in left.iter().skip(old.len()) {
            self.insert(at, &item(piece, column));
        }
        Ok(())
    }

    /// Puts other text in the place of a part, which ends its line where that did.
    fn replace(&mut self, range: Range<usize>, with: &str) {
        let ends = self.text.get(range.clone()).is_some_and(|text| text.ends_with('\n'));
        self.edits.push((range, if ends { format!("{with}\n") } else { with.to_owned() }));
    }

    /// Adds lines before a place, after what was added there already.
    fn insert(&mut self, at: usize, lines: &str) {
        let known = self.edits.iter_mut().find(|(range, _)| *range == (at..at));
        match known {
            Some((_, added)) => added.push_str(lines),
            None => {
                let ends = at == 0 || self.text.get(..at).is_some_and(|text| text.ends_with('\n'));
                let lead = if ends { "" } else { "\n" };
                self.edits.push((at..at, format!("{lead}{lines}")));
            }
        }
    }

    fn line_start(&self, at: usize) -> usize {
        self.text.get(..at).and_then(|text| text.rfind('\n')).map_or(0, |at| at + 1)
    }

    fn line_end(&self, at: usize) -> usize {
        // What ends with a line feed has its line behind it already.
        if at > 0 && self.text.get(..at).is_some_and(|text| text.ends_with('\n')) {
            return at;
        }
        let rest = self.text.get(at..).unwrap_or_default();
        rest.find('\n').map_or(self.text.len(), |end| at + end + 1)
    }

    fn column(&self, at: usize) -> usize {
        self.text.get(self.line_start(at)..at).unwrap_or_default().chars().count()
    }

    /// Where the line begins on which something stands first.
    fn own_line(&self, at: usize) -> Option<usize> {
        let start = self.line_start(at);
        self.text.get(start..at)?.chars().all(|c| c == ' ').then_some(start)
    }

    /// The column of the dash before an item, where the dash stands first on the line.
    fn dash(&self, at: usize) -> Option<usize> {
        let begun = self.text.get(self.line_start(at)..at)?;
        let indent = begun.len() - begun.trim_start_matches(' ').len();
        (begun.get(indent..)?.trim_end() == "-").then_some(indent)
    }
}

/// Where the last of what a node holds ends.
fn end_of(node: &Node) -> usize {
    let inner = match &node.kind {
        NodeKind::List(items) => items.last().map(end_of),
        NodeKind::Map(entries) => {
            entries.last().map(|(name, node)| end_of(node).max(name.span.end))
        }
        _ => None,
    };
    inner.unwrap_or_default().max(node.span.end)
}

fn entry(key: &str, value: &Piece, column: usize) -> String {
    indented(&document(&Piece::map().with(key, value.clone()).block(), &[]), column)
}

fn item(piece: &Piece, column: usize) -> String {
    indented(&document(&Piece::list([piece.clone()]).block(), &[]), column)
}

fn indented(text: &str, column: usize) -> String {
    let pad = " ".repeat(column);
    text.lines()
        .map(|line| if line.is_empty() { "\n".to_owned() } else { format!("{pad}{line}\n") })
        .collect()
}

fn is_same(node: &Node, piece: &Piece) -> bool {
    match (&node.kind, &piece.kind) {
        (NodeKind::Null, Kind::Null) => true,
        (NodeKind::Bool(one), Kind::Bool(other)) => one == other,
        (NodeKind::Integer(_) | NodeKind::Number(_), Kind::Number(number)) => {
            node.to_value().to_string() == *number
        }
        (NodeKind::Text(one), Kind::Text(other)) => one == other,
        (NodeKind::List(items), Kind::List(pieces)) => {
            items.len() == pieces.len()
                && items.iter().zip(pieces).all(|(node, piece)| is_same(node, piece))
        }
        (NodeKind::Map(entries), Kind::Map(members)) => {
            entries.len() == members.len()
                && entries.iter().zip(members).all(|((name, node), member)| {
                    name.value == member.key && is_same(node, &member.value)
                })
        }
        _ => false,
    }
}
