//! What stands at a place: hover, and where names are given and used.

use std::collections::HashSet;
use std::fmt::Write;
use std::path::Path;
use std::rc::Rc;

use serde_json::{Value, json};

use super::documents::Documents;
use super::index::{Read, Which};
use super::language::Language;
use super::names::{Name, key_at, touches};
use super::project::Project;
use super::schema::Schema;
use crate::source::Span;

/// A place in an open file.
pub(super) struct Spot<'p> {
    pub(super) path: &'p Path,
    /// What the file holds.
    pub(super) read: Rc<Read>,
    /// The byte of the text that was read.
    at: usize,
    which: Which,
}

/// A name in a file.
pub(super) type Found<'r> = (&'r Read, &'r Name);

impl<'p> Spot<'p> {
    /// The place at a byte of a file, as it was last read if that is enough: the place has to have
    /// been there.
    pub(super) fn new(
        project: &mut Project,
        path: &'p Path,
        language: Language,
        at: usize,
        which: Which,
    ) -> Option<Self> {
        let read = project.index.get(path, language, which)?;
        let spot = read.then(at).map(|then| Self { path, read, at: then, which });
        let is_same = |spot: &Self| spot.name().is_none_or(|it| spot.read.now(&it.span).is_some());
        match spot.filter(is_same) {
            None if which == Which::Last => Self::new(project, path, language, at, Which::Now),
            spot => spot,
        }
    }

    /// The name that stands here.
    pub(super) fn name(&self) -> Option<&Name> {
        self.read.names().iter().find(|name| touches(&name.span, self.at))
    }

    /// The word that stands here: letters, digits, `_` and `-`.
    pub(super) fn word(&self) -> Option<Span> {
        let source = &self.read.root()?.span.source;
        let (before, after) = source.text.split_at_checked(self.at)?;
        let joins = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-');
        let start = before.trim_end_matches(joins).len();
        let end = source.text.len() - after.trim_start_matches(joins).len();
        (start < end).then(|| Span { source: source.clone(), start, end })
    }

    /// What the key here is for, or what the name here is of.
    pub(super) fn hover(&self, project: &mut Project) -> Option<Value> {
        let (span, text) = match self.name() {
            Some(name) => {
                let is_statement = name.kind == "statement";
                let files = self.files(project, is_statement);
                let all = same(&files, name);
                let mut text = format!("{} `{}`\n\n", name.kind, name.text);
                if let Some(given) = all.iter().find_map(|(_, name)| name.given.as_ref()) {
                    text.push_str(given);
                    if is_statement {
                        text.push_str(&proven(&all));
                    }
                }
                (&name.span, text.trim_end().to_owned())
            }
            None => {
                let schema = Schema(self.read.language().schema());
                let (span, text) = key_at(schema, self.read.root()?, self.at)?;
                (span, text.to_owned())
            }
        };
        let range = self.read.place(span)?;
        let contents = json!({"kind": "markdown", "value": text});
        Some(json!({"contents": contents, "range": range}))
    }

    /// Where the name here is given.
    pub(super) fn definition(&self, project: &mut Project, documents: &Documents) -> Option<Value> {
        let name = self.name()?;
        let files = self.files(project, false);
        let mut all = same(&files, name);
        all.retain(|(_, other)| other.given.is_some());
        Some(located(&all, documents))
    }

    /// Where the name here is used, and given if that is wanted.
    pub(super) fn references(
        &self,
        project: &mut Project,
        documents: &Documents,
        given: bool,
    ) -> Option<Value> {
        let name = self.name()?;
        let files = self.files(project, true);
        let mut all = same(&files, name);
        all.retain(|(_, other)| given || other.given.is_none());
        Some(located(&all, documents))
    }

    /// The files of the spec that this one is of or about, and those of scenarios if they are
    /// wanted.
    pub(super) fn files(&self, project: &mut Project, scenarios: bool) -> Vec<Rc<Read>> {
        let specs = project.spec_files(self.path, self.read.language());
        let found = match scenarios {
            true => project.scenario_files(self.path, &specs),
            false => Vec::new(),
        };
        let mut files: Vec<Rc<Read>> = Vec::new();
        for path in &specs {
            files.extend(project.index.get(path, Language::Spec, self.which));
        }
        for (path, language) in &found {
            files.extend(project.index.get(path, *language, self.which));
        }
        files
    }
}

/// What has the same name in some files, once for each place.
pub(super) fn same<'r>(files: &'r [Rc<Read>], name: &Name) -> Vec<Found<'r>> {
    let mut found: Vec<Found<'_>> = Vec::new();
    for file in files {
        // What is shared by an anchor is found wherever it is used.
        let mut known = HashSet::new();
        let names = file.names().iter();
        let same = names.filter(|it| it.kind == name.kind && it.text == name.text);
        found.extend(same.filter(|it| known.insert(it.span.start)).map(|it| (file.as_ref(), it)));
    }
    found
}

/// What implements a statement, with the evidence, and which scenarios cover it.
fn proven(names: &[Found<'_>]) -> String {
    let mut text = String::new();
    for (is_spec, what, nothing) in [
        (true, "implemented by", "- nothing implements it"),
        (false, "covered by", "- no scenario covers it"),
    ] {
        let before = text.len();
        for (read, name) in names {
            if name.given.is_some() || (read.language() == Language::Spec) != is_spec {
                continue;
            }
            let (line, _) = name.span.line_column();
            let file = name.span.source.path().file_name().unwrap_or_default().to_string_lossy();
            let owner = name.owner.as_ref().map(|owner| format!("`{owner}`, "));
            let evidence = name.evidence.as_ref().map(|evidence| format!(" ({evidence})"));
            let (owner, evidence) = (owner.unwrap_or_default(), evidence.unwrap_or_default());
            let _ = writeln!(text, "- {what} {owner}{file}:{line}{evidence}");
        }
        if text.len() == before {
            text.push_str(nothing);
            text.push('\n');
        }
    }
    text
}

fn located(names: &[Found<'_>], documents: &Documents) -> Value {
    let places = names.iter().filter_map(|(read, name)| {
        let range = read.place(&name.span)?;
        let uri = documents.uri(name.span.source.path());
        Some(json!({"uri": uri, "range": range}))
    });
    Value::Array(places.collect())
}
