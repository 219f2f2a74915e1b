//! What the editor was told to be wrong, file by file.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::documents::Documents;
use super::position;
use crate::diagnostic::{Diagnostic, Severity};
use crate::source::{Lines, Span};

/// The diagnostics of each open file, and what was told of them.
#[derive(Debug, Default)]
pub(super) struct Published {
    /// By the file that was checked, and then by the file in which something is wrong.
    found: BTreeMap<PathBuf, BTreeMap<PathBuf, Vec<Value>>>,
    told: BTreeMap<PathBuf, Vec<Value>>,
}

impl Published {
    /// Keeps what was found when a file was checked.
    pub(super) fn keep(&mut self, checked: &Path, found: &[Diagnostic], documents: &Documents) {
        let mut files: BTreeMap<PathBuf, Vec<Value>> = BTreeMap::new();
        files.entry(checked.to_owned()).or_default();
        for diagnostic in found {
            let path = match &diagnostic.primary {
                Some(label) => label.span.source.path(),
                None => checked,
            };
            let told = diagnostic_of(diagnostic, documents);
            files.entry(path.to_owned()).or_default().push(told);
        }
        self.found.insert(checked.to_owned(), files);
    }

    /// Forgets what was found when a file was checked.
    pub(super) fn forget(&mut self, checked: &Path) {
        self.found.remove(checked);
    }

    /// What is wrong in a file.
    pub(super) fn of(&self, path: &Path) -> Vec<Value> {
        let all = self.found.values().filter_map(|files| files.get(path)).flatten();
        // What is said of a shared file is said by each file that it is checked with.
        let mut said = HashSet::new();
        all.filter(|diagnostic| said.insert(diagnostic.to_string())).cloned().collect()
    }

    /// What the editor has to be told now, by file: all that is wrong in it.
    pub(super) fn news(&mut self) -> Vec<(PathBuf, Vec<Value>)> {
        let now = self.found.values().flat_map(BTreeMap::keys);
        let paths: BTreeSet<PathBuf> = now.chain(self.told.keys()).cloned().collect();
        let mut news = Vec::new();
        for path in paths {
            let all = self.of(&path);
            if self.told.get(&path) == Some(&all) {
                continue;
            }
            if self.found.values().any(|files| files.contains_key(&path)) {
                self.told.insert(path.clone(), all.clone());
            } else if self.told.remove(&path).is_none_or(|before| before.is_empty()) {
                continue;
            }
            news.push((path, all));
        }
        news
    }
}

/// A diagnostic as editors take it. What was meant goes with it, and the place to write it.
fn diagnostic_of(diagnostic: &Diagnostic, documents: &Documents) -> Value {
    let severity = match diagnostic.severity {
        Severity::Error => 1,
        Severity::Warning => 2,
    };
    let mut message = diagnostic.message.clone();
    let label = diagnostic.primary.as_ref().map(|label| label.text.as_str());
    for line in label.into_iter().chain(diagnostic.help.iter().map(String::as_str)) {
        if !line.is_empty() && line != "here" {
            message.push('\n');
            message.push_str(line);
        }
    }
    let span = diagnostic.primary.as_ref().map(|label| &label.span);
    let place = span.map_or_else(|| position::range("", &Lines::of(""), 0..0), range);
    let related = diagnostic.related.iter().map(|label| {
        let uri = documents.uri(label.span.source.path());
        let place = json!({"uri": uri, "range": range(&label.span)});
        json!({"location": place, "message": label.text})
    });
    let mut told = json!({
        "range": place,
        "severity": severity,
        "code": diagnostic.code,
        "source": "counterpart",
        "message": message,
        "relatedInformation": related.collect::<Vec<_>>(),
    });
    if let (Some(meant), Some(span), Some(told)) = (&diagnostic.meant, span, told.as_object_mut()) {
        told.insert("data".to_owned(), json!({"meant": meant, "range": range(&unquoted(span))}));
    }
    told
}

fn range(span: &Span) -> Value {
    position::range(&span.source.text, span.source.lines(), span.range())
}

/// What stands between the quotes of a span, if it has any.
fn unquoted(span: &Span) -> Span {
    let text = span.text();
    let is_quoted = text.len() >= 2
        && ['"', '\''].into_iter().any(|quote| text.starts_with(quote) && text.ends_with(quote));
    let by = usize::from(is_quoted);
    Span { source: span.source.clone(), start: span.start + by, end: span.end.saturating_sub(by) }
}
