//! What is to be in the file of a snapshot: what fits as it is there, all else as it came.

use super::answer::Written;
use crate::syntax::{Node, NodeKind};
use crate::write::{Kind, Piece};

/// Where nodes begin.
pub(super) fn starts(node: &Node, found: &mut Vec<usize>) {
    found.push(node.span.start);
    match &node.kind {
        NodeKind::List(items) => items.iter().for_each(|item| starts(item, found)),
        NodeKind::Map(entries) => entries.iter().for_each(|(_, node)| starts(node, found)),
        _ => {}
    }
}

/// A snapshot with the answer in the places that do not fit it, but for those of which the spec
/// knows.
pub(super) fn merged(root: &Node, answer: &Written, places: &[usize], known: &[usize]) -> Piece {
    let merge = Merge { places, known, is_markup: answer.is_markup };
    let NodeKind::Map(entries) = &root.kind else { return answer.piece.clone() };
    // What it says nothing of is nothing that it has to say.
    let mut piece = Piece::map();
    for (key, node) in entries {
        let came = answer.piece.get(&key.value);
        match came {
            // All prefixes that the file has are there.
            Some(came) if key.value == "namespaces" => piece.set(&key.value, came.clone()),
            Some(came) => piece.set(&key.value, merge.merge(node, came, false)),
            None if !merge.is_touched(node) => piece.set(&key.value, kept(node)),
            None => {}
        }
    }
    if let Some(namespaces) = answer.piece.get("namespaces")
        && piece.get("namespaces").is_none()
        && piece.get("body") != root.get("body").map(kept).as_ref()
    {
        piece.set("namespaces", namespaces.clone());
    }
    piece
}

struct Merge<'m> {
    places: &'m [usize],
    known: &'m [usize],
    is_markup: bool,
}

impl Merge<'_> {
    fn is_touched(&self, node: &Node) -> bool {
        let mut all = Vec::new();
        starts(node, &mut all);
        all.iter().any(|start| self.places.contains(start))
    }

    /// `around`: whether what is around does not fit, so that it was not looked at each part of it.
    fn merge(&self, node: &Node, came: &Piece, around: bool) -> Piece {
        let is_place = self.places.contains(&node.span.start);
        if self.known.contains(&node.span.start) || !self.is_touched(node) && !around {
            return kept(node);
        }
        let around = around || is_place;
        match (&node.kind, &came.kind) {
            (NodeKind::Map(_), Kind::Map(_)) if !is_matcher(node) => {
                self.members(node, came, around)
            }
            (NodeKind::List(items), Kind::List(came)) => {
                Piece::list(self.items(items, came, around))
            }
            // Whether a matcher fits shows at the next run.
            _ if !self.is_touched(node) && may_fit(node) => kept(node),
            _ => came.clone(),
        }
    }

    /// In the order of the file; in XML, where it counts, in that of the answer.
    fn members(&self, node: &Node, came: &Piece, around: bool) -> Piece {
        let entries = node.as_map().unwrap_or_default();
        let is = |name: &str, key: &str| {
            name == key
                || self.is_markup && !name.contains(':') && key.rsplit(':').next() == Some(name)
        };
        let of = |key: &str| entries.iter().find(|(name, _)| is(&name.value, key));
        let mut piece = Piece::map();
        if self.is_markup {
            for member in came.members() {
                match of(&member.key) {
                    Some((name, node)) => {
                        piece.set(&name.value, self.merge(node, &member.value, around));
                    }
                    None => piece.set(&member.key, member.value.clone()),
                }
            }
        }
        for (name, node) in entries {
            match came.members().iter().find(|member| is(&name.value, &member.key)) {
                Some(_) if self.is_markup => {}
                Some(member) => piece.set(&name.value, self.merge(node, &member.value, around)),
                // Something that may be missing.
                None if !self.is_touched(node) && (!around || may_fit(node)) => {
                    piece.set(&name.value, kept(node));
                }
                None => {}
            }
        }
        for member in came.members().iter().filter(|member| of(&member.key).is_none()) {
            piece.set(&member.key, member.value.clone());
        }
        piece
    }

    fn items(&self, items: &[Node], came: &[Piece], around: bool) -> Vec<Piece> {
        if items.len() == came.len() {
            return items
                .iter()
                .zip(came)
                .map(|(node, came)| self.merge(node, came, around))
                .collect();
        }
        // What is like an item of the file stands for it; what is between such items, one by one.
        let mut from = 0;
        let alike: Vec<Option<usize>> = came
            .iter()
            .map(|came| {
                let rest = items.get(from..).unwrap_or_default();
                let at = from + rest.iter().position(|node| is_alike(node, came))?;
                from = at + 1;
                Some(at)
            })
            .collect();
        let mut merged = Vec::new();
        let mut next = 0;
        for (at, piece) in came.iter().enumerate() {
            let mut later = alike.iter().skip(at).flatten();
            let bound = later.next().copied().unwrap_or(items.len());
            let own = alike.get(at).copied().flatten().or((next < bound).then_some(next));
            match own.and_then(|own| Some((own, items.get(own)?))) {
                Some((own, node)) => {
                    merged.push(self.merge(node, piece, around));
                    next = own + 1;
                }
                None => merged.push(piece.clone()),
            }
        }
        merged
    }
}

/// What is there already.
fn kept(node: &Node) -> Piece {
    Piece::from(&node.to_value())
}

fn is_matcher(node: &Node) -> bool {
    let special = |name: &str| name.starts_with('$') && !name.starts_with("$$");
    node.as_map().unwrap_or_default().iter().any(|(name, _)| special(&name.value))
}

/// Whether something else than what is written may fit.
fn may_fit(node: &Node) -> bool {
    let is_worked_out = |text: &str| text.replace("$${", "").contains("${");
    is_matcher(node) || node.as_text().is_some_and(is_worked_out)
}

/// Whether an item may be what was written down, but for what differs each time.
fn is_alike(node: &Node, came: &Piece) -> bool {
    match (&node.kind, &came.kind) {
        _ if may_fit(node) => true,
        (NodeKind::Map(entries), Kind::Map(members)) => {
            entries.len() == members.len()
                && entries.iter().all(|(name, node)| {
                    came.get(&name.value).is_some_and(|came| is_alike(node, came))
                })
        }
        (NodeKind::List(items), Kind::List(came)) => {
            items.len() == came.len()
                && items.iter().zip(came).all(|(node, came)| is_alike(node, came))
        }
        _ => kept(node).kind == came.kind,
    }
}
