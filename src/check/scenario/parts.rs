//! The files that scenarios include: read before anything is checked.

use std::borrow::Cow;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

use super::table;
use crate::check::inserted::inserted;
use crate::check::load::{Document, read};
use crate::diagnostic::Diagnostic;
use crate::files::{self, snapshots, within::Within};
use crate::source::Source;
use crate::syntax::{Node, NodeKind, Repair};

/// How deep files may include each other.
const DEPTH: usize = 16;

/// The files that are included, by their paths as they follow from the including files'.
#[derive(Debug, Default, Clone)]
pub(super) struct Parts {
    files: HashMap<PathBuf, Part>,
    /// Where files may be that are named.
    within: Within,
}

/// An included file.
#[derive(Debug, Clone)]
pub(super) enum Part {
    /// It was read; a syntax error leaves no node.
    Read(Option<Node>),
    /// There is no such file, or it cannot be read.
    Unreadable(String),
}

/// Where a file that another one names is.
pub(super) fn beside(source: &Source, path: &str) -> PathBuf {
    source.path().parent().unwrap_or(Path::new("")).join(path)
}

impl Parts {
    /// None yet; those that are named stand in the folders of these paths.
    pub(super) fn below<'p>(paths: impl IntoIterator<Item = &'p Path>) -> Self {
        Self { files: HashMap::new(), within: Within::of(paths) }
    }

    /// Why a file may not be named: it stands elsewhere.
    pub(super) fn outside(&self, path: &Path) -> Option<String> {
        (!self.within.holds(path)).then(|| {
            let shown = path.display();
            format!("{shown} is outside of the folder of the scenarios and the working directory")
        })
    }

    /// Reads all files that a file of scenarios includes; gives their syntax errors.
    pub(super) fn collect(&mut self, root: &Node) -> Vec<Diagnostic> {
        let mut problems = Vec::new();
        self.add_snapshots(root.span.source.path(), &mut problems);
        for steps in ["beforeAll", "afterAll"].iter().filter_map(|key| root.get(key)) {
            match steps.as_text() {
                Some(path) => self.add(&beside(&steps.span.source, path), 0, &mut problems),
                None => self.follow(Some(steps), 0, &mut problems),
            }
        }
        for scenario in root.get("scenarios").and_then(Node::as_list).unwrap_or_default() {
            if let Some(file) = scenario.get("rows").and_then(|rows| rows.get("file"))
                && let Some(path) = file.as_text()
            {
                self.add_rows(&beside(&file.span.source, path), &mut problems);
            }
            for key in ["steps", "finally"] {
                self.follow(scenario.get(key), 0, &mut problems);
            }
        }
        problems
    }

    /// Reads a file of rows: CSV, or YAML, of which JSON is a part.
    fn add_rows(&mut self, path: &Path, problems: &mut Vec<Diagnostic>) {
        let Some(separator) = table::separator(path) else {
            return self.add(path, 0, problems);
        };
        if self.files.contains_key(path) {
            return;
        }
        if let Some(message) = self.outside(path) {
            self.files.insert(path.to_owned(), Part::Unreadable(message));
            return;
        }
        let part = match files::read_to_string(path) {
            Ok(text) => {
                let (node, found) = table::read(path, &text, separator);
                // Of rows with a mistake nothing else is told, and nothing that they lack.
                let is_good = found.is_empty();
                problems.extend(found);
                Part::Read(is_good.then_some(node))
            }
            Err(_) if !files::exists(path) => {
                Part::Unreadable(format!("there is no file {}", path.display()))
            }
            Err(error) => Part::Unreadable(format!("{} cannot be read: {error}", path.display())),
        };
        self.files.insert(path.to_owned(), part);
    }

    fn follow(&mut self, steps: Option<&Node>, depth: usize, problems: &mut Vec<Diagnostic>) {
        for step in steps.and_then(Node::as_list).unwrap_or_default() {
            self.follow(step.get("repeat"), depth, problems);
            self.follow(step.get("onTarget").and_then(|node| node.get("steps")), depth, problems);
            if let Some(include) = step.get("include")
                && let Some(path) = include.as_text()
            {
                self.add(&beside(&include.span.source, path), depth, problems);
            }
        }
    }

    /// Reads the snapshots beside a file.
    fn add_snapshots(&mut self, file: &Path, problems: &mut Vec<Diagnostic>) {
        for path in snapshots::of(file) {
            if self.files.contains_key(&path) {
                continue;
            }
            let part = match self.outside(&path) {
                Some(message) => Part::Unreadable(message),
                None => match read(&path) {
                    Ok(Document { node, problems: found, .. }) => {
                        problems.extend(found);
                        Part::Read(node)
                    }
                    Err(problem) => Part::Unreadable(problem.message),
                },
            };
            self.files.insert(path, part);
        }
    }

    /// The snapshots that were read, in the order of their paths.
    pub(super) fn snapshots(&self) -> Vec<(&Path, &Node)> {
        let mut all: Vec<(&Path, &Node)> = self
            .files
            .iter()
            .filter_map(|(path, part)| match part {
                Part::Read(Some(node)) if snapshots::owner_of(path).is_some() => {
                    Some((path.as_path(), node))
                }
                _ => None,
            })
            .collect();
        all.sort_by_key(|(path, _)| *path);
        all
    }

    fn add(&mut self, path: &Path, depth: usize, problems: &mut Vec<Diagnostic>) {
        if depth >= DEPTH || self.files.contains_key(path) {
            return;
        }
        if let Some(message) = self.outside(path) {
            self.files.insert(path.to_owned(), Part::Unreadable(message));
            return;
        }
        let part = match read(path) {
            Err(_) if !files::exists(path) => {
                Part::Unreadable(format!("there is no file {}", path.display()))
            }
            Ok(Document { node, problems: found, .. }) => {
                problems.extend(found);
                Part::Read(node)
            }
            Err(problem) => Part::Unreadable(problem.message),
        };
        // A loop ends at the file that is there already.
        let steps = match &part {
            Part::Read(node) => node.clone(),
            Part::Unreadable(_) => None,
        };
        self.files.insert(path.to_owned(), part);
        self.add_snapshots(path, problems);
        self.follow(steps.as_ref(), depth + 1, problems);
    }

    /// Repairs what is written in the files.
    pub(super) fn repair(&mut self, repairs: &[Repair]) {
        for part in self.files.values_mut() {
            if let Part::Read(Some(node)) = part {
                node.repair(repairs);
            }
        }
    }

    /// What a file holds with the files that it inserts; adds what is wrong with them.
    pub(super) fn insert_into<'n>(
        &self,
        node: &'n Node,
        problems: &mut Vec<Diagnostic>,
    ) -> Cow<'n, Node> {
        inserted(node, &|_, path| self.outside(path), problems)
    }

    /// The same for the files that were read already.
    pub(super) fn with_inserted(&self, problems: &mut Vec<Diagnostic>) -> Cow<'_, Self> {
        let mut all = Cow::Borrowed(self);
        for (path, part) in &self.files {
            if let Part::Read(Some(node)) = part
                && let Cow::Owned(node) = self.insert_into(node, problems)
            {
                all.to_mut().files.insert(path.clone(), Part::Read(Some(node)));
            }
        }
        all
    }

    /// What the files hold.
    pub(super) fn nodes(&self) -> impl Iterator<Item = &Node> {
        self.files.values().filter_map(|part| match part {
            Part::Read(node) => node.as_ref(),
            Part::Unreadable(_) => None,
        })
    }

    /// The file at that path; none where files include each other too deeply.
    pub(super) fn get(&self, path: &Path) -> Option<&Part> {
        self.files.get(path)
    }

    /// Whether anything includes that file.
    pub(super) fn includes(&self, path: &Path) -> bool {
        let real = files::canonical(path);
        self.files.keys().any(|known| files::canonical(known) == real)
    }
}

/// Whether a file holds steps for others to include, and no scenarios.
pub(super) fn is_part(root: &Node) -> bool {
    matches!(root.kind, NodeKind::List(_))
}
