//! `deviations`: in what the real vendor is known to differ.

use std::sync::Arc;

use super::Checker;
use super::records;
use crate::diagnostic::Diagnostic;
use crate::model::{Deviation, Evidence, Ruling};
use crate::selector::path_pattern::PathPattern;
use crate::source::Located;
use crate::syntax::{Node, ReadNode};

impl<'n> Checker<'n> {
    /// Reads them. One that says that the spec is wrong is a warning.
    pub(super) fn deviations(&mut self, node: Option<&'n Node>) -> Vec<Deviation> {
        let items = self.optional_items(node);
        let mut deviations: Vec<Deviation> = Vec::with_capacity(items.len());
        for item in items {
            let Some(read) = self.deviation(item) else { continue };
            let same = deviations.iter().find(|other| other.id == read.id);
            if let Some(same) = same {
                let message = format!("there are two deviations `{}`", read.id);
                let diagnostic = Diagnostic::error("duplicate-name", message, &read.span, "again");
                self.report(diagnostic.related(&same.span, "first here"));
                continue;
            }
            if read.ruling == Ruling::Spec {
                let of = read.operation.as_deref().map_or_else(
                    || "all operations".to_owned(),
                    |operation| format!("`{operation}`"),
                );
                let message =
                    format!("the spec is known to be wrong about `{}` of {of}", read.path);
                self.report(
                    Diagnostic::error("wrong-spec", message, &read.span, "since then")
                        .warning()
                        .help("put the spec right, and take this out"),
                );
            }
            deviations.push(read);
        }
        deviations
    }

    fn deviation(&mut self, node: &'n Node) -> Option<Deviation> {
        let mut mapping = self.open(node, records::DEVIATION.called("a deviation"))?;
        let id = mapping.required_text("id");
        let ruled = mapping.require("verdict").is_some();
        let words = Ruling::ALL.map(|ruling| (ruling, ruling.name()));
        let ruling = ruled.then(|| mapping.word("verdict", &words)).flatten();
        let operation = mapping.take("operation").map(|node| {
            self.names.operations.resolve(node)?;
            node.as_text()
        });
        let path = mapping.require("path").and_then(|node| self.read_text(node));
        let paths = path.as_ref().and_then(|path| self.paths(path));
        let expected = mapping.plain_text("expected");
        let actual = mapping.plain_text("actual");
        let since = mapping.required_text("since");
        let words = Evidence::ALL.map(|evidence| (evidence, evidence.name()));
        let evidence = mapping.word("evidence", &words);
        let source = mapping.plain_text("source");
        let says = mapping.plain_text("says");
        mapping.finish();
        if let Some(since) = &since {
            self.day(since);
        }
        let id = id?;
        Some(Deviation {
            id: id.value,
            ruling: ruling?,
            operation: match operation {
                Some(named) => Some(named?.into()),
                None => None,
            },
            path: path?.value,
            paths,
            expected,
            actual,
            since: since?.value,
            evidence: evidence.unwrap_or(Evidence::Recorded),
            source,
            says,
            span: id.span,
        })
    }

    /// The paths that one with wildcards stands for. What a report told may be a path of JSONPath
    /// with more in it, which stands for itself.
    fn paths(&mut self, path: &Located<Arc<str>>) -> Option<PathPattern> {
        let is_json_path = path.value.contains("[?") || path.value.contains(':');
        let has_wildcards = ["*", "..", "//"].iter().any(|it| path.value.contains(it));
        (has_wildcards && !is_json_path).then(|| self.path_pattern(path)).flatten()
    }

    fn day(&mut self, since: &Located<Arc<str>>) {
        if since.value.len() != 10 || since.value.parse::<jiff::civil::Date>().is_err() {
            self.report(
                Diagnostic::error(
                    "bad-day",
                    format!("`{}` is not a valid day", since.value),
                    &since.span,
                    "expected year, month and day",
                )
                .help("write it as `2026-01-31`"),
            );
        }
    }
}
