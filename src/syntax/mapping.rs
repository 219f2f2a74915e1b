//! Reading a mapping key by key, so that what nobody asked for is known at the end.

use std::sync::Arc;

use super::{Node, NodeKind, Problems, ReadNode, Record};
use crate::source::{Located, Span};

/// A key and its value.
pub type Entry<'n> = (&'n Located<String>, &'n Node);

/// A mapping that is being read.
///
/// [`Self::finish`] reports the keys that its record does not have; where that is of several kinds,
/// or in no table, those that were not asked for.
#[derive(Debug)]
pub struct Mapping<'n> {
    node: &'n Node,
    entries: &'n [(Located<String>, Node)],
    record: Record,
    asked: Vec<&'static str>,
    problems: &'n Problems,
}

impl<'n> ReadNode<'n> for Mapping<'n> {
    fn problems(&self) -> &'n Problems {
        self.problems
    }
}

impl<'n> Mapping<'n> {
    /// Starts reading; anything but a mapping is a mistake.
    pub fn open(node: &'n Node, record: impl Into<Record>, problems: &'n Problems) -> Option<Self> {
        let record = record.into();
        if let NodeKind::Map(entries) = &node.kind {
            return Some(Self { node, entries, record, asked: Vec::new(), problems });
        }
        problems.wrong_type(node, &format!("{}, as a mapping", record.what));
        None
    }

    /// Where it stands.
    pub fn span(&self) -> &'n Span {
        &self.node.span
    }

    /// The mapping as a whole.
    pub fn node(&self) -> &'n Node {
        self.node
    }

    /// The key and value of that name.
    pub fn entry(&mut self, key: &'static str) -> Option<Entry<'n>> {
        self.record.check_asked(key);
        self.misplaced(key)
    }

    /// The same for a key that does not belong here, which whoever asks for it tells.
    pub fn misplaced(&mut self, key: &'static str) -> Option<Entry<'n>> {
        self.asked.push(key);
        self.entries.iter().find(|(name, _)| name.value == key).map(|(name, node)| (name, node))
    }

    /// The value of that name.
    pub fn take(&mut self, key: &'static str) -> Option<&'n Node> {
        self.entry(key).map(|(_, node)| node)
    }

    /// The value of that name, which has to be there.
    pub fn require(&mut self, key: &'static str) -> Option<&'n Node> {
        let node = self.take(key);
        if node.is_none() {
            let message = format!("{} needs `{key}`", self.record.what);
            self.error("missing-key", message, self.span(), format!("`{key}` is missing"));
        }
        node
    }

    /// A text.
    pub fn text(&mut self, key: &'static str) -> Option<Located<Arc<str>>> {
        self.take(key).and_then(|node| self.read_text(node))
    }

    /// A text that has to be there.
    pub fn required_text(&mut self, key: &'static str) -> Option<Located<Arc<str>>> {
        self.require(key).and_then(|node| self.read_text(node))
    }

    /// A text without its place.
    pub fn plain_text(&mut self, key: &'static str) -> Option<Arc<str>> {
        self.text(key).map(|text| text.value)
    }

    /// A boolean.
    pub fn boolean(&mut self, key: &'static str) -> Option<bool> {
        self.take(key).and_then(|node| self.read_boolean(node))
    }

    /// One of a few words, each of which stands for something.
    pub fn word<T: Copy>(&mut self, key: &'static str, words: &[(T, &str)]) -> Option<T> {
        self.take(key).and_then(|node| self.read_word(node, key, words))
    }

    /// The items of a list; none when the key is not there.
    pub fn items(&mut self, key: &'static str) -> &'n [Node] {
        self.take(key).map_or(&[], |node| self.read_items(node))
    }

    /// The members of a mapping with names that the writer chose; none when it is not there.
    pub fn members(&mut self, key: &'static str) -> &'n [(Located<String>, Node)] {
        self.take(key).map_or(&[], |node| self.read_members(node))
    }

    /// Reports every key that is not known.
    pub fn finish(self) {
        self.record.check_all_asked(&self.asked);
        let known = self.record.known(&self.asked);
        for (key, _) in self.entries {
            // What was asked for and does not belong here is told already.
            if !known.contains(&key.value.as_str()) && !self.asked.contains(&key.value.as_str()) {
                self.unknown_key(key, self.record.what, known.iter().copied(), self.node);
            }
        }
    }
}
