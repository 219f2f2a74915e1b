//! What stands in the body of an envelope that answers.

use crate::model::SoapService;
use crate::model::elements::{Elements, below_root, in_namespace};
use crate::plan::operation::{Operation, SoapNames};
use crate::value::{Map, Value};

/// The status whose schema names the element of an answer that says nothing of its own.
const OK: u16 = 200;

/// The element of an answer, with what it answers in it, if it does; nothing where the spec names
/// none.
pub(super) fn message(
    service: Option<&SoapService>,
    names: &SoapNames,
    operation: Option<&Operation>,
    status: u16,
    value: Option<Value>,
) -> Value {
    let is_bare = service.is_some_and(|service| service.bare);
    let elements =
        operation.and_then(|one| one.elements_of(status).or_else(|| one.elements_of(OK)));
    let namespace = service.map(|service| &*service.namespace).unwrap_or_default();
    let is_unqualified = service.is_some_and(|service| service.unqualified);
    let sequence = operation.and_then(|operation| operation.sequence.as_ref());
    let value = match sequence {
        Some(sequence) => value.map(|value| sequence.ordered(value)),
        None => value,
    };
    if is_bare {
        let root = operation.and_then(|one| one.root_of(status).or_else(|| one.root_of(OK)));
        let Some(root) = root else { return Value::map(Map::new()) };
        let all = Elements::within(elements, is_unqualified);
        return below_root(root, all.as_ref(), value.unwrap_or_else(|| Value::map(Map::new())));
    }
    let within = if is_unqualified { "" } else { namespace };
    let own = elements.map_or(within, |elements| elements.namespace(within));
    let value = value.map(|value| {
        let value =
            elements.map_or_else(|| value.clone(), |elements| elements.declared(&value, own));
        if own == namespace { value } else { in_namespace(value, own) }
    });
    let mut response = Map::with_capacity(2);
    response.push("@xmlns".into(), Value::text(namespace));
    if let Some(value) = value {
        response.push(names.result.clone(), value);
    }
    let mut tree = Map::with_capacity(1);
    tree.push(names.response.clone(), Value::map(response));
    Value::map(tree)
}
