//! `reset`: back to the fixtures.

use super::call::Call;
use super::reply::{Refused, done};
use crate::exchange::Answer;

/// `POST reset`: the session, or what it has of one vendor. The clock is reset with the whole.
pub(super) fn reset(call: &Call<'_>) -> Result<Answer, Refused> {
    call.only(&["vendor"])?;
    let vendor = match call.parameter("vendor") {
        Some(name) => Some(call.vendor(name)?.position),
        None => None,
    };
    call.mock.sessions().reset(call.session, vendor);
    Ok(done())
}
