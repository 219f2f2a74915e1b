//! The texts that an editor holds.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use percent_encoding::{AsciiSet, percent_decode_str, utf8_percent_encode};
use serde_json::Value;

use super::language::Language;
use super::position;
use crate::files::held;
use crate::model::path;

/// A text that an editor holds.
#[derive(Debug)]
pub(super) struct Document {
    /// What the editor calls it.
    pub(super) uri: String,
    /// The text as it is now.
    pub(super) text: String,
    /// The language of it, if it is one of ours.
    pub(super) language: Option<Language>,
}

/// All of them, by their paths.
#[derive(Debug, Default)]
pub(super) struct Documents {
    pub(super) open: BTreeMap<PathBuf, Document>,
}

impl Documents {
    /// Takes a text from the editor.
    pub(super) fn open(&mut self, uri: &str, text: &str) -> PathBuf {
        let path = path_of(uri);
        let document = Document { uri: uri.to_owned(), text: text.to_owned(), language: None };
        self.open.insert(path.clone(), document);
        self.hold(&path);
        path
    }

    /// Changes a text, in the order of the changes; none if it is not open.
    pub(super) fn change(&mut self, uri: &str, changes: &[Value]) -> Option<PathBuf> {
        let path = path_of(uri);
        let document = self.open.get_mut(&path)?;
        for change in changes {
            let Some(text) = change.get("text").and_then(Value::as_str) else { continue };
            match change.get("range") {
                None => text.clone_into(&mut document.text),
                Some(range) => {
                    let Some(bytes) = position::bytes(&document.text, range) else { continue };
                    document.text.replace_range(bytes, text);
                }
            }
        }
        self.hold(&path);
        Some(path)
    }

    /// Lets go of a text: what is on the disk counts again.
    pub(super) fn close(&mut self, uri: &str) -> PathBuf {
        let path = path_of(uri);
        self.open.remove(&path);
        held::let_go(&path);
        path
    }

    fn hold(&mut self, path: &Path) {
        let Some(document) = self.open.get_mut(path) else { return };
        document.language = Language::of(path, &document.text);
        held::hold(path, Arc::from(document.text.as_str()));
    }

    /// What the editor calls the file of a path.
    pub(super) fn uri(&self, path: &Path) -> String {
        self.open.get(path).map_or_else(|| uri_of(path), |document| document.uri.clone())
    }
}

/// What cannot stand in a path as it is; a file's name has nothing in it that is encoded already.
const ENCODED: &AsciiSet = &path::ENCODED.add(b'%');

/// The path of a file; of what is no file, something that no file has.
pub(super) fn path_of(uri: &str) -> PathBuf {
    let Some(rest) = uri.strip_prefix("file://") else { return PathBuf::from(uri) };
    // A host stands there only where it is `localhost`.
    let path = rest.find('/').and_then(|at| rest.get(at..)).unwrap_or(rest);
    let path = percent_decode_str(path).decode_utf8_lossy().into_owned();
    let mut letters = path.chars().skip(1);
    let is_drive =
        letters.next().is_some_and(|it| it.is_ascii_alphabetic()) && letters.next() == Some(':');
    PathBuf::from(path.get(usize::from(is_drive)..).unwrap_or_default())
}

fn uri_of(path: &Path) -> String {
    let path = path.to_string_lossy().replace('\\', "/");
    let slash = if path.starts_with('/') { "" } else { "/" };
    format!("file://{slash}{}", utf8_percent_encode(&path, ENCODED))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_that_of_its_uri() {
        for (uri, path) in [
            ("file:///a/b%20c.yaml", "/a/b c.yaml"),
            ("file://localhost/a.yaml", "/a.yaml"),
            ("file:///c%3A/a.yaml", "c:/a.yaml"),
            ("untitled:Untitled-1", "untitled:Untitled-1"),
            ("file://", ""),
        ] {
            assert_eq!(path_of(uri), PathBuf::from(path), "{uri}");
        }
        for path in ["/a b/\u{e4}#?.yaml", "/a%20b"] {
            assert_eq!(path_of(&uri_of(Path::new(path))), PathBuf::from(path));
        }
    }
}
