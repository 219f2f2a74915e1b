//! Giving a field of a collection another name.
//!
//! Where it is used, `check` knows: the field is given a name that nobody has, and each diagnostic
//! which says that this name would be right stands where the field is used. What remains is told,
//! and nothing is changed.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::index::Read;
use super::language::Language;
use super::project::Project;
use super::whole::whole;
use crate::diagnostic::Diagnostic;
use crate::files;
use crate::model::{Collection, CollectionId};
use crate::source::Span;
use crate::syntax::Node;

/// The places of a file at which a name stands, and the file's text.
type Places = (String, Vec<Range<usize>>);

/// Where a name stands, file by file.
pub(super) type Edited = BTreeMap<PathBuf, Places>;

/// A field of a collection.
pub(super) struct Field {
    collection: String,
    pub(super) name: String,
    /// Where the collection's schema gives it, and where that asks for it.
    given: Vec<Span>,
}

/// So often what is told is looked at again, which is more than one use can be behind another.
const ROUNDS: usize = 20;

impl Field {
    /// The fields that a word may be: the one that is given there, or those of that name.
    pub(super) fn at(word: &Span, files: &[Rc<Read>]) -> Vec<Self> {
        let mut all: Vec<Self> =
            files.iter().filter_map(|read| read.root()).flat_map(fields).collect();
        if let Some(at) = all.iter().position(|field| field.is_given_at(word)) {
            return vec![all.swap_remove(at)];
        }
        all.retain(|field| field.name == word.text());
        all
    }

    /// Whether its collection gives it there.
    pub(super) fn is_given_at(&self, word: &Span) -> bool {
        let given = self.given.first();
        given.is_some_and(|it| it.source.path() == word.source.path() && it.start == word.start)
    }

    /// Where its name stands, file by file, in texts as they are now. Fails, in words, where that is
    /// not known for sure.
    pub(super) fn places(
        &self,
        project: &mut Project,
        checked: &[(&Path, Language)],
    ) -> Result<Edited, String> {
        self.stays_inside(project)?;
        let mut texts: BTreeMap<PathBuf, String> = BTreeMap::new();
        for (path, _) in checked {
            let text = files::read_to_string(path).unwrap_or_default();
            let text = text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text);
            texts.insert((*path).to_owned(), text);
        }
        let Some(other) = nobody(self.name.len(), &texts) else {
            return Err(format!("`{}` cannot be told from other words", self.name));
        };
        let mut found: BTreeMap<PathBuf, BTreeSet<usize>> = BTreeMap::new();
        for span in &self.given {
            found.entry(span.source.path().to_owned()).or_default().insert(span.start);
        }
        let before = project.told(checked, true);
        for _ in 0..ROUNDS {
            let edited: Vec<(&Path, String)> = texts
                .iter()
                .filter_map(|(path, text)| Some((path, text, found.get(path)?)))
                .map(|(path, text, at)| (path.as_path(), self.replaced(text, at, &other)))
                .collect();
            let after = project.with_texts(edited, |project| project.told(checked, true));
            let mut rest = None;
            let mut is_more = false;
            for one in after {
                if before.iter().any(|it| same(it, &one)) {
                    continue;
                }
                let used = self.used_at(&one, &other);
                if used.is_empty() {
                    rest = Some(one);
                }
                for (path, at) in used {
                    is_more |=
                        texts.contains_key(&path) && found.entry(path).or_default().insert(at);
                }
            }
            match rest {
                None if !is_more => return Ok(self.written(texts, &found)),
                Some(one) if !is_more => {
                    let message = one.message.replace(&other, "the new name");
                    return Err(placed(&message, &one));
                }
                _ => {}
            }
        }
        Err("it is used in too many ways".to_owned())
    }

    /// Fails where its name is one outside of the spec too, or other fields may have it.
    fn stays_inside(&self, project: &mut Project) -> Result<(), String> {
        let Some(given) = self.given.first() else { return Err(String::new()) };
        let Some(service) = project.right(given.source.path()) else {
            return Err("the spec has errors".to_owned());
        };
        let is_it = |one: &Collection| *one.name == *self.collection;
        let Some(at) = service.collections.iter().position(is_it) else {
            return Err(format!("there is no collection `{}`", self.collection));
        };
        if service.collections.get(at).is_some_and(|one| one.open) {
            let message = format!(
                "rows of `{}` may have any field, so it is not known where `{}` is used",
                self.collection, self.name
            );
            return Err(message);
        }
        match whole(&service, CollectionId(at)) {
            Some(span) => Err(format!(
                "`{}` stands for all fields of `{}` at once, so `{}` is a name outside of the spec \
                 as well ({span})",
                span.text(),
                self.collection,
                self.name
            )),
            None => Ok(()),
        }
    }

    fn replaced(&self, text: &str, places: &BTreeSet<usize>, other: &str) -> String {
        let mut text = text.to_owned();
        for at in places {
            text.replace_range(*at..at + self.name.len(), other);
        }
        text
    }

    /// The places of the name, if the one that nobody has would be right there.
    fn used_at(&self, told: &Diagnostic, other: &str) -> Vec<(PathBuf, usize)> {
        let is_here = told.known.iter().any(|name| name == other);
        let spans = told.primary.iter().map(|label| &label.span).chain(&told.also);
        spans
            .filter(|_| is_here)
            .filter_map(|span| {
                let text = span.text();
                let is_word = |at: &usize| {
                    let around = (text.get(..*at), text.get(at + self.name.len()..));
                    let joins = |c: char| c.is_alphanumeric() || c == '_';
                    !around.0.is_some_and(|it| it.ends_with(joins))
                        && !around.1.is_some_and(|it| it.starts_with(joins))
                };
                let at = text.match_indices(&self.name).map(|(at, _)| at).find(is_word)?;
                Some((span.source.path().to_owned(), span.start + at))
            })
            .collect()
    }

    fn written(
        &self,
        mut texts: BTreeMap<PathBuf, String>,
        found: &BTreeMap<PathBuf, BTreeSet<usize>>,
    ) -> Edited {
        let ranges = |places: &BTreeSet<usize>| {
            places.iter().map(|at| *at..at + self.name.len()).collect::<Vec<_>>()
        };
        found
            .iter()
            .filter_map(|(path, places)| {
                Some((path.clone(), (texts.remove(path)?, ranges(places))))
            })
            .collect()
    }
}

