//! Operations of SOAP services, drafted from messages.

use std::collections::HashSet;
use std::sync::Arc;

use super::Recorded;
use super::cases::{Asked, echoes, refusals};
use super::flow::Flow;
use super::infer;
use super::listed::is_one_of;
use super::message::{Message, answered};
use super::refused::{answer, input};
use super::secrets::Hidden;
use crate::import::api::{Answer, Api, Bound, Operation, Parameter, SoapService};
use crate::import::names::unique;
use crate::import::schema::Schema;
use crate::import::wsdl::{Answered, Form, settle};
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
    /// What was sent, and what that was refused with.
    asked: Vec<(Value, Option<Answer>)>,
    /// What was sent first, with the answer that is shown.
    shown: Option<(Value, Value)>,
}

impl Services {
    /// Adds what one more message shows; gives the position of its operation.
    pub(super) fn add(
        &mut self,
        api: &mut Api,
        (recorded, message): (&Recorded, &Message),
        ids: &mut HashSet<String>,
        hidden: &Hidden,
    ) -> usize {
        let path = recorded.path.split('?').next().unwrap_or_default();
        let service = service(api, path, message);
        let is_it = |seen: &&mut Seen| seen.path == path && seen.element == message.element;
        if self.seen.iter_mut().find(is_it).is_none() {
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
                asked: Vec::new(),
                shown: None,
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
        let reply = answered(recorded);
        if reply.as_ref().is_some_and(Message::is_fault) {
            seen.asked.push((message.content.clone(), Some(answer(recorded, hidden))));
            return seen.at;
        }
        let first = seen.asked.iter().all(|(_, refused)| refused.is_some());
        seen.asked.push((message.content.clone(), None));
        if let Some(operation) = api.operations.get_mut(seen.at) {
            take(operation, &message.content, first, hidden);
        }
        if let Some(mut reply) = reply {
            reply.content = with_lists(&reply.element.local, &reply.content);
            let schema = schema("", &reply.content, hidden);
            seen.answer = Some(match seen.answer.take() {
                Some((name, known)) => (name, infer::both(known, schema)),
                None => {
                    seen.shown = Some((message.content.clone(), reply.content));
                    (reply.element, schema)
                }
            });
        }
        seen.at
    }

    /// Gives the operations what they answer.
    pub(super) fn finish(mut self, api: &mut Api, flow: &Flow, hidden: &Hidden) {
        for seen in &mut self.seen {
            let Some(operation) = api.operations.get_mut(seen.at) else { continue };
            seen.settle(operation, flow, hidden);
        }
        let answered = self.seen.into_iter().filter_map(|seen| {
            let form = match seen.answer {
                Some((name, schema)) => {
                    let space = name.namespace.as_deref().unwrap_or_default().to_owned();
                    Form::Element((space, name.local.to_string()), Box::new(schema))
                }
                // It only ever refused.
                None if seen.asked.iter().all(|(_, refused)| refused.is_some()) => return None,
                None => Form::Empty,
            };
            let operation = api.operations.get(seen.at)?.id.clone();
            Some(Answered { operation, service: seen.service, form })
        });
        let answered = answered.collect();
        settle(api, answered);
    }
}

impl Seen {
    /// Gives an operation what it refuses, and what it answers as it was sent.
    fn settle(&self, operation: &mut Operation, flow: &Flow, hidden: &Hidden) {
        // What was only refused shows what may be sent all the same.
        if self.asked.iter().all(|(_, refused)| refused.is_some()) {
            for (content, _) in &self.asked {
                take(operation, content, false, hidden);
            }
        }
        // What is refused for a parameter that it lacks must come as far as that.
        for (content, _) in self.asked.iter().filter(|(_, refused)| refused.is_some()) {
            for parameter in &mut operation.parameters {
                parameter.required &= content.get(&parameter.name).is_some();
            }
        }
        let inputs = |content: &Value| {
            let members = content.members().into_iter().flatten();
            let inputs = members.filter(|(name, _)| !name.starts_with('@')).map(|(name, value)| {
                let known = operation.parameters.iter().find(|it| *it.name == **name);
                let value = match value {
                    Value::Text(text) => of_type(text, known.map(|it| &it.schema)),
                    other => other.clone(),
                };
                let mut input = input(name, "parameters", value, flow);
                input.required = known.is_some_and(|it| it.required);
                input
            });
            inputs.collect::<Vec<_>>()
        };
        let asked = self
            .asked
            .iter()
            .map(|(content, refused)| Asked { inputs: inputs(content), refused: refused.clone() });
        let (refuses, cases) = refusals(&asked.collect::<Vec<_>>());
        let shown = self.shown.as_ref();
        let echoes = shown.map(|(sent, answer)| echoes(&inputs(sent), &meant(answer)));
        operation.refuses = refuses;
        operation.cases = cases;
        operation.echoes = echoes.unwrap_or_default();
    }
}

/// A text as its parameter is read.
fn of_type(text: &Arc<str>, schema: Option<&Schema>) -> Value {
    match schema.map(|schema| schema.types.as_slice()) {
        Some(["integer" | "boolean"]) => typed(text),
        _ => Value::Text(Arc::clone(text)),
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
fn take(operation: &mut Operation, content: &Value, first: bool, hidden: &Hidden) {
    let Value::Map(members) = content else { return };
    for parameter in &mut operation.parameters {
        parameter.required &= members.get(&parameter.name).is_some();
    }
    for (name, value) in members.iter().filter(|(name, _)| !name.starts_with('@')) {
        let seen = schema(name, value, hidden);
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

/// What stands in an element, with lists of one where an element is alone in a list.
fn with_lists(around: &str, value: &Value) -> Value {
    let Value::Map(map) = value else { return value.clone() };
    let members = map.iter().map(|(name, value)| {
        let value = match value {
            Value::List(items) => {
                Value::list(items.iter().map(|item| with_lists(name, item)).collect())
            }
            Value::Map(_) if is_one_of(around, name) => Value::list(vec![with_lists(name, value)]),
            other => with_lists(name, other),
        };
        (Arc::clone(name), value)
    });
    Value::map(members.collect())
}

/// The schema of what stands in an element, with what was seen as its example.
fn schema(name: &str, value: &Value, hidden: &Hidden) -> Schema {
    let mut found = match value {
        Value::Map(map) => {
            let members = map.iter().filter(|(name, _)| !name.starts_with('@'));
            let mut object = Schema::of("object");
            for (name, value) in members {
                object.properties.push((name.to_string(), schema(name, value, hidden)));
                if !matches!(value, Value::Null) {
                    object.required.push(name.to_string());
                }
            }
            object
        }
        Value::List(items) => {
            let mut list = Schema::of("array");
            let items = items.iter().map(|item| schema(name, item, hidden));
            list.items = items.reduce(infer::both).map(Box::new);
            list
        }
        Value::Text(text) => infer::schema(&typed(text)),
        other => infer::schema(other),
    };
    found.example = Some(hidden.masked(name, &meant(value)));
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
