//! Filters of maps and of lists of pairs.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use super::{Call, Outcome};
use crate::expression::cost::{Budget, Fault};
use crate::expression::operators::{equal_values, kind, order, truth};
use crate::value::{Map, Value};

/// A map; absent and null have no members.
fn map(value: Option<&Value>) -> Result<Cow<'_, Map>, Fault> {
    match value {
        None | Some(Value::Null) => Ok(Cow::Owned(Map::new())),
        Some(Value::Map(map)) => Ok(Cow::Borrowed(map)),
        Some(Value::Record(record)) => Ok(Cow::Owned(record.to_map())),
        other => Err(Fault::misfit(format!("{} is not a map", kind(other)))),
    }
}

/// A list; absent and null have no items.
fn list<'c>(value: Option<&'c Value>, budget: &mut Budget) -> Result<&'c [Value], Fault> {
    let items = match value {
        None | Some(Value::Null) => [].as_slice(),
        Some(Value::List(items)) => items,
        other => return Err(Fault::misfit(format!("{} is not a list", kind(other)))),
    };
    budget.spend(items.len())?;
    Ok(items)
}

/// Looking a name up in a map is looking at each of its members.
fn insert(map: &mut Map, name: &Arc<str>, value: Value, budget: &mut Budget) -> Result<(), Fault> {
    budget.spend(1 + map.len() / 16)?;
    map.insert(name.clone(), value);
    Ok(())
}

pub(super) fn default(call: &mut Call<'_>) -> Outcome {
    let lax = call.argument(1).is_some_and(truth);
    match call.value {
        Some(value) if !lax || truth(value) => Ok(Some(value.clone())),
        _ if call.is_given(0) => Ok(call.argument(0).cloned()),
        _ => Ok(Some("".into())),
    }
}

fn pairs<'c>(call: &mut Call<'c>) -> Result<Vec<(Arc<str>, &'c Value)>, Fault> {
    const NULL: &Value = &Value::Null;
    let (Some(key), Some(value)) = (call.word(0)?, call.word(1)?) else {
        return Err(Fault::misfit("the names of members are texts"));
    };
    let pair = |item: &'c Value| {
        let name = item.get(key)?.scalar_text()?;
        Some((name, item.get(value).unwrap_or(NULL)))
    };
    Ok(list(call.value, call.budget)?.iter().filter_map(pair).collect())
}

/// Values by their names.
type Named<'c> = Vec<(Arc<str>, Vec<&'c Value>)>;

/// What has the same name, by the names in the order in which they first come. They are hashed,
/// since there may be tens of thousands.
fn by_name<'c>(call: &mut Call<'c>) -> Result<Named<'c>, Fault> {
    let pairs = pairs(call)?;
    call.budget.spend(pairs.len())?;
    let mut places: HashMap<Arc<str>, usize> = HashMap::with_capacity(pairs.len());
    let mut named: Named<'_> = Vec::new();
    for (name, value) in pairs {
        let at = *places.entry(name.clone()).or_insert(named.len());
        match named.get_mut(at) {
            Some((_, values)) => values.push(value),
            None => named.push((name, vec![value])),
        }
    }
    Ok(named)
}

/// A map of members that are known to have different names.
fn distinct(members: impl ExactSizeIterator<Item = (Arc<str>, Value)>) -> Outcome {
    let mut map = Map::with_capacity(members.len());
    for (name, value) in members {
        map.push(name, value);
    }
    Ok(Some(Value::map(map)))
}

pub(super) fn to_map(call: &mut Call<'_>) -> Outcome {
    let last = |values: Vec<&Value>| values.last().copied().cloned().unwrap_or_default();
    distinct(by_name(call)?.into_iter().map(|(name, values)| (name, last(values))))
}

pub(super) fn group(call: &mut Call<'_>) -> Outcome {
    let list = |values: Vec<&Value>| Value::list(values.into_iter().cloned().collect());
    distinct(by_name(call)?.into_iter().map(|(name, values)| (name, list(values))))
}

pub(super) fn to_list(call: &mut Call<'_>) -> Outcome {
    let (Some(key), Some(value)) = (call.word(0)?, call.word(1)?) else {
        return Err(Fault::misfit("the names of members are texts"));
    };
    let (key, value): (Arc<str>, Arc<str>) = (key.into(), value.into());
    let map = map(call.value)?;
    call.budget.spend(map.len())?;
    let pairs = map.iter().map(|(name, member)| {
        let pair = [(key.clone(), Value::Text(name.clone())), (value.clone(), member.clone())];
        Value::map(pair.into_iter().collect())
    });
    Ok(Some(Value::list(pairs.collect())))
}

