//! What an expression looks at, and what of it may be missing.

use std::sync::Arc;

use super::Reference;
use super::tree::{Kind, Node};

/// The distinct names that a tree looks at, in the order of the alphabet. One that is looked at
/// several times may be missing only if each of them can do without it.
pub(super) fn references(tree: &Node, roots: &[Arc<str>]) -> Vec<Reference> {
    let mut found = Found { roots, references: Vec::new(), asked: Vec::new() };
    found.look(tree);
    let mut references = found.references;
    references.sort();
    references.dedup_by(|next, kept| {
        let same = next.root == kept.root && next.members == kept.members;
        kept.optional &= !same || next.optional;
        same
    });
    references
}

/// The whole tree as a path, when it is nothing else.
pub(super) fn path(node: &Node, roots: &[Arc<str>]) -> Option<Reference> {
    match &node.kind {
        Kind::Variable(at) => {
            let root = roots.get(*at)?.clone();
            Some(Reference { root, members: Vec::new(), optional: false })
        }
        Kind::Member(of, name) => {
            let mut path = path(of, roots)?;
            path.members.push(name.clone());
            Some(path)
        }
        _ => None,
    }
}

struct Found<'r> {
    roots: &'r [Arc<str>],
    references: Vec<Reference>,
    /// What is known to be asked whether it is there, where the tree is being looked at.
    asked: Vec<Reference>,
}

impl Found<'_> {
    fn look(&mut self, node: &Node) {
        if let Some(mut path) = path(node, self.roots) {
            path.optional = self.asked.iter().any(|asked| leads_to(asked, &path));
            self.references.push(path);
            return;
        }
        match &node.kind {
            Kind::Filter { filter, of, arguments, .. } if filter.name == "default" => {
                self.look_asking(of, of);
                arguments.iter().flatten().for_each(|part| self.look(part));
            }
            Kind::Default(of, other) => {
                self.look_asking(of, of);
                if let Some(part) = other {
                    self.look(part);
                }
            }
            Kind::Test(predicate, of, _) if predicate.asks_absence => self.look_asking(of, of),
            // What stands behind an operand is worked out by what that one asks.
            Kind::And(both) | Kind::Or(both) => {
                let [first, second] = &**both;
                self.look(first);
                self.look_asking(first, second);
            }
            Kind::If(both, otherwise) => {
                let [then, condition] = &**both;
                self.look(condition);
                self.look_asking(condition, then);
                if let Some(part) = otherwise {
                    self.look_asking(condition, part);
                }
            }
            Kind::Comprehension { of, loops } => {
                let before = self.asked.len();
                for each in loops {
                    self.look(&each.list);
                    if let Some(condition) = &each.condition {
                        self.look(condition);
                        self.find_asked(condition);
                    }
                }
                self.look(of);
                self.asked.truncate(before);
            }
            _ => node.each_part(&mut |part| self.look(part)),
        }
    }

    /// Looks at a part that is worked out only by what another one, or it itself, asks.
    fn look_asking(&mut self, asking: &Node, part: &Node) {
        let before = self.asked.len();
        if std::ptr::eq(asking, part) {
            self.ask(part);
        } else {
            self.find_asked(asking);
        }
        self.look(part);
        self.asked.truncate(before);
    }

    /// What a condition asks whether it is there.
    fn find_asked(&mut self, node: &Node) {
        match &node.kind {
            Kind::Filter { filter, of, .. } if filter.name == "default" => self.ask(of),
            Kind::Default(of, _) => self.ask(of),
            Kind::Test(predicate, of, _) if predicate.asks_absence => self.ask(of),
            _ => {}
        }
        node.each_part(&mut |part| self.find_asked(part));
    }

    /// Whoever asks whether a value is there asks whether what it is made of is.
    fn ask(&mut self, node: &Node) {
        if let Some(path) = path(node, self.roots) {
            self.asked.push(path);
            return;
        }
        match &node.kind {
            Kind::Member(of, _) | Kind::Index(of, _) => self.ask(of),
            Kind::And(both) | Kind::Or(both) => both.iter().for_each(|part| self.ask(part)),
            Kind::If(both, otherwise) => {
                let [then, _] = &**both;
                self.ask(then);
                if let Some(part) = otherwise {
                    self.ask(part);
                }
            }
            _ => {}
        }
    }
}

/// Whether one of two paths begins as the whole other one.
fn leads_to(one: &Reference, other: &Reference) -> bool {
    one.root == other.root && one.members.iter().zip(&other.members).all(|(a, b)| a == b)
}
