//! Filters of lists.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::BTreeSet;

use super::{Call, Look, Outcome, digest};
use crate::expression::cost::Fault;
use crate::expression::operators::{items, kind, order};
use crate::value::{Map, Value};

fn made(items: Vec<Value>) -> Outcome {
    Ok(Some(Value::list(items)))
}

/// Sorting and comparing so many items costs their number times its logarithm.
fn spend_sorting(call: &mut Call<'_>, items: usize) -> Result<(), Fault> {
    call.budget.spend(items.saturating_mul(items.checked_ilog2().unwrap_or(0) as usize / 4))
}

pub(super) fn length(call: &mut Call<'_>) -> Outcome {
    let length = match call.value {
        Some(Value::Text(text)) if call.some(0).is_some() => digest::read(call, 0, text)?.len(),
        Some(Value::Text(text)) => text.chars().count(),
        Some(Value::List(items)) => items.len(),
        Some(value @ (Value::Map(_) | Value::Record(_))) => {
            value.members().into_iter().flatten().count()
        }
        other => return Err(Fault::misfit(format!("{} has no length", kind(other)))),
    };
    Ok(Some(Value::count(length)))
}

pub(super) fn list(call: &mut Call<'_>) -> Outcome {
    match call.value {
        Some(list @ Value::List(_)) => Ok(Some(list.clone())),
        _ => made(call.items()?.into_owned()),
    }
}

pub(super) fn first(call: &mut Call<'_>) -> Outcome {
    match call.value {
        Some(Value::Text(text)) => Ok(text.chars().next().map(|c| c.to_string().into())),
        Some(Value::List(items)) => Ok(items.first().cloned()),
        Some(map @ (Value::Map(_) | Value::Record(_))) => {
            Ok(map.members().and_then(|mut m| m.next()).map(|(name, _)| Value::Text(name.clone())))
        }
        other => Err(Fault::misfit(format!("{} has no first item", kind(other)))),
    }
}

pub(super) fn last(call: &mut Call<'_>) -> Outcome {
    match call.value {
        Some(Value::Text(text)) => Ok(text.chars().next_back().map(|c| c.to_string().into())),
        Some(Value::List(items)) => Ok(items.last().cloned()),
        other => Err(Fault::misfit(format!("{} has no last item", kind(other)))),
    }
}

pub(super) fn reverse(call: &mut Call<'_>) -> Outcome {
    match call.value {
        None | Some(Value::Null) => Ok(call.value.cloned()),
        Some(Value::Text(text)) => {
            call.budget.spend_text(text.len())?;
            Ok(Some(text.chars().rev().collect::<String>().into()))
        }
        _ => made(call.items()?.iter().rev().cloned().collect()),
    }
}

/// What items are compared by: texts without regard to case, unless asked for.
#[derive(Clone, Copy)]
struct By<'c> {
    member: Option<&'c Value>,
    look: Look,
    case_sensitive: bool,
}

impl By<'_> {
    /// What an item is compared by; `None` when it has none.
    fn key(&self, item: &Value) -> Option<Value> {
        let key = match self.member {
            Some(path) => (self.look)(item, Some(path)).map(Cow::into_owned)?,
            None => item.clone(),
        };
        Some(match key {
            Value::Text(text) if !self.case_sensitive => text.to_ascii_lowercase().into(),
            key => key,
        })
    }
}

fn by<'c>(call: &Call<'c>, case_sensitive: usize, at: usize) -> Result<By<'c>, Fault> {
    let member = call.word(at)?.and_then(|_| call.some(at));
    Ok(By { member, look: call.look(at), case_sensitive: call.flag(case_sensitive)? })
}

fn extreme(call: &mut Call<'_>, replaces: fn(Ordering) -> bool) -> Outcome {
    let by = by(call, 0, 1)?;
    let mut best: Option<(Option<Value>, Value)> = None;
    for item in call.items()?.iter() {
        let key = by.key(item);
        let better = match &best {
            Some((known, _)) => replaces(order(key.as_ref(), known.as_ref())),
            None => true,
        };
        if better {
            best = Some((key, item.clone()));
        }
    }
    Ok(best.map(|(_, item)| item))
}

pub(super) fn min(call: &mut Call<'_>) -> Outcome {
    extreme(call, Ordering::is_lt)
}

pub(super) fn max(call: &mut Call<'_>) -> Outcome {
    extreme(call, Ordering::is_ge)
}

pub(super) fn sort(call: &mut Call<'_>) -> Outcome {
    let reverse = call.flag(0)?;
    let case_sensitive = call.flag(1)?;
    let paths: Vec<Value> = match call.word(2)? {
        Some(paths) => paths.split(',').map(|path| Value::from(path.trim())).collect(),
        None => Vec::new(),
    };
    let look = call.look(2);
    let items = call.items()?;
    spend_sorting(call, items.len())?;
    let keys = |item: &Value| -> Vec<Option<Value>> {
        match paths.is_empty() {
            true => vec![By { member: None, look, case_sensitive }.key(item)],
            false => paths
                .iter()
                .map(|path| By { member: Some(path), look, case_sensitive }.key(item))
                .collect(),
        }
    };
    let mut keyed: Vec<_> = items.iter().map(|item| (keys(item), item.clone())).collect();
    keyed.sort_by(|(a, _), (b, _)| {
        let ordering = a
            .iter()
            .zip(b)
            .map(|(a, b)| order(a.as_ref(), b.as_ref()))
            .find(|ordering| ordering.is_ne())
            .unwrap_or(Ordering::Equal);
        if reverse { ordering.reverse() } else { ordering }
    });
    made(keyed.into_iter().map(|(_, item)| item).collect())
}

/// A key as a member of an ordered set.
struct Ordered(Option<Value>);

