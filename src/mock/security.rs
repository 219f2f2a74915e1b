//! Whether a request shows a key that is good for it.

use std::borrow::Cow;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_PAD_INDIFFERENT;
use http::StatusCode;
use http::header::AUTHORIZATION;

use super::incoming::{Incoming, Target};
use super::refusal::{Halt, Refusal, Violation};
use super::run::Run;
use super::trace::Outcome;
use crate::clock;
use crate::exchange::{CertificateFault, ClientCertificate, text_of_old};
use crate::model::{ApiKeyPlace, CertificatePart, Colon, ErrorId, SecurityKind};
use crate::plan::Plan;
use crate::plan::names::Slot;
use crate::plan::security::{Keys, SecurityScheme, Verify};
use crate::plan::value::{Expression, Kept};
use crate::state::View;
use crate::value::{Map, Record, Value};
use crate::wire::form;

/// What expressions see of a request.
const SENT: [Slot; 4] = [Slot::PATH, Slot::QUERY, Slot::HEADER, Slot::COOKIE];

/// What a key is looked at with.
struct Guard<'p, 'r> {
    plan: &'p Plan,
    transaction: &'r dyn View,
    incoming: &'r Incoming<'r>,
    /// The parameters, where keys stand in one.
    parameters: Option<&'r Value>,
    now: jiff::Timestamp,
}

/// A key, with a password where the scheme has one.
struct Shown {
    key: Arc<str>,
    password: Option<Arc<str>>,
}

