//! What operators mean for our values.

use std::borrow::Cow;
use std::cmp::Ordering;

use super::cost::{Budget, Fault};
use super::numbers::{self, Arithmetic};
use crate::value::Value;

/// A value, borrowed where it stands somewhere already; `None` is absent.
pub(super) type Held<'v> = Option<Cow<'v, Value>>;

/// Whether a value counts as true: null, `false`, zero and what is empty do not.
pub fn truth(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(value) => *value,
        Value::Integer(value) => *value != 0,
        Value::Number(value) => value.digits() > 0,
        Value::Text(text) => !text.is_empty(),
        Value::List(items) => !items.is_empty(),
        Value::Map(map) => !map.is_empty(),
        Value::Record(record) => !record.is_empty(),
    }
}

/// What kind a value is of, in the words of messages.
pub(super) fn kind(value: Option<&Value>) -> &'static str {
    match value {
        None => "nothing",
        Some(Value::Null) => "null",
        Some(Value::Bool(_)) => "a boolean",
        Some(Value::Integer(_) | Value::Number(_)) => "a number",
        Some(Value::Text(_)) => "a string",
        Some(Value::List(_)) => "a list",
        Some(Value::Map(_) | Value::Record(_)) => "a map",
    }
}

/// Whether two values are equal: numbers by their value, `true` being 1 and `false` 0, maps
/// without regard to the order of their members. What is absent is equal to nothing.
pub(super) fn equal(a: Option<&Value>, b: Option<&Value>) -> bool {
    a.zip(b).is_some_and(|(a, b)| equal_values(a, b))
}

pub(super) fn equal_values(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Null, Value::Null) => true,
        (Value::Text(a), Value::Text(b)) => a == b,
        (Value::List(a), Value::List(b)) => {
            a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| equal_values(a, b))
        }
        _ => match (a.members(), b.members()) {
            (Some(mine), Some(theirs)) => {
                let mut count = 0;
                let same = mine.into_iter().all(|(name, value)| {
                    count += 1;
                    b.get(name).is_some_and(|other| equal_values(value, other))
                });
                same && count == theirs.count()
            }
            _ => numbers::compare(a, b) == Some(Ordering::Equal),
        },
    }
}

/// The order in which values are sorted: first by kind (absent, null, booleans, numbers, texts, lists, maps).
pub(super) fn order(a: Option<&Value>, b: Option<&Value>) -> Ordering {
    let rank = |value: Option<&Value>| match value {
        None => 0,
        Some(Value::Null) => 1,
        Some(Value::Bool(_)) => 2,
        Some(Value::Integer(_) | Value::Number(_)) => 3,
        Some(Value::Text(_)) => 4,
        Some(Value::List(_)) => 5,
        Some(Value::Map(_) | Value::Record(_)) => 6,
    };
    match (a, b) {
        (Some(Value::Text(a)), Some(Value::Text(b))) => a.cmp(b),
        (Some(Value::Bool(a)), Some(Value::Bool(b))) => a.cmp(b),
        (Some(Value::List(a)), Some(Value::List(b))) => a
            .iter()
            .zip(b.iter())
            .map(|(a, b)| order(Some(a), Some(b)))
            .find(|order| order.is_ne())
            .unwrap_or_else(|| a.len().cmp(&b.len())),
        _ if rank(a) != rank(b) => rank(a).cmp(&rank(b)),
        (Some(a), Some(b)) => match (a.members(), b.members()) {
            (Some(mine), Some(theirs)) => {
                let mine: Vec<_> = mine.collect();
                let theirs: Vec<_> = theirs.collect();
                mine.iter()
                    .zip(&theirs)
                    .map(|((a, x), (b, y))| a.cmp(b).then_with(|| order(Some(x), Some(y))))
                    .find(|order| order.is_ne())
                    .unwrap_or_else(|| mine.len().cmp(&theirs.len()))
            }
            _ => numbers::compare(a, b).unwrap_or(Ordering::Equal),
        },
        _ => Ordering::Equal,
    }
}

