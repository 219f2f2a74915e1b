//! Finding specs in files and folders.

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};
use std::string::FromUtf8Error;

use super::{Checked, check_nodes};
use crate::diagnostic::{Diagnostic, did_you_mean};
use crate::files;
use crate::model::Service;
use crate::parallel;
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
    pub(super) path: PathBuf,
    pub(super) node: Option<Node>,
    pub(super) problems: Vec<Diagnostic>,
}

impl Document {
    fn vendor(&self) -> Option<&str> {
        self.node.as_ref()?.get("vendor")?.as_text()
    }

    /// Whether it says where the vendor is, as one file of a vendor does.
    fn has_servers(&self) -> bool {
        self.node.as_ref().is_some_and(|node| node.get("servers").is_some())
    }
}

/// Where files stand together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// In what was asked for: a file, or a folder with any number of vendors.
    Given,
    /// In a folder below that, which is most often one vendor's.
    Below,
}

/// Reads all specs in files and folders.
///
/// A file is a vendor. In a folder each file is one too, unless all of them are parts of one; and
/// so is each folder below it whose files do not name different vendors. Fails with every mistake
/// of every file.
pub fn load(paths: &[PathBuf]) -> Result<Loaded, Vec<Diagnostic>> {
    load_with(paths, &[])
}

