//! Giving something another name wherever it is given and used.

use std::fmt::Write;
use std::path::Path;
use std::rc::Rc;

use serde_json::{Map, Value, json};

use super::documents::Documents;
use super::field::{Edited, Field};
use super::index::Read;
use super::language::Language;
use super::message::Failure;
use super::names::Name;
use super::places::{Spot, same};
use super::position;
use super::project::Project;
use crate::diagnostic::{Diagnostic, Severity};
use crate::source::Lines;

impl Spot<'_> {
    /// The name that can be changed here, and its place.
    pub(super) fn renamed(&self, project: &mut Project) -> Result<Option<Value>, Failure> {
        if let Some(name) = self.name() {
            let range = self.read.place(&name.span);
            return Ok(range.map(|range| json!({"range": range, "placeholder": name.text})));
        }
        let files = self.files(project, true);
        let Some((field, _)) = self.field(project, &files)? else { return Ok(None) };
        let range = self.word().and_then(|span| self.read.place(&span));
        Ok(range.map(|range| json!({"range": range, "placeholder": field.name})))
    }

    /// The changes that give what is named here another name. Fails where something else has that
    /// name, or where an expression uses the old one: whatever `check` has against the outcome.
    pub(super) fn rename(
        &self,
        project: &mut Project,
        documents: &Documents,
        new: &str,
    ) -> Result<Value, Failure> {
        let is_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
        if new.is_empty() || !new.chars().all(is_name) {
            let message = format!(
                "`{new}` is not a valid name: it has letters, digits, `_`, `-` and `.` alone"
            );
            return Err(failed(message));
        }
        let files = self.files(project, true);
        let edited = match self.name() {
            Some(name) => named(&files, name)?,
            None => match self.field(project, &files)? {
                Some((_, edited)) => edited,
                None => return Err(failed("there is no name here".to_owned())),
            },
        };
        if let Some(against) = refused(project, &checked(&files), &edited, new) {
            let mut message = format!("`{new}` cannot be the name: {}", against.message);
            if let Some(label) = &against.primary {
                let _ = write!(message, " ({})", label.span);
            }
            return Err(failed(message));
        }
        let mut changes = Map::new();
        for (path, (text, ranges)) in edited {
            let lines = Lines::of(&text);
            let edit =
                |range| json!({"range": position::range(&text, &lines, range), "newText": new});
            let edits: Vec<Value> = ranges.into_iter().map(edit).collect();
            changes.insert(documents.uri(&path), Value::Array(edits));
        }
        Ok(json!({"changes": changes}))
    }

    /// The field of a collection of which the name stands here, and all places where it does.
    fn field(
        &self,
        project: &mut Project,
        files: &[Rc<Read>],
    ) -> Result<Option<(Field, Edited)>, Failure> {
        let Some(word) = self.word() else { return Ok(None) };
        let checked = checked(files);
        let mut refused = None;
        for field in Field::at(&word, files) {
            match field.places(project, &checked) {
                Ok(places) => {
                    let here = places.get(self.path);
                    let starts = here.map(|(_, ranges)| ranges).into_iter().flatten();
                    if starts.into_iter().any(|range| range.start == word.start) {
                        return Ok(Some((field, places)));
                    }
                }
                Err(message) if field.is_given_at(&word) => {
                    let message = format!("`{}` cannot be renamed: {message}", field.name);
                    refused = Some(failed(message));
                }
                Err(_) => {}
            }
        }
        refused.map_or(Ok(None), Err)
    }
}

fn failed(message: String) -> Failure {
    Failure(Failure::INVALID_PARAMS, message)
}

fn checked(files: &[Rc<Read>]) -> Vec<(&Path, Language)> {
    files.iter().filter_map(|read| Some((read.path()?, read.language()))).collect()
}

/// Where a name is given and used.
fn named(files: &[Rc<Read>], name: &Name) -> Result<Edited, Failure> {
    let mut edited = Edited::new();
    let mut is_given = false;
    for (read, other) in same(files, name) {
        is_given |= other.given.is_some();
        let path = other.span.source.path();
        let now = read.now(&other.span);
        let Some((now, range)) =
            now.filter(|(now, range)| now.get(range.clone()).is_some_and(|it| it == name.text))
        else {
            let message = format!("{} cannot be read at the moment", path.display());
            return Err(failed(message));
        };
        let places = edited.entry(path.to_owned());
        places.or_insert_with(|| (now.to_owned(), Vec::new())).1.push(range);
    }
    if !is_given {
        let message = format!("nothing gives the {} `{}`", name.kind, name.text);
        return Err(failed(message));
    }
    Ok(edited)
}

/// What `check` has against files once they are changed, and not as they are.
fn refused(
    project: &mut Project,
    files: &[(&Path, Language)],
    edited: &Edited,
    new: &str,
) -> Option<Diagnostic> {
    let changed = edited.iter().map(|(path, (text, ranges))| {
        let mut text = text.clone();
        for range in ranges.iter().rev() {
            text.replace_range(range.clone(), new);
        }
        (path.as_path(), text)
    });
    let is_error = |diagnostic: &Diagnostic| diagnostic.severity == Severity::Error;
    let errors = |project: &mut Project| {
        let found = project.told(files, false);
        found.into_iter().filter(is_error).collect::<Vec<Diagnostic>>()
    };
    let mut after = project.with_texts(changed.collect(), errors);
    if after.is_empty() {
        return None;
    }
    let before = errors(project);
    let is_more = after.len() > before.len();
    after.retain(|one| !before.iter().any(|other| other.message == one.message));
    after.into_iter().next().filter(|_| is_more)
}
