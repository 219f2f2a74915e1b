//! A proxy to the real thing, which may keep what passes.
//!
//! [`Proxy`] is a handler as the mock is one: a request comes with its whole body, goes to the
//! upstream with paths and hosts of there (`rewrite`), and the answer comes back bit by bit, as it
//! arrives (`client`). What passes is on a [`Tape`], but for bodies that are too large.

mod client;
mod rewrite;
mod tape;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HOST};
use http::{HeaderMap, HeaderValue, Response, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Body as _, Incoming};
use tokio::sync::mpsc::{Sender, channel};

use crate::coding;
use crate::exchange::{Answer, Chunks, Handler, Request, TransportFailure, Wait, header_text};
use crate::run::client::Trust;
use crate::run::url::{self, Url};
use client::{Client, Failure};
use rewrite::Mapping;

pub use tape::{Answered, Exchange, Kept, LARGEST_BODY, Tape};

/// So many pieces of an answer wait for a client that is slow.
const AHEAD: usize = 4;
/// How long lies between the last piece of an answer that broke off and the end of the connection.
const BETWEEN: Duration = Duration::from_millis(100);
/// Why a body was not kept whose client went away.
const CLIENT_LEFT: &str = "the client did not wait for its end";

/// The real thing, of one vendor.
#[derive(Clone)]
pub struct Upstream {
    vendor: Arc<str>,
    mapping: Mapping,
    client: Arc<Client>,
    /// What is asked: the URL as it was given.
    url: String,
}

impl std::fmt::Debug for Upstream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} = {}", self.vendor, self.url)
    }
}

/// How an upstream is asked.
#[derive(Debug, Clone, Default)]
pub struct Asking {
    /// Whom is trusted, and what is shown.
    pub trust: Trust,
    /// How long is waited for the head of an answer.
    pub patience: Duration,
    /// Whether it is known to speak HTTP/2 without TLS (RFC 9113 section 3.3).
    pub http2: bool,
}

impl Upstream {
    /// Of a vendor at a URL, up to and including its base path; `base` is that of its spec. Fails
    /// with what is wrong with the URL, or with files of certificates.
    pub fn new(
        vendor: &str,
        url: &str,
        base: Option<&str>,
        asking: &Asking,
    ) -> Result<Self, String> {
        let parsed: Url = url::parse(url)?;
        let mapping = Mapping::new(vendor, &parsed, base);
        let client = Client::new(parsed.origin, vendor, asking)?;
        Ok(Self {
            vendor: vendor.into(),
            mapping,
            client: Arc::new(client),
            url: url.trim_end_matches('/').to_owned(),
        })
    }

    /// Whose it is.
    pub fn vendor(&self) -> &Arc<str> {
        &self.vendor
    }

    /// The URL as it was given, without a slash at its end.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The path here that leads to that URL.
    pub fn path(&self) -> String {
        let target = url::parse(&self.url).map(|url| url.target).unwrap_or_default();
        let rest = target.strip_prefix(&*self.mapping.remote).unwrap_or_default();
        format!("{}{rest}", self.mapping.local)
    }

