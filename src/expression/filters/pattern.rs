//! Filters that look for a pattern in a text.

use regex_lite::{Captures, Regex};

use super::{Call, Outcome, Prepared};
use crate::expression::cost::Fault;
use crate::value::{Map, Value};

/// What a pattern costs that is not known before.
const COMPILING: usize = 1000;

/// A search behind a match looks at the rest of the text once more, of which this much counts as
/// one.
const REST: usize = 256;

fn pattern(call: &Call<'_>) -> Result<Regex, Fault> {
    let pattern = call.word(0)?.ok_or_else(|| Fault::misfit("a pattern is a string"))?;
    Regex::new(pattern).map_err(|error| Fault::misfit(error.to_string()))
}

pub(super) fn prepare(call: &mut Call<'_>) -> Result<Prepared, Fault> {
    pattern(call).map(Prepared::Pattern)
}

/// The pattern as it was compiled when the expression was read, if it was.
fn compiled<T>(
    call: &mut Call<'_>,
    look: impl FnOnce(&mut Call<'_>, &Regex) -> Result<T, Fault>,
) -> Result<T, Fault> {
    if let Some(Prepared::Pattern(pattern)) = call.prepared {
        return look(call, pattern);
    }
    call.budget.spend(COMPILING)?;
    let pattern = pattern(call)?;
    look(call, &pattern)
}

fn is_nothing(call: &Call<'_>) -> bool {
    matches!(call.value, None | Some(Value::Null))
}

/// Absent and null fit no pattern.
pub(super) fn matches(call: &mut Call<'_>) -> Outcome {
    if is_nothing(call) {
        return Ok(Some(Value::Bool(false)));
    }
    let text = call.scalar()?;
    let matches = compiled(call, |_, pattern| Ok(pattern.is_match(&text)))?;
    Ok(Some(Value::Bool(matches)))
}

/// The first match, or null.
pub(super) fn search(call: &mut Call<'_>) -> Outcome {
    if is_nothing(call) {
        return Ok(Some(Value::Null));
    }
    let text = call.scalar()?;
    let found = compiled(call, |call, pattern| {
        pattern.captures(&text).map(|found| parts(call, pattern, &found)).transpose()
    })?;
    Ok(Some(found.unwrap_or_default()))
}

/// All matches, none of which overlaps another one.
pub(super) fn findall(call: &mut Call<'_>) -> Outcome {
    if is_nothing(call) {
        return Ok(Some(Value::list(Vec::new())));
    }
    let text = call.scalar()?;
    let found = compiled(call, |call, pattern| {
        let mut all = Vec::new();
        for found in pattern.captures_iter(&text) {
            let end = found.get(0).map_or(text.len(), |whole| whole.end());
            call.budget.spend(1 + (text.len() - end) / REST)?;
            all.push(parts(call, pattern, &found)?);
        }
        Ok(all)
    })?;
    Ok(Some(Value::list(found)))
}

/// What a match is: a map of the groups that have names, a list of the groups if none has, the
/// matched text if there are none. A group that takes no part in it is null.
fn parts(call: &mut Call<'_>, pattern: &Regex, found: &Captures<'_>) -> Result<Value, Fault> {
    let text = |at: usize| found.get(at).map(|part| Value::text(part.as_str())).unwrap_or_default();
    call.budget.spend(found.len())?;
    call.budget.spend_text(found.get(0).map_or(0, |whole| whole.len()))?;
    let named = || pattern.capture_names().enumerate().filter_map(|(at, name)| Some((at, name?)));
    Ok(match found.len() {
        1 => text(0),
        _ if named().next().is_some() => {
            Value::map(named().map(|(at, name)| (name.into(), text(at))).collect::<Map>())
        }
        groups => Value::list((1..groups).map(text).collect()),
    })
}
