//! `precondition`.

use std::sync::Arc;

use super::StepContext;
use crate::check::Checker;
use crate::check::records;
use crate::diagnostic::Diagnostic;
use crate::model::Verb;
use crate::model::verb::Precondition;
use crate::source::Located;
use crate::syntax::{Node, NodeKind, ReadNode};

/// Whether entity tags stand in quotes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Quotes {
    /// As RFC 9110 has them.
    Required,
    /// Clients may leave them out.
    Optional,
    /// Answers have none either.
    None,
}

impl<'n> Checker<'n> {
    /// `precondition`.
    pub(in crate::check::verb) fn precondition(
        &mut self,
        node: &'n Node,
        context: &StepContext,
    ) -> Option<Verb> {
        let mut mapping = self.open(node, records::STEP_PRECONDITION.called("`precondition`"))?;
        let etag = mapping.take("etag");
        let weak = mapping.boolean("weak").unwrap_or(false);
        let words = [
            (Quotes::Required, "required"),
            (Quotes::Optional, "optional"),
            (Quotes::None, "none"),
        ];
        let quotes = mapping.word("quotes", &words).unwrap_or(Quotes::Required);
        let compared = mapping.word("ifMatch", &[(false, "strong"), (true, "weak")]);
        let last_modified = mapping.take("lastModified");
        let or_else = mapping.require("orElse");
        let required = mapping.take("required");
        let ranges = mapping.take("ranges");
        let head_ranges = mapping.entry("headRanges");
        let kept = mapping.items("notModifiedHeaders");
        let span = mapping.span();
        mapping.finish();
        if etag.is_none() && last_modified.is_none() {
            let message = "`precondition` needs `etag` or `lastModified`";
            self.report(
                Diagnostic::error("missing-key", message, span, "nothing to compare with")
                    .help("write etag: \"${ROW.FIELD}\", of a field with `generate: rowVersion`"),
            );
        }
        let head_ranges = head_ranges.is_some_and(|(key, node)| {
            if ranges.is_none() {
                let message =
                    "`headRanges` needs `ranges`, the error for a range that cannot be satisfied";
                self.error("missing-key", message, &key.span, "without `ranges`");
            }
            match node.kind {
                NodeKind::Bool(given) => given,
                _ => {
                    self.wrong_type(node, "`true` or `false`");
                    false
                }
            }
        });
        let kept = kept.iter().filter_map(|node| self.kept_header(node)).collect();
        let scope = &context.scope;
        let etag = etag.map(|node| self.tree(node, scope));
        let last_modified = last_modified.map(|node| self.tree(node, scope));
        let or_else = or_else.map(|node| self.rejection(node, scope));
        let required = required.map(|node| self.rejection(node, scope));
        let ranges = ranges.map(|node| self.rejection(node, scope));
        Some(Verb::Precondition(Box::new(Precondition {
            etag,
            weak,
            matches_weakly: compared.unwrap_or(false),
            takes_bare: quotes != Quotes::Required,
            gives_bare: quotes == Quotes::None,
            last_modified,
            or_else: or_else??,
            required: required.flatten(),
            ranges: ranges.flatten(),
            head_ranges,
            kept,
        })))
    }

    /// The name of a header, or what names begin with.
    fn kept_header(&mut self, node: &'n Node) -> Option<Arc<str>> {
        let Located { value, span } = self.read_text(node)?;
        let begun = value.strip_suffix('*').unwrap_or(&value).to_owned();
        if begun.is_empty() && &*value == "*" {
            return Some(value);
        }
        // What names begin with is a name too, but for a hyphen at its end.
        self.header_name(&Located { value: begun, span })?;
        Some(value.to_ascii_lowercase().into())
    }
}
