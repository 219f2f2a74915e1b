//! `requests/{id}/again`: a request once more, as it was sent.

use http::StatusCode;

use super::call::Call;
use super::happened::number;
use super::reply::{Refused, json, object};
use super::{requests, split};
use crate::exchange::Answer;
use crate::mock::due::RUN_METHOD;
use crate::mock::entry::Listed;
use crate::value::Value;

/// `POST requests/{id}/again`: the same request, with the credentials that the journal does not
/// show. Answers with its id and its status; all else is in the journal. Faults befall it too,
/// but nobody waits for a delay or sees a connection break.
pub(super) fn send(call: &Call<'_>, id: &str) -> Result<Answer, Refused> {
    call.only(&[])?;
    let (entry, _) = requests::find(call, id)?;
    if entry.request.method.as_str() == RUN_METHOD {
        let detail =
            format!("request {id} cannot be sent again: it was scheduled, not sent by a client");
        return Err(Refused::new(StatusCode::CONFLICT, detail));
    }
    if entry.hidden {
        let detail =
            format!("request {id} cannot be sent again: replicas share it without its credentials");
        return Err(Refused::new(StatusCode::CONFLICT, detail));
    }
    let request = (*entry.request).clone();
    let target = request.target.clone();
    let (_, path) = split(target.path())?;
    let answer = call.mock.answer(call.session, path, request, call.local);
    // Whoever sent the very same meanwhile got the very same.
    let is_it = |sent: &&Listed| {
        sent.id > entry.id
            && sent.request.target == entry.request.target
            && sent.request.method == entry.request.method
            && sent.request.body == entry.request.body
    };
    let entries = call.session.journal.entries();
    let sent = match call.mock.sessions().are_shared() {
        // It is told when all is done; nobody else has done anything meanwhile.
        true => Some(call.session.journal.now().1),
        false => entries.iter().rev().find(is_it).map(|sent| sent.id),
    };
    let sent = sent.map_or(Value::Null, number);
    let status = Value::Integer(answer.status.as_u16().into());
    Ok(json(StatusCode::CREATED, &object([("id", sent), ("status", status)])))
}
