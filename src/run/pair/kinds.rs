//! Of what kind the things are that an answer shows: numbers count for each kind by itself, so that
//! an order 7 need not be what a customer 7 is.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use crate::model::{Content, Expression, Given, Operation, Part, Text, TextPart, Tree};

/// The collections whose rows an answer may show, by their positions; none where nobody knows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Kind(Arc<BTreeSet<usize>>);

impl Kind {
    /// What an operation answers with, as far as its spec says.
    pub(super) fn shown_by(operation: &Operation) -> Self {
        let mut shown = Shown::default();
        let mut known = None;
        // What a loop gathers is known after what its steps name is.
        while known != Some(shown.known()) {
            known = Some(shown.known());
            for step in operation.steps.all() {
                step.verb.parts().iter().for_each(|part| shown.part(part));
            }
        }
        Self(Arc::new(shown.found))
    }

    /// Whether both may be of the same kind.
    pub(super) fn may_be(&self, other: &Self) -> bool {
        self.0.is_empty() || other.0.is_empty() || !self.0.is_disjoint(&other.0)
    }
}

/// What answers are made of.
#[derive(Default)]
struct Shown {
    /// By the names of variables.
    named: HashMap<Arc<str>, BTreeSet<usize>>,
    found: BTreeSet<usize>,
}

impl Shown {
    fn part(&mut self, part: &Part<'_>) {
        match part {
            Part::Gives(name, Given::Row(collection) | Given::Rows(collection)) => {
                self.name(name, BTreeSet::from([collection.0]));
            }
            Part::Gives(name, Given::Value(tree)) => {
                let of = self.of_tree(tree);
                self.name(name, of);
            }
            Part::Gives(name, Given::Item(list)) => {
                let of = self.of(list);
                self.name(name, of);
            }
            Part::Answer(respond) => {
                let of = match &respond.content {
                    Content::Tree(tree, _) => self.of_tree(tree),
                    Content::Text(text, _) => self.of_text(text),
                    Content::Nothing | Content::Bytes(..) | Content::Fault(_) => return,
                };
                self.found.extend(of);
            }
            _ => {}
        }
    }

    /// How much is known of variables.
    fn known(&self) -> usize {
        self.named.values().map(BTreeSet::len).sum()
    }

    fn name(&mut self, name: &Arc<str>, of: BTreeSet<usize>) {
        self.named.entry(name.clone()).or_default().extend(of);
    }

    fn of(&self, expression: &Expression) -> BTreeSet<usize> {
        let names = expression.parsed.references().iter();
        names.filter_map(|name| self.named.get(&name.root)).flatten().copied().collect()
    }

    fn of_text(&self, text: &Text) -> BTreeSet<usize> {
        let parts = text.parts.iter();
        let of = |part: &TextPart| match part {
            TextPart::Literal(_) => BTreeSet::new(),
            TextPart::Expression(expression) => self.of(expression),
        };
        parts.flat_map(of).collect()
    }

    fn of_tree(&mut self, tree: &Tree) -> BTreeSet<usize> {
        match tree {
            Tree::Constant(_) => BTreeSet::new(),
            Tree::Expression(expression) => self.of(expression),
            Tree::Text(text) => self.of_text(text),
            Tree::Map(members) => members.iter().flat_map(|(_, tree)| self.of_tree(tree)).collect(),
            Tree::List(items) => items.iter().flat_map(|tree| self.of_tree(tree)).collect(),
            Tree::ForEach { list, name, item, .. } => {
                let mut of = self.of(list);
                self.name(name, of.clone());
                of.extend(self.of_tree(item));
                of
            }
            Tree::If { then, otherwise, .. } => {
                let mut of = self.of_tree(then);
                of.extend(otherwise.iter().flat_map(|tree| self.of_tree(tree)));
                of
            }
        }
    }
}
