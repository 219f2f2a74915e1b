//! `health`: what is served.

use super::call::Call;
use super::reply::{Refused, count, object, ok};
use super::specs;
use crate::exchange::Answer;
use crate::plan::Plan;
use crate::value::Value;

/// `GET health`: answered as soon as the mock serves.
pub(super) fn read(call: &Call<'_>) -> Result<Answer, Refused> {
    call.only(&[])?;
    let plans = call.mock.plans();
    let total = |size: fn(&Plan) -> usize| count(plans.iter().map(|plan| size(plan)).sum());
    let vendors = plans.iter().map(|plan| specs::summary(call, plan)).collect();
    Ok(ok(&object([
        ("status", "ok".into()),
        ("version", env!("CARGO_PKG_VERSION").into()),
        ("operations", total(|plan| plan.service.operations.len())),
        ("rules", total(|plan| plan.service.rules.len())),
        ("statements", total(|plan| plan.service.statements.len())),
        ("sessions", count(call.mock.sessions().count())),
        ("vendors", Value::list(vendors)),
    ])))
}
