//! The spec that one file is of, told without reading those of other vendors.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::Checked;
use super::load::{Document, Place, check_documents, read, same_vendors, split_vendors, walk};
use crate::diagnostic::Diagnostic;
use crate::files;
use crate::parallel;

/// The files of one vendor, and what was found in them.
#[derive(Debug)]
pub struct Vendor {
    /// Where they are.
    pub files: Vec<PathBuf>,
    /// What they mean, or every mistake of them.
    pub checked: Result<Checked, Vec<Diagnostic>>,
    /// What is wrong with them and others together.
    pub beside: Vec<Diagnostic>,
}

/// Reads the spec that a file is of, with those files of its folder that are parts of it, as
/// [`super::load`] of that folder does; `below` says that the folder is one in a folder of specs.
/// None if the file cannot be read.
pub fn load_beside(file: &Path, below: bool) -> Option<Vendor> {
    let text = files::read_to_string(file).unwrap_or_default();
    let own = vendor_of(&text);
    let mut paths = vec![file.to_owned()];
    let mut several = false;
    for other in beside(file) {
        let text = files::read_to_string(&other).unwrap_or_default();
        let vendor = vendor_of(&text);
        if own.is_some() && vendor.is_some() && vendor != own {
            several = true;
        } else {
            paths.push(other);
        }
    }
    paths.sort();
    let documents = parallel::each(paths, |path: PathBuf| read(&path));
    let documents: Vec<Document> = documents.into_iter().filter_map(Result::ok).collect();
    let groups = match several {
        true => documents.into_iter().map(|document| vec![document]).collect(),
        false => split_vendors(documents, if below { Place::Below } else { Place::Given }),
    };
    let beside = same_vendors(&groups);
    let is_own = |group: &Vec<Document>| group.iter().any(|document| document.path == file);
    let documents = groups.into_iter().find(is_own)?;
    let files = documents.iter().map(|document| document.path.clone()).collect();
    Some(Vendor { files, checked: check_documents(documents), beside })
}

/// The other files of YAML in the folder of a file.
fn beside(file: &Path) -> Vec<PathBuf> {
    let Some(folder) = file.parent().filter(|folder| files::is_folder(folder)) else {
        return Vec::new();
    };
    let yaml = |path: &PathBuf| path.extension().is_some_and(|end| end == "yaml" || end == "yml");
    let mut paths = files::list(folder).unwrap_or_default();
    paths.retain(|path| yaml(path) && path != file && !files::is_folder(path));
    paths
}

/// The files of YAML in a folder, and in those below it.
pub fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut folders = BTreeMap::new();
    walk(folder, 0, &mut folders, &mut Vec::new());
    folders.into_values().flatten().collect()
}

/// The vendor that a text names at its left, before it is read as YAML.
pub fn vendor_of(text: &str) -> Option<&str> {
    let rest = text.lines().find_map(|line| line.strip_prefix("vendor:"))?;
    let rest = rest.split(" #").next().unwrap_or(rest);
    Some(rest.trim().trim_matches(['"', '\''])).filter(|vendor| !vendor.is_empty())
}
