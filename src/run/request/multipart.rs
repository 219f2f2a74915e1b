//! Bodies of several parts: forms with files (RFC 7578), and others.

use crate::model::{Format, Operand, Schema, Text};
use crate::run::scope::Scope;
use crate::scenario::{FormPart, PartContent};
use crate::value::Value;
use crate::wire::Wire;
use crate::wire::json::Json;
use crate::wire::multipart::{self, Outgoing, parameter, unused_boundary};
use crate::wire::plain;

use super::{Draft, Unmade};

/// Works out the parts that a scenario has written.
pub(super) fn written(parts: &[FormPart], scope: &Scope<'_>) -> Result<Vec<Outgoing>, Unmade> {
    let mut written = Vec::new();
    for part in parts {
        let content = match &part.content {
            PartContent::Text(text) => scope.text(text)?.as_bytes().to_vec(),
            PartContent::Bytes(bytes) => bytes.to_vec(),
            PartContent::Json(tree) => {
                let mut bytes = Vec::new();
                let value = scope.tree(tree)?.unwrap_or_default();
                Json.encode(&value, &mut bytes).map_err(|error| {
                    Unmade::Other(format!("the part cannot be written as JSON: {error}"))
                })?;
                bytes
            }
        };
        let text = |text: &Option<Text>| -> Result<Option<String>, Unmade> {
            Ok(text.as_ref().map(|text| scope.text(text)).transpose()?.map(|text| text.to_string()))
        };
        let part = Outgoing {
            name: part.name.as_deref().map(str::to_owned),
            id: text(&part.id)?,
            filename: text(&part.filename)?,
            content_type: text(&part.media_type)?,
            content,
        };
        for header in part.id.iter().chain(&part.content_type) {
            if header.contains(char::is_control) {
                let header = header.escape_debug();
                return Err(Unmade::Other(format!("`{header}` cannot be in a header of a part")));
            }
        }
        written.push(part);
    }
    Ok(written)
}

/// The parts of a tree, by the schema of the body: a file is the bytes of its text, which is in
/// base64, an object is in JSON, and each item of a list is a part. A list has parts without
/// names.
pub(super) fn of_tree(value: &Value, schema: Option<&Schema>) -> Result<Vec<Outgoing>, Unmade> {
    let mut parts = Vec::new();
    if let Some(items) = value.as_list() {
        for (at, item) in items.iter().enumerate() {
            let is_binary = schema.and_then(|schema| schema.item(at)).is_some_and(is_binary);
            parts.push(of_value(None, item, is_binary)?);
        }
        return Ok(parts);
    }
    let Some(members) = value.members() else {
        let kind = value.kind();
        return Err(Unmade::Other(format!(
            "a body in parts is an object or a list, this is of kind {kind}"
        )));
    };
    for (name, value) in members {
        let is_binary = schema.is_some_and(|schema| schema.describe(name).any(is_binary));
        for item in value.as_list().unwrap_or(std::slice::from_ref(value)) {
            parts.push(of_value(Some(name), item, is_binary)?);
        }
    }
    Ok(parts)
}

fn of_value(name: Option<&str>, value: &Value, is_binary: bool) -> Result<Outgoing, Unmade> {
    let mut part = Outgoing { name: name.map(str::to_owned), ..Outgoing::default() };
    let unwritable = |error: &str| Unmade::Other(format!("a part cannot be written: {error}"));
    match value.scalar_text() {
        Some(_) if is_binary => {
            part.content = plain::bytes(value).map_err(|error| unwritable(&error.message))?;
            part.filename = Some(name.unwrap_or("file").to_owned());
            part.content_type = Some("application/octet-stream".to_owned());
        }
        Some(text) => part.content = text.as_bytes().to_vec(),
        None => {
            part.content_type = Some("application/json".to_owned());
            let written = Json.encode(value, &mut part.content);
            written.map_err(|error| unwritable(&error.message))?;
        }
    }
    Ok(part)
}

/// Whether the schema says that its parts are files.
fn is_binary(schema: &Schema) -> bool {
    let says = |schema: &Schema| {
        let mut operands = schema.constraints.iter().map(|one| &one.keyword.operand);
        operands.any(|operand| matches!(operand, Operand::Format(Format::Binary)))
    };
    says(schema) || schema.items.as_deref().is_some_and(says)
}

/// The media type of parts where nothing else says it.
pub(super) fn usual(parts: &[Outgoing]) -> &'static str {
    let is_form = parts.iter().all(|part| part.name.is_some());
    if is_form { "multipart/form-data" } else { "multipart/mixed" }
}

/// Writes the parts, and says so in `Content-Type` unless the scenario says it itself, with a
/// boundary of its own.
pub(super) fn write(parts: &[Outgoing], media_type: &str, draft: &mut Draft) {
    let given = draft.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-type"));
    let given = given.and_then(|(_, value)| parameter(value, "boundary"));
    let boundary = given.unwrap_or_else(|| unused_boundary(parts));
    multipart::write(parts, &boundary, &mut draft.body);
    draft.offer("Content-Type", format!("{media_type}; boundary={boundary}"));
}
