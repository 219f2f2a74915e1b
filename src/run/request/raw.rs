//! Requests that say everything themselves.

use std::sync::Arc;

use super::credential::authenticate;
use super::given::{header_text, headers, keys, values};
use super::path::path;
use super::{Draft, Lines, Unmade, Way, multipart, texts};
use crate::model::{Service, Text, WireOptions};
use crate::run::client::Request;
use crate::run::scope::Scope;
use crate::run::url;
use crate::scenario::{Given, NamedTexts, RawBody, RawRequest};
use crate::wire::Wire;
use crate::wire::encoding::{Encoding, Unmappable};
use crate::wire::form::Form;
use crate::wire::json::Json;
use crate::wire::xml::{Declaration, Xml};

/// A request below the vendor's base URL.
pub(in crate::run) fn raw(
    service: &Service,
    raw: &RawRequest,
    way: &Way,
    scope: &Scope<'_>,
) -> Result<Request, Unmade> {
    let mut draft = Draft {
        method: scope.text(&raw.method)?.to_string(),
        path: if raw.is_absolute { String::new() } else { path(&raw.path, scope)? },
        ..Draft::default()
    };
    for (name, value) in values(raw.query.as_ref(), scope)? {
        for text in texts(&name, &value, true)? {
            draft.query.push((name.to_string(), text));
        }
    }
    draft.give(written_headers(raw.headers.as_ref(), scope)?);
    draft.offer_all(way);
    let keys = keys(service, &raw.authenticate, scope)?;
    authenticate(service, keys.iter(), scope, &mut draft, None)?;
    // What is written says in which encoding it is.
    let label = match &raw.body {
        RawBody::Xml(_) => draft.charset()?.map(Encoding::name),
        _ => None,
    };
    let declaration = label.map_or_else(Declaration::default, |l| Declaration::Encoding(l.into()));
    let xml = Xml { declaration, ..Xml::default() };
    let tree = match &raw.body {
        RawBody::Nothing => None,
        RawBody::Text(text) => {
            let text = scope.text(text)?;
            let charset = draft.charset()?.unwrap_or_default();
            let written = charset.encode(&text, Unmappable::Refused, &mut draft.body);
            written.map_err(|error| Unmade::Other(error.message))?;
            None
        }
        RawBody::Bytes(bytes) => {
            draft.body = bytes.to_vec();
            None
        }
        RawBody::Multipart(parts) => {
            let parts = multipart::written(parts, scope)?;
            multipart::write(&parts, multipart::usual(&parts), &mut draft);
            None
        }
        RawBody::Json(tree) => Some((tree, &Json as &dyn Wire, "application/json")),
        RawBody::Form(tree) => {
            Some((tree, &Form as &dyn Wire, "application/x-www-form-urlencoded"))
        }
        RawBody::Xml(tree) => Some((tree, &xml as &dyn Wire, "application/xml")),
    };
    if let Some((tree, wire, usual)) = tree
        && let Some(value) = scope.tree(tree)?
    {
        let charset = draft.charset()?.unwrap_or_default();
        wire.encode_in(&value, charset, &mut draft.body).map_err(|error| {
            Unmade::Other(format!("the body cannot be written as {usual}: {error}"))
        })?;
        draft.offer("Content-Type", media_type(service, wire.name()).unwrap_or(usual));
    }
    draft.finish(service, scope, way)
}

/// Where an absolute URL leads; nothing of the file goes there.
pub(in crate::run) fn absolute(raw: &RawRequest, scope: &Scope<'_>) -> Result<Way, Unmade> {
    let base = url::parse(&path(&raw.path, scope)?).map_err(Unmade::Other)?;
    Ok(Way { base, host: None, headers: Vec::new() })
}

/// Headers that are written or given by an expression, in order.
pub(in crate::run) fn written_headers(
    given: Option<&Given<NamedTexts>>,
    scope: &Scope<'_>,
) -> Result<Lines, Unmade> {
    match given {
        None => Ok(Vec::new()),
        Some(Given::Expression(expression)) => headers(expression, scope),
        Some(Given::Written(written)) => {
            let line = |(name, text): &(Arc<str>, Text)| -> Result<_, Unmade> {
                Ok((name.to_string(), header_text(text, scope)?))
            };
            written.iter().map(line).collect()
        }
    }
}

/// The vendor's own name for a wire format.
fn media_type<'s>(service: &'s Service, wire: &str) -> Option<&'s str> {
    let mut known = service.media_types.iter();
    let found = known.find(|media_type| match media_type.wire {
        WireOptions::Json => wire == "json",
        WireOptions::Form { .. } => wire == "form",
        WireOptions::Xml { .. } => wire == "xml",
        WireOptions::JsonLines
        | WireOptions::Csv { .. }
        | WireOptions::Events
        | WireOptions::Text
        | WireOptions::Bytes
        | WireOptions::Multipart => false,
    });
    found.map(|media_type| &*media_type.name)
}
