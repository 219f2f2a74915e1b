//! Finding specs in files and folders.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::check_nodes;
use crate::diagnostic::Diagnostic;
use crate::model::Service;
use crate::source::{Source, Span};
use crate::syntax::{Node, Problems, parse};

/// How deep folders may stand in each other; enough for people, an end for loops of links.
const DEPTH: usize = 32;

/// Specs without errors.
#[derive(Debug)]
pub struct Loaded {
    /// One for each vendor, in the order of the paths.
    pub services: Vec<Service>,
    /// What is worth knowing about them.
    pub warnings: Vec<Diagnostic>,
}

/// A file that was read; a syntax error leaves no node.
pub(super) struct Document {
    pub(super) node: Option<Node>,
    pub(super) problems: Vec<Diagnostic>,
}

impl Document {
    fn vendor(&self) -> Option<&str> {
        self.node.as_ref()?.get("vendor")?.as_text()
    }
}

/// Reads all specs in files and folders.
///
/// A file is a vendor. In a folder each file is one too, and so is each folder below it whose
/// files do not name different vendors. Fails with every mistake of every file.
pub fn load(paths: &[PathBuf]) -> Result<Loaded, Vec<Diagnostic>> {
    let mut diagnostics = Vec::new();
    let mut groups: Vec<Vec<Document>> = Vec::new();
    let mut seen = Vec::new();
    for path in paths {
        for files in group_files(path, &mut diagnostics) {
            let documents: Vec<Document> = files
                .into_iter()
                .filter(|file| is_new(file, &mut seen))
                .filter_map(|file| read(&file).map_err(|problem| diagnostics.push(*problem)).ok())
                .collect();
            groups.extend(split_vendors(documents));
        }
    }
    diagnostics.extend(same_vendors(&groups));
    let mut services = Vec::new();
    for documents in groups {
        let missing = documents.iter().any(|document| document.node.is_none());
        let mut problems = Problems::default();
        let mut nodes = Vec::new();
        for document in documents {
            problems.extend(document.problems);
            nodes.extend(document.node);
        }
        match check_nodes(nodes, problems, missing) {
            Ok(checked) => {
                services.push(checked.service);
                diagnostics.extend(checked.warnings);
            }
            Err(found) => diagnostics.extend(found),
        }
    }
    let failed = |d: &Diagnostic| d.severity == crate::diagnostic::Severity::Error;
    if diagnostics.iter().any(failed) {
        return Err(diagnostics);
    }
    Ok(Loaded { services, warnings: diagnostics })
}

/// The files that may belong together: each alone, or all of a folder below the one given.
fn group_files(path: &Path, diagnostics: &mut Vec<Diagnostic>) -> Vec<Vec<PathBuf>> {
    let shown = path.display();
    let metadata = match std::fs::metadata(path) {
        Ok(metadata) => metadata,
        Err(error) => {
            let message = match error.kind() {
                std::io::ErrorKind::NotFound => format!("there is no file or folder {shown}"),
                _ => format!("{shown} cannot be looked at: {error}"),
            };
            diagnostics.push(Diagnostic::without_place("no-such-file", message));
            return Vec::new();
        }
    };
    if !metadata.is_dir() {
        return vec![vec![path.to_owned()]];
    }
    let mut folders = BTreeMap::new();
    walk(path, 0, &mut folders, diagnostics);
    let mut groups = Vec::new();
    for (folder, files) in folders {
        if folder == path {
            groups.extend(files.into_iter().map(|file| vec![file]));
        } else {
            groups.push(files);
        }
    }
    if groups.is_empty() {
        diagnostics.push(
            Diagnostic::without_place("no-specs", format!("there is no spec in {shown}"))
                .help("specs are files that end in .yaml"),
        );
    }
    groups
}

pub(super) fn walk(
    folder: &Path,
    depth: usize,
    folders: &mut BTreeMap<PathBuf, Vec<PathBuf>>,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) => {
            let message = format!("{} cannot be read: {error}", folder.display());
            diagnostics.push(Diagnostic::without_place("unreadable", message));
            return;
        }
    };
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths {
        let hidden = path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
        let yaml = path.extension().is_some_and(|end| end == "yaml" || end == "yml");
        if hidden {
        } else if path.is_dir() {
            if depth < DEPTH {
                walk(&path, depth + 1, folders, diagnostics);
            }
        } else if yaml {
            folders.entry(folder.to_owned()).or_default().push(path);
        }
    }
}

/// A file that is reached in two ways is read once.
pub(super) fn is_new(file: &Path, seen: &mut Vec<PathBuf>) -> bool {
    let Ok(real) = file.canonicalize() else { return true };
    let new = !seen.contains(&real);
    if new {
        seen.push(real);
    }
    new
}

pub(super) fn read(file: &Path) -> Result<Document, Box<Diagnostic>> {
    let shown = file.display();
    let unreadable = |message| Box::new(Diagnostic::without_place("unreadable", message));
    let bytes = std::fs::read(file)
        .map_err(|error| unreadable(format!("{shown} cannot be read: {error}")))?;
    let text = String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        unreadable(format!("{shown} is not UTF-8: byte {at} belongs to no character"))
    })?;
    let mut problems = Problems::default();
    let node = parse(&Source::new(file, text), &mut problems);
    Ok(Document { node, problems: problems.into_sorted() })
}

/// Files of one folder are one vendor unless they name different ones.
fn split_vendors(documents: Vec<Document>) -> Vec<Vec<Document>> {
    if documents.is_empty() {
        return Vec::new();
    }
    let mut vendors: Vec<&str> = documents.iter().filter_map(Document::vendor).collect();
    vendors.sort_unstable();
    vendors.dedup();
    if vendors.len() <= 1 {
        return vec![documents];
    }
    documents.into_iter().map(|document| vec![document]).collect()
}

/// Reports vendors of whom there are two specs.
fn same_vendors(groups: &[Vec<Document>]) -> Vec<Diagnostic> {
    let mut first: BTreeMap<&str, &Span> = BTreeMap::new();
    let mut found = Vec::new();
    for group in groups {
        let named = group.iter().find_map(|document| {
            let node = document.node.as_ref()?.get("vendor")?;
            Some((node.as_text()?, &node.span))
        });
        let Some((vendor, span)) = named else { continue };
        match first.get(vendor) {
            Some(other) => {
                let message = format!("there are two specs for the vendor `{vendor}`");
                found.push(
                    Diagnostic::error("duplicate-vendor", message, span, "the second one")
                        .related(other, "the first one"),
                );
            }
            None => {
                first.insert(vendor, span);
            }
        }
    }
    found
}