impl<'p> Run<'p, '_> {
    /// Looks at who asks, and lets expressions see it.
    ///
    /// When none of the alternatives holds, fails as the last one does for which a key was shown,
    /// or else as the last one does.
    pub(super) fn security(
        &mut self,
        incoming: &Incoming<'_>,
        target: &Target,
        parameters: Option<&Value>,
    ) -> Result<(), Halt<'p>> {
        let Some(operation) = self.operation else { return Ok(()) };
        let plan = self.plan;
        // What a refusal says may be of what its steps have named, which nobody else is to see.
        let mut refused: Option<(Box<Refusal<'p>>, Option<Kept>)> = None;
        let names = plan.security_schemes.iter().any(|scheme| scheme.verify.is_some());
        let mut shown = false;
        for alternative in &operation.security {
            let mut held = Ok(None);
            let before = names.then(|| self.scope.clone_slots());
            for (id, permissions) in &alternative.schemes {
                let Some(scheme) = plan.security_schemes.get(id.0) else { continue };
                let key = self.guard(incoming, parameters).shown(scheme);
                let with_key = key.is_some();
                match self.scheme(scheme, key.as_ref(), permissions, incoming, target) {
                    Ok(credential) => {
                        self.trace.rule(scheme.rule, Outcome::Held);
                        held = Ok(Some(credential));
                    }
                    Err(Halt::Refused(refusal)) => {
                        let said = refusal.violation.plain_said();
                        self.trace.about(scheme.rule, Outcome::Broken, said);
                        let seen = names.then(|| self.scope.clone_slots());
                        held = Err((refusal, with_key, seen));
                        break;
                    }
                    Err(other) => return Err(other),
                }
            }
            match held {
                Ok(credential) => {
                    self.scope.set(Slot::CREDENTIAL, credential.unwrap_or(Value::Null));
                    return Ok(());
                }
                Err((refusal, with_key, seen)) if with_key || !shown => {
                    refused = Some((refusal, seen));
                    shown = with_key;
                }
                Err(_) => {}
            }
            if let Some(before) = before {
                self.scope.put_slots(before);
            }
        }
        let Some((refusal, seen)) = refused else { return Ok(()) };
        if let Some(seen) = seen {
            self.scope.put_slots(seen);
        }
        self.scope.set(Slot::CREDENTIAL, Value::Null);
        Err(Halt::Refused(refusal))
    }

    fn guard<'g>(
        &'g self,
        incoming: &'g Incoming<'g>,
        parameters: Option<&'g Value>,
    ) -> Guard<'p, 'g> {
        let Self { plan, now, .. } = *self;
        Guard { plan, transaction: self.held.rows(), incoming, parameters, now }
    }

    /// Whose the key is that was shown by a scheme.
    fn scheme(
        &mut self,
        scheme: &'p SecurityScheme,
        shown: Option<&Shown>,
        wanted: &[Arc<str>],
        incoming: &Incoming<'_>,
        target: &Target,
    ) -> Result<Value, Halt<'p>> {
        let guard = self.guard(incoming, None);
        // Steps tell themselves what it means that no key was sent, unless there is an error.
        let is_told = scheme.verify.is_some() && scheme.keys.is_none();
        if shown.is_none() && !(is_told && scheme.errors.missing.is_none()) {
            return Err(guard.missing(scheme).into());
        }
        let row = match (&scheme.keys, shown) {
            (Some(keys), Some(shown)) => Some(guard.key(scheme, keys, shown)?),
            _ => None,
        };
        let field = scheme.keys.as_ref().and_then(|keys| keys.fields.permissions.as_ref());
        let field = field.zip(row.as_ref()).and_then(|(field, row)| row.get(field).cloned());
        let text = shown.map(|shown| shown.key.clone());
        let mut credential = row.map_or(Value::Null, Value::Record);
        let mut permissions = field;
        if let Some(verify) = &scheme.verify {
            let found = self.verify(verify, text.clone(), &credential, incoming, target)?;
            if shown.is_none() {
                return Err(self.guard(incoming, None).missing(scheme).into());
            }
            credential = found.credential.unwrap_or(credential);
            permissions = found.permissions.or(permissions);
        }
        let has = permissions.as_ref().and_then(Value::as_list).unwrap_or_default();
        let lacks = |wanted: &Arc<str>| !has.iter().any(|p| p.as_str() == Some(wanted));
        if wanted.iter().any(lacks) {
            let said = "the key lacks a permission";
            let error = scheme.errors.permission;
            return Err(refuse(scheme, error, StatusCode::FORBIDDEN, said, text.as_deref()).into());
        }
        Ok(credential)
    }

    /// Does the steps of a scheme, which see the request as it came. What they name is seen by
    /// those of the operation too, unless they refuse it.
    fn verify(
        &mut self,
        verify: &'p Verify,
        key: Option<Arc<str>>,
        credential: &Value,
        incoming: &Incoming<'_>,
        target: &Target,
    ) -> Result<Found, Halt<'p>> {
        let before = self.see_what_was_sent(incoming, target);
        let key_before = self.scope.get(verify.key).cloned();
        self.scope.set(verify.key, key.map(Value::Text));
        self.scope.set(Slot::CREDENTIAL, credential.clone());
        let found = self.steps(&verify.steps).and_then(|_| {
            let value = |expression: &Option<Expression>| match expression {
                Some(expression) => expression.value(&self.scope),
                None => Ok(None),
            };
            let credential = value(&verify.credential)?;
            Ok(Found { credential, permissions: value(&verify.permissions)? })
        });
        if found.is_ok() {
            self.see_again(before);
            self.scope.set(verify.key, key_before);
        }
        found
    }

    /// Lets expressions see what was sent, as it was sent; says what they saw before.
    pub(super) fn see_what_was_sent(
        &mut self,
        incoming: &Incoming<'_>,
        target: &Target,
    ) -> [Option<Value>; 4] {
        let before = SENT.map(|slot| self.scope.get(slot).cloned());
        let cookies: Vec<_> = incoming.cookies().collect();
        let sent = [
            Value::map(pairs(target.path.iter().map(|(name, value)| (&**name, &**value)))),
            Value::map(pairs(incoming.query.iter().map(|(name, value)| (&**name, &**value)))),
            Value::map(headers(incoming)),
            Value::map(pairs(cookies.iter().map(|(name, value)| (&**name, &**value)))),
        ];
        self.see_again(sent.map(Some));
        before
    }

    /// Lets expressions see this of a request.
    pub(super) fn see_again(&mut self, values: [Option<Value>; 4]) {
        for (slot, value) in SENT.into_iter().zip(values) {
            self.scope.set(slot, value);
        }
    }
}

/// What the steps of a scheme have found.
struct Found {
    credential: Option<Value>,
    permissions: Option<Value>,
}