/// How two values compare: numbers, texts, booleans or lists. Values of different kinds, and what
/// is absent, null or a map, are neither less nor more than anything, whatever `order` sorts first.
pub(super) fn compared(a: Option<&Value>, b: Option<&Value>) -> Option<Ordering> {
    match (a?, b?) {
        (Value::Text(a), Value::Text(b)) => Some(a.cmp(b)),
        (Value::Bool(a), Value::Bool(b)) => Some(a.cmp(b)),
        (Value::List(a), Value::List(b)) => {
            match a.iter().zip(b.iter()).find(|(a, b)| !equal_values(a, b)) {
                Some((a, b)) => compared(Some(a), Some(b)),
                None => Some(a.len().cmp(&b.len())),
            }
        }
        (a, b) if a.is_number() && b.is_number() => numbers::compare(a, b),
        _ => None,
    }
}

/// How many comparisons a value stands for.
pub(super) fn size(value: Option<&Value>) -> usize {
    match value {
        Some(Value::Text(text)) => 1 + text.len() / 64,
        Some(Value::List(items)) => 1 + items.iter().map(|item| size(Some(item))).sum::<usize>(),
        Some(value) => {
            let members = value.members().into_iter().flatten();
            1 + members.map(|(_, member)| size(Some(member))).sum::<usize>()
        }
        None => 1,
    }
}

/// Whether something is in a container: a text in a text, an item in a list, a name in a map.
pub(super) fn contains(
    container: Option<&Value>,
    value: Option<&Value>,
    budget: &mut Budget,
) -> Result<bool, Fault> {
    match container {
        None => Ok(false),
        Some(Value::Text(text)) => {
            budget.spend_text(text.len())?;
            Ok(text.contains(&*text_of(value, budget)?))
        }
        Some(Value::List(items)) => {
            budget.spend(items.len())?;
            Ok(value.is_some_and(|value| items.iter().any(|item| equal_values(item, value))))
        }
        Some(map @ (Value::Map(_) | Value::Record(_))) => {
            Ok(value.and_then(member_name).is_some_and(|name| map.get(&name).is_some()))
        }
        other => Err(Fault::misfit(format!("nothing can be in {}", kind(other)))),
    }
}

/// The name of a member that a value stands for.
pub(super) fn member_name(key: &Value) -> Option<Cow<'_, str>> {
    match key {
        Value::Text(text) => Some(Cow::Borrowed(text)),
        Value::Bool(_) | Value::Integer(_) | Value::Number(_) => Some(Cow::Owned(key.to_string())),
        _ => None,
    }
}

/// The member or the item for a key, if there is one; items are counted from the end when the
/// index is negative.
pub(super) fn item<'v>(of: &'v Value, key: &Value) -> Option<Cow<'v, Value>> {
    match of {
        Value::Map(_) | Value::Record(_) => of.get(&member_name(key)?).map(Cow::Borrowed),
        Value::List(items) => items.get(index(key, items.len())?).map(Cow::Borrowed),
        Value::Text(text) => {
            let at = index(key, text.chars().count())?;
            text.chars().nth(at).map(|c| Cow::Owned(Value::from(c.to_string())))
        }
        _ => None,
    }
}

/// The same by a key that is worked out.
pub(super) fn item_shown<'v>(of: &'v Value, key: &Value) -> Option<Cow<'v, Value>> {
    match of {
        Value::Record(_) => shown(of, &member_name(key)?).map(Cow::Borrowed),
        _ => item(of, key),
    }
}

/// A member whose name is worked out, perhaps from a request: what is hidden from whoever takes a
/// row as a whole is so from him, too.
fn shown<'v>(of: &'v Value, name: &str) -> Option<&'v Value> {
    let found = of.get(name)?;
    of.members()?.any(|(_, one)| std::ptr::eq(one, found)).then_some(found)
}

fn index(key: &Value, length: usize) -> Option<usize> {
    let at = numbers::small(key)?;
    match usize::try_from(at) {
        Ok(at) => Some(at),
        Err(_) => length.checked_sub(usize::try_from(at.unsigned_abs()).ok()?),
    }
}

