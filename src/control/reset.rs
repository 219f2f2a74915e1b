//! `reset`: back to the fixtures.

use super::call::Call;
use super::reply::{Refused, done};
use crate::exchange::Answer;

/// `POST reset`: the session, or what it has of one vendor. The clock is reset with the whole.
/// With `seed`, values are generated from that until the next reset.
pub(super) fn reset(call: &Call<'_>) -> Result<Answer, Refused> {
    call.only(&["vendor", "seed"])?;
    let vendor = match call.parameter("vendor") {
        Some(name) => Some(call.vendor(name)?.position),
        None => None,
    };
    let seed = call.number("seed")?;
    call.mock.sessions().reset(call.session, vendor, seed);
    Ok(done())
}
