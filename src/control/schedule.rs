//! `schedule/{vendor}`: what is to run later.

use std::sync::Arc;

use http::StatusCode;

use super::call::Call;
use super::happened::number;
use super::reply::{Refused, object, ok};
use crate::exchange::Answer;
use crate::mock::due::Endless;
use crate::value::Value;

/// `GET schedule/{vendor}`: the operations, the next one first.
pub(super) fn list(call: &Call<'_>, name: &str) -> Result<Answer, Refused> {
    call.only(&[])?;
    let vendor = call.vendor(name)?;
    let waiting: Vec<_> = vendor.read(|account| {
        account.schedule.waiting().map(|(turn, due)| (*turn, Arc::clone(due))).collect()
    })?;
    let waiting = waiting.into_iter().map(|((at, id), due)| {
        let operation = vendor.plan.operations.get(due.operation.0);
        let operation = operation.map(|operation| Value::Text(operation.id.clone()));
        object([
            ("id", number(id)),
            ("at", at.to_string().into()),
            ("operation", operation.unwrap_or_default()),
            ("parameters", Value::Map(due.parameters.clone())),
        ])
    });
    Ok(ok(&Value::list(waiting.collect())))
}

/// Whether what is due runs before that call. What goes back in time goes back from how things
/// are, and probes ask for no state.
pub(super) fn comes_after_due(path: &str) -> bool {
    let path = path.strip_suffix('/').unwrap_or(path);
    !matches!(path, "" | "reset" | "rewind" | "health" | "live" | "ready" | "metrics" | "events")
}

/// More was due than runs at once.
pub(super) fn endless(status: StatusCode, endless: &Endless) -> Refused {
    let Endless { vendor, operation, at } = endless;
    Refused::new(status, endless.to_string())
        .with("vendor", Value::Text(vendor.clone()))
        .with("operation", Value::Text(operation.clone()))
        .with("at", at.to_string().into())
}
