//! Showing keys.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::{Draft, Unmade, texts};
use crate::model::{ApiKeyPlace, Colon, KeyFields, SchemeId, SecurityKind, Service, Tree};
use crate::run::scope::Scope;
use crate::value::Value;
use crate::wire::form;

/// Shows the keys of a step. Keys that stand in a parameter go to `parameters`, or without such
/// into the query. A field that the scenario sets itself is left alone.
pub(super) fn authenticate<'k>(
    service: &Service,
    keys: impl IntoIterator<Item = &'k (SchemeId, Tree)>,
    scope: &Scope<'_>,
    draft: &mut Draft,
    mut parameters: Option<&mut Vec<(Arc<str>, Value)>>,
) -> Result<(), Unmade> {
    for (id, tree) in keys {
        let Some(scheme) = service.security_schemes.get(id.0) else { continue };
        let Some(value) = scope.tree(tree)? else { continue };
        if scheme.sign.is_some() {
            draft.signers.push((*id, value));
            continue;
        }
        match &scheme.kind {
            SecurityKind::Basic { colon, form } => {
                let shown = basic(service, *colon, *form, scheme.keys.as_ref(), &value)?;
                let encoded = STANDARD.encode(&shown);
                scope.mask().borrow_mut().add_encoded(&encoded, &shown);
                draft.offer("Authorization", format!("Basic {encoded}"));
            }
            SecurityKind::Http(word) => {
                let word = if &**word == "bearer" { "Bearer" } else { word };
                draft.offer("Authorization", format!("{word} {}", text(&scheme.name, &value)?));
            }
            // It is shown by the connection.
            SecurityKind::MutualTls(_) => {}
            SecurityKind::ApiKey { place, name } => {
                let key = text(name, &value)?;
                match place {
                    ApiKeyPlace::Header => draft.offer(name, key),
                    ApiKeyPlace::Cookie => draft.cookies.push((name.to_string(), key)),
                    ApiKeyPlace::Query => draft.query.push((name.to_string(), key)),
                    ApiKeyPlace::Parameter => match &mut parameters {
                        Some(parameters) if parameters.iter().any(|(known, _)| known == name) => {}
                        Some(parameters) => parameters.insert(0, (name.clone(), key.into())),
                        None => draft.query.push((name.to_string(), key)),
                    },
                }
            }
        }
    }
    Ok(())
}

fn text(name: &str, value: &Value) -> Result<String, Unmade> {
    Ok(texts(name, value, false)?.join(","))
}

/// What stands in base64: the key, and a password where the scheme has one. The value is the
/// key, `key:password`, or a map of the two.
fn basic(
    service: &Service,
    colon: Colon,
    form: bool,
    fields: Option<&KeyFields>,
    value: &Value,
) -> Result<String, Unmade> {
    let member = |names: [&str; 3]| names.iter().find_map(|name| value.get(name)?.scalar_text());
    let (key, password) = match value {
        Value::Map(_) | Value::Record(_) => {
            let key = member(["key", "username", "user"]);
            let key = key.ok_or_else(|| Unmade::Other("the credentials have no key".to_owned()))?;
            (key.to_string(), member(["password", "pass", "secret"]).map(|p| p.to_string()))
        }
        value => (text("the key", value)?, None),
    };
    // A text with a colon is a pair already.
    let (key, password) = match (password, key.split_once(':')) {
        (None, Some((key, password))) if form && colon != Colon::None => {
            (key.to_owned(), Some(password.to_owned()))
        }
        (password, _) => (key, password),
    };
    let of_fixture = || fixture_password(service, fields?, &key).map(|found| found.to_string());
    let password = password.or_else(|| of_fixture().filter(|_| colon == Colon::Required));
    let (key, password) = match form {
        true => (form::encoded(&key), password.map(|password| form::encoded(&password))),
        false => (key, password),
    };
    Ok(match (colon, password) {
        (_, Some(password)) => format!("{key}:{password}"),
        (Colon::None, None) => key,
        (Colon::Optional | Colon::Required, None) if key.contains(':') => key,
        (Colon::BeforeKey, None) => format!(":{key}"),
        (Colon::Optional | Colon::Required, None) => format!("{key}:"),
    })
}

/// The password of the fixture with that key.
fn fixture_password(service: &Service, fields: &KeyFields, key: &str) -> Option<Arc<str>> {
    let password = fields.password.as_ref()?;
    let rows = &service.collections.get(fields.collection.0)?.fixtures;
    let row = rows.iter().find(|row| {
        row.get(&fields.field).and_then(Value::scalar_text).is_some_and(|known| *known == *key)
    })?;
    row.get(password)?.scalar_text()
}
