//! Where a request has come to, before it runs.

use crate::plan::Plan;
use crate::plan::failure::FailureTable;
use crate::plan::operation::{Binding, Operation};

/// A vendor, and the operation and binding once they are known.
#[derive(Clone, Copy)]
pub(super) struct Site<'p> {
    /// The vendor.
    pub(super) plan: &'p Plan,
    /// The operation.
    pub(super) operation: Option<&'p Operation>,
    /// The binding.
    pub(super) binding: Option<&'p Binding>,
}

impl<'p> Site<'p> {
    /// What failures give here.
    pub(super) fn failures(&self) -> &'p FailureTable {
        match (self.binding, self.operation) {
            (Some(binding), _) => &binding.failures,
            (None, Some(operation)) => &operation.failures,
            (None, None) => &self.plan.failures,
        }
    }
}
