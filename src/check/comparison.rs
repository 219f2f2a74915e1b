//! `compare`: what does not count when two targets are compared.

use std::sync::Arc;

use http::HeaderName;

use super::Checker;
use super::records;
use crate::diagnostic::Diagnostic;
use crate::model::Comparison;
use crate::selector::path_pattern::{self, PathPattern};
use crate::source::Located;
use crate::syntax::{Node, ReadNode};

impl<'n> Checker<'n> {
    /// `compare`.
    pub(super) fn comparison(&mut self, node: Option<&'n Node>) -> Comparison {
        let Some(mut mapping) =
            node.and_then(|node| self.open(node, records::COMPARE.called("`compare`")))
        else {
            return Comparison::default();
        };
        let headers = mapping.items("ignoreHeaders");
        let compared = mapping.items("compareHeaders");
        let paths = mapping.items("ignorePaths");
        mapping.finish();
        let ignored: Vec<(HeaderName, &Node)> =
            headers.iter().filter_map(|node| Some((self.header_of(node)?, node))).collect();
        let mut compare_headers = Vec::new();
        for node in compared {
            let Some(name) = self.header_of(node) else { continue };
            if let Some((_, other)) = ignored.iter().find(|(ignored, _)| *ignored == name) {
                let message = format!("`{name}` is ignored and compared");
                self.report(Diagnostic::contradiction(message, &node.span, &other.span));
            }
            compare_headers.push(name);
        }
        Comparison {
            ignore_headers: ignored.into_iter().map(|(name, _)| name).collect(),
            compare_headers,
            ignore_paths: paths.iter().filter_map(|node| self.ignored_path(node)).collect(),
        }
    }

    fn header_of(&mut self, node: &Node) -> Option<HeaderName> {
        let name = self.read_text(node)?;
        let known = HeaderName::from_bytes(name.value.as_bytes()).ok();
        if known.is_none() {
            let message = format!("`{}` is not a valid header name", name.value);
            self.error("bad-header", message, &name.span, "is not a valid header name");
        }
        known
    }

    fn ignored_path(&mut self, node: &Node) -> Option<PathPattern> {
        let path = self.read_text(node)?;
        self.path_pattern(&path)
    }

    /// Reads a path with wildcards, by which differences are told.
    pub(super) fn path_pattern(&mut self, path: &Located<Arc<str>>) -> Option<PathPattern> {
        let compiled = path_pattern::compile(&path.value);
        if let Err(error) = &compiled {
            let span = path.span.narrow(error.part.as_deref().unwrap_or_default());
            let mut diagnostic =
                Diagnostic::error("bad-path", &error.message, &span, "not in a path");
            diagnostic.help.extend(error.help.clone());
            self.report(diagnostic);
        }
        compiled.ok()
    }
}
