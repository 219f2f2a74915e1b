//! The document and the files that it refers to.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use percent_encoding::percent_decode_str;

use crate::diagnostic::Diagnostic;
use crate::files::{self, within::Within};
use crate::import::notes::{Notes, OUTSIDE, OUTSIDE_HELP};
use crate::source::{Source, Span};
use crate::syntax::{Node, NodeKind, Problems, parse_foreign};

/// How many files one document may be made of.
const FILES: usize = 2_000;
/// How many references may lead from one to the next.
const HOPS: usize = 32;

/// Files that have been read, the document itself first.
pub(super) struct Documents {
    files: Vec<(PathBuf, Node)>,
    /// Their positions, by their one path and by those by which they are referred to.
    positions: HashMap<PathBuf, usize>,
    /// Beyond which no reference leads.
    within: Within,
}

/// A place in one of the files.
#[derive(Clone, Copy)]
pub(super) struct At<'d> {
    pub(super) file: usize,
    pub(super) node: &'d Node,
}

/// What a reference leads to, and the last name on the way.
pub(super) struct Found<'d> {
    pub(super) at: At<'d>,
    pub(super) name: String,
    /// It leads to a file as a whole.
    pub(super) whole: bool,
}

impl<'d> At<'d> {
    /// The member of that name.
    pub(super) fn get(self, key: &str) -> Option<Self> {
        self.node.get(key).map(|node| Self { node, ..self })
    }

    /// The members of a mapping but for extensions.
    pub(super) fn members(self) -> impl Iterator<Item = (&'d str, &'d Span, Self)> {
        let entries = self.node.as_map().unwrap_or_default().iter();
        entries
            .filter(|(key, _)| !key.value.starts_with("x-"))
            .map(move |(key, node)| (key.value.as_str(), &key.span, Self { node, ..self }))
    }

    /// The items of a list.
    pub(super) fn items(self) -> impl Iterator<Item = Self> {
        self.node.as_list().unwrap_or_default().iter().map(move |node| Self { node, ..self })
    }

    /// The text of a member.
    pub(super) fn text(self, key: &str) -> Option<&'d str> {
        self.node.get(key)?.as_text()
    }

    /// Whether a member is true.
    pub(super) fn flag(self, key: &str) -> bool {
        matches!(self.node.get(key).map(|node| &node.kind), Some(NodeKind::Bool(true)))
    }
}

impl Documents {
    /// Reads a document and the files that it refers to, directly or not.
    pub(super) fn load(path: &Path, notes: &mut Notes) -> Result<Self, Vec<Diagnostic>> {
        let root = read(path, notes)?;
        let positions = HashMap::from([(files::canonical(path), 0)]);
        let within = Within::of([path]);
        let mut documents = Self { files: vec![(path.to_owned(), root)], positions, within };
        let mut at = 0;
        while let Some((file, root)) = documents.files.get(at) {
            let mut wanted = Vec::new();
            references(root, &mut wanted);
            let mut paths: Vec<PathBuf> =
                wanted.iter().filter_map(|text| target_file(file, text)).collect();
            paths.sort();
            paths.dedup();
            for path in paths {
                if documents.positions.contains_key(&path) {
                    continue;
                }
                let canonical = files::canonical(&path);
                if let Some(known) = documents.positions.get(&canonical).copied() {
                    documents.positions.insert(path, known);
                    continue;
                }
                // What is not there, or must not be read, is told where it is referred to.
                if documents.within.holds(&path)
                    && files::exists(&path)
                    && !files::is_folder(&path)
                    && documents.files.len() < FILES
                {
                    match read(&path, notes) {
                        Ok(root) => {
                            let at = documents.files.len();
                            documents.positions.insert(canonical, at);
                            documents.positions.insert(path.clone(), at);
                            documents.files.push((path, root));
                        }
                        Err(found) => found.into_iter().for_each(|found| notes.wrong(found)),
                    }
                }
            }
            at += 1;
        }
        Ok(documents)
    }

    fn position(&self, path: &Path) -> Option<usize> {
        let known =
            self.positions.get(path).or_else(|| self.positions.get(&files::canonical(path)));
        known.copied()
    }

