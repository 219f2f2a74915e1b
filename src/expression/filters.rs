//! The filters that the spec language adds to Jinja's own.

#![expect(
    clippy::needless_pass_by_value,
    reason = "minijinja hands filters their arguments by value"
)]

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest, Md5};
use minijinja::value::Value as Jinja;
use minijinja::{Environment, Error, ErrorKind};
use sha2::Sha256;

use super::bridge::{from_jinja, to_jinja};
use crate::clock;
use crate::random::encode_hex;
use crate::value::{Map, Value};

/// The names of the filters, for the reference and for messages.
pub const FILTERS: [&str; 17] = [
    "to_map",
    "to_list",
    "group",
    "pick",
    "omit",
    "merge",
    "without",
    "date",
    "plus",
    "instant",
    "base64",
    "base64_decode",
    "matches",
    "md5",
    "sha256",
    "digits",
    "brackets",
];

/// Adds the filters to an environment.
pub(super) fn register(environment: &mut Environment<'static>) {
    environment.add_filter("to_map", to_map);
    environment.add_filter("to_list", to_list);
    environment.add_filter("group", group);
    environment.add_filter("pick", |map: Jinja, names: Jinja| select(&map, &names, true));
    environment.add_filter("omit", |map: Jinja, names: Jinja| select(&map, &names, false));
    environment.add_filter("merge", merge);
    environment.add_filter("without", without);
    environment.add_filter("date", date);
    environment.add_filter("plus", plus);
    environment.add_filter("instant", instant);
    environment.add_filter("base64", |text: String| STANDARD.encode(text));
    environment.add_filter("base64_decode", base64_decode);
    environment.add_filter("matches", matches);
    environment.add_filter("md5", |text: String| encode_hex(&Md5::digest(text)));
    environment.add_filter("sha256", |text: String| encode_hex(&Sha256::digest(text)));
    environment.add_filter("digits", digits);
    environment.add_filter("brackets", brackets);
}

fn invalid(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::InvalidOperation, message.into())
}

/// Absent and null are a list of nothing.
fn items(value: &Jinja) -> Result<Vec<Value>, Error> {
    match from_jinja(value)? {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::List(items)) => Ok(Arc::unwrap_or_clone(items)),
        Some(other) => Err(invalid(format!("expected an array, not {}", other.kind()))),
    }
}

/// Absent and null are a map of nothing.
fn members(value: &Jinja) -> Result<Map, Error> {
    match from_jinja(value)? {
        None | Some(Value::Null) => Ok(Map::new()),
        Some(Value::Map(map)) => Ok(Arc::unwrap_or_clone(map)),
        Some(Value::Record(record)) => Ok(record.to_map()),
        Some(other) => Err(invalid(format!("expected an object, not {}", other.kind()))),
    }
}

fn pairs(list: &Jinja, key: &str, value: &str) -> Result<Vec<(Arc<str>, Value)>, Error> {
    let mut pairs = Vec::new();
    for item in items(list)? {
        let name = item.get(key).and_then(Value::scalar_text);
        if let Some(name) = name {
            pairs.push((name, item.get(value).cloned().unwrap_or_default()));
        }
    }
    Ok(pairs)
}

fn to_map(list: Jinja, key: &str, value: &str) -> Result<Jinja, Error> {
    Ok(to_jinja(&Value::map(pairs(&list, key, value)?.into_iter().collect())))
}

fn group(list: Jinja, key: &str, value: &str) -> Result<Jinja, Error> {
    let mut groups: Vec<(Arc<str>, Vec<Value>)> = Vec::new();
    for (name, item) in pairs(&list, key, value)? {
        match groups.iter_mut().find(|(known, _)| *known == name) {
            Some((_, group)) => group.push(item),
            None => groups.push((name, vec![item])),
        }
    }
    Ok(to_jinja(&Value::map(groups.into_iter().map(|(k, v)| (k, Value::list(v))).collect())))
}

fn to_list(map: Jinja, key: &str, value: &str) -> Result<Jinja, Error> {
    let (key, value): (Arc<str>, Arc<str>) = (key.into(), value.into());
    let list = members(&map)?
        .iter()
        .map(|(name, member)| {
            let pair = [(key.clone(), Value::Text(name.clone())), (value.clone(), member.clone())];
            Value::map(pair.into_iter().collect())
        })
        .collect();
    Ok(to_jinja(&Value::list(list)))
}

