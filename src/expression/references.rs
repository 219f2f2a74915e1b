//! What an expression looks at, and what of it may be missing.

use std::sync::Arc;

use super::Reference;
use super::tree::{Kind, Node};

/// The distinct names that a tree looks at, in the order of the alphabet.
pub(super) fn references(tree: &Node, roots: &[Arc<str>]) -> Vec<Reference> {
    let mut found = Found { roots, references: Vec::new(), asked: Vec::new() };
    found.look(tree);
    let Found { mut references, asked, .. } = found;
    references.sort();
    references.dedup();
    for reference in &mut references {
        reference.optional = asked.iter().any(|asked| {
            asked.root == reference.root
                && asked.members.iter().zip(&reference.members).all(|(a, b)| a == b)
        });
    }
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
    /// What is asked whether it is there.
    asked: Vec<Reference>,
}

impl Found<'_> {
    fn look(&mut self, node: &Node) {
        if let Some(path) = path(node, self.roots) {
            self.references.push(path);
            return;
        }
        match &node.kind {
            Kind::Filter { filter, of, .. } if filter.name == "default" => self.ask(of),
            Kind::Test(predicate, of, _) if predicate.asks_absence => self.ask(of),
            _ => {}
        }
        node.each_part(&mut |part| self.look(part));
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
