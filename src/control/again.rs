//! `requests/{id}/again`: a request once more, as it was sent.

use http::{HeaderName, HeaderValue, StatusCode};

use super::call::{Call, suggest};
use super::happened::number;
use super::reply::{Refused, json, object};
use super::{requests, split};
use crate::exchange::{Answer, Request, header_text};
use crate::mock::due::RUN_METHOD;
use crate::mock::entry::Listed;
use crate::run::mask::MASKED;
use crate::value::Value;

/// `POST requests/{id}/again`: the same request, with the credentials that the journal does not
/// show. `{"headers": {NAME: VALUE}}` replaces fields, for whoever has the credentials where the
/// journal does not. Answers with its id and its status; all else is in the journal. Faults befall
/// it too, but nobody waits for a delay or sees a connection break.
pub(super) fn send(call: &Call<'_>, id: &str) -> Result<Answer, Refused> {
    call.only(&[])?;
    let given = fields(call)?;
    let (entry, _) = requests::find(call, id)?;
    if entry.request.method.as_str() == RUN_METHOD {
        let detail =
            format!("request {id} cannot be sent again: it was scheduled, not sent by a client");
        return Err(Refused::new(StatusCode::CONFLICT, detail));
    }
    let mut request = (*entry.request).clone();
    for (name, value) in given {
        request.headers.insert(name, value);
    }
    if entry.hidden
        && let Some(place) = hidden(&request)
    {
        let detail = format!(
            "request {id} cannot be sent again as it is: replicas share it without its \
             credentials, and {place}"
        );
        return Err(Refused::new(StatusCode::CONFLICT, detail));
    }
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

/// The fields that are to be others.
fn fields(call: &Call<'_>) -> Result<Vec<(HeaderName, HeaderValue)>, Refused> {
    if call.request.body.is_empty() {
        return Ok(Vec::new());
    }
    let given = call.json_object()?;
    if let Some((name, _)) = given.iter().find(|(name, _)| &***name != "headers") {
        let detail = format!("`again` has no `{name}`");
        return Err(Refused::bad_request(suggest(detail, name, ["headers"])));
    }
    let Some(fields) = given.get("headers") else { return Ok(Vec::new()) };
    let Value::Map(fields) = fields else {
        let detail = format!("`headers` is an object of names and texts, not `{fields}`");
        return Err(Refused::bad_request(detail));
    };
    let read = fields.iter().map(|(name, value)| {
        let text = value.as_str().and_then(|text| text.parse().ok());
        match (name.parse(), text) {
            (Err(_), _) => Err(Refused::bad_request(format!("a field cannot be called `{name}`"))),
            (Ok(_), None) => Err(Refused::bad_request(format!(
                "the value of `{name}` is not a string that a field can have"
            ))),
            (Ok(name), Some(value)) => Ok((name, value)),
        }
    });
    read.collect()
}

/// Where something is hidden yet, and what can be done about it.
fn hidden(request: &Request) -> Option<String> {
    let mut fields = request.headers.iter();
    let field = fields.find(|(_, value)| header_text(value).contains(MASKED));
    if let Some((name, _)) = field {
        return Some(format!(
            "its field `{name}` has one: ask the replica that answered it, or say what is hidden, \
             as `{{\"headers\": {{\"{name}\": VALUE}}}}`"
        ));
    }
    let place = match request.target.as_str().contains(MASKED) {
        true => "its path or query",
        false if String::from_utf8_lossy(&request.body).contains(MASKED) => "its body",
        false => return None,
    };
    Some(format!("{place} has one: ask the replica that answered it, or send a similar request"))
}
