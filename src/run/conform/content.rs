//! What steps and errors carry, in one form.

use crate::model::{ErrorContent, Fault, MediaTypeId, Text, Tree, Verb};

/// What an answer carries.
#[derive(Debug, Clone, Copy)]
pub(super) enum Content<'s> {
    /// No body.
    Nothing,
    /// A tree, and the media type that it is written in; none: one that the operation produces.
    Tree(&'s Tree, Option<MediaTypeId>),
    /// A text, and its content type.
    Text(&'s Text, Option<&'s Text>),
    /// Bytes, and their content type.
    Bytes(Option<&'s Text>),
    /// A SOAP fault.
    Fault(&'s Fault),
}

impl<'s> Content<'s> {
    /// What an error carries.
    pub(super) fn of_error(content: &'s ErrorContent) -> Self {
        match content {
            ErrorContent::Nothing => Self::Nothing,
            ErrorContent::Body { tree, media_type } => Self::Tree(tree, *media_type),
            ErrorContent::Text { text, media_type } => Self::Text(text, Some(media_type)),
            ErrorContent::Fault(fault) => Self::Fault(fault),
        }
    }

    /// What a `respond` carries.
    pub(super) fn of_step(verb: &'s Verb) -> Self {
        match verb {
            Verb::Respond { body: Some(tree), written_as, .. } => Self::Tree(tree, *written_as),
            Verb::Respond { text: Some(text), media_type, .. } => {
                Self::Text(text, media_type.as_ref())
            }
            Verb::Respond { bytes: Some(_), media_type, .. } => Self::Bytes(media_type.as_ref()),
            _ => Self::Nothing,
        }
    }
}
