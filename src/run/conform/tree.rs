//! Whether an answer is what a tree of the spec can give.
//!
//! What is fixed in the tree has to be in the answer; what is worked out may be anything. So a
//! message may name any id, but a code that the spec writes down is that code.

use std::cmp::Reverse;
use std::sync::Arc;

use super::super::compare::scalar;
use super::super::event::Mismatch;
use super::super::markup;
use super::finder::Finder;
use super::namespace::Namespace;
use crate::model::{Expression, Text, TextPart, Tree};
use crate::value::Value;

type Members = [(Arc<str>, Tree)];

impl Finder<'_> {
    /// Looks at a value by the tree that gives it; an absent one has none.
    pub(super) fn tree(&mut self, tree: &Tree, value: Option<&Value>, path: &str) {
        let Some(value) = value else {
            if !self.may_be_absent(tree) {
                let message = format!("`{path}` is missing, which {} has", self.source);
                self.note(path, "a value", "nothing", &message);
            }
            return;
        };
        match tree {
            Tree::Expression(expression) if is_message(expression) => {
                self.scalar_text(value, path);
            }
            Tree::Expression(_) => {}
            Tree::Constant(constant) => self.constant(constant, value, path),
            Tree::Text(text) => self.text(text, value, path),
            Tree::Map(members) => self.map(members, value, path),
            Tree::List(items) => self.list(items, value, path),
            Tree::ForEach { item, .. } => self.each(std::slice::from_ref(&**item), value, path),
            Tree::If { then, otherwise, .. } => {
                let branches = std::iter::once(then).chain(otherwise);
                self.nearest(branches.map(|tree| &**tree), value, path);
            }
        }
    }

    /// What is found by that of several trees that the value is nearest to.
    fn nearest<'t>(&mut self, trees: impl Iterator<Item = &'t Tree>, value: &Value, path: &str) {
        // The deeper inside something is wrong, the nearer it is.
        let distance = |found: &[Mismatch]| {
            (Reverse(found.iter().map(|mismatch| mismatch.path.len()).min()), found.len())
        };
        let mut nearest: Option<Vec<Mismatch>> = None;
        for tree in trees {
            let found = self.attempt(|finder| finder.tree(tree, Some(value), path));
            if found.is_empty() {
                return;
            }
            if nearest.as_ref().is_none_or(|least| distance(&found) < distance(least)) {
                nearest = Some(found);
            }
        }
        self.found.extend(nearest.unwrap_or_default());
    }

    /// Whether a member or item may be left out.
    pub(super) fn may_be_absent(&self, tree: &Tree) -> bool {
        match tree {
            Tree::Expression(expression) => !is_message(expression),
            Tree::If { then, otherwise, .. } => {
                otherwise.as_ref().is_none_or(|tree| self.may_be_absent(tree))
                    || self.may_be_absent(then)
            }
            // XML has no lists: one without items is not there.
            Tree::ForEach { .. } | Tree::List(_) | Tree::Constant(Value::Null) => self.markup(),
            Tree::Constant(Value::List(items)) => self.markup() && items.is_empty(),
            Tree::Constant(_) | Tree::Text(_) | Tree::Map(_) => false,
        }
    }

    fn differs(&mut self, path: &str, expected: &str, value: &Value) {
        let actual = serde_json::to_string(value).unwrap_or_default();
        let message = format!("`{path}` is {actual}, {} has {expected}", self.source);
        self.note(path, expected, &actual, &message);
    }

    fn wrong_type(&mut self, path: &str, expected: &str, value: &Value) {
        let kind = value.kind();
        let message = format!("`{path}` is of type {kind}, {} has {expected}", self.source);
        self.note(path, expected, &value.to_string(), &message);
    }

    /// A text, whatever it says.
    fn scalar_text(&mut self, value: &Value, path: &str) {
        if self.text_of(value).as_str().is_none() {
            self.wrong_type(path, "a string", value);
        }
    }

    fn constant(&mut self, constant: &Value, value: &Value, path: &str) {
        if let Some(members) = constant.members() {
            let members: Vec<(Arc<str>, Tree)> = members
                .map(|(name, value)| (name.clone(), Tree::Constant(value.clone())))
                .collect();
            return self.map(&members, value, path);
        }
        if let Some(items) = constant.as_list() {
            let items: Vec<Tree> = items.iter().cloned().map(Tree::Constant).collect();
            return self.list(&items, value, path);
        }
        let text = self.text_of(value);
        let fits = match constant {
            Value::Text(wanted) if !self.wording && is_wording(wanted) => {
                return self.scalar_text(value, path);
            }
            Value::Text(wanted) if self.textual() => {
                text.as_str().is_some_and(|text| squeezed(text) == squeezed(wanted))
            }
            Value::Null if self.is_empty_field(value) => true,
            _ => scalar::is_same(constant, text, self.textual() || self.is_line_of_event(text)),
        };
        if !fits {
            let expected = serde_json::to_string(constant).unwrap_or_default();
            self.differs(path, &expected, value);
        }
    }

    fn text(&mut self, text: &Text, value: &Value, path: &str) {
        let Some(actual) = self.text_of(value).as_str() else {
            return self.wrong_type(path, "a string", value);
        };
        if !self.says(text, actual, self.textual()) {
            self.differs(path, &format!("`{}`", pattern(text)), value);
        }
    }

    /// Whether a text is one that the spec's text can become. White space says nothing where it
    /// is said so.
    pub(super) fn says(&self, text: &Text, actual: &str, squeeze: bool) -> bool {
        let literals = text.parts.iter().filter_map(|part| match part {
            TextPart::Literal(literal) => Some(&**literal),
            TextPart::Expression(_) => None,
        });
        if !self.wording && literals.clone().any(is_wording) {
            return true;
        }
        let normal = |text: &str| if squeeze { squeezed(text) } else { text.to_owned() };
        let actual = normal(actual);
        let mut rest = &*actual;
        let mut free = false;
        for (at, part) in text.parts.iter().enumerate() {
            let TextPart::Literal(literal) = part else {
                free = true;
                continue;
            };
            let literal = normal(literal);
            let is_last = at + 1 == text.parts.len();
            let found = match (free, is_last) {
                (false, _) => rest.starts_with(&*literal).then_some(0),
                (true, true) => rest.ends_with(&*literal).then(|| rest.len() - literal.len()),
                (true, false) => rest.find(&*literal),
            };
            let Some(found) = found else { return false };
            rest = rest.get(found + literal.len()..).unwrap_or_default();
            free = false;
        }
        free || rest.is_empty()
    }

    fn map(&mut self, members: &Members, value: &Value, path: &str) {
        let text: Arc<str> = "#text".into();
        let actual: Vec<(&Arc<str>, &Value)> = match value.members() {
            Some(members) => members.collect(),
            None if self.markup() && self.is_blank(value) => Vec::new(),
            None if self.markup() && members.iter().any(|(name, _)| *name == text) => {
                vec![(&text, value)]
            }
            None => return self.wrong_type(path, "an object", value),
        };
        let mut used = vec![false; actual.len()];
        for (name, tree) in members {
            if self.is_free(name) || self.is_passed_over(name) {
                continue;
            }
            let local = self.local(name);
            let inside = self.namespace_of(name, tree);
            let around = std::mem::replace(&mut self.namespace, inside);
            let path = self.below(path, &local);
            let mut at = actual.iter().position(|(actual, _)| self.is_named(&local, actual));
            if at.is_none() {
                at = actual.iter().position(|(actual, _)| self.is_elsewhere(&local, actual));
                if let Some((actual, _)) = at.and_then(|at| actual.get(at)) {
                    self.stands_elsewhere(&path, actual);
                    // Once is enough for what is in it.
                    self.namespace = Namespace::Any;
                }
            }
            if let Some(used) = at.and_then(|at| used.get_mut(at)) {
                *used = true;
            }
            let value = at.and_then(|at| actual.get(at)).map(|(_, value)| *value);
            self.tree(tree, value, &path);
            self.namespace = around;
        }
        for ((name, value), used) in actual.iter().zip(used) {
            let is_nothing = self.is_space(name, value) || self.is_empty_field(value);
            if used || self.open || self.is_free(name) || is_nothing {
                continue;
            }
            let path = self.below(path, name);
            let message = format!("`{path}` is not documented, {} has no such member", self.source);
            self.note(&path, "nothing", &value.to_string(), &message);
        }
    }

    /// What XML needs for itself: declarations, and attributes of other vocabularies.
    pub(super) fn is_free(&self, name: &str) -> bool {
        self.markup()
            && (is_declaration(name)
                || name.starts_with("@{")
                || is_prefixed_attribute(name)
                || matches!(name, "@nil" | markup::NAMESPACE))
    }

    /// White space between elements, which is in no tree unless `xml:space` keeps it.
    pub(super) fn is_space(&self, name: &str, value: &Value) -> bool {
        self.markup() && name == "#text" && self.is_blank(value)
    }

    /// The name without its prefix.
    fn local(&self, name: &str) -> String {
        match name.split_once(':') {
            Some((_, local)) if self.markup() => local.to_owned(),
            _ => name.to_owned(),
        }
    }

    fn list(&mut self, items: &[Tree], value: &Value, path: &str) {
        let fixed = !items.iter().any(|item| self.may_be_absent(item));
        let all_passed_over = |item: &&Tree| match item {
            Tree::Map(members) => {
                !members.is_empty() && members.iter().all(|(name, _)| self.is_passed_over(name))
            }
            Tree::Constant(constant) => constant.members().is_some_and(|members| {
                let mut members = members.peekable();
                members.peek().is_some() && members.all(|(name, _)| self.is_passed_over(name))
            }),
            _ => false,
        };
        let read: Vec<&Tree> = items.iter().filter(|item| !all_passed_over(item)).collect();
        let in_part = |actual: &[Value]| self.in_part && actual.len() < read.len();
        match value.as_list() {
            Some(actual) if fixed && (actual.len() == read.len() || in_part(actual)) => {
                for (at, (item, value)) in read.into_iter().zip(actual).enumerate() {
                    self.tree(item, Some(value), &format!("{path}[{}]", self.place(at)));
                }
            }
            Some(actual) if fixed => {
                let (wanted, actual) = (read.len(), actual.len());
                let source = &self.source;
                let items = if actual == 1 { "item" } else { "items" };
                let message = format!("`{path}` has {actual} {items}, {source} has {wanted}");
                self.note(path, &wanted.to_string(), &actual.to_string(), &message);
            }
            _ => self.each(items, value, path),
        }
    }

    /// A list each of whose items is one of these.
    fn each(&mut self, kinds: &[Tree], value: &Value, path: &str) {
        let one = std::slice::from_ref(value);
        let items = match value.as_list() {
            Some(items) => items,
            None if self.markup() => one,
            None => return self.wrong_type(path, "a list", value),
        };
        for (at, item) in items.iter().enumerate() {
            let path = format!("{path}[{}]", self.place(at));
            self.nearest(kinds.iter(), item, &path);
        }
    }

    fn place(&self, at: usize) -> usize {
        if self.markup() { at + 1 } else { at }
    }
}

/// A message is always there and always a text.
fn is_message(expression: &Expression) -> bool {
    expression.parsed.path().is_some_and(|path| path.dotted() == "error.message")
}

/// Whether a text is for people, more than one word.
fn is_wording(text: &str) -> bool {
    text.trim().contains(char::is_whitespace)
}

/// The text without white space.
fn squeezed(text: &str) -> String {
    text.split_whitespace().collect()
}

/// A text as it is written in a spec, for messages.
pub(super) fn pattern(text: &Text) -> String {
    let parts = text.parts.iter().map(|part| match part {
        TextPart::Literal(literal) => literal.to_string(),
        TextPart::Expression(expression) => format!("${{{}}}", expression.parsed.text()),
    });
    parts.collect()
}

fn is_declaration(name: &str) -> bool {
    name == "@xmlns" || name.starts_with("@xmlns:")
}

fn is_prefixed_attribute(name: &str) -> bool {
    name.starts_with('@') && name.contains(':')
}
