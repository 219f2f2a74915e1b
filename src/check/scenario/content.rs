//! Whether the body of a call is what its operation takes.

use super::Reader;
use super::called::Called;
use super::written::Written;
use crate::check::undeclared::{undeclared, undeclared_member};
use crate::diagnostic::Diagnostic;
use crate::model::{MediaTypeId, WireOptions};
use crate::syntax::{Node, ReadNode};

impl<'n> Reader<'n, '_> {
    /// The media type and the body.
    pub(super) fn check_content(&mut self, called: &mut Called<'_, 'n>) {
        let media_type = match called.nodes.media_type {
            None => called.operation.consumes.first().copied(),
            Some(node) => match self.written(node, called.row) {
                Written::Absent => called.operation.consumes.first().copied(),
                Written::Unknown => return,
                Written::Here(here) => self.media_type_named(called, node, here),
            },
        };
        self.check_parts(called);
        let Some((key, written)) = called.nodes.body else { return };
        let place = self.written(written, called.row);
        let Some(body) = &called.operation.body else {
            let given = !matches!(place, Written::Absent);
            if given && called.seen.is_new(called.at, written, "no body") {
                let message = format!("`{}` takes no body", called.operation.id);
                self.report(
                    Diagnostic::error("unknown-parameter", message, &key.span, "not taken")
                        .help("parameters without a place of their own belong in `parameters`"),
                );
            }
            return;
        };
        let Written::Here(node) = place else { return };
        let own = body.content.iter().find(|(id, _)| Some(*id) == media_type);
        if let Some(schema) = own.map(|(_, schema)| schema).or(body.schema.as_ref())
            && called.seen.is_new(called.at, node, "body")
        {
            self.report_all(undeclared(node, schema, true));
        }
    }

    /// What is sent in parts has to be read in parts, and is told where no part is of that name.
    fn check_parts(&mut self, called: &mut Called<'_, 'n>) {
        let Some((key, node)) = called.nodes.parts else { return };
        if !called.seen.is_new(called.at, node, "parts") {
            return;
        }
        let operation = called.operation;
        let is_read = |id: &&MediaTypeId| {
            let known = self.service.media_types.get(id.0);
            known.is_some_and(|known| matches!(known.wire, WireOptions::Multipart))
        };
        let Some(media_type) = operation.consumes.iter().find(is_read) else {
            let message = format!("`{}` does not take a multipart body", operation.id);
            self.report(
                Diagnostic::error("contradiction", message, &key.span, "not read")
                    .help("to send it all the same, use a `request` instead of a `call`"),
            );
            return;
        };
        let Some(body) = &operation.body else { return };
        let own = body.content.iter().find(|(id, _)| id == media_type);
        if let Some(schema) = own.map(|(_, schema)| schema).or(body.schema.as_ref()) {
            for (name, _) in node.as_map().unwrap_or_default() {
                self.report_all(undeclared_member(node, name, schema, true));
            }
        }
    }

    /// The media type that a row names; what is written in the step was looked at already.
    fn media_type_named(
        &mut self,
        called: &mut Called<'_, 'n>,
        written: &Node,
        node: &'n Node,
    ) -> Option<MediaTypeId> {
        let known = self.service.media_types.iter().map(|media| &*media.name);
        if std::ptr::eq(written, node) || !called.seen.is_new(0, node, "media type") {
            let name = node.as_text()?;
            return known.clone().position(|known| known == name).map(MediaTypeId);
        }
        let name = self.read_text(node)?;
        let (code, what) = ("unknown-media-type", "media type");
        self.position(code, what, &name.value, &name.span, known).map(MediaTypeId)
    }
}
