//! Files to be read: those of the disk, and below [`BUILT_IN`] the specs and scenarios that are
//! part of the program.
//!
//! Whoever reads YAML asks here, so that what is built in is loaded as any other file is, with
//! the same messages. So is a text that an editor holds and has not saved (`held`).

pub(crate) mod held;
pub(crate) mod snapshots;
pub(crate) mod watched;
pub(crate) mod within;

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// The folder in which the files of the program seem to be. No file on disk can be meant by it,
/// since it is never a part of a longer path that is looked up there.
pub(crate) const BUILT_IN: &str = "<built-in>";

/// Path below [`BUILT_IN`], with `/` between its parts, and text.
static TABLE: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/built_in.rs"));

/// What a path names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A file, or whatever else can be read.
    File,
    /// A folder.
    Folder,
}

/// A folder of the program, such as `specs`.
pub(crate) fn built_in(folder: &str) -> PathBuf {
    Path::new(BUILT_IN).join(folder)
}

/// The path below [`BUILT_IN`] with `/` between its parts; `None` for a path on disk.
fn below(path: &Path) -> Option<String> {
    let rest = path.strip_prefix(BUILT_IN).ok()?;
    Some(rest.iter().map(|part| part.to_string_lossy()).collect::<Vec<_>>().join("/"))
}

fn missing() -> io::Error {
    io::Error::from(ErrorKind::NotFound)
}

/// What is at a path. Fails as [`fs::metadata`] does.
pub(crate) fn kind(path: &Path) -> io::Result<Kind> {
    let Some(below) = below(path) else {
        if held::get(path).is_some() {
            return Ok(Kind::File);
        }
        return Ok(if fs::metadata(path)?.is_dir() { Kind::Folder } else { Kind::File });
    };
    if TABLE.iter().any(|(name, _)| *name == below) {
        return Ok(Kind::File);
    }
    let folder = format!("{below}/");
    let inside = below.is_empty() || TABLE.iter().any(|(name, _)| name.starts_with(&folder));
    if inside { Ok(Kind::Folder) } else { Err(missing()) }
}

/// Whether a path names a folder.
pub(crate) fn is_folder(path: &Path) -> bool {
    kind(path).is_ok_and(|kind| kind == Kind::Folder)
}

/// Whether there is anything at a path.
pub(crate) fn exists(path: &Path) -> bool {
    kind(path).is_ok()
}

/// The bytes of a file. Fails as [`fs::read`] does.
pub(crate) fn read(path: &Path) -> io::Result<Vec<u8>> {
    let Some(below) = below(path) else {
        return match held::get(path) {
            Some(text) => Ok(text.as_bytes().to_vec()),
            None => fs::read(path),
        };
    };
    let row = TABLE.iter().find(|(name, _)| *name == below);
    row.map(|(_, text)| text.as_bytes().to_vec()).ok_or_else(missing)
}

/// The text of a file. Fails as [`fs::read_to_string`] does.
pub(crate) fn read_to_string(path: &Path) -> io::Result<String> {
    String::from_utf8(read(path)?).map_err(|_| io::Error::from(ErrorKind::InvalidData))
}

/// What is in a folder, in the order of the names. Fails as [`fs::read_dir`] does.
pub(crate) fn list(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let Some(below) = below(folder) else {
        let mut paths: Vec<PathBuf> = fs::read_dir(folder)?
            .map(|entry| entry.map(|it| it.path()))
            .collect::<Result<_, _>>()?;
        paths.sort();
        return Ok(paths);
    };
    let prefix = if below.is_empty() { below } else { format!("{below}/") };
    let inside = TABLE.iter().filter_map(|(name, _)| name.strip_prefix(&prefix));
    let names: BTreeSet<&str> = inside.filter_map(|rest| rest.split('/').next()).collect();
    if names.is_empty() {
        return Err(missing());
    }
    Ok(names.into_iter().map(|name| folder.join(name)).collect())
}

/// The one path of a file that can be reached by several; itself where that cannot be told.
pub(crate) fn canonical(path: &Path) -> PathBuf {
    match below(path) {
        Some(_) => path.to_owned(),
        None => path.canonicalize().unwrap_or_else(|_| path.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_built_in_is_what_is_in_the_repository() {
        fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
            for path in list(folder).unwrap() {
                match kind(&path).unwrap() {
                    Kind::Folder => walk(&path, found),
                    Kind::File => found.push(path),
                }
            }
        }
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        for folder in ["specs", "scenarios"] {
            let mut files = Vec::new();
            walk(&built_in(folder), &mut files);
            let mut on_disk = Vec::new();
            walk(&root.join(folder), &mut on_disk);
            assert_eq!(files.len(), on_disk.len());
            for (file, other) in files.iter().zip(&on_disk) {
                assert_eq!(read(file).unwrap(), read(other).unwrap(), "{}", file.display());
            }
        }
    }

    #[test]
    fn what_is_not_there_is_not_found() {
        for path in ["<built-in>/specs/none.yaml", "<built-in>/spec", "<built-in>/specs/none"] {
            let path = Path::new(path);
            assert!(!exists(path), "{}", path.display());
            assert_eq!(read(path).unwrap_err().kind(), ErrorKind::NotFound);
            assert_eq!(list(path).unwrap_err().kind(), ErrorKind::NotFound);
        }
        assert!(is_folder(Path::new("<built-in>/specs")));
        assert!(!is_folder(Path::new("<built-in>/specs/none")));
    }
}
