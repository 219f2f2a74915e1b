//! Errors of a spec, made of the answers that a document has for them.

use std::collections::HashSet;
use std::sync::Arc;

use http::StatusCode;

use super::api::{Answer, Api, Fault, Operation, Wire, wire_of};
use super::names::{unique, words};
use super::sample::sample;
use super::tree::tree;
use crate::value::{Map, Value};
use crate::write::{Piece, document};

/// The errors so far: names and definitions.
#[derive(Debug, Default)]
pub(super) struct Errors {
    list: Vec<(String, Piece, String)>,
    names: HashSet<String>,
}

impl Errors {
    /// All errors with their names.
    pub(super) fn into_piece(self) -> Option<Piece> {
        let mut errors = Piece::map();
        for (name, definition, _) in self.list {
            errors.set(name, definition);
        }
        (!errors.is_empty()).then(|| errors.block())
    }

    /// The error of an operation with one of some statuses, if the document has one.
    pub(super) fn documented(
        &mut self,
        api: &Api,
        operation: &Operation,
        statuses: &[u16],
    ) -> Option<String> {
        let answer = statuses.iter().find_map(|status| {
            operation.answers.iter().find(|answer| answer.status == Some(*status))
        })?;
        Some(self.name(api, answer, answer.status?))
    }

    /// The same, or what the document has for whatever goes wrong, or an error without a body.
    pub(super) fn of(&mut self, api: &Api, operation: &Operation, status: u16) -> String {
        if let Some(name) = self.documented(api, operation, &[status]) {
            return name;
        }
        let default = operation.answers.iter().find(|answer| answer.status.is_none());
        let elsewhere = || {
            let all = api.operations.iter().flat_map(|operation| &operation.answers);
            all.into_iter().find(|answer| answer.status == Some(status))
        };
        match default.or_else(elsewhere) {
            Some(answer) => self.name(api, answer, status),
            None => self.name(api, &Answer::default(), status),
        }
    }

    /// The error that an answer was.
    pub(super) fn answered(&mut self, api: &Api, answer: &Answer) -> Option<String> {
        Some(self.name(api, answer, answer.status?))
    }

    fn name(&mut self, api: &Api, answer: &Answer, status: u16) -> String {
        let definition = definition(api, answer, status);
        let key = document(&definition, &[]);
        if let Some((name, ..)) = self.list.iter().find(|(_, _, known)| *known == key) {
            return name.clone();
        }
        let said = answer.name.as_deref().filter(|name| {
            name.starts_with(|c: char| c.is_ascii_alphabetic())
                && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-')
        });
        let name = unique(&said.map_or_else(|| reason(status), str::to_owned), &mut self.names);
        self.list.push((name.clone(), definition, key));
        name
    }
}

/// The usual name of a status in one word: `NotFound`.
fn reason(status: u16) -> String {
    let known = StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
    let letters = |text: &str| text.chars().filter(char::is_ascii_alphanumeric).collect::<String>();
    known.map_or_else(|| format!("Error{status}"), letters)
}

fn definition(api: &Api, answer: &Answer, status: u16) -> Piece {
    let mut definition = Piece::map().with("status", status);
    if let Some(fault) = &answer.fault {
        return definition.with("fault", fault_piece(fault));
    }
    let mut headers = Piece::map();
    for (name, value) in &answer.headers {
        if let Some(value) = value.as_ref().filter(|_| name == "WWW-Authenticate") {
            headers.set(name, value.replace("${", "$${"));
        }
    }
    if !headers.is_empty() {
        definition.set("headers", headers);
    }
    let Some(content) = answer.chosen() else { return definition.with("evidence", "assumed") };
    let shown = content.example.clone();
    let documented = shown.is_some();
    let value = shown.or_else(|| {
        let schema = content.schema.as_ref()?;
        let resolved = api.resolved(schema);
        let exact = resolved.example.is_some();
        let value = sample(api, schema, "error");
        Some(if exact { value } else { explained(&value, status) })
    });
    match (wire_of(&content.media_type), value) {
        (_, None | Some(Value::Null)) => {}
        (Wire::Json, Some(value)) => {
            definition.set("mediaType", &content.media_type);
            definition.set("body", tree(&value));
        }
        (Wire::Xml, Some(value)) => {
            let root = content.schema.as_ref().and_then(|schema| {
                api.resolved(schema).xml.map(|(name, _)| name).or_else(|| schema.refers.clone())
            });
            definition.set("mediaType", &content.media_type);
            let root = root.unwrap_or_else(|| "error".to_owned());
            definition.set("body", Piece::map().with(root, tree(&value)));
        }
        (Wire::Form | Wire::Other, Some(Value::Text(text))) => {
            definition.set("text", text.replace("${", "$${"));
            definition.set("mediaType", &content.media_type);
        }
        (Wire::Form | Wire::Other, Some(_)) => {}
    }
    if documented { definition } else { definition.with("evidence", "assumed") }
}

fn fault_piece(fault: &Fault) -> Piece {
    let code = if fault.sender { "sender" } else { "receiver" };
    Piece::map()
        .with("code", code)
        .with("reason", fault.reason.replace("${", "$${"))
        .with_some("detail", fault.detail.as_ref().map(tree))
}

/// A sample of an error that says what is wrong, where it has a place for it.
fn explained(value: &Value, status: u16) -> Value {
    const MESSAGES: [&str; 8] = [
        "message",
        "detail",
        "details",
        "description",
        "error_description",
        "error_message",
        "msg",
        "reason",
    ];
    match value {
        Value::List(items) => {
            Value::list(items.iter().map(|item| explained(item, status)).collect())
        }
        Value::Map(map) => {
            let mut told = Map::new();
            let only = map.len() == 1;
            for (key, value) in map.iter() {
                let name = words(key).join("_");
                let message = MESSAGES.contains(&name.as_str())
                    || only && matches!(name.as_str(), "error" | "title" | "text");
                let value = match value {
                    Value::Text(_) if message => Value::text(MESSAGE),
                    Value::Integer(_)
                        if matches!(
                            name.as_str(),
                            "status" | "status_code" | "http_status" | "code"
                        ) =>
                    {
                        Value::Integer(i64::from(status))
                    }
                    other => explained(other, status),
                };
                told.insert(Arc::clone(key), value);
            }
            Value::map(told)
        }
        other => other.clone(),
    }
}

/// Stands for the message until the tree is made, in which it would be a plain text.
const MESSAGE: &str = "\u{1}message";

/// Puts the message's expression where it is to be.
pub(super) fn with_messages(piece: &mut Piece) {
    use crate::write::Kind;
    match &mut piece.kind {
        Kind::Text(text) if text == MESSAGE => "${error.message}".clone_into(text),
        Kind::List(items) => items.iter_mut().for_each(with_messages),
        Kind::Map(members) => {
            for member in members {
                with_messages(&mut member.value);
            }
        }
        _ => {}
    }
}
