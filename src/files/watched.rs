//! Which files have changed, looked at now and then: it works on every disk and across every
//! network, and holds nothing of the system.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

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
