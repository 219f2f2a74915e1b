//! A request and an answer without sockets: what stands between the HTTP layer and whatever answers.

use std::borrow::Cow;
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bytes::Bytes;
use http::uri::{InvalidUri, PathAndQuery};
use http::{Extensions, HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use parking_lot::Mutex;
use tokio::sync::mpsc::Receiver;

use crate::coding::Coding;

/// What the paths of the mock's control plane begin with, behind the name of a session.
pub const CONTROL_PATH: &str = "/_counterpart";

/// The variable of the environment with the token of the control plane.
pub const TOKEN_VARIABLE: &str = "COUNTERPART_TOKEN";

/// The header of an answer in which the mock names the operation.
pub const OPERATION_HEADER: HeaderName = HeaderName::from_static("x-counterpart-operation");

/// The header of an answer in which the mock names the rule that decided.
pub const RULE_HEADER: HeaderName = HeaderName::from_static("x-counterpart-rule");

/// The header of an answer in which the mock names the fault that was asked for.
pub const FAULT_HEADER: HeaderName = HeaderName::from_static("x-counterpart-fault");

/// What the names of all headers begin with in which the mock explains itself.
pub const OWN_HEADERS: &str = "x-counterpart-";

/// A request with its whole body.
#[derive(Debug, Clone)]
pub struct Request {
    /// The method as sent.
    pub method: Method,
    /// The path and the query as sent, percent-encoding untouched.
    pub target: PathAndQuery,
    /// All fields in the order of arrival, names in lower case.
    pub headers: HeaderMap,
    /// The body without transfer coding and, unless the handler keeps it, content coding.
    pub body: Bytes,
    /// What TLS says of the client, where the request came by TLS.
    pub tls: Option<Arc<Tls>>,
}

/// What TLS says of a client.
#[derive(Debug, Default)]
pub struct Tls {
    /// The certificate that it showed.
    pub certificate: Option<ClientCertificate>,
}

/// A certificate whose key a client has.
#[derive(Debug, Default)]
pub struct ClientCertificate {
    /// The distinguished name of its subject (RFC 4514).
    pub subject: String,
    /// The common name of its subject; absent where it has none.
    pub common_name: Option<String>,
    /// The names of hosts it is for (`subjectAltName`, RFC 5280 section 4.2.1.6).
    pub dns_names: Vec<String>,
    /// The SHA-256 of it in DER, in lower-case hexadecimal.
    pub fingerprint: String,
    /// Why it is not accepted, where it is not.
    pub fault: Option<CertificateFault>,
}

/// Why a certificate is not accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CertificateFault {
    /// It has ended.
    Expired,
    /// What is wrong with it otherwise, in words.
    Other(String),
}

impl Request {
    /// A request without fields and body. The target is a path, with or without a query.
    ///
    /// Fails when the target holds what no HTTP client may send there (RFC 9112 section 3.2).
    pub fn new(method: Method, target: &str) -> Result<Self, InvalidUri> {
        let target = target.parse()?;
        Ok(Self { method, target, headers: HeaderMap::new(), body: Bytes::new(), tls: None })
    }

    /// The scheme of the URL that was called.
    pub fn scheme(&self) -> &'static str {
        if self.tls.is_some() { "https" } else { "http" }
    }

    /// The path as sent; it starts with a slash, unless it is the `*` of `OPTIONS`.
    pub fn path(&self) -> &str {
        self.target.path()
    }

    /// What stands behind the first `?`, as sent; absent when there is no `?`.
    pub fn query(&self) -> Option<&str> {
        self.target.query()
    }
}

/// What goes back. `Content-Length`, `Date` and `Connection` are the HTTP layer's to write.
#[derive(Debug, Clone, Default)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The fields.
    pub headers: HeaderMap,
    /// How the names of fields are spelt on a wire that keeps their case; all others begin each
    /// word with a capital letter.
    pub spelling: Option<Arc<Spelling>>,
    /// The body; it is not sent when the request was a `HEAD`.
    pub body: Bytes,
    /// The content coding in which the body is sent, as the headers say already.
    pub coding: Option<Coding>,
    /// How it is sent, if not at once and as it is.
    pub sending: Option<Box<Sending>>,
    /// What comes in place of the body, bit by bit.
    pub stream: Option<Chunks>,
    /// What is waited for before it is sent.
    pub wait: Option<Wait>,
}

