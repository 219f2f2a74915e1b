//! An HTTP/1.1 client that sees the wire as it is (RFC 9110, RFC 9112).
//!
//! It sends what it is given to the byte, follows no redirect and keeps no cookies. Content codings
//! are undone, whatever the request said of them; the field that lists them stays. It blocks, on the sockets of the standard library: a trial does one thing after
//! the other on a thread of its own, and what went wrong and when can be told exactly.

mod body;
mod connection;
mod failure;
mod framing;
mod part;
mod patience;
mod pool;
mod proxy;
mod stream;
#[cfg(feature = "tls")]
mod tls;
mod trust;
#[cfg(feature = "tls")]
mod verify;

use std::sync::Arc;
use std::time::{Duration, Instant};

pub use failure::{Failure, FailureKind, Phase};
pub use part::Part;
pub use patience::Patience;
pub use proxy::Proxies;
#[cfg(feature = "tls")]
pub use tls::check;
#[cfg(feature = "tls")]
pub(crate) use tls::{configuration, why as tls_failure};
#[cfg(feature = "tls")]
pub use trust::Shown;
pub use trust::Trust;

use super::url::Origin;
use crate::coding;
use connection::Connection;
use parking_lot::Mutex;
use pool::Pool;
use proxy::Proxy;
#[cfg(feature = "tls")]
use tls::Configurations;

/// Without TLS there is nothing to set.
#[cfg(not(feature = "tls"))]
#[derive(Debug)]
struct Configurations;

/// A request as it goes over the wire.
#[derive(Debug, Clone)]
pub struct Request {
    /// Where it goes.
    pub origin: Origin,
    /// The method.
    pub method: String,
    /// The request target: path and query.
    pub target: String,
    /// All fields in order.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
    /// Whether cookies that are kept go with it.
    pub takes_cookies: bool,
}

impl Request {
    /// The first value of a field.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| &**v)
    }

    /// Request line and fields; fails for what would be read as something else. A proxy that sees
    /// it is told the whole URL.
    fn head(&self, proxy: Option<&Proxy>) -> Result<Vec<u8>, Failure> {
        let unsendable = |why: String| Err(Failure::new(FailureKind::Unsendable(why)));
        let breaks = |text: &str| text.contains(['\r', '\n', '\0']);
        if self.method.is_empty() || breaks(&self.method) || self.method.contains(' ') {
            return unsendable(format!("{:?} is not a valid method", self.method));
        }
        if self.target.is_empty() || breaks(&self.target) {
            return unsendable(format!("{:?} is not a valid path", self.target));
        }
        let before = proxy.map(|_| self.origin.to_string()).unwrap_or_default();
        let line = format!("{} {before}{} HTTP/1.1\r\n", self.method, self.target);
        let mut head = line.into_bytes();
        head.extend(proxy.and_then(Proxy::field).unwrap_or_default().into_bytes());
        for (name, value) in &self.headers {
            if name.is_empty() || breaks(name) || breaks(value) {
                return unsendable(format!(
                    "the header {name:?} has a line break in it, or no name"
                ));
            }
            head.extend_from_slice(name.as_bytes());
            head.push(b':');
            if !value.is_empty() {
                head.push(b' ');
                head.extend_from_slice(value.as_bytes());
            }
            head.extend_from_slice(b"\r\n");
        }
        head.extend_from_slice(b"\r\n");
        Ok(head)
    }

    /// RFC 9110 section 9.2.2: sending it twice does no harm.
    fn is_idempotent(&self) -> bool {
        matches!(&*self.method, "GET" | "HEAD" | "OPTIONS" | "TRACE" | "PUT" | "DELETE")
    }
}

/// An answer as it came.
#[derive(Debug, Clone, Default)]
pub struct Response {
    /// The status.
    pub status: u16,
    /// The fields in order, with the names as they were written.
    pub headers: Vec<(String, String)>,
    /// The body without transfer coding and content codings.
    pub body: Vec<u8>,
    /// From the first byte sent to the last one received.
    pub duration: Duration,
    /// Whether there is more of the body.
    pub has_more: bool,
    /// The server's certificate in DER, over TLS.
    pub certificate: Option<Arc<[u8]>>,
}

impl Response {
    /// The first value of a field.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| &**v)
    }
}

/// Sends requests and keeps the connections, which its clones share.
#[derive(Debug, Clone)]
pub struct Client {
    largest_body: usize,
    configurations: Arc<Configurations>,
    /// What the mock's control plane is shown.
    token: Option<Arc<str>>,
    proxies: Proxies,
    /// Mocks, which are asked without a proxy.
    direct: Arc<Mutex<Vec<Origin>>>,
    pool: Arc<Pool>,
}

impl Client {
    /// A client that takes bodies up to that size, and servers that it trusts.
    pub fn new(largest_body: usize, trust: Trust) -> Self {
        #[cfg(feature = "tls")]
        let configurations = Arc::new(Configurations::new(trust));
        #[cfg(not(feature = "tls"))]
        let configurations = Arc::new({
            drop(trust);
            Configurations
        });
        Self {
            largest_body,
            configurations,
            token: None,
            proxies: Proxies::default(),
            direct: Arc::default(),
            pool: Arc::default(),
        }
    }

    /// A client that has a token for the mock's control plane; it is for whoever calls that to
    /// show it.
    #[must_use]
    pub fn with_token(self, token: Option<&str>) -> Self {
        Self { token: token.map(Into::into), ..self }
    }

