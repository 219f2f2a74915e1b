//! Giving something another name wherever it is given and used.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::documents::Documents;
use super::language::Language;
use super::message::Failure;
use super::places::{Spot, same};
use super::position;
use super::project::Project;
use crate::diagnostic::{Diagnostic, Severity};
use crate::files::held;

/// The places of a file at which a name stands, and the file's text.
type Places = (String, Vec<std::ops::Range<usize>>);

impl Spot<'_> {
    /// The name that can be changed here, and its place.
    pub(super) fn renamed(&self) -> Option<Value> {
        let name = self.name()?;
        let (now, range) = self.read.now(&name.span)?;
        Some(json!({"range": position::range(now, range), "placeholder": name.text}))
    }

    /// The changes that give what is named here another name. Fails where something else has that
    /// name, or where an expression uses the old one: whatever `check` has against the outcome.
    pub(super) fn rename(
        &self,
        project: &mut Project,
        documents: &Documents,
        new: &str,
    ) -> Result<Value, Failure> {
        let failed = |message: String| Failure(Failure::INVALID_PARAMS, message);
        let Some(name) = self.name() else {
            return Err(failed("there is no name here".to_owned()));
        };
        let is_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
        if new.is_empty() || !new.chars().all(is_name) {
            let message = format!(
                "`{new}` is not a valid name: it has letters, digits, `_`, `-` and `.` alone"
            );
            return Err(failed(message));
        }
        let files = self.files(project, true);
        let mut edited: BTreeMap<PathBuf, Places> = BTreeMap::new();
        let mut is_given = false;
        for (read, other) in same(&files, name) {
            is_given |= other.given.is_some();
            let path = other.span.source.path();
            let Some((now, range)) = read.now(&other.span).filter(|(now, range)| {
                now.get(range.clone()).is_some_and(|text| text == name.text)
            }) else {
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
        let checked = files.iter().filter_map(|read| Some((read.path()?, read.language())));
        let checked: Vec<(&Path, Language)> = checked.collect();
        if let Some(against) = refused(project, &checked, &edited, new) {
            let mut message = format!("`{new}` cannot be the name: {}", against.message);
            if let Some(label) = &against.primary {
                let _ = write!(message, " ({})", label.span);
            }
            return Err(failed(message));
        }
        let mut changes = Map::new();
        for (path, (text, ranges)) in edited {
            let edit = |range| json!({"range": position::range(&text, range), "newText": new});
            let edits: Vec<Value> = ranges.into_iter().map(edit).collect();
            changes.insert(documents.uri(&path), Value::Array(edits));
        }
        Ok(json!({"changes": changes}))
    }
}

/// What `check` has against files once they are changed, and not as they are. The texts are held
/// as they were afterwards.
fn refused(
    project: &mut Project,
    files: &[(&Path, Language)],
    edited: &BTreeMap<PathBuf, Places>,
    new: &str,
) -> Option<Diagnostic> {
    let before = errors(project, files);
    let texts: Vec<_> = edited.keys().map(|path| (path, held::get(path))).collect();
    for (path, (text, ranges)) in edited {
        let mut text = text.clone();
        for range in ranges.iter().rev() {
            text.replace_range(range.clone(), new);
        }
        held::hold(path, Arc::from(text));
    }
    let mut after = errors(project, files);
    for (path, text) in texts {
        match text {
            Some(text) => held::hold(path, text),
            None => held::let_go(path),
        }
    }
    let is_more = after.len() > before.len();
    after.retain(|one| !before.iter().any(|other| other.message == one.message));
    after.into_iter().next().filter(|_| is_more)
}

fn errors(project: &mut Project, files: &[(&Path, Language)]) -> Vec<Diagnostic> {
    let is_error = |diagnostic: &Diagnostic| diagnostic.severity == Severity::Error;
    let mut found = Vec::new();
    let mut is_spec_checked = false;
    for (path, language) in files {
        match language {
            // A spec is checked with all of its files, steps with the scenarios that have them.
            Language::Spec if is_spec_checked => continue,
            Language::Steps => continue,
            Language::Spec => is_spec_checked = true,
            Language::Scenario => {}
        }
        found.extend(project.check(path, *language, false).into_iter().filter(is_error));
    }
    found
}
