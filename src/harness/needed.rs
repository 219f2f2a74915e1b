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
    let files = vendors.iter().map(|vendor| {
        let plain = vendor.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        let file = specs.join(format!("{vendor}.yaml"));
        // A folder of that name may hold more of it.
        (plain && file.is_file() && !specs.join(vendor).exists()).then_some(file)
    });
    let files = files.collect::<Option<Vec<_>>>()?;
    (!files.is_empty()).then_some(files)
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
    let first = lines.clone().find(|line| !line.trim().is_empty())?;
    if first.starts_with('-') {
        // Steps for others.
        return Some(());
    }
    let vendor = lines.find_map(|line| line.strip_prefix("vendor:"))?.trim();
    if !vendors.iter().any(|known| known == vendor) {
        vendors.push(vendor.to_owned());
    }
    Some(())
}
