//! A fault on demand, as it is shown, and as it is written down.

use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;

use jiff::Timestamp;

use crate::clock::{parse_duration, parse_timestamp};
use crate::exchange::Breakage;
use crate::model::{Delay, Disturbance, Effect};
use crate::value::{Map, Value};

/// A fault that somebody asks for.
#[derive(Debug, Clone, PartialEq)]
pub struct Fault {
    /// The vendor; none: any.
    pub vendor: Option<Arc<str>>,
    /// The operation; none: any.
    pub operation: Option<Arc<str>>,
    /// So many requests that it is for pass before.
    pub skip: u64,
    /// For so many requests; none: for all.
    pub times: Option<u64>,
    /// What befalls them.
    pub what: Disturbance,
    /// When it is over, by the session's clock; none: never.
    pub until: Option<Timestamp>,
}

/// A fault that a session has.
#[derive(Debug, Clone)]
pub struct Pending {
    /// Its id.
    pub id: u64,
    /// The fault, with how many requests are left to pass, and to be befallen.
    pub fault: Fault,
    /// How many requests it befell.
    pub befell: u64,
}

impl Pending {
    /// Whether it has befallen all requests that it is for.
    pub fn is_used_up(&self) -> bool {
        self.fault.times == Some(0)
    }
}

/// What is shown of a fault.
pub fn shown(pending: &Pending) -> Value {
    let Pending { id, fault: Fault { vendor, operation, skip, times, what, until }, befell } =
        pending;
    let [share, delay, effect] = described(what);
    let optional = |text: &Option<Arc<str>>| text.clone().map_or(Value::Null, Value::Text);
    let members = [
        ("id", number(*id)),
        ("vendor", optional(vendor)),
        ("operation", optional(operation)),
        ("skip", number(*skip)),
        ("times", times.map_or(Value::Null, number)),
        ("for", lasting(what)),
        ("until", until.map_or(Value::Null, |until| until.to_string().into())),
        ("share", share),
        ("delay", delay),
        ("fault", effect),
        ("befell", number(*befell)),
        ("usedUp", Value::Bool(pending.is_used_up())),
    ];
    object(members)
}

/// The fault that is shown so; none where it is not one.
pub(super) fn read(value: &Value) -> Option<Pending> {
    let member = |name| value.get(name).filter(|value| **value != Value::Null);
    let text = |name| member(name).and_then(Value::as_str).map(Arc::from);
    let whole = |name| member(name)?.scalar_text()?.parse().ok();
    let share = match member("share") {
        None => None,
        Some(share) => Some(share.scalar_text()?.parse().ok()?),
    };
    let delay = match member("delay") {
        None => None,
        Some(Value::Map(range)) => Some(match range.get("median") {
            Some(median) => {
                let sigma = range.get("sigma")?.scalar_text()?.parse().ok()?;
                Delay::LogNormal { median: time(median)?, sigma }
            }
            None => Delay::Between(time(range.get("from")?)?, time(range.get("to")?)?),
        }),
        Some(one) => Some(Delay::Between(time(one)?, time(one)?)),
    };
    let effect = match member("fault") {
        None => None,
        Some(effect) => Some(read_effect(effect)?),
    };
    let lasts = member("for").and_then(time);
    let what = Disturbance { share, lasts, delay, effect, ..Disturbance::default() };
    let until = member("until").and_then(|until| parse_timestamp(until.as_str()?));
    let (vendor, operation, times) = (text("vendor"), text("operation"), whole("times"));
    // An earlier version did not write it.
    let skip = whole("skip").unwrap_or_default();
    let fault = Fault { vendor, operation, skip, times, what, until };
    Some(Pending { id: whole("id")?, fault, befell: whole("befell")? })
}

