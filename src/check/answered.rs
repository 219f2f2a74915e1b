//! Answers whose body is an expression, and that no client could read in what their operation
//! produces, by what is known of them without a request.

use super::Checker;
use super::shape::Shape;
use crate::diagnostic::Diagnostic;
use crate::model::{MediaType, MediaTypeId, Operation, Route, Tree, WireOptions};
use crate::source::Span;
use crate::syntax::{Node, ReadNode};

/// The body of a `respond` that is worked out.
pub(super) struct Answered {
    pub(super) status: u16,
    /// `mediaType`, which goes before what the operation produces.
    pub(super) written_as: Option<MediaTypeId>,
    pub(super) shape: Shape,
    pub(super) span: Span,
}

impl<'n> Checker<'n> {
    /// Reports bodies of the operation that has just been read which are not one root element,
    /// where XML can be asked for: the answer would be the mock's own 500.
    pub(super) fn check_answered(&mut self, operation: &Operation, media_types: &[MediaType]) {
        let answered = std::mem::take(&mut self.answered);
        if !is_over_http(operation) {
            return;
        }
        for one in answered {
            let mut responses = operation.responses.iter();
            let has_root = responses.any(|response| {
                response.status == one.status
                    && response.schema.as_ref().is_some_and(|schema| schema.xml.is_some())
            });
            let produced = one.written_as.as_ref().map(std::slice::from_ref);
            let mut produced = produced.unwrap_or(&operation.produces).iter();
            let xml = produced.find_map(|id| {
                let known = media_types.get(id.0)?;
                matches!(known.wire, WireOptions::Xml { .. }).then_some(known)
            });
            let (Some(xml), false) = (xml, has_root) else { continue };
            let Some(what) = self.without_root(&one.shape) else { continue };
            let message = format!(
                "`{}` answers with {what} as {}, and an XML document has one root element",
                operation.id, xml.name
            );
            self.report(
                Diagnostic::error("unwritable", message, &one.span, "cannot be written in XML")
                    .help(
                        "give the schema of that status in `responses` an `xml: {name: ...}`, or \
                         leave the media type out of `produces`",
                    ),
            );
        }
    }

    /// What a value is that has more or fewer members than the one that is the root.
    fn without_root(&self, shape: &Shape) -> Option<String> {
        let members = match shape {
            Shape::List(_) => return Some("a list".to_owned()),
            Shape::Row(collection) => self.row(collection.0)?,
            Shape::Object(members) => members,
            Shape::Any | Shape::Scalar | Shape::Expectation(_) => return None,
        };
        let count = members.list.len();
        (!members.open && count != 1).then(|| format!("an object of {count} members"))
    }

    /// Reports that there is nothing in which the bodies of answers can be written.
    pub(super) fn check_is_writable(
        &mut self,
        node: Option<&'n Node>,
        media_types: &[MediaType],
        operations: &[Operation],
    ) {
        let Some(node) = node else { return };
        if media_types.is_empty() || media_types.iter().any(MediaType::is_written) {
            return;
        }
        let answers =
            operations.iter().filter(|operation| is_over_http(operation)).find_map(|it| {
                let answers = self.answers(it);
                answers.into_iter().find_map(|(respond, span)| {
                    matches!(respond.content, crate::model::Content::Tree(_, None)).then_some(span)
                })
            });
        if let Some(span) = answers {
            let message = "answers have a body, and no media type here can be written";
            self.report(
                Diagnostic::error("unwritable", message, &node.span, "can only be read")
                    .related(&span, "answers with a body")
                    .help("add one that answers are written in: `application/json: {wire: json}`"),
            );
        }
    }
}

/// Whether it answers without an envelope.
fn is_over_http(operation: &Operation) -> bool {
    operation.bindings.iter().any(|binding| matches!(binding.route, Route::Http { .. }))
}

/// Whether nothing is known of a body but what its expression gives.
pub(super) fn is_worked_out(body: &Tree) -> bool {
    matches!(body, Tree::Expression(_))
}
