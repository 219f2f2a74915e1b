//! Why no whole answer came.

use std::fmt;
use std::time::Duration;

use super::Response;
use crate::coding::CodingError;

/// No whole answer came.
#[derive(Debug, Clone)]
pub struct Failure {
    /// What happened.
    pub kind: FailureKind,
    /// What had come until then, where the head was whole.
    pub partial: Option<Box<Response>>,
}

/// What failed, with the part of the body that had come.
pub(super) type Failed = (Vec<u8>, Failure);

impl FailureKind {
    /// Whether an answer came, and breaks the rules of the protocol.
    pub fn is_breach(&self) -> bool {
        matches!(
            self,
            Self::Framing(_) | Self::Undecodable(_) | Self::NoLength(_) | Self::Garbage(..)
        )
    }
}

impl Failure {
    pub(super) fn new(kind: FailureKind) -> Self {
        Self { kind, partial: None }
    }
}

/// What was waited for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Phase {
    /// The connection.
    Connect,
    /// The handshake of TLS.
    #[cfg_attr(not(feature = "tls"), expect(dead_code, reason = "a build without TLS has none"))]
    Handshake,
    /// The request to be taken.
    Send,
    /// The status line and the fields.
    Head,
    /// The body: how many bytes came, and of how many.
    Body(usize, Option<usize>),
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connect => f.write_str("for the connection"),
            Self::Handshake => f.write_str("for the TLS handshake"),
            Self::Send => f.write_str("for the request to be taken"),
            Self::Head => f.write_str("for the head of the answer"),
            Self::Body(had, None) => write!(f, "for the rest of the body, after {had} bytes"),
            Self::Body(had, Some(all)) => {
                write!(f, "for the rest of the body, after {had} of {all} bytes")
            }
        }
    }
}

/// What happened in place of a whole answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FailureKind {
    /// The name has no address.
    Unresolved(String, String),
    /// Nobody listens.
    Refused(String),
    /// The connection could not be made, or broke: where, doing what, why.
    Broken(Phase, String),
    /// It took too long.
    TimedOut(Phase, Duration),
    /// The run was interrupted.
    Interrupted,
    /// The other end closed the connection before it had said anything.
    NoAnswer,
    /// The other end closed the connection after so many bytes of the head.
    HalfHead(usize),
    /// The head is larger than this.
    LargeHead(usize),
    /// The other end closed the connection in the middle of the body: bytes had, and announced.
    HalfBody(usize, Option<usize>),
    /// The body came to its end, and should not have.
    WholeBody,
    /// The body is larger than this.
    LargeBody(usize),
    /// The answer is framed in a way that RFC 9112 forbids: how.
    Framing(String),
    /// The content codings of the body cannot be undone.
    Undecodable(CodingError),
    /// The head does not say how long the body is, but this.
    NoLength(String),
    /// What came is not HTTP: why, and how it begins.
    Garbage(&'static str, String),
    /// TLS said no.
    #[cfg_attr(not(feature = "tls"), expect(dead_code, reason = "a build without TLS has none"))]
    Tls(String, String),
    /// A proxy on the way failed: which, and how.
    Proxy(String, String),
    /// This build speaks no TLS.
    #[cfg(not(feature = "tls"))]
    NoTls,
    /// The request itself cannot be sent.
    Unsendable(String),
}

impl FailureKind {
    /// Whether there is nobody to talk to.
    pub fn is_unreachable(&self) -> bool {
        matches!(
            self,
            Self::Unresolved(..)
                | Self::Refused(_)
                | Self::Broken(Phase::Connect | Phase::Handshake, _)
                | Self::TimedOut(Phase::Connect | Phase::Handshake, _)
                | Self::Tls(..)
                | Self::Proxy(..)
        )
    }
}

/// One sentence without a full stop.
impl fmt::Display for FailureKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unresolved(host, why) => write!(f, "the name `{host}` has no address: {why}"),
            Self::Refused(origin) => write!(f, "{origin} refused the connection"),
            Self::Broken(Phase::Connect, why) => write!(f, "no connection could be made: {why}"),
            Self::Broken(phase, why) => {
                write!(f, "the connection broke while waiting {phase}: {why}")
            }
            Self::TimedOut(phase, after) => {
                write!(f, "timed out after {} waiting {phase}", span(*after))
            }
            Self::Interrupted => f.write_str("interrupted"),
            Self::NoAnswer => f.write_str("the connection was closed without an answer"),
            Self::HalfHead(had) => write!(
                f,
                "the connection was closed in the middle of the answer's head, after {had} bytes"
            ),
            Self::LargeHead(limit) => {
                write!(f, "the head of the answer is larger than {}", size(*limit))
            }
            Self::HalfBody(had, Some(all)) => {
                write!(f, "the connection was closed after {had} of {all} bytes of the body")
            }
            Self::HalfBody(had, None) => write!(
                f,
                "the connection was closed in the middle of a chunked body, after {had} bytes"
            ),
            Self::WholeBody => {
                f.write_str("the body came to its end, and should have been cut off in the middle")
            }
            Self::LargeBody(limit) => {
                write!(f, "the body of the answer is larger than {}", size(*limit))
            }
            Self::Framing(how) => write!(f, "the answer breaks the rules of HTTP/1.1: {how}"),
            Self::Undecodable(error) => {
                write!(f, "the body of the answer cannot be decoded: {error}")
            }
            Self::NoLength(says) => write!(
                f,
                "the length of the body of the answer cannot be known: Content-Length is {says}"
            ),
            Self::Garbage(why, begins) => {
                write!(f, "the answer is not HTTP/1.1 ({why}); it begins with {begins}")
            }
            Self::Tls(origin, why) => write!(f, "no TLS with {origin}: {why}"),
            Self::Proxy(proxy, why) => write!(f, "the proxy {proxy} failed: {why}"),
            #[cfg(not(feature = "tls"))]
            Self::NoTls => {
                f.write_str("this build does not support TLS (it lacks the feature `tls`)")
            }
            Self::Unsendable(why) => write!(f, "the request cannot be sent: {why}"),
        }
    }
}

/// In whole seconds where that is exact.
fn span(duration: Duration) -> String {
    match duration.as_millis() {
        whole if whole > 0 && whole % 1000 == 0 => format!("{} s", whole / 1000),
        millis => format!("{millis} ms"),
    }
}

/// In a larger unit where that is exact.
fn size(bytes: usize) -> String {
    match bytes {
        whole if whole > 0 && whole % (1 << 20) == 0 => format!("{} MiB", whole >> 20),
        whole if whole > 0 && whole % (1 << 10) == 0 => format!("{} KiB", whole >> 10),
        bytes => format!("{bytes} bytes"),
    }
}
