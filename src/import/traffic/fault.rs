//! Faults of SOAP as far as a drafted spec says them: code, reason and detail.

use std::sync::Arc;

use super::flow::local;
use crate::value::Value;

/// Codes of SOAP itself.
const CODES: [&str; 4] = ["Client", "Server", "VersionMismatch", "MustUnderstand"];

/// What an envelope says of its fault that a draft says, too.
pub(super) fn told(envelope: &Value) -> Value {
    inside(envelope, &["Envelope", "Body", "Fault"])
}

/// Members that lead to what is kept.
fn inside(value: &Value, way: &[&str]) -> Value {
    let Value::Map(map) = value else { return value.clone() };
    let kept = map.iter().filter_map(|(name, value)| {
        let own = local(name);
        let value = match way {
            [] => kept(own, value)?,
            [first, rest @ ..] if own == *first => inside(value, rest),
            [..] => return None,
        };
        Some((Arc::clone(name), value))
    });
    Value::map(kept.collect())
}

/// A member of a fault, if it is kept.
fn kept(name: &str, value: &Value) -> Option<Value> {
    let only = |part: &str| {
        let members = value.members()?.find(|(name, _)| local(name) == part)?;
        let (name, inner) = members;
        let inner = inner.get("#text").unwrap_or(inner).clone();
        Some(Value::map([(Arc::clone(name), inner)].into_iter().collect()))
    };
    match name {
        "faultcode" | "faultstring" => Some(value.clone()),
        "Code" => only("Value"),
        "Reason" => only("Text"),
        // Where it is empty, it may be missing.
        "detail" | "Detail" => Some(value.clone()).filter(|value| {
            value.members().is_some_and(|mut all| all.any(|(name, _)| !name.starts_with('@')))
        }),
        _ => None,
    }
}

/// A pattern for a code that is a vendor's own, where a draft has that of SOAP.
pub(super) fn code(text: &str) -> Option<String> {
    let own = local(text);
    if CODES.contains(&own) {
        return None;
    }
    let server = own.starts_with("Server") || own.starts_with("Receiver");
    let usual = if server { "Server" } else { "Client" };
    Some(format!("(^|:)({}|{usual})$", regex_lite::escape(own)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_of_a_vendor_may_be_that_of_soap() {
        assert_eq!(code("soap:Client"), None);
        assert_eq!(code("e:Client.NotFound").as_deref(), Some(r"(^|:)(Client\.NotFound|Client)$"));
        assert_eq!(code("Server.Busy").as_deref(), Some(r"(^|:)(Server\.Busy|Server)$"));
    }
}