/// What an answer waits for before anybody sees it; whoever asks first gets it.
#[derive(Clone)]
pub struct Wait(Arc<Mutex<Option<Waited>>>);

/// Ready when the answer may be sent, or with another one that is sent in its place.
type Waited = Pin<Box<dyn Future<Output = Option<Answer>> + Send>>;

impl Wait {
    /// For that.
    pub fn new(wait: impl Future<Output = Option<Answer>> + Send + 'static) -> Self {
        Self(Arc::new(Mutex::new(Some(Box::pin(wait)))))
    }

    /// Ready when the answer may be sent, or with another one that is sent in its place.
    pub async fn over(self) -> Option<Answer> {
        let waited = self.0.lock().take();
        waited?.await
    }
}

impl fmt::Debug for Wait {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Wait")
    }
}

/// How an answer is sent.
#[derive(Debug, Clone, Default)]
pub struct Sending {
    /// How long it is kept back.
    pub delay: Duration,
    /// How it breaks on its way.
    pub breakage: Option<Breakage>,
    /// The pieces in which its body is sent, if not all at once.
    pub pieces: Option<Pieces>,
}

/// A body that is sent in pieces.
#[derive(Debug, Clone)]
pub struct Pieces {
    /// Where each piece ends.
    pub ends: Vec<usize>,
    /// How long lies between two of them.
    pub every: Duration,
    /// Whether the connection ends after the last one as if there were more to come.
    pub cut: bool,
}

/// How an answer breaks on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Breakage {
    /// The connection is reset.
    Reset,
    /// The connection ends without an answer.
    Empty,
    /// The connection ends in the middle of the body.
    Truncated,
    /// What comes is no HTTP.
    Garbage,
    /// The body comes a little now and then.
    Slow,
}

impl Breakage {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Reset, Self::Empty, Self::Truncated, Self::Garbage, Self::Slow];

    /// What it is called.
    pub fn name(self) -> &'static str {
        match self {
            Self::Reset => "reset",
            Self::Empty => "empty",
            Self::Truncated => "truncated",
            Self::Garbage => "garbage",
            Self::Slow => "slow",
        }
    }

    /// What it does to an answer.
    pub fn said(self) -> &'static str {
        match self {
            Self::Reset => "resets the connection",
            Self::Empty => "closes the connection without an answer",
            Self::Truncated => "cuts the body off in the middle",
            Self::Garbage => "answers with something that is not HTTP",
            Self::Slow => "sends the body slowly",
        }
    }
}

/// What comes bit by bit; whoever asks first gets it. After an error the connection ends, so that
/// nobody takes what came for all there is.
#[derive(Debug, Clone)]
pub struct Chunks {
    chunks: Arc<Mutex<Option<Receiver<io::Result<Bytes>>>>>,
    /// How many bytes there will be, where that is known.
    pub length: Option<u64>,
}

impl Chunks {
    /// Of what is sent there.
    pub fn new(chunks: Receiver<io::Result<Bytes>>) -> Self {
        Self { chunks: Arc::new(Mutex::new(Some(chunks))), length: None }
    }

    /// The same, so many bytes in all.
    #[must_use]
    pub fn with_length(self, length: Option<u64>) -> Self {
        Self { length, ..self }
    }

    /// Takes them, if nobody did.
    pub fn take(&self) -> Option<Receiver<io::Result<Bytes>>> {
        self.chunks.lock().take()
    }
}

impl Answer {
    /// An answer without fields and body.
    pub fn empty(status: StatusCode) -> Self {
        Self { status, ..Self::default() }
    }
}

/// Spellings of the names of fields, which mean the same in upper and lower case (RFC 9110
/// section 5.1), but not to every client.
#[derive(Debug, Default)]
pub struct Spelling {
    names: Vec<Arc<str>>,
    prepared: OnceLock<Extensions>,
}

