//! Answers whose items are sent one after another.

use super::form::Form;
use crate::exchange::Pieces;
use crate::model::verb::Streaming;
use crate::value::Value;

/// The pieces of a body whose items are sent one after another. What is behind a cut is not
/// written, so that the journal has what was sent.
pub(super) fn in_pieces(
    body: &mut Vec<u8>,
    how: &Streaming,
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
