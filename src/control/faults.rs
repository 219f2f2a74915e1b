//! `faults`: what goes wrong for some requests because somebody wants to see it.

use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;

use super::call::{Call, suggest, wrong_kind};
use super::reply::{Refused, done, json, object, ok, optional};
use crate::clock::parse_duration;
use crate::exchange::{Answer, Breakage};
use crate::mock::fault::{Fault, described, lasting, shown};
use crate::mock::faults::Faults;
use crate::mock::stored::Complaint;
use crate::model::{Delay, Disturbance, Effect, LONGEST_DELAY, MOST_PIECES, MOST_SIGMA, Operation};
use crate::plan::Plan;
use crate::value::{Map, Value};

/// What a fault may say.
const MEMBERS: [&str; 8] =
    ["vendor", "operation", "skip", "times", "for", "share", "delay", "fault"];
/// In place of a list of faults: those of the specs, as a session begins.
const OF_SPECS: &str = "spec";

/// `GET faults`: all of the session, then those of the specs if they befall its requests.
pub(super) fn list(call: &Call<'_>) -> Result<Answer, Refused> {
    call.only(&[])?;
    Ok(ok(&all(call)))
}

fn all(call: &Call<'_>) -> Value {
    let faults = &call.session.faults;
    call.session.seen();
    let mut all: Vec<Value> = faults.list(call.session.clock().now()).iter().map(shown).collect();
    if faults.of_specs() {
        all.extend(call.mock.plans().iter().flat_map(|plan| of_spec(plan, faults)));
    }
    Value::list(all)
}

/// `POST faults`: one more; answered with it and its id.
pub(super) fn add(call: &Call<'_>) -> Result<Answer, Refused> {
    call.only(&[])?;
    let given = Value::Map(call.json_object()?);
    let fault = read(call, &[given])?.pop();
    let added = fault.and_then(|fault| call.session.add_fault(fault)).ok_or_else(too_many)?;
    Ok(json(StatusCode::CREATED, &shown(&added)))
}

/// `PUT faults`: those in place of all, also of those of the specs, or only these again; answered
/// with all of them.
pub(super) fn replace(call: &Call<'_>) -> Result<Answer, Refused> {
    call.only(&[])?;
    let given = match call.json()? {
        Value::List(given) => given,
        Value::Text(word) if &*word == OF_SPECS => {
            call.session.clear_faults(true);
            return Ok(ok(&all(call)));
        }
        other => return Err(wrong_kind("an array of faults, or \"spec\"", &other)),
    };
    let faults = read(call, &given)?;
    call.session.clear_faults(false);
    for fault in faults {
        call.session.add_fault(fault).ok_or_else(too_many)?;
    }
    Ok(ok(&all(call)))
}

/// `DELETE faults`: none any more, those of the specs neither.
pub(super) fn clear(call: &Call<'_>) -> Result<Answer, Refused> {
    call.only(&[])?;
    call.session.clear_faults(false);
    Ok(done())
}

/// `DELETE faults/{id}`: one less.
pub(super) fn remove(call: &Call<'_>, id: &str) -> Result<Answer, Refused> {
    call.only(&[])?;
    let found = id.parse::<u64>().is_ok_and(|id| call.session.remove_fault(id));
    match found {
        true => Ok(done()),
        false => Err(Refused::not_found(format!("there is no fault `{id}`"))),
    }
}

fn too_many() -> Refused {
    Refused::new(StatusCode::UNPROCESSABLE_ENTITY, "a session has at most 1,000 faults at once")
}

/// What a spec has: for each operation that says it itself, then for all others.
fn of_spec(plan: &Plan, faults: &Faults) -> Vec<Value> {
    let service = &plan.service;
    let befell = |operation: &Operation| faults.of_specs_befell(&service.vendor, &operation.id);
    let (own, others): (Vec<_>, Vec<_>) =
        service.operations.iter().partition(|operation| operation.own_disturbances);
    let own = own
        .into_iter()
        .map(|operation| (Some(&operation.id), &operation.disturbances, vec![befell(operation)]));
    let others = others.into_iter().map(befell).collect();
    let all = own.chain([(None, &service.disturbances, others)]);
    let shown = all.flat_map(|(operation, all, befell)| {
        all.list().into_iter().enumerate().map(move |(at, what)| {
            let own = befell.len() == 1;
            let [share, delay, effect] = described(&what);
            let befell: u64 = befell.iter().filter_map(|counts| counts.get(at)).sum();
            object([
                ("id", Value::Null),
                ("vendor", Value::Text(service.vendor.clone())),
                ("operation", optional(operation)),
                ("skip", number(what.skip)),
                ("times", what.times.map_or(Value::Null, number)),
                ("for", lasting(&what)),
                ("until", Value::Null),
                ("share", share),
                ("delay", delay),
                ("fault", effect),
                ("befell", number(befell)),
                ("usedUp", Value::Bool(own && what.times.is_some_and(|times| befell >= times))),
            ])
        })
    });
    shown.collect()
}

fn number(number: u64) -> Value {
    Value::Integer(number.try_into().unwrap_or(i64::MAX))
}

