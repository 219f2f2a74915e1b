//! Texts that an editor holds, which stand for what is on the disk until they are let go of.
//!
//! They are of the process: whoever reads a file asks [`super::read`], which asks here first.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

use parking_lot::RwLock;

static TEXTS: LazyLock<RwLock<HashMap<PathBuf, Arc<str>>>> = LazyLock::new(RwLock::default);

/// A text stands for the file of that path from now on.
pub(crate) fn hold(path: &Path, text: Arc<str>) {
    TEXTS.write().insert(path.to_owned(), text);
}

/// The file is what is on the disk again.
pub(crate) fn let_go(path: &Path) {
    TEXTS.write().remove(path);
}

/// The text that is held for a path, as it is written there.
pub(crate) fn get(path: &Path) -> Option<Arc<str>> {
    let texts = TEXTS.read();
    if texts.is_empty() { None } else { texts.get(path).cloned() }
}