    /// Sends a request on whose path and query, `target`, are below [`Upstream::path`], and gives
    /// what comes back; none where the path is another one. On the tape it is kept. `prefix` is
    /// what stands before all paths of this side.
    pub fn forward(
        &self,
        request: Request,
        target: &str,
        prefix: &str,
        local: SocketAddr,
        tape: Option<Arc<Tape>>,
    ) -> Option<impl Future<Output = Answer> + Send + 'static> {
        let target = self.mapping.there(target)?;
        let mut upstream = self.clone();
        upstream.mapping.local.insert_str(0, prefix);
        let number = tape.as_ref().and_then(|tape| tape.begin());
        Some(async move { upstream.exchange(request, target, local, tape, number).await })
    }

    async fn exchange(
        self,
        request: Request,
        target: String,
        local: SocketAddr,
        tape: Option<Arc<Tape>>,
        number: Option<usize>,
    ) -> Answer {
        let host = request.headers.get(HOST).and_then(|host| host.to_str().ok());
        let base = match host {
            Some(host) => format!("{}://{host}", request.scheme()),
            None => format!("{}://{local}", request.scheme()),
        };
        let watch = Watch {
            started: Instant::now(),
            tape,
            number,
            exchange: Exchange {
                vendor: self.vendor.clone(),
                method: request.method.to_string(),
                target: target.clone(),
                headers: fields(&request.headers),
                body: request.body.clone(),
                outcome: Err("no answer had come".to_owned()),
                duration: Duration::ZERO,
            },
        };
        let mut sent = http::Request::new(Full::new(request.body));
        *sent.method_mut() = request.method;
        *sent.headers_mut() = self.mapping.request(&request.headers, &base);
        match target.parse() {
            Ok(uri) => *sent.uri_mut() = uri,
            Err(_) => {
                let why = "the path cannot be sent on".to_owned();
                return watch.failed(StatusCode::BAD_GATEWAY, &self.url, why);
            }
        }
        match self.client.send(sent).await {
            Ok(answer) => self.answer(answer, watch, &base),
            Err(failure) => {
                let status = match failure {
                    Failure::TimedOut(..) => StatusCode::GATEWAY_TIMEOUT,
                    Failure::Unreachable(_) | Failure::Broken(_) => StatusCode::BAD_GATEWAY,
                };
                watch.failed(status, &self.url, failure.to_string())
            }
        }
    }

    /// The answer whose head has come, with its body as it comes.
    fn answer(&self, response: Response<Incoming>, mut watch: Watch, base: &str) -> Answer {
        let (head, body) = response.into_parts();
        watch.exchange.outcome = Ok(Answered {
            status: head.status.as_u16(),
            headers: fields(&head.headers),
            body: Kept::Left("it had not ended".to_owned()),
        });
        let mut answer = Answer::empty(head.status);
        answer.headers = self.mapping.answer(&head.headers, base);
        let announced = head.headers.get(CONTENT_LENGTH);
        let announced = announced.and_then(|length| length.to_str().ok()?.trim().parse().ok());
        let is_head = watch.exchange.method == "HEAD";
        if body.is_end_stream() && !is_head {
            watch.ended(Kept::Whole(Vec::new()));
            return answer;
        }
        let length = body.size_hint().exact().or(announced.filter(|_| is_head));
        let (sender, chunks) = channel(AHEAD);
        answer.stream = Some(Chunks::new(chunks).with_length(length));
        if is_head {
            watch.ended(Kept::Whole(Vec::new()));
            return answer;
        }
        watch.keep();
        tokio::spawn(carry(body, sender, watch, length));
        answer
    }
}

/// Carries a body to the client, and keeps it unless it is too large.
async fn carry(
    mut body: Incoming,
    sender: Sender<io::Result<Bytes>>,
    watch: Watch,
    length: Option<u64>,
) {
    let too_large = || format!("it is larger than {} MiB", LARGEST_BODY >> 20);
    let mut kept = match length.is_some_and(|length| length > LARGEST_BODY as u64) {
        true => Err(too_large()),
        false => Ok(Vec::new()),
    };
    loop {
        let frame = tokio::select! {
            frame = body.frame() => frame,
            () = sender.closed() => return watch.left(CLIENT_LEFT),
        };
        let data = match frame {
            None => break,
            Some(Ok(frame)) => frame.into_data(),
            Some(Err(error)) => {
                break_off(&sender).await;
                return watch.left(&format!("it broke off: {}", client::why(&error)));
            }
        };
        // Trailers are not carried.
        let Some(data) = data.ok().filter(|data| !data.is_empty()) else { continue };
        if let Ok(bytes) = &mut kept {
            bytes.extend_from_slice(&data);
            if bytes.len() > LARGEST_BODY {
                kept = Err(too_large());
            }
        }
        if body.is_end_stream() {
            // Who has all of it may look at once at what was kept.
            watch.all(kept);
            // The client may be gone, and has missed nothing that others look at.
            sender.send(Ok(data)).await.ok();
            return;
        }
        if sender.send(Ok(data)).await.is_err() {
            return watch.left(CLIENT_LEFT);
        }
    }
    watch.all(kept);
}

/// Lets the client see that an answer broke off, once it has what came before.
async fn break_off(sender: &Sender<io::Result<Bytes>>) {
    if sender.reserve_many(AHEAD).await.is_ok() {
        // What was written so far goes out while nothing else comes.
        tokio::time::sleep(BETWEEN).await;
        sender.send(Err(io::Error::other("the upstream broke off"))).await.ok();
    }
}

