//! What a spec holds, as it is shown in a line: values, texts with expressions, requests.

use std::fmt::Write as _;

use super::page::Line;
use crate::model::{Expression, Text, TextPart, Tree};
use crate::run::event::{ReceivedResponse, SentRequest};
use crate::value::Value;
use crate::wire::json::Json;
use crate::wire::{Limits, Wire};
use crate::write::{self, Piece};

/// The most characters of a body.
const MOST: usize = 6000;

/// A value, as JSON writes it; a text as it is.
pub(super) fn value(value: &Value) -> String {
    match value {
        Value::Text(text) => text.to_string(),
        other => serde_json::to_string(other).unwrap_or_default(),
    }
}

/// An expression as the spec has it.
pub(super) fn expression(expression: &Expression) -> Line {
    Line::new().code(expression.parsed.text().trim())
}

/// A text: what is worked out stands as code in it.
pub(super) fn text(text: &Text) -> Line {
    text.parts.iter().fold(Line::new(), |line, part| match part {
        TextPart::Literal(literal) => line.text(&**literal),
        TextPart::Expression(worked_out) => line.line(expression(worked_out)),
    })
}

/// A tree: a value or a text as such, of an object the names of its members.
pub(super) fn tree(tree: &Tree) -> Line {
    match tree {
        Tree::Constant(constant) => match constant.members() {
            Some(members) => Line::new().codes(members.map(|(name, _)| &**name)),
            None => Line::new().code(value(constant)),
        },
        Tree::Expression(worked_out) => expression(worked_out),
        Tree::Text(written) => text(written),
        Tree::Map(members) => Line::new().codes(members.iter().map(|(name, _)| &**name)),
        Tree::List(_) | Tree::ForEach { .. } => Line::from("a list"),
        Tree::If { then, .. } => self::tree(then),
    }
}

/// A request as it goes over the wire.
pub(super) fn request(sent: &SentRequest) -> String {
    let (host, target) = match sent.url.split_once("://") {
        Some((_, rest)) => rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len())),
        None => ("", &*sent.url),
    };
    let slash = if target.starts_with('/') { "" } else { "/" };
    let mut out = format!("{} {slash}{target} HTTP/1.1\n", sent.method);
    if !host.is_empty() {
        let _ = writeln!(out, "Host: {host}");
    }
    with_body(out, &sent.headers, &sent.body)
}

/// An answer as it comes over the wire.
pub(super) fn response(received: &ReceivedResponse) -> String {
    let reason = http::StatusCode::from_u16(received.status).ok();
    let reason = reason.and_then(|status| status.canonical_reason()).unwrap_or_default();
    let out = format!("HTTP/1.1 {} {reason}\n", received.status);
    with_body(out, &received.headers, &received.body)
}

fn with_body(mut out: String, headers: &[(String, String)], body: &[u8]) -> String {
    for (name, value) in headers {
        let _ = writeln!(out, "{name}: {value}");
    }
    if !body.is_empty() {
        out.push('\n');
        out.push_str(&shown_body(body));
    }
    out
}

/// A body: JSON with a line for each member, all else as it is.
fn shown_body(body: &[u8]) -> String {
    let begins = body.trim_ascii_start().first();
    let text = match begins {
        Some(b'{' | b'[') => match Json.decode(body, &Limits::default()) {
            Ok(decoded) => write::json(&Piece::from(&decoded.value)),
            Err(_) => String::from_utf8_lossy(body).into_owned(),
        },
        _ => match std::str::from_utf8(body) {
            Ok(text) => text.to_owned(),
            Err(_) => return format!("({} bytes that are not a string)", body.len()),
        },
    };
    match text.char_indices().nth(MOST) {
        Some((end, _)) => {
            format!("{}\n… shortened: {} characters", &text[..end], text.chars().count())
        }
        None => text,
    }
}
