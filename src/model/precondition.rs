//! What a client knows of a representation, and what it asks for only then.

use super::step::Rejection;
use super::tree::Tree;

/// The step that looks at the conditions of a request (RFC 9110, section 13).
#[derive(Debug, Clone)]
pub struct Precondition {
    /// The entity tag of the representation that there is, with or without its quotes; absent:
    /// there is none.
    pub etag: Option<Tree>,
    /// Whether the tag is a weak one.
    pub weak: bool,
    /// When the representation changed, as RFC 3339 has it.
    pub last_modified: Option<Tree>,
    /// What a condition gives that does not hold.
    pub or_else: Rejection,
    /// What a request to change something gives that has no condition; none: it is done.
    pub required: Option<Rejection>,
    /// What a range gives in which there is nothing; none: ranges are not given.
    pub ranges: Option<Rejection>,
}

impl Precondition {
    /// What it may reject with.
    pub fn rejections(&self) -> impl Iterator<Item = &Rejection> {
        [Some(&self.or_else), self.required.as_ref(), self.ranges.as_ref()].into_iter().flatten()
    }
}
