//! `rewind`: back to before a request.

use http::StatusCode;

use super::call::{Call, suggest};
use super::reply::{Refused, done};
use crate::exchange::Answer;
use crate::mock::journal::CannotRewind;
use crate::value::Value;

/// `POST rewind` with `{"before": ID}`: the session is as it was before that request.
pub(super) fn rewind(call: &Call<'_>) -> Result<Answer, Refused> {
    call.only(&[])?;
    let given = call.json_object()?;
    if let Some((name, _)) = given.iter().find(|(name, _)| &***name != "before") {
        let detail = format!("`rewind` has no `{name}`");
        return Err(Refused::bad_request(suggest(detail, name, ["before"])));
    }
    let before = given.get("before").ok_or_else(|| {
        Refused::bad_request("`before` is missing: the id of a request in the journal")
    })?;
    let id = match before {
        Value::Integer(id) => u64::try_from(*id).ok(),
        _ => None,
    };
    let id = id.ok_or_else(|| {
        Refused::bad_request(format!("`before` is the id of a request, not `{before}`"))
    })?;
    call.session.rewind(id).map_err(|reason| {
        let status = match reason {
            CannotRewind::Unknown { .. } => StatusCode::NOT_FOUND,
            CannotRewind::Gone { .. } => StatusCode::GONE,
        };
        Refused::new(status, format!("the session cannot go back to before request {id}: {reason}"))
    })?;
    Ok(done())
}
