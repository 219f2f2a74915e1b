//! TLS, by rustls.

use std::net::TcpStream;
use std::sync::{Arc, OnceLock};

use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, StreamOwned};

use super::failure::{Failure, FailureKind, Phase};
use super::patience::{Patience, is_pause};
use super::verify;
use crate::run::url::Origin;

/// A connection with TLS.
pub(super) type TlsStream = StreamOwned<ClientConnection, TcpStream>;

/// Shakes hands; fails when the certificate is not one to trust, unless any is taken.
pub(super) fn open(
    mut socket: TcpStream,
    origin: &Origin,
    insecure: bool,
    patience: Patience<'_>,
) -> Result<TlsStream, Failure> {
    let refused = |why: String| Failure::new(FailureKind::Tls(origin.to_string(), why));
    let config = configuration(insecure).map_err(refused)?;
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
fn why(error: &std::io::Error) -> String {
    use rustls::{CertificateError as Certificate, Error, InvalidMessage};
    if error.kind() == std::io::ErrorKind::UnexpectedEof {
        return "the connection was closed in the middle of the handshake".to_owned();
    }
    let Some(error) = error.get_ref().and_then(|inner| inner.downcast_ref::<Error>()) else {
        return error.to_string();
    };
    match error {
        Error::InvalidCertificate(Certificate::UnknownIssuer) => {
            "its certificate is not signed by a trusted authority; SSL_CERT_FILE names a file of \
             authorities to trust, and --insecure takes any"
                .to_owned()
        }
        Error::InvalidCertificate(error) if verify::is_authority(error) => {
            "its certificate is that of an authority (CA:TRUE), and no server's; where the file that \
             SSL_CERT_FILE names has that same certificate, it is trusted"
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

fn configuration(insecure: bool) -> Result<Arc<ClientConfig>, String> {
    static VERIFYING: OnceLock<Result<Arc<ClientConfig>, String>> = OnceLock::new();
    static INSECURE: OnceLock<Result<Arc<ClientConfig>, String>> = OnceLock::new();
    let kept = if insecure { &INSECURE } else { &VERIFYING };
    kept.get_or_init(|| configure(insecure)).clone()
}

fn configure(insecure: bool) -> Result<Arc<ClientConfig>, String> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier = match insecure {
        true => verify::any(&provider),
        false => verify::trusted(&provider)?,
    };
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .dangerous()
        .with_custom_certificate_verifier(verifier)
        .with_no_client_auth();
    Ok(Arc::new(config))
}