impl PartialEq for Ordered {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Ordered {}

impl PartialOrd for Ordered {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Ordered {
    fn cmp(&self, other: &Self) -> Ordering {
        order(self.0.as_ref(), other.0.as_ref())
    }
}

pub(super) fn unique(call: &mut Call<'_>) -> Outcome {
    let by = by(call, 0, 1)?;
    let items = call.items()?;
    spend_sorting(call, items.len())?;
    let mut seen = BTreeSet::new();
    made(items.iter().filter(|item| seen.insert(Ordered(by.key(item)))).cloned().collect())
}

/// A list of `{grouper: what the items have in common, list: the items}`, ordered by the first.
pub(super) fn groupby(call: &mut Call<'_>) -> Outcome {
    let default = call.argument(1);
    let by = by(call, 2, 0)?;
    let items = call.items()?;
    spend_sorting(call, items.len())?;
    let mut keyed: Vec<_> = items
        .iter()
        .map(|item| {
            let whole =
                (by.look)(item, by.member).map(Cow::into_owned).or_else(|| default.cloned());
            let key = match (&whole, by.case_sensitive) {
                (Some(Value::Text(text)), false) => Some(text.to_ascii_lowercase().into()),
                _ => whole.clone(),
            };
            (key, whole, item.clone())
        })
        .collect();
    keyed.sort_by(|(a, ..), (b, ..)| order(a.as_ref(), b.as_ref()));
    let mut groups: Vec<(Option<Value>, Option<Value>, Vec<Value>)> = Vec::new();
    for (key, whole, item) in keyed {
        match groups.last_mut() {
            Some((before, last, members)) if order(before.as_ref(), key.as_ref()).is_eq() => {
                *last = whole;
                members.push(item);
            }
            _ => groups.push((key, whole, vec![item])),
        }
    }
    let groups = groups.into_iter().map(|(_, grouper, list)| {
        let mut group = Map::with_capacity(2);
        group.push("grouper".into(), grouper.unwrap_or_default());
        group.push("list".into(), Value::list(list));
        Value::map(group)
    });
    made(groups.collect())
}

fn count(call: &Call<'_>) -> Result<usize, Fault> {
    match call.count_argument(0)? {
        Some(count) if count > 0 => Ok(count),
        _ => Err(Fault::misfit("a count is at least 1")),
    }
}

pub(super) fn slice(call: &mut Call<'_>) -> Outcome {
    let count = count(call)?;
    let fill = call.some(1);
    call.budget.spend(count)?;
    let items = call.items()?;
    let (each, extra) = (items.len() / count, items.len() % count);
    let mut rest = items.iter();
    let slices = (0..count).map(|at| {
        let size = each + usize::from(at < extra);
        let mut slice: Vec<Value> = rest.by_ref().take(size).cloned().collect();
        slice.extend(fill.filter(|_| at >= extra).cloned());
        Value::list(slice)
    });
    made(slices.collect())
}

pub(super) fn batch(call: &mut Call<'_>) -> Outcome {
    let count = count(call)?;
    let fill = call.some(1);
    let items = call.items()?;
    let mut batches = Vec::new();
    for batch in items.chunks(count) {
        let mut batch = batch.to_vec();
        if let Some(fill) = fill {
            call.budget.spend(count - batch.len())?;
            batch.resize(count, fill.clone());
        }
        batches.push(Value::list(batch));
    }
    made(batches)
}

/// Maps are merged, of those with the same name the first one's member; all else are lists.
pub(super) fn chain(call: &mut Call<'_>) -> Outcome {
    let others: Vec<Option<&Value>> =
        (0..call.arguments.len()).map(|at| call.argument(at)).collect();
    let all = || std::iter::once(call.value).chain(others.iter().copied());
    if all().all(|value| matches!(value, Some(Value::Map(_) | Value::Record(_)))) {
        let mut merged = Map::new();
        for (name, member) in all().flatten().filter_map(Value::members).flatten() {
            call.budget.spend(1 + merged.len() / 16)?;
            merged.insert(name.clone(), member.clone());
        }
        return Ok(Some(Value::map(merged)));
    }
    let mut chained = Vec::new();
    for value in all() {
        chained.extend(items(value, call.budget)?.iter().cloned());
    }
    made(chained)
}

pub(super) fn zip(call: &mut Call<'_>) -> Outcome {
    let mut lists = vec![call.items()?];
    for at in 0..call.arguments.len() {
        lists.push(items(call.argument(at), call.budget)?);
    }
    let shortest = lists.iter().map(|list| list.len()).min().unwrap_or(0);
    call.budget.spend(shortest.saturating_mul(lists.len()))?;
    let tuples = (0..shortest)
        .map(|at| Value::list(lists.iter().filter_map(|list| list.get(at)).cloned().collect()));
    made(tuples.collect())
}

pub(super) fn range(call: &mut Call<'_>) -> Outcome {
    const MOST: usize = 100_000;
    let bound = call.whole_argument(0)?.ok_or_else(|| Fault::misfit("a bound is a number"))?;
    let (from, to) = match call.whole_argument(1)? {
        Some(to) => (bound, to),
        None => (0, bound),
    };
    let step = call.whole_argument(2)?.unwrap_or(1);
    if step == 0 {
        return Err(Fault::misfit("the step of a range is not 0"));
    }
    let mut numbers = Vec::new();
    let mut next = Some(from);
    while let Some(number) = next.filter(|n| if step > 0 { *n < to } else { *n > to }) {
        if numbers.len() == MOST {
            return Err(Fault::misfit("a range has at most 100000 numbers"));
        }
        call.budget.spend(1)?;
        numbers.push(Value::Integer(number));
        next = number.checked_add(step);
    }
    made(numbers)
}
