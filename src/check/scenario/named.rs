//! Expectations that columns and variables hold: what is written there has matchers in it, so it is
//! no value, and is read where a name stands for it as if it stood there itself.

use std::sync::Arc;

use super::Reader;
use super::matcher::Around;
use super::written::Written;
use crate::check::shape::Shape;
use crate::check::special::is_meant_as_matcher;
use crate::scenario::{Expected, ExpectedKind};
use crate::source::Span;
use crate::syntax::{Node, NodeKind};

impl<'n> Reader<'n, '_> {
    /// The first matcher in what is written, or the name of one that is written elsewhere.
    pub(super) fn matcher_in(&self, node: &Node) -> Option<Span> {
        match &node.kind {
            NodeKind::Text(text) => match self.scope.get(&self.sole_path(text)?.root) {
                Some(Shape::Expectation(matcher)) => Some(matcher),
                _ => None,
            },
            NodeKind::List(items) => items.iter().find_map(|item| self.matcher_in(item)),
            NodeKind::Map(entries) => entries.iter().find_map(|(key, node)| {
                let own = is_meant_as_matcher(&key.value).then(|| key.span.clone());
                own.or_else(|| self.matcher_in(node))
            }),
            _ => None,
        }
    }

    /// Remembers which names an expectation stands on that is not read where it is written.
    pub(super) fn use_names(&mut self, node: &Node) {
        match &node.kind {
            NodeKind::Text(text) => {
                if let (Some(path), Some(watch)) = (self.sole_path(text), &mut self.trees.watch) {
                    watch.use_name(&path.root);
                }
            }
            NodeKind::List(items) => items.iter().for_each(|item| self.use_names(item)),
            NodeKind::Map(entries) => entries.iter().for_each(|(_, node)| self.use_names(node)),
            _ => {}
        }
    }

    /// The expectation for which a text stands that is nothing but the name of a column or a
    /// variable, or a member of one; none when that holds values alone.
    pub(super) fn named_expectation(&mut self, node: &'n Node, around: Around) -> Option<Expected> {
        let read = self.in_rows(node, |reader, node| reader.expected(node, around))?;
        Some(Expected { kind: ExpectedKind::ByRow(read), span: node.span.clone() })
    }

    /// What is written for a name, by the positions of the rows; none when it is a value.
    pub(super) fn in_rows<T>(
        &mut self,
        node: &'n Node,
        mut read: impl FnMut(&mut Self, &'n Node) -> T,
    ) -> Option<Vec<Arc<T>>> {
        let root = self.sole_path(node.as_text()?)?.root;
        let Some(Shape::Expectation(_)) = self.scope.get(&root) else { return None };
        let is_column = self.table.iter().any(|row| row.get(&root).is_some());
        // What a column holds may name variables, not other columns: nothing leads in a circle.
        if self.following > 0 && is_column || !self.trees.may_follow(self.following, node) {
            return None;
        }
        let mark = self.scope.mark();
        self.scope.add(root.clone(), Shape::Any);
        let value = Arc::new(read(self, node));
        self.scope.reset(mark);
        self.following += 1;
        let mut known: Vec<(&Node, Arc<T>)> = Vec::new();
        let mut rows = Vec::new();
        let all = if is_column { self.rows_for(&[Some(node)]) } else { vec![None] };
        for row in all {
            let holder = match self.named(&root, row) {
                Written::Here(holder) => self.matcher_in(holder),
                Written::Absent | Written::Unknown => None,
            };
            let one = match (holder, self.written(node, row)) {
                (Some(_), Written::Here(here)) => {
                    let same = known.iter().find(|(seen, _)| std::ptr::eq(*seen, here));
                    match same.map(|(_, one)| one.clone()) {
                        Some(one) => one,
                        None => {
                            let one = Arc::new(read(self, here));
                            known.push((here, one.clone()));
                            one
                        }
                    }
                }
                _ => value.clone(),
            };
            rows.push(one);
        }
        self.following -= 1;
        Some(rows)
    }
}