/// In the order that was asked for, as a selection of fields should be.
pub(super) fn pick(call: &mut Call<'_>) -> Outcome {
    let names = list(call.argument(0), call.budget)?;
    let map = map(call.value)?;
    call.budget.spend(names.len().saturating_mul(map.len()) / 16)?;
    let mut picked = Map::new();
    for name in names {
        if let Value::Text(name) = name
            && let Some(member) = map.get(name)
        {
            picked.insert(name.clone(), member.clone());
        }
    }
    Ok(Some(Value::map(picked)))
}

pub(super) fn omit(call: &mut Call<'_>) -> Outcome {
    let names = list(call.argument(0), call.budget)?;
    let map = map(call.value)?;
    call.budget.spend(names.len().saturating_mul(map.len()) / 16)?;
    let mut kept = Map::with_capacity(map.len());
    for (name, member) in map.iter() {
        if !names.iter().any(|n| n.as_str() == Some(name)) {
            kept.push(name.clone(), member.clone());
        }
    }
    Ok(Some(Value::map(kept)))
}

pub(super) fn merge(call: &mut Call<'_>) -> Outcome {
    let second = map(call.argument(0))?;
    let mut merged = map(call.value)?.into_owned();
    for (name, value) in second.iter() {
        insert(&mut merged, name, value.clone(), call.budget)?;
    }
    Ok(Some(Value::map(merged)))
}

pub(super) fn without(call: &mut Call<'_>) -> Outcome {
    let others = list(call.argument(0), call.budget)?;
    let items = list(call.value, call.budget)?;
    call.budget.spend(items.len().saturating_mul(others.len()) / 4)?;
    let rest = items.iter().filter(|item| !others.iter().any(|other| equal_values(item, other)));
    Ok(Some(Value::list(rest.cloned().collect())))
}

fn members<'c>(call: &Call<'c>) -> Result<Cow<'c, Map>, Fault> {
    match call.value {
        Some(Value::Map(_) | Value::Record(_)) => map(call.value),
        other => Err(Fault::misfit(format!("{} is not a map", kind(other)))),
    }
}

fn pair((name, value): (&Arc<str>, &Value)) -> Value {
    Value::list(vec![Value::Text(name.clone()), value.clone()])
}

pub(super) fn items(call: &mut Call<'_>) -> Outcome {
    let map = members(call)?;
    call.budget.spend(map.len())?;
    Ok(Some(Value::list(map.iter().map(pair).collect())))
}

pub(super) fn dictsort(call: &mut Call<'_>) -> Outcome {
    let case_sensitive = call.flag(0)?;
    let by_value = matches!(call.word(1)?, Some("value"));
    let reverse = call.flag(2)?;
    let map = members(call)?;
    call.budget.spend(map.len().saturating_mul(4))?;
    let key = |text: &Value| match text {
        Value::Text(text) if !case_sensitive => text.to_ascii_lowercase().into(),
        other => other.clone(),
    };
    let mut keyed: Vec<(Value, Value)> = map
        .iter()
        .map(|(name, value)| match by_value {
            true => (key(value), pair((name, value))),
            false => (key(&Value::Text(name.clone())), pair((name, value))),
        })
        .collect();
    keyed.sort_by(|(a, _), (b, _)| {
        let ordering = order(Some(a), Some(b));
        if reverse { ordering.reverse() } else { ordering }
    });
    Ok(Some(Value::list(keyed.into_iter().map(|(_, pair)| pair).collect())))
}

#[cfg(test)]
mod tests {
    use crate::expression::parse;
    use crate::value::Value;

    #[test]
    fn tens_of_thousands_of_names_are_not_too_many() {
        let pair = |at: i64| {
            let key = Value::from(format!("n{}", at % 20_000));
            Value::map([("k".into(), key), ("v".into(), Value::Integer(at))].into_iter().collect())
        };
        let variables = vec![Some(Value::list((0..40_000).map(pair).collect()))];
        for (text, expected) in [
            ("(x | group('k', 'v'))['n7'] | join(',')", "7,20007"),
            ("(x | group('k', 'v')) | length", "20000"),
            ("(x | to_map('k', 'v'))['n7']", "20007"),
            ("(x | to_map('k', 'v')) | length", "20000"),
        ] {
            let found = parse(text).unwrap().evaluate(&variables).unwrap().unwrap();
            assert_eq!(found.scalar_text().as_deref(), Some(expected), "{text}");
        }
    }
}
