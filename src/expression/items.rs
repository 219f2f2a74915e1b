//! What an expression looks at in the items of lists that variables hold.

use std::sync::Arc;

use super::tree::{Kind, Node};
use crate::value::Value;

/// What is looked at: a variable, and the way from it through at least one list.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ItemReference {
    /// The variable.
    pub root: Arc<str>,
    /// The way from it, outermost first.
    pub way: Vec<Hop>,
}

/// A part of the way to a value.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Hop {
    /// A member.
    Member(Arc<str>),
    /// Any item.
    Item,
}

/// The distinct members that a tree looks at in items, in the order of the alphabet.
pub(super) fn items(tree: &Node, roots: &[Arc<str>]) -> Vec<ItemReference> {
    let mut found = Found { roots, locals: Vec::new(), references: Vec::new() };
    found.look(tree);
    found.references.sort();
    found.references.dedup();
    found.references
}

struct Found<'r> {
    roots: &'r [Arc<str>],
    /// Where the names come from that comprehensions around give, where that is known.
    locals: Vec<Option<ItemReference>>,
    references: Vec<ItemReference>,
}

impl Found<'_> {
    fn look(&mut self, node: &Node) {
        match &node.kind {
            Kind::Comprehension { of, loops } => {
                let before = self.locals.len();
                for each in loops {
                    self.look(&each.list);
                    let item = self.item_of(&each.list).filter(|_| each.names == 1);
                    self.locals.extend(std::iter::repeat_n(item, each.names));
                    each.condition.iter().for_each(|condition| self.look(condition));
                }
                self.look(of);
                self.locals.truncate(before);
                return;
            }
            Kind::Select { list, member: Some(member), .. } | Kind::Pluck { list, member, .. } => {
                let members = self.item_of(list).zip(member.literal());
                let whole = members.map(|(item, path)| {
                    path.split('.').fold(item, |way, name| way.with(Hop::Member(name.into())))
                });
                self.references.extend(whole);
            }
            Kind::Member(..) => {
                let whole = self.place(node).filter(|place| place.way.contains(&Hop::Item));
                if whole.is_some() {
                    self.references.extend(whole);
                    return;
                }
            }
            _ => {}
        }
        node.each_part(&mut |part| self.look(part));
    }

    /// Where an item of a list is.
    fn item_of(&self, list: &Node) -> Option<ItemReference> {
        Some(self.place(list)?.with(Hop::Item))
    }

    /// Where a value is, if it is some member or item of a variable.
    fn place(&self, node: &Node) -> Option<ItemReference> {
        match &node.kind {
            Kind::Variable(at) => {
                Some(ItemReference { root: self.roots.get(*at)?.clone(), way: Vec::new() })
            }
            Kind::Local(at) => self.locals.get(*at)?.clone(),
            Kind::Member(of, name) => Some(self.place(of)?.with(Hop::Member(name.clone()))),
            Kind::Index(of, key) if is_position(key) => self.item_of(of),
            // The items are the same ones.
            Kind::Slice { of: list, .. } | Kind::Select { list, .. } => self.place(list),
            _ => None,
        }
    }
}

impl ItemReference {
    fn with(mut self, hop: Hop) -> Self {
        self.way.push(hop);
        self
    }
}

fn is_position(key: &Node) -> bool {
    matches!(key.constant(), Some(Some(Value::Integer(_))))
}