/// The same, with files that say more of a vendor, wherever they are.
pub(crate) fn load_with(paths: &[PathBuf], more: &[PathBuf]) -> Result<Loaded, Vec<Diagnostic>> {
    let mut diagnostics = Vec::new();
    let mut seen = HashSet::new();
    let mut folders = Vec::new();
    for path in paths {
        for (place, mut files) in group_files(path, &mut diagnostics) {
            files.retain(|file| is_new(file, &mut seen));
            folders.push((place, files));
        }
    }
    let files = folders.iter().flat_map(|(_, files)| files).collect();
    let mut documents = parallel::each(files, |file: &PathBuf| read(file)).into_iter();
    let mut groups: Vec<Vec<Document>> = Vec::new();
    for (place, files) in &folders {
        let folder = documents.by_ref().take(files.len());
        let folder = folder.filter_map(|read| read.map_err(|it| diagnostics.push(*it)).ok());
        groups.extend(split_vendors(folder.collect(), *place));
    }
    diagnostics.extend(same_vendors(&groups));
    for path in more {
        let files = group_files(path, &mut diagnostics).into_iter().flat_map(|(_, files)| files);
        for file in files.filter(|file| is_new(file, &mut seen)).collect::<Vec<_>>() {
            match read(&file) {
                Ok(document) => diagnostics.extend(add(document, &mut groups)),
                Err(error) => diagnostics.push(*error),
            }
        }
    }
    let mut services = Vec::new();
    for checked in parallel::each(groups, check_documents) {
        match checked {
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

/// Puts a file to those of its vendor; says why it belongs to none.
fn add(document: Document, groups: &mut [Vec<Document>]) -> Vec<Diagnostic> {
    let Some(node) = &document.node else { return document.problems };
    let Some(vendor) = node.get("vendor") else {
        let message = "the file does not say whose deviations it has";
        let no_vendor = Diagnostic::error("missing-key", message, &node.span, "expected `vendor`");
        return vec![no_vendor];
    };
    let named = vendor.as_text().unwrap_or_default();
    let owner = groups.iter_mut().find(|group| group.iter().any(|it| it.vendor() == Some(named)));
    let Some(owner) = owner else {
        let known = groups.iter().flatten().filter_map(Document::vendor);
        let message = format!("no spec is of `{named}`");
        let mut unknown =
            Diagnostic::error("unknown-vendor", message, &vendor.span, "is not a known vendor");
        unknown.help.extend(did_you_mean(named, known));
        return vec![unknown];
    };
    owner.push(document);
    Vec::new()
}

/// Checks the files of one vendor.
pub(super) fn check_documents(documents: Vec<Document>) -> Result<Checked, Vec<Diagnostic>> {
    let missing = documents.iter().any(|document| document.node.is_none());
    let problems = Problems::default();
    let mut nodes = Vec::new();
    for document in documents {
        problems.extend(document.problems);
        nodes.extend(document.node);
    }
    check_nodes(nodes, problems, missing)
}

/// The files that may belong together: those of each folder.
fn group_files(path: &Path, diagnostics: &mut Vec<Diagnostic>) -> Vec<(Place, Vec<PathBuf>)> {
    let shown = path.display();
    let kind = match files::kind(path) {
        Ok(kind) => kind,
        Err(error) => {
            let message = match error.kind() {
                std::io::ErrorKind::NotFound => format!("there is no file or folder {shown}"),
                _ => format!("{shown} cannot be read: {error}"),
            };
            diagnostics.push(Diagnostic::without_place("no-such-file", message));
            return Vec::new();
        }
    };
    if kind == files::Kind::File {
        return vec![(Place::Given, vec![path.to_owned()])];
    }
    let mut folders = BTreeMap::new();
    walk(path, 0, &mut folders, diagnostics);
    if folders.is_empty() {
        diagnostics.push(
            Diagnostic::without_place("no-specs", format!("there is no spec in {shown}")).help(
                "specs are files that end in .yaml or .yml; `counterpart-mock import` makes \
                     them of OpenAPI documents, Postman collections and HAR files",
            ),
        );
    }
    let place = |folder: &Path| if folder == path { Place::Given } else { Place::Below };
    folders.into_iter().map(|(folder, files)| (place(&folder), files)).collect()
}

pub(super) fn walk(
    folder: &Path,
    depth: usize,
    folders: &mut BTreeMap<PathBuf, Vec<PathBuf>>,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let paths = match files::list(folder) {
        Ok(paths) => paths,
        Err(error) => {
            let message = format!("{} cannot be read: {error}", folder.display());
            diagnostics.push(Diagnostic::without_place("unreadable", message));
            return;
        }
    };
    for path in paths {
        let hidden = path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
        let yaml = path.extension().is_some_and(|end| end == "yaml" || end == "yml");
        if hidden {
        } else if files::is_folder(&path) {
            if depth < DEPTH {
                walk(&path, depth + 1, folders, diagnostics);
            }
        } else if yaml {
            folders.entry(folder.to_owned()).or_default().push(path);
        }
    }
}

/// A file that is reached in two ways is read once.
pub(super) fn is_new(file: &Path, seen: &mut HashSet<PathBuf>) -> bool {
    seen.insert(files::canonical(file))
}

pub(super) fn read(file: &Path) -> Result<Document, Box<Diagnostic>> {
    let bytes = files::read(file).map_err(|error| {
        let message = format!("{} cannot be read: {error}", file.display());
        Box::new(Diagnostic::without_place("unreadable", message))
    })?;
    let problems = Problems::default();
    let node = match String::from_utf8(bytes) {
        Ok(text) => {
            // A byte order mark is no column.
            let text = text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text);
            parse(&Source::new(file, text), &problems)
        }
        Err(error) => {
            problems.push(not_utf8(file, &error));
            None
        }
    };
    Ok(Document { path: file.to_owned(), node, problems: problems.into_sorted() })
}

/// Points at the first byte that is not text.
fn not_utf8(file: &Path, error: &FromUtf8Error) -> Diagnostic {
    let start = error.utf8_error().valid_up_to();
    let source = Source::new(file, String::from_utf8_lossy(error.as_bytes()));
    // Each run of such bytes is shown as one replacement character.
    let span = Span { source, start, end: start + char::REPLACEMENT_CHARACTER.len_utf8() };
    Diagnostic::error("unreadable", "the file is not UTF-8", &span, "belongs to no character")
        .help("save the file as UTF-8")
}

/// Files of one folder are one vendor unless they name different ones, or are whole specs of the
/// same one in a folder of specs.
pub(super) fn split_vendors(documents: Vec<Document>, place: Place) -> Vec<Vec<Document>> {
    if documents.is_empty() {
        return Vec::new();
    }
    let mut vendors: Vec<&str> = documents.iter().filter_map(Document::vendor).collect();
    vendors.sort_unstable();
    vendors.dedup();
    let servers = documents.iter().filter(|document| document.has_servers()).count();
    // One spec beside a file that cannot be read is most likely whole.
    let one = documents.iter().filter(|document| document.node.is_some()).count() == 1;
    let together = match place {
        Place::Given => vendors.len() == 1 && servers <= 1 && !one,
        Place::Below => vendors.len() <= 1,
    };
    match together {
        true => vec![documents],
        false => documents.into_iter().map(|document| vec![document]).collect(),
    }
}

/// Reports vendors of whom there are two specs.
pub(super) fn same_vendors(groups: &[Vec<Document>]) -> Vec<Diagnostic> {
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