/// A part of a text or a list, as Python slices them.
pub(super) fn slice(
    of: Option<&Value>,
    [from, to, step]: [Option<&Value>; 3],
    budget: &mut Budget,
) -> Result<Value, Fault> {
    let bound = |value: Option<&Value>| match value {
        None | Some(Value::Null) => Ok(None),
        Some(value) => match numbers::small(value) {
            Some(number) => Ok(Some(number)),
            None => Err(Fault::misfit(format!("{} is not an index", kind(Some(value))))),
        },
    };
    let (from, to, step) = (bound(from)?, bound(to)?, bound(step)?.unwrap_or(1));
    if step == 0 {
        return Err(Fault::misfit("the step of a slice is not 0"));
    }
    match of {
        None | Some(Value::Null) => Ok(Value::list(Vec::new())),
        Some(Value::Text(text)) => {
            budget.spend_text(text.len())?;
            let chars: Vec<char> = text.chars().collect();
            Ok(picked(chars.len(), from, to, step)
                .filter_map(|at| chars.get(at))
                .collect::<String>()
                .into())
        }
        Some(Value::List(items)) => {
            let picked: Vec<Value> = picked(items.len(), from, to, step)
                .filter_map(|at| items.get(at).cloned())
                .collect();
            budget.spend(picked.len())?;
            Ok(Value::list(picked))
        }
        other => Err(Fault::misfit(format!("{} cannot be sliced", kind(other)))),
    }
}

/// The indexes that a slice picks out of so many, in their order.
fn picked(
    length: usize,
    from: Option<i64>,
    to: Option<i64>,
    step: i64,
) -> impl Iterator<Item = usize> {
    let length = i64::try_from(length).unwrap_or(i64::MAX);
    let (lowest, highest) = if step > 0 { (0, length) } else { (-1, length - 1) };
    let clamp = |bound: i64| {
        let bound = if bound < 0 { bound.saturating_add(length) } else { bound };
        bound.clamp(lowest, highest)
    };
    let (first, end) = match step > 0 {
        true => (from.map_or(0, clamp), to.map_or(length, clamp)),
        false => (from.map_or(highest, clamp), to.map_or(-1, clamp)),
    };
    let mut next = Some(first);
    std::iter::from_fn(move || {
        let at = next.filter(|at| if step > 0 { *at < end } else { *at > end })?;
        next = at.checked_add(step);
        usize::try_from(at).ok()
    })
}

/// An operator between two values.
pub(super) fn calculate(
    operator: Arithmetic,
    a: Option<&Value>,
    b: Option<&Value>,
    budget: &mut Budget,
) -> Result<Value, Fault> {
    let (Some(left), Some(right)) = (a, b) else { return Err(unfit(operator, a, b)) };
    if let Some(result) = numbers::calculate(operator, left, right) {
        return result;
    }
    match (operator, left, right) {
        (Arithmetic::Add, Value::Text(a), Value::Text(b)) => {
            budget.spend_text(a.len() + b.len())?;
            Ok(Value::from(format!("{a}{b}")))
        }
        (Arithmetic::Add, Value::List(a), Value::List(b)) => {
            budget.spend(a.len() + b.len())?;
            Ok(Value::list(a.iter().chain(b.iter()).cloned().collect()))
        }
        (Arithmetic::Multiply, Value::Text(text), times)
        | (Arithmetic::Multiply, times, Value::Text(text)) => {
            let times = repetitions(times).ok_or_else(|| unfit(operator, a, b))?;
            budget.spend_text(text.len().saturating_mul(times))?;
            Ok(Value::from(text.repeat(times)))
        }
        (Arithmetic::Multiply, Value::List(items), times)
        | (Arithmetic::Multiply, times, Value::List(items)) => {
            let times = repetitions(times).ok_or_else(|| unfit(operator, a, b))?;
            budget.spend(items.len().saturating_mul(times))?;
            let repeated = std::iter::repeat_n(items, if items.is_empty() { 0 } else { times });
            Ok(Value::list(repeated.flat_map(|items| items.iter().cloned()).collect()))
        }
        _ => Err(unfit(operator, a, b)),
    }
}

fn repetitions(times: &Value) -> Option<usize> {
    usize::try_from(numbers::small(times)?).ok()
}

fn unfit(operator: Arithmetic, a: Option<&Value>, b: Option<&Value>) -> Fault {
    let symbol = match operator {
        Arithmetic::Add => "+",
        Arithmetic::Subtract => "-",
        Arithmetic::Multiply => "*",
        Arithmetic::Divide => "/",
        Arithmetic::DivideWhole => "//",
        Arithmetic::Remainder => "%",
        Arithmetic::Power => "**",
    };
    Fault::misfit(format!("`{symbol}` does not fit {} and {}", kind(a), kind(b)))
}

