//! Going on after a mistake as if what was most likely meant stood there.
//!
//! A misspelt key hides a whole section, and all that refers into it would be a mistake too. So the
//! file is repaired by the 'did you mean' of what was found, and checked again: what is then still
//! wrong is a mistake of its own, all else was a consequence and is not told.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::consequence::{is_about_a_name, without_consequences};
use super::spellings::Spellings;
use crate::diagnostic::{Diagnostic, Label, Severity};
use crate::source::{Source, Span};
use crate::syntax::{Node, Problems, Repair};

/// How often a file is repaired; in a section that was misspelt there may be more.
const ROUNDS: usize = 8;

/// So many further places of one mistake are shown.
const SHOWN: usize = 4;

/// What was told and repaired so far.
#[derive(Debug, Default)]
pub(super) struct Recovery {
    told: Problems,
    repaired: HashSet<(*const Source, usize, usize)>,
    rounds: usize,
    /// Whether names are given elsewhere, but for those of these kinds.
    only_own: Option<&'static [&'static str]>,
}

impl Recovery {
    /// For a file that mostly uses names which another file gives; those of these kinds of
    /// diagnostics are its own.
    pub(super) fn with_names_of_another(own: &'static [&'static str]) -> Self {
        Self { only_own: Some(own), ..Self::default() }
    }

    fn is_own(&self, diagnostic: &Diagnostic) -> bool {
        self.only_own.is_none_or(|own| own.contains(&diagnostic.code))
    }

    /// What can be repaired of what was found and has not been repaired before; nothing at the end.
    /// `root` is the file as it is now.
    ///
    /// Keys and words come first, since they may be why names are unknown.
    pub(super) fn repairs(&mut self, found: &Problems, root: &Node) -> Vec<Repair> {
        self.rounds += 1;
        if self.rounds > ROUNDS {
            return Vec::new();
        }
        let fixable = |d: &&Diagnostic| d.severity == Severity::Error && d.meant.is_some();
        let found = found.found();
        let (names, words): (Vec<_>, Vec<_>) =
            found.iter().filter(fixable).partition(|diagnostic| is_about_a_name(diagnostic));
        let mut repairs = Vec::new();
        for diagnostic in words {
            let (Some(label), Some(meant)) = (&diagnostic.primary, &diagnostic.meant) else {
                continue;
            };
            self.repair(&label.span, meant, diagnostic, &mut repairs);
        }
        if !repairs.is_empty() {
            return repairs;
        }
        let mut spellings = Spellings::default();
        spellings.count(root);
        for diagnostic in &names {
            let (Some(label), Some(meant)) = (&diagnostic.primary, &diagnostic.meant) else {
                continue;
            };
            let same = |other: &&&Diagnostic| {
                other.meant == diagnostic.meant
                    && other.primary.as_ref().map(|l| l.span.text()) == Some(label.span.text())
            };
            let uses = names.iter().filter(same).count();
            let own = uses > 1 && self.is_own(diagnostic);
            match spellings.only(meant).filter(|_| own) {
                Some(declared) => {
                    self.repair(declared, label.span.text(), diagnostic, &mut repairs);
                }
                // What is shared with other files may be right for them.
                None if Arc::ptr_eq(&label.span.source, &root.span.source) => {
                    self.repair(&label.span, meant, diagnostic, &mut repairs);
                }
                None => {}
            }
        }
        repairs
    }

    fn repair(&mut self, span: &Span, meant: &str, said: &Diagnostic, into: &mut Vec<Repair>) {
        self.told.push(said.clone());
        if self.repaired.insert((Arc::as_ptr(&span.source), span.start, span.end)) {
            into.push(Repair { span: span.clone(), meant: meant.to_owned() });
        }
    }

    /// Adds what was found while repairing.
    pub(super) fn tell(&mut self, found: Vec<Diagnostic>) {
        self.told.extend(found);
    }

    /// Whether it is wrong only because of what was guessed right before it: the value of a key, or
    /// the member of a name.
    fn was_guessed(&self, found: &Diagnostic, names: &Spellings<'_>) -> bool {
        let Some(label) = &found.primary else { return false };
        let source = Arc::as_ptr(&label.span.source);
        if found.code == "unknown-member" {
            let text = &label.span.source.text;
            return self.repaired.iter().any(|(of, _, end)| {
                *of == source
                    && text.get(*end..label.span.start).is_some_and(|between| between == ".")
            });
        }
        let of_value = ["wrong-type", "unknown-word", "expected-expression"].contains(&found.code);
        let key = names.keys.get(&(source, label.span.start));
        of_value
            && key.is_some_and(|(of, start)| {
                self.repaired.iter().any(|repaired| (repaired.0, repaired.1) == (*of, *start))
            })
    }

    /// All mistakes, with those of the last check; `roots` are the files as they were written.
    pub(super) fn finish<'n>(
        self,
        found: Problems,
        roots: impl IntoIterator<Item = &'n Node>,
    ) -> Problems {
        // What is wrong at a place that was repaired was told, though it may be shorter now.
        let is_repaired = |label: &Label| {
            let (source, start) = (Arc::as_ptr(&label.span.source), label.span.start);
            self.repaired.iter().any(|known| (known.0, known.1) == (source, start))
        };
        let mut names = Spellings::default();
        for root in roots {
            names.count(root);
        }
        let is_new = |d: &Diagnostic| {
            !d.primary.as_ref().is_some_and(is_repaired) && !self.was_guessed(d, &names)
        };
        let found: Vec<Diagnostic> = found.into_sorted().into_iter().filter(is_new).collect();
        self.told.extend(found);
        let only_own = self.only_own;
        let problems = Problems::default();
        let mut told = at_once(self.told.into_sorted());
        told = without_consequences(told, &names);
        let own =
            |diagnostic: &Diagnostic| only_own.is_none_or(|own| own.contains(&diagnostic.code));
        problems.extend(gather(told, &names, own));
        problems
    }
}

