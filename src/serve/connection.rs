//! One connection: requests in, answers out, and nothing that waits for ever.

use std::error::Error;
use std::fmt;
use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;

use bytes::Bytes;
use http::header::{
    ACCEPT_ENCODING, CONNECTION, CONTENT_ENCODING, CONTENT_LENGTH, HOST, RETRY_AFTER,
    TRANSFER_ENCODING,
};
use http::uri::PathAndQuery;
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, Version};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::AsyncWriteExt as _;
use tokio::sync::watch;
use tokio::time::{Instant, sleep, timeout};

use super::away::{Away, LARGE, work_away};
use super::limits::ServeOptions;
use super::linger::{LINGER, linger};
use super::log::Log;
use super::memory::Memory;
use super::pace::Pace;
use super::sent::Sent;
use super::slow::Slow;
use super::stream::Paced;
use super::wire::Wire;
use super::{body, head, spelling};
use crate::coding::{self, CodingError};
use crate::exchange::{
    Answer, Breakage, Handler, Overload, Request, Sending, Tls, TransportFailure, Wait,
};

/// What comes in place of an answer that is to be none: neither HTTP nor UTF-8.
const GARBAGE: &[u8] = b"\x16\xff\x00garbage\r\n\xfe\x80{]<\r\n\r\n";

/// What all connections of a server share.
pub(super) struct Site<H: ?Sized> {
    pub(super) handler: Arc<H>,
    pub(super) options: ServeOptions,
    pub(super) protocol: http1::Builder,
    pub(super) away: Away,
    pub(super) slow: Slow,
    pub(super) memory: Memory,
}

/// Who is at the other end, and where this end is.
#[derive(Clone)]
pub(super) struct Client {
    /// The address that was called.
    pub(super) local: SocketAddr,
    /// What TLS says of the client.
    pub(super) tls: Option<Arc<Tls>>,
}

/// Serves a connection until it ends, or until `stop` says so and nothing is in flight on it.
pub(super) async fn serve<H: Handler + ?Sized>(
    stream: Wire,
    client: Client,
    site: Arc<Site<H>>,
    pace: Arc<Pace>,
    mut stop: watch::Receiver<bool>,
) {
    let io = TokioIo::new(Paced::new(stream, pace.clone(), &site.options));
    let service = {
        let (site, pace) = (site.clone(), pace.clone());
        service_fn(move |request| answer(request, site.clone(), client.clone(), pace.clone()))
    };
    let mut connection = site.protocol.serve_connection(io, service);
    let options = &site.options;
    // A timer that comes round at least this often sees each wait before its time is up, and
    // costs nothing for each request.
    let round = options.head_timeout.min(options.idle_timeout);
    let mut stopping = false;
    {
        let mut watchdog = pin!(sleep(round));
        loop {
            tokio::select! {
                biased;
                // An error has been answered already, as far as it can be.
                ended = &mut connection => {
                    if let Err(error) = ended {
                        tell(&error, &pace, options);
                        // The answer itself broke off, which its client is to see at once.
                        if error.is_user() && pace.breakage().is_none() {
                            return;
                        }
                    }
                    break;
                }
                _ = stop.changed(), if !stopping => {
                    stopping = true;
                    Pin::new(&mut connection).graceful_shutdown();
                }
                () = pace.room.notified() => {
                    // A request may have come since it was chosen.
                    if pace.unused().is_some() || pace.lingers(options.linger).is_some() {
                        return;
                    }
                }
                () = &mut watchdog => match pace.left(options) {
                    Some(left) => watchdog.as_mut().reset(Instant::now() + left.min(round)),
                    None => return,
                },
            }
        }
    }
    if let Some(breakage) = pace.breakage() {
        return break_off(connection.into_parts().io.into_inner().into_wire(), breakage).await;
    }
    if !stopping && !pace.has_ended() {
        let rest = connection.into_parts().io.into_inner().into_wire();
        tokio::select! {
            () = linger(rest.socket()) => {}
            _ = stop.changed() => {}
        }
    }
}

/// An answer that is not to arrive: hyper ends the connection without another word.
#[derive(Debug)]
pub(super) struct Broken;

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a fault was asked for")
    }
}

impl Error for Broken {}

/// Ends a connection as a fault wants it.
async fn break_off(mut stream: Wire, breakage: Breakage) {
    // What cannot be done to a connection that has gone already need not be.
    match breakage {
        Breakage::Reset => _ = stream.socket().set_zero_linger(),
        Breakage::Garbage => {
            let write = async {
                stream.write_all(GARBAGE).await?;
                stream.flush().await
            };
            _ = timeout(LINGER, write).await;
        }
        Breakage::Empty | Breakage::Truncated | Breakage::Slow => {}
    }
}

