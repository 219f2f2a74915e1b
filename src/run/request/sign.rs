//! Signing: what a scheme has clients make of a key and the whole of a request.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::{Draft, Unmade, Way};
use crate::model::{Service, Sign, Text};
use crate::run::scope::Scope;
use crate::value::{Map, Value};
use crate::wire::form;

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
        let signed = [("key".into(), key), ("request".into(), request(draft))];
        scope.with_items(signed, || put(sign, scope, way, draft))?;
    }
    Ok(())
}

/// Each text sees those that were put there before it.
fn put(sign: &Sign, scope: &Scope<'_>, way: &Way, draft: &mut Draft) -> Result<(), Unmade> {
    let worked_out = |text: &Text, draft: &Draft| {
        let seen = [("query".into(), query(draft)), ("header".into(), headers(draft, way))];
        scope.with_items(seen, || scope.text(text))
    };
    for (name, text) in &sign.query {
        if query(draft).get(name).is_none() {
            let text = worked_out(text, draft)?;
            draft.query.push((name.to_string(), text.to_string()));
        }
    }
    for (name, text) in &sign.headers {
        if !draft.has(name) {
            let text = worked_out(text, draft)?;
            draft.offer(name, &*text);
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

/// What does not change while it is signed.
fn request(draft: &Draft) -> Value {
    let mut map = Map::new();
    map.insert("method", draft.method.as_str().into());
    map.insert("path", path(draft).into());
    map.insert("bytes", STANDARD.encode(&draft.body).into());
    Value::map(map)
}

/// The path below the vendor's base URL, as it is sent.
fn path(draft: &Draft) -> &str {
    match draft.path.split_once('?').map_or(&*draft.path, |(path, _)| path) {
        "" => "/",
        path => path,
    }
}

/// The parameters of the query, those that are written behind the path too.
fn query(draft: &Draft) -> Value {
    let written = draft.path.split_once('?').map_or("", |(_, query)| query);
    let mut map = Map::new();
    for (name, value) in form::decode_pairs(written).unwrap_or_default() {
        map.insert(name, Value::Text(value));
    }
    for (name, value) in &draft.query {
        map.insert(name.as_str(), value.as_str().into());
    }
    Value::map(map)
}

/// The headers by their names in small letters.
fn headers(draft: &Draft, way: &Way) -> Value {
    let host = way.host.clone().unwrap_or_else(|| way.base.origin.authority());
    let mut map = Map::new();
    map.insert("host", host.into());
    for (name, value) in &draft.headers {
        map.insert(name.to_ascii_lowercase(), value.as_str().into());
    }
    Value::map(map)
}