/// What is told of one place for one reason, once: that a value is of another type than it should
/// be, and that a text looks like an expression, where it is refused as well.
fn at_once(told: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let within = |inner: &Diagnostic, outer: &Diagnostic| {
        let both = inner.primary.as_ref().zip(outer.primary.as_ref());
        both.is_some_and(|(inner, outer)| {
            Arc::ptr_eq(&inner.span.source, &outer.span.source)
                && outer.span.start <= inner.span.start
                && inner.span.end <= outer.span.end
        })
    };
    let (mut kept, mut hints): (Vec<Diagnostic>, Vec<Diagnostic>) =
        told.into_iter().partition(|diagnostic| diagnostic.code != "lost-expression");
    let refused =
        |d: &Diagnostic| matches!(d.code, "wrong-type" | "expected-expression" | "misfit");
    hints.retain(|hint| {
        let Some(reason) = kept.iter_mut().find(|d| refused(d) && within(hint, d)) else {
            return true;
        };
        if reason.help.is_empty() {
            reason.help.clone_from(&hint.help);
        }
        false
    });
    let types: Vec<Diagnostic> = kept.iter().filter(|d| d.code == "wrong-type").cloned().collect();
    kept.retain(|d| {
        // What is of another type is no value of its schema, and holds no parameters either.
        !matches!(d.code, "misfit" | "missing-parameter")
            || !types.iter().any(|other| within(d, other) && within(other, d))
    });
    // That it is not `in: path` says what is missing.
    let placeless: Vec<Diagnostic> =
        kept.iter().filter(|d| d.code == "unknown-parameter").cloned().collect();
    kept.retain(|d| d.code != "missing-key" || !placeless.iter().any(|other| within(d, other)));
    kept.append(&mut hints);
    kept
}

/// Whether it is told once, with all its places: of a name, a filter, a test or a file that is not
/// there.
fn is_told_once(diagnostic: &Diagnostic) -> bool {
    let names_no = |what| {
        diagnostic
            .message
            .strip_prefix("not an expression: no ")
            .is_some_and(|s| s.starts_with(what))
    };
    is_about_a_name(diagnostic)
        || diagnostic.code == "no-such-file"
        || diagnostic.code == "expression" && (names_no("filter `") || names_no("test `"))
}

/// One diagnostic for each name that is unknown, however often it is used.
fn gather(
    found: Vec<Diagnostic>,
    spellings: &Spellings<'_>,
    own: impl Fn(&Diagnostic) -> bool,
) -> Vec<Diagnostic> {
    let mut gathered: Vec<Vec<Diagnostic>> = Vec::new();
    let mut known: HashMap<(String, Option<String>, &'static str), usize> = HashMap::new();
    for diagnostic in found {
        let label = diagnostic.primary.as_ref().filter(|_| is_told_once(&diagnostic));
        let key = label.map(|label| {
            // What is meant tells what the name is of; without it, the kind of name does.
            let of_members = ["unknown-member", "unknown-property", "unknown-field"];
            let told = diagnostic.meant.is_some() || of_members.contains(&diagnostic.code);
            let code = if told { "" } else { diagnostic.code };
            (label.span.text().to_owned(), diagnostic.meant.clone(), code)
        });
        let at = key.map_or(gathered.len(), |key| *known.entry(key).or_insert(gathered.len()));
        match gathered.get_mut(at) {
            Some(group) => group.push(diagnostic),
            None => gathered.push(vec![diagnostic]),
        }
    }
    gathered
        .into_iter()
        .filter_map(|group| {
            let own = group.first().is_some_and(&own);
            as_one(group, spellings, own)
        })
        .collect()
}

fn as_one(group: Vec<Diagnostic>, spellings: &Spellings<'_>, own: bool) -> Option<Diagnostic> {
    let more = group.len().saturating_sub(1);
    let mut uses = group.into_iter();
    let first = uses.next()?;
    if !is_told_once(&first) {
        return Some(first);
    }
    let Some(label) = first.primary.clone() else { return Some(first) };
    let typed = label.span.text().to_owned();
    // Many that agree are right, and the one that gives the name is misspelt.
    let given = first
        .meant
        .as_deref()
        .filter(|_| own)
        .and_then(|meant| Some((meant, spellings.only(meant)?)));
    if more == 0 {
        return Some(match given {
            Some((_, place)) => {
                let place = place.clone();
                first.related(&place, "declared here, and not used")
            }
            None => first,
        });
    }
    let mut one = match given {
        Some((meant, place)) => Diagnostic::error(
            first.code,
            format!("`{meant}` is not used, and `{typed}` is used but not declared"),
            place,
            "declared here",
        )
        .help(format!("did you mean `{typed}`?"))
        .related(&label.span, "used here"),
        None => first,
    };
    // Where all are told at one place, what belongs to each of them tells them apart.
    let mut places: Vec<Span> = Vec::new();
    for other in uses {
        let same = |span: &Span| span.start == label.span.start && span.end == label.span.end;
        let elsewhere = other.primary.into_iter().filter(|label| !same(&label.span));
        places.extend(elsewhere.chain(other.related).map(|label| label.span).take(1));
    }
    one.also.clone_from(&places);
    let left = places.len().saturating_sub(SHOWN);
    places.truncate(SHOWN);
    for (at, place) in places.iter().enumerate() {
        let last = at + 1 == places.len() && left > 0;
        one = one.related(
            place,
            if last { format!("here, and in {left} more places") } else { "here".to_owned() },
        );
    }
    Some(one)
}
