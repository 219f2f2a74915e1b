//! What a client knows of a representation, and what it asks for only then.

use super::stage::{Stage, staged};
use super::step::Rejection;
use super::tree::Tree;

staged! {
    /// The step that looks at the conditions of a request (RFC 9110, section 13).
    pub struct Precondition {
        /// The entity tag of the representation that there is, with or without its quotes; absent:
        /// there is none.
        pub etag: Option<Tree<S>>,
        /// Whether the tag is a weak one.
        pub weak: bool,
        /// When the representation changed, as RFC 3339 has it.
        pub last_modified: Option<Tree<S>>,
        /// What a condition gives that does not hold.
        pub or_else: Rejection<S>,
        /// What a request to change something gives that has no condition; none: it is done.
        pub required: Option<Rejection<S>>,
        /// What a range gives in which there is nothing; none: ranges are not given.
        pub ranges: Option<Rejection<S>>,
    }
}

impl<S: Stage> Precondition<S> {
    /// What it may reject with.
    pub fn rejections(&self) -> impl Iterator<Item = &Rejection<S>> {
        [Some(&self.or_else), self.required.as_ref(), self.ranges.as_ref()].into_iter().flatten()
    }
}
