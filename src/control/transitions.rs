//! `transitions/{vendor}`: which steps of the spec have changed the state; `statements/{vendor}`:
//! which rules of statements requests came to.

use super::call::Call;
use super::describe::put_backing;
use super::reply::{Refused, ok, optional};
use crate::exchange::Answer;
use crate::mock::entry::Listed;
use crate::model::{Service, Transition};
use crate::plan::Plan;
use crate::value::{Map, Value};

/// `GET transitions/{vendor}`: those that requests of the session have made, in the order of the
/// spec. Neither the bounds of the journal nor a reset touch them.
pub(super) fn list(call: &Call<'_>, vendor: &str) -> Result<Answer, Refused> {
    call.only(&[])?;
    let vendor = call.vendor(vendor)?;
    let made = vendor.plan.transitions.iter().filter(|transition| {
        let Transition { operation, rule, .. } = **transition;
        call.session.exercised.has(vendor.position, operation, rule)
    });
    Ok(ok(&names(made)))
}

/// `GET statements/{vendor}`: those that requests of the session came to a rule of, in the order
/// of the spec.
pub(super) fn statements(call: &Call<'_>, vendor: &str) -> Result<Answer, Refused> {
    call.only(&[])?;
    let vendor = call.vendor(vendor)?;
    let service = &vendor.plan.service;
    let mut met = vec![false; service.statements.len()];
    for rule in call.session.exercised.rules(vendor.position) {
        let rule = service.rules.get(rule.0 as usize);
        for statement in rule.iter().flat_map(|rule| &rule.statements) {
            if let Some(met) = met.get_mut(*statement) {
                *met = true;
            }
        }
    }
    let ids = service.statements.iter().zip(met).filter(|(_, met)| *met);
    Ok(ok(&Value::list(ids.map(|(one, _)| Value::Text(one.id.clone())).collect())))
}

/// Those that a request has made.
pub(super) fn of_request(plan: Option<&Plan>, entry: &Listed) -> Value {
    let all = plan.map(|plan| &*plan.transitions).unwrap_or_default();
    names(all.iter().filter(|transition| {
        entry.operation == Some(transition.operation) && entry.changed.contains(&transition.rule)
    }))
}

/// All that a spec has, with what backs them.
pub(super) fn describe(service: &Service, transitions: &[Transition]) -> Value {
    let shown = transitions.iter().map(|transition| {
        let operation = service.operations.get(transition.operation.0);
        let rule = service.rules.get(transition.rule.0 as usize);
        let mut map = Map::new();
        map.insert("name", Value::Text(transition.name.clone()));
        map.insert("operation", optional(operation.map(|operation| &operation.id)));
        map.insert("at", rule.map_or(Value::Null, |rule| rule.span.to_string().into()));
        put_backing(&mut map, service, transition.rule);
        Value::map(map)
    });
    Value::list(shown.collect())
}

fn names<'t>(transitions: impl Iterator<Item = &'t Transition>) -> Value {
    Value::list(transitions.map(|transition| Value::Text(transition.name.clone())).collect())
}
