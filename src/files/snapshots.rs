//! Where snapshots are: in a folder beside the file whose steps expect them, which is called as that
//! file is, with an ending of its own.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::is_folder;

/// The ending of such a folder.
const ENDING: &str = "snapshots";

/// The folder for the snapshots of a file.
pub(crate) fn folder_of(file: &Path) -> PathBuf {
    let mut name = OsString::from(file);
    name.push(".");
    name.push(ENDING);
    name.into()
}

/// The file of a snapshot.
pub(crate) fn path_of(file: &Path, name: &str) -> PathBuf {
    folder_of(file).join(format!("{name}.yaml"))
}

/// The file whose snapshots are in the folder of a path: `None` for what is not a snapshot.
pub(crate) fn owner_of(path: &Path) -> Option<PathBuf> {
    let folder = path.parent()?;
    let ends = |path: &Path, all: &[&str]| {
        path.extension().is_some_and(|end| all.contains(&end.to_str().unwrap_or_default()))
    };
    let file = folder.with_extension("");
    (ends(folder, &[ENDING]) && ends(path, &["yaml"]) && ends(&file, &["yaml", "yml"]))
        .then_some(file)
}

/// The files in the folder for the snapshots of a file.
pub(crate) fn of(file: &Path) -> Vec<PathBuf> {
    let folder = folder_of(file);
    if !is_folder(&folder) {
        return Vec::new();
    }
    let all = super::list(&folder).unwrap_or_default();
    all.into_iter().filter(|path| owner_of(path).is_some() && !is_folder(path)).collect()
}

/// Whether that can be the name of a snapshot: a file on any disk, in no other folder.
pub(crate) fn is_name(name: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name.len() <= 100
        && name.chars().all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_snapshot_is_beside_its_file() {
        for (file, name, path) in [
            ("scenarios/a.yaml", "one", "scenarios/a.yaml.snapshots/one.yaml"),
            ("b.yml", "x.2", "b.yml.snapshots/x.2.yaml"),
        ] {
            assert_eq!(path_of(Path::new(file), name), Path::new(path));
            assert_eq!(owner_of(Path::new(path)).as_deref(), Some(Path::new(file)));
        }
        for path in ["scenarios/a.yaml", "a.snapshots/one.yaml", "a.yaml.snapshots/one.txt", "x"] {
            assert_eq!(owner_of(Path::new(path)), None, "{path}");
        }
    }

    #[test]
    fn names_are_files_in_that_folder() {
        for (name, fits) in [
            ("created", true),
            ("v1.2_a-b", true),
            ("", false),
            ("..", false),
            (".hidden", false),
            ("a/b", false),
            ("a\\b", false),
            ("ä", false),
        ] {
            assert_eq!(is_name(name), fits, "{name}");
        }
    }
}
