//! One connection: requests in, answers out, and nothing that waits for ever.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONNECTION, CONTENT_LENGTH, HOST, TRANSFER_ENCODING};
use http::uri::PathAndQuery;
use http::{HeaderMap, HeaderValue, Response, StatusCode};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::{Instant, sleep, timeout};

use super::limits::ServeOptions;
use super::{body, log};
use crate::exchange::{Answer, Handler, Request, TransportFailure};

/// How long the rest of a refused request is read and thrown away, so that its client, which may
/// still be sending, sees the answer and not a reset.
const LINGER: Duration = Duration::from_secs(5);

/// What all connections of a server share.
pub(super) struct Site<H: ?Sized> {
    pub(super) handler: Arc<H>,
    pub(super) local: SocketAddr,
    pub(super) options: ServeOptions,
    pub(super) protocol: http1::Builder,
}

/// Serves a connection until it ends, or until `stop` says so and nothing is in flight on it.
pub(super) async fn serve<H: Handler + ?Sized>(
    stream: TcpStream,
    site: Arc<Site<H>>,
    mut stop: watch::Receiver<bool>,
) {
    // An answer is written in one piece, so waiting for more to send only costs time.
    stream.set_nodelay(true).ok();
    let pace = Arc::new(Pace::new());
    let io = TokioIo::new(Paced { stream, pace: pace.clone() });
    let service = {
        let (site, pace) = (site.clone(), pace.clone());
        service_fn(move |request| answer(request, site.clone(), pace.clone()))
    };
    let mut connection = site.protocol.serve_connection(io, service);
    let options = &site.options;
    // A timer that comes round at least this often sees each wait before its time is up, and
    // costs nothing for each request.
    let round = options.head_timeout.min(options.idle_timeout);
    let mut stopping = false;
    {
        let mut watchdog = std::pin::pin!(sleep(round));
        loop {
            tokio::select! {
                biased;
                // An error has been answered already, as far as it can be.
                ended = &mut connection => {
                    if ended.is_err_and(|error| error.is_parse_too_large()) {
                        log(format_args!(
                            "refused a request: its head is larger than {} bytes or 100 fields",
                            options.head_limit
                        ));
                    }
                    break;
                }
                _ = stop.changed(), if !stopping => {
                    stopping = true;
                    Pin::new(&mut connection).graceful_shutdown();
                }
                () = &mut watchdog => match pace.left(options) {
                    Some(left) => watchdog.as_mut().reset(Instant::now() + left.min(round)),
                    None => return,
                },
            }
        }
    }
    if !stopping && !pace.ended.load(Ordering::Relaxed) {
        let rest = connection.into_parts().io.into_inner();
        tokio::select! {
            () = linger(&rest.stream) => {}
            _ = stop.changed() => {}
        }
    }
}

/// Waits for the client to close, and throws away what it still sends.
async fn linger(stream: &TcpStream) {
    let drain = async {
        let mut waste = vec![0; 16 * 1024];
        while stream.readable().await.is_ok() {
            match stream.try_read(&mut waste) {
                Ok(0) => break,
                Err(error) if error.kind() != io::ErrorKind::WouldBlock => break,
                _ => {}
            }
        }
    };
    timeout(LINGER, drain).await.ok();
}

async fn answer<H: Handler + ?Sized>(
    request: http::Request<Incoming>,
    site: Arc<Site<H>>,
    pace: Arc<Pace>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    pace.busy();
    let (head, mut incoming) = request.into_parts();
    let uri = head.uri.into_parts();
    let mut headers = head.headers;
    if let Some(authority) = uri.authority
        && let Ok(host) = HeaderValue::from_str(authority.as_str())
    {
        // RFC 9112 section 3.2.2: the authority of an absolute target stands above `Host`.
        headers.insert(HOST, host);
    }
    let target = uri.path_and_query.unwrap_or_else(|| PathAndQuery::from_static("/"));
    let mut request = Request { method: head.method, target, headers, body: Bytes::new() };
    let response = match body::read(&mut incoming, &site.options).await {
        Ok(body) => {
            request.body = body;
            respond(|| site.handler.handle(request, site.local))
        }
        Err(failure) => {
            use TransportFailure::{BodyTimedOut, BodyTooLarge};
            if matches!(failure, BodyTooLarge { .. } | BodyTimedOut { .. }) {
                let path = request.target.path();
                log(format_args!("refused {} {path}: {failure}", request.method));
            }
            let mut response = respond(|| site.handler.refuse(request, failure, site.local));
            response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
            response
        }
    };
    pace.idle();
    Ok(response)
}

