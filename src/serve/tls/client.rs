//! Certificates of clients: any is taken that its client has the key of, and who vouches for it is
//! found out and told.

use std::path::Path;
use std::sync::Arc;

use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{
    CertificateError, DigitallySignedStruct, DistinguishedName, Error, RootCertStore,
    SignatureScheme,
};

use super::TlsError;
use crate::certificate;
use crate::digest::sha256;
use crate::exchange::{CertificateFault, ClientCertificate};

/// The authorities that vouch for clients.
#[derive(Clone)]
pub(super) struct Clients {
    authorities: Arc<dyn ClientCertVerifier>,
}

impl Clients {
    /// Those of a file.
    pub(super) fn new(
        file: &Path,
        certificates: Vec<CertificateDer<'static>>,
        provider: &Arc<CryptoProvider>,
    ) -> Result<Self, TlsError> {
        let wrong = |why: String| TlsError(format!("{} cannot be used: {why}", file.display()));
        let mut roots = RootCertStore::empty();
        for certificate in certificates {
            roots.add(certificate).map_err(|error| wrong(error.to_string()))?;
        }
        let authorities =
            WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider.clone())
                .allow_unauthenticated()
                .build()
                .map_err(|error| wrong(error.to_string()))?;
        Ok(Self { authorities })
    }

    /// Takes any certificate in a handshake.
    pub(super) fn verifier(&self) -> Arc<dyn ClientCertVerifier> {
        Arc::new(Any { authorities: self.authorities.clone() })
    }

    /// What certificates say that were shown, the client's own first.
    pub(super) fn read(&self, shown: &[CertificateDer<'_>]) -> Option<ClientCertificate> {
        let (own, others) = shown.split_first()?;
        let mut read =
            ClientCertificate { fingerprint: sha256(own), ..ClientCertificate::default() };
        read.fault = self
            .authorities
            .verify_client_cert(own, others, UnixTime::now())
            .err()
            .map(|error| fault(&error));
        let Some(said) = certificate::read(own) else {
            read.fault =
                read.fault.or(Some(CertificateFault::Other("it cannot be read".to_owned())));
            return Some(read);
        };
        read.subject = said.subject;
        read.common_name = said.common_name;
        read.dns_names = said.dns_names;
        Some(read)
    }
}

fn fault(error: &Error) -> CertificateFault {
    match error {
        Error::InvalidCertificate(
            CertificateError::Expired | CertificateError::ExpiredContext { .. },
        ) => CertificateFault::Expired,
        Error::InvalidCertificate(CertificateError::UnknownIssuer) => {
            CertificateFault::Other("no authority that is trusted signed it".to_owned())
        }
        Error::InvalidCertificate(error) => CertificateFault::Other(error.to_string()),
        error => CertificateFault::Other(error.to_string()),
    }
}

#[derive(Debug)]
struct Any {
    authorities: Arc<dyn ClientCertVerifier>,
}

impl ClientCertVerifier for Any {
    fn offer_client_auth(&self) -> bool {
        true
    }

    fn client_auth_mandatory(&self) -> bool {
        false
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        self.authorities.root_hint_subjects()
    }

    fn verify_client_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        Ok(ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.authorities.verify_tls12_signature(message, certificate, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.authorities.verify_tls13_signature(message, certificate, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.authorities.supported_verify_schemes()
    }
}
