//! How much an expression may do with a document.

use std::cell::Cell;

/// The most steps: nodes that are visited, values that are worked out, and pieces of texts.
pub(super) const STEPS: usize = 50_000_000;

/// How many bytes of text are one step.
const TEXT: usize = 8;

/// Why an evaluation ends before it is through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stop {
    /// There are no steps left.
    TooManySteps,
    /// What was looked for on an axis is found.
    Found,
}

/// The steps that are left.
pub(super) struct Budget {
    left: Cell<usize>,
}

impl Default for Budget {
    fn default() -> Self {
        Self { left: Cell::new(STEPS) }
    }
}

impl Budget {
    pub(super) fn spend(&self, steps: usize) -> Result<(), Stop> {
        let left = self.left.get().checked_sub(steps).ok_or(Stop::TooManySteps)?;
        self.left.set(left);
        Ok(())
    }

    /// A text of so many bytes is made or looked through.
    pub(super) fn spend_text(&self, bytes: usize) -> Result<(), Stop> {
        self.spend(1 + bytes / TEXT)
    }
}