/// Fails with all that is wrong with any of them.
fn read(call: &Call<'_>, given: &[Value]) -> Result<Vec<Fault>, Refused> {
    let mut reader = Reader { call, at: String::new(), complaints: Vec::new() };
    let mut faults = Vec::new();
    for (at, value) in given.iter().enumerate() {
        reader.at = if given.len() > 1 { format!("[{at}]") } else { String::new() };
        faults.extend(reader.fault(value));
    }
    match reader.complaints.is_empty() {
        true => Ok(faults),
        false => Err(Refused::complaints(reader.complaints)),
    }
}

struct Reader<'a, 'c> {
    call: &'a Call<'c>,
    at: String,
    complaints: Vec<Complaint>,
}

impl Reader<'_, '_> {
    fn complain(&mut self, name: &str, message: String) {
        let dot = if self.at.is_empty() || name.is_empty() { "" } else { "." };
        self.complaints.push(Complaint { path: format!("{}{dot}{name}", self.at).into(), message });
    }

    fn fault(&mut self, value: &Value) -> Option<Fault> {
        let Value::Map(map) = value else {
            self.complain("", format!("a fault is an object, not of type {}", value.kind()));
            return None;
        };
        let map: &Map = map;
        for (name, _) in map.iter().filter(|(name, _)| !MEMBERS.contains(&&***name)) {
            let message = suggest("a fault has no such member".to_owned(), name, MEMBERS);
            self.complain(name, message);
        }
        let vendor = self.text(map, "vendor");
        let operation = self.text(map, "operation");
        self.names(vendor.as_deref(), operation.as_deref());
        let skip = match map.get("skip").filter(|skip| **skip != Value::Null) {
            None => 0,
            Some(Value::Integer(skip)) if *skip >= 0 => u64::try_from(*skip).unwrap_or_default(),
            Some(other) => {
                self.complain("skip", format!("must be a whole number from 0 on, not {other}"));
                0
            }
        };
        let times = match map.get("times").filter(|times| **times != Value::Null) {
            None => None,
            Some(Value::Integer(times)) if *times > 0 => u64::try_from(*times).ok(),
            Some(other) => {
                self.complain("times", format!("must be a whole number from 1 on, not {other}"));
                None
            }
        };
        let share = match map.get("share").filter(|share| **share != Value::Null) {
            None => None,
            Some(share) => {
                let number = share.to_string().parse().ok();
                let fits =
                    number.filter(|n| !matches!(share, Value::Text(_)) && (0.0..=1.0).contains(n));
                if fits.is_none() {
                    self.complain("share", format!("must be a number from 0 to 1, not {share}"));
                }
                fits
            }
        };
        let delay = self.delay(map.get("delay"));
        let plan = vendor.as_deref().and_then(|name| self.plan(name));
        let effect = self.effect(map.get("fault"), plan);
        if delay.is_none() && effect.is_none() && self.complaints.is_empty() {
            self.complain("", "a fault needs `delay` or `fault`".to_owned());
        }
        let lasts = self.lasts(map.get("for"));
        let what = Disturbance { share, lasts, delay, effect, ..Disturbance::default() };
        Some(Fault { vendor, operation, skip, times, what, until: None })
    }

    fn lasts(&mut self, given: Option<&Value>) -> Option<Duration> {
        let given = given.filter(|given| **given != Value::Null)?;
        let read = given.as_str().map(parse_duration);
        match read.and_then(|read| Duration::try_from(read.ok()?).ok()) {
            Some(lasts) => Some(lasts),
            None => {
                self.complain("for", format!("must be a duration such as PT30S, not {given}"));
                None
            }
        }
    }

    fn plan(&self, vendor: &str) -> Option<Arc<Plan>> {
        self.call.mock.plans().iter().find(|plan| &*plan.service.vendor == vendor).cloned()
    }

    fn text(&mut self, map: &Map, name: &str) -> Option<Arc<str>> {
        match map.get(name) {
            None | Some(Value::Null) => None,
            Some(Value::Text(text)) => Some(text.clone()),
            Some(other) => {
                self.complain(name, format!("must be a string, not {other}"));
                None
            }
        }
    }

    fn names(&mut self, vendor: Option<&str>, operation: Option<&str>) {
        let plans: Vec<_> = self.call.mock.plans().to_vec();
        if let Some(vendor) = vendor
            && !plans.iter().any(|plan| &*plan.service.vendor == vendor)
        {
            let known = plans.iter().map(|plan| &*plan.service.vendor);
            let message = suggest(format!("there is no vendor `{vendor}`"), vendor, known);
            self.complain("vendor", message);
            return;
        }
        let asked = plans.iter().filter(|p| vendor.is_none_or(|name| name == &*p.service.vendor));
        let known = asked.flat_map(|plan| plan.operations.iter().map(|one| &*one.id));
        if let Some(operation) = operation
            && !known.clone().any(|known| known == operation)
        {
            let said = format!("there is no operation `{operation}`");
            let message = suggest(said, operation, known);
            self.complain("operation", message);
        }
    }

