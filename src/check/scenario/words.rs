//! What several parts of a scenario share: names of the spec, durations, fixed texts.

use std::sync::Arc;
use std::time::Duration;

use super::Reader;
use super::written::is_worked_out;
use crate::clock;
use crate::diagnostic::Diagnostic;
use crate::model::{CollectionId, OperationId, Text, TextPart, Tree};
use crate::scenario::Given;
use crate::source::{Located, Span};
use crate::syntax::{Mapping, Node, ReadNode};

impl<'n> Reader<'n, '_> {
    /// The position of a name among those of the spec.
    pub(super) fn position<'a>(
        &mut self,
        code: &'static str,
        what: &str,
        name: &str,
        span: &Span,
        known: impl Iterator<Item = &'a str> + Clone,
    ) -> Option<usize> {
        let found = known.clone().position(|candidate| candidate == name);
        if found.is_none() {
            let known: Vec<&str> = known.collect();
            self.unknown(code, what, name, span, known.iter().copied());
        }
        found
    }

    /// An operation of the spec.
    pub(super) fn known_operation(&mut self, name: &str, span: &Span) -> Option<OperationId> {
        let known = self.service.operations.iter().map(|operation| &*operation.id);
        self.position("unknown-operation", "operation", name, span, known).map(OperationId)
    }

    /// A collection of the spec.
    pub(super) fn collection(&mut self, name: &str, span: &Span) -> Option<CollectionId> {
        let known = self.service.collections.iter().map(|collection| &*collection.name);
        self.position("unknown-collection", "collection", name, span, known).map(CollectionId)
    }

    /// Account settings, each with a value that fits where it is fixed.
    pub(super) fn settings(&mut self, node: &'n Node) -> Vec<(Arc<str>, Tree)> {
        let service = self.service;
        let mut settings = Vec::new();
        for (key, node) in self.read_members(node) {
            let known = service.settings.iter().map(|setting| &*setting.name);
            let at =
                self.position("unknown-setting", "setting", &key.value, &key.span, known.clone());
            let tree = self.trees.tree(node, &self.scope);
            let Some(setting) = at.and_then(|at| service.settings.get(at)) else { continue };
            if let Tree::Constant(_) = tree {
                self.trees.fit(node, &setting.schema, &format!("`{}`", setting.name));
            }
            settings.push((setting.name.clone(), tree));
        }
        settings
    }

    /// A fixed text of a key that may be missing.
    pub(super) fn fixed_text(
        &mut self,
        mapping: &mut Mapping<'n>,
        key: &'static str,
    ) -> Option<Located<Arc<str>>> {
        mapping.take(key).and_then(|node| self.fixed(node))
    }

    /// A text that cannot hold expressions.
    pub(super) fn fixed(&mut self, node: &'n Node) -> Option<Located<Arc<str>>> {
        self.trees.fixed(node)
    }

    /// What is written, or an expression that gives it when the step is done.
    pub(super) fn or_expression<T>(
        &mut self,
        node: &'n Node,
        read: impl FnOnce(&mut Self, &'n Node) -> Option<T>,
    ) -> Option<Given<T>> {
        if is_worked_out(node) {
            return self.trees.sole_expression(node, &self.scope).map(Given::Expression);
        }
        read(self, node).map(Given::Written)
    }

    /// A duration that is not negative.
    pub(super) fn duration(&mut self, node: &'n Node) -> Option<Duration> {
        self.trees.duration(node)
    }

    /// A duration above zero.
    pub(super) fn some_duration(
        &mut self,
        mapping: &mut Mapping<'n>,
        key: &'static str,
    ) -> Option<Duration> {
        mapping.take(key).and_then(|node| self.positive_duration(node, key))
    }

    /// The same, of the value of that key.
    pub(super) fn positive_duration(&mut self, node: &'n Node, key: &str) -> Option<Duration> {
        let duration = self.duration(node)?;
        if duration.is_zero() {
            let message = format!("`{key}` is more than nothing");
            self.error("bad-duration", message, &node.span, "is zero");
            return None;
        }
        Some(duration)
    }

    /// A point in time.
    pub(super) fn time(&mut self, node: &'n Node) -> Option<jiff::Timestamp> {
        let text = self.fixed(node)?;
        let time = clock::parse_timestamp(&text.value);
        if time.is_none() {
            let message = format!("`{}` is not a time", text.value);
            self.report(
                Diagnostic::error("bad-time", message, &text.span, "cannot be read")
                    .help("times are those of RFC 3339: 2026-01-31T12:00:00Z"),
            );
        }
        time
    }

    /// A regular expression.
    pub(super) fn regex(&mut self, node: &'n Node) -> Option<Arc<str>> {
        let pattern = self.fixed(node)?;
        if let Err(error) = regex_lite::Regex::new(&pattern.value) {
            let message = format!("not a valid regular expression: {error}");
            self.error("bad-pattern", message, &pattern.span, "cannot be read");
            return None;
        }
        Some(pattern.value)
    }

    /// A regular expression in which expressions may have a part.
    pub(super) fn pattern(&mut self, node: &'n Node) -> Option<Text> {
        if node.as_text().is_some_and(|text| text.contains("${")) {
            return self.trees.text(node, &self.scope);
        }
        let pattern = self.regex(node)?;
        Some(Text { parts: vec![TextPart::Literal(pattern)] })
    }
}
