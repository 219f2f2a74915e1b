//! Which specs a run needs, told without reading all of them.

use std::fs;
use std::path::{Path, PathBuf};

/// The files of the specs that the scenarios name, where each spec is in a file called after its
/// vendor; nothing where that cannot be told, so that all have to be read.
pub(super) fn needed<'v>(
    scenarios: &[PathBuf],
    specs: &Path,
    targets: impl Iterator<Item = &'v str>,
) -> Option<Vec<PathBuf>> {
    let mut vendors: Vec<String> = targets.map(str::to_owned).collect();
    for path in scenarios {
        gather(path, 0, &mut vendors)?;
    }
    let mut files = Vec::new();
    for entry in fs::read_dir(specs).ok()? {
        let file = entry.ok()?.path();
        // A folder, or a file that does not say whose it is, may hold more of any of them.
        let text = fs::read_to_string(&file).ok()?;
        let vendor = vendor_of(&text)?;
        if vendors.iter().any(|needed| needed == vendor) {
            let is_all = file.file_stem().is_some_and(|stem| stem == vendor);
            files.push(is_all.then_some(file)?);
        }
    }
    files.sort();
    (!files.is_empty() && files.len() == vendors.len()).then_some(files)
}

/// What stands after `vendor:` at the beginning of a line.
fn vendor_of(text: &str) -> Option<&str> {
    Some(text.lines().find_map(|line| line.strip_prefix("vendor:"))?.trim())
}

fn gather(path: &Path, depth: usize, vendors: &mut Vec<String>) -> Option<()> {
    const DEPTH: usize = 32;
    if path.is_dir() {
        for entry in fs::read_dir(path).ok()? {
            let path = entry.ok()?.path();
            let yaml = path.extension().is_some_and(|end| end == "yaml" || end == "yml");
            if yaml || path.is_dir() && depth < DEPTH {
                gather(&path, depth + 1, vendors)?;
            }
        }
        return Some(());
    }
    let text = fs::read_to_string(path).ok()?;
    let mut lines = text.lines().filter(|line| !line.trim_start().starts_with('#'));
    let first = lines.find(|line| !line.trim().is_empty())?;
    if first.starts_with('-') {
        // Steps for others.
        return Some(());
    }
    let vendor = vendor_of(&text)?;
    if !vendors.iter().any(|known| known == vendor) {
        vendors.push(vendor.to_owned());
    }
    Some(())
}
