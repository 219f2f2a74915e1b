//! Answers whose items are sent one after another.

use std::time::Duration;

use super::form::Form;
use crate::clock::parse_duration;
use crate::exchange::Pieces;
use crate::model::LONGEST_DELAY;
use crate::plan::step::Streaming;
use crate::plan::value::{EvaluationError, Scope, Tree};
use crate::value::Value;

/// How the items of a body are sent one after another.
#[derive(Debug, Clone, Copy)]
pub(super) struct Streamed {
    every: Duration,
    cut_after: Option<usize>,
}

/// What an answer says of it here and now.
pub(super) fn streamed(how: &Streaming, scope: &mut Scope) -> Result<Streamed, EvaluationError> {
    let mut value = |tree: &Option<Tree>| match tree {
        Some(tree) => tree.value(scope),
        None => Ok(None),
    };
    let (every, cut_after) = (value(&how.every)?, value(&how.cut_after)?);
    let every = every.as_ref().and_then(Value::as_str).and_then(|text| parse_duration(text).ok());
    let every = every.and_then(|every| Duration::try_from(every).ok()).unwrap_or_default();
    let cut_after = cut_after.and_then(|after| usize::try_from(after.floor_to_i64()?).ok());
    let cut_after = cut_after.filter(|after| *after > 0);
    Ok(Streamed { every: every.min(LONGEST_DELAY), cut_after })
}

/// The pieces of a body whose items are sent one after another. What is behind a cut is not
/// written, so that the journal has what was sent.
pub(super) fn in_pieces(
    body: &mut Vec<u8>,
    how: Streamed,
    value: &Value,
    form: Form<'_>,
) -> Option<Pieces> {
    let id = form.media_type.filter(|_| form.soap.is_none() && value.as_list().is_some())?;
    let mut ends = form.plan.media_types.get(id.0)?.wire.item_ends(body)?;
    let cut = how.cut_after.is_some_and(|after| ends.len() >= after);
    if let Some(after) = how.cut_after.filter(|_| cut) {
        ends.truncate(after);
        body.truncate(ends.last().copied().unwrap_or_default());
    }
    Some(Pieces { ends, every: how.every, cut })
}

/// The pieces of a body that a fault slows down: as many, all of one length but for the last.
pub(super) fn slowed(length: usize, count: u32, within: Duration) -> Pieces {
    let most = usize::try_from(count).unwrap_or(usize::MAX);
    let size = length.div_ceil(most).max(1);
    let ends: Vec<usize> = (1..=length.div_ceil(size)).map(|at| (at * size).min(length)).collect();
    Pieces { ends, every: within / count.max(1), cut: false }
}
