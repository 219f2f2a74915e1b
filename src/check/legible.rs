//! Bodies of requests whose schema no media type of the operation can give, and streams that none
//! of them can be.

use super::Checker;
use crate::diagnostic::Diagnostic;
use crate::model::{Content, MediaType, MediaTypeId, Operation, Schema, Type, Verb, WireOptions};
use crate::syntax::{Node, ReadNode};

impl<'n> Checker<'n> {
    /// A text, or bytes, are never an object or a list: nothing would be taken.
    pub(super) fn check_body_is_legible(
        &mut self,
        operation: &Operation,
        node: Option<&'n Node>,
        media_types: &[MediaType],
    ) {
        let (Some(body), Some(node)) = (&operation.body, node) else { return };
        let own = body.content.iter().map(|(id, schema)| (std::slice::from_ref(id), schema));
        let named = |id: &MediaTypeId| body.content.iter().any(|(known, _)| known == id);
        let others: Vec<MediaTypeId> =
            operation.consumes.iter().filter(|id| !named(id)).copied().collect();
        let shared = body.schema.iter().map(|schema| (&*others, schema));
        for (ids, schema) in own.chain(shared) {
            let known: Option<Vec<_>> = ids.iter().map(|id| media_types.get(id.0)).collect();
            // Where one could not be read, it may be any.
            let Some(known) = known.filter(|known| !known.is_empty()) else { continue };
            let is_value =
                |one: &&MediaType| matches!(one.wire, WireOptions::Bytes | WireOptions::Text);
            if !known.iter().all(is_value) {
                continue;
            }
            let Some(kind) = tree(schema) else { continue };
            let listed: Vec<_> = known.iter().map(|one| format!("`{}`", one.name)).collect();
            let message = format!(
                "the body is of type {kind}, which no body in {} can be",
                listed.join(" or ")
            );
            let place = node.get("schema").unwrap_or(node);
            let help = match media_types.iter().any(|one| one.is_read() && !is_value(&one)) {
                true => "name another media type in the operation's `consumes`",
                false => {
                    "`mediaTypes` takes the place of the default `application/json`: add \
                     `application/json: {wire: json}` to it"
                }
            };
            self.report(
                Diagnostic::error("contradiction", message, &place.span, "can never be read")
                    .help(help),
            );
        }
    }

    /// Items come one after another where each can be read without the others.
    pub(super) fn check_streams(&mut self, operation: &Operation, media_types: &[MediaType]) {
        for step in operation.steps.all() {
            let Verb::Respond(respond) = &step.verb else { continue };
            let (Some(streaming), Content::Tree(_, own)) = (&respond.streaming, &respond.content)
            else {
                continue;
            };
            let ids = own.as_ref().map_or(&*operation.produces, std::slice::from_ref);
            let known: Vec<_> = ids.iter().filter_map(|id| media_types.get(id.0)).collect();
            if known.is_empty() || known.iter().any(|one| one.has_items()) {
                continue;
            }
            let listed: Vec<_> = known.iter().map(|one| format!("`{}`", one.name)).collect();
            let message = format!("a body in {} cannot be sent item by item", listed.join(" or "));
            self.report(
                Diagnostic::error("contradiction", message, &streaming.span, "has no effect").help(
                    "name a media type with `wire: events` or `wire: jsonLines` in `produces`",
                ),
            );
        }
    }
}

/// Objects or lists alone.
fn tree(schema: &Schema) -> Option<&'static str> {
    let is_tree = |one: &Type| matches!(one, Type::Object | Type::Array);
    schema.types.first().filter(|_| schema.types.iter().all(is_tree)).map(|first| first.name())
}