    fn delay(&mut self, value: Option<&Value>) -> Option<Delay> {
        match value {
            None | Some(Value::Null) => None,
            Some(Value::Map(one)) if one.get("median").is_some() => {
                self.only(one, "delay", ["median", "sigma"]);
                let median = self.time(one.get("median"), "delay.median");
                let sigma = one.get("sigma").filter(|sigma| !matches!(sigma, Value::Text(_)));
                let sigma = sigma.and_then(|sigma| sigma.to_string().parse().ok());
                let sigma = sigma.filter(|sigma| (0.0..=MOST_SIGMA).contains(sigma));
                if sigma.is_none() {
                    self.complain("delay.sigma", "must be a number from 0 to 10".to_owned());
                }
                Some(Delay::LogNormal { median: median?, sigma: sigma? })
            }
            Some(Value::Map(range)) => {
                self.only(range, "delay", ["from", "to"]);
                let from = self.time(range.get("from"), "delay.from");
                let to = self.time(range.get("to"), "delay.to");
                let (from, to) = (from?, to?);
                if to < from {
                    self.complain("delay.to", "must not be shorter than `from`".to_owned());
                }
                Some(Delay::Between(from, to))
            }
            one => self.time(one, "delay").map(|time| Delay::Between(time, time)),
        }
    }

    fn only(&mut self, map: &Map, path: &str, members: [&str; 2]) {
        for (name, _) in map.iter().filter(|(name, _)| !members.contains(&&***name)) {
            let [first, second] = members;
            let message = format!("`{path}` has `{first}` and `{second}`");
            self.complain(&format!("{path}.{name}"), message);
        }
    }

    fn time(&mut self, value: Option<&Value>, name: &str) -> Option<Duration> {
        let time = value.and_then(Value::as_str).and_then(|text| parse_duration(text).ok());
        let time = time.and_then(|time| Duration::try_from(time).ok());
        let time = time.filter(|time| *time <= LONGEST_DELAY);
        if time.is_none() {
            let given = value.map_or_else(|| "nothing".to_owned(), ToString::to_string);
            let message = format!("must be a duration such as PT0.5S, up to PT10M, not {given}");
            self.complain(name, message);
        }
        time
    }

    fn effect(&mut self, value: Option<&Value>, plan: Option<Arc<Plan>>) -> Option<Effect> {
        match value {
            None | Some(Value::Null) => None,
            Some(Value::Text(word)) => {
                let found = Breakage::ALL.into_iter().find(|known| known.name() == &**word);
                if found.is_none() {
                    let known = Breakage::ALL.map(Breakage::name);
                    let said = format!(
                        "must be {}, {{\"status\": 503}} or {{\"error\": NAME}}, not `{word}`",
                        known.join(", ")
                    );
                    self.complain("fault", suggest(said, word, known));
                }
                found.map(Effect::Breaks)
            }
            Some(Value::Map(map)) if map.len() == 1 && map.get("status").is_some() => {
                let status = match map.get("status") {
                    Some(Value::Integer(status)) => u16::try_from(*status).ok(),
                    _ => None,
                };
                let status = status.filter(|status| (200..600).contains(status));
                let status = status.and_then(|status| StatusCode::from_u16(status).ok());
                if status.is_none() {
                    self.complain("fault.status", "must be a status from 200 to 599".to_owned());
                }
                status.map(Effect::Status)
            }
            Some(Value::Map(map)) if map.len() == 1 && map.get("slow").is_some() => {
                let Some(Value::Map(slow)) = map.get("slow") else {
                    let message = "`slow` has `pieces` and `within`";
                    self.complain("fault.slow", message.to_owned());
                    return None;
                };
                self.only(slow, "fault.slow", ["pieces", "within"]);
                let pieces = match slow.get("pieces") {
                    Some(Value::Integer(pieces)) => u32::try_from(*pieces).ok(),
                    _ => None,
                };
                let pieces = pieces.filter(|pieces| (1..=MOST_PIECES).contains(pieces));
                if pieces.is_none() {
                    let message = format!("must be a whole number from 1 to {MOST_PIECES}");
                    self.complain("fault.slow.pieces", message);
                }
                let within = self.time(slow.get("within"), "fault.slow.within");
                Some(Effect::Slowed { pieces: pieces?, within: within? })
            }
            Some(Value::Map(map)) if map.len() == 1 && map.get("error").is_some() => {
                let name = map.get("error").and_then(Value::as_str).unwrap_or_default();
                let Some(plan) = plan else {
                    let said = "an error is one of a vendor's, so `vendor` must be given";
                    self.complain("fault.error", said.to_owned());
                    return None;
                };
                let known = plan.errors.iter().map(|error| &*error.name);
                if !known.clone().any(|known| known == name) {
                    let vendor = &plan.service.vendor;
                    let said = format!("{vendor} has no error `{name}`");
                    self.complain("fault.error", suggest(said, name, known));
                    return None;
                }
                Some(Effect::Error(name.into()))
            }
            Some(other) => {
                let said = format!(
                    "must be a word, {{\"status\": 503}} or {{\"error\": NAME}}, not {other}"
                );
                self.complain("fault", said);
                None
            }
        }
    }
}
