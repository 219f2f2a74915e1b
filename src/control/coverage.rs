//! `coverage/{vendor}`: which rules the requests of the journal came to.

use super::call::Call;
use super::explain;
use super::reply::{Refused, count, object, ok};
use crate::exchange::Answer;
use crate::mock::trace::{Entry, Outcome};
use crate::value::{Map, Value};

/// `GET coverage/{vendor}`: each rule that was looked at, with how often it came out in which way.
/// Requests from before the spec was last loaded do not count.
pub(super) fn read(call: &Call<'_>, vendor: &str) -> Result<Answer, Refused> {
    call.only(&[])?;
    let vendor = call.vendor(vendor)?;
    let rules = &vendor.plan.service.rules;
    let mut looked = vec![[0_usize; Outcome::ALL.len()]; rules.len()];
    let mut requests = 0;
    for entry in call.session.journal.entries() {
        if entry.plans.is_some() || entry.vendor != Some(vendor.position) {
            continue;
        }
        requests += 1;
        for looked_at in entry.trace.entries() {
            let (rule, outcome) = match looked_at {
                Entry::Rule(rule, outcome) | Entry::About(rule, outcome, _) => (*rule, *outcome),
                Entry::Broken(rule, _) => (*rule, Outcome::Broken),
                Entry::Note(_) | Entry::Mistake(_) => continue,
            };
            if let Some(counts) = looked.get_mut(rule.0 as usize)
                && let Some(at) = Outcome::ALL.iter().position(|known| *known == outcome)
                && let Some(count) = counts.get_mut(at)
            {
                *count += 1;
            }
        }
    }
    let shown = rules.iter().zip(&looked).filter(|(_, counts)| counts.iter().any(|n| *n > 0));
    let shown = shown.map(|(rule, counts)| {
        let statements = rule.statements.iter();
        let statements = statements.filter_map(|at| vendor.plan.service.statements.get(*at));
        let mut map = Map::new();
        map.insert("name", Value::Text(rule.name.clone()));
        map.insert("kind", explain::kind(rule.kind).into());
        map.insert(
            "statements",
            Value::list(statements.map(|s| Value::Text(s.id.clone())).collect()),
        );
        map.insert("at", rule.span.to_string().into());
        for (outcome, times) in Outcome::ALL.iter().zip(counts) {
            map.insert(outcome.name(), count(*times));
        }
        Value::map(map)
    });
    let shown = Value::list(shown.collect());
    Ok(ok(&object([("requests", count(requests)), ("rules", shown)])))
}
