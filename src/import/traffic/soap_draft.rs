//! Operations of SOAP services, drafted from messages.

use std::collections::HashSet;
use std::sync::Arc;

use super::infer;
use super::message::{Message, answered};
use super::{Recorded, secrets};
use crate::import::api::{Api, Bound, Operation, Parameter, SoapService};
use crate::import::names::unique;
use crate::import::schema::Schema;
use crate::import::wsdl::{Answered, Form, settle};
use crate::run::mask::Mask;
use crate::value::Value;
use crate::wire::QualifiedName;
use crate::wire::soap::SoapVersion;

/// What messages show of services.
#[derive(Debug, Default)]
pub(super) struct Services {
    /// By their operations: the path and the element of requests, and what was answered.
    seen: Vec<Seen>,
}

#[derive(Debug)]
struct Seen {
    path: String,
    element: QualifiedName,
    /// The position among the operations of the API.
    at: usize,
    service: String,
    answer: Option<(QualifiedName, Schema)>,
}

impl Services {
    /// Adds what one more message shows; gives the position of its operation.
    pub(super) fn add(
        &mut self,
        api: &mut Api,
        (recorded, message): (&Recorded, &Message),
        ids: &mut HashSet<String>,
        mask: &Mask,
    ) -> usize {
        let path = recorded.path.split('?').next().unwrap_or_default();
        let service = service(api, path, message);
        let is_it = |seen: &&mut Seen| seen.path == path && seen.element == message.element;
        let first = self.seen.iter_mut().find(is_it).is_none();
        if first {
            let bound = Bound {
                service: service.clone(),
                element: message.element.local.to_string(),
                action: message.action.clone().unwrap_or_default(),
            };
            self.seen.push(Seen {
                path: path.to_owned(),
                element: message.element.clone(),
                at: api.operations.len(),
                service,
                answer: None,
            });
            api.operations.push(Operation {
                id: unique(&message.element.local, ids),
                method: "POST".to_owned(),
                soap: vec![bound],
                summary: recorded.name.clone(),
                place: recorded.place.clone(),
                security: Some(Vec::new()),
                ..Operation::default()
            });
        }
        let Some(seen) = self.seen.iter_mut().find(is_it) else { return 0 };
        if let Some(operation) = api.operations.get_mut(seen.at) {
            take(operation, &message.content, first, mask);
        }
        if let Some(answer) = answered(recorded).filter(|answer| !answer.is_fault()) {
            let schema = schema("", &answer.content, mask);
            seen.answer = Some(match seen.answer.take() {
                Some((name, known)) => (name, infer::both(known, schema)),
                None => (answer.element, schema),
            });
        }
        seen.at
    }

    /// Gives the operations what they answer.
    pub(super) fn finish(self, api: &mut Api) {
        let answered = self.seen.into_iter().filter_map(|seen| {
            let form = match seen.answer {
                Some((name, schema)) => {
                    let space = name.namespace.as_deref().unwrap_or_default().to_owned();
                    Form::Element((space, name.local.to_string()), Box::new(schema))
                }
                None => Form::Empty,
            };
            let operation = api.operations.get(seen.at)?.id.clone();
            Some(Answered { operation, service: seen.service, form })
        });
        let answered = answered.collect();
        settle(api, answered);
    }
}

/// The name of the service at a path, which is there from then on.
fn service(api: &mut Api, path: &str, message: &Message) -> String {
    let namespace = message.element.namespace.as_deref().unwrap_or_default();
    let version = match message.version {
        SoapVersion::V11 => "1.1",
        SoapVersion::V12 => "1.2",
    };
    if let Some(known) = api.soap.iter_mut().find(|known| known.path == path) {
        if !known.versions.contains(&version) {
            known.versions.push(version);
            known.versions.sort_unstable();
        }
        known.several |= known.namespace != namespace;
        return known.name.clone();
    }
    let last = path.rsplit('/').find(|segment| !segment.is_empty()).unwrap_or("service");
    let name = last.split('.').next().unwrap_or(last);
    let mut taken = api.soap.iter().map(|known| known.name.clone()).collect();
    let name = unique(name, &mut taken);
    api.soap.push(SoapService {
        name: name.clone(),
        path: path.to_owned(),
        namespace: namespace.to_owned(),
        versions: vec![version],
        unqualified: false,
        by_element: false,
        bare: false,
        mixed: false,
        several: false,
    });
    name
}

/// Adds the parameters of one more message. Those are required that all messages have.
fn take(operation: &mut Operation, content: &Value, first: bool, mask: &Mask) {
    let Value::Map(members) = content else { return };
    for parameter in &mut operation.parameters {
        parameter.required &= members.get(&parameter.name).is_some();
    }
    for (name, value) in members.iter().filter(|(name, _)| !name.starts_with('@')) {
        let seen = schema(name, value, mask);
        let known = operation.parameters.iter_mut().find(|known| *known.name == **name);
        match known {
            Some(known) => known.schema = infer::both(std::mem::take(&mut known.schema), seen),
            None => operation.parameters.push(Parameter {
                required: first && !matches!(value, Value::Null),
                // What one client sent need not be what another one sends.
                ..Parameter::new(name.to_string(), "", Schema { example: None, ..seen })
            }),
        }
    }
}

/// The schema of what stands in an element, with what was seen as its example.
fn schema(name: &str, value: &Value, mask: &Mask) -> Schema {
    let mut found = match value {
        Value::Map(map) => {
            let members = map.iter().filter(|(name, _)| !name.starts_with('@'));
            let mut object = Schema::of("object");
            for (name, value) in members {
                object.properties.push((name.to_string(), schema(name, value, mask)));
                if !matches!(value, Value::Null) {
                    object.required.push(name.to_string());
                }
            }
            object
        }
        Value::List(items) => {
            let mut list = Schema::of("array");
            let items = items.iter().map(|item| schema(name, item, mask));
            list.items = items.reduce(infer::both).map(Box::new);
            list
        }
        Value::Text(text) => infer::schema(&typed(text)),
        other => infer::schema(other),
    };
    found.example = Some(secrets::masked(name, &meant(value), mask));
    found
}

/// A text of XML as the type that it most likely has.
fn typed(text: &Arc<str>) -> Value {
    match text.parse::<i64>() {
        Ok(number) if number.to_string() == **text => Value::Integer(number),
        _ => match &**text {
            "true" | "false" => Value::Bool(&**text == "true"),
            _ => Value::Text(Arc::clone(text)),
        },
    }
}

/// A tree whose texts are of those types, without attributes.
fn meant(value: &Value) -> Value {
    match value {
        Value::Text(text) => typed(text),
        Value::List(items) => Value::list(items.iter().map(meant).collect()),
        Value::Map(map) => {
            let members = map.iter().filter(|(name, _)| !name.starts_with('@'));
            Value::map(members.map(|(name, value)| (Arc::clone(name), meant(value))).collect())
        }
        other => other.clone(),
    }
}
