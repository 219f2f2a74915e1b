//! Members that nothing declares, but that look like one that is declared.

use std::sync::Arc;

use http::header::CONTENT_TYPE;
use http::{HeaderName, HeaderValue, Method};

use super::Checker;
use super::names::maybe_misspelt;
use super::special::{is_special, member_name};
use crate::diagnostic::{Diagnostic, slip};
use crate::model::path::{normal, values_in};
use crate::model::{Additional, Operation, Response, Route, Routing, Schema};
use crate::source::{Located, Span};
use crate::syntax::{Node, ReadNode};
use crate::value::Value;
use crate::wire::form::decode_pairs;
use crate::wire::json::Json;
use crate::wire::{Limits, Wire as _};

/// Whose members they are, in messages.
const BODY: &str = "the body";

/// A body that a step answers with.
pub(super) struct Written<'n> {
    pub(super) status: u16,
    pub(super) body: &'n Node,
}

/// A request of an example, and what it is answered with.
pub(super) struct Exchange<'e, 'n> {
    pub(super) method: &'e Method,
    pub(super) path: &'e str,
    pub(super) headers: &'e [(HeaderName, HeaderValue)],
    pub(super) sent: Option<&'n Node>,
    pub(super) status: u16,
    pub(super) answered: Option<&'n Node>,
}

/// Members of a tree that is written. Those that a closed schema does not have are told as well
/// where they are `refused`: they may be the point of a test, so they are only worth knowing.
pub(super) fn undeclared(node: &Node, schema: &Schema, refused: bool) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    look(node, schema, refused, &mut found);
    found
}

fn look(node: &Node, schema: &Schema, refused: bool, found: &mut Vec<Diagnostic>) {
    for item in node.as_list().unwrap_or_default() {
        if let Some(items) = &schema.items {
            look(item, items, refused, found);
        }
    }
    for (key, member) in node.as_map().unwrap_or_default() {
        let name = member_name(&key.value);
        match schema.properties.iter().find(|property| *property.name == *name) {
            Some(property) => look(member, &property.schema, refused, found),
            None if is_special(&key.value) => {}
            None => found.extend(undeclared_member(node, key, schema, refused)),
        }
    }
}

/// The same for one member of a node.
pub(super) fn undeclared_member(
    node: &Node,
    key: &Located<String>,
    schema: &Schema,
    refused: bool,
) -> Option<Diagnostic> {
    let name = member_name(&key.value);
    let known = || schema.properties.iter().map(|property| &*property.name);
    if known().any(|known| *known == *name) {
        return None;
    }
    if refused && matches!(schema.additional, Additional::Refused) {
        let message = format!("the body has no member `{name}`");
        let diagnostic = Diagnostic::error("unknown-member", message, &key.span, "will be refused");
        return Some(diagnostic.warning().suggest(name, known()));
    }
    let near = slip(name, known().filter(|name| node.get(name).is_none()))?;
    Some(maybe_misspelt(BODY, name, &key.span, near))
}

/// Members of data, which are somewhere in a text.
fn misspelt_in(value: &Value, schema: &Schema, span: &Span, found: &mut Vec<Diagnostic>) {
    for item in value.as_list().unwrap_or_default() {
        if let Some(items) = &schema.items {
            misspelt_in(item, items, span, found);
        }
    }
    for (name, member) in value.members().into_iter().flatten() {
        let property = schema.properties.iter().find(|property| property.name == *name);
        if let Some(property) = property {
            misspelt_in(member, &property.schema, span, found);
            continue;
        }
        let known = schema.properties.iter().map(|property| &*property.name);
        if let Some(near) = slip(name, known.filter(|known| value.get(known).is_none())) {
            found.push(maybe_misspelt(BODY, name, &span.narrow(name), near));
        }
    }
}

impl<'n> Checker<'n> {
    /// Reports what the steps of the operation that has just been read answer with.
    pub(super) fn check_undeclared(&mut self, operation: &Operation) {
        for Written { status, body } in std::mem::take(&mut self.bodies) {
            if let Some(schema) = schema_of(&operation.responses, status) {
                self.report_all(undeclared(body, schema, false));
            }
        }
    }

    /// Reports the members of an example's request and answer.
    pub(super) fn check_exchange(
        &mut self,
        exchange: &Exchange<'_, 'n>,
        operations: &[Operation],
        routing: Routing,
    ) {
        let path = exchange.path.split('?').next().unwrap_or_default();
        let leads_here = |operation: &&Operation| {
            operation.bindings.iter().any(|binding| match &binding.route {
                Route::Http { method, path: route } => {
                    method == exchange.method
                        && values_in(route, &normal(path), routing.case_sensitive).is_some()
                }
                Route::Soap(_) => false,
            })
        };
        let mut found = operations.iter().filter(leads_here);
        // Which of several it is more than the path decides.
        let (Some(operation), None) = (found.next(), found.next()) else { return };
        let answered = exchange.answered.zip(schema_of(&operation.responses, exchange.status));
        if let Some((node, schema)) = answered {
            self.report_all(undeclared(node, schema, false));
        }
        let schema = operation.body.as_ref().and_then(|body| body.schema.as_ref());
        let sent = exchange.sent.and_then(|node| Some((node, node.as_text()?)));
        if let (Some(schema), Some((node, text))) = (schema, sent) {
            let mut found = Vec::new();
            if let Some(value) = data(text, exchange.headers) {
                misspelt_in(&value, schema, &node.span, &mut found);
            }
            self.report_all(found);
        }
    }
}

/// The data of a body, where that is easily told.
fn data(text: &str, headers: &[(HeaderName, HeaderValue)]) -> Option<Value> {
    let content_type = headers.iter().find(|(name, _)| *name == CONTENT_TYPE);
    let content_type = content_type.and_then(|(_, value)| value.to_str().ok()).unwrap_or("json");
    if content_type.contains("json") {
        return Some(Json.decode(text.as_bytes(), &Limits::default()).ok()?.value);
    }
    if !content_type.starts_with("application/x-www-form-urlencoded") {
        return None;
    }
    let pairs = decode_pairs(text).ok()?;
    // What stands in brackets is within a member.
    let named = |name: &str| Arc::from(name.split('[').next().unwrap_or_default());
    Some(Value::map(
        pairs.into_iter().map(|(name, value)| (named(&name), Value::Text(value))).collect(),
    ))
}

fn schema_of(responses: &[Response], status: u16) -> Option<&Schema> {
    responses.iter().find(|response| response.status == status)?.schema.as_ref()
}