/// Lets the handler answer; a panic of it becomes a 500 and a line on stderr.
fn respond(handle: impl FnOnce() -> Answer) -> Response<Full<Bytes>> {
    let mut answer = catch_unwind(AssertUnwindSafe(handle)).unwrap_or_else(|panic| {
        let reason = panic.downcast_ref::<&str>().copied();
        let reason = reason.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
        log(format_args!("the handler panicked: {}", reason.unwrap_or("no message")));
        failed("the mock failed on this request; its log says why")
    });
    if answer.status.is_informational() {
        // It would not end the exchange, and the client would wait for ever.
        log(format_args!("the handler answered with {}, which is not final", answer.status));
        answer = failed("the mock's answer to this request is not a final one");
    }
    // The length is counted, never believed.
    answer.headers.remove(CONTENT_LENGTH);
    answer.headers.remove(TRANSFER_ENCODING);
    let mut response = Response::new(Full::new(answer.body));
    *response.status_mut() = answer.status;
    *response.headers_mut() = answer.headers;
    response
}

fn failed(reason: &'static str) -> Answer {
    let mut headers = HeaderMap::new();
    headers.insert(http::header::CONTENT_TYPE, HeaderValue::from_static("text/plain"));
    Answer { status: StatusCode::INTERNAL_SERVER_ERROR, headers, body: reason.into() }
}

/// What a connection waits for, and since when. The values are milliseconds since the connection
/// began, doubled; the lowest bit is set while a head is being read, and clear between requests.
struct Pace {
    began: Instant,
    waiting: AtomicU64,
    /// The client has sent its last byte.
    ended: AtomicBool,
}

/// The server is at work; nothing is waited for.
const BUSY: u64 = u64::MAX;

impl Pace {
    fn new() -> Self {
        // A new connection has nothing better to do than to send a head.
        Self { began: Instant::now(), waiting: AtomicU64::new(1), ended: AtomicBool::new(false) }
    }

    fn now(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).map_or(BUSY >> 2, |now| now.min(BUSY >> 2))
    }

    fn busy(&self) {
        self.waiting.store(BUSY, Ordering::Relaxed);
    }

    fn idle(&self) {
        self.waiting.store(self.now() << 1, Ordering::Relaxed);
    }

    fn bytes_came(&self) {
        if self.waiting.load(Ordering::Relaxed) & 1 == 0 {
            self.waiting.store(self.now() << 1 | 1, Ordering::Relaxed);
        }
    }

    /// The time that is left for what is waited for now; none when it is up.
    fn left(&self, options: &ServeOptions) -> Option<Duration> {
        let waiting = self.waiting.load(Ordering::Relaxed);
        if waiting == BUSY {
            return Some(Duration::MAX);
        }
        let limit = if waiting & 1 == 1 { options.head_timeout } else { options.idle_timeout };
        let until = Duration::from_millis(waiting >> 1).saturating_add(limit);
        until.checked_sub(self.began.elapsed()).filter(|left| !left.is_zero())
    }
}

/// A stream that tells its pace when bytes come.
struct Paced {
    stream: TcpStream,
    pace: Arc<Pace>,
}

impl AsyncRead for Paced {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(context, buffer);
        if read.is_ready() {
            if buffer.filled().len() > before {
                self.pace.bytes_came();
            } else {
                self.pace.ended.store(true, Ordering::Relaxed);
            }
        }
        read
    }
}

impl AsyncWrite for Paced {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, pieces)
    }
}