/// An exchange on its way.
struct Watch {
    started: Instant,
    tape: Option<Arc<Tape>>,
    number: Option<usize>,
    exchange: Exchange,
}

impl Watch {
    /// Keeps what is known so far.
    fn keep(&self) {
        if let Some(tape) = &self.tape {
            tape.keep(self.number, self.exchange.clone());
        }
    }

    fn end(mut self) {
        self.exchange.duration = self.started.elapsed();
        if let Some(tape) = &self.tape {
            tape.end(self.number, self.exchange);
        }
    }

    fn ended(mut self, body: Kept) {
        if let Ok(answered) = &mut self.exchange.outcome {
            answered.body = body;
        }
        self.end();
    }

    fn left(self, why: &str) {
        self.ended(Kept::Left(why.to_owned()));
    }

    /// All has come; the body, in its content codings, or why it was not kept.
    fn all(self, kept: Result<Vec<u8>, String>) {
        match kept {
            Ok(bytes) => self.whole(bytes),
            Err(why) => self.left(&why),
        }
    }

    /// The whole body has come, in its content codings.
    fn whole(self, bytes: Vec<u8>) {
        let codings: Vec<String> = match &self.exchange.outcome {
            Ok(answered) => {
                let is = |name: &str| name.eq_ignore_ascii_case(CONTENT_ENCODING.as_str());
                let lines = answered.headers.iter().filter(|(name, _)| is(name));
                lines.map(|(_, value)| value.clone()).collect()
            }
            Err(_) => Vec::new(),
        };
        let decoded = coding::decode(codings.iter().map(String::as_str), bytes, LARGEST_BODY);
        match decoded {
            Ok(bytes) => self.ended(Kept::Whole(bytes)),
            Err(error) => self.left(&error.to_string()),
        }
    }

    /// Nothing came back; the client is told why.
    fn failed(mut self, status: StatusCode, url: &str, why: String) -> Answer {
        let answer = problem(status, &format!("{url} was asked, and {why}"));
        self.exchange.outcome = Err(why);
        self.end();
        answer
    }
}

/// Fields as text.
fn fields(headers: &HeaderMap) -> Vec<(String, String)> {
    headers.iter().map(|(name, value)| (name.to_string(), header_text(value).into())).collect()
}

/// What the proxy says itself (RFC 9457).
fn problem(status: StatusCode, detail: &str) -> Answer {
    let title = status.canonical_reason().unwrap_or_default();
    let body = serde_json::json!({"status": status.as_u16(), "title": title, "detail": detail});
    let mut answer = Answer::empty(status);
    let kind = HeaderValue::from_static("application/problem+json");
    answer.headers.insert(CONTENT_TYPE, kind);
    answer.body = body.to_string().into();
    answer
}

/// Answers with what upstreams answer, and keeps it.
#[derive(Debug)]
pub struct Proxy {
    upstreams: Vec<Upstream>,
    tape: Arc<Tape>,
}

impl Proxy {
    /// To those upstreams.
    pub fn new(upstreams: Vec<Upstream>, tape: Arc<Tape>) -> Self {
        Self { upstreams, tape }
    }
}

impl Handler for Proxy {
    fn handle(&self, request: Request, local: SocketAddr) -> Answer {
        let path = request.path();
        let below = |upstream: &&Upstream| {
            let rest = path.strip_prefix(&*upstream.mapping.local);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let Some(upstream) = self.upstreams.iter().find(below) else {
            let known: Vec<String> = self.upstreams.iter().map(Upstream::path).collect();
            let detail = format!("{path} leads to no upstream; those are at {}", known.join(", "));
            return problem(StatusCode::NOT_FOUND, &detail);
        };
        let target = request.target.clone();
        let forwarded =
            upstream.forward(request, target.as_str(), "", local, Some(self.tape.clone()));
        let Some(forwarded) = forwarded else {
            return problem(StatusCode::NOT_FOUND, "the path leads to no upstream");
        };
        let mut answer = Answer::empty(StatusCode::BAD_GATEWAY);
        answer.wait = Some(Wait::new(async { Some(forwarded.await) }));
        answer
    }

    fn refuse(&self, _: Request, failure: TransportFailure, _: SocketAddr) -> Answer {
        problem(failure.status(), &failure.to_string())
    }
}
