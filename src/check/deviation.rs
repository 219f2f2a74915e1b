//! `deviations`: in what the real vendor is known to differ.

use std::sync::Arc;

use super::Checker;
use crate::diagnostic::Diagnostic;
use crate::model::{Deviation, Evidence, Ruling};
use crate::source::Located;
use crate::syntax::{Mapping, Node};

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
                self.problems.push(diagnostic.related(&same.span, "first here"));
                continue;
            }
            if read.ruling == Ruling::Spec {
                let message = format!(
                    "the spec is known to be wrong about `{}` of `{}`",
                    read.path, read.operation
                );
                self.problems.push(
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
        let mut mapping = Mapping::open(node, "a deviation", &mut self.problems)?;
        let id = mapping.required_text("id", &mut self.problems);
        let ruled = mapping.require("verdict", &mut self.problems).is_some();
        let words = Ruling::ALL.map(|ruling| (ruling, ruling.name()));
        let ruling = ruled.then(|| mapping.word("verdict", &words, &mut self.problems)).flatten();
        let operation = mapping.require("operation", &mut self.problems).and_then(|node| {
            self.names.operations.resolve(node, &mut self.problems)?;
            node.as_text()
        });
        let path = mapping.required_text("path", &mut self.problems);
        let expected = mapping.plain_text("expected", &mut self.problems);
        let actual = mapping.plain_text("actual", &mut self.problems);
        let since = mapping.required_text("since", &mut self.problems);
        let words = Evidence::ALL.map(|evidence| (evidence, evidence.name()));
        let evidence = mapping.word("evidence", &words, &mut self.problems);
        let source = mapping.plain_text("source", &mut self.problems);
        let says = mapping.plain_text("says", &mut self.problems);
        mapping.finish(&mut self.problems);
        if let Some(since) = &since {
            self.day(since);
        }
        let id = id?;
        Some(Deviation {
            id: id.value,
            ruling: ruling?,
            operation: operation?.into(),
            path: path?.value,
            expected,
            actual,
            since: since?.value,
            evidence: evidence.unwrap_or(Evidence::Recorded),
            source,
            says,
            span: id.span,
        })
    }

    fn day(&mut self, since: &Located<Arc<str>>) {
        if since.value.len() != 10 || since.value.parse::<jiff::civil::Date>().is_err() {
            self.problems.push(
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
