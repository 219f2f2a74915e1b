//! Which specs and files of scenarios a run needs, told without reading all of them.

use std::path::{Path, PathBuf};

use crate::files;

/// Which trials are wanted, as far as that tells which files are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Only {
    /// All of them.
    #[default]
    All,
    /// The one of that name.
    Trial(String),
    /// Those in these files.
    Files(Vec<PathBuf>),
}

impl Only {
    /// Whether a file of scenarios may hold any of them.
    pub(super) fn may_be_in(&self, file: &Path) -> bool {
        match self {
            Self::All => true,
            Self::Trial(name) => may_hold(file, name),
            Self::Files(wanted) => {
                let real = files::canonical(file);
                wanted.iter().any(|known| files::canonical(known) == real)
            }
        }
    }
}

/// Whether a file may hold the trial of that name.
fn may_hold(file: &Path, trial: &str) -> bool {
    let Ok(text) = files::read_to_string(file) else { return true };
    let Some(vendor) = vendor_of(&text) else { return !is_part(&text) };
    let stem = file.file_stem().unwrap_or_default().to_string_lossy();
    let in_vendor = trial.strip_prefix(vendor).and_then(|rest| rest.strip_prefix('/'));
    in_vendor.is_some_and(|rest| rest.contains(&format!("{stem}/")))
}

/// The files of the specs that the scenarios name, where each spec is in a file called after its
/// vendor; nothing where that cannot be told, so that all have to be read.
pub(super) fn needed<'v>(
    scenarios: &[PathBuf],
    only: &Only,
    specs: &Path,
    targets: impl Iterator<Item = &'v str>,
) -> Option<Vec<PathBuf>> {
    let mut vendors: Vec<String> = targets.map(str::to_owned).collect();
    for path in scenarios {
        gather(path, only, 0, &mut vendors)?;
    }
    let mut found = Vec::new();
    for file in files::list(specs).ok()? {
        // A folder, or a file that does not say whose it is, may hold more of any of them.
        let text = files::read_to_string(&file).ok()?;
        let vendor = vendor_of(&text)?;
        if vendors.iter().any(|needed| needed == vendor) {
            let is_all = file.file_stem().is_some_and(|stem| stem == vendor);
            found.push(is_all.then_some(file)?);
        }
    }
    found.sort();
    (!found.is_empty() && found.len() == vendors.len()).then_some(found)
}

/// What stands after `vendor:` at the beginning of a line.
pub fn vendor_of(text: &str) -> Option<&str> {
    Some(text.lines().find_map(|line| line.strip_prefix("vendor:"))?.trim())
}

/// Whether a file holds a list, so steps for others.
fn is_part(text: &str) -> bool {
    let mut lines = text.lines().filter(|line| !line.trim_start().starts_with('#'));
    lines.find(|line| !line.trim().is_empty()).is_some_and(|first| first.starts_with('-'))
}

fn gather(path: &Path, only: &Only, depth: usize, vendors: &mut Vec<String>) -> Option<()> {
    const DEPTH: usize = 32;
    if files::is_folder(path) {
        for path in files::list(path).ok()? {
            let yaml = path.extension().is_some_and(|end| end == "yaml" || end == "yml");
            if yaml || files::is_folder(&path) && depth < DEPTH {
                gather(&path, only, depth + 1, vendors)?;
            }
        }
        return Some(());
    }
    if !only.may_be_in(path) {
        return Some(());
    }
    let text = files::read_to_string(path).ok()?;
    if is_part(&text) {
        return Some(());
    }
    let vendor = vendor_of(&text)?;
    if !vendors.iter().any(|known| known == vendor) {
        vendors.push(vendor.to_owned());
    }
    Some(())
}
