//! Mappings that stand where none of their keys is known: in a section that is not theirs, mostly
//! because the line with the name of their own is missing.

use std::collections::HashMap;
use std::sync::Arc;

use crate::diagnostic::{Diagnostic, slip};
use crate::source::{Source, Span};
use crate::syntax::{Node, NodeKind, Problems};

/// So many further places are shown.
const SHOWN: usize = 4;

/// So many keys are told.
const FEW: usize = 8;

type At = (*const Source, usize);

fn at(span: &Span) -> At {
    (Arc::as_ptr(&span.source), span.start)
}

/// A mapping of which no key is known.
struct Misplaced {
    /// All of it.
    whole: Span,
    /// Its own name, where it has one.
    name: Option<String>,
    keys: Vec<Span>,
    /// Whose keys these are not: `an operation`.
    of: String,
    /// Those that it has.
    known: Vec<String>,
}

/// The same mistakes, with one for mappings of which no key is known in the place of all that is
/// wrong with them, and of the names that they would give.
pub(super) fn gathered(told: &Problems, root: &Node) -> Problems {
    let mut unknown: HashMap<At, &Diagnostic> = HashMap::new();
    let list = told.found();
    for diagnostic in list.iter().filter(|diagnostic| diagnostic.code == "unknown-key") {
        if let Some(label) = &diagnostic.primary {
            unknown.insert(at(&label.span), diagnostic);
        }
    }
    let mut found = Vec::new();
    if unknown.len() > 1 {
        find(root, None, &unknown, &mut found);
    }
    let mut of: Vec<(String, Vec<&Misplaced>)> = Vec::new();
    for one in &found {
        match of.iter_mut().find(|(of, _)| *of == one.of) {
            Some((_, all)) => all.push(one),
            None => of.push((one.of.clone(), vec![one])),
        }
    }
    let said: Vec<Diagnostic> = of.iter().filter_map(|(of, all)| say(of, all)).collect();
    let is_told = |diagnostic: &&Diagnostic| {
        let Some(label) = &diagnostic.primary else { return false };
        found.iter().any(|one| one.covers(&label.span) || one.gives(diagnostic, label.span.text()))
    };
    let kept = Problems::default();
    kept.extend(list.iter().filter(|diagnostic| !is_told(diagnostic)).cloned().chain(said));
    kept
}

impl Misplaced {
    fn covers(&self, span: &Span) -> bool {
        Arc::ptr_eq(&self.whole.source, &span.source)
            && (self.whole.start..self.whole.end).contains(&span.start)
    }

    /// Whether what it would be called, or what is written in it, is the name that is missing.
    fn gives(&self, diagnostic: &Diagnostic, name: &str) -> bool {
        let words = |c: char| !c.is_alphanumeric() && !matches!(c, '_' | '-');
        super::consequence::is_about_a_name(diagnostic)
            && (self.name.as_deref() == Some(name)
                || self.whole.text().split(words).any(|word| word == name))
    }
}

/// Looks at a tree; gives where it ends.
fn find(
    node: &Node,
    name: Option<&str>,
    unknown: &HashMap<At, &Diagnostic>,
    found: &mut Vec<Misplaced>,
) -> usize {
    match &node.kind {
        NodeKind::List(items) => {
            items.iter().fold(node.span.end, |end, item| end.max(find(item, None, unknown, found)))
        }
        NodeKind::Map(entries) => {
            let before = found.len();
            let mut end = node.span.end;
            for (key, member) in entries {
                end = end.max(key.span.end).max(find(member, Some(&key.value), unknown, found));
            }
            let strange: Vec<&Diagnostic> = entries
                .iter()
                .filter_map(|(key, _)| unknown.get(&at(&key.span)).copied())
                .collect();
            let guessed = strange.iter().filter(|diagnostic| is_misspelt(diagnostic)).count();
            let whose = strange.first().and_then(|diagnostic| {
                diagnostic.message.split_once(" has no key").map(|(of, _)| of.to_owned())
            });
            let all = entries.len() > 1 && strange.len() == entries.len();
            // Where each of them looks like one that is known, they are misspelt.
            let known = strange.first().map(|diagnostic| diagnostic.known.clone());
            if let Some(of) = whose.filter(|_| all && guessed < entries.len()) {
                found.truncate(before);
                found.push(Misplaced {
                    whole: Span { end, ..node.span.clone() },
                    name: name.map(str::to_owned),
                    keys: entries.iter().map(|(key, _)| key.span.clone()).collect(),
                    of,
                    known: known.unwrap_or_default(),
                });
            }
            end
        }
        _ => node.span.end,
    }
}

/// Whether a key is all but the one that was meant: what is longer, or another word for it, may as
/// well be the right word elsewhere.
fn is_misspelt(diagnostic: &Diagnostic) -> bool {
    let key = diagnostic.primary.as_ref().map(|label| label.span.text()).unwrap_or_default();
    diagnostic.meant.as_deref().is_some_and(|meant| slip(key, [meant]).is_some())
}

fn say(of: &str, all: &[&Misplaced]) -> Option<Diagnostic> {
    let (first, others) = all.split_first()?;
    let names: Vec<String> = first.keys.iter().map(|key| format!("`{}`", key.text())).collect();
    let message = format!("{of} has none of the keys {}", names.join(", "));
    // A step is no section: it is another one's keys that were meant.
    let help = match first.known.as_slice() {
        few if of.starts_with('`') && (1..=FEW).contains(&few.len()) => {
            format!("known here: {}", few.join(", "))
        }
        _ => "does it belong to another section, whose line is missing before it?".to_owned(),
    };
    let mut said =
        Diagnostic::error("unknown-key", message, first.keys.first()?, "all are unknown")
            .help(help);
    for (place, other) in others.iter().take(SHOWN).enumerate() {
        let left = others.len().saturating_sub(SHOWN);
        let label = match place + 1 == SHOWN && left > 0 {
            true => format!("and this, and {left} more"),
            false => "and this".to_owned(),
        };
        said = said.related(other.keys.first()?, label);
    }
    Some(said)
}
