//! Which files have changed, looked at now and then: it works on every disk and across every
//! network, and holds nothing of the system.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Component, Path, PathBuf};
use std::time::SystemTime;

/// A longer word in a file is no path.
const LONGEST: usize = 256;

/// Files, with when they were changed and how long they are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Watched(BTreeMap<PathBuf, (SystemTime, u64)>);

impl Watched {
    /// All files at those paths and below them. What cannot be read is not there.
    pub(crate) fn look(paths: &[PathBuf]) -> Self {
        let mut found = Self::default();
        for path in paths {
            found.gather(path);
        }
        found
    }

    fn gather(&mut self, path: &Path) {
        if let Ok(entries) = fs::read_dir(path) {
            for entry in entries.flatten() {
                self.gather(&entry.path());
            }
        } else if let Ok(found) = fs::metadata(path)
            && let Ok(time) = found.modified()
        {
            self.0.insert(path.to_owned(), (time, found.len()));
        }
    }

    /// The same without those files of which that is not true.
    #[must_use]
    pub(crate) fn only(mut self, wanted: impl Fn(&Path) -> bool) -> Self {
        self.0.retain(|path, _| wanted(path));
        self
    }

    /// These and those.
    #[must_use]
    pub(crate) fn and(mut self, others: Self) -> Self {
        self.0.extend(others.0);
        self
    }

    /// The files.
    pub(crate) fn paths(&self) -> impl Iterator<Item = &PathBuf> {
        self.0.keys()
    }

    /// What is new since then, is another, or has gone.
    pub(crate) fn changed_since(&self, before: &Self) -> Vec<PathBuf> {
        let other = self.0.iter().filter(|(path, found)| before.0.get(*path) != Some(found));
        let gone = before.0.iter().filter(|(path, _)| !self.0.contains_key(*path));
        other.chain(gone).map(|(path, _)| path.clone()).collect()
    }
}

/// Files and folders, and the files elsewhere that are named in what is there: what is included, sent
/// or holds rows need not stand below the scenarios.
pub(crate) fn with_named(below: &[PathBuf]) -> Vec<PathBuf> {
    let mut known: BTreeSet<PathBuf> = Watched::look(below).paths().map(|p| plain(p)).collect();
    let mut all = below.to_vec();
    let mut left: Vec<PathBuf> = known.iter().cloned().collect();
    while let Some(file) = left.pop() {
        let text = fs::read_to_string(&file).unwrap_or_default();
        let folder = file.parent().unwrap_or(Path::new("")).to_owned();
        let apart = |c: char| c.is_whitespace() || "\"'{}[],".contains(c);
        for word in text.split(apart).filter(|word| word.contains('.') && word.len() < LONGEST) {
            let named = plain(&folder.join(word));
            if named.is_file() && known.insert(named.clone()) {
                all.push(named.clone());
                left.push(named);
            }
        }
    }
    all
}

/// A path without `.` and without the `..` that lead back.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if plain.file_name().is_some() => _ = plain.pop(),
            part => plain.push(part),
        }
    }
    plain
}