impl Spelling {
    /// The spellings of those names that are not the usual one; the first one of a name counts.
    pub fn new<'n>(names: impl IntoIterator<Item = &'n Arc<str>>) -> Self {
        let mut known: Vec<Arc<str>> = Vec::new();
        for name in names {
            if !known.iter().any(|other| other.eq_ignore_ascii_case(name)) {
                known.push(name.clone());
            }
        }
        known.retain(|name| !is_usual(name));
        Self { names: known, prepared: OnceLock::new() }
    }

    /// The names as they are spelt.
    pub fn names(&self) -> &[Arc<str>] {
        &self.names
    }

    /// Whether one of those fields is spelt otherwise than usual.
    pub(crate) fn concerns(&self, headers: &HeaderMap) -> bool {
        let is_own = |field: &HeaderName| {
            self.names.iter().any(|name| name.eq_ignore_ascii_case(field.as_str()))
        };
        !self.names.is_empty() && headers.keys().any(is_own)
    }

    /// What the HTTP layer once made of the names.
    pub(crate) fn prepared(&self, prepare: impl FnOnce(&[Arc<str>]) -> Extensions) -> &Extensions {
        self.prepared.get_or_init(|| prepare(&self.names))
    }
}

/// Whether each word of the name begins with a capital letter, and has no other.
fn is_usual(name: &str) -> bool {
    let before = std::iter::once(b'-').chain(name.bytes());
    before.zip(name.bytes()).all(|(before, byte)| match before {
        b'-' => !byte.is_ascii_lowercase(),
        _ => !byte.is_ascii_uppercase(),
    })
}

/// Whatever answers requests. It is called on the thread that serves the connection, so it has
/// to be quick and must not wait for anything.
pub trait Handler: Send + Sync + 'static {
    /// Answers a request. `local` is the address that the server listens on, for absolute links
    /// when no `Host` came.
    fn handle(&self, request: Request, local: SocketAddr) -> Answer;

    /// Answers a request that the HTTP layer refused, so that the refusal has the handler's form
    /// and is recorded like any other request. The body of `request` is empty. The connection is
    /// closed after the answer.
    fn refuse(&self, request: Request, failure: TransportFailure, local: SocketAddr) -> Answer;

    /// Whether the content codings of a request's body are its own business, so that they are not
    /// undone. The body is not there yet.
    fn keeps_coding(&self, _request: &Request, _local: SocketAddr) -> bool {
        false
    }

    /// Whether a request is served even where there is no memory for others: it needs little, and
    /// asks how the server is or makes it hold less.
    fn goes_first(&self, _target: &PathAndQuery) -> bool {
        false
    }

    /// Told when there is no memory any more for the requests that do not go first, and when there
    /// is again.
    fn out_of_memory(&self, _is: bool) {}

    /// Told when the server is to end: whoever is kept waiting is to be answered now.
    fn stops(&self) {}

    /// What it does while nobody asks anything, if it does; it is dropped when the server ends.
    fn meanwhile(self: Arc<Self>) -> Option<Meanwhile> {
        None
    }

    /// What it does when the server has ended, if it does something then.
    fn ends(self: Arc<Self>) -> Option<Meanwhile> {
        None
    }
}

/// What is done beside answering.
pub type Meanwhile = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Why the HTTP layer did not take a request whose head it could read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TransportFailure {
    /// The body is announced as, or turned out to be, larger than the limit in bytes.
    BodyTooLarge {
        /// The largest body that is taken.
        limit: usize,
    },
    /// The head breaks a rule of HTTP.
    BadHead {
        /// Which one.
        reason: &'static str,
    },
    /// The head asks for something that is not there.
    NotImplemented {
        /// What it is.
        what: &'static str,
    },
    /// The client expects something else than `100-continue`.
    UnknownExpectation,
    /// The body is in a content coding that is not read.
    UnknownContentCoding,
    /// The body is in more content codings than are undone, one after the other.
    TooManyContentCodings {
        /// How many.
        count: usize,
    },
    /// The body is not in the content coding that its head says.
    BadContentCoding,
    /// The connection ended before the body did.
    BodyIncomplete,
    /// The body breaks the rules of its transfer coding, such as a chunk without a size.
    BodyMalformed,
    /// There is no room for it now.
    Overloaded(Overload),
    /// Less of the body came for this long than has to where others wait for room.
    BodyTooSlow {
        /// How long was waited.
        after: Duration,
    },
    /// No byte of the body came for this long.
    BodyTimedOut {
        /// How long was waited.
        after: Duration,
    },
}

