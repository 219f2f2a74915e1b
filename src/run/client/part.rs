//! What of an answer is read, where that is not all of it.

use std::time::Duration;

use super::Response;
use super::failure::{Failed, FailureKind, Phase};
use super::patience::Patience;

/// What of an answer is read.
pub struct Part<'p> {
    /// How long its body is read; to its end where there is nothing.
    pub at_most: Option<Duration>,
    /// How much of a body is enough, by the head and what has come of it.
    pub enough: &'p dyn Fn(&Response, &[u8]) -> Option<usize>,
    /// It has to end with the connection, in the middle of its body.
    pub cut: bool,
}

impl Part<'_> {
    /// How long the body is waited for.
    pub(super) fn patience<'i>(&self, patience: Patience<'i>) -> Patience<'i> {
        self.at_most.map_or(patience, |most| patience.of_at_most(most))
    }

    /// The body, and whether there is more of it; `patience` is that for the whole answer.
    pub(super) fn read(
        &self,
        head: &Response,
        outcome: Result<Vec<u8>, Failed>,
        patience: Patience<'_>,
    ) -> Result<(Vec<u8>, bool), Failed> {
        let (mut body, mut more) = match outcome {
            Ok(body) => (body, false),
            Err((body, failure)) => match failure.kind {
                FailureKind::TimedOut(Phase::Body(..), _)
                    if self.at_most.is_some() && !patience.left().is_zero() =>
                {
                    (body, true)
                }
                FailureKind::HalfBody(..) if self.cut => (body, true),
                _ => return Err((body, failure)),
            },
        };
        if let Some(enough) = (self.enough)(head, &body) {
            // Nobody has read whether anything comes behind it.
            more = true;
            body.truncate(enough);
        }
        Ok((body, more))
    }
}
