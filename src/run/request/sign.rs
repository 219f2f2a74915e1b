//! Signing: what a scheme has clients make of a key and the whole of a request.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::percent_decode_str;

use super::{Draft, Unmade, Way};
use crate::model::{Service, Sign, Text};
use crate::run::scope::Scope;
use crate::value::{Map, Value};

/// Puts the signatures of the keys that are shown into a request that is whole otherwise. What the
/// scenario sets itself is left alone.
pub(super) fn sign(
    service: &Service,
    scope: &Scope<'_>,
    way: &Way,
    draft: &mut Draft,
) -> Result<(), Unmade> {
    for (id, key) in std::mem::take(&mut draft.signers) {
        let scheme = service.security_schemes.get(id.0);
        let Some(sign) = scheme.and_then(|scheme| scheme.sign.as_ref()) else { continue };
        let key = row(service, sign, &key).unwrap_or(key);
        for (name, text) in &sign.query {
            if query(draft).get(name).is_none() {
                let text = signed(text, &key, scope, way, draft)?;
                draft.query.push((name.to_string(), text));
            }
        }
        for (name, text) in &sign.headers {
            if !draft.has(name) {
                let text = signed(text, &key, scope, way, draft)?;
                draft.offer(name, text);
            }
        }
    }
    Ok(())
}

/// The fixture that a text names.
fn row(service: &Service, sign: &Sign, key: &Value) -> Option<Value> {
    let name = key.scalar_text()?;
    let collection = service.collections.get(sign.collection?.0)?;
    let is_named = |row: &&Map| {
        let known = row.get(&collection.key).and_then(Value::scalar_text);
        known.is_some_and(|known| known == name)
    };
    collection.fixtures.iter().find(is_named).cloned().map(Value::map)
}

fn signed(
    text: &Text,
    key: &Value,
    scope: &Scope<'_>,
    way: &Way,
    draft: &Draft,
) -> Result<String, Unmade> {
    let request: [(&str, Value); 3] = [
        ("method", draft.method.as_str().into()),
        ("path", path(draft).into()),
        ("bytes", STANDARD.encode(&draft.body).into()),
    ];
    let request = request.into_iter().map(|(name, value)| (name.into(), value)).collect();
    let named: [(&str, Value); 4] = [
        ("key", key.clone()),
        ("request", Value::map(request)),
        ("query", Value::map(query(draft))),
        ("header", Value::map(headers(draft, way))),
    ];
    let act: Box<dyn FnOnce() -> Result<Arc<str>, _> + '_> = Box::new(|| scope.text(text));
    let with_all = named.into_iter().fold(act, |act, (name, value)| {
        Box::new(move || scope.with_item(&name.into(), value, act))
    });
    Ok(with_all()?.to_string())
}

/// The path below the vendor's base URL, as it is sent.
fn path(draft: &Draft) -> &str {
    match draft.path.split_once('?').map_or(&*draft.path, |(path, _)| path) {
        "" => "/",
        path => path,
    }
}

/// The parameters of the query, those that are written behind the path too.
fn query(draft: &Draft) -> Map {
    let written = draft.path.split_once('?').map_or("", |(_, query)| query);
    let decoded = |text: &str| {
        let spaced = text.replace('+', " ");
        percent_decode_str(&spaced).decode_utf8_lossy().into_owned()
    };
    let written = written.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (decoded(name), decoded(value))
    });
    let mut map = Map::new();
    for (name, value) in written.chain(draft.query.iter().cloned()) {
        map.insert(name, value.into());
    }
    map
}

/// The headers by their names in small letters.
fn headers(draft: &Draft, way: &Way) -> Map {
    let host = way.host.clone().unwrap_or_else(|| way.base.origin.authority());
    let mut map = Map::new();
    map.insert("host", host.into());
    for (name, value) in &draft.headers {
        map.insert(name.to_ascii_lowercase(), value.as_str().into());
    }
    map
}
