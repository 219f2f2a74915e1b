//! `precondition`: what a client knows of a representation, and what it asks for only then.

use std::sync::Arc;

use http::StatusCode;

use super::{Describe, Part, Rejection};
use crate::model::Tree;
use crate::model::stage::{Stage, staged};

staged! {
    /// Looks at the conditions of a request (RFC 9110, section 13).
    pub struct Precondition {
        /// The entity tag of the representation that there is, with or without its quotes; absent:
        /// there is none.
        pub etag: Option<Tree<S>>,
        /// Whether the tag is a weak one.
        pub weak: bool,
        /// Whether `If-Match` is compared weakly (RFC 9110, section 8.8.3.2).
        pub matches_weakly: bool,
        /// Whether clients may send tags without quotes.
        pub takes_bare: bool,
        /// Whether answers have the tag without quotes.
        pub gives_bare: bool,
        /// When the representation changed, as RFC 3339 has it.
        pub last_modified: Option<Tree<S>>,
        /// What a condition gives that does not hold.
        pub or_else: Rejection<S>,
        /// What a request to change something gives that has no condition; none: it is done.
        pub required: Option<Rejection<S>>,
        /// What a range gives in which there is nothing; none: ranges are not given.
        pub ranges: Option<Rejection<S>>,
        /// Whether `HEAD` has ranges as `GET` does.
        pub head_ranges: bool,
        /// Headers of the answer that a 304 has too, in small letters; `*` at the end of one stands for
        /// whatever follows.
        pub kept: Arc<[Arc<str>]>,
    }
}

impl<S: Stage> Describe<S> for Precondition<S> {
    fn parts(&self) -> Vec<Part<'_, S>> {
        let mut parts: Vec<_> =
            self.etag.iter().chain(&self.last_modified).map(Part::Tree).collect();
        let rejections = [Some(&self.or_else), self.required.as_ref(), self.ranges.as_ref()];
        parts.extend(rejections.into_iter().flatten().map(Part::Rejection));
        parts.push(Part::Status(StatusCode::NOT_MODIFIED));
        if self.ranges.is_some() {
            parts.push(Part::Status(StatusCode::PARTIAL_CONTENT));
        }
        parts
    }
}
