//! TLS, by rustls.

use std::net::TcpStream;
use std::sync::Arc;

use parking_lot::Mutex;
use rustls::pki_types::ServerName;
use rustls::sign::SingleCertAndKey;
use rustls::{ClientConfig, ClientConnection, StreamOwned};

use super::failure::{Failure, FailureKind, Phase};
use super::patience::{Patience, is_pause};
use super::trust::{Shown, Trust};
use super::verify;
use crate::pem;
use crate::run::url::Origin;

/// A connection with TLS.
pub(super) type TlsStream = StreamOwned<ClientConnection, TcpStream>;

/// Shakes hands; fails when the certificate is not one to trust, unless any is taken.
pub(super) fn open(
    mut socket: TcpStream,
    origin: &Origin,
    configurations: &Configurations,
    patience: Patience<'_>,
) -> Result<TlsStream, Failure> {
    let refused = |why: String| Failure::new(FailureKind::Tls(origin.to_string(), why));
    let config = configurations.of(origin).map_err(refused)?;
    let name = ServerName::try_from(origin.host.clone()).map_err(|e| refused(e.to_string()))?;
    let mut session = ClientConnection::new(config, name).map_err(|e| refused(e.to_string()))?;
    while session.is_handshaking() {
        let slice = patience.slice(|| Phase::Handshake)?;
        let outcome = socket
            .set_read_timeout(Some(slice))
            .and_then(|()| socket.set_write_timeout(Some(slice)))
            .and_then(|()| session.complete_io(&mut socket));
        match outcome {
            Err(error) if is_pause(&error) => {}
            Err(error) => return Err(refused(why(&error))),
            Ok(_) => {}
        }
    }
    Ok(StreamOwned::new(session, socket))
}

/// What went wrong with the handshake, in words.
pub(crate) fn why(error: &std::io::Error) -> String {
    use rustls::{CertificateError as Certificate, Error, InvalidMessage};
    if error.kind() == std::io::ErrorKind::UnexpectedEof {
        return "the connection was closed in the middle of the handshake".to_owned();
    }
    let Some(error) = error.get_ref().and_then(|inner| inner.downcast_ref::<Error>()) else {
        return error.to_string();
    };
    match error {
        Error::InvalidCertificate(Certificate::UnknownIssuer) => {
            "its certificate is not signed by a trusted authority; --cacert FILE, or SSL_CERT_FILE in \
             the environment, names a file of authorities to trust, and --insecure takes any"
                .to_owned()
        }
        Error::InvalidCertificate(error) if verify::is_authority(error) => {
            "its certificate is that of an authority (CA:TRUE), and no server's; it is trusted where \
             the file of --cacert, or the one that SSL_CERT_FILE names, has that same certificate, \
             and --insecure takes any"
                .to_owned()
        }
        Error::InvalidCertificate(certificate) => {
            format!("its certificate is not accepted: {certificate}")
        }
        Error::InvalidMessage(InvalidMessage::InvalidContentType) => {
            "what came is not TLS; perhaps the URL begins with http://".to_owned()
        }
        other => other.to_string(),
    }
}

/// The settings of connections, made when the first one needs them.
#[derive(Debug, Default)]
pub(super) struct Configurations {
    trust: Trust,
    /// The vendors of servers.
    vendors: Mutex<Vec<(Origin, String)>>,
    /// By the position of the certificate that is shown, if any is.
    made: Mutex<Vec<(Option<usize>, Made)>>,
}

type Made = Result<Arc<ClientConfig>, String>;

impl Configurations {
    pub(super) fn new(trust: Trust) -> Self {
        Self { trust, ..Self::default() }
    }

    /// Takes note whose server it is.
    pub(super) fn note(&self, origin: &Origin, vendor: &str) {
        self.vendors.lock().push((origin.clone(), vendor.to_owned()));
    }

    fn of(&self, origin: &Origin) -> Made {
        let vendors = self.vendors.lock();
        let vendor = vendors.iter().rev().find(|(known, _)| known == origin);
        let vendor = vendor.map(|(_, vendor)| vendor.as_str());
        let shown = &self.trust.shown;
        let own = shown.iter().position(|one| vendor.is_some() && one.vendor.as_deref() == vendor);
        let at = own.or_else(|| shown.iter().position(|one| one.vendor.is_none()));
        drop(vendors);
        let mut made = self.made.lock();
        if let Some((_, made)) = made.iter().find(|(known, _)| *known == at) {
            return made.clone();
        }
        let new = configure(&self.trust, at.and_then(|at| shown.get(at)));
        made.push((at, new.clone()));
        new
    }
}

/// Fails with what is wrong with the files of certificates and keys.
pub fn check(trust: &Trust) -> Result<(), String> {
    if let Some(file) = &trust.authorities {
        pem::certificates(file)?;
    }
    trust.shown.iter().try_for_each(|shown| pem::key(&shown.certificate, &shown.key).map(|_| ()))
}

/// The settings of connections to a vendor on which those protocols are offered (ALPN, RFC 7301),
/// the first one preferred. Fails with what is wrong with the files of certificates.
pub(crate) fn configuration(
    trust: &Trust,
    vendor: &str,
    protocols: &[&[u8]],
) -> Result<Arc<ClientConfig>, String> {
    let own = trust.shown.iter().find(|shown| shown.vendor.as_deref() == Some(vendor));
    let shown = own.or_else(|| trust.shown.iter().find(|shown| shown.vendor.is_none()));
    let mut config = configure(trust, shown)?;
    let settings = Arc::make_mut(&mut config);
    settings.alpn_protocols = protocols.iter().map(|name| name.to_vec()).collect();
    Ok(config)
}

fn configure(trust: &Trust, shown: Option<&Shown>) -> Made {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier = match trust.insecure {
        true => verify::any(&provider),
        false => verify::trusted(&provider, trust.authorities.as_deref(), trust.any_name)?,
    };
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .dangerous()
        .with_custom_certificate_verifier(verifier);
    let config = match shown {
        None => builder.with_no_client_auth(),
        Some(shown) => {
            let key = pem::key(&shown.certificate, &shown.key)?;
            builder.with_client_cert_resolver(Arc::new(SingleCertAndKey::from(key)))
        }
    };
    Ok(Arc::new(config))
}
