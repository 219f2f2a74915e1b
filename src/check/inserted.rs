//! `$file`: what another file holds, as if it were written there.
//!
//! It is put there before anything is read, so what it holds may have expressions and matchers in
//! it, and a mistake is told where it is written.

use std::borrow::Cow;
use std::path::{Component, Path, PathBuf};

use super::load::read;
use crate::diagnostic::Diagnostic;
use crate::files;
use crate::source::{Source, Span};
use crate::syntax::{Node, NodeKind};

/// The directive.
const FILE: &str = "$file";

/// How deep files may lead to others.
const DEPTH: usize = 8;

/// The same with the files that it names, where it names any; adds what is wrong with them.
/// `outside` says why a file may not be read, as it is named and where that is.
pub(in crate::check) fn inserted<'n>(
    node: &'n Node,
    outside: &dyn Fn(&str, &Path) -> Option<String>,
    problems: &mut Vec<Diagnostic>,
) -> Cow<'n, Node> {
    if !names_files(node) {
        return Cow::Borrowed(node);
    }
    let mut node = node.clone();
    insert(&mut node, outside, problems);
    Cow::Owned(node)
}

/// Puts the files there that it names.
pub(super) fn insert(
    node: &mut Node,
    outside: &dyn Fn(&str, &Path) -> Option<String>,
    problems: &mut Vec<Diagnostic>,
) {
    Inserter { outside, problems, leading: Vec::new() }.insert(node);
}

/// Why a spec may not read a file: it is not below the folder of what names it.
pub(super) fn not_below(name: &str, full: &Path) -> Option<String> {
    let below = Path::new(name);
    let folder = full.ancestors().nth(below.components().count()).unwrap_or(Path::new(""));
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    // Links may lead out of the folder, too.
    let real = full.canonicalize().ok().zip(folder.canonicalize().ok());
    let leads_out = real.is_some_and(|(file, folder)| !file.starts_with(folder));
    let is_below = below.components().all(|part| matches!(part, Component::Normal(_)));
    (leads_out || !is_below).then(|| format!("`{name}` is not below the folder of the spec"))
}

/// The path after `$file`, in a mapping that has nothing else.
fn named(node: &Node) -> Option<&Node> {
    match node.as_map() {
        Some([(key, value)]) if key.value == FILE => Some(value),
        _ => None,
    }
}

fn names_files(node: &Node) -> bool {
    match &node.kind {
        NodeKind::List(items) => items.iter().any(names_files),
        NodeKind::Map(entries) => {
            entries.iter().any(|(key, node)| key.value == FILE || names_files(node))
        }
        _ => false,
    }
}

struct Inserter<'a> {
    outside: &'a dyn Fn(&str, &Path) -> Option<String>,
    problems: &'a mut Vec<Diagnostic>,
    /// The files that lead here.
    leading: Vec<PathBuf>,
}

impl Inserter<'_> {
    fn insert(&mut self, node: &mut Node) {
        if let Some(path) = named(node) {
            let path = path.clone();
            match self.content(&path) {
                Some((full, content)) => {
                    *node = content;
                    self.leading.push(full);
                    self.insert(node);
                    self.leading.pop();
                }
                None => node.kind = NodeKind::Null,
            }
            return;
        }
        self.only_alone(node);
        match &mut node.kind {
            NodeKind::List(items) => {
                for item in items {
                    self.insert(item);
                }
            }
            NodeKind::Map(entries) => {
                for (_, node) in entries {
                    self.insert(node);
                }
            }
            _ => {}
        }
    }

    /// A file takes the place of its mapping.
    fn only_alone(&mut self, node: &mut Node) {
        let NodeKind::Map(entries) = &mut node.kind else { return };
        let Some(at) = entries.iter().position(|(key, _)| key.value == FILE) else { return };
        let (key, _) = entries.remove(at);
        let message = "`$file` is alone in its mapping, in whose place the file is put";
        self.problems.push(
            Diagnostic::error("contradiction", message, &key.span, "has others beside it")
                .help("put what is beside it into the file"),
        );
    }

    /// What a file holds: a tree in YAML or JSON, or else its text.
    fn content(&mut self, path: &Node) -> Option<(PathBuf, Node)> {
        let Some(name) = path.as_text() else {
            let message = "`$file` is followed by the path of a file";
            self.error("wrong-type", message, path, "is not a path");
            return None;
        };
        let folder = path.span.source.path().parent().unwrap_or(Path::new(""));
        let full = folder.join(name);
        if let Some(message) = (self.outside)(name, &full) {
            self.error("no-such-file", &message, path, "cannot be read");
            return None;
        }
        if self.leading.contains(&full) || self.leading.len() >= DEPTH {
            let message = format!("`{name}` leads to itself, or files lead to others too deeply");
            self.error("recursive-include", &message, path, "leads back here");
            return None;
        }
        if is_tree(&full) {
            return match read(&full) {
                Ok(document) => {
                    self.problems.extend(document.problems);
                    Some((full, document.node?))
                }
                Err(problem) => {
                    let message = missing(&full).unwrap_or(problem.message);
                    self.error("no-such-file", &message, path, "cannot be read");
                    None
                }
            };
        }
        match files::read_to_string(&full) {
            Ok(text) => {
                let source = Source::new(&full, text.as_str());
                let span = Span { source, start: 0, end: text.len() };
                Some((full, Node { kind: NodeKind::Text(text), span }))
            }
            Err(error) => {
                let cannot = || format!("{} cannot be read: {error}", full.display());
                let message = missing(&full).unwrap_or_else(cannot);
                self.error("no-such-file", &message, path, "cannot be read");
                None
            }
        }
    }

    fn error(&mut self, code: &'static str, message: &str, at: &Node, label: &str) {
        self.problems.push(Diagnostic::error(code, message, &at.span, label));
    }
}

fn missing(path: &Path) -> Option<String> {
    (!files::exists(path)).then(|| format!("there is no file {}", path.display()))
}

fn is_tree(path: &Path) -> bool {
    let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
    ["json", "yaml", "yml"].iter().any(|known| ending.eq_ignore_ascii_case(known))
}
