//! The order of what stands in the elements of two XML documents.
//!
//! Trees group elements by their names, so that it cannot be seen in them.

use std::collections::{BTreeMap, BTreeSet};

use super::correspondence::Correspondence;
use super::difference::Difference;
use super::ignore::Ignore;
use crate::run::compare::path::Path;
use crate::value::Value;
use crate::wire::xml::{Element, Node};

/// The elements in which what both sides have comes in another order.
pub(super) fn orders(
    left: &Element,
    right: &Element,
    correspondence: &Correspondence<'_>,
    ignore: &Ignore,
) -> Vec<Difference> {
    let mut walk = Walk { correspondence, ignore, path: Path::new("", true), found: Vec::new() };
    if left.name.local == right.name.local {
        walk.path.name(&left.name.to_string().into());
        walk.element(left, right);
    }
    walk.found
}

struct Walk<'w, 'k> {
    correspondence: &'w Correspondence<'k>,
    ignore: &'w Ignore,
    path: Path,
    found: Vec<Difference>,
}

/// Something in an element that comes on both sides: the how manieth of that name.
#[derive(Clone)]
struct Child<'e> {
    /// The local name, the qualified one where two have that in different namespaces, or the text.
    label: String,
    nth: usize,
    element: Option<&'e Element>,
}

impl Child<'_> {
    fn is(&self, other: &Child<'_>) -> bool {
        self.element.is_some() == other.element.is_some()
            && self.label == other.label
            && self.nth == other.nth
    }
}

impl Walk<'_, '_> {
    fn element(&mut self, left: &Element, right: &Element) {
        if self.ignore.path(&self.path.text(&[])) {
            return;
        }
        let shared = ambiguous([left, right]);
        let [mut ours, mut theirs] = [left, right].map(|side| self.children(side, &shared));
        // What only one side has is told by the trees, and so are other texts.
        let same_text = text(left) == text(right);
        let stays = |child: &Child<'_>, others: &[Child<'_>]| match child.element {
            Some(_) => others.iter().any(|other| child.is(other)),
            None => same_text,
        };
        let all = ours.clone();
        ours.retain(|child| stays(child, &theirs));
        theirs.retain(|child| stays(child, &all));
        let same = ours.len() == theirs.len() && ours.iter().zip(&theirs).all(|(a, b)| a.is(b));
        if !same {
            let path = format!("{} order", self.path.text(&[]));
            let place = format!("{} order", self.path.in_lists());
            let sides = [&ours, &theirs].map(|side| Some(Value::text(listed(side))));
            self.found.push(Difference::new(path, &place, sides, self.correspondence));
        }
        for child in &ours {
            let Some(ours) = child.element else { continue };
            let other = theirs.iter().find(|other| child.is(other));
            let Some(theirs) = other.and_then(|other| other.element) else { continue };
            self.path.name(&ours.name.to_string().into());
            let many = left.elements().filter(|other| other.name == ours.name).count() > 1;
            if many {
                self.path.index(child.nth);
            }
            self.element(ours, theirs);
            if many {
                self.path.pop();
            }
            self.path.pop();
        }
    }

    /// What stands in an element and is looked at: of texts those beside elements.
    fn children<'e>(&mut self, element: &'e Element, shared: &BTreeSet<&str>) -> Vec<Child<'e>> {
        let is_mixed = element.elements().next().is_some();
        let mut found: Vec<Child<'e>> = Vec::new();
        for node in &element.children {
            let (label, element) = match node {
                Node::Element(child) if shared.contains(&*child.name.local) => {
                    (child.name.to_string(), Some(child))
                }
                Node::Element(child) => (child.name.local.to_string(), Some(child)),
                Node::Text(text) if is_mixed && element.counts(text) => (text.to_string(), None),
                Node::Text(_) => continue,
            };
            if let Some(child) = element {
                self.path.name(&child.name.to_string().into());
                let ignored = self.ignore.path(&self.path.text(&[]));
                self.path.pop();
                if ignored {
                    continue;
                }
            }
            let is_alike = |known: &&Child<'_>| {
                known.label == label && known.element.is_some() == element.is_some()
            };
            let nth = found.iter().filter(is_alike).count();
            found.push(Child { label, nth, element });
        }
        found
    }
}

/// The local names that elements in different namespaces have on one side.
fn ambiguous(sides: [&Element; 2]) -> BTreeSet<&str> {
    let mut shared = BTreeSet::new();
    for side in sides {
        let mut known = BTreeMap::new();
        for child in side.elements() {
            let first = known.entry(&*child.name.local).or_insert(&child.name);
            if **first != child.name {
                shared.insert(&*child.name.local);
            }
        }
    }
    shared
}

/// The text of an element that has elements too.
fn text(element: &Element) -> String {
    let texts = element.children.iter().filter_map(|node| match node {
        Node::Text(text) if element.counts(text) => Some(&**text),
        _ => None,
    });
    texts.collect()
}

fn listed(children: &[Child<'_>]) -> String {
    let shown = |child: &Child<'_>| match child.element {
        Some(_) => child.label.clone(),
        None => format!("{:?}", child.label),
    };
    children.iter().map(shown).collect::<Vec<_>>().join(", ")
}
