//! What the certificate of a server or a client says (X.509, RFC 5280).

use jiff::Timestamp;
use x509_cert::Certificate as Parsed;
use x509_cert::der::Decode as _;
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::time::Time;

/// A certificate.
#[derive(Debug, Clone)]
pub struct Certificate {
    /// Whose it is, as RFC 4514 writes names.
    pub subject: String,
    /// The common name in that.
    pub common_name: Option<String>,
    /// Who signed it.
    pub issuer: String,
    /// The names of hosts in it.
    pub dns_names: Vec<String>,
    /// From when on it is valid.
    pub begins: Option<Timestamp>,
    /// Until when it is valid.
    pub expires: Option<Timestamp>,
}

/// Reads one in DER; none where it is not one.
pub fn read(der: &[u8]) -> Option<Certificate> {
    let parsed = Parsed::from_der(der).ok()?;
    let parsed = parsed.tbs_certificate();
    let common = parsed.subject().common_name();
    let time = |time: &Time| {
        let seconds = i64::try_from(time.to_unix_duration().as_secs()).ok()?;
        Timestamp::from_second(seconds).ok()
    };
    let mut dns_names = Vec::new();
    if let Ok(Some((_, names))) = parsed.get_extension::<SubjectAltName>() {
        for name in &names.0 {
            if let GeneralName::DnsName(name) = name {
                dns_names.push(name.as_str().to_owned());
            }
        }
    }
    Some(Certificate {
        subject: parsed.subject().to_string(),
        common_name: common.ok().flatten().map(|name| name.value().into_owned()),
        issuer: parsed.issuer().to_string(),
        dns_names,
        begins: time(&parsed.validity().not_before),
        expires: time(&parsed.validity().not_after),
    })
}
