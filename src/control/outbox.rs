//! `outbox/{vendor}`: what the vendor would have sent.

use http::StatusCode;

use super::call::Call;
use super::reply::{Refused, done, ok};
use super::schedule;
use crate::exchange::{Answer, CONTROL_PATH};
use crate::mock::account::Account;
use crate::mock::outbox::Message;
use crate::value::{Map, Value};
use crate::worker::may_wait;

/// `GET outbox/{vendor}`: the messages, newest last.
pub(super) fn list(call: &Call<'_>, name: &str) -> Result<Answer, Refused> {
    call.only(&[])?;
    let vendor = call.vendor(name)?;
    let base = base(call, name);
    let messages: Vec<_> = vendor.read(|account| account.outbox.messages().cloned().collect())?;
    Ok(ok(&Value::list(messages.iter().map(|message| shown(message, &base)).collect())))
}

/// What links of messages begin with.
fn base(call: &Call<'_>, vendor: &str) -> String {
    format!("{}{CONTROL_PATH}/outbox/{vendor}/links", call.origin())
}

fn shown(message: &Message, base: &str) -> Value {
    let links = message.links.iter();
    let links = links.map(|(name, token)| (name.clone(), format!("{base}/{token}").into()));
    let mut all = Map::new();
    let members = [
        ("id", Value::Integer(i64::try_from(message.id).unwrap_or(i64::MAX))),
        ("time", message.time.to_string().into()),
        ("channel", Value::Text(message.channel.clone())),
        ("name", Value::Text(message.name.clone())),
        ("recipient", Value::Text(message.recipient.clone())),
        ("links", Value::map(links.collect())),
        ("data", message.data.clone()),
    ];
    for (name, value) in members {
        all.insert(name, value);
    }
    if let Some(delivery) = &message.delivery {
        let url = &message.recipient;
        if let Some(request) = delivery.request(url) {
            all.insert("request", request);
        }
        all.insert("delivery", delivery.outcome(url));
    }
    Value::map(all)
}

/// `POST outbox/{vendor}/{id}/again`: a message that is a request goes out once more, now; answered
/// with the message, whose last attempt tells what came of it.
pub(super) fn deliver_again(call: &Call<'_>, name: &str, id: &str) -> Result<Answer, Refused> {
    call.only(&[])?;
    let vendor = call.vendor(name)?;
    let found = |account: &Account| {
        let wanted = id.parse::<u64>().ok()?;
        account.outbox.messages().find(|message| message.id == wanted).cloned()
    };
    let none = || Refused::not_found(format!("the outbox of {name} has no message `{id}`"));
    let message = vendor.read(found)?.ok_or_else(none)?;
    if message.delivery.is_none() {
        let detail = format!("message {id} of {name} is not a request, so it was not sent");
        return Err(Refused::new(StatusCode::CONFLICT, detail));
    }
    let sending = may_wait(|| call.session.sending().lock());
    vendor.change(|account, now| Ok(((), account.deliver_again(message.id, now))))?;
    let settled = may_wait(|| call.callbacks.settle(call.mock, call.session));
    drop(sending);
    settled.map_err(|endless| schedule::endless(StatusCode::UNPROCESSABLE_ENTITY, &endless))?;
    let message = vendor.read(found)?.ok_or_else(none)?;
    Ok(ok(&shown(&message, &base(call, name))))
}

/// `DELETE outbox/{vendor}`: takes the messages out; their links still work.
pub(super) fn clear(call: &Call<'_>, vendor: &str) -> Result<Answer, Refused> {
    call.vendor(vendor)?.change(|account, _| Ok(((), account.clear_outbox())))?;
    Ok(done())
}

/// `GET outbox/{vendor}/links/{token}`: somebody follows a link of a message.
pub(super) fn follow(call: &Call<'_>, name: &str, token: &str) -> Result<Answer, Refused> {
    let vendor = call.vendor(name)?;
    let request = call.request.clone();
    call.mock
        .follow(call.session, vendor.position, token, request, call.local)
        .ok_or_else(|| Refused::not_found(format!("no message of {name} has that link")))
}