    /// The document itself.
    pub(super) fn root(&self) -> Option<At<'_>> {
        self.files.first().map(|(_, node)| At { file: 0, node })
    }

    /// Follows a reference to what it stands for, however many references are on the way.
    pub(super) fn follow(&self, at: At<'_>) -> Result<Found<'_>, Box<Diagnostic>> {
        let mut found = self.step(at)?;
        for _ in 0..HOPS {
            if found.at.node.get("$ref").and_then(Node::as_text).is_none() {
                return Ok(found);
            }
            found = self.step(found.at)?;
        }
        let node = at.node.get("$ref").unwrap_or(at.node);
        let message = "this reference leads back to itself";
        Err(Box::new(Diagnostic::error("broken-reference", message, &node.span, "a circle")))
    }

    fn step(&self, at: At<'_>) -> Result<Found<'_>, Box<Diagnostic>> {
        let node = at.node.get("$ref").unwrap_or(at.node);
        let text = node.as_text().unwrap_or_default();
        let fail = |message: String| Diagnostic::error("broken-reference", message, &node.span, "");
        let (file, pointer) = text.split_once('#').unwrap_or((text, ""));
        let file = match file {
            "" => at.file,
            remote if remote.contains("://") => {
                let message = format!("`{remote}` is not fetched");
                return Err(Box::new(
                    fail(message).help("save it beside the document, and refer to it by its path"),
                ));
            }
            _ => {
                let here = self.files.get(at.file).map(|(path, _)| path.as_path());
                let path = target_file(here.unwrap_or(Path::new("")), text).unwrap_or_default();
                self.position(&path).ok_or_else(|| {
                    let shown = path.display();
                    Box::new(match self.within.holds(&path) {
                        true => fail(format!("there is no file {shown}")),
                        false => fail(format!("{shown} {OUTSIDE}")).help(OUTSIDE_HELP),
                    })
                })?
            }
        };
        let Some((path, root)) = self.files.get(file) else {
            return Err(Box::new(fail("there is no such file".to_owned())));
        };
        let mut target = root;
        let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned());
        let mut name = stem.unwrap_or_default();
        if !pointer.is_empty() && !pointer.starts_with('/') {
            let message = format!("`{text}` is an anchor, not a path");
            return Err(Box::new(
                fail(message).help("refer to it by its path, `#/components/...`"),
            ));
        }
        for part in pointer.split('/').skip(1) {
            let part = percent_decode_str(part).decode_utf8_lossy().into_owned();
            let part = part.replace("~1", "/").replace("~0", "~");
            let next = match &target.kind {
                NodeKind::List(items) => part.parse().ok().and_then(|at: usize| items.get(at)),
                _ => target.get(&part),
            };
            let Some(next) = next else {
                let known: Vec<&str> = target
                    .as_map()
                    .unwrap_or_default()
                    .iter()
                    .map(|(key, _)| key.value.as_str())
                    .collect();
                let message = format!("the reference `{text}` leads to nothing");
                let broken = fail(message).suggest(&part, known.iter().copied());
                return Err(Box::new(broken));
            };
            target = next;
            name = part;
        }
        let whole = pointer.trim_matches('/').is_empty();
        Ok(Found { at: At { file, node: target }, name, whole })
    }
}

/// The file that a reference in another file names; nothing for the same file and for URLs.
fn target_file(here: &Path, reference: &str) -> Option<PathBuf> {
    let file = reference.split('#').next().filter(|file| !file.is_empty())?;
    if file.contains("://") {
        return None;
    }
    let file = percent_decode_str(file).decode_utf8_lossy().into_owned();
    Some(here.parent().unwrap_or(Path::new("")).join(file))
}

/// The texts of all references in a tree.
fn references<'n>(node: &'n Node, into: &mut Vec<&'n str>) {
    match &node.kind {
        NodeKind::Map(entries) => {
            for (key, value) in entries {
                match value.as_text() {
                    Some(text) if key.value == "$ref" => into.push(text),
                    _ => references(value, into),
                }
            }
        }
        NodeKind::List(items) => items.iter().for_each(|item| references(item, into)),
        _ => {}
    }
}

/// Reads one file.
fn read(path: &Path, notes: &mut Notes) -> Result<Node, Vec<Diagnostic>> {
    let text = files::read(path).map_err(|error| {
        let message = format!("{} cannot be read: {error}", path.display());
        vec![Diagnostic::without_place("unreadable", message)]
    })?;
    let text = String::from_utf8_lossy(&text);
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let source: Arc<Source> = Source::new(path, text);
    let problems = Problems::default();
    match parse_foreign(&source, &problems) {
        Some(node) => {
            problems.into_sorted().into_iter().for_each(|problem| notes.wrong(problem));
            Ok(node)
        }
        None => Err(problems.into_sorted()),
    }
}
