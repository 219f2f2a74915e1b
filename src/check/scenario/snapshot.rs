//! Answers that were written down: `snapshot`, and the files that it names.

use std::path::PathBuf;
use std::sync::Arc;

use super::Reader;
use super::matcher::Around;
use super::parts::Part;
use super::written::Written;
use crate::diagnostic::Diagnostic;
use crate::files::snapshots::{folder_of, is_name, path_of};
use crate::scenario::{Expect, Snapshot};
use crate::syntax::{Node, ReadNode};

impl<'n> Reader<'n, '_> {
    /// `snapshot`: a name, or a column that holds names.
    pub(super) fn snapshot(&mut self, node: &'n Node) -> Vec<Arc<Snapshot>> {
        let mut read = Vec::new();
        for row in self.rows_for(&[Some(node)]) {
            let Written::Here(here) = self.written(node, row) else {
                let message = "the name of a snapshot is written, or is in a column of the rows";
                self.error("bad-name", message, &node.span, "is computed");
                return Vec::new();
            };
            if !std::ptr::eq(here, node) {
                self.use_names(node);
            }
            read.extend(self.one_snapshot(node, here).map(Arc::new));
        }
        read
    }

    fn one_snapshot(&mut self, node: &'n Node, named: &'n Node) -> Option<Snapshot> {
        let name = self.read_text(named)?;
        if !is_name(&name.value) {
            let message = format!("`{}` is not a valid name of a snapshot", name.value);
            self.report(
                Diagnostic::error("bad-name", message, &name.span, "names no file")
                    .help("letters of ASCII, digits, `-`, `_` and `.` make one"),
            );
            return None;
        }
        let path = path_of(node.span.source.path(), &name.value);
        if let Some(message) = self.parts.outside(&path) {
            self.error("no-such-file", message, &name.span, "is not read");
            return None;
        }
        let first = self.snapshots.entry(path.clone()).or_insert_with(|| node.span.clone());
        if first.source.path() != node.span.source.path() || first.start != node.span.start {
            let message = format!("two steps have the snapshot `{}`", name.value);
            let diagnostic = Diagnostic::error("duplicate-name", message, &node.span, "here again")
                .related(first, "first here");
            self.report(diagnostic);
            return None;
        }
        let expect = match self.parts.get(&path) {
            None => None,
            Some(Part::Read(root)) => Some(self.written_down(root.as_ref()?)?),
            Some(Part::Unreadable(message)) => {
                self.error("no-such-file", message, &name.span, "cannot be read");
                return None;
            }
        };
        Some(Snapshot { name: name.value, path, expect, span: named.span.clone() })
    }

    /// What the file of a snapshot says.
    fn written_down(&mut self, node: &'n Node) -> Option<Expect> {
        let mut mapping = self.open(node, "a snapshot")?;
        self.namespaces = self.namespaces_of(mapping.take("namespaces"));
        let status = mapping.take("status").and_then(|node| self.statuses(node));
        let headers = self.expected_headers(mapping.take("headers"));
        let contents = ["body", "text", "bytes"].map(|key| mapping.entry(key));
        let [body, text, bytes] = contents.map(|entry| entry.map(|(_, node)| node));
        let body = body.map(|node| self.expected(node, Around::Body));
        let text = text.map(|node| self.expected(node, Around::Scalar));
        let bytes = bytes.and_then(|node| self.expected_bytes(node));
        mapping.finish();
        self.trees.only_one(&contents);
        let namespaces = std::mem::take(&mut self.namespaces);
        if node.as_map().is_some_and(<[_]>::is_empty) {
            let message = "a snapshot says something of the answer";
            self.error("missing-key", message, &node.span, "is empty");
        }
        Some(Expect { status, headers, body, text, bytes, namespaces, ..Expect::default() })
    }

    /// Warns of snapshots of this file, and of files that it includes, that no step expects.
    pub(super) fn orphans(&mut self, file: &std::path::Path) {
        let mut folders: Vec<PathBuf> = vec![folder_of(file)];
        folders.extend(self.snapshots.keys().filter_map(|path| path.parent()).map(PathBuf::from));
        for (path, node) in self.parts.snapshots() {
            let is_ours = path.parent().is_some_and(|it| folders.iter().any(|known| known == it));
            if is_ours && !self.snapshots.contains_key(path) {
                let name = path.file_stem().unwrap_or_default().to_string_lossy();
                let message = format!("no step expects the snapshot `{name}`");
                self.report(
                    Diagnostic::error("unused-snapshot", message, &node.span, "is not used")
                        .warning()
                        .help(format!("delete {}", path.display())),
                );
            }
        }
    }
}