/// Texts by their names; the first of each name.
fn pairs<'t>(sent: impl Iterator<Item = (&'t str, &'t str)>) -> Map {
    let mut map = Map::new();
    for (name, value) in sent {
        if map.get(name).is_none() {
            map.insert(name, Value::text(value));
        }
    }
    map
}

/// The headers by their names in small letters; of several lines one, with commas between them.
fn headers(incoming: &Incoming<'_>) -> Map {
    let mut map = Map::new();
    for name in incoming.request.headers.keys() {
        if let Some(lines) = incoming.lines(name) {
            map.insert(name.as_str(), Value::text(&*lines));
        }
    }
    map
}

fn refuse<'p>(
    scheme: &SecurityScheme,
    error: Option<ErrorId>,
    status: StatusCode,
    said: &str,
    key: Option<&str>,
) -> Box<Refusal<'p>> {
    Box::new(Refusal {
        error,
        rule: Some(scheme.rule),
        status: Some(status),
        violation: Violation {
            field: scheme.name.clone(),
            path: scheme.name.clone(),
            value: key.map(Value::text),
            said: Some(said.to_owned().into()),
            rule: Some(scheme.rule),
            ..Violation::default()
        },
        ..Refusal::default()
    })
}

impl<'p> Guard<'p, '_> {
    /// What is said where no key was sent.
    fn missing(&self, scheme: &SecurityScheme) -> Box<Refusal<'p>> {
        let said = match (&scheme.kind, self.certificate()) {
            (SecurityKind::MutualTls(part), Some(_)) => {
                format!("the certificate has no {}", part.word())
            }
            (SecurityKind::MutualTls(_), None) if self.incoming.request.tls.is_none() => {
                "no certificate was presented, since the request came without TLS".to_owned()
            }
            (SecurityKind::MutualTls(_), None) => "no certificate was presented".to_owned(),
            _ => "no key was sent".to_owned(),
        };
        let missing = scheme.errors.missing.or(scheme.errors.unknown);
        refuse(scheme, missing, StatusCode::UNAUTHORIZED, &said, None)
    }

    /// The row of a key that is good for the request, whatever it may do.
    fn key(
        &self,
        scheme: &SecurityScheme,
        keys: &Keys,
        shown: &Shown,
    ) -> Result<Arc<Record>, Box<Refusal<'p>>> {
        let errors = &scheme.errors;
        let key = Some(&*shown.key);
        let fault = match scheme.kind {
            SecurityKind::MutualTls(_) => self.certificate().and_then(|shown| shown.fault.as_ref()),
            _ => None,
        };
        if let Some(fault) = fault {
            let (error, said) = match fault {
                CertificateFault::Expired => (errors.expired, "the certificate has expired".into()),
                CertificateFault::Other(why) => {
                    (None, format!("the certificate is not accepted: {why}"))
                }
            };
            let error = error.or(errors.unknown).or(errors.missing);
            return Err(refuse(scheme, error, StatusCode::UNAUTHORIZED, &said, key));
        }
        let Some(row) = self.row(keys, shown) else {
            let unknown = errors.unknown.or(errors.missing);
            return Err(refuse(
                scheme,
                unknown,
                StatusCode::UNAUTHORIZED,
                "the key is unknown",
                key,
            ));
        };
        let field = |name: &Option<Arc<str>>| name.as_ref().and_then(|name| row.get(name));
        if let Some(expires) = field(&keys.fields.expires).and_then(Value::as_str)
            && clock::parse_timestamp(expires).is_some_and(|end| end <= self.now)
        {
            let expired = errors.expired.or(errors.unknown).or(errors.missing);
            let said = "the key has expired";
            return Err(refuse(scheme, expired, StatusCode::UNAUTHORIZED, said, key));
        }
        if let Some(methods) = field(&keys.fields.methods).and_then(Value::as_list) {
            let method = self.incoming.method.as_str();
            if !methods.iter().any(|m| m.as_str().is_some_and(|m| m.eq_ignore_ascii_case(method))) {
                let said = "the key is not valid for the method";
                return Err(refuse(scheme, errors.method, StatusCode::FORBIDDEN, said, key));
            }
        }
        Ok(row)
    }

    fn row(&self, keys: &Keys, shown: &Shown) -> Option<Arc<Record>> {
        let key = Value::Text(shown.key.clone());
        let row = match keys.index {
            None => self.transaction.get(keys.collection.0, &key),
            Some(index) => self.transaction.first(keys.collection.0, index, &[key]),
        }?;
        let password = match &keys.fields.password {
            Some(field) => row.get(field).and_then(Value::scalar_text) == shown.password,
            None => true,
        };
        let collection = self.plan.collections.get(keys.collection.0);
        password.then(|| collection.map_or_else(|| row.clone(), |c| c.seen(row.clone())))
    }

    fn shown(&self, scheme: &SecurityScheme) -> Option<Shown> {
        let plain = |key: &str| Some(Shown { key: key.into(), password: None });
        match &scheme.kind {
            SecurityKind::Http(word) => plain(&self.credentials(word)?),
            SecurityKind::Basic { colon, form } => {
                let decoded =
                    STANDARD_PAD_INDIFFERENT.decode(self.credentials("basic")?.trim()).ok()?;
                let text = text_of_old(&decoded);
                let has_password =
                    scheme.keys.as_ref().is_some_and(|k| k.fields.password.is_some());
                let shown = match (colon, text.split_once(':')) {
                    (Colon::None, _) | (Colon::Optional, None) => plain(&text),
                    // The colon is optional, a password that nobody asks for is not.
                    (Colon::Optional, Some((_, password)))
                        if !password.is_empty() && !has_password =>
                    {
                        plain(&text)
                    }
                    (Colon::Optional | Colon::Required, Some((key, password))) => {
                        Some(Shown { key: key.into(), password: Some(password.into()) })
                    }
                    (Colon::BeforeKey, Some((_, key))) => plain(key),
                    (Colon::Required | Colon::BeforeKey, None) => None,
                }?;
                if !form {
                    return Some(shown);
                }
                let password = match shown.password {
                    Some(password) => Some(form::decoded(&password)?),
                    None => None,
                };
                Some(Shown { key: form::decoded(&shown.key)?, password })
            }
            SecurityKind::MutualTls(part) => {
                let shown = self.certificate()?;
                plain(match part {
                    CertificatePart::CommonName => shown.common_name.as_deref()?,
                    CertificatePart::Subject => &shown.subject,
                    CertificatePart::DnsName => shown.dns_names.first()?,
                    CertificatePart::Fingerprint => &shown.fingerprint,
                })
            }
            SecurityKind::ApiKey { place, name } => match place {
                ApiKeyPlace::Header => plain(&self.incoming.header(scheme.header.as_ref()?)?),
                ApiKeyPlace::Cookie => plain(&self.incoming.cookie(name)?),
                ApiKeyPlace::Query => {
                    let found = self.incoming.query.iter().find(|(key, _)| key == name)?;
                    plain(&found.1)
                }
                ApiKeyPlace::Parameter => {
                    plain(&self.parameters?.get(name).and_then(Value::scalar_text)?)
                }
            },
        }
    }

    fn certificate(&self) -> Option<&ClientCertificate> {
        self.incoming.request.tls.as_ref()?.certificate.as_ref()
    }

    /// What stands behind the name of the scheme in `Authorization`.
    fn credentials(&self, scheme: &str) -> Option<Cow<'_, str>> {
        match self.incoming.header(&AUTHORIZATION)? {
            Cow::Borrowed(header) => behind(scheme, header).map(Cow::Borrowed),
            Cow::Owned(header) => behind(scheme, &header).map(|text| text.to_owned().into()),
        }
    }
}

/// What stands behind the name of a scheme in a header (RFC 9110 section 11.4).
fn behind<'h>(scheme: &str, header: &'h str) -> Option<&'h str> {
    let space = header.bytes().position(|byte| byte == b' ')?;
    let (name, credentials) = header.split_at_checked(space)?;
    let credentials = credentials.trim_ascii();
    (name.eq_ignore_ascii_case(scheme) && !credentials.is_empty()).then_some(credentials)
}
