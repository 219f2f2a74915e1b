//! Takes out of a spec what `check` refuses, so that the rest of it can be served.
//!
//! What a document says can be wrong in more ways than a reader of it can foresee. `check` knows
//! them all, and says where they are. It is asked a few times, whatever a document has wrong: each
//! time all that it says is mended at once, first as little as can be, then whole operations.

use std::collections::HashSet;

use super::notes::Notes;
use super::remedy::{Care, Remedy, apply, shown};
use super::unreferenced;
use crate::diagnostic::{Diagnostic, Severity};
use crate::load::load_each;
use crate::source::Source;
use crate::syntax::{NODES, Node, Problems, parse};
use crate::write::{Piece, document};

/// How often `check` is asked before the rest is given up.
const ROUNDS: usize = 8;
/// In how many of them as little as can be is taken out.
const CAREFUL: usize = 4;

/// A spec, and what is left to be said against it.
pub(super) struct Settled {
    pub(super) text: String,
    pub(super) counts: String,
    pub(super) refused: Vec<Diagnostic>,
}

/// Takes out what is refused.
pub(super) fn settle(mut spec: Piece, name: &str, notes: &mut Notes) -> Settled {
    let comment = [
        format!("Imported from {name} by `counterpart-mock import`."),
        "Rules with `evidence: assumed` are guessed: they are worth a look.".to_owned(),
    ];
    unreferenced::fit(&mut spec, NODES, notes);
    let mut round = 0;
    loop {
        let text = document(&spec, &comment);
        let source = Source::new(name, text);
        let problems = Problems::default();
        let root = parse(&source, &problems);
        let mut found = problems.into_sorted();
        if let Some(root) = &root {
            found.extend(load_each(root));
        }
        round += 1;
        let care = if round > CAREFUL { Care::Coarse } else { Care::Fine };
        let remedies = match &root {
            Some(root) if round <= ROUNDS => remedies(&found, root, care, notes),
            _ => Vec::new(),
        };
        if remedies.is_empty() {
            found.retain(|found| found.severity == Severity::Error);
            let text = source.text.clone();
            return Settled { text, counts: counts(&spec), refused: found };
        }
        apply(&mut spec, remedies);
        unreferenced::drop(&mut spec);
    }
}

/// What can be done about what was found. What is taken out though it was right is noted.
fn remedies(found: &[Diagnostic], root: &Node, care: Care, notes: &mut Notes) -> Vec<Remedy> {
    let mut known = HashSet::new();
    let mut remedies = Vec::new();
    for diagnostic in found {
        let Some(remedy) = Remedy::of(diagnostic, root, care) else { continue };
        if !known.insert(remedy.clone()) {
            continue;
        }
        if let Remedy::TakeOut(path) = &remedy
            && diagnostic.severity == Severity::Error
        {
            notes.leave(format!("{}: {}", shown(path, root), diagnostic.message), None);
        }
        remedies.push(remedy);
    }
    remedies
}

fn counts(spec: &Piece) -> String {
    let count = |piece: Option<&Piece>| piece.map_or(0, |p| p.members().len() + p.items().len());
    let components = spec.get("components");
    let counted = |count: usize, one: &str, many: &str| match count {
        0 => None,
        1 => Some(format!("1 {one}")),
        more => Some(format!("{more} {many}")),
    };
    [
        counted(count(spec.get("operations")), "operation", "operations"),
        counted(count(components.and_then(|c| c.get("schemas"))), "schema", "schemas"),
        counted(count(spec.get("collections")), "collection", "collections"),
    ]
    .into_iter()
    .flatten()
    .collect::<Vec<_>>()
    .join(", ")
}