/// The fields that a file gives.
fn fields(root: &Node) -> Vec<Field> {
    let mut all = Vec::new();
    for (collection, node) in root.get("collections").and_then(Node::as_map).into_iter().flatten() {
        let Some(schema) = node.get("schema") else { continue };
        let asked = schema.get("required").and_then(Node::as_list).into_iter().flatten();
        let asked: Vec<&Node> = asked.collect();
        for (key, _) in schema.get("properties").and_then(Node::as_map).into_iter().flatten() {
            let is_it = |node: &&&Node| node.as_text() == Some(&*key.value);
            let asked = asked.iter().filter(is_it).map(|node| node.span.narrow(&key.value));
            let given = std::iter::once(key.span.narrow(&key.value)).chain(asked).collect();
            all.push(Field {
                collection: collection.value.clone(),
                name: key.value.clone(),
                given,
            });
        }
    }
    all
}

/// A word of that length that is in none of the texts.
fn nobody(length: usize, texts: &BTreeMap<PathBuf, String>) -> Option<String> {
    let words = ('a'..='z').rev().map(|letter| letter.to_string().repeat(length));
    let mut words = words.into_iter();
    words.find(|word| !texts.values().any(|text| text.contains(word)))
}

fn same(one: &Diagnostic, other: &Diagnostic) -> bool {
    let at = |it: &Diagnostic| {
        it.primary.as_ref().map(|label| (label.span.source.path().to_owned(), label.span.start))
    };
    one.code == other.code && one.message == other.message && at(one) == at(other)
}

/// A message with the place that it is about.
fn placed(message: &str, told: &Diagnostic) -> String {
    match &told.primary {
        Some(label) => format!("{message} ({})", label.span),
        None => message.to_owned(),
    }
}