/// Tells why hyper refused a request that it could not read; there is nothing to keep of it.
fn tell(error: &hyper::Error, pace: &Pace, options: &ServeOptions) {
    let log = &options.log;
    if pace.has_endless_body() {
        log.say(format_args!(
            "refused a request: its Content-Length is larger than any body can be"
        ));
    } else if error.is_parse_too_large() {
        let limit = options.head_limit;
        log.say(format_args!(
            "refused a request: its head is larger than {limit} bytes or 100 fields"
        ));
    } else if error.is_parse() {
        log.say(format_args!("refused a request: {error}"));
    }
}

pub(super) async fn answer<H: Handler + ?Sized>(
    request: http::Request<Incoming>,
    site: Arc<Site<H>>,
    client: Client,
    pace: Arc<Pace>,
) -> Result<Response<Sent>, Broken> {
    let Client { local, tls } = client;
    pace.busy();
    let (mut head, mut incoming) = request.into_parts();
    if head.version == Version::HTTP_2
        && let Some(authority) = head.uri.authority()
        && let Ok(host) = HeaderValue::from_str(authority.as_str())
    {
        // RFC 9113 section 8.3.1: it stands in the place of `Host`.
        head.headers.insert(HOST, host);
    }
    let checked = head::check(&head.method, &head.uri, head.version, &head.headers);
    let uri = head.uri.into_parts();
    let mut headers = head.headers;
    if checked.is_ok()
        && let Some(authority) = uri.authority
        && let Ok(host) = HeaderValue::from_str(authority.as_str())
    {
        // RFC 9112 section 3.2.2: the authority of an absolute target stands above `Host`.
        headers.insert(HOST, host);
    }
    let target = uri.path_and_query.unwrap_or_else(|| PathAndQuery::from_static("/"));
    let request = Request { method: head.method, target, headers, body: Bytes::new(), tls };
    let body = match checked {
        Ok(()) if site.memory.is_full() && !site.handler.goes_first(&request.target) => {
            Err(TransportFailure::Overloaded(Overload::Memory))
        }
        Ok(()) => body::read(&mut incoming, &site.options, &site.memory, &pace.bodies).await,
        Err(failure) => Err(failure),
    };
    let mut response = work_on(request, body, &site, local).await;
    if let Some(wait) = response.extensions_mut().remove::<Wait>()
        && let Some(instead) = wait.over().await
    {
        response = written(instead);
    }
    if let Some(sending) = response.extensions_mut().remove::<Sending>() {
        // While it is kept back nothing is waited for.
        sleep(sending.delay).await;
        match sending.breakage {
            Some(breakage @ (Breakage::Reset | Breakage::Empty | Breakage::Garbage)) => {
                pace.break_by(breakage);
                return Err(Broken);
            }
            Some(Breakage::Truncated) => response = response.map(Sent::truncated_of),
            Some(Breakage::Slow) => response = response.map(Sent::slow_of),
            None => {}
        }
        if let Some(pieces) = sending.pieces {
            response = response.map(|body| body.in_pieces(pieces));
        }
    }
    if let Sent::Stream { pace: stream, .. } | Sent::Pieces { pace: stream, .. } =
        response.body_mut()
    {
        *stream = Some(pace.clone());
    }
    pace.idle();
    Ok(response)
}

/// Lets the handler answer a request with its body, or refuse one without: here, or away from
/// those who would have to wait.
async fn work_on<H: Handler + ?Sized>(
    request: Request,
    body: Result<Bytes, TransportFailure>,
    site: &Site<H>,
    local: SocketAddr,
) -> Response<Sent> {
    let target = request.target.clone();
    let mark = site.slow.mark(&request.method, target.path());
    let timed = |request, body| {
        let began = Instant::now();
        let response = take(request, body, site, local);
        mark.took(began.elapsed());
        response
    };
    let Ok(read) = &body else { return timed(request, body) };
    // What a coded body is once it is decoded is not known before.
    let coded = request.headers.contains_key(CONTENT_ENCODING);
    let large = coded || read.len() > LARGE;
    // Who asks how the server is does not wait behind what keeps it at work.
    if !large && (!mark.is_long() || site.handler.goes_first(&target)) {
        return timed(request, body);
    }
    let patience = site.options.turn_timeout;
    match site.away.turn(patience).await {
        Some(_turn) => work_away(|| timed(request, body))
            .unwrap_or_else(|| written(failed("the system has no thread for a large request"))),
        None => {
            let overload = Overload::Turns { after: patience };
            take(request, Err(TransportFailure::Overloaded(overload)), site, local)
        }
    }
}

