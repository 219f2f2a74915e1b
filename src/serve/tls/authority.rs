//! An authority that is kept in memory, and the certificates that it signs.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::{Span, Timestamp, Zoned, tz::TimeZone};
use parking_lot::Mutex;
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyPair, KeyUsagePurpose, date_time_ymd,
};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::sign::CertifiedKey;

use super::{TlsError, provider};

/// So many certificates are kept.
const MOST: usize = 1000;
/// The common name of the authority.
const NAME: &str = "counterpart-mock";
/// How many days a certificate is valid: as many as the strictest clients accept.
const DAYS: i64 = 397;

pub(super) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    /// The key of all certificates that are signed.
    key: KeyPair,
    pem: String,
    known: Mutex<HashMap<String, Arc<CertifiedKey>>>,
}

impl Authority {
    pub(super) fn new() -> Result<Self, TlsError> {
        Self::make().map_err(|error| TlsError(format!("no authority can be made: {error}")))
    }

    fn make() -> Result<Self, rcgen::Error> {
        let (key, own) = (KeyPair::generate()?, KeyPair::generate()?);
        let mut parameters = CertificateParams::default();
        parameters.distinguished_name = named(&format!("{NAME} (only for tests)"));
        parameters.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        parameters.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        valid(&mut parameters);
        let certificate = parameters.self_signed(&own)?;
        let pem = pem(certificate.der());
        Ok(Self { issuer: Issuer::new(parameters, own), key, pem, known: Mutex::default() })
    }

    /// Its certificate.
    pub(super) fn pem(&self) -> &str {
        &self.pem
    }

    /// The certificate for a name, or else for an address and this machine's own names.
    pub(super) fn certificate(
        &self,
        name: Option<&str>,
        address: IpAddr,
    ) -> Result<Arc<CertifiedKey>, String> {
        let address = address.to_canonical().to_string();
        let names = match name {
            Some(name) => vec![name.to_ascii_lowercase()],
            None if address == "127.0.0.1" || address == "::1" => {
                vec!["localhost".to_owned(), "127.0.0.1".to_owned(), "::1".to_owned()]
            }
            None => vec![address, "localhost".to_owned()],
        };
        let mut known = self.known.lock();
        let asked = names.join(" ");
        if let Some(known) = known.get(&asked) {
            return Ok(known.clone());
        }
        let made =
            self.sign(names).map_err(|error| format!("no certificate for {asked:?}: {error}"))?;
        if known.len() >= MOST {
            // They are quickly made again.
            known.clear();
        }
        known.insert(asked, made.clone());
        Ok(made)
    }

    fn sign(&self, names: Vec<String>) -> Result<Arc<CertifiedKey>, Box<dyn std::error::Error>> {
        let first = names.first().cloned().unwrap_or_default();
        let mut parameters = CertificateParams::new(names)?;
        // A common name has 64 characters at most (RFC 5280, appendix A.1).
        let is_short = first.chars().count() <= 64;
        parameters.distinguished_name =
            if is_short { named(&first) } else { DistinguishedName::new() };
        parameters.is_ca = IsCa::ExplicitNoCa;
        parameters.use_authority_key_identifier_extension = true;
        parameters.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        parameters.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        valid(&mut parameters);
        let certificate = parameters.signed_by(&self.key, &self.issuer)?;
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(self.key.serialize_der()));
        let chain = vec![certificate.der().clone()];
        Ok(Arc::new(CertifiedKey::from_der(chain, key, &provider())?))
    }
}

fn named(name: &str) -> DistinguishedName {
    let mut named = DistinguishedName::new();
    named.push(DnType::CommonName, name);
    named
}

/// From yesterday on, since clocks of other machines may be behind.
fn valid(parameters: &mut CertificateParams) {
    let now = Timestamp::now().to_zoned(TimeZone::UTC);
    let date = |days: i64| {
        let at: Zoned = now.checked_add(Span::new().days(days)).unwrap_or_else(|_| now.clone());
        date_time_ymd(at.year().into(), at.month().unsigned_abs(), at.day().unsigned_abs())
    };
    parameters.not_before = date(-1);
    parameters.not_after = date(DAYS - 1);
}

fn pem(der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let lines: Vec<&str> = text
        .as_bytes()
        .chunks(64)
        .map(|line| std::str::from_utf8(line).unwrap_or_default())
        .collect();
    format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", lines.join("\n"))
}
