//! Certificates and private keys in files of PEM (RFC 7468).

use std::path::Path;
use std::sync::Arc;

use rustls::pki_types::pem::{Error as PemError, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use rustls::{CertificateError, Error, InconsistentKeys};

/// All certificates of a file. Fails where there is none, in words that name the file.
pub fn certificates(file: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let wrong = |why: String| format!("{} {why}", file.display());
    let found = CertificateDer::pem_file_iter(file).map_err(|error| wrong(unread(&error)))?;
    let found: Vec<_> = found.collect::<Result<_, _>>().map_err(|error| wrong(unread(&error)))?;
    match found.is_empty() {
        true => Err(wrong("has no certificate in PEM (`-----BEGIN CERTIFICATE-----`)".to_owned())),
        false => Ok(found),
    }
}

/// The certificates of one file with the private key of another. Fails, in words that name the
/// file, where one cannot be read, and where the key is not that of the first certificate.
pub fn key(certificate: &Path, key: &Path) -> Result<CertifiedKey, String> {
    let chain = certificates(certificate)?;
    let secret = private_key(key)?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    CertifiedKey::from_der(chain, secret, &provider).map_err(|error| match error {
        Error::InconsistentKeys(InconsistentKeys::KeyMismatch) => format!(
            "the key in {} is not the key of the certificate in {}",
            key.display(),
            certificate.display()
        ),
        Error::InvalidCertificate(CertificateError::Other(other))
            if other.to_string() == "UnsupportedCertVersion" =>
        {
            format!(
                "the certificate in {} cannot be used: it is of version 1, as `openssl x509 -req` \
                 makes one without `-extfile`; version 3 is needed (RFC 5280, section 4.1.2.1)",
                certificate.display()
            )
        }
        Error::InvalidCertificate(error) => {
            format!("the certificate in {} cannot be used: {error}", certificate.display())
        }
        error => format!("the key in {} cannot be used: {error}", key.display()),
    })
}

fn private_key(file: &Path) -> Result<PrivateKeyDer<'static>, String> {
    let wrong = |why: &str| format!("{} {why}", file.display());
    let text = std::fs::read(file).map_err(|error| wrong(&format!("cannot be read: {error}")))?;
    PrivateKeyDer::from_pem_slice(&text).map_err(|error| match error {
        // PKCS#8 (RFC 5958) and OpenSSL's own form say so each in its own way.
        _ if String::from_utf8_lossy(&text).contains("ENCRYPTED") => wrong(
            "has an encrypted key, which is not read; `openssl pkey -in FILE -out FILE` writes \
             it without its password",
        ),
        PemError::NoItemsFound => {
            wrong("has no private key in PEM (`-----BEGIN PRIVATE KEY-----`)")
        }
        error => wrong(&unread(&error)),
    })
}

fn unread(error: &PemError) -> String {
    match error {
        PemError::Io(error) => format!("cannot be read: {error}"),
        error => format!("is not PEM: {error}"),
    }
}
