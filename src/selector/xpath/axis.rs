//! The axes (XPath 1.0 section 2.2).

use super::budget::Stop;
use super::tree::Tree;
use crate::diagnostic::nearest;
use crate::selector::SelectorError;

/// Which way a step goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Axis {
    Ancestor,
    AncestorOrSelf,
    Attribute,
    Child,
    Descendant,
    DescendantOrSelf,
    Following,
    FollowingSibling,
    Parent,
    Preceding,
    PrecedingSibling,
    /// `self`.
    This,
}

const NAMES: [(&str, Axis); 12] = [
    ("ancestor", Axis::Ancestor),
    ("ancestor-or-self", Axis::AncestorOrSelf),
    ("attribute", Axis::Attribute),
    ("child", Axis::Child),
    ("descendant", Axis::Descendant),
    ("descendant-or-self", Axis::DescendantOrSelf),
    ("following", Axis::Following),
    ("following-sibling", Axis::FollowingSibling),
    ("parent", Axis::Parent),
    ("preceding", Axis::Preceding),
    ("preceding-sibling", Axis::PrecedingSibling),
    ("self", Axis::This),
];

impl Axis {
    /// The axis of a name.
    pub(super) fn named(name: &str) -> Result<Self, SelectorError> {
        if let Some((_, axis)) = NAMES.iter().find(|(known, _)| *known == name) {
            return Ok(*axis);
        }
        if name == "namespace" {
            let message = "the axis `namespace` of XPath 1.0 is not supported; `namespace-uri()` \
                           gives the namespace of a node";
            return Err(SelectorError::about(name, message));
        }
        let error = SelectorError::about(name, format!("XPath 1.0 has no axis `{name}`"));
        Err(match nearest(name, NAMES.iter().map(|(known, _)| *known)) {
            Some(near) => error.with(&format!("did you mean `{near}`?")),
            None => error,
        })
    }

    /// Whether it goes against document order.
    pub(super) fn is_reverse(self) -> bool {
        matches!(
            self,
            Self::Ancestor | Self::AncestorOrSelf | Self::Preceding | Self::PrecedingSibling
        )
    }

    /// Whether names on it are those of attributes (section 2.3).
    pub(super) fn is_of_attributes(self) -> bool {
        self == Self::Attribute
    }

    /// Visits the nodes of the axis from a node on, in the order of the axis.
    pub(super) fn visit(
        self,
        tree: &Tree<'_>,
        from: usize,
        visit: &mut dyn FnMut(usize) -> Result<(), Stop>,
    ) -> Result<(), Stop> {
        // What is passed over costs as much as what is visited.
        let mut some = |nodes: &mut dyn Iterator<Item = usize>, kept: &dyn Fn(usize) -> bool| {
            for node in nodes {
                tree.budget.spend(1)?;
                if kept(node) {
                    visit(node)?;
                }
            }
            Ok(())
        };
        let parents = |from: Option<usize>| std::iter::successors(from, |at| tree.parent(*at));
        // One after the other, each behind what is in the one before.
        let siblings = |start: usize, end: usize| {
            let first = (start < end).then_some(start);
            std::iter::successors(first, move |at| Some(tree.end(*at)).filter(|at| *at < end))
        };
        // Attributes are among the nodes in an element, and no descendants of it (section 5.3).
        let proper = |node: usize| !tree.is_attribute(node);
        let any = |_: usize| true;
        let below = tree.content(from)..tree.end(from);
        match self {
            Self::This => some(&mut std::iter::once(from), &any),
            Self::Parent => some(&mut tree.parent(from).into_iter(), &any),
            Self::Ancestor => some(&mut parents(tree.parent(from)), &any),
            Self::AncestorOrSelf => some(&mut parents(Some(from)), &any),
            Self::Attribute => some(&mut (from + 1..tree.content(from)), &any),
            Self::Child => some(&mut siblings(below.start, below.end), &any),
            Self::Descendant => some(&mut below.into_iter(), &proper),
            Self::DescendantOrSelf => {
                some(&mut std::iter::once(from), &any)?;
                some(&mut below.into_iter(), &proper)
            }
            Self::FollowingSibling => match tree.parent(from) {
                Some(parent) if !tree.is_attribute(from) => {
                    some(&mut siblings(tree.end(from), tree.end(parent)), &any)
                }
                _ => Ok(()),
            },
            Self::PrecedingSibling => {
                let previous = |at: usize| tree.previous(at);
                some(&mut std::iter::successors(previous(from), |at| previous(*at)), &any)
            }
            Self::Following => some(&mut (tree.end(from)..tree.len()), &proper),
            Self::Preceding => {
                // What ends behind the node is an ancestor of it.
                let before = |node: usize| tree.end(node) <= from && proper(node);
                some(&mut (0..from).rev(), &before)
            }
        }
    }
}
