//! An expected tree against the tree that came: all differences, each with its path.

use counterpart::unstable::value::Value;
use regex_lite::Regex;

/// How trees are compared.
#[derive(Clone, Copy)]
pub struct Manner {
    /// No member may be there that is not expected.
    pub exactly: bool,
    /// Scalars have no type of their own, and a list of one cannot be told from its item.
    pub textual: bool,
}

/// Appends what differs to `differences`.
pub fn compare(
    path: &str,
    expected: &Value,
    actual: Option<&Value>,
    manner: Manner,
    differences: &mut Vec<String>,
) {
    if let Some(marked) = expected.as_str().and_then(|text| text.strip_prefix('~')) {
        if let Err(difference) = matches(marked, actual, manner) {
            differences.push(format!("{path}: {difference}"));
        }
        return;
    }
    let Some(actual) = actual else {
        differences.push(format!("{path}: expected {}, there is nothing", shown(expected)));
        return;
    };
    match (expected, actual) {
        (Value::List(items), _) => {
            let alone = std::slice::from_ref(actual);
            match actual.as_list().or(manner.textual.then_some(alone)) {
                Some(found) => compare_items(path, items, found, manner, differences),
                None => differences.push(unlike(path, expected, actual)),
            }
        }
        (Value::Map(_) | Value::Record(_), _) if actual.members().is_some() => {
            for (key, value) in expected.members().into_iter().flatten() {
                compare(&format!("{path}.{key}"), value, actual.get(key), manner, differences);
            }
            let more = actual.members().into_iter().flatten();
            for (key, value) in
                more.filter(|(key, _)| manner.exactly && expected.get(key).is_none())
            {
                differences.push(format!("{path}.{key}: not expected: {}", shown(value)));
            }
        }
        _ if expected == actual => {}
        _ if manner.textual
            && actual.as_str().is_some()
            && expected.scalar_text() == actual.scalar_text() => {}
        _ => differences.push(unlike(path, expected, actual)),
    }
}

fn compare_items(
    path: &str,
    expected: &[Value],
    actual: &[Value],
    manner: Manner,
    differences: &mut Vec<String>,
) {
    if expected.len() != actual.len() {
        let (wanted, found) = (expected.len(), actual.len());
        differences.push(format!("{path}: expected {wanted} items, there are {found}"));
    }
    for (at, (wanted, found)) in expected.iter().zip(actual).enumerate() {
        compare(&format!("{path}.{at}"), wanted, Some(found), manner, differences);
    }
}

/// Whether a value is what is said after `~`.
fn matches(marked: &str, actual: Option<&Value>, manner: Manner) -> Result<(), String> {
    if marked == "absent" {
        return actual.map_or(Ok(()), |value| Err(format!("not expected: {}", shown(value))));
    }
    let actual = actual.ok_or_else(|| format!("expected ~{marked}, there is nothing"))?;
    let text = || actual.scalar_text();
    let number = |text: &str| text.parse::<i64>().ok();
    let good = match marked.split_once(' ') {
        _ if marked == "any" => true,
        _ if marked == "int" => match actual {
            Value::Integer(_) => true,
            other => manner.textual && other.as_str().and_then(number).is_some(),
        },
        Some(("not", other)) => text().is_none_or(|text| &*text != other),
        Some(("above", least)) => {
            let least = number(least).ok_or_else(|| format!("~{marked}: no number"))?;
            text().and_then(|text| number(&text)).is_some_and(|found| found > least)
        }
        _ => {
            let regex = between_slashes(marked).ok_or_else(|| format!("~{marked}: unknown"))?;
            found_in(regex, actual.as_str().unwrap_or_default())? && actual.as_str().is_some()
        }
    };
    if good { Ok(()) } else { Err(format!("expected ~{marked}, there is {}", shown(actual))) }
}

/// The regular expression in `/.../`.
pub fn between_slashes(text: &str) -> Option<&str> {
    text.strip_prefix('/')?.strip_suffix('/')
}

/// Whether the regular expression is found in the text.
pub fn found_in(regex: &str, text: &str) -> Result<bool, String> {
    // A slash may be escaped as it would have to be between slashes.
    let regex = Regex::new(&regex.replace("\\/", "/"))
        .map_err(|error| format!("/{regex}/ is no regular expression: {error}"))?;
    Ok(regex.is_match(text))
}

fn unlike(path: &str, expected: &Value, actual: &Value) -> String {
    format!("{path}: expected {}, there is {}", shown(expected), shown(actual))
}

/// A value as JSON, so that a text can be told from a number.
pub fn shown(value: &Value) -> String {
    serde_json::to_string(value).unwrap_or_default()
}