/// A value as text, as Jinja writes it: nothing for absent, `None`, `True` and `False`.
pub(super) fn text_of<'v>(
    value: Option<&'v Value>,
    budget: &mut Budget,
) -> Result<Cow<'v, str>, Fault> {
    Ok(match value {
        None => Cow::Borrowed(""),
        Some(Value::Text(text)) => Cow::Borrowed(text),
        Some(Value::Null) => Cow::Borrowed("None"),
        Some(Value::Bool(true)) => Cow::Borrowed("True"),
        Some(Value::Bool(false)) => Cow::Borrowed("False"),
        Some(number @ (Value::Integer(_) | Value::Number(_))) => Cow::Owned(number.to_string()),
        Some(value) => {
            let mut text = String::new();
            write_inside(value, &mut text, budget)?;
            Cow::Owned(text)
        }
    })
}

/// A value as it stands in the text of a list or a map.
fn write_inside(value: &Value, out: &mut String, budget: &mut Budget) -> Result<(), Fault> {
    budget.spend(1)?;
    match value {
        Value::Text(text) => {
            budget.spend_text(text.len())?;
            quote(text, out);
        }
        Value::List(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    out.push_str(", ");
                }
                write_inside(item, out, budget)?;
            }
            out.push(']');
        }
        Value::Map(_) | Value::Record(_) => {
            out.push('{');
            for (at, (name, member)) in value.members().into_iter().flatten().enumerate() {
                if at > 0 {
                    out.push_str(", ");
                }
                quote(name, out);
                out.push_str(": ");
                write_inside(member, out, budget)?;
            }
            out.push('}');
        }
        scalar => out.push_str(&text_of(Some(scalar), budget)?),
    }
    Ok(())
}

fn quote(text: &str, out: &mut String) {
    let quote = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
    out.push(quote);
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c == quote => out.extend(['\\', c]),
            c if c.is_control() => {
                let code = u32::from(c);
                let escape =
                    if code <= 0xff { format!("\\x{code:02x}") } else { format!("\\u{code:04x}") };
                out.push_str(&escape);
            }
            c => out.push(c),
        }
    }
    out.push(quote);
}

/// The items of a value, as Jinja walks it: the letters of a text, the names of a map, nothing of
/// absent and null.
pub(super) fn items<'v>(
    value: Option<&'v Value>,
    budget: &mut Budget,
) -> Result<Cow<'v, [Value]>, Fault> {
    let items = match value {
        None | Some(Value::Null) => Cow::Borrowed([].as_slice()),
        Some(Value::List(items)) => Cow::Borrowed(&**items),
        Some(Value::Text(text)) => {
            budget.spend(text.len())?;
            Cow::Owned(text.chars().map(|c| Value::from(c.to_string())).collect())
        }
        Some(map @ (Value::Map(_) | Value::Record(_))) => {
            let names = map.members().into_iter().flatten().map(|(name, _)| name.clone());
            Cow::Owned(names.map(Value::Text).collect())
        }
        other => return Err(Fault::misfit(format!("{} is not a list", kind(other)))),
    };
    budget.spend(items.len())?;
    Ok(items)
}

/// The same by a path that is worked out.
pub(super) fn along_shown<'v>(value: &'v Value, path: Option<&Value>) -> Option<Cow<'v, Value>> {
    let Some(Value::Text(steps)) = path else {
        return path.and_then(|key| item_shown(value, key));
    };
    let mut found = Some(value);
    for step in steps.split('.') {
        found = match found {
            Some(of @ Value::Record(_)) => Some(shown(of, step)?),
            Some(Value::List(items)) => step.parse().ok().and_then(|at: usize| items.get(at)),
            Some(of) => of.get(step),
            None => break,
        };
    }
    along(value, path)
}

/// What is found by a path such as `address.lines.0`, or by an index.
pub(super) fn along<'v>(value: &'v Value, path: Option<&Value>) -> Option<Cow<'v, Value>> {
    let path = match path? {
        Value::Text(path) => path,
        key => return item(value, key),
    };
    let mut found = Cow::Borrowed(value);
    for step in path.split('.') {
        let by_index = || step.parse().ok().map(Value::Integer);
        let next = |of: &Value| match of {
            Value::List(_) | Value::Text(_) => {
                by_index().and_then(|key| item(of, &key).map(Cow::into_owned))
            }
            _ => of.get(step).cloned(),
        };
        found = match found {
            Cow::Borrowed(of @ (Value::Map(_) | Value::Record(_))) => Cow::Borrowed(of.get(step)?),
            Cow::Borrowed(of) => Cow::Owned(next(of)?),
            Cow::Owned(of) => Cow::Owned(next(&of)?),
        };
    }
    Some(found)
}