/// Lets the handler answer a request with its body, or refuse one without.
fn take<H: Handler + ?Sized>(
    mut request: Request,
    body: Result<Bytes, TransportFailure>,
    site: &Site<H>,
    local: SocketAddr,
) -> Response<Sent> {
    let limit = site.options.body_limit;
    let is_coded = request.headers.contains_key(CONTENT_ENCODING)
        && !site.handler.keeps_coding(&request, local);
    let body = match is_coded {
        true => body.and_then(|body| decoded(&request.headers, body, limit)),
        false => body,
    };
    match body {
        Ok(body) => {
            request.body = body;
            respond(&site.options.log, || site.handler.handle(request, local))
        }
        Err(failure) => {
            let path = request.target.path();
            site.options.log.say(format_args!("refused {} {path}: {failure}", request.method));
            let mut response =
                respond(&site.options.log, || site.handler.refuse(request, failure, local));
            response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
            if let TransportFailure::Overloaded(_) = failure {
                // RFC 9110 section 15.6.4.
                response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("1"));
            }
            if failure.status() == StatusCode::UNSUPPORTED_MEDIA_TYPE {
                // RFC 9110 section 15.5.16.
                let read = HeaderValue::from_static("gzip, deflate, br");
                response.headers_mut().insert(ACCEPT_ENCODING, read);
            }
            response
        }
    }
}

/// The body without its content codings.
fn decoded(headers: &HeaderMap, body: Bytes, limit: usize) -> Result<Bytes, TransportFailure> {
    let lines = headers.get_all(CONTENT_ENCODING).iter();
    // What is not text names no coding that is known.
    let lines = lines.map(|line| line.to_str().unwrap_or("?"));
    let decoded = coding::decode(lines, body.into(), limit).map_err(|error| match error {
        CodingError::Unknown(_) => TransportFailure::UnknownContentCoding,
        CodingError::TooMany(count) => TransportFailure::TooManyContentCodings { count },
        CodingError::Broken(..) => TransportFailure::BadContentCoding,
        CodingError::TooLarge(limit) => TransportFailure::BodyTooLarge { limit },
    })?;
    Ok(decoded.into())
}

/// Lets the handler answer; a panic of it becomes a 500 and a line on stderr.
fn respond(log: &Log, handle: impl FnOnce() -> Answer) -> Response<Sent> {
    let mut answer = catch_unwind(AssertUnwindSafe(handle)).unwrap_or_else(|panic| {
        let reason = panic.downcast_ref::<&str>().copied();
        let reason = reason.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
        log.say(format_args!("the handler panicked: {}", reason.unwrap_or("no message")));
        failed("the mock failed on this request; its log says why")
    });
    if answer.status.is_informational() {
        // It would not end the exchange, and the client would wait for ever.
        log.say(format_args!("the handler answered with {}, which is not final", answer.status));
        answer = failed("the mock's answer to this request is not a final one");
    }
    written(answer)
}

fn written(mut answer: Answer) -> Response<Sent> {
    // The length is counted, never believed.
    let is_length = |name: &HeaderName| *name == CONTENT_LENGTH || *name == TRANSFER_ENCODING;
    if answer.headers.keys().any(is_length) {
        answer.headers.remove(CONTENT_LENGTH);
        answer.headers.remove(TRANSFER_ENCODING);
    }
    if let Some(coded) = answer.coding.and_then(|coding| coding.write(&answer.body)) {
        answer.body = coded.into();
    }
    let length = answer.stream.as_ref().and_then(|chunks| chunks.length);
    let body = match answer.stream.and_then(|chunks| chunks.take()) {
        None => Sent::Whole(answer.body),
        Some(chunks) => Sent::Stream { chunks, length, pace: None },
    };
    let mut response = Response::new(body);
    *response.status_mut() = answer.status;
    *response.headers_mut() = answer.headers;
    if let Some(spelling) = answer.spelling
        && spelling.concerns(response.headers())
    {
        *response.extensions_mut() = spelling.prepared(spelling::prepare).clone();
    }
    if let Some(sending) = answer.sending {
        response.extensions_mut().insert(*sending);
    }
    if let Some(wait) = answer.wait {
        response.extensions_mut().insert(wait);
    }
    response
}

fn failed(reason: &'static str) -> Answer {
    let mut headers = HeaderMap::new();
    headers.insert(http::header::CONTENT_TYPE, HeaderValue::from_static("text/plain"));
    let status = StatusCode::INTERNAL_SERVER_ERROR;
    Answer { headers, body: reason.into(), ..Answer::empty(status) }
}