    /// A client that goes through proxies.
    #[must_use]
    pub fn with_proxies(self, proxies: Proxies) -> Self {
        Self { proxies, ..self }
    }

    /// Asks a server without a proxy, whatever there is.
    pub fn ask_directly(&self, origin: &Origin) {
        self.direct.lock().push(origin.clone());
    }

    /// The proxy through which a server is asked.
    fn proxy(&self, origin: &Origin) -> Option<&Proxy> {
        self.proxies.of(origin).filter(|_| !self.direct.lock().contains(origin))
    }

    /// The token for the mock's control plane.
    pub fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }

    /// Takes note of which vendor a server is, for the certificate that it is shown.
    #[cfg_attr(not(feature = "tls"), expect(clippy::unused_self, reason = "TLS has to look"))]
    pub fn note(&self, origin: &Origin, vendor: &str) {
        #[cfg(feature = "tls")]
        self.configurations.note(origin, vendor);
        #[cfg(not(feature = "tls"))]
        let _ = (origin, vendor);
    }

    /// Takes it as known that a server is one of ours, which keeps its connections open and HTTP's
    /// rules; of others that is found out.
    pub fn trust(&self, origin: &Origin) {
        self.pool.own(origin);
    }

    /// Sends a request and waits for the whole answer.
    pub fn send(&self, request: &Request, patience: Patience<'_>) -> Result<Response, Failure> {
        self.send_for(request, patience, None)
    }

    /// Sends a request and waits for a part of the answer; without one, for the whole.
    pub fn send_for(
        &self,
        request: &Request,
        patience: Patience<'_>,
        part: Option<&Part<'_>>,
    ) -> Result<Response, Failure> {
        let proxy = self.proxy(&request.origin);
        // Through a tunnel a proxy sees nothing.
        let seen_by = proxy.filter(|_| !request.origin.secure);
        let outcome = self.send_by(proxy, seen_by, request, patience, part);
        match (seen_by, outcome) {
            (Some(proxy), Ok(response)) if response.status == 407 => {
                let kind = proxy.locked(&format!("{} {}", request.method, request.origin));
                Err(Failure { kind, partial: Some(Box::new(response)) })
            }
            (Some(proxy), Err(failure)) => Err(match failure.kind {
                FailureKind::NoAnswer => proxy.blamed(failure),
                FailureKind::TimedOut(Phase::Head, _) => {
                    let why = format!("{}, its own or the server's", failure.kind);
                    Failure { kind: proxy.fault(why), ..failure }
                }
                _ => failure,
            }),
            (_, outcome) => outcome,
        }
    }

    fn send_by(
        &self,
        proxy: Option<&Proxy>,
        seen_by: Option<&Proxy>,
        request: &Request,
        patience: Patience<'_>,
        part: Option<&Part<'_>>,
    ) -> Result<Response, Failure> {
        let head = request.head(seen_by)?;
        let again = request.is_idempotent();
        if let Some(kept) = self.pool.take(&request.origin, again) {
            let stale = |kind: &FailureKind| {
                use FailureKind::{Broken, Garbage, NoAnswer};
                matches!(kind, NoAnswer | Broken(Phase::Send, _) | Garbage(..))
            };
            match self.exchange(kept, request, &head, patience, part) {
                // The server gave up the connection as we took it up again, or had not sent all
                // of the answer before.
                Err(failure) if again && stale(&failure.kind) => {}
                outcome => return outcome,
            }
        }
        let connection = Connection::open(&request.origin, proxy, &self.configurations, patience)?;
        self.exchange(connection, request, &head, patience, part)
    }

    fn exchange(
        &self,
        mut connection: Connection,
        request: &Request,
        head: &[u8],
        patience: Patience<'_>,
        part: Option<&Part<'_>>,
    ) -> Result<Response, Failure> {
        let started = Instant::now();
        let surprises = !self.pool.is_trusted(&request.origin);
        let largest = self.largest_body;
        let outcome = connection.exchange(request, head, largest, surprises, patience, part);
        match outcome {
            Ok((mut response, stays)) => {
                response.duration = started.elapsed();
                response.certificate = connection.certificate();
                if part.is_some_and(|part| part.cut) && !response.has_more {
                    let partial = Some(Box::new(response));
                    return Err(Failure { kind: FailureKind::WholeBody, partial });
                }
                let response = decoded(response, self.largest_body)?;
                if stays {
                    self.pool.put(&request.origin, connection);
                }
                Ok(response)
            }
            Err(mut failure) => {
                if let Some(partial) = &mut failure.partial {
                    partial.duration = started.elapsed();
                }
                Err(failure)
            }
        }
    }
}

/// Undoes the content codings of a body.
fn decoded(mut response: Response, largest: usize) -> Result<Response, Failure> {
    let body = std::mem::take(&mut response.body);
    let lines = response.headers.iter().filter(|(n, _)| n.eq_ignore_ascii_case("content-encoding"));
    let lines: Vec<&str> = lines.map(|(_, value)| &**value).collect();
    if lines.is_empty() {
        response.body = body;
        return Ok(response);
    }
    match coding::decode(lines, body, largest) {
        Ok(body) => {
            response.body = body;
            Ok(response)
        }
        Err(error) => {
            let partial = Some(Box::new(response));
            Err(Failure { kind: FailureKind::Undecodable(error), partial })
        }
    }
}
