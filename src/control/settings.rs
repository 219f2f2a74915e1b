//! `state/{vendor}/settings`: the account's settings.

use super::call::Call;
use super::reply::{Refused, ok};
use crate::exchange::Answer;
use crate::value::Value;

/// `GET`: all of them.
pub(super) fn read(call: &Call<'_>, vendor: &str) -> Result<Answer, Refused> {
    let vendor = call.vendor(vendor)?;
    let settings = vendor.read(|account| account.settings.clone())?;
    Ok(ok(&Value::Map(settings)))
}

/// `PUT`: those given are set, the others stay; answered with all of them.
pub(super) fn change(call: &Call<'_>, vendor: &str) -> Result<Answer, Refused> {
    let vendor = call.vendor(vendor)?;
    let given = call.json_object()?;
    let settings =
        vendor.change(|account, now| account.change_settings(vendor.plan, now, &given))?;
    Ok(ok(&Value::Map(settings)))
}
