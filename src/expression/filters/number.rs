//! Filters that make numbers and booleans.

use super::{Call, Outcome};
use crate::expression::cost::Fault;
use crate::expression::numbers::{self, Arithmetic};
use crate::expression::operators::{calculate, kind, truth};
use crate::value::{Decimal, Value};

pub(super) fn bool(call: &mut Call<'_>) -> Outcome {
    Ok(Some(Value::Bool(call.value.is_some_and(truth))))
}

pub(super) fn abs(call: &mut Call<'_>) -> Outcome {
    match call.value {
        Some(value) if value.is_number() => {
            match value.compare_numbers(&Value::Integer(0)).is_some_and(std::cmp::Ordering::is_lt) {
                true => numbers::negate(value).transpose(),
                false => Ok(Some(value.clone())),
            }
        }
        other => Err(Fault::misfit(format!("{} has no absolute value", kind(other)))),
    }
}

/// The result, or the default where there is none.
fn or_default(result: Outcome, default: Option<&Value>) -> Outcome {
    match (result, default) {
        (Err(Fault::Misfit { .. }), Some(default)) => Ok(Some(default.clone())),
        (result, _) => result,
    }
}

pub(super) fn int(call: &mut Call<'_>) -> Outcome {
    let default = call.some(0);
    let base = call.count_argument(1)?.unwrap_or(10);
    let base = u32::try_from(base).ok().filter(|base| (2..=36).contains(base));
    let base = base.ok_or_else(|| Fault::misfit("a base is 2 to 36"))?;
    match call.value {
        None | Some(Value::Null) => Ok(Some(default.cloned().unwrap_or(Value::Integer(0)))),
        Some(Value::Text(text)) => or_default(whole(text, base).map(Some), default),
        Some(Value::Bool(value)) => Ok(Some(Value::Integer(i64::from(*value)))),
        Some(number @ (Value::Integer(_) | Value::Number(_))) => {
            or_default(numbers::truncate(number).map(Some), default)
        }
        other => {
            or_default(Err(Fault::misfit(format!("{} is not a number", kind(other)))), default)
        }
    }
}

fn whole(text: &str, base: u32) -> Result<Value, Fault> {
    let wrong = || Fault::misfit("a string that is not a number");
    if base == 10 {
        return numbers::truncate(&numbers::spelled(text).ok_or_else(wrong)?);
    }
    let (sign, digits) = match text.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", text.strip_prefix('+').unwrap_or(text)),
    };
    let prefix = match base {
        2 => "0b",
        8 => "0o",
        16 => "0x",
        _ => "",
    };
    let digits = match digits.get(..prefix.len()) {
        Some(found) if found.eq_ignore_ascii_case(prefix) => digits.get(prefix.len()..),
        _ => Some(digits),
    };
    digits
        .filter(|digits| !digits.starts_with(['+', '-']))
        .and_then(|digits| u128::from_str_radix(digits, base).ok())
        .and_then(|number| {
            Value::number(&match number {
                0 => "0".to_owned(),
                number => format!("{sign}{number}"),
            })
        })
        .ok_or_else(wrong)
}

pub(super) fn float(call: &mut Call<'_>) -> Outcome {
    let default = call.some(0);
    match call.value {
        None | Some(Value::Null) => Ok(Some(default.cloned().unwrap_or_else(|| 0.0.into()))),
        Some(Value::Text(text)) => match numbers::spelled(text) {
            Some(number) => Ok(Some(number)),
            None => or_default(Err(Fault::misfit("a string that is not a number")), default),
        },
        Some(value) if numbers::counted(value).is_some() => Ok(numbers::counted(value)),
        other => {
            or_default(Err(Fault::misfit(format!("{} is not a number", kind(other)))), default)
        }
    }
}

pub(super) fn sum(call: &mut Call<'_>) -> Outcome {
    let member = call.word(0)?.and_then(|_| call.some(0));
    let look = call.look(0);
    let mut sum = call.some(1).cloned().unwrap_or(Value::Integer(0));
    for item in call.items()?.iter() {
        let item = match member {
            Some(path) => look(item, Some(path)),
            None => Some(std::borrow::Cow::Borrowed(item)),
        };
        if let Some(item) = item {
            sum = calculate(Arithmetic::Add, Some(&sum), Some(&item), call.budget)?;
        }
    }
    Ok(Some(sum))
}

pub(super) fn round(call: &mut Call<'_>) -> Outcome {
    let places = call.whole_argument(0)?.unwrap_or(0);
    let method = call.word(1)?.unwrap_or("common");
    if !matches!(method, "common" | "ceil" | "floor") {
        return Err(Fault::misfit("the method is `common`, `ceil` or `floor`"));
    }
    let Some(value) = call.value.filter(|value| value.is_number()) else {
        return Err(Fault::misfit(format!("{} cannot be rounded", kind(call.value))));
    };
    if numbers::is_whole(value) && places >= 0 {
        return Ok(Some(value.clone()));
    }
    let unfit = || Fault::misfit(format!("{} cannot be rounded", kind(call.value)));
    let number = numbers::decimal(value).ok_or_else(unfit)??;
    let rounded = match method {
        "common" => number.round(places),
        _ => directed(&number, places, method == "ceil"),
    };
    rounded.map(|number| Some(Value::from(number))).map_err(|e| Fault::misfit(e.to_string()))
}

/// Up or down to so many places.
fn directed(
    number: &Decimal,
    places: i64,
    up: bool,
) -> Result<Decimal, crate::value::ArithmeticError> {
    let one = Decimal::from(1);
    let unit = Decimal::from(10).power(&Decimal::from(places).negate())?;
    let below = number.floor_divide(&unit)?.multiply(&unit)?;
    if up && below != *number { below.add(&one.multiply(&unit)?) } else { Ok(below) }
}
