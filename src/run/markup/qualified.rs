//! Qualified names as values, as in `xsi:type` and in the codes of faults: a text and, beside it
//! in the member `#namespace`, the namespace that its prefix stands for.

use std::sync::Arc;

use super::{NAMESPACE, Namespaces, namespace_of};
use crate::value::{Map, Value};
use crate::wire::soap::SoapVersion;

/// Whether an expected text names what there is; `None` where that is not a qualified name.
pub(in crate::run) fn is_same_name(
    expected: &str,
    actual: &Value,
    namespaces: &Namespaces,
) -> Option<bool> {
    let (namespace, written) = parts(actual)?;
    let expected = expected.trim();
    if let Some((wanted, local)) = clark(expected) {
        return Some(wanted == namespace && local == local_part(written));
    }
    let Some((prefix, local)) = expected.split_once(':') else {
        return Some(expected == written);
    };
    Some(match namespace_of(prefix, namespaces) {
        Some(wanted) => wanted == namespace && local == local_part(written),
        // A prefix that nothing declares stands for what it usually does, or is a text.
        None if is_usual(prefix, namespace) => local == local_part(written),
        None => expected == written,
    })
}

/// The prefixes that examples and frameworks write for envelopes and for XML Schema.
fn is_usual(prefix: &str, namespace: &str) -> bool {
    let is_soap = SoapVersion::of_namespace(namespace).is_some();
    let prefixes: &[&str] = match namespace {
        _ if is_soap => &["soap", "soap12", "soapenv", "SOAP-ENV", "env", "s", "S"],
        "http://www.w3.org/2001/XMLSchema" => &["xsd", "xs"],
        _ => &[],
    };
    prefixes.contains(&prefix)
}

/// The name as it is shown: with the prefix that the scenario gives its namespace, else with the
/// namespace itself, so that two names that differ never look alike.
pub(in crate::run) fn shown_name(value: &Value, namespaces: &Namespaces) -> Option<Arc<str>> {
    let (namespace, written) = parts(value)?;
    let local = local_part(written);
    Some(match super::prefix_of(namespace, namespaces) {
        Some(prefix) => format!("{prefix}:{local}").into(),
        None => format!("{{{namespace}}}{local}").into(),
    })
}

/// The tree with qualified names as texts, `{namespace}local`, which are the same where the names
/// are.
pub(in crate::run) fn resolved(value: &Value) -> Value {
    if let Some(name) = shown_name(value, &[]) {
        let others = value.members().into_iter().flatten();
        let mut others = others.filter(|(name, _)| !matches!(&***name, "#text" | NAMESPACE));
        let mut map: Map = others.by_ref().map(|(n, v)| (n.clone(), resolved(v))).collect();
        if map.is_empty() {
            return Value::Text(name);
        }
        map.push("#text".into(), Value::Text(name));
        return Value::map(map);
    }
    match value {
        Value::List(items) => Value::list(items.iter().map(resolved).collect()),
        Value::Map(map) => {
            let members = map.iter().map(|(name, value)| (name.clone(), resolved(value)));
            Value::map(members.collect())
        }
        other => other.clone(),
    }
}

/// The namespace of the qualified name that an expectation writes.
pub(in crate::run) fn expected_namespace<'n>(
    text: &str,
    namespaces: &'n Namespaces,
) -> Option<&'n str> {
    namespace_of(text.trim().split_once(':')?.0, namespaces)
}

/// The namespace and the text.
fn parts(value: &Value) -> Option<(&str, &str)> {
    let namespace = value.get(NAMESPACE)?.as_str()?;
    Some((namespace, value.get("#text")?.as_str()?.trim()))
}

fn local_part(name: &str) -> &str {
    name.split_once(':').map_or(name, |(_, local)| local)
}

fn clark(name: &str) -> Option<(&str, &str)> {
    name.strip_prefix('{')?.split_once('}')
}
