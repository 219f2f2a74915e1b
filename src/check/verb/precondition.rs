//! `precondition`.

use super::StepContext;
use crate::check::Checker;
use crate::check::records;
use crate::diagnostic::Diagnostic;
use crate::model::Verb;
use crate::model::verb::Precondition;
use crate::syntax::{Node, ReadNode};

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
        let last_modified = mapping.take("lastModified");
        let or_else = mapping.require("orElse");
        let required = mapping.take("required");
        let ranges = mapping.take("ranges");
        let span = mapping.span();
        mapping.finish();
        if etag.is_none() && last_modified.is_none() {
            let message = "`precondition` needs `etag` or `lastModified`";
            self.report(
                Diagnostic::error("missing-key", message, span, "nothing to compare with")
                    .help("write etag: \"${ROW.FIELD}\", of a field with `generate: rowVersion`"),
            );
        }
        let scope = &context.scope;
        let etag = etag.map(|node| self.tree(node, scope));
        let last_modified = last_modified.map(|node| self.tree(node, scope));
        let or_else = or_else.map(|node| self.rejection(node, scope));
        let required = required.map(|node| self.rejection(node, scope));
        let ranges = ranges.map(|node| self.rejection(node, scope));
        Some(Verb::Precondition(Box::new(Precondition {
            etag,
            weak,
            last_modified,
            or_else: or_else??,
            required: required.flatten(),
            ranges: ranges.flatten(),
        })))
    }
}
