//! Forms with files (RFC 7578).

use std::fmt::Write as _;

use crate::run::scope::Scope;
use crate::scenario::{FormPart, PartContent};
use crate::wire::Wire;
use crate::wire::json::Json;

use super::{Draft, Unmade};

/// Writes the parts, and says so in `Content-Type` unless the scenario says it itself, with a
/// boundary of its own.
pub(super) fn write(
    parts: &[FormPart],
    draft: &mut Draft,
    scope: &Scope<'_>,
) -> Result<(), Unmade> {
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
        let mut head = format!("Content-Disposition: form-data; name=\"{}\"", escaped(&part.name));
        if let Some(filename) = &part.filename {
            // Writing to a string cannot fail.
            _ = write!(head, "; filename=\"{}\"", escaped(&scope.text(filename)?));
        }
        if let Some(media_type) = &part.media_type {
            _ = write!(head, "\r\nContent-Type: {}", scope.text(media_type)?);
        }
        written.push((head, content));
    }
    let given = draft.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-type"));
    let given = given.and_then(|(_, value)| value.split_once("boundary="));
    let given = given.map(|(_, rest)| rest.split(';').next().unwrap_or_default());
    let boundary = given.map_or_else(|| unused(&written), |given| given.trim_matches('"').into());
    for (head, content) in &written {
        draft.body.extend_from_slice(format!("--{boundary}\r\n{head}\r\n\r\n").as_bytes());
        draft.body.extend_from_slice(content);
        draft.body.extend_from_slice(b"\r\n");
    }
    draft.body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    draft.offer("Content-Type", format!("multipart/form-data; boundary={boundary}"));
    Ok(())
}

/// A boundary that stands in none of the parts; the same for the same parts.
fn unused(parts: &[(String, Vec<u8>)]) -> String {
    let mut number = 1_u64;
    loop {
        let boundary = format!("counterpart-part-{number}");
        let within = |bytes: &[u8]| {
            bytes.windows(boundary.len()).any(|window| window == boundary.as_bytes())
        };
        if !parts.iter().any(|(_, content)| within(content)) {
            return boundary;
        }
        number += 1;
    }
}

/// As browsers write names.
fn escaped(text: &str) -> String {
    text.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A")
}
