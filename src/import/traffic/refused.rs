//! What operations of HTTP refuse, drafted from requests: for want of a key, for what their schemas
//! say, or for what a request says.

use percent_encoding::percent_decode_str;

use super::cases::{Asked, Input, echoes, refusals};
use super::flow::Flow;
use super::form;
use super::message::{Message, answered};
use super::said::json;
use super::schemes::scheme;
use super::secrets::{Hidden, is_secret, wrong};
use super::template::template;
use super::{Recorded, infer};
use crate::import::api::{Answer, Api, Content, Fault, Operation, Wire, wire_of};
use crate::import::behaviour::good_status;
use crate::import::parents::member;
use crate::import::schema::Schema;
use crate::value::Value;

/// A longer text is a page.
const LONGEST_TEXT: usize = 2000;

/// Gives operations what they refuse, and what they answer as it was sent.
pub(super) fn settle(api: &mut Api, asked: &[(usize, &Recorded)], flow: &Flow, hidden: &Hidden) {
    keys(api, asked, flow, hidden);
    for (at, operation) in api.operations.iter_mut().enumerate() {
        let own: Vec<(usize, &Recorded)> = asked
            .iter()
            .enumerate()
            .filter(|(_, (known, _))| *known == at)
            .map(|(step, (_, recorded))| (step, *recorded))
            .collect();
        if own.is_empty() {
            continue;
        }
        let secured = operation.security.as_ref().is_some_and(|all| !all.is_empty());
        let mut all = Vec::new();
        for (_, recorded) in &own {
            let refused = is_refused(recorded).then(|| answer(recorded, hidden));
            let for_key = secured && recorded.status == Some(401);
            if refused.is_some() && !for_key && is_failure(operation, recorded, hidden) {
                continue;
            }
            if !for_key {
                all.push(Asked { inputs: inputs(operation, recorded, flow), refused });
            }
        }
        (operation.refuses, operation.cases) = refusals(&all);
        let status = good_status(operation);
        let shown = own.iter().map(|(_, recorded)| *recorded).find(|recorded| {
            recorded.status == Some(status)
                && recorded.answer.as_ref().is_some_and(|said| said.json().is_some())
        });
        if let Some(recorded) = shown
            && let Some(value) = recorded.answer.as_ref().and_then(|said| said.json())
        {
            operation.echoes = echoes(&inputs(operation, recorded, flow), value);
        }
    }
}

fn is_refused(recorded: &Recorded) -> bool {
    recorded.status.is_some_and(|status| status >= 400)
}

/// What schemes answer where a key is missing, or nobody has it.
fn keys(api: &mut Api, asked: &[(usize, &Recorded)], flow: &Flow, hidden: &Hidden) {
    let only = match api.schemes.as_slice() {
        [one] => Some(one.name.clone()),
        _ => None,
    };
    for (at, recorded) in asked.iter().filter(|(_, recorded)| recorded.status == Some(401)) {
        let shown = scheme(recorded, flow).map(|scheme| scheme.name);
        let Some(operation) = api.operations.get_mut(*at) else { continue };
        let others = asked.iter().filter(|(other, _)| other == at);
        let is_locked =
            others.clone().all(|(_, other)| other.status == Some(401)) && recorded.method != "POST";
        if let Some(only) = only.as_ref().filter(|_| is_locked)
            && operation.security.as_ref().is_none_or(Vec::is_empty)
        {
            operation.security = Some(vec![vec![(only.clone(), Vec::new())]]);
        }
        let asks: Vec<&String> =
            operation.security.iter().flatten().flatten().map(|(name, _)| name).collect();
        for known in api.schemes.iter_mut().filter(|known| asks.contains(&&known.name)) {
            match &shown {
                None => known.missing.get_or_insert_with(|| answer(recorded, hidden)),
                Some(name) if *name == known.name => {
                    known.unknown.get_or_insert_with(|| answer(recorded, hidden))
                }
                Some(_) => continue,
            };
        }
    }
}

/// Notes the failure that a request is, where the schemas refuse it already.
fn is_failure(operation: &mut Operation, recorded: &Recorded, hidden: &Hidden) -> bool {
    let Some((media_type, schema)) = operation.body.as_ref().and_then(|body| body.content.first())
    else {
        return false;
    };
    if !matches!(recorded.status, Some(400 | 422)) || wire_of(media_type) != Wire::Json {
        return false;
    }
    let value = recorded.body.as_deref().map(json);
    let kind = match &value {
        None => "missingBody",
        Some(None) => "malformedBody",
        Some(Some(value)) if lacks(schema, value) => "required",
        Some(Some(value)) if is_other(schema, value) => "type",
        Some(Some(_)) => return false,
    };
    let answer = answer(recorded, hidden);
    let kinds = match kind {
        "required" | "type" => vec!["invalid", kind],
        _ => vec![kind],
    };
    for kind in kinds {
        if operation.failures.iter().all(|(known, _)| *known != kind) {
            operation.failures.push((kind, answer.clone()));
        }
    }
    true
}

fn lacks(schema: &Schema, value: &Value) -> bool {
    schema.required.iter().any(|name| value.get(name).is_none())
}

/// Whether some member is of another type than that which was taken.
fn is_other(schema: &Schema, value: &Value) -> bool {
    let is_of = |schema: &Schema, value: &Value| {
        let kinds = infer::schema(value).types;
        let known = |kind: &&str| {
            schema.types.contains(kind) || *kind == "integer" && schema.types.contains(&"number")
        };
        schema.types.is_empty() || kinds.iter().all(known) && (!kinds.is_empty() || schema.nullable)
    };
    !is_of(schema, value)
        || schema
            .properties
            .iter()
            .any(|(name, property)| value.get(name).is_some_and(|value| !is_of(property, value)))
}

