//! Keys that a request has to have, by which it is known when it is sent again.

use std::sync::Arc;

use super::request::{Sent, Spot};
use super::values::{Drawer, is_fit};
use crate::model::{Idempotency, Operation, OperationId, Place, Schema, Service};
use crate::value::Value;

/// Where the key of a request stands, if a request to the operation has to have one.
pub(super) fn place(service: &Service, id: OperationId) -> Option<(&Idempotency, Spot)> {
    let operation = service.operations.get(id.0)?;
    let known = service.idempotency.as_ref().filter(|one| one.required.is_some())?;
    let written = declared(operation, known).map_or(&known.written, |(name, _)| name);
    known.concerns(operation).then(|| (known, Spot::parameter(Place::Header, written)))
}

/// The request with a key, if it has to have one; `at` tells requests of one scenario apart.
pub(super) fn keyed(service: &Service, sent: &Sent, at: usize) -> Sent {
    let operation = service.operations.get(sent.operation.0);
    let (Some(operation), Some((known, spot))) = (operation, place(service, sent.operation)) else {
        return sent.clone();
    };
    let key = Value::from(format!("key-{at}"));
    let key = match declared(operation, known) {
        Some((_, schema)) if !is_fit(schema, &key) => {
            sent.get(&spot).or_else(|| Drawer { service, whole: false }.draw(schema))
        }
        _ => Some(key),
    };
    sent.with(&spot, key)
}

/// What the operation itself says of the header.
pub(super) fn declared<'o>(
    operation: &'o Operation,
    known: &Idempotency,
) -> Option<(&'o Arc<str>, &'o Schema)> {
    let mut headers = operation.parameters.iter().filter(|one| one.place == Place::Header);
    let header = headers.find(|one| one.name.eq_ignore_ascii_case(&known.written))?;
    Some((&header.name, &header.schema))
}
