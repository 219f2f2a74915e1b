//! TLS for clients: certificates by files or by an authority in memory, and whom a client is by its
//! own.

mod authority;
mod client;

use std::fmt;
use std::io;
use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rustls::crypto::CryptoProvider;
use rustls::server::{Acceptor, ClientHello, NoServerSessionStorage, ParsedCertificate};
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::{AlertDescription, Error, PeerIncompatible, PeerMisbehaved, ServerConfig};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::LazyConfigAcceptor;
use tokio_rustls::server::TlsStream;

use super::linger::linger;
use super::log::Log;
use crate::exchange::Tls;
use crate::pem;
use authority::Authority;
use client::Clients;

/// The first byte of a handshake (RFC 8446 section 5.1).
const HANDSHAKE: u8 = 0x16;
/// What is answered to who speaks plain HTTP.
const PLAIN: &str = "this port speaks TLS: its URLs begin with https://, not with http://";

/// A server's side of TLS: its certificates, and those that it asks clients for.
#[derive(Clone)]
pub struct ServerTls {
    config: Arc<ServerConfig>,
    certificates: Arc<Certificates>,
    clients: Option<Clients>,
}

enum Certificates {
    /// One for each name, made when it is asked for.
    Made(Box<Authority>),
    /// One for all names.
    Own(Arc<CertifiedKey>),
}

/// Why there is no TLS, in words.
#[derive(Debug)]
pub struct TlsError(String);

impl fmt::Display for TlsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for TlsError {}

impl ServerTls {
    /// Makes an authority that is kept in memory, and signs a certificate for each name that is
    /// asked for by SNI (RFC 6066 section 3), or for the address that was called.
    ///
    /// Fails where the system has no random numbers.
    pub fn with_authority() -> Result<Self, TlsError> {
        Self::new(Certificates::Made(Box::new(Authority::new()?)))
    }

    /// Shows the certificates of a file in PEM, the server's own first, whose private key another
    /// file has.
    ///
    /// Fails where a file cannot be read or used, and where the key is not that of the certificate.
    pub fn with_files(certificate: &Path, key: &Path) -> Result<Self, TlsError> {
        let own = pem::key(certificate, key).map_err(TlsError)?;
        Self::new(Certificates::Own(Arc::new(own)))
    }

    /// Asks clients for a certificate, and accepts those that the authorities of a file in PEM
    /// vouch for. Whoever shows none, or another, is served all the same: what that means is for
    /// the security schemes of the specs to say.
    ///
    /// Fails where the file cannot be read, or has no certificate of an authority.
    pub fn with_client_authorities(self, file: &Path) -> Result<Self, TlsError> {
        let clients = Clients::new(file, pem::certificates(file).map_err(TlsError)?, &provider())?;
        let config = config(Some(&clients))?;
        Ok(Self { config: Arc::new(config), clients: Some(clients), ..self })
    }

    /// The certificate of the authority in memory, in PEM; none where certificates are of files.
    pub fn authority(&self) -> Option<&str> {
        match &*self.certificates {
            Certificates::Made(authority) => Some(authority.pem()),
            Certificates::Own(_) => None,
        }
    }

    fn new(certificates: Certificates) -> Result<Self, TlsError> {
        let config = Arc::new(config(None)?);
        Ok(Self { config, certificates: Arc::new(certificates), clients: None })
    }

    /// Shakes hands with a client. None, told to the log, where that fails or takes too long.
    pub(super) async fn accept(
        &self,
        stream: TcpStream,
        patience: Duration,
        log: &Log,
    ) -> Option<(TlsStream<TcpStream>, Arc<Tls>)> {
        match timeout(patience, self.shake_hands(stream, log)).await {
            Ok(Ok(stream)) => {
                let shown = stream.get_ref().1.peer_certificates();
                let certificate = self
                    .clients
                    .as_ref()
                    .zip(shown)
                    .and_then(|(clients, shown)| clients.read(shown));
                Some((stream, Arc::new(Tls { certificate })))
            }
            Ok(Err(None)) => None,
            Ok(Err(Some(why))) => {
                log.say(format_args!("a TLS handshake failed: {why}"));
                None
            }
            Err(_) => {
                log.say(format_args!(
                    "a TLS handshake was not over after {} s",
                    patience.as_secs_f32()
                ));
                None
            }
        }
    }