/// What was answered, as an error.
pub(super) fn answer(recorded: &Recorded, hidden: &Hidden) -> Answer {
    let mut answer = Answer { status: recorded.status, ..Answer::default() };
    if let Some(fault) = fault(recorded, hidden) {
        (answer.name, answer.fault) = (Some(fault.0), Some(fault.1));
        return answer;
    }
    let challenge = |(name, _): &&(String, String)| name.eq_ignore_ascii_case("www-authenticate");
    if let Some((_, value)) = recorded.answer_headers.iter().find(challenge) {
        let value = hidden.masked("", &Value::text(value.as_str())).scalar_text();
        answer.headers.push(("WWW-Authenticate".to_owned(), value.map(|text| text.to_string())));
    }
    let Some(said) = &recorded.answer else { return answer };
    let example = match said.json() {
        Some(value) => hidden.masked("", value),
        None if said.tree.is_none() && said.text.len() <= LONGEST_TEXT => {
            hidden.masked("", &Value::text(&*said.text))
        }
        None => return answer,
    };
    let media_type = said.media_type.clone();
    answer.content.push(Content { media_type, schema: None, example: Some(example) });
    answer
}

/// The fault of SOAP that was answered, with a name for it.
fn fault(recorded: &Recorded, hidden: &Hidden) -> Option<(String, Fault)> {
    let message = answered(recorded).filter(Message::is_fault)?;
    let inside = |value: &Value, names: [&str; 2]| {
        let found = names.iter().find_map(|name| value.get(name)).cloned();
        found.filter(|value| !matches!(value, Value::Null))
    };
    let text = |value: &Value| {
        let inner = value.get("Value").or_else(|| value.get("Text")).unwrap_or(value);
        let inner = inner.get("#text").unwrap_or(inner);
        inner.scalar_text()
    };
    let code = inside(&message.content, ["faultcode", "Code"]);
    let code = code.as_ref().and_then(text).unwrap_or_default();
    let code = code.rsplit(':').next().unwrap_or_default();
    let reason = inside(&message.content, ["faultstring", "Reason"]);
    let reason = reason.as_ref().and_then(text).unwrap_or_default();
    let detail = inside(&message.content, ["detail", "Detail"]);
    let detail = detail.filter(|value| value.members().is_some());
    let sender = !code.starts_with("Server") && !code.starts_with("Receiver");
    let last = code.rsplit('.').next().unwrap_or_default();
    let usual = matches!(last, "Client" | "Server" | "Sender" | "Receiver" | "");
    let name = if usual { "Fault" } else { last };
    let reason = hidden.masked("", &Value::text(&*reason));
    let fault = Fault {
        sender,
        reason: reason.as_str().unwrap_or_default().to_owned(),
        detail: detail.map(|value| hidden.masked("", &value)),
    };
    Some((name.to_owned(), fault))
}

/// The values of a request.
fn inputs(operation: &Operation, recorded: &Recorded, flow: &Flow) -> Vec<Input> {
    let mut inputs = Vec::new();
    let (path, query) = recorded.path.split_once('?').unwrap_or((&recorded.path, ""));
    let typed = |place: &str, name: &str, text: String| {
        let known = operation.parameters.iter().find(|it| it.place == place && it.name == name);
        let number = known.filter(|it| it.schema.types == ["integer"]);
        match number.and_then(|_| text.parse().ok()) {
            Some(number) => Value::Integer(number),
            None => Value::text(text),
        }
    };
    // The path of an id that looks like none is still that of the operation.
    let own = template(path).0 == operation.path;
    for (name, value) in operation.path.split('/').zip(path.split('/')) {
        if let Some(name) = name.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
            let value = percent_decode_str(value).decode_utf8_lossy().into_owned();
            let value = if own { typed("path", name, value) } else { Value::text(value) };
            let mut input = input(name, "path", value, flow);
            input.in_path = true;
            inputs.push(input);
        }
    }
    for pair in query.split('&') {
        let Some((name, value)) = pair.split_once('=') else { continue };
        let name = form::decoded(name);
        let value = typed("query", &name, form::decoded(value));
        if !is_secret(&name) {
            inputs.push(input(&name, "query", value, flow));
        }
    }
    let required = operation.body.as_ref().and_then(|body| body.content.first());
    let required = required.map(|(_, schema)| schema.required.as_slice()).unwrap_or_default();
    let kind = recorded.header("Content-Type").unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    let body = recorded.body.as_deref().and_then(|body| match wire_of(kind) {
        Wire::Json => json(body),
        Wire::Form => Some(form::read(body)),
        Wire::Xml | Wire::Other => None,
    });
    for (name, value) in body.as_ref().and_then(Value::members).into_iter().flatten() {
        let mut input = input(name, "body", value.clone(), flow);
        input.required = required.contains(&name.to_string());
        inputs.push(input);
    }
    inputs
}

/// A value of a request, and what a scenario sends for it.
pub(super) fn input(name: &str, place: &str, value: Value, flow: &Flow) -> Input {
    let text = value.scalar_text().unwrap_or_default();
    let sent = match () {
        () if is_secret(name) => flow.is_refused(&text).then(|| Value::text(wrong(name))),
        () if flow.is_variable(&text) => None,
        () => Some(value.clone()),
    };
    let expression = member(place, name);
    Input { name: name.to_owned(), expression, value, sent, in_path: false, required: false }
}
