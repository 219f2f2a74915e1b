//! The content types in which an answer may come.

use std::borrow::Cow;

use crate::model::{Evidence, MediaTypeId, Service};

/// A content type, as the spec has it.
#[derive(Debug, Clone)]
pub(super) struct ContentType<'s> {
    /// With its parameters.
    pub text: Cow<'s, str>,
    /// Whether its parameters are known; where they are assumed, any will do.
    pub known: bool,
}

impl ContentType<'_> {
    /// Whether an answer's type is this one, without regard to case, spaces and quotes. It is exact
    /// otherwise: clients exist that insist on it.
    pub(super) fn is(&self, actual: &str) -> bool {
        let normal = |text: &str| {
            let text = if self.known { text } else { text.split(';').next().unwrap_or_default() };
            text.to_ascii_lowercase().replace([' ', '"'], "")
        };
        normal(&self.text) == normal(actual)
    }
}

/// The content types of media types, and that of what some of them cannot have.
pub(super) fn content_types<'s>(service: &'s Service, ids: &[MediaTypeId]) -> Vec<ContentType<'s>> {
    let of = |id: &MediaTypeId| {
        let media_type = service.media_types.get(id.0)?;
        let rule = service.rules.get(media_type.rule.0 as usize);
        let known = rule.is_some_and(|rule| rule.evidence != Evidence::Assumed);
        Some(ContentType { text: Cow::Borrowed(&*media_type.content_type), known })
    };
    let mut all: Vec<_> = ids.iter().filter_map(of).collect();
    let other = ids.iter().map(|id| service.written_in(*id, false)).find(|id| !ids.contains(id));
    all.extend(other.as_ref().and_then(of));
    all
}
