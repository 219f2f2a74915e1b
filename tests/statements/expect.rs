//! An answer against all that is expected of it.

use counterpart::unstable::value::{Map, Value};
use counterpart::unstable::wire::json::Json;
use counterpart::unstable::wire::xml::decode_element;
use counterpart::unstable::wire::{Limits, Wire as _};

use crate::captured::Captured;
use crate::case::Expect;
use crate::compare::{Manner, between_slashes, compare, found_in, shown};
use crate::support::client::Reply;

/// The body as a tree, if it is one; the only member of an XML tree is the root element.
pub fn tree(reply: &Reply) -> Option<Value> {
    json(reply).or_else(|_| xml(reply)).ok()
}

fn json(reply: &Reply) -> Result<Value, String> {
    let decoded = Json.decode(&reply.body, &Limits::default());
    decoded.map(|decoded| decoded.value).map_err(|error| format!("the body is not JSON: {error}"))
}

fn xml(reply: &Reply) -> Result<Value, String> {
    let root = decode_element(&reply.body, &Limits::default())
        .map_err(|error| format!("the body is not XML: {error}"))?;
    let mut tree = Map::new();
    tree.insert(root.name.local.clone(), root.to_value());
    Ok(Value::map(tree))
}

/// All that differs.
pub fn differences(expect: &Expect, reply: &Reply, captured: &Captured) -> Vec<String> {
    let mut differences = Vec::new();
    if let Err(mistake) = collect(expect, reply, captured, &mut differences) {
        differences.push(mistake);
    }
    differences
}

fn collect(
    expect: &Expect,
    reply: &Reply,
    captured: &Captured,
    differences: &mut Vec<String>,
) -> Result<(), String> {
    if let Some(status) = &expect.status
        && !is_status(status, reply.status)
    {
        differences.push(format!("status: expected {status}, there is {}", reply.status));
    }
    if let Some(headers) = &expect.headers {
        let headers = captured.fill(headers)?;
        for (name, value) in headers.members().into_iter().flatten() {
            header(name, value, reply, differences)?;
        }
    }
    if let Some(rule) = &expect.rule {
        header("x-counterpart-rule", rule, reply, differences)?;
    }
    let trees = [(&expect.json, false), (&expect.xml, true)];
    for (expected, textual) in trees {
        let Some(expected) = expected else { continue };
        let expected = captured.fill(expected)?;
        let manner = Manner { exactly: expect.exactly, textual };
        match if textual { xml(reply) } else { json(reply) } {
            Ok(actual) => compare("body", &expected, Some(&actual), manner, differences),
            Err(mistake) => differences.push(mistake),
        }
    }
    texts(expect, reply, captured, differences)
}

fn texts(
    expect: &Expect,
    reply: &Reply,
    captured: &Captured,
    differences: &mut Vec<String>,
) -> Result<(), String> {
    let body = reply.text();
    if let Some(text) = &expect.text {
        let text = captured.fill(text)?.to_string();
        if text != body {
            differences.push(format!("the body: expected {text:?}, there is {body:?}"));
        }
    }
    for (expected, wanted) in [(&expect.contains, true), (&expect.lacks, false)] {
        let Some(expected) = expected else { continue };
        let expected = captured.fill(expected)?;
        for part in expected.as_list().unwrap_or(std::slice::from_ref(&expected)) {
            if body.contains(&part.to_string()) != wanted {
                let word = if wanted { "lacks" } else { "contains" };
                differences.push(format!("the body {word} {}", shown(part)));
            }
        }
    }
    if let Some(regex) = &expect.matches {
        let regex = captured.fill(regex)?.to_string();
        if !found_in(&regex, &body)? {
            differences.push(format!("the body does not match {regex}"));
        }
    }
    Ok(())
}

fn header(
    name: &str,
    expected: &Value,
    reply: &Reply,
    differences: &mut Vec<String>,
) -> Result<(), String> {
    let actual = reply.header(&name.to_ascii_lowercase());
    let good = match (expected, actual) {
        (Value::Null, actual) => actual.is_none(),
        (_, None) => false,
        (expected, Some(actual)) => {
            let expected = expected.to_string();
            match between_slashes(expected.strip_prefix('~').unwrap_or(&expected)) {
                Some(regex) => found_in(regex, actual)?,
                None => expected == "~any" || expected == actual,
            }
        }
    };
    if !good {
        let actual = actual.unwrap_or("none");
        differences.push(format!("header {name}: expected {expected}, there is {actual}"));
    }
    Ok(())
}

fn is_status(expected: &Value, actual: u16) -> bool {
    match expected {
        Value::List(items) => items.iter().any(|item| is_status(item, actual)),
        Value::Integer(number) => *number == i64::from(actual),
        other => match other.as_str() {
            Some("~any") => true,
            Some(class) => class.strip_suffix("xx") == Some(&(actual / 100).to_string()),
            None => false,
        },
    }
}
