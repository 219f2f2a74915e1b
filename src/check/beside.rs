//! Files beside a spec.

use std::path::{Component, Path};

use bytes::Bytes;

use super::Checker;
use crate::diagnostic::Diagnostic;
use crate::files;
use crate::syntax::{Node, ReadNode};

impl<'n> Checker<'n> {
    /// What a file in the folder of the spec, or below it, holds.
    pub(super) fn file_beside(&mut self, node: &'n Node) -> Option<Bytes> {
        let path = self.read_text(node)?;
        let below = Path::new(&*path.value);
        let is_below = below.components().all(|part| matches!(part, Component::Normal(_)));
        let spec = path.span.source.path.clone();
        let folder = spec.parent().unwrap_or(Path::new(""));
        let full = folder.join(below);
        // Links may lead out of the folder, too.
        let leads_out = || {
            let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
            let real = full.canonicalize().ok().zip(folder.canonicalize().ok());
            real.is_some_and(|(file, folder)| !file.starts_with(folder))
        };
        if !is_below || leads_out() {
            self.report(
                Diagnostic::error(
                    "bad-path",
                    format!("`{}` is not below the folder of the spec", path.value),
                    &path.span,
                    "is not read",
                )
                .help("a path of names with `/` between them: `files/logo.png`"),
            );
            return None;
        }
        match files::read(&full) {
            Ok(bytes) => Some(bytes.into()),
            Err(error) => {
                let shown = full.display();
                let message = match error.kind() {
                    std::io::ErrorKind::NotFound => format!("there is no file {shown}"),
                    _ => format!("{shown} cannot be read: {error}"),
                };
                self.error("no-such-file", message, &path.span, "cannot be read");
                None
            }
        }
    }
}
