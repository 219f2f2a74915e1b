//! What a step sends, as bytes.

use std::fmt::Write as _;

use counterpart::unstable::value::{Map, Value};

use crate::captured::Captured;
use crate::case::{Body, Step};

const OMIT: &str = "~omit";

/// The header fields and the body of a step.
pub struct Message {
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

/// Fills in and encodes what a step sends.
pub fn message(step: &Step, captured: &Captured) -> Result<Message, String> {
    let mut headers: Vec<(String, String)> = Vec::new();
    if let Some(written) = &step.headers {
        let written = sent(written, captured)?;
        for (name, value) in written.members().into_iter().flatten() {
            headers.push((name.to_string(), value.to_string()));
        }
    }
    let (kind, body) = match &step.body {
        Body::None => (None, Vec::new()),
        Body::Json(tree) => {
            let tree = sent(tree, captured)?;
            let body = serde_json::to_vec(&tree).map_err(|error| error.to_string())?;
            (Some("application/json"), body)
        }
        Body::Form(fields) => {
            let body = pairs(&sent(fields, captured)?).replace("%20", "+").into_bytes();
            (Some("application/x-www-form-urlencoded"), body)
        }
        Body::Text(text) => (None, sent(text, captured)?.to_string().into_bytes()),
    };
    if let Some(kind) = kind
        && !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type"))
    {
        headers.push(("Content-Type".to_owned(), kind.to_owned()));
    }
    Ok(Message { headers, body })
}

/// The query of a step with the mark before it, or nothing.
pub fn query(step: &Step, captured: &Captured) -> Result<String, String> {
    match &step.query {
        Some(query) => Ok(format!("?{}", pairs(&sent(query, captured)?))),
        None => Ok(String::new()),
    }
}

fn sent(tree: &Value, captured: &Captured) -> Result<Value, String> {
    captured.fill(&without_omitted(tree))
}

fn without_omitted(tree: &Value) -> Value {
    match tree {
        Value::Map(map) => {
            let kept = map.iter().filter(|(_, value)| value.as_str() != Some(OMIT));
            let kept = kept.map(|(key, value)| (key.clone(), without_omitted(value)));
            Value::map(kept.collect::<Map>())
        }
        Value::List(items) => Value::list(items.iter().map(without_omitted).collect()),
        other => other.clone(),
    }
}

/// `name=value` with ampersands between; a list is its items under one name.
fn pairs(fields: &Value) -> String {
    let mut text = String::new();
    for (name, value) in fields.members().into_iter().flatten() {
        for item in value.as_list().unwrap_or(std::slice::from_ref(value)) {
            let separator = if text.is_empty() { "" } else { "&" };
            let item = item.scalar_text().unwrap_or_default();
            write!(text, "{separator}{}={}", encoded(name), encoded(&item)).ok();
        }
    }
    text
}

fn encoded(text: &str) -> percent_encoding::PercentEncode<'_> {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC)
}