fn read_effect(value: &Value) -> Option<Effect> {
    if let Some(word) = value.as_str() {
        let known = Breakage::ALL.into_iter().find(|known| known.name() == word);
        return known.map(Effect::Breaks);
    }
    if let Some(error) = value.get("error") {
        return Some(Effect::Error(error.as_str()?.into()));
    }
    if let Some(slow) = value.get("slow") {
        let pieces = slow.get("pieces")?.scalar_text()?.parse().ok()?;
        return Some(Effect::Slowed { pieces, within: time(slow.get("within")?)? });
    }
    let status = value.get("status")?.scalar_text()?.parse().ok()?;
    StatusCode::from_u16(status).ok().map(Effect::Status)
}

fn time(value: &Value) -> Option<Duration> {
    Duration::try_from(parse_duration(value.as_str()?).ok()?).ok()
}

/// The share, the delay and the effect.
pub fn described(what: &Disturbance) -> [Value; 3] {
    let time = |time: Duration| Value::from(seconds(time));
    let delay = match what.delay {
        None => Value::Null,
        Some(Delay::Between(least, most)) if least == most => time(least),
        Some(Delay::Between(least, most)) => object([("from", time(least)), ("to", time(most))]),
        Some(Delay::LogNormal { median, sigma }) => {
            let sigma = Value::spelled(&sigma.to_string()).unwrap_or_default();
            object([("median", time(median)), ("sigma", sigma)])
        }
    };
    let effect = match &what.effect {
        None => Value::Null,
        Some(Effect::Breaks(breakage)) => breakage.name().into(),
        Some(Effect::Slowed { pieces, within }) => {
            let pieces = Value::Integer((*pieces).into());
            object([("slow", object([("pieces", pieces), ("within", time(*within))]))])
        }
        Some(Effect::Status(status)) => {
            object([("status", Value::Integer(status.as_u16().into()))])
        }
        Some(Effect::Error(name)) => object([("error", Value::Text(name.clone()))]),
    };
    let share = what.share.and_then(|share| Value::spelled(&share.to_string()));
    [share.unwrap_or_default(), delay, effect]
}

/// How long it lasts.
pub fn lasting(what: &Disturbance) -> Value {
    what.lasts.map_or(Value::Null, |lasts| seconds(lasts).into())
}

/// As ISO 8601 writes it.
fn seconds(time: Duration) -> String {
    jiff::SignedDuration::try_from(time).unwrap_or(jiff::SignedDuration::MAX).to_string()
}

fn number(number: u64) -> Value {
    Value::Integer(i64::try_from(number).unwrap_or(i64::MAX))
}

fn object<const N: usize>(members: [(&str, Value); N]) -> Value {
    let members: Map = members.into_iter().map(|(name, value)| (name.into(), value)).collect();
    Value::map(members)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_is_read_as_the_same() {
        let effects = Breakage::ALL
            .map(Effect::Breaks)
            .into_iter()
            .chain([Effect::Status(StatusCode::TOO_MANY_REQUESTS), Effect::Error("Busy".into())]);
        let millis = Duration::from_millis;
        let slowed = Effect::Slowed { pieces: 3, within: millis(1500) };
        let effects = effects.chain([slowed]);
        let delays = [
            None,
            Some(Delay::Between(millis(1), millis(1))),
            Some(Delay::Between(millis(0), millis(90_500))),
            Some(Delay::LogNormal { median: millis(80), sigma: 0.4 }),
        ];
        for effect in effects.map(Some).chain([None]) {
            for (share, delay) in [None, Some(0.1), Some(1.0), None].into_iter().zip(delays) {
                let effect = effect.clone();
                let lasts = share.map(|_| millis(1));
                let until = share.map(|_| Timestamp::UNIX_EPOCH);
                let what = Disturbance { share, lasts, delay, effect, ..Disturbance::default() };
                let (vendor, operation) = (Some("shop".into()), None);
                let times = share.map(|_| 3);
                let fault = Fault { vendor, operation, skip: 2, times, what, until };
                let pending = Pending { id: 7, fault: fault.clone(), befell: 2 };
                let again = read(&shown(&pending)).unwrap();
                assert_eq!((again.id, again.fault, again.befell), (7, fault, 2));
            }
        }
    }
}
