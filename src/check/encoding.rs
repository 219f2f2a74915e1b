//! `encoding`: what the parts of a body may be.

use std::sync::Arc;

use super::Checker;
use super::http_words::is_media_type;
use super::records;
use super::shape::Shape;
use crate::diagnostic::Diagnostic;
use crate::model::{MediaType, MediaTypeId, Operation, PartEncoding, WireOptions};
use crate::syntax::{Node, ReadNode};

impl<'n> Checker<'n> {
    /// The parts by their names, which are properties of the schema where it says what there is.
    pub(super) fn part_encodings(
        &mut self,
        media_type: Option<MediaTypeId>,
        node: Option<&'n Node>,
        schema: Option<&'n Node>,
    ) -> Vec<(Option<MediaTypeId>, PartEncoding)> {
        let members = self.optional_members(node);
        let shape = schema.map_or(Shape::Any, |schema| self.names.shape(schema));
        let mut encodings = Vec::new();
        for (key, node) in members {
            if let Shape::Object(known) = &shape
                && !known.open
                && known.get(&key.value).is_none()
            {
                let (name, known) = (&*key.value, known.names());
                let what = "property of the body";
                self.unknown("unknown-property", what, name, &key.span, known);
            }
            let Some(mut mapping) =
                self.open(node, records::REQUEST_BODY_ENCODING.called("an encoding"))
            else {
                continue;
            };
            let media_types = mapping.require("contentType");
            mapping.finish();
            let Some(media_types) = media_types.and_then(|node| self.part_types(node)) else {
                continue;
            };
            let encoding = PartEncoding { name: key.value.as_str().into(), media_types };
            encodings.push((media_type, encoding));
        }
        encodings
    }

    /// `image/png, image/jpeg`.
    fn part_types(&mut self, node: &Node) -> Option<Vec<Arc<str>>> {
        let text = self.read_text(node)?;
        let mut types = Vec::new();
        for name in text.value.split(',').map(str::trim) {
            if !is_media_type(name) {
                let message = format!("`{}` is not a media type", name.escape_debug());
                let span = if name.is_empty() { node.span.clone() } else { node.span.narrow(name) };
                self.report(
                    Diagnostic::error("bad-media-type", message, &span, "no part is of that type")
                        .help("one media type, or several with commas: `image/png, image/*`"),
                );
                return None;
            }
            types.push(name.to_ascii_lowercase().into());
        }
        Some(types)
    }

    /// Only bytes can be taken in whatever coding they are.
    pub(super) fn check_kept_coding(
        &mut self,
        operation: &Operation,
        body: Option<&'n Node>,
        media_types: &[MediaType],
    ) {
        let is_bytes = |id: &MediaTypeId| {
            let known = media_types.get(id.0);
            known.is_none_or(|known| matches!(known.wire, WireOptions::Bytes))
        };
        let Some(node) = body.and_then(|body| body.get("contentCoding")) else { return };
        if !operation.consumes.iter().all(is_bytes) {
            let message = "only media types with `wire: bytes` can be read in any content coding";
            let found = "the operation consumes others too";
            self.error("contradiction", message, &node.span, found);
        }
    }

    /// Only bodies of several parts have parts.
    pub(super) fn check_encodings(
        &mut self,
        operation: &Operation,
        body: Option<&'n Node>,
        media_types: &[MediaType],
    ) {
        let is_read = |id: &MediaTypeId| {
            let known = media_types.get(id.0);
            known.is_none_or(|known| matches!(known.wire, WireOptions::Multipart))
        };
        let Some(node) = body.and_then(|body| body.get("encoding")) else { return };
        if !operation.consumes.iter().any(is_read) {
            let message = "the operation consumes no media type with `wire: multipart`";
            let found = "of which parts?";
            self.error("contradiction", message, &node.span, found);
        }
    }
}
