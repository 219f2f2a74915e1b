//! What may stand at a place, as `check` knows it: a name that nobody has is put there, and the
//! diagnostic about it has all names that would be right.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use serde_json::{Value, json};

use super::excerpt::excerpt;
use super::language::Language;
use super::position::{self, Position};
use super::project::Project;
use crate::files::held;
use crate::source::Lines;

/// A name that is like no other.
const NOBODY: &str = "zzqjxqzz";

/// The names that would be right at a place of a text. The text is held as it was afterwards.
pub(super) fn complete(
    project: &mut Project,
    path: &Path,
    language: Language,
    text: &str,
    at: Position,
) -> Vec<Value> {
    let at = position::offset(text, at);
    let (before, after) = text.split_at_checked(at).unwrap_or((text, ""));
    let head = before.trim_end_matches(is_of_name);
    let tail = after.trim_start_matches(is_of_name);
    let replaced = position::range(text, &Lines::of(text), head.len()..text.len() - tail.len());
    let line = head.rsplit('\n').next().unwrap_or_default();
    let rest = tail.split('\n').next().unwrap_or_default().trim();
    let is_first = line.trim_start().trim_start_matches("- ").trim().is_empty();
    let is_quoted = line.contains("${");
    let mut tried = Vec::new();
    if is_first && rest.is_empty() {
        tried.push((format!("{NOBODY}: 1"), true));
    }
    if line.ends_with(':') && !is_quoted {
        tried.push((format!(" {NOBODY}"), false));
    } else {
        tried.push((NOBODY.to_owned(), rest.starts_with(':')));
    }
    let mut found: BTreeSet<(String, bool)> = BTreeSet::new();
    for (put, is_key) in tried {
        if !found.is_empty() {
            break;
        }
        let asked = excerpt(&format!("{head}{put}{tail}"), head.len());
        held::hold(path, Arc::from(asked));
        for diagnostic in project.try_texts(|project| project.check(path, language, false)) {
            let Some(label) = &diagnostic.primary else { continue };
            if label.span.source.path() == path && label.span.text().contains(NOBODY) {
                found.extend(diagnostic.known.iter().map(|name| (name.clone(), is_key)));
            }
        }
    }
    held::hold(path, Arc::from(text));
    let item = |(name, is_key): (String, bool)| {
        let end = if is_key && !rest.starts_with(':') { ": " } else { "" };
        let kind = if is_key { 10 } else { 12 };
        let edit = json!({"range": replaced, "newText": format!("{name}{end}")});
        json!({"label": name, "kind": kind, "textEdit": edit})
    };
    found.into_iter().map(item).collect()
}

fn is_of_name(character: char) -> bool {
    character.is_alphanumeric() || matches!(character, '_' | '-')
}
