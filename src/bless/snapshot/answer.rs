//! An answer in the words of expectations.

use std::sync::Arc;
use std::time::Duration;

use super::report::Held;
use super::unmasked;
use crate::digest::sha256;
use crate::model::Service;
use crate::run::answer::{Answer, Body, BodyForm};
use crate::run::client::Response;
use crate::run::markup;
use crate::run::mask::MASKED;
use crate::syntax::Node;
use crate::value::Value;
use crate::write::{Kind, Member, Piece};

/// The header that a new snapshot has.
const CONTENT_TYPE: &str = "Content-Type";

/// An answer as a snapshot has it.
#[derive(Debug)]
pub(super) struct Written {
    pub(super) piece: Piece,
    /// Whether names in it are those of XML.
    pub(super) is_markup: bool,
}

impl Written {
    /// What is written of an answer: into a new file the status, the media type and the body; into
    /// one that is there already, what that says something of.
    pub(super) fn of(
        held: &Held,
        service: Option<&Service>,
        before: Option<&Node>,
    ) -> Result<Self, String> {
        let bytes = held.body.as_ref().ok_or("the report has only the beginning of the body")?;
        let response = Response {
            status: held.status,
            headers: held.headers.clone(),
            body: bytes.clone(),
            duration: Duration::ZERO,
            has_more: false,
            certificate: None,
        };
        let answer = Answer::new(response, service);
        let has = |key: &str| before.is_none_or(|before| before.get(key).is_some());
        let mut piece = Piece::map();
        if has("status") {
            piece.set("status", held.status);
        }
        let headers = headers(&answer, before);
        if !headers.is_empty() {
            piece.set("headers", headers);
        }
        let is_markup = answer.form == BodyForm::Xml;
        let key = match before {
            Some(before) => {
                ["body", "text", "bytes"].into_iter().find(|key| before.get(key).is_some())
            }
            None => match answer.form {
                BodyForm::Bytes => Some("bytes"),
                BodyForm::Text => Some("text"),
                _ => Some("body"),
            },
        };
        match key {
            _ if bytes.is_empty() && before.is_none() => {
                piece.set("body", Piece::map().with("$absent", true));
            }
            Some("bytes") => {
                piece.set("bytes", digest(bytes)?);
            }
            Some("text") => {
                let text = answer.text();
                piece.set("text", unmasked(&text, || escaped(&text)));
            }
            Some(_) => body(&answer, before, &mut piece)?,
            None => {}
        }
        Ok(Self { piece, is_markup })
    }
}

fn headers(answer: &Answer, before: Option<&Node>) -> Piece {
    let names: Vec<&str> = match before {
        None => vec![CONTENT_TYPE],
        Some(before) => {
            let known = before.get("headers").and_then(Node::as_map).unwrap_or_default();
            known.iter().map(|(name, _)| name.value.as_str()).collect()
        }
    };
    let mut piece = Piece::map();
    for name in names {
        let lines: Vec<&str> = answer
            .response
            .headers
            .iter()
            .filter(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
            .collect();
        if !lines.is_empty() {
            let joined = lines.join(", ");
            piece.set(name, unmasked(&joined, || escaped(&joined)));
        }
    }
    piece
}

fn digest(bytes: &[u8]) -> Result<Piece, String> {
    let mask = MASKED.as_bytes();
    if bytes.windows(mask.len()).any(|window| window == mask) {
        return Err("the bytes of the body have a masked secret in them".to_owned());
    }
    let length = i64::try_from(bytes.len()).unwrap_or(i64::MAX);
    Ok(Piece::map().with("sha256", sha256(bytes)).with("length", length))
}

fn body(answer: &Answer, before: Option<&Node>, piece: &mut Piece) -> Result<(), String> {
    let read = answer.body().map_err(|error| {
        let masked = answer.text().contains(MASKED);
        let why = if masked { ", or was it before secrets were masked" } else { "" };
        format!("the body is not {}{why}: {error}", answer.form.name())
    })?;
    let tree = match read {
        Body::Nothing => Piece::map().with("$absent", true),
        Body::Bytes => return Err("the body is not text but bytes".to_owned()),
        Body::Tree(value) => tree(value)?,
        Body::Document(root, value) => {
            let known = before.and_then(|before| before.get("namespaces")?.as_map());
            let known = known.unwrap_or_default().iter().filter_map(|(prefix, node)| {
                Some((Arc::from(prefix.value.as_str()), Arc::from(node.as_text()?)))
            });
            let mut namespaces: Vec<(Arc<str>, Arc<str>)> = known.collect();
            markup::gather(root, &mut namespaces);
            let tree = tree(&markup::plain(value, &namespaces))?;
            if !namespaces.is_empty() {
                let mut all = Piece::map();
                for (prefix, namespace) in &namespaces {
                    all.set(&**prefix, &**namespace);
                }
                piece.set("namespaces", all);
            }
            tree
        }
    };
    piece.set("body", tree);
    Ok(())
}

/// A value as an expected tree.
fn tree(value: &Value) -> Result<Piece, String> {
    Ok(match value {
        Value::Text(text) => unmasked(text, || escaped(text)),
        Value::List(items) => Piece::list(items.iter().map(tree).collect::<Result<Vec<_>, _>>()?),
        Value::Map(_) | Value::Record(_) => {
            let mut piece = Piece::map();
            for (name, value) in value.members().into_iter().flatten() {
                if name.contains(MASKED) || name.contains("${") {
                    return Err(format!("a member is called `{name}`, which cannot be written"));
                }
                // One `$` would make it a matcher.
                let own = name.starts_with('$');
                piece.set(if own { format!("${name}") } else { name.to_string() }, tree(value)?);
            }
            // What differs shows by its line.
            let holds_more = |member: &Member| {
                !matches!(
                    member.value.kind,
                    Kind::Text(_) | Kind::Number(_) | Kind::Bool(_) | Kind::Null
                )
            };
            if piece.members().iter().any(holds_more) { piece.block() } else { piece }
        }
        other => other.into(),
    })
}

fn escaped(text: &str) -> Piece {
    text.replace("${", "$${").into()
}
