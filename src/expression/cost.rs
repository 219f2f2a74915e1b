//! What an evaluation may cost, and why it ends without a result.

use std::borrow::Cow;
use std::ops::Range;

/// How many parts, items and pieces of text one evaluation may touch and make: far more than any
/// sensible expression needs, far less than a hang or the memory of a machine.
const MOST: usize = 1_000_000;

/// A piece of text that counts as one.
const PIECE: usize = 16;

/// Why there is no result.
#[derive(Debug)]
pub(super) enum Fault {
    /// An operation does not fit its operands.
    Misfit {
        message: Cow<'static, str>,
        /// The innermost part that has no result.
        range: Option<Range<usize>>,
    },
    /// It costs too much.
    Cost,
}

impl Fault {
    /// A misfit.
    pub(super) fn misfit(message: impl Into<Cow<'static, str>>) -> Self {
        Self::Misfit { message: message.into(), range: None }
    }
}

/// What is left to spend.
#[derive(Debug)]
pub(super) struct Budget {
    left: usize,
}

impl Default for Budget {
    fn default() -> Self {
        Self { left: MOST }
    }
}

impl Budget {
    /// Pays for so many items.
    pub(super) fn spend(&mut self, items: usize) -> Result<(), Fault> {
        self.left = self.left.checked_sub(items).ok_or(Fault::Cost)?;
        Ok(())
    }

    /// Pays for a text of so many bytes, before it is made.
    pub(super) fn spend_text(&mut self, bytes: usize) -> Result<(), Fault> {
        self.spend(bytes / PIECE)
    }
}
