//! Whether the body of a call is what its operation takes.

use super::Reader;
use super::called::Called;
use super::written::Written;
use crate::check::names::maybe_misspelt;
use crate::check::special::{is_special, member_name};
use crate::diagnostic::{Diagnostic, slip};
use crate::model::{Additional, MediaTypeId, Schema, WireOptions};
use crate::source::Located;
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
            self.unknown_members(node, schema);
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
                self.unknown_member(node, name, schema);
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

    /// Members that a closed schema does not have may be the point of a test, so they are only
    /// worth knowing.
    fn unknown_members(&mut self, node: &'n Node, schema: &Schema) {
        for item in node.as_list().unwrap_or_default() {
            if let Some(items) = &schema.items {
                self.unknown_members(item, items);
            }
        }
        for (key, member) in node.as_map().unwrap_or_default() {
            let name = member_name(&key.value);
            match schema.properties.iter().find(|property| *property.name == *name) {
                Some(property) => self.unknown_members(member, &property.schema),
                None if is_special(&key.value) => {}
                None => self.unknown_member(node, key, schema),
            }
        }
    }

    /// The same for one member of a node.
    fn unknown_member(&mut self, node: &Node, key: &Located<String>, schema: &Schema) {
        let name = member_name(&key.value);
        let known = || schema.properties.iter().map(|property| &*property.name);
        if known().any(|known| *known == *name) {
            return;
        }
        if matches!(schema.additional, Additional::Refused) {
            let message = format!("the body has no member `{name}`");
            let diagnostic =
                Diagnostic::error("unknown-member", message, &key.span, "will be refused");
            self.report(diagnostic.warning().suggest(name, known()));
            return;
        }
        let free = || known().filter(|name| node.get(name).is_none());
        if let Some(near) = slip(name, free()) {
            self.report(maybe_misspelt("the body", name, &key.span, near));
        }
    }
}
