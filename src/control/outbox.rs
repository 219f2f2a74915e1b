//! `outbox/{vendor}`: what the vendor would have sent.

use super::call::Call;
use super::reply::{Refused, done, ok};
use crate::exchange::{Answer, CONTROL_PATH};
use crate::mock::outbox::Message;
use crate::value::{Map, Value};

/// `GET outbox/{vendor}`: the messages, newest last.
pub(super) fn list(call: &Call<'_>, name: &str) -> Result<Answer, Refused> {
    call.only(&[])?;
    let vendor = call.vendor(name)?;
    let base = format!("{}{}/outbox/{name}/links", call.origin(), CONTROL_PATH);
    let messages: Vec<_> = vendor.read(|account| account.outbox.messages().cloned().collect())?;
    Ok(ok(&Value::list(messages.iter().map(|message| shown(message, &base)).collect())))
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
        all.insert("delivery", delivery.value());
    }
    Value::map(all)
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
