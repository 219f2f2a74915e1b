//! Explanations, written from the trace when somebody asks.

use super::reply::{object, optional};
use crate::mock::trace::{Entry, Outcome, Trace};
use crate::model::{Rule, RuleId, RuleKind};
use crate::plan::Plan;
use crate::value::{Map, Value};

/// The rules that were looked at, in order, with how each came out.
pub(super) fn explain(plan: Option<&Plan>, trace: &Trace) -> Value {
    let entries = trace.entries().iter().map(|entry| match entry {
        Entry::Rule(id, outcome) => looked_at(plan, *id, *outcome, Vec::new()),
        Entry::About(id, outcome, detail) => {
            looked_at(plan, *id, *outcome, vec![("detail", Value::Text(detail.clone()))])
        }
        Entry::Broken(id, broken) => {
            let (path, value) = &**broken;
            let mut about = vec![("field", Value::Text(path.clone()))];
            about.extend(value.clone().map(|value| ("value", value)));
            looked_at(plan, *id, Outcome::Broken, about)
        }
        Entry::Note(text) => object([("note", Value::Text(text.clone()))]),
        Entry::Mistake(text) => object([("note", format!("cannot be evaluated: {text}").into())]),
    });
    Value::list(entries.collect())
}

fn looked_at(
    plan: Option<&Plan>,
    id: RuleId,
    outcome: Outcome,
    about: Vec<(&'static str, Value)>,
) -> Value {
    let Some((plan, rule)) = plan.and_then(|plan| Some((plan, find(plan, id)?))) else {
        return object([("outcome", outcome.name().into())]);
    };
    let statements = rule.statements.iter().filter_map(|at| plan.service.statements.get(*at));
    let statements = statements.map(|statement| {
        object([
            ("id", Value::Text(statement.id.clone())),
            ("says", Value::Text(statement.says.clone())),
        ])
    });
    let mut entry = Map::with_capacity(9);
    let short = plan.rule_names.get(id.0 as usize).and_then(|name| name.to_str().ok());
    entry.insert("rule", short.map_or(Value::Null, Value::from));
    entry.insert("name", Value::Text(rule.name.clone()));
    entry.insert("statements", Value::list(statements.collect()));
    entry.insert("kind", kind(rule.kind).into());
    entry.insert("outcome", outcome.name().into());
    for (name, value) in about {
        entry.insert(name, value);
    }
    entry.insert("evidence", rule.evidence.name().into());
    entry.insert("source", optional(rule.source.as_ref()));
    entry.insert("at", rule.span.to_string().into());
    Value::map(entry)
}

fn find(plan: &Plan, id: RuleId) -> Option<&Rule> {
    plan.service.rules.get(id.0 as usize)
}

/// The kind of a rule in one word or two.
pub(super) fn kind(kind: RuleKind) -> &'static str {
    match kind {
        RuleKind::Server => "server",
        RuleKind::MediaType => "media type",
        RuleKind::Security => "security",
        RuleKind::RateLimit => "rate limit",
        RuleKind::Cors => "cors",
        RuleKind::Idempotency => "idempotency",
        RuleKind::Error => "error",
        RuleKind::Failure => "failure",
        RuleKind::Setting => "setting",
        RuleKind::State => "state",
        RuleKind::Operation => "operation",
        RuleKind::Parameter => "parameter",
        RuleKind::Schema => "schema",
        RuleKind::Check => "check",
        RuleKind::Step => "step",
        RuleKind::Response => "response",
    }
}
