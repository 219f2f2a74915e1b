//! The keys that requests show, and what comes of others.

use std::sync::Arc;

use super::outcome::{Outcome, Reached};
use super::request::Shown;
use crate::clock;
use crate::model::{ApiKeyPlace, ErrorId, KeyFields, Operation, Route, SecurityKind, Service};
use crate::value::{Map, Value};

/// Keys by the names of their schemes.
pub(super) type Keys = Vec<(Arc<str>, Value)>;

/// Something that is shown in place of a good key, and what comes of it.
pub(super) struct Refused {
    /// What it is called in the names of scenarios: `without a key`.
    pub name: &'static str,
    /// What is shown.
    pub shown: Shown,
    /// What comes of it.
    pub outcome: Result<Outcome, String>,
}

/// Good keys for an operation, of the first alternative that fixtures have keys for.
pub(super) fn good(service: &Service, operation: &Operation) -> Option<Keys> {
    if operation.security.is_empty() {
        return Some(Keys::new());
    }
    let method = operation.bindings.first().map(|binding| match &binding.route {
        Route::Http { method, .. } => method.as_str(),
        Route::Soap(_) => "POST",
    });
    operation.security.iter().find_map(|alternative| {
        let keys = alternative.schemes.iter().map(|(id, permissions)| {
            let scheme = service.security_schemes.get(id.0)?;
            if let Some(sign) = &scheme.sign {
                let collection = service.collections.get(sign.collection?.0)?;
                let row = collection.fixtures.first()?;
                return Some((scheme.name.clone(), row.get(&collection.key)?.clone()));
            }
            // What steps ask of a key cannot be made up.
            let keys = scheme.keys.as_ref().filter(|_| scheme.steps.is_empty())?;
            let row = fixtures(service, keys).iter().find(|row| {
                !is_expired(keys, row)
                    && is_for(keys, row, method)
                    && has_all(keys, row, permissions)
            })?;
            Some((scheme.name.clone(), key(keys, row)?))
        });
        keys.collect()
    })
}

/// What comes of bad keys. Only one scheme is asked for, or nothing is told.
pub(super) fn bad(reached: Reached<'_>) -> Vec<Refused> {
    let service = reached.service;
    let [alternative] = reached.operation.security.as_slice() else { return Vec::new() };
    let [(id, permissions)] = alternative.schemes.as_slice() else { return Vec::new() };
    let Some(scheme) = service.security_schemes.get(id.0) else { return Vec::new() };
    let errors = &scheme.errors;
    let refused = |name, shown, error: Option<ErrorId>, status| Refused {
        name,
        shown,
        outcome: reached.locked_out(error, status, scheme.rule),
    };
    let shown = |key: Value| Shown::Keys(vec![(scheme.name.clone(), key)]);
    let mut all = Vec::new();
    // Steps are done without a key too, unless there is an error for that.
    if scheme.steps.is_empty() || errors.missing.is_some() {
        let missing = errors.missing.or(errors.unknown);
        all.push(refused("without a key", Shown::Nothing, missing, 401));
    }
    let Some(keys) = scheme.keys.as_ref().filter(|_| scheme.steps.is_empty()) else { return all };
    let rows = fixtures(service, keys);
    let unknown = errors.unknown.or(errors.missing);
    if let Some(good) = rows.first().and_then(|row| key(keys, row)) {
        all.push(refused("with a key that nobody has", shown(spoilt(&good)), unknown, 401));
    }
    let expired = rows.iter().find(|row| is_expired(keys, row));
    if let Some(key) = expired.and_then(|row| key(keys, row)) {
        let error = errors.expired.or(unknown);
        all.push(refused("with a key that has ended", shown(key), error, 401));
    }
    let method = Some(reached.method());
    let other = rows.iter().find(|row| !is_expired(keys, row) && !is_for(keys, row, method));
    if let Some(key) = other.and_then(|row| key(keys, row)) {
        all.push(refused("with a key for other methods", shown(key), errors.method, 403));
    }
    let weak = rows.iter().find(|row| {
        !is_expired(keys, row) && is_for(keys, row, method) && !has_all(keys, row, permissions)
    });
    if let Some(key) = weak.and_then(|row| key(keys, row)) {
        let name = "with a key that lacks a permission";
        all.push(refused(name, shown(key), errors.permission, 403));
    }
    all
}

/// Whether a parameter holds a key, which a call fills in by itself.
pub(super) fn is_key(service: &Service, operation: &Operation, parameter: &str) -> bool {
    let schemes = operation.security.iter().flat_map(|one| &one.schemes);
    let mut schemes = schemes.filter_map(|(id, _)| service.security_schemes.get(id.0));
    schemes.any(|scheme| match &scheme.kind {
        SecurityKind::ApiKey { place: ApiKeyPlace::Parameter, name } => **name == *parameter,
        _ => false,
    })
}

fn fixtures<'s>(service: &'s Service, keys: &KeyFields) -> &'s [Map] {
    let collection = service.collections.get(keys.collection.0);
    collection.map(|collection| &*collection.fixtures).unwrap_or_default()
}

/// A key as `authenticate` has it; the password behind a colon.
fn key(keys: &KeyFields, row: &Map) -> Option<Value> {
    row.get(&keys.field).cloned()
}

fn spoilt(key: &Value) -> Value {
    let text = key.scalar_text().unwrap_or_default();
    Value::text(format!("no-{text}"))
}

fn is_expired(keys: &KeyFields, row: &Map) -> bool {
    let end = keys.expires.as_ref().and_then(|field| row.get(field));
    let end = end.and_then(Value::as_str).and_then(clock::parse_timestamp);
    end.is_some_and(|end| end <= jiff::Timestamp::now())
}

fn is_for(keys: &KeyFields, row: &Map, method: Option<&str>) -> bool {
    let methods = keys.methods.as_ref().and_then(|field| row.get(field));
    let (Some(methods), Some(method)) = (methods.and_then(Value::as_list), method) else {
        return true;
    };
    methods.iter().any(|one| one.as_str().is_some_and(|one| one.eq_ignore_ascii_case(method)))
}

fn has_all(keys: &KeyFields, row: &Map, wanted: &[Arc<str>]) -> bool {
    let held = keys.permissions.as_ref().and_then(|field| row.get(field));
    let held = held.and_then(Value::as_list).unwrap_or_default();
    wanted.iter().all(|one| held.iter().any(|held| held.as_str() == Some(one)))
}
