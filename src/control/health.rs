//! `health`: what is served; and the probes of containers.

use http::StatusCode;

use super::call::Call;
use super::reply::{Refused, count, object, ok};
use super::specs;
use crate::exchange::{Answer, Overload, TransportFailure};
use crate::plan::Plan;
use crate::value::{Map, Value};

/// `GET health`: answered as soon as the mock serves.
pub(super) fn read(call: &Call<'_>) -> Result<Answer, Refused> {
    call.only(&[])?;
    let plans = call.mock.plans();
    let total = |size: fn(&Plan) -> usize| count(plans.iter().map(|plan| size(plan)).sum());
    let sessions = call.mock.sessions().count();
    let of = |most, used| {
        let used: Option<usize> = used;
        object([("most", count(most)), ("used", used.map_or(Value::Null, count))])
    };
    let mut limits = Map::new();
    // The default one is there anyway.
    limits.insert("sessions", of(call.mock.sessions().most(), Some(sessions - 1)));
    let [most, used] = call.held;
    limits.insert("held", of(most, Some(used)));
    for (name, most) in call.limits {
        limits.insert(*name, of(*most, None));
    }
    let kept = call.mock.sessions().ledger().map(|ledger| ledger.health());
    let failure = kept.as_ref().and_then(|health| health.failure.as_ref());
    let elsewhere = call.mock.sessions().notes().trouble();
    let failing = failure.is_some() || elsewhere.is_some() || call.out_of_memory;
    let status = if failing { "failing" } else { "ok" };
    let shared = call.mock.sessions().are_shared().then(|| {
        let reason = elsewhere.as_deref().map(Value::from);
        object([
            ("kept", elsewhere.is_none().into()),
            ("reason", reason.unwrap_or_default()),
            ("shared", true.into()),
            (
                "replica",
                call.mock.sessions().notes().replica().map(Value::from).unwrap_or_default(),
            ),
        ])
    });
    let state = kept.as_ref().map_or(Value::Null, |health| {
        let reason = failure.map(|failure| failure.reason.as_str().into());
        let bytes = usize::try_from(health.bytes).unwrap_or(usize::MAX);
        object([
            ("kept", failure.is_none().into()),
            ("reason", reason.unwrap_or_default()),
            ("bytes", count(bytes)),
        ])
    });
    let state = shared.unwrap_or(state);
    let vendors = plans.iter().map(|plan| specs::summary(call, plan)).collect();
    Ok(ok(&object([
        ("status", status.into()),
        ("version", env!("CARGO_PKG_VERSION").into()),
        ("operations", total(|plan| plan.service.operations.len())),
        ("rules", total(|plan| plan.service.rules.len())),
        ("statements", total(|plan| plan.service.statements.len())),
        ("sessions", count(sessions)),
        ("limits", Value::map(limits)),
        ("memory", memory(call)),
        ("state", state),
        ("vendors", Value::list(vendors)),
    ])))
}

/// `GET live`: the mock serves nothing before all specs are loaded, so it is alive as soon as it
/// answers.
pub(super) fn live(call: &Call<'_>) -> Result<Answer, Refused> {
    call.only(&[])?;
    Ok(ok(&object([("status", "ok".into())])))
}

/// `GET ready`: whether requests to vendors are answered.
pub(super) fn ready(call: &Call<'_>) -> Result<Answer, Refused> {
    if !call.out_of_memory {
        return live(call);
    }
    call.only(&[])?;
    let mut answer = ok(&object([("status", "failing".into()), ("reason", full().into())]));
    answer.status = StatusCode::SERVICE_UNAVAILABLE;
    Ok(answer)
}

/// Whether there is memory for requests to vendors, and if not why they are refused.
fn memory(call: &Call<'_>) -> Value {
    let reason = call.out_of_memory.then(|| Value::from(full()));
    object([("full", call.out_of_memory.into()), ("reason", reason.unwrap_or_default())])
}

fn full() -> String {
    TransportFailure::Overloaded(Overload::Memory).to_string()
}