/// What there is too much of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Overload {
    /// The process holds as much memory as it may.
    Memory,
    /// Too many large or slow requests were there before.
    Turns {
        /// How long it has waited.
        after: Duration,
    },
    /// Too many requests wait for something to happen.
    Held {
        /// How many may.
        most: usize,
    },
}

impl TransportFailure {
    /// The status that says it (RFC 9110 section 15.5).
    pub fn status(self) -> StatusCode {
        match self {
            Self::BodyTooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::BadHead { .. }
            | Self::BadContentCoding
            | Self::BodyIncomplete
            | Self::BodyMalformed => StatusCode::BAD_REQUEST,
            Self::NotImplemented { .. } => StatusCode::NOT_IMPLEMENTED,
            Self::UnknownExpectation => StatusCode::EXPECTATION_FAILED,
            Self::UnknownContentCoding | Self::TooManyContentCodings { .. } => {
                StatusCode::UNSUPPORTED_MEDIA_TYPE
            }
            Self::BodyTimedOut { .. } | Self::BodyTooSlow { .. } => StatusCode::REQUEST_TIMEOUT,
            Self::Overloaded(_) => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}

/// One sentence without a full stop.
impl fmt::Display for TransportFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BodyTooLarge { limit } => {
                write!(f, "the body is larger than the {limit} bytes that are taken")
            }
            Self::BadHead { reason } => f.write_str(reason),
            Self::NotImplemented { what } => write!(f, "{what} is not implemented"),
            Self::UnknownExpectation => {
                f.write_str("the header `Expect` asks for something else than 100-continue")
            }
            Self::UnknownContentCoding => f.write_str(
                "the header `Content-Encoding` names another coding than gzip, deflate and br",
            ),
            Self::TooManyContentCodings { count } => write!(
                f,
                "the header `Content-Encoding` names {count} codings, more than are undone one \
                 after the other"
            ),
            Self::BadContentCoding => {
                f.write_str("the body is not in the coding that `Content-Encoding` names")
            }
            Self::BodyIncomplete => f.write_str("the connection ended before the body did"),
            Self::BodyMalformed => f.write_str("the body breaks the rules of its transfer coding"),
            Self::Overloaded(Overload::Memory) => f.write_str(
                "the mock uses as much memory as `--memory-limit` allows; a reset and sessions \
                 that are dropped make room",
            ),
            Self::Overloaded(Overload::Turns { after }) => write!(
                f,
                "too many large or slow requests are at work: this one waited for its turn for \
                 {} s",
                after.as_secs_f32()
            ),
            Self::Overloaded(Overload::Held { most }) => write!(
                f,
                "{most} requests wait for something to happen already, which is the most at once"
            ),
            Self::BodyTooSlow { after } => write!(
                f,
                "after {:.1} s less of the body was there than 1 KiB for each second, and others \
                 wait for room",
                after.as_secs_f32()
            ),
            Self::BodyTimedOut { after } => {
                write!(f, "no byte of the body came for {} s", after.as_secs_f32())
            }
        }
    }
}
/// What a line of a header says: in UTF-8, which is what clients send today, or else in ISO 8859-1,
/// as it was of old (RFC 9110, section 5.5).
pub fn header_text(value: &HeaderValue) -> Cow<'_, str> {
    text_of_old(value.as_bytes())
}

/// The same of bytes that a header says in another form, such as the key of HTTP Basic.
pub fn text_of_old(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => bytes.iter().copied().map(char::from).collect(),
    }
}
