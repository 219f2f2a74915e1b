//! The step that looks at the conditions of a request, ready to be done.

use super::names::Names;
use super::rejection::Rejection;
use super::value::Tree;
use crate::model;

/// The conditions of a request (RFC 9110, section 13).
#[derive(Debug)]
pub struct Precondition {
    /// The entity tag of the representation that there is.
    pub etag: Option<Tree>,
    /// Whether the tag is a weak one.
    pub weak: bool,
    /// When the representation changed.
    pub last_modified: Option<Tree>,
    /// What a condition gives that does not hold.
    pub or_else: Rejection,
    /// What a request to change something gives that has no condition.
    pub required: Option<Rejection>,
    /// What a range gives in which there is nothing.
    pub ranges: Option<Rejection>,
}

impl Precondition {
    /// Resolves the variables of a checked step.
    pub(super) fn compile(checked: &model::Precondition, names: &Names) -> Self {
        let tree = |tree: &model::Tree| Tree::compile(tree, names);
        let rejection = |rejection: &model::Rejection| Rejection::compile(rejection, names);
        Self {
            etag: checked.etag.as_ref().map(tree),
            weak: checked.weak,
            last_modified: checked.last_modified.as_ref().map(tree),
            or_else: rejection(&checked.or_else),
            required: checked.required.as_ref().map(rejection),
            ranges: checked.ranges.as_ref().map(rejection),
        }
    }

    /// What it may reject with.
    pub fn rejections(&self) -> impl Iterator<Item = &Rejection> {
        [Some(&self.or_else), self.required.as_ref(), self.ranges.as_ref()].into_iter().flatten()
    }
}
