//! Connections to an upstream, over which bodies come bit by bit.

use std::error::Error as _;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::HOST;
use http::uri::Scheme;
use http::{Request, Response, Uri, Version};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::client::conn::{TrySendError, http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo};
use parking_lot::Mutex;
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::Asking;
use crate::run::url::Origin;

/// How long is waited for a connection.
const CONNECT: Duration = Duration::from_secs(10);
/// So many connections are kept for the next request.
const MOST_KEPT: usize = 32;

type Body = Full<Bytes>;

/// Why no answer came.
#[derive(Debug)]
pub(super) enum Failure {
    /// No connection could be made: why.
    Unreachable(String),
    /// What was waited for in vain, and how long.
    TimedOut(&'static str, Duration),
    /// What came is no answer, or the connection ended before one.
    Broken(String),
}

/// One sentence without a full stop.
impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreachable(why) => write!(f, "no connection could be made: {why}"),
            Self::TimedOut(what, after) => {
                write!(f, "timed out after {} s waiting for {what}", after.as_secs_f32())
            }
            Self::Broken(why) => write!(f, "no answer came: {why}"),
        }
    }
}

enum Sender {
    Http1(http1::SendRequest<Body>),
    /// It is agreed on with TLS (ALPN), or known before.
    Http2(http2::SendRequest<Body>),
}

/// A client of one server.
pub(super) struct Client {
    origin: Origin,
    patience: Duration,
    /// Whether HTTP/2 is spoken without TLS.
    http2: bool,
    #[cfg(feature = "tls")]
    tls: Option<tokio_rustls::TlsConnector>,
    idle: Mutex<Vec<Sender>>,
}

impl Client {
    /// A client that waits so long for the head of an answer. Fails with what is wrong with the
    /// files of certificates.
    pub(super) fn new(origin: Origin, vendor: &str, asking: &Asking) -> Result<Self, String> {
        #[cfg(feature = "tls")]
        let tls = match origin.secure {
            false => None,
            true => {
                let protocols = [&b"h2"[..], b"http/1.1"];
                let config = crate::run::client::configuration(&asking.trust, vendor, &protocols)?;
                Some(tokio_rustls::TlsConnector::from(config))
            }
        };
        #[cfg(not(feature = "tls"))]
        {
            let _ = vendor;
            if origin.secure {
                return Err(
                    "this build does not support TLS (it lacks the feature `tls`)".to_owned()
                );
            }
        }
        Ok(Self {
            origin,
            patience: asking.patience,
            http2: asking.http2,
            #[cfg(feature = "tls")]
            tls,
            idle: Mutex::default(),
        })
    }

    /// Sends a request, whose target is a path, and waits for the head of the answer.
    pub(super) async fn send(
        self: &Arc<Self>,
        mut request: Request<Body>,
    ) -> Result<Response<Incoming>, Failure> {
        loop {
            let kept = self.idle.lock().pop();
            let fresh = kept.is_none();
            let mut sender = match kept {
                Some(sender) => sender,
                None => self.connect().await?,
            };
            if !sender.is_ready().await {
                if fresh {
                    return Err(Failure::Broken("the connection was closed at once".to_owned()));
                }
                continue;
            }
            // A server may end a connection just as it is taken up again (RFC 9110 section 9.2.2).
            let again = (!fresh && request.method().is_idempotent()).then(|| request.clone());
            let kept = match &sender {
                // Others may ask on it meanwhile.
                Sender::Http2(sender) => {
                    self.keep(Sender::Http2(sender.clone()));
                    true
                }
                Sender::Http1(_) => false,
            };
            let answer = timeout(self.patience, self.exchange(&mut sender, request)).await;
            let Ok(answer) = answer else {
                return Err(Failure::TimedOut("the head of the answer", self.patience));
            };
            match answer {
                Ok(answer) => {
                    if !kept {
                        self.keep_later(sender);
                    }
                    return Ok(answer);
                }
                // Where it is given back, nothing of it has gone.
                Err(mut error) => match error.take_message().filter(|_| !fresh).or(again) {
                    Some(unsent) => request = unsent,
                    None => return Err(Failure::Broken(why(error.error()))),
                },
            }
        }
    }