    /// Fails with the reason, or without one where a client went without a word.
    async fn shake_hands(
        &self,
        stream: TcpStream,
        log: &Log,
    ) -> Result<TlsStream<TcpStream>, Option<String>> {
        let mut first = [0];
        match stream.peek(&mut first).await {
            Ok(1..) if first == [HANDSHAKE] => {}
            Ok(1..) => return Err(Some(refuse(stream, first).await)),
            _ => return Err(None),
        }
        let address = stream.local_addr().map_err(|_| None)?.ip();
        let said = |error: io::Error| Some(why(&error));
        let start = LazyConfigAcceptor::new(Acceptor::default(), stream).await.map_err(said)?;
        match self.certificate(&start.client_hello(), address, log) {
            Ok(key) => {
                let mut config = (*self.config).clone();
                config.cert_resolver = Arc::new(SingleCertAndKey::from(key));
                start.into_stream(Arc::new(config)).await.map_err(said)
            }
            Err(why) => {
                // Without a certificate the client is told that it is refused.
                start.into_stream(self.config.clone()).await.ok();
                Err(Some(why))
            }
        }
    }

    fn certificate(
        &self,
        hello: &ClientHello<'_>,
        address: IpAddr,
        log: &Log,
    ) -> Result<Arc<CertifiedKey>, String> {
        let name = hello.server_name();
        match &*self.certificates {
            Certificates::Made(authority) => authority.certificate(name, address),
            Certificates::Own(own) => {
                if let Some(name) = name
                    && !is_for(own, name)
                {
                    log.say(format_args!(
                        "a client asked for a certificate of {name:?}, which is not in the one \
                         that is served"
                    ));
                }
                Ok(own.clone())
            }
        }
    }
}

impl fmt::Debug for ServerTls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ServerTls")
    }
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

fn config(clients: Option<&Clients>) -> Result<ServerConfig, TlsError> {
    let builder = ServerConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .map_err(|error| TlsError(error.to_string()))?;
    let builder = match clients {
        None => builder.with_no_client_auth(),
        Some(clients) => builder.with_client_cert_verifier(clients.verifier()),
    };
    // Each connection gets its own.
    let mut config = builder.with_cert_resolver(Arc::new(Nobody));
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    // Every handshake is a whole one, so that none goes on with a certificate from before.
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config.send_tls13_tickets = 0;
    Ok(config)
}

#[derive(Debug)]
struct Nobody;

impl rustls::server::ResolvesServerCert for Nobody {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        None
    }
}

fn is_for(key: &CertifiedKey, name: &str) -> bool {
    let parsed = key.end_entity_cert().and_then(ParsedCertificate::try_from);
    let Ok(name) = rustls::pki_types::ServerName::try_from(name) else { return false };
    parsed.is_ok_and(|parsed| rustls::client::verify_server_name(&parsed, &name).is_ok())
}

/// Answers who does not speak TLS, as far as that is HTTP; says what it was.
async fn refuse(mut stream: TcpStream, first: [u8; 1]) -> String {
    // All methods of HTTP begin with a letter, and so does the preface of HTTP/2.
    if !first[0].is_ascii_alphabetic() {
        return "what came is neither TLS nor HTTP".to_owned();
    }
    let body = serde_json::json!({
        "type": "about:blank", "title": "Bad Request", "status": 400, "detail": PLAIN
    });
    let body = body.to_string();
    let answer = format!(
        "HTTP/1.1 400 Bad Request\r\nContent-Type: application/problem+json\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    if stream.write_all(answer.as_bytes()).await.is_ok() && stream.shutdown().await.is_ok() {
        linger(&stream).await;
    }
    format!("it spoke plain HTTP; {PLAIN}")
}

/// What went wrong with a handshake, in words.
fn why(error: &io::Error) -> String {
    if error.kind() == io::ErrorKind::UnexpectedEof {
        return "it closed the connection in the middle of the handshake".to_owned();
    }
    match error.get_ref().and_then(|inner| inner.downcast_ref::<Error>()) {
        Some(Error::AlertReceived(
            AlertDescription::UnknownCA | AlertDescription::BadCertificate,
        )) => "it does not trust the certificate of this server; `--tls-ca-out FILE` writes the \
             authority that it has to trust"
            .to_owned(),
        Some(Error::PeerMisbehaved(PeerMisbehaved::ServerNameMustContainOneHostName)) => {
            "the name that it asked for (SNI) is not a valid host name".to_owned()
        }
        Some(Error::PeerIncompatible(offer)) => {
            let lacks = match offer {
                PeerIncompatible::NoCipherSuitesInCommon => "none of its ciphers is",
                PeerIncompatible::NoKxGroupsInCommon => "none of its groups for keys is",
                _ => "its version of TLS, or what it offers beside, is not",
            };
            format!(
                "{lacks} one that this server takes: TLS 1.2 and 1.3, with AES-GCM or \
                 ChaCha20-Poly1305, and X25519, P-256 or P-384 ({offer:?})"
            )
        }
        Some(Error::AlertReceived(alert)) => format!("it ended the handshake: {alert:?}"),
        Some(other) => other.to_string(),
        None => error.to_string(),
    }
}
