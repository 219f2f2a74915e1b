//! Whether a request shows a key that is good for it.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_PAD_INDIFFERENT;
use http::StatusCode;
use http::header::AUTHORIZATION;

use super::incoming::Incoming;
use super::refusal::{Refusal, Violation};
use super::trace::{Outcome, Trace};
use crate::clock;
use crate::exchange::{CertificateFault, ClientCertificate};
use crate::model::{ApiKeyPlace, CertificatePart, Colon, ErrorId, SecurityKind};
use crate::plan::Plan;
use crate::plan::operation::Operation;
use crate::plan::security::SecurityScheme;
use crate::state::View;
use crate::value::{Record, Value};

/// What a key is looked at with.
pub(super) struct Guard<'p, 'r> {
    /// The vendor.
    pub plan: &'p Plan,
    /// The state.
    pub transaction: &'r dyn View,
    /// The request.
    pub incoming: &'r Incoming<'r>,
    /// The parameters, where keys stand in one.
    pub parameters: Option<&'r Value>,
    /// The clock's time.
    pub now: jiff::Timestamp,
}

/// A key, with a password where the scheme has one.
struct Shown {
    key: Arc<str>,
    password: Option<Arc<str>>,
}

impl<'p> Guard<'p, '_> {
    /// The row of the key that the request shows; `None` when the operation asks for none.
    ///
    /// When none of the alternatives holds, fails as the last one does for which a key was shown,
    /// or else as the last one does.
    pub(super) fn check(
        &self,
        operation: &Operation,
        trace: &mut Trace,
    ) -> Result<Option<Arc<Record>>, Box<Refusal<'p>>> {
        let mut refused: Option<Box<Refusal<'p>>> = None;
        let mut shown = false;
        for alternative in &operation.security {
            let mut held = Ok(None);
            for (scheme, permissions) in &alternative.schemes {
                let Some(scheme) = self.plan.security_schemes.get(scheme.0) else { continue };
                match self.scheme(scheme, permissions) {
                    Ok(row) => {
                        trace.rule(scheme.rule, Outcome::Held);
                        held = Ok(Some(row));
                    }
                    Err(refusal) => {
                        trace.about(scheme.rule, Outcome::Broken, refusal.violation.plain_said());
                        held = Err((refusal, self.shown(scheme).is_some()));
                        break;
                    }
                }
            }
            match held {
                Ok(row) => return Ok(row),
                Err((refusal, with_key)) if with_key || !shown => {
                    refused = Some(refusal);
                    shown = with_key;
                }
                Err(_) => {}
            }
        }
        refused.map_or(Ok(None), Err)
    }

    fn scheme(
        &self,
        scheme: &'p SecurityScheme,
        permissions: &[Arc<str>],
    ) -> Result<Arc<Record>, Box<Refusal<'p>>> {
        let refuse = |error: Option<ErrorId>, status, said: &str, key: Option<&str>| {
            Box::new(Refusal {
                error,
                rule: Some(scheme.rule),
                status: Some(status),
                violation: Violation {
                    field: scheme.name.clone(),
                    path: scheme.name.clone(),
                    value: key.map(Value::text),
                    said: Some(said.into()),
                    rule: Some(scheme.rule),
                    ..Violation::default()
                },
                ..Refusal::default()
            })
        };
        let errors = &scheme.errors;
        let missing = errors.missing.or(errors.unknown);
        let Some(shown) = self.shown(scheme) else {
            let said = match (&scheme.kind, self.certificate()) {
                (SecurityKind::MutualTls(part), Some(_)) => {
                    format!("the certificate has no {}", part.word())
                }
                (SecurityKind::MutualTls(_), None) if self.incoming.request.tls.is_none() => {
                    "no certificate was shown, since the request came without TLS".to_owned()
                }
                (SecurityKind::MutualTls(_), None) => "no certificate was shown".to_owned(),
                _ => "no key was shown".to_owned(),
            };
            return Err(refuse(missing, StatusCode::UNAUTHORIZED, &said, None));
        };
        let key = Some(&*shown.key);
        let fault = match scheme.kind {
            SecurityKind::MutualTls(_) => self.certificate().and_then(|shown| shown.fault.as_ref()),
            _ => None,
        };
        if let Some(fault) = fault {
            let (error, said) = match fault {
                CertificateFault::Expired => (errors.expired, "the certificate has ended".into()),
                CertificateFault::Other(why) => {
                    (None, format!("the certificate is not accepted: {why}"))
                }
            };
            let error = error.or(errors.unknown).or(errors.missing);
            return Err(refuse(error, StatusCode::UNAUTHORIZED, &said, key));
        }
        let Some(row) = self.row(scheme, &shown) else {
            let unknown = errors.unknown.or(errors.missing);
            return Err(refuse(unknown, StatusCode::UNAUTHORIZED, "the key is unknown", key));
        };
        let fields = &scheme.fields;
        let field = |name: &Option<Arc<str>>| name.as_ref().and_then(|name| row.get(name));
        if let Some(expires) = field(&fields.expires).and_then(Value::as_str)
            && clock::parse_timestamp(expires).is_some_and(|end| end <= self.now)
        {
            let expired = errors.expired.or(errors.unknown).or(errors.missing);
            return Err(refuse(expired, StatusCode::UNAUTHORIZED, "the key has ended", key));
        }
        if let Some(methods) = field(&fields.methods).and_then(Value::as_list) {
            let method = self.incoming.method.as_str();
            if !methods.iter().any(|m| m.as_str().is_some_and(|m| m.eq_ignore_ascii_case(method))) {
                let said = "the key is not good for the method";
                return Err(refuse(errors.method, StatusCode::FORBIDDEN, said, key));
            }
        }
        let has = field(&fields.permissions).and_then(Value::as_list).unwrap_or_default();
        let lacks = |wanted: &Arc<str>| !has.iter().any(|p| p.as_str() == Some(wanted));
        if permissions.iter().any(lacks) {
            let said = "the key lacks a permission";
            return Err(refuse(errors.permission, StatusCode::FORBIDDEN, said, key));
        }
        Ok(row)
    }

    fn row(&self, scheme: &SecurityScheme, shown: &Shown) -> Option<Arc<Record>> {
        let key = Value::Text(shown.key.clone());
        let row = match scheme.index {
            None => self.transaction.get(scheme.collection.0, &key),
            Some(index) => self.transaction.first(scheme.collection.0, index, &[key]),
        }?;
        let password = match &scheme.fields.password {
            Some(field) => row.get(field).and_then(Value::scalar_text) == shown.password,
            None => true,
        };
        let collection = self.plan.collections.get(scheme.collection.0);
        password.then(|| collection.map_or_else(|| row.clone(), |c| c.seen(row.clone())))
    }

    fn shown(&self, scheme: &SecurityScheme) -> Option<Shown> {
        let plain = |key: &str| Some(Shown { key: key.into(), password: None });
        match &scheme.kind {
            SecurityKind::Bearer => plain(self.credentials("bearer")?),
            SecurityKind::Basic(colon) => {
                let decoded =
                    STANDARD_PAD_INDIFFERENT.decode(self.credentials("basic")?.trim()).ok()?;
                let text = String::from_utf8(decoded).ok()?;
                match (colon, text.split_once(':')) {
                    (Colon::None, _) | (Colon::Optional, None) => plain(&text),
                    // The colon is optional, a password that nobody asks for is not.
                    (Colon::Optional, Some((_, password)))
                        if !password.is_empty() && scheme.fields.password.is_none() =>
                    {
                        plain(&text)
                    }
                    (Colon::Optional | Colon::Required, Some((key, password))) => {
                        Some(Shown { key: key.into(), password: Some(password.into()) })
                    }
                    (Colon::BeforeKey, Some((_, key))) => plain(key),
                    (Colon::Required | Colon::BeforeKey, None) => None,
                }
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
                ApiKeyPlace::Header => plain(self.incoming.header(scheme.header.as_ref()?)?),
                ApiKeyPlace::Cookie => plain(self.incoming.cookie(name)?),
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

    /// What stands behind the name of the scheme in `Authorization` (RFC 9110 section 11.4).
    fn credentials(&self, scheme: &str) -> Option<&str> {
        let header = self.incoming.header(&AUTHORIZATION)?;
        let space = header.bytes().position(|byte| byte == b' ')?;
        let (name, credentials) = header.split_at_checked(space)?;
        let credentials = credentials.trim_ascii();
        (name.eq_ignore_ascii_case(scheme) && !credentials.is_empty()).then_some(credentials)
    }
}