fn select(map: &Jinja, names: &Jinja, keep: bool) -> Result<Jinja, Error> {
    let map = members(map)?;
    let names = items(names)?;
    let listed = |name: &str| names.iter().any(|n| n.as_str() == Some(name));
    let selected: Map = if keep {
        // In the order that was asked for, as field selection should be.
        names
            .iter()
            .filter_map(|name| match name {
                Value::Text(name) => Some((name.clone(), map.get(name)?.clone())),
                _ => None,
            })
            .collect()
    } else {
        map.iter()
            .filter(|(name, _)| !listed(name))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect()
    };
    Ok(to_jinja(&Value::map(selected)))
}

fn merge(first: Jinja, second: Jinja) -> Result<Jinja, Error> {
    let mut map = members(&first)?;
    for (name, value) in members(&second)?.iter() {
        map.insert(name.clone(), value.clone());
    }
    Ok(to_jinja(&Value::map(map)))
}

fn without(list: Jinja, other: Jinja) -> Result<Jinja, Error> {
    let other = items(&other)?;
    let rest = items(&list)?.into_iter().filter(|item| !other.contains(item)).collect();
    Ok(to_jinja(&Value::list(rest)))
}

/// What `format: date-time` and `format: date` let through; without an offset it is UTC.
fn timestamp(text: &str) -> Result<jiff::Timestamp, Error> {
    clock::parse_timestamp(text)
        .or_else(|| clock::parse_timestamp(&format!("{text}Z")))
        .or_else(|| clock::parse_timestamp(&format!("{text}T00:00:00Z")))
        .ok_or_else(|| invalid(format!("`{text}` is no RFC 3339 time")))
}

fn date(time: &str, pattern: &str) -> Result<String, Error> {
    clock::format(timestamp(time)?, pattern).map_err(|error| invalid(error.to_string()))
}

fn plus(time: &str, duration: &str) -> Result<String, Error> {
    let duration = clock::parse_duration(duration).map_err(|error| invalid(error.to_string()))?;
    let later = timestamp(time)?
        .checked_add(duration)
        .map_err(|_| invalid(format!("`{time}` plus that duration is out of range")))?;
    Ok(later.to_string())
}

fn instant(time: &str) -> Result<i64, Error> {
    i64::try_from(timestamp(time)?.as_nanosecond())
        .map_err(|_| invalid(format!("`{time}` is out of range")))
}

fn base64_decode(text: &str) -> Result<String, Error> {
    let bytes = STANDARD.decode(text).map_err(|error| invalid(error.to_string()))?;
    String::from_utf8(bytes).map_err(|error| invalid(error.to_string()))
}

/// So many decimal digits that follow from a text and, as far as so few can, from no other one.
fn digits(text: String, count: usize) -> Result<String, Error> {
    // The number that a digest is has 77 digits; from its end all are equally likely.
    const MOST: usize = 64;
    if count == 0 || count > MOST {
        return Err(invalid(format!("a text gives 1 to {MOST} digits, not {count}")));
    }
    let mut number = Sha256::digest(text).to_vec();
    let mut digits = String::with_capacity(count);
    for _ in 0..count {
        let mut rest = 0_u32;
        for byte in &mut number {
            let value = rest << 8 | u32::from(*byte);
            *byte = u8::try_from(value / 10).unwrap_or_default();
            rest = value % 10;
        }
        digits.extend(char::from_digit(rest, 10));
    }
    Ok(digits)
}

/// `a.b[0].c` as forms with structure in their names write it: `a[b][0][c]`.
fn brackets(path: &str) -> String {
    let mut steps = path.split(['.', '[']).map(|step| step.trim_end_matches(']'));
    let mut written = steps.next().unwrap_or_default().to_owned();
    for step in steps {
        written.push('[');
        written.push_str(step);
        written.push(']');
    }
    written
}

fn matches(text: &str, pattern: &str) -> Result<bool, Error> {
    let regex = regex_lite::Regex::new(pattern).map_err(|error| invalid(error.to_string()))?;
    Ok(regex.is_match(text))
}
