//! Where names are written in a file, and what stands in what.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use crate::source::{Source, Span};
use crate::syntax::{Node, NodeKind};

/// A place: where something begins.
pub(super) type At = (*const Source, usize);

/// So many keys around a place are looked at.
const DEEPEST: usize = 8;

/// Where something begins.
pub(super) fn at(span: &Span) -> At {
    (Arc::as_ptr(&span.source), span.start)
}

/// Where each name is written as a key or a whole text, and in which mapping each key stands.
#[derive(Debug, Default)]
pub(super) struct Spellings<'n> {
    names: HashMap<&'n str, Vec<&'n Span>>,
    /// The mapping of each key.
    pub(super) mappings: HashMap<At, At>,
    /// The key of each value.
    pub(super) keys: HashMap<At, At>,
    /// The list of each item.
    lists: HashMap<At, At>,
    /// What each key is.
    words: HashMap<At, &'n str>,
    /// All keys and whole texts, in the order in which they are written.
    written: Vec<&'n str>,
    /// Which of these stand in the value of each key.
    inside: HashMap<At, Range<usize>>,
    /// Where operations and scenarios begin.
    owners: Vec<At>,
    /// Whether it is a spec, which gives the names that it uses.
    pub(super) is_spec: bool,
}

impl<'n> Spellings<'n> {
    pub(super) fn count(&mut self, node: &'n Node) {
        match &node.kind {
            NodeKind::Text(text) => {
                self.add(text, &node.span);
                self.written.push(text);
            }
            NodeKind::List(items) => {
                for item in items {
                    self.lists.insert(at(&item.span), at(&node.span));
                    self.count(item);
                }
            }
            NodeKind::Map(entries) => {
                let has = |word: &str| entries.iter().any(|(key, _)| key.value == word);
                self.is_spec |= has("operationId");
                if has("operationId") || has("steps") && has("name") {
                    self.owners.push(at(&node.span));
                }
                for (key, member) in entries {
                    self.words.insert(at(&key.span), &key.value);
                    self.mappings.insert(at(&key.span), at(&node.span));
                    self.keys.insert(at(&member.span), at(&key.span));
                    self.add(&key.value, &key.span);
                    self.written.push(&key.value);
                    let before = self.written.len();
                    self.count(member);
                    self.inside.insert(at(&key.span), before..self.written.len());
                }
            }
            _ => {}
        }
    }

    /// What an alias repeats is written once. Of a name that is written twice no further place is
    /// asked for: a large document has some at a hundred thousand.
    fn add(&mut self, name: &'n str, span: &'n Span) {
        let places = self.names.entry(name).or_default();
        if places.len() < 2 && !places.iter().any(|place| place.start == span.start) {
            places.push(span);
        }
    }

    /// The names that are written in the value of a key.
    pub(super) fn within(&self, key: At) -> &[&'n str] {
        let range = self.inside.get(&key).cloned().unwrap_or_default();
        self.written.get(range).unwrap_or_default()
    }

    /// The mapping of which something is a key, or the value of one, or which it is itself.
    pub(super) fn mapping_of(&self, place: At) -> Option<At> {
        let key = self.keys.get(&place).copied().unwrap_or(place);
        self.mappings.get(&key).copied()
    }

    /// The keys in whose values something stands, from the inside to the outside.
    pub(super) fn around(&self, place: At) -> Vec<&'n str> {
        let (mut words, mut place) = (Vec::new(), place);
        for _ in 0..DEEPEST {
            if let Some(key) = self.keys.get(&place) {
                words.extend(self.words.get(key));
                let Some(mapping) = self.mappings.get(key) else { break };
                place = *mapping;
            } else if let Some(list) = self.lists.get(&place).filter(|list| **list != place) {
                place = *list;
            } else {
                break;
            }
        }
        words
    }

    /// The operation, or the scenario, in which something stands: where that begins.
    pub(super) fn owner_of(&self, (source, start): At) -> Option<At> {
        let before = self.owners.iter().filter(|(of, from)| *of == source && *from <= start);
        before.max_by_key(|(_, from)| *from).copied()
    }

    /// The one place where a name is written, if it is written once: as a whole, and in no
    /// expression or reference either.
    pub(super) fn only(&self, name: &str) -> Option<&'n Span> {
        let joins = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-');
        let [one] = self.names.get(name)?.as_slice() else { return None };
        let text = &one.source.text;
        let is_word = |at: &usize| {
            let before = text.get(..*at).and_then(|before| before.chars().next_back());
            let after = text.get(at + name.len()..).and_then(|after| after.chars().next());
            !before.is_some_and(joins) && !after.is_some_and(joins)
        };
        let mut words = text.match_indices(name).map(|(at, _)| at).filter(is_word);
        (words.next().is_some() && words.next().is_none()).then_some(*one)
    }
}