    async fn exchange(
        &self,
        sender: &mut Sender,
        mut request: Request<Body>,
    ) -> Result<Response<Incoming>, TrySendError<Request<Body>>> {
        match sender {
            Sender::Http1(sender) => {
                *request.version_mut() = Version::HTTP_11;
                sender.try_send_request(request).await
            }
            Sender::Http2(sender) => {
                *request.version_mut() = Version::HTTP_2;
                request.headers_mut().remove(HOST);
                let mut parts = std::mem::take(request.uri_mut()).into_parts();
                let secure = self.origin.secure;
                parts.scheme = Some(if secure { Scheme::HTTPS } else { Scheme::HTTP });
                parts.authority = self.origin.authority().parse().ok();
                *request.uri_mut() = Uri::from_parts(parts).unwrap_or_default();
                sender.try_send_request(request).await
            }
        }
    }

    fn keep(&self, sender: Sender) {
        let mut idle = self.idle.lock();
        if idle.len() < MOST_KEPT {
            idle.push(sender);
        }
    }

    /// A connection is ready again when the body has come.
    fn keep_later(self: &Arc<Self>, mut sender: Sender) {
        let client = self.clone();
        tokio::spawn(async move {
            if sender.is_ready().await {
                client.keep(sender);
            }
        });
    }

    async fn connect(&self) -> Result<Sender, Failure> {
        match timeout(CONNECT, self.open()).await {
            Err(_) => Err(Failure::TimedOut("the connection", CONNECT)),
            Ok(opened) => opened,
        }
    }

    async fn open(&self) -> Result<Sender, Failure> {
        let address = (self.origin.host.as_str(), self.origin.port);
        let stream = TcpStream::connect(address).await;
        let stream =
            stream.map_err(|error| Failure::Unreachable(format!("{}: {error}", self.origin)))?;
        // It only makes small writes wait.
        stream.set_nodelay(true).ok();
        #[cfg(feature = "tls")]
        if let Some(tls) = &self.tls {
            let refused =
                |why: String| Failure::Unreachable(format!("no TLS with {}: {why}", self.origin));
            let name = rustls::pki_types::ServerName::try_from(self.origin.host.clone())
                .map_err(|error| refused(error.to_string()))?;
            let stream = tls.connect(name, stream).await;
            let stream = stream.map_err(|e| refused(crate::run::client::tls_failure(&e)))?;
            if stream.get_ref().1.alpn_protocol() == Some(b"h2") {
                return Self::http2(stream).await;
            }
            return Self::http1(stream).await;
        }
        match self.http2 {
            true => Self::http2(stream).await,
            false => Self::http1(stream).await,
        }
    }

    async fn http1(stream: impl Wire) -> Result<Sender, Failure> {
        let mut builder = http1::Builder::new();
        builder.title_case_headers(true);
        let (sender, connection) = builder
            .handshake(TokioIo::new(stream))
            .await
            .map_err(|error| Failure::Broken(why(&error)))?;
        // Whoever waits for an answer is told what went wrong with it.
        tokio::spawn(async move { drop(connection.await) });
        Ok(Sender::Http1(sender))
    }

    async fn http2(stream: impl Wire) -> Result<Sender, Failure> {
        let (sender, connection) = http2::Builder::new(TokioExecutor::new())
            .handshake(TokioIo::new(stream))
            .await
            .map_err(|error| Failure::Broken(why(&error)))?;
        tokio::spawn(async move { drop(connection.await) });
        Ok(Sender::Http2(sender))
    }
}

trait Wire: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static {}

impl<T: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static> Wire for T {}

impl Sender {
    async fn is_ready(&mut self) -> bool {
        match self {
            Self::Http1(sender) => sender.ready().await.is_ok(),
            Self::Http2(sender) => sender.ready().await.is_ok(),
        }
    }
}

/// An error of hyper with what caused it.
pub(super) fn why(error: &hyper::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(inner) = source {
        text = format!("{text}: {inner}");
        source = inner.source();
    }
    text
}
